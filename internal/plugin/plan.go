package plugin

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// planVerb is the command that plans.
const planVerb = "plan"

// Planner plans as the operator would.
type Planner interface {
	// Plan plans a gateway against AWS, with the identity that the operator gives the cluster in AWS. The object has
	// the spec that is asked about, and the rest as the cluster has it.
	Plan(ctx context.Context, gw *v1alpha1.PortkeyGateway, cluster string) (*Foreseen, error)
	// Offline plans a gateway of which nothing exists, without an AWS.
	Offline(ctx context.Context, gw *v1alpha1.PortkeyGateway) (*Foreseen, error)
}

// Foreseen is a plan, where it is about, and what is to be said of it.
type Foreseen struct {
	Plan                  *v1alpha1.Plan
	AccountID             string
	Warnings, Assumptions []string
}

// Planned is what `plan` tells machines.
type Planned struct {
	// Namespace and Name are the gateway's, Region the spec's.
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Region    string `json:"region"`
	// AccountID is the AWS account of the credentials; empty with --offline.
	AccountID string `json:"accountID,omitempty"`
	// Exists says whether the cluster has the gateway already.
	Exists bool `json:"exists"`
	// Offline says that neither cluster nor AWS was asked; Assumptions are what was taken for granted, there and here.
	Offline     bool     `json:"offline"`
	Assumptions []string `json:"assumptions,omitempty"`
	// Warnings are what may go wrong though nothing forbids it.
	Warnings []string `json:"warnings,omitempty"`
	// Plan is in the form of status.plan (summary, hash, changes, problems), and whole.
	Plan *v1alpha1.Plan `json:"plan"`
}

type planOptions struct {
	file, output, cluster string
	offline               bool
}

func (a *app) planCommand() *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:   planVerb + " -f FILE",
		Short: "Show what a manifest would change in AWS, and change nothing",
		Long: "Plans a manifest that needn't be applied: the API server validates it (a dry run), and the operator's own\n" +
			"walk compares it with AWS, by the AWS credentials of your environment, which only read. The manifest is\n" +
			"taken as the whole spec. The exit code is 0 without changes, 2 with changes, and 1 for an error.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutput(o.output); err != nil {
				return err
			}
			if o.file == "" {
				return usage("name the manifest by -f FILE, or - for the standard input")
			}
			if a.Planner == nil {
				return errors.New("this build of the plugin can't plan")
			}
			return a.plan(cmd.Context(), o)
		},
	}
	outputFlag(cmd, &o.output)
	cmd.Flags().StringVarP(&o.file, "filename", "f", "", "The manifest: one PortkeyGateway; - for the standard input")
	cmd.Flags().BoolVar(&o.offline, "offline", false, "Ask neither cluster nor AWS: everything is to be created")
	cmd.Flags().StringVar(&o.cluster, "cluster-name", "", "The operator's --cluster-name. Default: as the operator's, the UID of the namespace kube-system")
	_ = cmd.MarkFlagFilename("filename", "yaml", "yml", "json")
	return cmd
}

func (a *app) plan(ctx context.Context, o planOptions) error {
	gw, err := a.manifest(o.file)
	if err != nil {
		return err
	}
	out := &Planned{Offline: o.offline}
	var f *Foreseen
	if o.offline {
		if space := a.flags.Lookup("namespace"); space.Changed {
			gw.Namespace = space.Value.String()
		}
		gw.Namespace = cmp.Or(gw.Namespace, "default")
		f, err = a.Planner.Offline(ctx, gw)
	} else {
		var c *cluster
		if c, err = a.open(); err != nil {
			return err
		}
		if gw, out.Exists, err = c.rehearse(ctx, gw); err != nil {
			return err
		}
		if o.cluster, err = c.identity(ctx, o.cluster); err != nil {
			return err
		}
		f, err = a.Planner.Plan(ctx, gw, o.cluster)
	}
	if err != nil {
		return err
	}
	out.Namespace, out.Name, out.Region = gw.Namespace, gw.Name, gw.Spec.Region
	out.Plan, out.AccountID, out.Warnings, out.Assumptions = f.Plan, f.AccountID, f.Warnings, f.Assumptions
	if o.output != "" {
		err = a.print(out, o.output)
	} else {
		a.printf("%s", planPage(out, a.Colours))
	}
	switch {
	case err != nil:
		return err
	case out.Plan.Hash == "":
		return &endedError{code: exitFailed, why: "the plan isn't complete: something couldn't be read"}
	case len(out.Plan.Changes) > 0:
		return &endedError{code: exitChanges}
	}
	return nil
}

