package controllers

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/reach"
)

const (
	// lookTimeout bounds one question to an endpoint.
	lookTimeout = 5 * time.Second
	// lookTwice is how long after a bad answer an endpoint is asked once more, before anything is said of it.
	lookTwice = 2 * time.Second
	// lookAtOnce is how many gateways are looked at at the same time. When more are due, they wait for their next
	// drift check.
	lookAtOnce = 16
	// lookGap is how long after a look another is worthwhile, whatever happens; lookBlind is how long after one that
	// found no connection: that the manager stands elsewhere seldom changes.
	lookGap, lookBlind = time.Minute, time.Hour
)

// Lookout asks the endpoints of gateways that are up for their health, as clients do, and has the condition Reachable
// tell what came of it. It works beside the walks, and changes nothing but that condition.
//
// What is dialled is the name that AWS gave the load balancer, and nothing that stands in a spec: host names there are
// only what is asked for, in TLS and in the header Host. No redirect is followed, and nothing of a body is read.
type Lookout struct {
	ask   func(reach.Question) *reach.Answer
	spawn func(func())
	now   func() time.Time
	slots chan struct{}

	mu   sync.Mutex
	wake func(types.NamespacedName)
	by   map[types.NamespacedName]*sight
}

// sight is the last look at a gateway.
type sight struct {
	uid types.UID
	// asked is what the look was about, at is when it began; seen is nil until it has ended.
	asked string
	at    time.Time
	seen  *verdict
}

// verdict is what the condition Reachable says of a look.
type verdict struct {
	status          metav1.ConditionStatus
	reason, message string
}

// NewLookout returns a lookout that asks from where this process is, until ctx ends.
func NewLookout(ctx context.Context) *Lookout {
	asker := reach.Asker{Timeout: lookTimeout, Permit: reach.Outside}
	ask := func(q reach.Question) *reach.Answer {
		a := asker.Ask(ctx, q)
		if a.Status != http.StatusOK {
			select { // a single request may fail anywhere
			case <-time.After(lookTwice):
				a = asker.Ask(ctx, q)
			case <-ctx.Done():
			}
		}
		return a
	}
	return MakeLookout(ask, func(f func()) { go f() }, time.Now, nil)
}

// MakeLookout returns a lookout with a network, a scheduler, a clock and a work queue of the caller's.
func MakeLookout(ask func(reach.Question) *reach.Answer, spawn func(func()), now func() time.Time, wake func(types.NamespacedName)) *Lookout {
	return &Lookout{ask: ask, spawn: spawn, now: now, wake: wake, slots: make(chan struct{}, lookAtOnce), by: map[types.NamespacedName]*sight{}}
}

// attach has the lookout make gateways due by the controller's queue.
func (l *Lookout) attach(_ context.Context, q workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wake = func(key types.NamespacedName) { q.Add(reconcile.Request{NamespacedName: key}) }
	return nil
}

// forget drops what is known of a gateway that is gone.
func (l *Lookout) forget(key types.NamespacedName) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.by, key)
}

// tell writes what the last look saw into the condition. Nothing is said of a gateway that isn't looked at: without a
// load balancer, under managementPolicy Observe, or where looking is switched off.
func (l *Lookout) tell(gw *v1alpha1.PortkeyGateway, dns string, now time.Time) {
	c := conditions{gw, now}
	questions := sights(gw, dns)
	if l == nil || len(questions) == 0 {
		c.clear(v1alpha1.ConditionReachable)
		return
	}
	l.mu.Lock()
	s := l.by[client.ObjectKeyFromObject(gw)]
	l.mu.Unlock()
	told := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionReachable)
	switch {
	case s != nil && s.uid == gw.UID && s.seen != nil && s.asked == fmt.Sprint(questions):
		c.set(v1alpha1.ConditionReachable, s.seen.status, s.seen.reason, s.seen.message)
	case told == nil || told.ObservedGeneration != gw.Generation:
		c.set(v1alpha1.ConditionReachable, metav1.ConditionUnknown, v1alpha1.ReasonNotObserved, "the endpoints haven't been asked since the spec or the load balancer changed")
	}
}

// look asks a gateway's endpoints in the background, when it has just become Ready or everything was compared with
// AWS, and has it reconciled again where there is news. It never blocks.
func (l *Lookout) look(gw *v1alpha1.PortkeyGateway, before *v1alpha1.PortkeyGatewayStatus, dns string, full bool) {
	if l == nil {
		return
	}
	up := meta.IsStatusConditionTrue
	became := up(gw.Status.Conditions, v1alpha1.ConditionReady) && !up(before.Conditions, v1alpha1.ConditionReady)
	questions := sights(gw, dns)
	if len(questions) == 0 || !became && (!full || !up(gw.Status.Conditions, v1alpha1.ConditionAvailable)) {
		return
	}
	key, asked := client.ObjectKeyFromObject(gw), fmt.Sprint(questions)
	s := l.begin(key, gw.UID, asked)
	if s == nil {
		return
	}
	told := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionReachable)
	l.spawn(func() {
		defer func() { <-l.slots }()
		seen := judge(questions, l.ask)
		l.mu.Lock()
		s.seen = &seen
		wake := l.wake
		l.mu.Unlock()
		if news := told == nil || told.Status != seen.status || told.Reason != seen.reason || told.Message != seen.message; news && wake != nil {
			wake(key)
		}
	})
}

