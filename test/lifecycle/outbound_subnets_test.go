package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/console"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	emuec2 "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

// passage watches that tasks reach the control plane by the endpoint: by a network interface that AWS has called
// available, since a new one carries nothing before.
type passage struct {
	h *harness.Harness
	// works are the network interfaces that were there when the endpoint was available.
	works map[string]bool
	broke []string
}

// watchPassage looks whenever the watch of clients does.
func watchPassage(h *harness.Harness, key types.NamespacedName) (*serving, *passage) {
	s, p := watch(h, key), &passage{h: h, works: map[string]bool{}}
	p.look()
	clients := h.Watch
	h.Watch = func() { clients(); p.look() }
	overhear(h, func(c core.CallRecord) {
		if !c.ReadOnly() {
			s.look()
			p.look()
		}
	})
	return s, p
}

func (p *passage) look() {
	w := p.h.Emulator.World
	w.Lock()
	defer w.Unlock()
	all := w.Resources(false)
	e, there := nodeOf(all, "vpc-endpoint/control-plane")
	problem := ""
	switch {
	case !there:
		problem = "there is no endpoint"
	case e.State != "available" && e.State != "pending":
		problem = "the endpoint is " + e.State
	default:
		scope := core.Scope{Account: emulator.Account, Region: e.Region}
		reached := false
		interfaces, _ := e.Settings["networkInterfaceIdSet"].([]any)
		for _, eni := range interfaces {
			id := fmt.Sprint(eni)
			p.works[id] = p.works[id] || e.State == "available"
			reached = reached || p.works[id] && !slices.ContainsFunc(runningTasks(all, "service/gateway"), func(task core.Resource) bool {
				return !p.h.Emulator.EC2.Reachable(scope, fmt.Sprint(task.Settings["networkInterface"]), id, 443)
			})
		}
		if !reached {
			problem = "no network interface of the endpoint works for all tasks"
		}
	}
	if problem != "" && (len(p.broke) == 0 || !strings.HasSuffix(p.broke[len(p.broke)-1], problem)) {
		p.broke = append(p.broke, p.h.Clock.Now().Format("15:04:05 ")+problem)
	}
}

// privateSubnet makes another private subnet in the given network, with the way out that the others have.
func privateSubnet(t *testing.T, h *harness.Harness, cidr, zone string) string {
	t.Helper()
	c, n := console.New(h.Emulator.Server, emulator.AccessKeyID), emulator.ExistingNetwork
	made, err := c.EC2.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{VpcId: &n.VPCID, CidrBlock: &cidr, AvailabilityZone: &zone})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := c.EC2.DescribeRouteTables(t.Context(), &ec2.DescribeRouteTablesInput{Filters: []ec2types.Filter{
		{Name: sdk.String("association.subnet-id"), Values: n.PrivateSubnetIDs[:1]},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.EC2.AssociateRouteTable(t.Context(), &ec2.AssociateRouteTableInput{RouteTableId: tables.RouteTables[0].RouteTableId, SubnetId: made.Subnet.SubnetId}); err != nil {
		t.Fatal(err)
	}
	return *made.Subnet.SubnetId
}

// TestOutboundSubnetsChange moves the endpoint to other subnets and zones, by an edit and by what its service says. At
// each moment tasks reach the control plane by a network interface that works, but where there is one subnet only, and
// that is exchanged for another of its zone.
func TestOutboundSubnetsChange(t *testing.T) {
	harness.Unraced(t)
	for _, tt := range []struct {
		name string
		// from and to are subnets by zone: a and b are the network's own, a2 and b2 others in their zones.
		from, to string
		// served and then are the zone ids of the service, before and after.
		served, then string
		want         string
		gap          bool
	}{
		{name: "other zones", from: "a b", to: "c d", want: "c d"},
		{name: "other subnets in the same zones", from: "a b", to: "a2 b2", want: "a2 b2"},
		{name: "one in the same zone and one in another", from: "a b", to: "a2 c", want: "a2 c"},
		{name: "more and other ones", from: "a b", to: "c a2 b", want: "a2 b c"},
		{name: "one zone less", from: "a b c", to: "b c", want: "b c"},
		{name: "zones of the service", from: "a b c d", to: "a b c d", served: "use1-az1 use1-az2", then: "use1-az4 use1-az6", want: "c d"},
		{name: "none of the service's zones left", from: "a b", to: "a b", served: "use1-az1 use1-az2", then: "use1-az4", want: "a b"},
		{name: "the only subnet", from: "a b", to: "a2 b", served: "use1-az1", then: "use1-az1", want: "a2", gap: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := shared(t)
			unasked(h)
			ids := map[string]string{
				"a": emulator.ExistingNetwork.PrivateSubnetIDs[0], "b": emulator.ExistingNetwork.PrivateSubnetIDs[1],
				"a2": privateSubnet(t, h, "10.20.20.0/24", "us-east-1a"), "b2": privateSubnet(t, h, "10.20.21.0/24", "us-east-1b"),
				"c": privateSubnet(t, h, "10.20.22.0/24", "us-east-1c"), "d": privateSubnet(t, h, "10.20.23.0/24", "us-east-1d"),
			}
			subnets := func(names string) (out []string) {
				for name := range strings.FieldsSeq(names) {
					out = append(out, ids[name])
				}
				return out
			}
			in := func() string {
				e, _ := endpoint(h)
				var out []string
				has, _ := e.Settings["subnetIdSet"].([]any)
				for name, id := range ids {
					if slices.Contains(has, any(id)) {
						out = append(out, name)
					}
				}
				slices.Sort(out)
				return strings.Join(out, " ")
			}
			if tt.served != "" {
				changeService(h, emuec2.ServiceChange{ZoneIDs: strings.Fields(tt.served)})
			}
			before := h.Emulator.Server.Resources(false)
			gw := h.Minimal("gw")
			inExisting(&gw.Spec)
			privately(&gw.Spec)
			gw.Spec.LoadBalancer = nil // which has its own way to other zones: TestMoves
			gw.Spec = *gw.Spec.DeepCopy()
			gw.Spec.Network.Existing.PrivateSubnetIDs = subnets(tt.from)
			key := h.Create(gw)
			ready(t, h, key)
			settle(t, h, key)
			s, p := watchPassage(h, key)
			s.balanced = false
			if tt.then != "" {
				changeService(h, emuec2.ServiceChange{ZoneIDs: strings.Fields(tt.then)})
				h.AdvanceTo(h.Clock.Now().Add(70 * time.Minute)) // for as long its zones are believed
			}
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Network.Existing.PrivateSubnetIDs = subnets(tt.to) })
			if err := h.Until(key, 2*time.Hour, tt.want, func(gw *v1alpha1.PortkeyGateway) bool { return in() == tt.want && harness.Ready(gw) }); err != nil {
				t.Fatalf("%v\nthe endpoint is in %s", err, in())
			}
			settle(t, h, key)
			quiet(t, h, key)
			unplanned(t, h, key)
			s.stop()
			if got := in(); got != tt.want {
				t.Errorf("the endpoint is in %s", got)
			}
			for _, b := range s.broke {
				t.Errorf("clients weren't served at %s", b)
			}
			if tt.gap != (len(p.broke) > 0) {
				t.Errorf("without the control plane: %q", p.broke)
			}
			h.Delete(key)
			gone(t, h, key, before)
		})
	}
}
