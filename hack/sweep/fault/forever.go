package fault

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep/life"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// Forever is the sweep of faults that last: people are told what is wrong, all that doesn't hang on it is done, AWS
// isn't pestered, and when the fault is gone all converges.
func Forever() sweep.Sweep { return sweep.Sweep{Name: "fault-forever", Rows: forever, Short: 5} }

const (
	// patience is how long a fault lasts before it is looked at what came of it: the last deadline that the operator has
	// for something that should pass by itself is half an hour.
	patience = 2 * time.Hour
	// pestering is how many calls an hour retrying may take, on top of the looks for drift.
	pestering = 60
)

// forever are a life for each call site and class of faults. The site fails from the beginning of the first phase that
// calls it, and once more from the beginning of the deletion where that calls it; the phases between are skipped.
func forever(sample sweep.Sample) []sweep.Row {
	ref := life.Of(sample)
	var out []sweep.Row
	for _, c := range classes {
		for _, site := range sites(ref) {
			service, action := site.Names()
			if _, can := c.rule(service, action); can {
				out = append(out, sweep.Row{Name: site.Name + " " + c.name, Run: func() sweep.Outcome { return outlast(ref, site, c) }})
			}
		}
	}
	return out
}

// outlast lives a life in which a site fails until that has been looked at.
func outlast(ref *life.Reference, s site, c class) (o sweep.Outcome) {
	l := life.New(ref.Sample)
	by, end := strike(l), len(ref.Phases)-1
	service, action := s.Names()
	if c.name == "denied" && s.Name == "secretsmanager:DescribeSecret" { // who may not look at secrets' versions follows none
		l.Overlooks = func(line string) string { return strings.Replace(line, `"`+kinds.TagSecrets+`":"*",`, "", 1) }
	}
	fails := func(of, called string) (core.FaultRule, bool) {
		if of != service || called != action {
			return core.FaultRule{}, false
		}
		return c.rule(of, called)
	}
	for i, p := range ref.Phases {
		if i > s.First && i != end {
			continue
		}
		needs := p.Needs
		if p.Deletes() {
			needs = needed(l.Get(l.Key))
		}
		l.Begin(p.Phase)
		if i == s.First || i == end && s.Last == end {
			by.due = fails
			if err := endure(l, p, s, needs, ref.Hourly(i)); err != nil {
				o.Err = fmt.Errorf("%s under a lasting fault: %w", p.Name, err)
				return o
			}
			by.due = nil
		}
		err := l.Finish(p.Phase)
		o.Calls = by.struck
		if err != nil {
			o.Err = fmt.Errorf("after the fault: %w", err)
			return o
		}
		if l.Judge(p, &o); !o.Survived() {
			return o
		}
	}
	return o
}

// endure lets a phase go on under a fault for long, and looks at what came of it.
func endure(l *life.Life, p life.PhaseReference, s site, needs map[string][]string, resting map[string]int) error {
	for end := l.Clock.Now().Add(patience); l.Clock.Now().Before(end); {
		if p.Ends(l) {
			return nil // it has no need of that call
		}
		_ = l.Step(l.Key)
	}
	if p.Ends(l) {
		return nil
	}
	before := l.Emulator.Server.LastCall()
	for end := l.Clock.Now().Add(time.Hour); l.Clock.Now().Before(end) && !p.Ends(l); {
		_ = l.Step(l.Key)
	}
	calls := l.Emulator.Server.Calls(before)
	if p.Ends(l) {
		return nil
	}
	at := 0
	for _, c := range calls {
		if c.Service+":"+c.Action == s.Name {
			at++
		}
	}
	hourly := 0
	for _, n := range resting {
		hourly += n
	}
	looks := hourly / int(time.Hour/v1alpha1.DefaultSyncInterval) // one hour may hold a look for drift more than another
	if at > resting[s.Name]+pestering || len(calls) > hourly+looks+pestering {
		return fmt.Errorf("%d calls in an hour, %d of them of %s for %v; without the fault there are %d:\n%s", len(calls), at, s.Name, failing(l.Get(l.Key), needs, s), hourly, tally(calls))
	}
	return told(l, p, s, needs, calls)
}

// needed are the nodes that there are, with those that each needs.
func needed(gw *v1alpha1.PortkeyGateway) map[string][]string {
	out := map[string][]string{}
	for _, r := range gw.Status.Resources {
		out[r.Node] = r.Needs
		if kind(r.Node) == "elastic-ip" { // by which an address is reached: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html
			out[r.Node] = append(slices.Clone(r.Needs), "internet-gateway/main")
		}
	}
	return out
}
