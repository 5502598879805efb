package controllers

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/awsevents"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

const (
	// earDelay is how long after an event a gateway is looked at: changes seldom come alone, and reads that
	// follow a change at once may not show it.
	earDelay = 2 * time.Second
	// earGap is the shortest time between two comparisons of a gateway for events, however many there are, and
	// between two looks at its services alone.
	earGap = 30 * time.Second
	// earMemory is how long what was put right is remembered, in case that CloudTrail tells later who changed it.
	earMemory = 15 * time.Minute
)

// Ear hears of AWS what others do to gateways, and has these looked at. Events only ever bring a look forward:
// what is wrong is found by looking, so an event that is lost, late, repeated or forged does no harm. A nil Ear
// hears nothing.
type Ear struct {
	now   func() time.Time
	index *awsevents.Index[types.NamespacedName]

	mu   sync.Mutex
	self awsevents.Self
	wake func(types.NamespacedName, time.Duration)
	by   map[types.NamespacedName]*hearsay
}

// hearsay is what was heard of a gateway and not yet looked at.
type hearsay struct {
	// full says that everything is to be compared, look which nodes are to be read.
	full bool
	look map[graph.NodeID]bool
	// changes are who changed a node last, late the same of what was put right before that was heard.
	changes, late map[graph.NodeID]change
	// compared and looked are when the last comparison and the last look at nodes for events began; due is for when
	// the next was asked for.
	compared, looked, due time.Time
	// corrected are nodes that were put right, and when, without being told by whom they were changed.
	corrected map[graph.NodeID]time.Time
	// count is of notices: what comes while a walk is under way is the next one's.
	count int
}

// change is one call of somebody else's.
type change struct {
	who, what string
	at        time.Time
}

// String is what people are told: never more than identity, operation and time.
func (c change) String() string {
	return "changed by " + c.who + " with " + c.what + " at " + c.at.UTC().Format("15:04:05 UTC")
}

// NewEar returns an ear that has heard nothing. wake asks for a gateway's reconciliation after a while; a
// manager's is set by SetupWithManager.
func NewEar(now func() time.Time, wake func(types.NamespacedName, time.Duration)) *Ear {
	return &Ear{now: now, wake: wake, index: awsevents.NewIndex[types.NamespacedName](), by: map[types.NamespacedName]*hearsay{}, self: awsevents.Self{Agent: "app/" + aws.AppID}}
}

// Hear takes one message. A call of somebody else's has everything of the gateway compared, since who changes one
// thing by hand seldom changes just that; a change of a task's or deployment's state has its service read.
func (e *Ear) Hear(body string) (awsevents.Outcome, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n, err := awsevents.Decode(body, e.self)
	switch {
	case err != nil:
		return awsevents.Malformed, err
	case n.Failed:
		return awsevents.Refused, nil
	case n.Hand == awsevents.HandOwn:
		return awsevents.Own, nil
	case n.Hand == awsevents.HandAWS:
		return awsevents.ByAWS, nil
	}
	outcome := awsevents.Foreign
	for key, objects := range e.index.Find(n) {
		if e.of(key).take(n, objects) {
			outcome = awsevents.Acted
			e.plan(key)
		}
	}
	return outcome, nil
}

// take notes what a notice says of a gateway's objects; false when it is none of its business.
func (s *hearsay) take(n awsevents.Notice, objects []awsevents.Object[types.NamespacedName]) bool {
	took := false
	for _, o := range objects {
		node := graph.NodeID(o.Node)
		if n.Hand == awsevents.HandNone {
			if o.Kind == "Service" {
				s.look[node], took = true, true
			}
			continue
		}
		took = true
		if put, ok := s.corrected[node]; n.Of(o.Kind) && ok && !n.Time.After(put) {
			s.late[node], s.look[node] = change{n.Who, n.What, n.Time}, true
			delete(s.corrected, node)
			continue
		}
		s.full = true
		if known, ok := s.changes[node]; n.Of(o.Kind) && (!ok || !n.Time.Before(known.at)) {
			s.changes[node] = change{n.Who, n.What, n.Time}
		}
	}
	if took {
		s.count++
	}
	return took
}

// plan asks for a look, once for all that is heard until then.
func (e *Ear) plan(key types.NamespacedName) {
	s, now := e.of(key), e.now()
	at := s.looked.Add(earGap)
	if c := s.compared.Add(earGap); s.full && (len(s.look) == 0 || c.Before(at)) {
		at = c
	}
	if soon := now.Add(earDelay); at.Before(soon) {
		at = soon
	}
	if s.due.After(now) && !at.Before(s.due) || e.wake == nil {
		return
	}
	s.due = at
	e.wake(key, at.Sub(now))
}

