package plugin

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// barWidth is how many cells the traffic bar has.
const barWidth = 40

func (p *page) rollout() {
	r := p.Rollout
	if r == nil && p.DeletingSince != nil {
		return
	}
	p.heading("Rollout")
	if r == nil {
		if len(p.Services) == 0 {
			p.line("  none yet")
			return
		}
		p.line("  ", p.paint("none under way", green))
		return
	}
	how := yellow
	switch {
	case r.Outcome == v1alpha1.RolloutSucceeded:
		how = green
	case !r.UnderWay:
		how = red
	}
	p.line("  ", p.paint(clean(summary(p.Status)), how))
	p.traffic()
	if r.UnderWay && r.Stage != "" {
		stage := r.Stage
		if says := stages[r.Stage]; says != "" {
			if r.TrafficPercent != nil && *r.TrafficPercent > 0 && r.Stage == string(v1alpha1.StagePreProductionTrafficShift) {
				says = "before more of production's traffic moves to the new revision"
			}
			stage += ": " + says
		}
		p.pair("stage", stage)
	}
	p.revisions()
	p.times()
	if r.Reason != "" && (p.Ready == nil || !strings.Contains(p.Ready.Message, r.Reason)) { // it's told at the top
		p.pair("reason", r.Reason)
	}
	p.next()
}

// summary is how the rollout stands, in a few words: the operator's own, as far as there are any.
func summary(v *Status) string {
	r := v.Rollout
	if v.RolloutSummary != "" && v.RolloutSummary != "Complete" {
		return v.RolloutSummary
	}
	words := []string{string(r.Strategy)}
	switch {
	case r.Awaiting != nil:
		words = append(words, "AwaitingApproval")
	case r.UnderWay:
		words = append(words, r.Stage)
	default:
		words = append(words, string(r.Outcome))
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// traffic draws who gets production's traffic.
func (p *page) traffic() {
	r := p.Rollout
	if r.TrafficPercent == nil || !r.UnderWay {
		return
	}
	full, empty := bar(*r.TrafficPercent, barWidth)
	share := fmt.Sprintf("  %d %% new", *r.TrafficPercent)
	if r.FromRevision != "" {
		share += fmt.Sprintf(", %d %% old", 100-*r.TrafficPercent)
	}
	p.line("  ", pad("traffic", labelWidth-2), p.paint(full, green), p.paint(empty, dim), share)
}

func (p *page) revisions() {
	r := p.Rollout
	if r.FromRevision == "" {
		p.pair("from", "nothing: this is the first")
	} else {
		p.pair("from", r.FromRevision+"  "+r.FromImage)
	}
	p.pair("to", r.ToRevision+"  "+r.ToImage)
}

func (p *page) times() {
	r := p.Rollout
	switch {
	case r.StartedAt == nil:
	case r.UnderWay:
		p.pair("started", p.when(r.StartedAt))
	case r.FinishedAt == nil:
		p.pair("started", clock(r.StartedAt))
	default:
		p.pair("started", clock(r.StartedAt))
		p.pair("ended", p.when(r.FinishedAt)+", after "+span(r.FinishedAt.Sub(r.StartedAt.Time)))
	}
}

// next says what is waited for, and what can be done.
func (p *page) next() {
	r := p.Rollout
	if r.Outcome == v1alpha1.RolloutSucceeded {
		return
	}
	if p.RolloutSummary == rollingBack {
		p.pair("now", "ECS takes it back to the revision before; wait for that")
		return
	}
	if !r.UnderWay {
		p.pair("now", "mend the cause and change the spec; or, where the cause wasn't in the spec, try the same again:")
		p.command("retry", p.again("retry"))
		return
	}
	if h := r.Awaiting; h != nil {
		waits := "approval"
		if h.Stage != "" && h.Stage != r.Stage {
			waits += " at " + h.Stage
		}
		if h.Since != nil {
			waits += ", since " + p.when(h.Since)
		}
		p.pair("awaits", waits)
		if h.Until != nil {
			p.pair("until", fmt.Sprintf("%s (%s), then %s", clock(h.Until), in(h.Until.Sub(p.now)), timeouts[h.OnTimeout]))
		}
		if e := p.Endpoints; e != nil && e.Test != "" && slices.Contains(tested, v1alpha1.RolloutStage(r.Stage)) {
			p.pair("try it", e.Test)
		}
		p.command("approve", p.again("promote"))
	}
	p.command("abort", p.again("abort"))
}

// rollingBack is the operator's word for a rollout that failed and isn't taken back to the end.
const rollingBack = "RollingBack"

// command writes a command line whole, however long, so that it can be copied.
func (p *page) command(label, line string) {
	p.line("  ", pad(label, labelWidth-2), p.paint(line, bold))
}

// in is how long it is until then.
func in(d time.Duration) string {
	if d <= 0 {
		return "now"
	}
	return "in " + span(d)
}

// timeouts are what happens at a pause that nobody answers.
var timeouts = map[v1alpha1.TimeoutAction]string{
	"":                       "it times out",
	v1alpha1.TimeoutRollback: "it is rolled back",
	v1alpha1.TimeoutContinue: "it goes on by itself",
}

// tested are the stages at which the test endpoint leads to the new revision.
var tested = []v1alpha1.RolloutStage{v1alpha1.StagePostTestTrafficShift, v1alpha1.StagePreProductionTrafficShift, v1alpha1.StagePostProductionTrafficShift}

// stages say what ECS does at a stage
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html).
var stages = map[string]string{
	"ReconcileService":           "the rollout before is stopped, and its traffic goes back",
	"PreScaleUp":                 "before the new revision's tasks are started",
	"ScaleUp":                    "the new revision's tasks are starting",
	"PostScaleUp":                "the new revision's tasks run, and get no traffic yet",
	"TestTrafficShift":           "the test endpoint is moving to the new revision",
	"PostTestTrafficShift":       "the test endpoint leads to the new revision, production to the old one",
	"PreProductionTrafficShift":  "before production's traffic moves to the new revision",
	"ProductionTrafficShift":     "production's traffic is moving to the new revision",
	"PostProductionTrafficShift": "all of production's traffic is with the new revision",
	"BakeTime":                   "both revisions run, and ECS watches the new one",
	"CleanUp":                    "the old revision's tasks are being stopped",
}

// actionsShownFor is how long an answer is news.
const actionsShownFor = 24 * time.Hour

func (p *page) actions() {
	var rows [][]cell
	for _, a := range p.Actions {
		switch {
		case a.Result == "":
			rows = append(rows, []cell{{a.Name, plain}, {"not answered yet", yellow}, {a.Value, dim}})
		case a.At == nil || p.now.Sub(a.At.Time) < actionsShownFor:
			how := green
			if a.Result == v1alpha1.ActionRefused {
				how = red
			}
			rows = append(rows, []cell{{a.Name, plain}, {string(a.Result), how}, {p.since(a.At) + " ago", plain}, {a.Message, plain}})
		}
	}
	if len(rows) == 0 {
		return
	}
	p.heading("Asked for")
	p.table(rows)
}
