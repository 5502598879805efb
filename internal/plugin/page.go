package plugin

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// How much of what may be long is on the page.
const (
	shownEvents  = 5
	shownHistory = 3
	shownObjects = 8
)

// pageOf writes a gateway's page. again makes the command line that says a verb about it.
func pageOf(v *Status, now time.Time, colours bool, again func(verb string) string) string {
	p := &page{Status: v, now: now, again: again}
	p.colours = colours
	p.head()
	p.deletion()
	p.services()
	p.rollout()
	p.actions()
	p.endpoints()
	p.controlPlane()
	p.dnsRecords()
	p.plan()
	p.events()
	p.history()
	return p.String()
}

type page struct {
	*Status
	sheet
	now   time.Time
	again func(verb string) string
}

// since is how long ago something was. AWS's clock may be ahead of this machine's.
func (p *page) since(t *metav1.Time) string {
	if t == nil {
		return "?"
	}
	return span(max(p.now.Sub(t.Time), 0))
}

// when is a point in time, and how long ago that was.
func (p *page) when(t *metav1.Time) string {
	if t == nil || t.After(p.now) {
		return clock(t)
	}
	return clock(t) + " (" + p.since(t) + " ago)"
}

func (p *page) head() {
	about := []string{"mode " + string(cmp.Or(p.Mode, v1alpha1.ModeGateway)), p.Region}
	if p.AccountID != "" {
		about = append(about, "account "+p.AccountID)
	}
	if p.Version != "" {
		about = append(about, "version "+p.Version)
	}
	p.line(p.paint(p.Namespace+"/"+p.Name, bold), "  ", clean(strings.Join(about, ", ")))
	p.line()
	if p.Ready == nil {
		p.prose(0, "The operator hasn't looked at this gateway yet: see whether it runs.")
		return
	}
	p.condition("Ready", p.Ready)
	p.condition("Available", p.Available)
	if p.ObservedGeneration < p.Generation {
		p.prose(0, fmt.Sprintf("The newest spec (generation %d) hasn't been looked at yet; this page is about generation %d.", p.Generation, p.ObservedGeneration))
	}
	switch p.ManagementPolicy {
	case v1alpha1.ManagementPaused:
		p.prose(0, "managementPolicy is Paused: AWS is neither read nor written. What follows is as it was last seen, "+clock(p.LastSyncTime)+".")
	case v1alpha1.ManagementObserve:
		p.prose(0, "managementPolicy is Observe: AWS is read, and not written.")
	}
	if p.Held != "" {
		p.prose(0, "Revision "+p.Held+" is held by a manual rollback until the spec changes.")
	}
}

// condition writes what a condition says, and its message where that isn't good news.
func (p *page) condition(name string, c *Condition) {
	if c == nil {
		return
	}
	how := yellow
	switch {
	case c.Status == metav1.ConditionTrue:
		how = green
	case c.Status == metav1.ConditionFalse && (bad[c.Reason] || name == "Available"):
		how = red
	}
	p.line(pad(name, labelWidth), p.paint(pad(string(c.Status), 9), how), clean(c.Reason), ", for ", p.since(&c.Since))
	if c.Status != metav1.ConditionTrue {
		p.prose(labelWidth, c.Message)
	}
}

// bad are the reasons that somebody has to do something about.
var bad = func() map[string]bool {
	out := map[string]bool{}
	for _, c := range v1alpha1.Conditions {
		if c.Type == v1alpha1.ConditionStalled {
			for _, r := range c.True {
				out[r] = true
			}
		}
	}
	return out
}()

func (p *page) deletion() {
	if p.DeletingSince == nil {
		return
	}
	p.heading("Deletion")
	p.pair("since", p.when(p.DeletingSince))
	p.pair("left", counted(len(p.Remaining), "AWS object"))
	var rows [][]cell
	for _, r := range p.Remaining[:min(len(p.Remaining), shownObjects)] {
		rows = append(rows, []cell{{r.Node, plain}, {string(r.Phase), plain}, {r.Why, plain}})
	}
	p.table(rows)
	p.more(len(p.Remaining)-shownObjects, "status.resources")
}

func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// more says that there is more, and where.
func (p *page) more(n int, where string) {
	if n > 0 {
		p.line(fmt.Sprintf("  and %d more: see %s", n, where))
	}
}

