// Package hand sweeps lives in which somebody else meddles with the deployment: at random, with whatever AWS permits,
// while the operator works and while it rests.
package hand

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// seeds is how many lives of each sample the full sweep lives.
const seeds = 200

// Sweep is the sweep of the other hand.
func Sweep() sweep.Sweep {
	return sweep.Sweep{Name: "hand", Short: 3, Rows: func(sample sweep.Sample) []sweep.Row {
		var out []sweep.Row
		for seed := range uint64(seeds) {
			out = append(out, sweep.Row{Name: fmt.Sprintf("seed-%d", seed), Run: func() sweep.Outcome { return live(sample, seed) }})
		}
		return out
	}}
}

// Bounds of virtual time.
const (
	// bound is how long a phase may take to come right once nobody meddles any more: a managed cache, a rollout behind a
	// Network Load Balancer and an Auto Scaling group that is made again take most of an hour each.
	bound = 4 * time.Hour
	// rest is how long AWS goes on by itself after everything is put right.
	rest = 90 * time.Minute
)

// life is a gateway that somebody meddles with.
type life struct {
	*harness.Harness
	key    types.NamespacedName
	sample sweep.Sample
	hand   *hand
	rng    *rand.Rand
	// deeds is how much is still to be done in this phase, one of pace calls.
	deeds, pace int
	calls       int
	deleting    bool
	// broke are the interruptions by a call of ours.
	broke []string
}

func live(sample sweep.Sample, seed uint64) (o sweep.Outcome) {
	l := begin(sample, seed)
	before := l.Emulator.Server.Resources(false)
	defer func() {
		o.Calls = l.calls
		if o.Err != nil {
			o.Err = fmt.Errorf("%w\n  the hand did:\n    %s", o.Err, strings.Join(l.hand.did, "\n    "))
		}
	}()
	for _, phase := range []struct {
		name string
		do   func()
	}{
		{"creation", func() {}},
		{"idle time", func() {}},
		{"rollout", l.roll},
	} {
		phase.do()
		if err := l.meddle(phase.name); err != nil {
			o.Err = err
			return o
		}
		if err := l.comesRight(phase.name); err != nil {
			o.Err = err
			return o
		}
	}
	ref := undisturbed(sample)
	now := l.rests()
	more, less := harness.Missing(now, ref), harness.Missing(ref, now)
	if len(more)+len(less) > 0 {
		o.Err = fmt.Errorf("AWS isn't as in a life that nobody meddles with:\n    %s", compare(more, less))
		return o
	}
	if err := l.goes(); err != nil {
		o.Err = err
		return o
	}
	for _, r := range l.Emulator.Server.Resources(false) {
		key := r.Kind + " " + r.ID
		if _, theirs := l.hand.foreign[key]; !theirs && !strings.HasPrefix(r.Name, "theirs-") && !l.hand.disowns(r) && !slices.ContainsFunc(before, func(b core.Resource) bool { return b.Kind == r.Kind && b.ID == r.ID }) {
			o.Leaks = append(o.Leaks, fmt.Sprintf("%s %s %s %s", key, r.Name, r.State, r.Tags[own.TagNode]))
		}
	}
	if d := l.hand.meddled(); len(d) > 0 {
		o.Err = fmt.Errorf("what isn't ours was touched: %s", strings.Join(d, "\n"))
	}
	if len(o.Leaks) > 0 && o.Err == nil {
		o.Err = errors.New("objects are left")
	}
	return o
}

// roll has another image rolled out.
func (l *life) roll() {
	l.Edit(l.key, func(gw *v1alpha1.PortkeyGateway) {
		if gw.Spec.Gateway == nil {
			gw.Spec.Gateway = &v1alpha1.Gateway{}
		}
		gw.Spec.Gateway.Image = &v1alpha1.Image{Tag: "2.17.0"}
	})
	l.hand.shifted = false
}

// checking is how long a load balancer may take to find out that targets are healthy again.
const checking = 2 * time.Minute

// roomy is how many instances have room for twice the tasks that somebody may ask for.
const roomy = 24

// begin makes a world with a gateway that isn't there yet in AWS.
func begin(sample sweep.Sample, seed uint64) *life {
	h := harness.New()
	h.Parallel = 1
	h.Restart()
	gw := h.Sample(string(sample))
	gw.Name, gw.UID, gw.Spec.Tags = "gw", "uid-gw", map[string]v1alpha1.TagValue{"team": "ai"}
	if gw.Spec.Capacity == nil {
		gw.Spec.Capacity = &v1alpha1.Capacity{EC2: &v1alpha1.EC2Capacity{}}
	}
	gw.Spec.Capacity.EC2.MaxSize = roomy
	rng := rand.New(rand.NewPCG(seed, 5))
	l := &life{Harness: h, sample: sample, rng: rng}
	l.key = h.Create(gw)
	l.hand = newHand(h, rng, "PortkeyGateway/"+l.key.String())
	h.Transport = l.call
	return l
}

// call is a call of ours: somebody may have been quicker, and it interrupts nothing that was there.
func (l *life) call(r *http.Request) (*http.Response, error) {
	l.Lock()
	defer l.Unlock()
	if l.deeds > 0 && l.rng.IntN(l.pace) == 0 {
		l.deeds--
		l.hand.act()
	}
	l.calls++
	before, mark := l.interrupted(), l.Emulator.Server.LastCall()
	answer, err := l.Emulator.Server.Do(r)
	for _, c := range l.Emulator.Server.Calls(mark) {
		if c.ReadOnly() || before != "" || l.deleting {
			continue
		}
		if after := l.interrupted(); after != "" {
			l.broke = append(l.broke, fmt.Sprintf("%s %s:%s of ours: %s", c.Time.Format("15:04:05"), c.Service, c.Action, after))
		}
	}
	return answer, err
}

