package plugin

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// History is what `history` tells machines.
type History struct {
	// Namespace and Name are the gateway's.
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Present is the revision that the gateway's service has.
	Present string `json:"present,omitempty"`
	// RollbackTo are the revisions that rollback may return to; the first is its default.
	RollbackTo []string `json:"rollbackTo"`
	// History are the rollouts that came to an end, the newest first, as status.history has them.
	History []v1alpha1.RolloutRecord `json:"history"`
}

func (a *app) historyCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "history NAME",
		Short: "List the rollouts that came to an end, and what can be rolled back to",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			c, err := a.open()
			if err != nil {
				return err
			}
			gw, err := c.named(cmd.Context(), args)
			if err != nil {
				return err
			}
			if output != "" {
				return a.print(historyOf(gw), output)
			}
			a.printf("%s", historyPage(historyOf(gw), a.Now(), a.Colours, a.again("rollback", gw.Namespace, gw.Name)))
			return nil
		},
		ValidArgsFunction: a.completeNames,
	}
	outputFlag(cmd, &output)
	return cmd
}

func historyOf(gw *v1alpha1.PortkeyGateway) *History {
	return &History{
		Namespace: gw.Namespace, Name: gw.Name, Present: present(gw), RollbackTo: append([]string{}, earlier(gw)...),
		History: append([]v1alpha1.RolloutRecord{}, gw.Status.History...),
	}
}

func historyPage(h *History, now time.Time, colours bool, rollback string) string {
	s := &sheet{colours: colours}
	s.line(s.paint(h.Namespace+"/"+h.Name, bold))
	s.line()
	if len(h.History) == 0 {
		s.line("No rollout has come to an end yet.")
		return s.String()
	}
	s.table(historyRows(h.History, h.Present, now, true))
	if len(h.RollbackTo) > 0 {
		s.line()
		s.line("Return to ", h.RollbackTo[0], ":  ", s.paint(rollback, bold))
		for _, r := range h.RollbackTo[1:min(len(h.RollbackTo), 2)] {
			s.line("Return to ", r, ":  ", s.paint(rollback+" --to "+quoted(r), bold))
		}
	}
	return s.String()
}

// historyRows are rollouts as a table, and the reason of each that didn't succeed. The present revision has
// an asterisk.
func historyRows(records []v1alpha1.RolloutRecord, present string, now time.Time, ids bool) [][]cell {
	head := header("ENDED", "REVISION", "IMAGE", "STRATEGY", "OUTCOME", "TOOK")
	if ids {
		head = append(head, header("ID")...)
	}
	rows := [][]cell{append(head, header("REASON")...)}
	for _, r := range records {
		ended, took := "?", "?"
		if r.FinishedAt != nil {
			ended = span(max(now.Sub(r.FinishedAt.Time), 0)) + " ago"
			if r.StartedAt != nil {
				took = span(r.FinishedAt.Sub(r.StartedAt.Time))
			}
		}
		revision, how := r.Revision, green
		if revision != "" && revision == present {
			revision += " *"
		}
		switch {
		case failed(r.Outcome):
			how = red
		case r.Outcome == v1alpha1.RolloutSuperseded:
			how = yellow
		}
		row := []cell{{ended, plain}, {revision, plain}, {r.Image, plain}, {string(r.Strategy), plain}, {string(r.Outcome), how}, {took, plain}}
		if ids {
			row = append(row, cell{r.ID, dim})
		}
		rows = append(rows, append(row, cell{r.Reason, plain}))
	}
	return rows
}
