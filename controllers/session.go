package controllers

import (
	"hash/fnv"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// session is what this process remembers of one gateway between walks. Losing it costs reads.
type session struct {
	uid    types.UID
	memory *engine.Memory
	// last is when everything was compared with AWS; zero is never.
	last time.Time
	// asked is the last requestedAt that was answered.
	asked string
	// admitted is the generation whose preflight passed.
	admitted int64
	// passed are the checks of the preflight that were passed, and when.
	passed map[string]time.Time
	// warning is what is to be said of the admitted spec, though nothing forbids it.
	warning string
	// versions are the versions of the spec's secrets that were last read, by ARN; unfollowed is why new ones
	// start no rollout. keys are the keys that encrypt secrets, by the secrets' ARN and empty for AWS's own; unkeyed is why
	// tasks may not use one. rekeyed are the keys that a secret came to or left, and when that was seen.
	versions   map[string]string
	unfollowed string
	keys       map[string]string
	unkeyed    string
	rekeyed    map[string]time.Time
	// sources are the Kubernetes Secrets that the spec names, by the node of their copy, while a walk is under way;
	// stale says what can't be followed of them. copied are their states when a walk last looked at their copies.
	sources map[graph.NodeID]desired.Source
	stale   string
	copied  map[graph.NodeID]string
	// making says that the deployment has never stood yet and is simply on its way.
	making bool
	// refused is when a refusal began that still stands; zero when none does.
	refused time.Time
	// recalled says that what the tasks use beyond the spec was looked for after status was lost.
	recalled bool
	// fresh says that this process began the deployment, so that nothing of it existed before.
	fresh bool
	// untold is drift that was told by events, and that no status says yet, since writing it failed: each object in one
	// phrase. untoldOf is the generation that it is about.
	untold   map[graph.NodeID]string
	untoldOf int64
}

type sessions struct {
	mu sync.Mutex
	by map[types.NamespacedName]*session
}

// of returns the gateway's session: a new one for a new object of the same name.
func (s *sessions) of(gw *v1alpha1.PortkeyGateway) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil {
		s.by = map[types.NamespacedName]*session{}
	}
	key := types.NamespacedName{Namespace: gw.Namespace, Name: gw.Name}
	if x := s.by[key]; x != nil && x.uid == gw.UID {
		return x
	}
	x := &session{uid: gw.UID, memory: engine.NewMemory()}
	s.by[key] = x
	return x
}

func (s *sessions) end(key types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.by, key)
}

// due reports whether everything is to be compared with AWS at this walk.
func (s *session) due(gw *v1alpha1.PortkeyGateway, now time.Time, interval time.Duration) bool {
	return !now.Before(s.next(interval)) || gw.Annotations[AnnotationRequestedAt] != s.asked ||
		planning(gw)
}

// makingInterval is how often drift is looked for in a deployment that is being made: everything in it was
// written or read minutes ago, and is compared an interval after it stands.
const makingInterval = 30 * time.Minute

// made notes how a walk left a deployment. What was being made and stands now was looked at as it was
// made: the next comparison is due an interval later.
func (s *session) made(gw *v1alpha1.PortkeyGateway, res *engine.Result, now time.Time) {
	if s.making && settled(res) {
		s.last = now
	}
	s.making = res.Mode == engine.Apply && !everReady(&gw.Status) && !settled(res)
	for i := range res.Nodes {
		if n := &res.Nodes[i]; n.Fault != nil || n.State != engine.Ready && n.State != engine.Pending {
			s.making = false // something isn't as expected, and drift may be why
		}
	}
}

// next is when everything is to be compared again: up to a tenth later than the interval, by the object's
// UID, so that a fleet doesn't ask AWS all at once.
func (s *session) next(interval time.Duration) time.Time {
	if s.last.IsZero() {
		return s.last
	}
	if s.making {
		interval = max(interval, makingInterval)
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(s.uid))
	return s.last.Add(interval + time.Duration(h.Sum32()%100)*interval/1000)
}

// again is when a refusal is looked at again: soon at first, and anew where the spec was edited.
func (s *session) again(stop *refusal, edited bool, now time.Time) time.Duration {
	if s.refused.IsZero() || edited {
		s.refused = now
	}
	return stop.recheck(now.Sub(s.refused))
}

// told is what of drift was told already, though no status says it.
func (s *session) told(gw *v1alpha1.PortkeyGateway) map[graph.NodeID]string {
	if s.untoldOf != gw.Generation {
		return nil
	}
	return s.untold
}

// tells notes drift that was told by events, and that no status says.
func (s *session) tells(gw *v1alpha1.PortkeyGateway, drifted []*engine.NodeResult) {
	told := s.told(gw)
	if told == nil {
		told = map[graph.NodeID]string{}
	}
	for _, n := range drifted {
		if told[n.Node] == "" {
			told[n.Node] = drifting(n)
		}
	}
	s.untold, s.untoldOf = told, gw.Generation
}

// synced notes that everything was compared.
func (s *session) synced(gw *v1alpha1.PortkeyGateway, now time.Time) {
	s.last, s.asked = now, gw.Annotations[AnnotationRequestedAt]
}