// meddle lets the operator work, and rest, while somebody meddles.
func (l *life) meddle(phase string) error {
	l.deeds, l.pace = 1+l.rng.IntN(4), 5+l.rng.IntN(60)
	for i := 0; l.deeds > 0 && i < 60 && l.Get(l.key) != nil; i++ {
		if l.rng.IntN(3) == 0 { // between two walks
			l.deeds--
			l.hand.act()
		}
		if l.rng.IntN(3) == 0 { // until the next comparison of everything
			l.AdvanceTo(l.Clock.Now().Add(time.Duration(l.rng.Int64N(int64(2 * v1alpha1.DefaultSyncInterval)))))
		}
		if err := l.Step(l.key); err != nil {
			return fmt.Errorf("%s: %w", phase, err)
		}
	}
	l.deeds = 0
	return nil
}

// comesRight proves that everything is put right, or else said why not, and put right then when somebody does what is
// needed.
func (l *life) comesRight(phase string) error {
	settle := func() error {
		if err := l.Until(l.key, bound, "Ready", harness.Ready); err != nil {
			return err
		}
		l.AdvanceTo(l.Clock.Now().Add(rest))
		if _, err := l.Reconcile(l.key); err != nil {
			return err
		}
		return l.Until(l.key, bound, "Ready after a rest", harness.Ready)
	}
	err := settle()
	if err != nil && l.explained() {
		l.hand.giveBack()
		l.hand.takeAway()
		err = settle()
	}
	switch {
	case err != nil:
		return fmt.Errorf("after the %s: %w", phase, err)
	case len(l.broke) > 0:
		return fmt.Errorf("in the %s, a call of ours interrupted what served: %s", phase, strings.Join(l.broke, "; "))
	}
	if l.interrupted() != "" { // what was put right by the last look is checked by AWS first
		l.AdvanceTo(l.Clock.Now().Add(checking))
		if err := settle(); err != nil {
			return fmt.Errorf("after the %s: %w", phase, err)
		}
	}
	if problem := l.interrupted(); problem != "" && !l.hand.shifted {
		return fmt.Errorf("after the %s the gateway is Ready, and clients get nothing: %s", phase, problem)
	}
	if d := l.hand.meddled(); len(d) > 0 {
		return fmt.Errorf("in the %s, what isn't ours was touched: %s", phase, strings.Join(d, "\n"))
	}
	if d := l.hand.untagged(); len(d) > 0 {
		return fmt.Errorf("in the %s, somebody's tags were taken off %s", phase, strings.Join(d, ", "))
	}
	return nil
}

// explained reports whether status says that the operator can't go on, and names what somebody has laid hands on.
func (l *life) explained() bool {
	gw := l.Get(l.key)
	c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionStalled)
	if c == nil || c.Status != "True" {
		return false
	}
	switch c.Reason {
	case v1alpha1.ReasonDeletionBlocked:
		return true
	case v1alpha1.ReasonFailed, v1alpha1.ReasonRolledBack: // the tasks failed for what was wrong then
		if gw.Status.Rollout != nil {
			l.Annotate(l.key, v1alpha1.AnnotationRetry, gw.Status.Rollout.ID)
		}
		return true
	}
	for name := range l.hand.touched {
		if name != "" && strings.Contains(c.Message, name) {
			return true
		}
	}
	return false
}

// goes deletes the gateway while somebody meddles, who makes room when the deletion is blocked.
func (l *life) goes() error {
	l.deleting = true
	l.Delete(l.key)
	if err := l.meddle("deletion"); err != nil {
		return err
	}
	err := l.Until(l.key, bound, "deletion", harness.Gone)
	if err == nil || !l.explained() {
		return err
	}
	l.hand.giveBack()
	l.hand.takeAway()
	return l.Until(l.key, bound, "deletion after what was in its way is gone", harness.Gone)
}

// others reports what isn't the deployment's, and takes out of an object what isn't.
func (l *life) others(r *core.Resource) bool {
	delete(r.Tags, foreignTag)
	if r.Kind == "Service" && r.Tags[own.TagNode] == "service/gateway" {
		delete(r.Settings, "desiredCount") // who scales says
	}
	if a, ok := r.Settings["attributes"].(map[string]string); ok {
		delete(a, unknownAttribute)
	}
	if tags, ok := r.Settings["propagatedTags"].(map[string]string); ok {
		delete(tags, foreignTag)
	}
	if r.Kind == "TaskDefinition" && !slices.ContainsFunc(l.Get(l.key).Status.Resources, func(x v1alpha1.ResourceStatus) bool { return x.ID == r.ARN }) {
		return true // a revision of before, kept for going back to it
	}
	_, theirs := l.hand.foreign[r.Kind+" "+r.ID]
	return theirs || strings.HasPrefix(r.Name, "theirs-")
}

// successors are the ends of names of what is replaced by a successor beside it.
var successors = regexp.MustCompile(`(gw-[0-9a-f]{8}-ec2)-[0-9a-f]{6}`)

// rests is what AWS has of the deployment.
func (l *life) rests() []string {
	lines := l.AtRest(l.others)
	for i := range lines {
		lines[i] = successors.ReplaceAllString(lines[i], "$1")
	}
	return lines
}
