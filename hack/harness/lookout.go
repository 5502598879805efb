package harness

import (
	"crypto/x509"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/controllers"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
	"github.com/portkey-ai/portkey-ecs-operator/internal/reach"
)

// LookOut has the manager ask endpoints from now on, as with --probe-endpoints, also after a Restart. What it asks
// goes through network; what it does beside a walk is done when that has ended.
func (h *Harness) LookOut(network func(reach.Question) *reach.Answer) {
	h.network = network
	h.lookOut()
}

// lookOut gives a new manager its lookout.
func (h *Harness) lookOut() {
	if h.looks = nil; h.network == nil {
		return
	}
	spawn := func(f func()) { h.looks = append(h.looks, f) }
	h.Reconciler.Lookout = controllers.MakeLookout(h.network, spawn, h.Clock.Now, func(key types.NamespacedName) { h.wake(key, 0) })
}

// look does what the manager does beside its walks.
func (h *Harness) look() {
	looks := h.looks
	h.looks = nil
	for _, f := range looks {
		f()
	}
}

// Client asks the emulated load balancers from an address, as a client there is answered.
func (h *Harness) Client(source string) func(reach.Question) *reach.Answer {
	return func(q reach.Question) *reach.Answer {
		u, err := url.Parse(q.URL)
		must(err)
		name, port, _ := strings.Cut(q.Address, ":")
		number, err := strconv.Atoi(port)
		must(err)
		h.Emulator.World.Lock()
		out := h.Emulator.ELB.Route(elbv2.ClientRequest{DNS: name, Port: number, TLS: u.Scheme == "https", Source: source, Host: u.Hostname(), Path: u.Path})
		h.Emulator.World.Unlock()
		a := &reach.Answer{Stage: reach.Answered, Remote: netip.MustParseAddr("198.51.100.7"), Why: out.Problem}
		if from := netip.MustParseAddr(source); from.IsPrivate() {
			a.Remote = netip.MustParseAddr("10.0.1.7")
		}
		if u.Scheme == "https" {
			a.Certificate = &x509.Certificate{}
		}
		switch {
		case strings.Contains(out.Problem, "doesn't resolve"):
			return &reach.Answer{Stage: reach.Unresolved, Why: out.Problem}
		case strings.HasPrefix(out.Problem, "no certificate of the listener"):
			a.Stage, a.Certificate = reach.Untrusted, nil
		case strings.HasPrefix(out.Problem, "no target"):
			a.Status = http.StatusServiceUnavailable
		case out.Problem != "":
			return &reach.Answer{Stage: reach.Unconnected, Why: out.Problem}
		case out.Status != "":
			a.Status, err = strconv.Atoi(out.Status)
			must(err)
		case out.Path == "/v1/health":
			a.Status = http.StatusOK
		default: // a path that tasks don't have
			a.Status = http.StatusNotFound
		}
		return a
	}
}
