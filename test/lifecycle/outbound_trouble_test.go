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
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/console"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	emuec2 "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

// TestOutboundRefused goes through what Portkey and AWS may do instead of accepting: each has its reason and advice, the
// tasks take the internet, and an endpoint that is deleted is made anew.
func TestOutboundRefused(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	for how, reason := range map[string]string{
		emuec2.RejectEndpoint: v1alpha1.ReasonConnectionRejected, emuec2.ExpireEndpoint: v1alpha1.ReasonConnectionExpired, emuec2.FailEndpoint: v1alpha1.ReasonConnectionFailed,
	} {
		h := harness.New()
		before := h.Emulator.Server.Resources(false)
		gw := h.Minimal("gw")
		privately(&gw.Spec)
		key := h.Create(gw)
		awaits(t, h, key)
		e, _ := endpoint(h)
		decided(t, h, how)
		if err := h.Until(key, time.Hour, reason, func(gw *v1alpha1.PortkeyGateway) bool {
			c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionReady)
			return c.Reason == reason
		}); err != nil {
			t.Fatal(err)
		}
		if is, message := conditionOf(h, key, v1alpha1.ConditionStalled); is != "True/"+reason || !strings.Contains(message, "delete-vpc-endpoints --region us-east-1 --vpc-endpoint-ids "+e.ID) {
			t.Errorf("Stalled is %s: %s", is, message)
		}
		if is, _ := conditionOf(h, key, v1alpha1.ConditionAvailable); is != "True/Serving" {
			t.Errorf("Available is %s", is)
		}
		if got := toldOf(t, h, "gateway"); got != "" {
			t.Errorf("%s: the gateway is told %s", reason, got)
		}
		c := console.New(h.Emulator.Server, emulator.AccessKeyID)
		if _, err := c.EC2.DeleteVpcEndpoints(t.Context(), &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{e.ID}}); err != nil {
			t.Fatal(err)
		}
		if err := h.Until(key, time.Hour, "another endpoint", func(*v1alpha1.PortkeyGateway) bool {
			now, there := endpoint(h)
			return there && now.ID != e.ID && now.State == "pendingAcceptance"
		}); err != nil {
			t.Fatal(err)
		}
		decided(t, h, emuec2.AcceptEndpoint)
		ready(t, h, key)
		if got := toldOf(t, h, "gateway"); got != private {
			t.Errorf("the gateway is told %s", got)
		}
		h.Delete(key)
		gone(t, h, key, before)
	}
}

// TestOutboundCutOff rejects an endpoint that the tasks use: they are sent back to the internet by a rollout.
func TestOutboundCutOff(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h := harness.New()
	unasked(h)
	gw := h.Minimal("gw")
	privately(&gw.Spec)
	key := h.Create(gw)
	ready(t, h, key)
	settle(t, h, key)
	s := watch(h, key)
	e, _ := endpoint(h)
	if err := h.Emulator.AnswerEndpoint("", e.ID, emuec2.RejectEndpoint); err != nil {
		t.Fatal(err)
	}
	if err := h.Until(key, 2*time.Hour, "the internet", func(*v1alpha1.PortkeyGateway) bool {
		all := h.Emulator.Server.Resources(true)
		return !slices.ContainsFunc(runningTasks(all, "service/gateway"), func(task core.Resource) bool { return len(addresses(all, task)) > 0 })
	}); err != nil {
		t.Fatal(err)
	}
	if is, _ := conditionOf(h, key, v1alpha1.ConditionReady); is != "False/ConnectionRejected" {
		t.Errorf("Ready is %s", is)
	}
	s.stop()
	for _, b := range s.broke {
		t.Errorf("clients weren't served at %s", b)
	}
}

