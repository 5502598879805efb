package plugin

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// programName is how people call the plugin.
const programName = "kubectl portkey"

// app is one run of the plugin.
type app struct {
	Environment
	rules     *clientcmd.ClientConfigLoadingRules
	overrides clientcmd.ConfigOverrides
	flags     *pflag.FlagSet
	// ran says that the command line was understood.
	ran bool
}

func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:         "kubectl-portkey",
		Annotations: map[string]string{cobra.CommandDisplayNameAnnotation: programName},
		Short:       "See, verify, plan and steer Portkey gateways and their rollouts",
		Long: "Shows how a PortkeyGateway and its rollout stand, plans what a manifest would change, approves plans, and\n" +
			"approves, aborts, rolls back and retries rollouts.\n" +
			"It asks nothing back, so that it can be scripted.",
		Version:       a.Version,
		SilenceUsage:  true,
		SilenceErrors: true,
		// kubectl completes plugins by a program of its own: see completer.
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		PersistentPreRun: func(*cobra.Command, []string) {
			a.ran = true
		},
	}
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	a.flags = root.PersistentFlags()
	a.rules = clientcmd.NewDefaultClientConfigLoadingRules()
	a.flags.StringVar(&a.rules.ExplicitPath, "kubeconfig", "", "Path to the kubeconfig file to use")
	clientcmd.BindOverrideFlags(&a.overrides, a.flags, kubectlFlags())
	root.AddCommand(a.statusCommand(), a.verifyCommand(), a.historyCommand(), a.planCommand())
	for _, action := range actions {
		root.AddCommand(a.actionCommand(action))
	}
	return root
}

// kubectlFlags are kubectl's flags that say which cluster is meant, and as whom.
func kubectlFlags() clientcmd.ConfigOverrideFlags {
	names := clientcmd.RecommendedConfigOverrideFlags("")
	names.ClusterOverrideFlags.APIServer.ShortName = "s"
	names.AuthOverrideFlags.Username.LongName, names.AuthOverrideFlags.Password.LongName = "", "" // API servers know no passwords any more
	return names
}

// again is the command line that says verb about a gateway, to the same cluster as this one.
func (a *app) again(verb, namespace, name string) string {
	words := []string{programName, verb, name}
	usual, _, err := a.clientConfig().Namespace()
	if f := a.flags.Lookup("namespace"); f.Changed || err != nil || usual != namespace {
		words = append(words, "-n", quoted(namespace))
	}
	for _, flag := range []string{"context", "kubeconfig"} {
		if f := a.flags.Lookup(flag); f.Changed {
			words = append(words, "--"+flag, quoted(f.Value.String()))
		}
	}
	return strings.Join(words, " ")
}

// quoted is a word as shells take it.
func quoted(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@%+=,", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// outputFlag adds -o.
func outputFlag(cmd *cobra.Command, into *string) {
	cmd.Flags().StringVarP(into, "output", "o", "", "json or yaml: for machines, in the shape of docs/kubectl-plugin.md. Default: for people")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"json", "yaml"}, cobra.ShellCompDirectiveNoFileComp))
}

// bareName takes a name as people copy it from kubectl: portkeygateway.ecs.portkey.ai/NAME, pkgw/NAME.
func bareName(arg string) (string, error) {
	kind, name, ok := strings.Cut(arg, "/")
	if !ok {
		return arg, nil
	}
	kind, _, _ = strings.Cut(strings.ToLower(kind), ".")
	switch kind {
	case "pkgw", resource, strings.ToLower(v1alpha1.GatewayKind):
		return name, nil
	}
	return "", fmt.Errorf("%q isn't the name of a PortkeyGateway: write the name alone", arg)
}
