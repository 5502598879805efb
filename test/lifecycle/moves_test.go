package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// move is a life with edits that move tasks: to other zones, other ways out, other capacity. How many calls
// that takes depends on how long AWS takes.
type move struct {
	name string
	// fields are the fields of spec that it is about.
	fields []string
	from   func(*harness.Harness, *spec)
	steps  []step
	// unbalanced says that there is no load balancer.
	unbalanced bool
	// instances is the type that all instances have at the end, each started by the newest version of the
	// launch template; empty where that isn't the point.
	instances string
}

// gently replaces one instance after the other.
var gently = &v1alpha1.InstanceRefresh{MinHealthyPercent: &hundred, MaxHealthyPercent: 110, InstanceWarmup: seconds(60)}

var hundred = int32(100)

// step is an edit, and what AWS then has of the node ids that begin with area.
type step struct {
	edit func(*harness.Harness, *spec)
	area string
	want string
}

func zones(n int32, nat v1alpha1.NATGateways) func(*harness.Harness, *spec) {
	return set(func(s *spec) { s.Network = &v1alpha1.Network{VPC: &v1alpha1.VPC{Zones: n, NATGateways: nat}} })
}

func fargate(f v1alpha1.FargateCapacity) func(*harness.Harness, *spec) {
	return set(func(s *spec) { s.Capacity = &v1alpha1.Capacity{Fargate: &f} })
}

func unbalanced(f func(*harness.Harness, *spec)) func(*harness.Harness, *spec) {
	return func(h *harness.Harness, s *spec) { f(h, s); s.LoadBalancer = nil }
}

var moves = []move{
	{name: "zones", fields: []string{"network.vpc.zones"}, unbalanced: true, from: unbalanced(zones(2, "")), steps: []step{
		{zones(3, ""), "subnet/", "private-a private-b private-c public-a public-b public-c"},
		{zones(1, ""), "subnet/", "private-a public-a"},
		{zones(6, ""), "subnet/", "private-a private-b private-c private-d private-e private-f public-a public-b public-c public-d public-e public-f"},
		{zones(2, ""), "subnet/", "private-a private-b public-a public-b"},
	}},
	{name: "zones of a load balancer", from: zones(2, ""), steps: []step{
		{zones(3, ""), "subnet/", "private-a private-b private-c public-a public-b public-c"},
		{zones(2, ""), "subnet/", "private-a private-b public-a public-b"},
	}},
	{name: "a way out for each zone", fields: []string{"network.vpc.natGateways"}, from: zones(2, ""), steps: []step{
		{zones(2, v1alpha1.NATGatewaysPerZone), "nat-gateway/", "a b"},
		{zones(2, v1alpha1.NATGatewaysSingle), "nat-gateway/", "a"},
	}},
	{name: "zones with ways out of their own", unbalanced: true, from: unbalanced(zones(3, v1alpha1.NATGatewaysPerZone)), steps: []step{
		{zones(2, v1alpha1.NATGatewaysPerZone), "route-table/private", " -b"},
		{zones(3, v1alpha1.NATGatewaysSingle), "route-table/private", ""},
	}},
	{name: "Fargate and back", fields: []string{"capacity.fargate.architecture", "capacity.fargate.spot.base", "capacity.fargate.spot.weight"}, steps: []step{
		{fargate(v1alpha1.FargateCapacity{}), "auto-scaling-group/", ""},
		{fargate(v1alpha1.FargateCapacity{Architecture: v1alpha1.ArchitectureX8664, Spot: &v1alpha1.FargateSpot{Base: 1, Weight: 2}}), "capacity-provider/", ""},
		{ec2Capacity(v1alpha1.EC2Capacity{}), "capacity-provider/", "ec2"},
	}},
	{name: "Fargate from the beginning", from: fargate(v1alpha1.FargateCapacity{}), steps: []step{
		{set(func(s *spec) { s.Cluster = &v1alpha1.Cluster{ContainerInsights: v1alpha1.ContainerInsightsEnhanced} }), "security-group/", "gateway load-balancer-network-internal redis"},
	}},
	{name: "instances replaced", fields: []string{"capacity.ec2.instanceRefresh.instanceWarmup", "capacity.ec2.instanceRefresh.maxHealthyPercent", "capacity.ec2.instanceRefresh.minHealthyPercent"},
		from: ec2Capacity(v1alpha1.EC2Capacity{}), steps: []step{
			{ec2Capacity(v1alpha1.EC2Capacity{InstanceRefresh: gently}), "launch-template/", "main"},
			{ec2Capacity(v1alpha1.EC2Capacity{InstanceRefresh: gently, InstanceType: "t4g.large"}), "launch-template/", "main"},
		}, instances: "t4g.large"},
	{name: "releases followed", fields: []string{"capacity.ec2.ami.updatePolicy"}, steps: []step{
		{func(h *harness.Harness, s *spec) {
			locked(h, h.Emulator.SSM.ReleaseAMI)
			h.AdvanceTo(h.Clock.Now().Add(2 * time.Hour)) // a release is looked for once an hour
			s.Capacity = &v1alpha1.Capacity{EC2: &v1alpha1.EC2Capacity{AMI: &v1alpha1.AMI{UpdatePolicy: v1alpha1.AMIOnRelease}, InstanceRefresh: gently}}
		}, "launch-template/", "main"},
	}, instances: "t4g.medium"},
	{name: "architectures", steps: []step{
		{ec2Capacity(v1alpha1.EC2Capacity{InstanceType: "t3.medium"}), "launch-template/", "x86-64"},
		{ec2Capacity(v1alpha1.EC2Capacity{InstanceType: "t4g.large"}), "launch-template/", "main"},
	}},
}