// TestOutboundUnusable is refused before the first write, with what to send to whom.
func TestOutboundUnusable(t *testing.T) {
	for _, tt := range []struct {
		why   string
		given bool
		spoil func(*testing.T, *harness.Harness, *spec)
		want  string
	}{
		{"not let in", false, func(_ *testing.T, h *harness.Harness, _ *spec) {
			changeService(h, emuec2.ServiceChange{Principals: []string{}})
		},
			"Send Portkey: please let arn:aws:iam::" + emulator.Account + ":root connect to your endpoint service " + emulator.ControlPlaneService},
		{"no such service", false, func(_ *testing.T, _ *harness.Harness, s *spec) {
			out(v1alpha1.Outbound{Type: v1alpha1.OutboundPrivateLink, PrivateLink: &v1alpha1.OutboundEndpoint{ServiceName: "com.amazonaws.vpce.us-east-1.vpce-svc-00000000000000000"}})(s)
		}, "or correct privateLink.serviceName"},
		{"no common zone", false, func(_ *testing.T, h *harness.Harness, _ *spec) {
			changeService(h, emuec2.ServiceChange{ZoneIDs: []string{"use1-az5"}})
		},
			"is in us-east-1f, but the private subnets are in us-east-1a, us-east-1b: raise network.vpc.zones, or write type: Internet"},
		{"no common zone in a given network", true, func(_ *testing.T, h *harness.Harness, _ *spec) {
			changeService(h, emuec2.ServiceChange{ZoneIDs: []string{"use1-az5"}})
		},
			"name a private subnet in one of its zones in network.existing.privateSubnetIDs"},
		{"no DNS names", true, func(t *testing.T, h *harness.Harness, s *spec) { names(t, h, s.Network.Existing.VPCID, false) },
			"enableDnsHostnames of " + emulator.ExistingNetwork.VPCID + " is off"},
		{"an endpoint with the name is there", true, func(t *testing.T, h *harness.Harness, s *spec) { clicked(t, h, s.Network.Existing, true) },
			"has the name aws-cp.portkey.ai already, and the operator's own can't get it beside that: delete it (aws ec2 delete-vpc-endpoints --region us-east-1 --vpc-endpoint-ids vpce-"},
		{"another gateway's endpoint is there", true, func(t *testing.T, h *harness.Harness, _ *spec) {
			other := h.Minimal("other")
			inExisting(&other.Spec)
			privately(&other.Spec)
			awaits(t, h, h.Create(other))
		}, "is that of PortkeyGateway/default/other, and one endpoint of a VPC has the name aws-cp.portkey.ai: give this gateway a VPC of its own, or write type: Internet"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			h := shared(t)
			gw := h.Minimal("gw")
			if tt.given {
				inExisting(&gw.Spec)
			}
			privately(&gw.Spec)
			tt.spoil(t, h, &gw.Spec)
			m := mark(h)
			key := h.Create(gw)
			if _, err := h.Reconcile(key); err != nil {
				t.Fatal(err)
			}
			if got := mutations(since(h, m)); len(got) > 0 {
				t.Errorf("written: %v", got)
			}
			isRefused(t, h.Get(key), v1alpha1.ReasonEndpointServiceUnusable, []string{tt.want})
		})
	}
}

// clicked makes the endpoint to Portkey as the seed document's reader does in the console, with its name or without.
func clicked(t *testing.T, h *harness.Harness, in *v1alpha1.ExistingNetwork, named bool) (id string) {
	t.Helper()
	unasked(h)
	c := console.New(h.Emulator.Server, emulator.AccessKeyID)
	group, err := c.EC2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{VpcId: &in.VPCID, GroupName: sdk.String("portkey-endpoint"), Description: sdk.String("by hand")})
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.EC2.CreateVpcEndpoint(t.Context(), &ec2.CreateVpcEndpointInput{
		VpcId: &in.VPCID, VpcEndpointType: ec2types.VpcEndpointTypeInterface, ServiceName: sdk.String(emulator.ControlPlaneService),
		SubnetIds: in.PrivateSubnetIDs, SecurityGroupIds: []string{*group.GroupId}, PrivateDnsEnabled: sdk.Bool(false),
	})
	if err != nil {
		t.Fatal(err)
	}
	if id = *out.VpcEndpoint.VpcEndpointId; !named {
		return id
	}
	h.Emulator.Server.Advance(5 * time.Minute)
	if _, err := c.EC2.ModifyVpcEndpoint(t.Context(), &ec2.ModifyVpcEndpointInput{VpcEndpointId: &id, PrivateDnsEnabled: sdk.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	h.Emulator.Server.Advance(5 * time.Minute)
	return id
}

// TestOutboundBesideOthers: an endpoint of somebody else's to the same service without the name is nothing to ours, and
// one with it is no longer in the way when it has given it up.
func TestOutboundBesideOthers(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h := shared(t)
	gw := h.Minimal("gw")
	inExisting(&gw.Spec)
	privately(&gw.Spec)
	theirs := clicked(t, h, gw.Spec.Network.Existing, true)
	before := h.Emulator.Server.Resources(false)
	m := mark(h)
	key := h.Create(gw)
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	isRefused(t, h.Get(key), v1alpha1.ReasonEndpointServiceUnusable, []string{theirs, "--no-private-dns-enabled"})
	if got := mutations(since(h, m)); len(got) > 0 {
		t.Errorf("written: %v", got)
	}
	c := console.New(h.Emulator.Server, emulator.AccessKeyID)
	if _, err := c.EC2.ModifyVpcEndpoint(t.Context(), &ec2.ModifyVpcEndpointInput{VpcEndpointId: &theirs, PrivateDnsEnabled: sdk.Bool(false)}); err != nil {
		t.Fatal(err)
	}
	ready(t, h, key)
	if got := toldOf(t, h, "gateway"); got != private {
		t.Errorf("the gateway is told %s", got)
	}
	// Its own endpoint is in nobody's way, also when everything is checked anew.
	h.Restart()
	h.Emulator.Server.Advance(2 * time.Hour)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Gateway = &v1alpha1.Gateway{Image: &v1alpha1.Image{Tag: "2.17.0"}}
	})
	settled(t, h, key)
	quiet(t, h, key)
	h.Delete(key)
	gone(t, h, key, before)
}

