package plugin

import (
	"github.com/spf13/cobra"
)

// completeNames offers the names of gateways.
func (a *app) completeNames(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	c, err := a.open()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	items, err := c.gateways(cmd.Context(), false)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var out []cobra.Completion
	for i := range items {
		out = append(out, cobra.CompletionWithDesc(items[i].Name, clean(items[i].Status.RolloutSummary)))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// completeRevisions offers what a gateway can be rolled back to.
func (a *app) completeRevisions(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	c, err := a.open()
	if err != nil || len(args) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	gw, err := c.named(cmd.Context(), args)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return earlier(gw), cobra.ShellCompDirectiveNoFileComp
}