// TestMoves makes moves while clients are served, proves that nothing is left to do after each, and that
// the deletion leaves nothing.
func TestMoves(t *testing.T) {
	for i, m := range moves {
		if !harness.Sample(i) {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			h := harness.New()
			before := h.Emulator.Server.Resources(false)
			gw := h.Minimal("gw")
			if m.from != nil {
				m.from(h, &gw.Spec)
			}
			key := h.Create(gw)
			ready(t, h, key)
			settle(t, h, key)
			s := watch(h, key)
			s.balanced, s.cached = !m.unbalanced, false
			for i, step := range m.steps {
				h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { step.edit(h, &gw.Spec) })
				if err := h.Until(key, 90*time.Minute, "Ready", harness.Ready); err != nil {
					t.Fatalf("step %d: %v", i, err)
				}
				h.AdvanceTo(h.Clock.Now().Add(20 * time.Minute))
				quiet(t, h, key)
				if got := have(h, step.area); got != step.want {
					t.Errorf("step %d: of %s there is %q, want %q", i, step.area, got, step.want)
				}
			}
			if m.instances != "" {
				replacedAll(t, h, m.instances)
			}
			s.stop()
			for _, b := range s.broke {
				t.Errorf("clients weren't served at %s", b)
			}
			unplanned(t, h, key)
			h.Delete(key)
			gone(t, h, key, before)
		})
	}
}

// have lists the objects whose node ids begin with area, by the rest of these.
func have(h *harness.Harness, area string) string {
	var out []string
	for _, r := range h.Emulator.Server.Resources(false) {
		if rest, ok := strings.CutPrefix(r.Tags["ecs.portkey.ai/node"], area); ok && !r.AWSManaged && r.Kind != "Instance" && r.Kind != "Volume" && r.Kind != "NetworkInterface" && r.State != "deleted" {
			out = append(out, rest)
		}
	}
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(out))), " ")
}

// replacedAll proves that every instance runs what is newest.
func replacedAll(t *testing.T, h *harness.Harness, kind string) {
	t.Helper()
	latest := ""
	for _, r := range h.Emulator.Server.Resources(false) {
		if r.Kind == "LaunchTemplate" {
			latest = fmt.Sprint(r.Settings["defaultVersionNumber"])
		}
	}
	for _, r := range h.Emulator.Server.Resources(false) {
		if r.Kind == "Instance" && r.State == "running" && (r.Tags["aws:ec2launchtemplate:version"] != latest || fmt.Sprint(r.Settings["instanceType"]) != kind) {
			t.Errorf("instance %s is a %v of version %s, the newest is %s", r.ID, r.Settings["instanceType"], r.Tags["aws:ec2launchtemplate:version"], latest)
		}
	}
}

// TestStatusLostInTheMiddleOfAMove: what a gateway moves away from is found by its tags, kept while the move
// goes on, and gone at its end.
func TestStatusLostInTheMiddleOfAMove(t *testing.T) {
	h, key := deployed(t)
	settle(t, h, key)
	s := watch(h, key)
	s.cached = false
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Capacity = &v1alpha1.Capacity{Fargate: &v1alpha1.FargateCapacity{}}
	})
	for range 3 {
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
	}
	loseStatus(t, h, key)
	s.h.Watch = func() {
		if problem := s.interruption(); problem != "" {
			s.broke = append(s.broke, problem)
		}
	}
	for range 2 { // what is found only when all is at rest leaves afterwards
		if err := h.Until(key, 90*time.Minute, "Ready", harness.Ready); err != nil {
			t.Fatal(err)
		}
		settle(t, h, key)
	}
	s.stop()
	for _, b := range s.broke {
		t.Errorf("clients weren't served: %s", b)
	}
	for _, area := range []string{"auto-scaling-group/", "capacity-provider/", "launch-template/"} {
		if got := have(h, area); got != "" {
			t.Errorf("of %s there is still %s\n%s", area, got, harness.Story(h.Get(key)))
		}
	}
}