// TestOutboundChecksAreKept: the same spec isn't checked again within the hour, however often it is edited.
func TestOutboundChecksAreKept(t *testing.T) {
	t.Parallel()
	h := shared(t)
	gw := h.Minimal("gw")
	inExisting(&gw.Spec)
	privately(&gw.Spec)
	gw.Spec.ManagementPolicy = v1alpha1.ManagementObserve // so that no endpoint of ours makes it needless
	key := h.Create(gw)
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	asked := func() (names, subnets int) {
		for _, call := range since(h, 0) {
			switch call.Action {
			case "DescribeVpcAttribute":
				names++
			case "DescribeSubnets":
				subnets++
			}
		}
		return names, subnets
	}
	names, subnets := asked()
	if names == 0 || subnets == 0 {
		t.Fatalf("asked for the VPC's names %d times, for its subnets %d times", names, subnets)
	}
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Gateway = &v1alpha1.Gateway{Image: &v1alpha1.Image{Tag: "2.17.0"}}
	})
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	if a, b := asked(); a != names || b != subnets+1 { // the plan itself looks at the subnets
		t.Errorf("asked for the VPC's names %d times, then %d, for its subnets %d times, then %d", names, a, subnets, b)
	}
}

// names switches the DNS host names of a VPC on or off.
func names(t *testing.T, h *harness.Harness, vpc string, on bool) {
	t.Helper()
	c := console.New(h.Emulator.Server, emulator.AccessKeyID)
	if _, err := c.EC2.ModifyVpcAttribute(t.Context(), &ec2.ModifyVpcAttributeInput{VpcId: &vpc, EnableDnsHostnames: &ec2types.AttributeBooleanValue{Value: &on}}); err != nil {
		t.Fatal(err)
	}
}

// TestOutboundKilled kills the manager around its calls while it goes to PrivateLink and back: there is one endpoint
// then, or none, and nothing is left.
func TestOutboundKilled(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	for i := range 8 {
		h := harness.New()
		unasked(h)
		before := h.Emulator.Server.Resources(false)
		key := h.Create(h.Minimal("gw"))
		ready(t, h, key)
		for _, to := range []func(*spec){privately, func(s *spec) { s.ControlPlane = nil }} {
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { to(&gw.Spec) })
			(&mortal{left: 1 + 5*i, lost: i%2 == 0}).lives(h, key, harness.Ready)
			if i%4 == 3 {
				loseStatus(t, h, key)
			}
			ready(t, h, key)
			n := 0
			for _, r := range h.Emulator.Server.Resources(false) {
				if r.Kind == "VPCEndpoint" {
					n++
				}
			}
			if wanted := h.Get(key).Spec.ControlPlane != nil; (n == 1) != wanted || n > 1 {
				t.Fatalf("killed after %d calls: %d endpoints", 1+5*i, n)
			}
			if got := toldOf(t, h, "gateway"); (got == private) != (n == 1) {
				t.Fatalf("killed after %d calls: the gateway is told %s", 1+5*i, got)
			}
		}
		h.Delete(key)
		gone(t, h, key, before)
	}
}

// TestOutboundLookalike leaves an endpoint alone that has the name and the node of the deployment's, but not its owner.
func TestOutboundLookalike(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h := harness.New()
	c := console.New(h.Emulator.Server, emulator.AccessKeyID)
	vpc, err := c.EC2.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: sdk.String("10.99.0.0/16")})
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := c.EC2.CreateVpcEndpoint(t.Context(), &ec2.CreateVpcEndpointInput{
		VpcId: vpc.Vpc.VpcId, VpcEndpointType: ec2types.VpcEndpointTypeInterface, ServiceName: sdk.String(emulator.ControlPlaneService),
		TagSpecifications: []ec2types.TagSpecification{{ResourceType: ec2types.ResourceTypeVpcEndpoint, Tags: []ec2types.Tag{
			{Key: sdk.String("Name"), Value: sdk.String("gw-11ecbf10-control-plane")}, {Key: sdk.String("ecs.portkey.ai/node"), Value: sdk.String("vpc-endpoint/control-plane")},
			{Key: sdk.String("ecs.portkey.ai/cluster"), Value: sdk.String("cluster-uid")}, {Key: sdk.String("ecs.portkey.ai/owner"), Value: sdk.String("PortkeyGateway/other/gw")},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	before := h.Emulator.Server.Resources(false)
	unasked(h)
	gw := h.Minimal("gw")
	privately(&gw.Spec)
	key := h.Create(gw)
	ready(t, h, key)
	if id := h.Get(key).Status.Outputs.ControlPlaneEndpoint.ID; id == *theirs.VpcEndpoint.VpcEndpointId {
		t.Error("somebody else's endpoint was taken")
	}
	h.Delete(key)
	gone(t, h, key, before)
	for _, call := range since(h, 0) {
		if !call.ReadOnly() && call.Action != "CreateVpcEndpoint" && strings.Contains(fmt.Sprint(call.Params), *theirs.VpcEndpoint.VpcEndpointId) {
			t.Errorf("%s of somebody else's endpoint: %v", call.Action, call.Params)
		}
	}
	if s := h.Emulator.EndpointState(*theirs.VpcEndpoint.VpcEndpointId); s != "pendingAcceptance" {
		t.Errorf("somebody else's endpoint is %s", s)
	}
}
