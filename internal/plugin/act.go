package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// Done is what promote, abort, rollback, retry and approve tell machines.
type Done struct {
	// Namespace and Name are the gateway's.
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Action is promote, abort, rollback, retry or approve; Annotation and Value are what it sets.
	Action     string `json:"action"`
	Annotation string `json:"annotation"`
	Value      string `json:"value,omitempty"`
	// Annotated says whether the annotation was set: not with --dry-run, nor where it would be refused.
	Annotated bool `json:"annotated"`
	// Result is Done or Refused: the operator's answer, or the plugin's own where nothing was annotated. It is
	// empty without --wait, with --dry-run, and where there was no answer in time.
	Result v1alpha1.ActionResult `json:"result,omitempty"`
	// Message says what was done, or why not.
	Message string `json:"message,omitempty"`
	// At is when the operator answered.
	At *metav1.Time `json:"at,omitempty"`
}

// actOptions are the flags of an action.
type actOptions struct {
	to, output   string
	wait, dryRun bool
	timeout      time.Duration
}

func (a *app) actionCommand(act action) *cobra.Command {
	var o actOptions
	cmd := &cobra.Command{
		Use:   act.name + " NAME",
		Short: act.short,
		Long:  act.long,
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.timeout <= 0 {
				return usage("--timeout is more than 0, got %s: use --wait=false for not waiting", o.timeout)
			}
			if err := checkOutput(o.output); err != nil {
				return err
			}
			return a.act(cmd.Context(), act, args, o)
		},
		ValidArgsFunction: a.completeNames,
	}
	outputFlag(cmd, &o.output)
	cmd.Flags().BoolVar(&o.wait, "wait", true, "Wait for the operator's answer, and exit with 1 if it refuses")
	cmd.Flags().DurationVar(&o.timeout, "timeout", 30*time.Second, "How long to wait: after it the exit code is 3, and what was asked for stays asked for")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "Say what would be annotated, and change nothing")
	if act.name == "approve" {
		cmd.Flags().StringVar(&o.to, "plan", "", "The hash of the plan, as status.plan.hash has it")
	}
	if act.name == "rollback" {
		cmd.Flags().StringVar(&o.to, "to", "", "The revision to return to, as history has it: portkey-gateway:12, or 12. Default: the newest that succeeded and isn't the present one")
		_ = cmd.RegisterFlagCompletionFunc("to", a.completeRevisions)
	}
	return cmd
}

func (a *app) act(ctx context.Context, act action, args []string, o actOptions) error {
	c, err := a.open()
	if err != nil {
		return err
	}
	gw, err := c.named(ctx, args)
	if err != nil {
		return err
	}
	done := &Done{Namespace: gw.Namespace, Name: gw.Name, Action: act.name, Annotation: act.annotation}
	err = ready(gw)
	if err == nil {
		done.Value, err = act.choose(gw, o.to)
	}
	if err != nil {
		done.Result, done.Message = v1alpha1.ActionRefused, err.Error()
		return a.tell(done, o)
	}
	if o.dryRun {
		return a.tell(done, o)
	}
	before := answerOf(gw, act.name, done.Value)
	if err := c.annotate(ctx, gw, act.annotation, done.Value); err != nil {
		return err
	}
	done.Annotated = true
	if !o.wait {
		return a.tell(done, o)
	}
	answer, err := c.await(ctx, act.name, gw.Name, done.Value, o.timeout)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted: what was asked for stays asked for; see the answer with %s", a.again("status", gw.Namespace, gw.Name))
	case errors.Is(err, context.DeadlineExceeded):
		done.Message = fmt.Sprintf("no answer within %s, but it stays asked for: see the answer with %s, and whether the operator runs", o.timeout, a.again("status", gw.Namespace, gw.Name))
	case err != nil:
		return err
	default:
		done.Result, done.Message, done.At = answer.Result, answer.Message, answer.At
		if before != nil { // the same is never acted on twice
			done.Message = fmt.Sprintf("this was asked for before, and answered at %s: %s", clock(before.At), before.Message)
		}
	}
	return a.tell(done, o)
}

// named is the gateway that the command line names.
func (c *cluster) named(ctx context.Context, args []string) (*v1alpha1.PortkeyGateway, error) {
	if len(args) == 0 {
		items, err := c.gateways(ctx, false)
		switch {
		case err != nil:
			return nil, err
		case len(items) == 0:
			return nil, fmt.Errorf("there is no PortkeyGateway in namespace %s: name another by -n", c.namespace)
		}
		return nil, fmt.Errorf("name the gateway: in namespace %s there is %s", c.namespace, names(items))
	}
	name, err := bareName(args[0])
	if err != nil {
		return nil, err
	}
	return c.gateway(ctx, name)
}

// annotate sets one annotation and touches nothing else: a typed update would write the spec anew.
func (c *cluster) annotate(ctx context.Context, gw *v1alpha1.PortkeyGateway, annotation, value string) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]string{annotation: value}}})
	if err != nil {
		return err
	}
	target := &v1alpha1.PortkeyGateway{ObjectMeta: metav1.ObjectMeta{Namespace: gw.Namespace, Name: gw.Name}}
	if err := c.Patch(ctx, target, client.RawPatch(types.MergePatchType, patch), client.FieldOwner(userAgent)); err != nil {
		return c.explain(ctx, err, "patch", gw.Name)
	}
	return nil
}

// await waits for the operator's answer.
func (c *cluster) await(ctx context.Context, name, gateway, value string, timeout time.Duration) (*v1alpha1.ActionStatus, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var answer *v1alpha1.ActionStatus
	err := c.follow(ctx, gateway, nil, func(gw *v1alpha1.PortkeyGateway) (bool, error) {
		answer = answerOf(gw, name, value)
		return answer != nil, nil
	})
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return answer, err
}

// tell says what became of an action, and ends with the exit code that goes with it.
func (a *app) tell(d *Done, o actOptions) error {
	code := exitDone
	switch {
	case d.Result == v1alpha1.ActionRefused:
		code = exitFailed
	case d.Annotated && o.wait && d.Result == "":
		code = exitUnanswered
	}
	if o.output != "" {
		if err := a.print(d, o.output); err != nil {
			return err
		}
		if code != exitDone {
			return &endedError{code: code}
		}
		return nil
	}
	if code != exitDone {
		why := d.Message
		if d.Annotated && d.Result == v1alpha1.ActionRefused {
			why = "the operator refuses it: " + why
		}
		return &endedError{code: code, why: why}
	}
	switch {
	case o.dryRun:
		a.printf("Would annotate %s/%s with %s=%s, as this does:\n  kubectl annotate pkgw %s -n %s --overwrite %s=%s\n", d.Namespace, d.Name, d.Annotation, d.Value,
			d.Name, d.Namespace, d.Annotation, quoted(d.Value))
	case !o.wait:
		a.printf("Asked for: %s. See the answer with %s\n", d.Annotation+"="+d.Value, a.again("status", d.Namespace, d.Name))
	default:
		a.printf("%s\n", clean(d.Message))
	}
	return nil
}
