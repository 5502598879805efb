package plugin

import (
	"fmt"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// planSigns are how diffs mark what happens to an object.
var planSigns = map[v1alpha1.PlanAction]string{
	v1alpha1.PlanCreate: "+", v1alpha1.PlanUpdate: "~", v1alpha1.PlanReplace: "-/+", v1alpha1.PlanDelete: "-",
}

// planPage writes a plan like a diff.
func planPage(p *Planned, colours bool) string {
	s := &sheet{colours: colours}
	where := []string{p.Region}
	if p.AccountID != "" {
		where = append(where, "account "+p.AccountID)
	}
	s.line(s.paint(p.Namespace+"/"+p.Name, bold), "  ", clean(strings.Join(where, ", ")))
	switch {
	case !p.Offline && len(p.Assumptions) > 0:
		s.prose(0, "Taken for granted: "+strings.Join(p.Assumptions, "; ")+".")
	case p.Offline:
		s.prose(0, "Neither the cluster nor AWS was asked. Taken for granted: "+strings.Join(p.Assumptions, "; ")+".")
	}
	for _, w := range p.Warnings {
		s.prose(0, "Warning: "+w)
	}
	if len(p.Plan.Changes) > 0 {
		s.line()
	}
	for i := range p.Plan.Changes {
		s.change(&p.Plan.Changes[i])
	}
	if len(p.Plan.Problems) > 0 {
		s.heading("Problems")
		for _, problem := range p.Plan.Problems {
			s.prose(2, problem)
		}
	}
	s.line()
	switch {
	case p.Plan.Hash == "":
		s.line("The plan isn't complete. So far: ", p.Plan.Summary, ".")
		return s.String()
	case len(p.Plan.Changes) == 0:
		s.line("No changes: AWS is as the manifest asks, as far as it can be.")
		return s.String()
	}
	s.line(s.paint("Plan: "+p.Plan.Summary+".", bold))
	if !p.Offline {
		s.line(s.paint("Hash: "+p.Plan.Hash, dim))
	}
	return s.String()
}

// change writes what happens to an object, and the fields that differ.
func (s *sheet) change(c *v1alpha1.PlannedChange) {
	s.line("  ", s.paint(pad(planSigns[c.Action], 4), planColours[c.Action]), clean(c.Node), s.paint("  "+clean(c.Kind), dim))
	if c.Interrupts != "" {
		s.line("        ", s.paint("interrupts: "+clean(c.Interrupts), red))
	}
	for _, f := range c.Fields {
		s.line("        ", clean(f.Path), ": ", shownValue(f.Have), " → ", shownValue(f.Want))
	}
}

// maxSaid bounds a value on a line: policies and user data are long, and -o json has them whole.
const maxSaid = 80

func shownValue(value string) string {
	switch {
	case value == "":
		return "nothing"
	case strings.HasPrefix(value, "(") && strings.HasSuffix(value, ")"):
		return value
	}
	if r := []rune(clean(value)); len(r) > maxSaid {
		value = string(r[:maxSaid]) + "…"
	}
	return fmt.Sprintf("%q", value)
}