// begin notes that a look begins; nil where none is due, or too many are under way.
func (l *Lookout) begin(key types.NamespacedName, uid types.UID, asked string) *sight {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if s := l.by[key]; s != nil && s.uid == uid && s.asked == asked {
		gap := lookGap
		if s.seen != nil && s.seen.reason == v1alpha1.ReasonNotReachable {
			gap = lookBlind
		}
		if now.Sub(s.at) < gap {
			return nil
		}
	}
	select {
	case l.slots <- struct{}{}:
	default:
		return nil
	}
	next := &sight{uid: uid, asked: asked, at: now}
	if s := l.by[key]; s != nil && s.uid == uid && s.asked == asked {
		next.seen = s.seen // stands until there is another
	}
	l.by[key] = next
	return next
}

// question is what is asked of an endpoint.
type question struct {
	// url is what clients ask, address the load balancer: name:port.
	url, address string
	// blind says why it can't be asked, though it exists.
	blind string
}

// balancerName matches the names that Elastic Load Balancing gives: of Network and of Application Load Balancers.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html
var balancerName = regexp.MustCompile(`(?i)^[a-z0-9-]+\.(elb\.[a-z0-9-]+|[a-z0-9-]+\.elb)\.amazonaws\.(com|com\.cn|eu)$`)

// lookingAt is the name that AWS gave the load balancer which the spec asks for, as a walk has it; empty where nothing is
// looked at.
func lookingAt(gw *v1alpha1.PortkeyGateway, res *engine.Result) string {
	lb := gw.Resolved().LoadBalancer
	if lb == nil || res.Mode == engine.Plan {
		return ""
	}
	if n := res.Node(desired.BalancerOf(lb)); n != nil {
		return n.Live.Out["dns"]
	}
	return ""
}

// sights are the questions for the endpoints of a gateway behind a load balancer of that name.
func sights(gw *v1alpha1.PortkeyGateway, dns string) []question {
	spec := gw.Resolved()
	lb := spec.LoadBalancer
	if lb == nil || !balancerName.MatchString(dns) {
		return nil
	}
	scheme := lb.Protocol()
	address := net.JoinHostPort(dns, map[string]string{"http": "80", "https": "443"}[scheme])
	ask := func(field string, host v1alpha1.HostName, path v1alpha1.PathPrefix) question {
		if host == "" && scheme == "https" {
			return question{address: address, blind: "loadBalancer.hosts." + field + " isn't set, so that no name is known that the certificate is for"}
		}
		return question{url: scheme + "://" + cmp.Or(string(host), dns) + string(path) + v1alpha1.DefaultProbePath, address: address}
	}
	var out []question
	if spec.Mode != v1alpha1.ModeMCP {
		out = append(out, ask("gateway", lb.Hosts.Gateway, lb.Paths.Gateway))
	}
	if spec.Mode != v1alpha1.ModeGateway {
		out = append(out, ask("mcp", cmp.Or(lb.Hosts.MCP, lb.Hosts.Gateway), lb.Paths.MCP))
	}
	return out
}

// judge asks, and says in a condition what came of it. Bad news is only what surely is the gateway's: a certificate
// proves that, or a public address. A private address may be another machine's where the manager is.
func judge(questions []question, ask func(reach.Question) *reach.Answer) verdict {
	var bad, blind, good []string
	for _, q := range questions {
		if q.blind != "" {
			blind = append(blind, q.blind)
			continue
		}
		a := ask(reach.Question{URL: q.url, Address: q.address})
		why := a.Why
		if a.Stage == reach.Answered {
			why = fmt.Sprintf("answers %d, and not 200", a.Status)
		}
		switch {
		case a.Stage == reach.Answered && a.Status == http.StatusOK:
			good = append(good, "GET "+q.url+" answers 200")
		case a.Stage >= reach.Untrusted && a.Proved():
			bad = append(bad, "GET "+q.url+": "+why)
		case a.Stage >= reach.Untrusted:
			blind = append(blind, "GET "+q.url+": what answers at the load balancer's private address, where the manager is, may be another machine")
		case a.Stage == reach.Unresolved:
			blind = append(blind, "GET "+q.url+": "+why+" where the manager is")
		default: // how isn't told: it would be of the manager's network
			blind = append(blind, "GET "+q.url+": no connection with the load balancer from where the manager is")
		}
	}
	switch {
	case len(bad) > 0:
		return verdict{metav1.ConditionFalse, v1alpha1.ReasonNotAnswering, strings.Join(bad, "; ")}
	case len(blind) > 0:
		return verdict{metav1.ConditionUnknown, v1alpha1.ReasonNotReachable, strings.Join(blind, "; ")}
	}
	return verdict{metav1.ConditionTrue, v1alpha1.ReasonAnswering, strings.Join(good, "; ")}
}
