// Package progress tells on a terminal, or in a log, how a gateway gets on: one line for each thing
// that changed, none while nothing does.
package progress

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// quiet is how long nothing may be said before a line tells what is being waited for.
const quiet = 15 * time.Second

// maxNames and maxText keep a line a line.
const (
	maxNames = 5
	maxText  = 160
)

// Printer writes a line for each transition between the states that it is shown.
type Printer struct {
	// Out is where the lines go.
	Out io.Writer
	// Now is the clock; elapsed times count from Start.
	Now   func() time.Time
	Start time.Time
	// Label tells this gateway's lines from those of others, where there are any.
	Label string
	// Color says that Out understands ANSI colours.
	Color bool

	last   *v1alpha1.PortkeyGateway
	spoken time.Time
	counts string
}

// Observe shows the printer how the gateway is now.
func (p *Printer) Observe(gw *v1alpha1.PortkeyGateway) {
	was := p.last
	if was == nil {
		was = &v1alpha1.PortkeyGateway{}
		was.Generation = gw.Generation
		p.spoken = p.Now()
	}
	p.last = gw.DeepCopy()
	p.counts = counts(gw)
	if gw.Generation != was.Generation {
		p.say("spec", plain, fmt.Sprintf("changed, generation %d", gw.Generation))
	}
	if gw.DeletionTimestamp != nil && was.DeletionTimestamp == nil {
		p.say("deletion", pending, "asked for")
	}
	p.resources(was.Status.Resources, gw.Status.Resources, gw.DeletionTimestamp != nil)
	p.services(was.Status.Services, gw.Status.Services)
	if e := gw.Status.Endpoints; e != nil && e.Gateway != "" && (was.Status.Endpoints == nil || was.Status.Endpoints.Gateway != e.Gateway) {
		p.say("endpoint", plain, e.Gateway)
	}
	p.rollout(was.Status.Rollout, gw.Status.Rollout)
	p.conditions(was.Status.Conditions, gw.Status.Conditions)
}

// Gone tells that the gateway doesn't exist any more, and what is left, in words.
func (p *Printer) Gone(left string) {
	if p.last == nil {
		return
	}
	p.counts, p.last = "", nil
	p.say("deletion", good, "done: the resource is gone, and "+left)
}

// Idle says what is being waited for if nothing has been said for a while.
func (p *Printer) Idle() {
	if p.last == nil || p.Now().Sub(p.spoken) < quiet {
		return
	}
	ready := meta.FindStatusCondition(p.last.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case ready == nil:
		p.say("waiting", pending, "for the manager to look at it")
	case ready.Status != metav1.ConditionTrue || p.last.DeletionTimestamp != nil:
		p.say("waiting", pending, ready.Message)
	}
}

// services tells when tasks come and go.
func (p *Printer) services(was, now []v1alpha1.ServiceStatus) {
	for _, s := range now {
		i := slices.IndexFunc(was, func(w v1alpha1.ServiceStatus) bool { return w.Name == s.Name })
		if i >= 0 && was[i].Running == s.Running && was[i].Desired == s.Desired && was[i].Pending == s.Pending && was[i].Image == s.Image {
			continue
		}
		text := fmt.Sprintf("%d of %d run", s.Running, s.Desired)
		if s.Pending > 0 {
			text += fmt.Sprintf(", %d start", s.Pending)
		}
		if s.Image != "" && (i < 0 || was[i].Image != s.Image) {
			text += ", " + s.Image
		}
		tone := pending
		if s.Running == s.Desired && s.Pending == 0 {
			tone = good
		}
		p.say("tasks", tone, s.Name+": "+text)
	}
}

func (p *Printer) rollout(was, now *v1alpha1.RolloutStatus) {
	switch {
	case now == nil, was != nil && was.ID == now.ID && was.Reason == now.Reason:
	case now.FromRevision == "":
		p.say("rollout", pending, join(now.ToRevision, now.Reason))
	default:
		p.say("rollout", pending, join(now.FromRevision+" to "+now.ToRevision, now.Reason))
	}
}

// conditions tells of conditions whose status or reason changed.
func (p *Printer) conditions(was, now []metav1.Condition) {
	summary := meta.FindStatusCondition(now, v1alpha1.ConditionReady)
	if stalled := meta.FindStatusCondition(now, v1alpha1.ConditionStalled); stalled != nil {
		summary = stalled
	}
	for _, c := range now {
		old := meta.FindStatusCondition(was, c.Type)
		tone := toneOf(c)
		switch {
		case old != nil && old.Status == c.Status && old.Reason == c.Reason &&
			(c.Reason != v1alpha1.ReasonDriftCorrected || old.Message == c.Message): // each drift is news
		case c.Type == v1alpha1.ConditionReconciling: // says what Ready says
		case c.Type == v1alpha1.ConditionRolloutHealthy && c.Status == metav1.ConditionTrue && c.Reason != v1alpha1.ReasonRolloutComplete: // status.rollout says more
		case tone == pending && old == nil: // at the beginning nothing is ready: that goes without saying
		case tone != good && summary != nil && c.Type != summary.Type && explanation(c) == explanation(*summary):
		default:
			p.say(c.Type, tone, join(c.Reason, c.Message))
		}
	}
	if was, is := meta.FindStatusCondition(was, v1alpha1.ConditionStalled), meta.FindStatusCondition(now, v1alpha1.ConditionStalled); was != nil && is == nil {
		p.say(v1alpha1.ConditionStalled, good, "no longer")
	}
}

// explanation is what a condition's message says behind its counts.
func explanation(c metav1.Condition) string {
	if _, after, ok := strings.Cut(c.Message, " objects ready; "); ok {
		return after
	}
	return c.Message
}

// toneOf is good for what is as it should be, bad for what doesn't mend by itself.
func toneOf(c metav1.Condition) tone {
	switch {
	case v1alpha1.Documented(v1alpha1.ConditionStalled, string(metav1.ConditionTrue), c.Reason):
		return bad
	case c.Status == metav1.ConditionTrue:
		return good
	default:
		return pending
	}
}

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ": ")
}