// manifest reads the one gateway of a file.
func (a *app) manifest(path string) (*v1alpha1.PortkeyGateway, error) {
	var text []byte
	var err error
	if path == "-" {
		text, err = io.ReadAll(a.In)
	} else {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, err
	}
	var found *v1alpha1.PortkeyGateway
	for document := range bytes.SplitSeq(append([]byte("\n"), text...), []byte("\n---")) {
		head := &v1alpha1.PortkeyGateway{}
		if err := yaml.Unmarshal(document, &head.TypeMeta); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if head.Kind != v1alpha1.GatewayKind || head.GroupVersionKind().Group != v1alpha1.GroupVersion.Group {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("%s has more than one PortkeyGateway: plan one at a time", path)
		}
		if err := yaml.UnmarshalStrict(document, head); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		found = head
	}
	if found == nil || found.Name == "" {
		return nil, fmt.Errorf("%s has no PortkeyGateway with a name (apiVersion %s)", path, v1alpha1.GroupVersion)
	}
	return found, nil
}

// rehearse has the API server validate and default a manifest, as it would when it is applied, and answers the object
// as it would be then.
func (c *cluster) rehearse(ctx context.Context, manifest *v1alpha1.PortkeyGateway) (gw *v1alpha1.PortkeyGateway, exists bool, err error) {
	if manifest.Namespace != "" {
		c.namespace = manifest.Namespace
	}
	manifest.Namespace = c.namespace
	now := &v1alpha1.PortkeyGateway{}
	err = c.Get(ctx, client.ObjectKeyFromObject(manifest), now)
	switch {
	case apierrors.IsNotFound(err) && !unserved(err):
		if err := c.Create(ctx, manifest, client.DryRunAll); err != nil {
			return nil, false, c.rehearsed(ctx, err, "create", manifest.Name)
		}
		return manifest, false, nil
	case err != nil:
		return nil, false, c.explain(ctx, err, "get", manifest.Name)
	}
	status := now.Status
	now.Spec = manifest.Spec
	for k, v := range manifest.Annotations {
		if now.Annotations == nil {
			now.Annotations = map[string]string{}
		}
		now.Annotations[k] = v
	}
	if len(manifest.Labels) > 0 && now.Labels == nil {
		now.Labels = map[string]string{}
	}
	maps.Copy(now.Labels, manifest.Labels)
	if err := c.Update(ctx, now, client.DryRunAll); err != nil {
		return nil, true, c.rehearsed(ctx, err, "update", manifest.Name)
	}
	now.Status = status
	return now, true, nil
}

// rehearsed explains why a dry run was refused.
func (c *cluster) rehearsed(ctx context.Context, err error, verb, name string) error {
	if apierrors.IsForbidden(err) {
		return fmt.Errorf("%w: a plan needs the rights that applying the manifest takes, or --offline", err)
	}
	return c.explain(ctx, err, verb, name)
}

// identity is what names the cluster in the ownership tags of its AWS objects.
func (c *cluster) identity(ctx context.Context, given string) (string, error) {
	if given != "" {
		return given, nil
	}
	ns := &corev1.Namespace{}
	if err := c.Get(ctx, client.ObjectKey{Name: "kube-system"}, ns); err != nil {
		return "", fmt.Errorf("reading the UID of the namespace kube-system, by which the operator knows its objects in AWS (or name what it was given by --cluster-name): %w", err)
	}
	return string(ns.UID), nil
}
