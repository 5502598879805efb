package plugin

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// refresh is how often a watched page is drawn anew on a terminal: ages move on, and events come after what
// they tell of.
const refresh = 5 * time.Second

// List is what `status` without a name tells machines.
type List struct {
	// Items are the gateways, each as `status NAME` tells it.
	Items []*Status `json:"items"`
}

type statusOptions struct {
	output            string
	watch, everywhere bool
}

func (a *app) statusCommand() *cobra.Command {
	var o statusOptions
	cmd := &cobra.Command{
		Use:   "status [NAME]",
		Short: "Show how a gateway and its rollout stand",
		Long: "Shows a gateway's page: conditions, services, the rollout and what it waits for, endpoints, events,\n" +
			"history. Without a name: the page of the namespace's only gateway, or a list of them.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkOutput(o.output); err != nil {
				return err
			}
			if o.everywhere && len(args) > 0 {
				return usage("name a gateway, or list all with --all-namespaces: not both")
			}
			c, err := a.open()
			if err != nil {
				return err
			}
			return a.status(cmd.Context(), c, args, o)
		},
		ValidArgsFunction: a.completeNames,
	}
	outputFlag(cmd, &o.output)
	cmd.Flags().BoolVarP(&o.watch, "watch", "w", false, "Show it again after every change, until Ctrl-C")
	cmd.Flags().BoolVarP(&o.everywhere, "all-namespaces", "A", false, "List the gateways of all namespaces")
	return cmd
}

func (a *app) status(ctx context.Context, c *cluster, args []string, o statusOptions) error {
	if len(args) == 0 {
		items, err := c.gateways(ctx, o.everywhere)
		if err != nil {
			return err
		}
		switch {
		case o.watch && len(items) != 1:
			return errors.New("name the one gateway that is to be watched; many are watched by kubectl get pkgw -w")
		case o.watch || len(items) == 1 && o.output == "" && !o.everywhere:
			c.namespace, args = items[0].Namespace, []string{items[0].Name}
		default:
			return a.list(ctx, c, items, o)
		}
	}
	name, err := bareName(args[0])
	if err != nil {
		return err
	}
	if !o.watch {
		gw, err := c.gateway(ctx, name)
		if err != nil {
			return err
		}
		return a.show(ctx, c, gw, o.output)
	}
	return a.watchStatus(ctx, c, name, o.output)
}

// watchStatus shows a gateway after every change.
func (a *app) watchStatus(ctx context.Context, c *cluster, name, output string) error {
	var tick <-chan time.Time
	redraw := a.Redraw && output == ""
	if redraw {
		ticker := time.NewTicker(refresh)
		defer ticker.Stop()
		tick = ticker.C
	}
	first := true
	err := c.follow(ctx, name, tick, func(gw *v1alpha1.PortkeyGateway) (bool, error) {
		switch {
		case redraw:
			a.printf("\x1b[H\x1b[2J\x1b[3J") // home, and clear what is below and above
		case !first && output != "json":
			a.printf("---\n")
		}
		first = false
		return false, a.show(ctx, c, gw, output)
	})
	if ctx.Err() != nil {
		return &endedError{code: exitInterrupted} // that is how a watch ends
	}
	return err
}

// show writes a gateway's page, or what machines read.
func (a *app) show(ctx context.Context, c *cluster, gw *v1alpha1.PortkeyGateway, output string) error {
	v, err := c.look(ctx, gw)
	if err != nil {
		return err
	}
	if output != "" {
		return a.print(v, output)
	}
	a.printf("%s", pageOf(v, a.Now(), a.Colours, func(verb string) string { return a.again(verb, gw.Namespace, gw.Name) }))
	return nil
}

// look is a gateway with its events. Whoever may not read those sees the rest.
func (c *cluster) look(ctx context.Context, gw *v1alpha1.PortkeyGateway) (*Status, error) {
	v := view(gw)
	events, err := c.events(ctx, gw, 2*shownEvents)
	if err != nil && !apierrors.IsForbidden(err) {
		return nil, c.explain(ctx, err, "list", gw.Name)
	}
	v.Events = events
	return v, nil
}

func (a *app) list(ctx context.Context, c *cluster, items []v1alpha1.PortkeyGateway, o statusOptions) error {
	if o.output != "" {
		list := List{Items: []*Status{}}
		for i := range items {
			v, err := c.look(ctx, &items[i])
			if err != nil {
				return err
			}
			list.Items = append(list.Items, v)
		}
		return a.print(list, o.output)
	}
	if len(items) == 0 {
		where := "namespace " + c.namespace + ": name another by -n, or list all with -A"
		if o.everywhere {
			where = "any namespace"
		}
		a.printf("There is no PortkeyGateway in %s\n", where)
		return nil
	}
	s := &sheet{colours: a.Colours}
	rows := [][]cell{header("NAMESPACE", "NAME", "READY", "AVAILABLE", "ROLLOUT", "VERSION", "TASKS")}
	for i := range items {
		v := view(&items[i])
		rows = append(rows, []cell{{v.Namespace, plain}, {v.Name, plain}, short(v.Ready), short(v.Available), {v.RolloutSummary, plain}, {v.Version, plain}, {v.Tasks, plain}})
	}
	s.table(rows)
	a.printf("%s", s.String())
	return nil
}

// short is a condition in a table.
func short(c *Condition) cell {
	switch {
	case c == nil:
		return cell{"Unknown", yellow}
	case c.Status == "True":
		return cell{string(c.Status), green}
	case bad[c.Reason]:
		return cell{string(c.Status) + " " + c.Reason, red}
	}
	return cell{string(c.Status) + " " + c.Reason, yellow}
}
