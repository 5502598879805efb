// Package pairs sweeps random gateways: from each to another, which must end as if the other had been first; and
// with edits in the middle of everything, which must end in what was asked for last, or in the reason why not.
package pairs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness/random"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// Bounds in virtual time.
const (
	// longest is how long a change may take: a canary behind a move to other capacity, with caches made on the way.
	longest = 12 * time.Hour
	// verdict is for how long a gateway must have said the same why it can't go on, to be believed.
	verdict = 2 * time.Hour
)

// life is a gateway in a world of its own, and the user who looks after it.
type life struct {
	h      *harness.Harness
	world  random.World
	key    types.NamespacedName
	before []core.Resource
}

func begin() *life {
	h := harness.New()
	l := &life{h: h, world: random.Prepare(h)}
	l.before = h.Emulator.Server.Resources(false)
	return l
}

// reconciled is a spec that the operator is to bring about, and to delete in the end: what else policies say has
// tests of its own.
func reconciled(s v1alpha1.PortkeyGatewaySpec) v1alpha1.PortkeyGatewaySpec {
	s.ManagementPolicy, s.DeletionPolicy = v1alpha1.ManagementReconcile, v1alpha1.DeletionDelete
	return s
}

func (l *life) create(s v1alpha1.PortkeyGatewaySpec) {
	gw := l.h.Minimal("gw")
	gw.Spec = *s.DeepCopy()
	random.Approve(l.h, gw)
	l.key = l.h.Create(gw)
}

func (l *life) edit(s v1alpha1.PortkeyGatewaySpec) {
	l.h.Edit(l.key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec = *s.DeepCopy()
		random.Approve(l.h, gw)
	})
}

// end is where a gateway has come to rest: Ready, gone, or why not.
type end struct {
	ready, gone     bool
	reason, message string
	story           string
}

func (e end) String() string {
	switch {
	case e.gone:
		return "gone"
	case e.ready:
		return "Ready"
	default:
		return e.reason + ": " + e.message
	}
}

// kind is the reason why it isn't Ready. A rollout that failed is rolled back where there is something to go back to.
func (e end) kind() string {
	if e.reason == v1alpha1.ReasonRolledBack {
		return v1alpha1.ReasonFailed
	}
	return e.reason
}

// rest lets time pass until the gateway is Ready, or gone, or says for long enough why it can't go on.
func (l *life) rest() (end, error) {
	latest := l.h.Clock.Now().Add(longest)
	said, since := "", l.h.Clock.Now()
	for {
		gw := l.h.Get(l.key)
		if gw == nil {
			return end{gone: true}, nil
		}
		if harness.Ready(gw) && gw.DeletionTimestamp == nil {
			return end{ready: true}, nil
		}
		l.promote(gw)
		stalled := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionStalled)
		if stalled == nil || stalled.Reason+stalled.Message != said {
			said, since = "", l.h.Clock.Now()
			if stalled != nil {
				said = stalled.Reason + stalled.Message
			}
		}
		now := l.h.Clock.Now()
		if said != "" && now.Sub(since) >= verdict {
			return end{reason: stalled.Reason, message: stalled.Message, story: harness.Story(gw)}, nil
		}
		if now.After(latest) {
			return end{}, fmt.Errorf("after %s it is neither Ready nor does it say why not:\n%s", longest, harness.Story(gw))
		}
		if err := l.h.Step(l.key); err != nil {
			return end{}, err
		}
	}
}

// promote is somebody who lets every rollout go on that waits at a pause.
func (l *life) promote(gw *v1alpha1.PortkeyGateway) {
	if r := gw.Status.Rollout; r != nil && r.Awaiting != nil && gw.Annotations[v1alpha1.AnnotationPromote] != r.Awaiting.HookID {
		l.h.Annotate(l.key, v1alpha1.AnnotationPromote, r.Awaiting.HookID)
	}
}

// calm lets pass what AWS does by itself afterwards, and proves that the operator has nothing left to do.
func (l *life) calm() error {
	l.h.AdvanceTo(l.h.Clock.Now().Add(30 * time.Minute))
	for range 2 {
		if _, err := l.h.Reconcile(l.key); err != nil {
			return err
		}
		l.h.AdvanceTo(l.h.Clock.Now().Add(time.Hour))
	}
	m := l.h.Emulator.Server.LastCall()
	for range 2 {
		if _, err := l.h.Reconcile(l.key); err != nil {
			return err
		}
		l.h.AdvanceTo(l.h.Clock.Now().Add(time.Hour))
	}
	if gw := l.h.Get(l.key); !harness.Ready(gw) {
		return fmt.Errorf("it doesn't stay Ready:\n%s", harness.Story(gw))
	}
	if calls := l.mutations(m); len(calls) > 0 {
		return fmt.Errorf("it is Ready, and yet writes on: %v", calls)
	}
	return nil
}

func (l *life) mutations(since int) []string {
	var out []string
	for _, c := range l.h.Emulator.Server.Calls(since) {
		if !c.ReadOnly() {
			out = append(out, c.Service+":"+c.Action)
		}
	}
	return out
}

// delete deletes the gateway and lists what is left of it. The load balancer's deletion protection is lifted first, as
// the message of a deletion that it holds up says.
func (l *life) delete() ([]string, error) {
	if gw := l.h.Get(l.key); gw.Spec.LoadBalancer != nil && gw.Spec.LoadBalancer.DeletionProtection {
		l.h.Edit(l.key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.LoadBalancer.DeletionProtection = false })
	}
	l.h.Delete(l.key)
	e, err := l.rest()
	if err == nil && e.reason == v1alpha1.ReasonDeletionBlocked && strings.Contains(e.message, "deletion protection") {
		if err = l.lift(); err == nil { // of a load balancer of before, which the spec says nothing of any more
			e, err = l.rest()
		}
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("deleting: %w", err)
	case !e.gone:
		return nil, fmt.Errorf("deleting: %s\n%s", e, e.story)
	}
	l.h.AdvanceTo(l.h.Clock.Now().Add(time.Hour))
	return l.left(), nil
}

// lift switches deletion protection off in AWS.
func (l *life) lift() error {
	ctx := context.Background()
	w, err := l.h.Reconciler.Worlds.World(ctx, "us-east-1")
	if err != nil {
		return err
	}
	for _, r := range l.h.Emulator.Server.Resources(false) {
		if r.Kind == "LoadBalancer" {
			_, err = w.ELB.ModifyLoadBalancerAttributes(ctx, &elasticloadbalancingv2.ModifyLoadBalancerAttributesInput{
				LoadBalancerArn: sdk.String(r.ARN), Attributes: []elbtypes.LoadBalancerAttribute{{Key: sdk.String("deletion_protection.enabled"), Value: sdk.String("false")}},
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// left are the objects that weren't there before. A bucket stays with what is in it: storage.create says so.
func (l *life) left() []string {
	var out []string
	for _, r := range l.h.Emulator.Server.Resources(false) {
		had := slices.ContainsFunc(l.before, func(b core.Resource) bool { return b.Kind == r.Kind && b.ID == r.ID })
		if !had && !keptBucket(r) {
			out = append(out, fmt.Sprintf("%s %s %s %s (%s)", r.Kind, r.ID, r.Name, r.State, r.Tags[own.TagNode]))
		}
	}
	return out
}

func keptBucket(r core.Resource) bool {
	return r.Kind == "Bucket" && r.Tags[own.TagNode] == "bucket/log"
}

// lines joins lines for a message.
func lines(l []string) string { return "\n    " + strings.Join(l, "\n    ") }