func (p *page) services() {
	if len(p.Services) == 0 {
		return
	}
	p.heading("Services")
	rows := [][]cell{header("NAME", "IMAGE", "TASKS", "REVISION")}
	for _, s := range p.Services {
		tasks, how := fmt.Sprintf("%d/%d", s.Running, s.Desired), green
		if s.Running < s.Desired {
			how = yellow
		}
		if s.Pending > 0 {
			tasks += fmt.Sprintf(", %d starting", s.Pending)
		}
		rows = append(rows, []cell{{s.Name, plain}, {s.Image, plain}, {tasks, how}, {s.Revision, plain}})
	}
	p.table(rows)
}

func (p *page) endpoints() {
	e := p.Endpoints
	if e == nil {
		return
	}
	p.heading("Endpoints")
	for _, x := range [][2]string{{"gateway", e.Gateway}, {"mcp", e.MCP}, {"test", e.Test}, {"address", e.LoadBalancer}} {
		if x[1] != "" {
			p.pair(x[0], x[1])
		}
	}
}

// dnsRecords are the records that somebody has to create, in the words of DNS.
func (p *page) dnsRecords() {
	if len(p.DNSRecords) == 0 {
		return
	}
	p.heading("DNS records to create, where you haven't")
	rows := [][]cell{}
	for _, r := range p.DNSRecords {
		what := "leads clients to the load balancer"
		if r.Purpose == v1alpha1.DNSRecordValidation {
			what = "proves the name to AWS, for good"
		}
		rows = append(rows, []cell{{r.Name, plain}, {r.Type, plain}, {r.Value, plain}, {what, dim}})
	}
	p.table(rows)
}

func (p *page) plan() {
	if p.Plan == nil || len(p.Plan.Changes) == 0 && p.ManagementPolicy != v1alpha1.ManagementObserve {
		return
	}
	p.heading("Plan")
	p.prose(2, p.Plan.Summary)
	var rows [][]cell
	for _, c := range p.Plan.Changes[:min(len(p.Plan.Changes), shownObjects)] {
		rows = append(rows, []cell{{string(c.Action), planColours[c.Action]}, {c.Node, plain}, {strings.Join(c.Fields, ", "), dim}})
	}
	p.table(rows)
	p.more(len(p.Plan.Changes)-shownObjects, "status.plan")
	for _, c := range p.Plan.Changes[:min(len(p.Plan.Changes), shownObjects)] {
		if c.Interrupts != "" {
			p.prose(2, c.Node+" interrupts: "+c.Interrupts)
		}
	}
	for _, problem := range p.Plan.Problems {
		p.prose(2, "problem: "+problem)
	}
	if p.Plan.Awaits {
		p.line("  approve   ", p.again("approve")+" --plan "+p.Plan.Hash)
	}
}

var planColours = map[v1alpha1.PlanAction]colour{
	v1alpha1.PlanCreate: green, v1alpha1.PlanUpdate: yellow, v1alpha1.PlanReplace: red, v1alpha1.PlanDelete: red,
}

func (p *page) events() {
	p.heading("Events")
	switch {
	case p.Events == nil:
		p.line("  not shown: you may not list events in namespace ", p.Namespace)
		return
	case len(p.Events) == 0:
		p.line("  none in the last hour") // an API server keeps them so long
		return
	}
	rows := [][]cell{header("AGO", "TYPE", "REASON", "MESSAGE")}
	for _, e := range p.Events[:min(len(p.Events), shownEvents)] {
		how, message := plain, e.Message
		if e.Type == corev1.EventTypeWarning {
			how = yellow
		}
		if e.Count > 1 {
			message = fmt.Sprintf("%s (%d times)", message, e.Count)
		}
		rows = append(rows, []cell{{p.since(&e.At), plain}, {e.Type, how}, {e.Reason, plain}, {message, plain}})
	}
	p.table(rows)
}

func (p *page) history() {
	if len(p.History) == 0 {
		return
	}
	p.heading("History")
	p.table(historyRows(p.History[:min(len(p.History), shownHistory)], "", p.now, false))
	if n := len(p.History) - shownHistory; n > 0 {
		p.line(fmt.Sprintf("  and %d more: %s", n, p.again("history")))
	}
}
