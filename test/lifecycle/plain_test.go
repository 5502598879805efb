package lifecycle

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// TestPlainUntilIssued has a load balancer without TLS request a certificate that nobody validates for an hour: clients of
// the VPC, and the control plane by PrivateLink, come by the old port until the listener leaves it. Then that is closed.
func TestPlainUntilIssued(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	const listener, front = "listener/production-application-internal", "listener/private-link-application-internal"
	h := harness.New()
	addZones(h)
	before := h.Emulator.Server.Resources(false)
	gw := h.Minimal("gw")
	addressed("", func(lb *v1alpha1.LoadBalancer) { lb.Certificate = nil })(h, &gw.Spec)
	gw.Spec.ControlPlane = byLink(v1alpha1.InboundEndpointService{})
	key := h.Create(gw)
	ready(t, h, key)
	settle(t, h, key)

	broke := map[string]bool{}
	h.Watch = func() {
		if why := shut(h, listener); why != "" && !broke[why] {
			broke[why] = true
			t.Errorf("at %s %s", h.Clock.Now().Format(time.TimeOnly), why)
		}
	}
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.LoadBalancer.Certificate = &v1alpha1.LoadBalancerCertificate{Request: true}
	})
	if err := h.Pass(key, time.Hour); err != nil {
		t.Fatal(err)
	}
	for _, node := range []string{listener, front} {
		if port := portOf(h, node); port != 80 {
			t.Errorf("without a certificate %s listens on %d", node, port)
		}
	}
	validated := 0
	for _, r := range h.Get(key).Status.DNSRecords {
		if r.Purpose == v1alpha1.DNSRecordValidation {
			validated++
			locked(h, func() { h.Emulator.Route53.AddRecord(publicZone, r.Name, r.Type, strings.TrimSuffix(r.Value, ".")+".") })
		}
	}
	if validated == 0 {
		t.Fatal("status has no record that validates")
	}
	ready(t, h, key)
	for _, node := range []string{"load-balancer-application-internal", "private-link-application-internal"} {
		if ports := portsOf(h, "security-group-rules/"+node); slices.Contains(ports, 80) || !slices.Contains(ports, 443) {
			t.Errorf("Ready with %s open for %v", node, ports)
		}
	}
	quiet(t, h, key)
	h.Watch = nil
	for _, r := range h.Get(key).Status.DNSRecords {
		if r.Purpose == v1alpha1.DNSRecordValidation {
			locked(h, func() { h.Emulator.Route53.RemoveRecord(publicZone, r.Name, r.Type) })
		}
	}
	h.Delete(key)
	gone(t, h, key, before)
}

// portOf is where the listener of a node listens; 0 without one.
func portOf(h *harness.Harness, node string) int {
	r, found := nodeOf(h.Emulator.Server.Resources(false), node)
	if !found {
		return 0
	}
	port, _ := strconv.Atoi(fmt.Sprint(r.Settings["port"]))
	return port
}

// portsOf are the ports that the rules of a node are for.
func portsOf(h *harness.Harness, node string) []int {
	var out []int
	for _, r := range h.Emulator.Server.Resources(false) {
		if r.Kind == "SecurityGroupRule" && r.Tags["ecs.portkey.ai/node"] == node {
			port, _ := strconv.Atoi(fmt.Sprint(r.Settings["fromPort"]))
			out = append(out, port)
		}
	}
	return out
}

// shut says which way in is closed: from a task, as a client in the VPC, to the load balancer, and from the one for
// PrivateLink to that.
func shut(h *harness.Harness, listener string) string {
	all := h.Emulator.Server.Resources(false)
	tasks := runningTasks(all, "service/gateway")
	if len(tasks) == 0 {
		return "no task runs"
	}
	scope, port := core.Scope{Account: emulator.Account, Region: tasks[0].Region}, portOf(h, listener)
	interfaces := func(node string) []string {
		r, _ := nodeOf(all, node)
		lb, _ := h.Emulator.ELB.LoadBalancer(scope, r.ARN)
		return lb.InterfaceIDs
	}
	open := func(from []string, to string) bool {
		return slices.ContainsFunc(from, func(f string) bool {
			return slices.ContainsFunc(interfaces(to), func(i string) bool { return h.Emulator.EC2.Reachable(scope, f, i, port) })
		})
	}
	switch {
	case !open([]string{tasks[0].Settings["networkInterface"].(string)}, "load-balancer/application-internal"):
		return "clients in the VPC don't reach the listener"
	case !open(interfaces("load-balancer/private-link-application-internal"), "load-balancer/application-internal"):
		return "the control plane doesn't reach the listener"
	}
	return ""
}