func (e *Ear) of(key types.NamespacedName) *hearsay {
	s := e.by[key]
	if s == nil {
		s = &hearsay{look: map[graph.NodeID]bool{}, changes: map[graph.NodeID]change{}, late: map[graph.NodeID]change{}, corrected: map[graph.NodeID]time.Time{}}
		e.by[key] = s
	}
	return s
}

// heard answers what was heard of a gateway, for a walk that begins now: nothing when the last look for events is
// too recent, and the next is planned then.
func (e *Ear) heard(key types.NamespacedName) hearsay {
	if e == nil {
		return hearsay{}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	s, now := e.of(key), e.now()
	if !s.full && len(s.look) == 0 {
		return hearsay{}
	}
	full := s.full && !now.Before(s.compared.Add(earGap))
	if !full && (len(s.look) == 0 || now.Before(s.looked.Add(earGap))) {
		e.plan(key)
		return hearsay{}
	}
	s.looked = now
	if full {
		s.compared = now
	}
	return hearsay{full: full, look: maps.Clone(s.look), changes: maps.Clone(s.changes), late: maps.Clone(s.late), count: s.count}
}

// heeded notes that a walk has looked at what was heard, what it put right, and what now exists.
func (e *Ear) heeded(key types.NamespacedName, n *hearsay, w *aws.World, inv *engine.Inventory, res *engine.Result, corrected []*engine.NodeResult) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.self.ARN = w.Caller
	now, s := e.now(), e.of(key)
	maps.DeleteFunc(s.corrected, func(_ graph.NodeID, at time.Time) bool { return now.Sub(at) > earMemory })
	for _, r := range corrected {
		if r.By == "" {
			s.corrected[r.Node] = now
		}
	}
	objects := map[awsevents.Object[types.NamespacedName]][]string{}
	for _, x := range inv.Entries() {
		names := []string{x.ID, x.Name, x.Out["arn"]}
		if n := res.Node(x.Node); n != nil {
			names = append(names, n.Live.Parts...)
		}
		objects[awsevents.Object[types.NamespacedName]{Key: key, Node: string(x.Node), Kind: x.Kind}] = names
	}
	e.index.Put(key, w.Account, objects, now)
	if s.count != n.count { // what came meanwhile is looked at later, and all the rest once more
		return
	}
	clear(s.look)
	clear(s.late)
	if s.full && !n.full { // a comparison is still to come
		e.plan(key)
		return
	}
	s.full = false
	clear(s.changes)
}

// forget drops a gateway that is gone.
func (e *Ear) forget(key types.NamespacedName) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.by, key)
	e.index.Drop(key)
}

// attribute says in a walk's results who had changed what it put right.
func (s *hearsay) attribute(res *engine.Result) {
	for i := range res.Nodes {
		if c, ok := s.changes[res.Nodes[i].Node]; ok {
			res.Nodes[i].By = c.String()
		}
	}
}

// amend says with InSync who had changed what was put right before that was known.
func (s *hearsay) amend(gw *v1alpha1.PortkeyGateway, now time.Time) {
	last := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionInSync)
	if last == nil || last.ObservedGeneration != gw.Generation || last.Reason != v1alpha1.ReasonDriftCorrected && !strings.HasPrefix(last.Message, correcting) {
		return
	}
	message := last.Message
	for _, node := range slices.Sorted(maps.Keys(s.late)) {
		by := string(node) + " was " + s.late[node].String()
		if strings.Contains(message, string(node)+" ") && !strings.Contains(message, by) {
			message += "; " + by
		}
	}
	if message != last.Message {
		conditions{gw, now}.set(last.Type, last.Status, last.Reason, message)
	}
}

// tellLate records the same as events, where the ones about the drift couldn't say it.
func (r *PortkeyGatewayReconciler) tellLate(gw *v1alpha1.PortkeyGateway, n *hearsay) {
	for _, node := range slices.Sorted(maps.Keys(n.late)) {
		r.Events.Eventf(gw, nil, corev1.EventTypeWarning, eventDrift, "Reconcile", "%s", note("what was put right of "+string(node)+" had been "+n.late[node].String()))
	}
}

// attach makes a controller's queue what looks are asked of; it is a source of controller-runtime.
func (e *Ear) attach(_ context.Context, q workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.wake = func(key types.NamespacedName, after time.Duration) {
		q.AddAfter(reconcile.Request{NamespacedName: key}, after)
	}
	return nil
}
