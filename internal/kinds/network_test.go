package kinds

import (
	"context"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

var vpcSpec = VPCSpec{CIDR: graph.Lit("10.0.0.0/16")}

func TestVPC(t *testing.T) {
	r := newEC2Rig(t)
	off := &types.AttributeBooleanValue{Value: sdk.Bool(false)}
	lifecycle(r, VPC{}, "vpc/main", vpcSpec, append(r.tagEdits(),
		edit{"DNS names were turned off", "enableDnsHostnames", func(id string) {
			_, err := r.client.ModifyVpcAttribute(context.Background(), &ec2.ModifyVpcAttributeInput{VpcId: &id, EnableDnsHostnames: off})
			r.ok(err)
		}},
		edit{"DNS was turned off", "enableDnsSupport", func(id string) {
			_, err := r.client.ModifyVpcAttribute(context.Background(), &ec2.ModifyVpcAttributeInput{VpcId: &id, EnableDnsHostnames: off})
			r.ok(err)
			_, err = r.client.ModifyVpcAttribute(context.Background(), &ec2.ModifyVpcAttributeInput{VpcId: &id, EnableDnsSupport: off})
			r.ok(err)
		}})...)
}

func TestVPCIsImmutable(t *testing.T) {
	r := newEC2Rig(t)
	live := made(r, VPC{}, "vpc/main", vpcSpec)
	d := VPC{}.Diff(r.call("vpc/main", live.ID), VPCSpec{CIDR: graph.Lit("10.1.0.0/16")}, live)
	if len(d) != 1 || d[0].Path != "cidr" || !d[0].Replace {
		t.Errorf("a new CIDR is %+v", d)
	}
}

// TestProof is about objects that aren't ours, or not any more.
func TestProof(t *testing.T) {
	ctx := context.Background()
	r := newEC2Rig(t)
	live := made(r, VPC{}, "vpc/main", vpcSpec)

	r.retag(own.TagOwner, "PortkeyGateway/other/gw", live.ID)
	if l := observed(r, VPC{}, "vpc/main", live.ID, vpcSpec); l.Owner != graph.Foreign {
		t.Errorf("tags name another owner: %+v", l)
	}
	if l := observed(r, VPC{}, "vpc/main", "", vpcSpec); l.Phase != graph.Absent {
		t.Errorf("tags name another owner, nothing recorded: %+v", l)
	}

	_, err := r.client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: sdk.String("10.0.0.0/16"), TagSpecifications: []types.TagSpecification{
		{ResourceType: types.ResourceTypeVpc, Tags: ec2Tags(map[string]string{"Name": "gw-vpc-main"})}}})
	r.ok(err)
	if l := observed(r, VPC{}, "vpc/main", "", vpcSpec); l.Phase != graph.Absent {
		t.Errorf("a look-alike with our name is taken: %+v", l)
	}
}

func TestDoubledCreate(t *testing.T) {
	ctx := context.Background()
	r := newEC2Rig(t)
	k, node := ElasticIP{}, "ip/a"
	a, err := k.Create(ctx, r.call(node, ""), ElasticIPSpec{})
	r.ok(err)
	b, err := k.Create(ctx, r.call(node, ""), ElasticIPSpec{})
	r.ok(err)
	for recorded, want := range map[string]string{a.ID: a.ID, b.ID: b.ID, "": min(a.ID, b.ID)} {
		if l := observed(r, k, node, recorded, ElasticIPSpec{}); l.ID != want {
			t.Errorf("recorded %q: %s, want %s", recorded, l.ID, want)
		}
	}
}

func TestSubnet(t *testing.T) {
	r := newEC2Rig(t)
	vpc := made(r, VPC{}, "vpc/main", vpcSpec)
	spec := SubnetSpec{VPC: graph.Lit(vpc.ID), CIDRs: graph.Lits("10.0.0.0/20"), Zone: graph.Lit("us-east-1a")}
	lifecycle(r, Subnet{}, "subnet/public-a", spec, append(r.tagEdits(),
		edit{"it gives out public addresses", "mapPublicIpOnLaunch", func(id string) {
			_, err := r.client.ModifySubnetAttribute(context.Background(), &ec2.ModifySubnetAttributeInput{SubnetId: &id, MapPublicIpOnLaunch: &types.AttributeBooleanValue{Value: sdk.Bool(true)}})
			r.ok(err)
		}})...)

	live := made(r, Subnet{}, "subnet/public-a", spec)
	elsewhere := SubnetSpec{VPC: graph.Lit("vpc-2"), CIDRs: spec.CIDRs, Zone: spec.Zone}
	if d := (Subnet{}).Diff(r.call("subnet/public-a", live.ID), elsewhere, live); len(d) != 1 || !d[0].Replace {
		t.Errorf("another VPC is %+v, want a replacement", d)
	}
	laidOut := SubnetSpec{VPC: spec.VPC, CIDRs: graph.Lits("10.0.16.0/20"), Zone: graph.Lit("us-east-1b")}
	if d := (Subnet{}).Diff(r.call("subnet/public-a", live.ID), laidOut, live); len(d) != 0 {
		t.Errorf("range and zone are chosen once, but differ in %+v", d)
	}
}

func TestSubnetTakesTheFirstFreeRange(t *testing.T) {
	ctx := context.Background()
	r := newEC2Rig(t)
	vpc := made(r, VPC{}, "vpc/main", vpcSpec)
	in := func(cidrs ...string) SubnetSpec {
		return SubnetSpec{VPC: graph.Lit(vpc.ID), CIDRs: graph.Lits(cidrs...), Zone: graph.Lit("us-east-1a")}
	}
	made(r, Subnet{}, "subnet/private-a", in("10.0.32.0/20"))
	for _, c := range []struct {
		why, node string
		spec      SubnetSpec
		want      string
	}{
		{"the best is free", "subnet/public-a", in("10.0.0.0/20", "10.0.240.0/20"), "10.0.0.0/20"},
		{"another's subnet lies in the best", "subnet/public-c", in("10.0.32.0/20", "10.0.240.0/20", "10.0.224.0/20"), "10.0.240.0/20"},
		{"two are taken", "subnet/public-d", in("10.0.32.0/20", "10.0.240.0/20", "10.0.224.0/20"), "10.0.224.0/20"},
		{"it is there already, though the owner's list didn't show it", "subnet/public-c", in("10.0.32.0/20", "10.0.240.0/20", "10.0.208.0/20"), "10.0.240.0/20"},
	} {
		live, err := Subnet{}.Create(ctx, r.call(c.node, ""), c.spec)
		r.ok(err)
		if got := *raw[types.Subnet](live).CidrBlock; got != c.want || live.Owner != graph.Ours {
			t.Errorf("%s: %s (%s), want %s", c.why, got, live.Owner, c.want)
		}
	}
	_, err := Subnet{}.Create(ctx, r.call("subnet/public-e", ""), in("10.0.32.0/20"))
	if f := aws.Classify(err); f.Class != graph.Conflict || !strings.Contains(err.Error(), "10.0.32.0/20") {
		t.Errorf("none is free: %v", err)
	}
	r.server.World.Settings.ReadLag = time.Hour
	made(r, Subnet{}, "subnet/private-b", in("10.0.48.0/20"))
	_, err = Subnet{}.Create(ctx, r.call("subnet/private-b", ""), in("10.0.48.0/20", "10.0.208.0/20"))
	if f := aws.Classify(err); f.Class != graph.Conflict {
		t.Errorf("what holds the range doesn't show, so it may be this very subnet: %+v", f)
	}
}

func TestSubnetInUse(t *testing.T) {
	ctx := context.Background()
	r := newEC2Rig(t)
	vpc := made(r, VPC{}, "vpc/main", vpcSpec)
	spec := SubnetSpec{VPC: graph.Lit(vpc.ID), CIDRs: graph.Lits("10.0.0.0/20"), Zone: graph.Lit("us-east-1a")}
	live := made(r, Subnet{}, "subnet/public-a", spec)
	ip := made(r, ElasticIP{}, "ip/a", ElasticIPSpec{})
	gateway := made(r, InternetGateway{}, "igw/main", InternetGatewaySpec{VPC: graph.Lit(vpc.ID)})
	if gateway.Out["id"] == "" {
		t.Error("an attached gateway publishes its id")
	}
	made(r, NATGateway{}, "nat/a", NATGatewaySpec{Subnet: graph.Lit(live.ID), Allocation: graph.Lit(ip.ID)})
	_, err := Subnet{}.Delete(ctx, r.call("subnet/public-a", live.ID), live)
	f := aws.Classify(err)
	if f.Class != graph.InUse || !strings.Contains(f.Message, "held by network interface eni-") {
		t.Errorf("deleting a subnet that is in use: %+v", f)
	}
	_, err = ElasticIP{}.Delete(ctx, r.call("ip/a", ip.ID), ip)
	if f := aws.Classify(err); f.Class != graph.InUse {
		t.Errorf("releasing an address that is in use: %+v", f)
	}
	_, err = InternetGateway{}.Delete(ctx, r.call("igw/main", gateway.ID), gateway)
	if f := aws.Classify(err); f.Class != graph.InUse {
		t.Errorf("detaching a gateway that is in use: %+v", f)
	}
	_, err = VPC{}.Delete(ctx, r.call("vpc/main", vpc.ID), vpc)
	if f := aws.Classify(err); f.Class != graph.InUse {
		t.Errorf("deleting a VPC that is in use: %+v", f)
	}
}

func TestInternetGateway(t *testing.T) {
	r := newEC2Rig(t)
	vpc := made(r, VPC{}, "vpc/main", vpcSpec)
	elsewhere := made(r, VPC{}, "vpc/other", vpcSpec)
	detach := func(id string) {
		_, err := r.client.DetachInternetGateway(context.Background(), &ec2.DetachInternetGatewayInput{InternetGatewayId: &id, VpcId: &vpc.ID})
		r.ok(err)
	}
	lifecycle(r, InternetGateway{}, "igw/main", InternetGatewaySpec{VPC: graph.Lit(vpc.ID)}, append(r.tagEdits(),
		edit{"it was detached", "vpc", detach},
		edit{"it was attached elsewhere", "vpc", func(id string) {
			detach(id)
			_, err := r.client.AttachInternetGateway(context.Background(), &ec2.AttachInternetGatewayInput{InternetGatewayId: &id, VpcId: &elsewhere.ID})
			r.ok(err)
		}})...)
}

func TestInternetGatewayPublishesOnlyAttached(t *testing.T) {
	r := newEC2Rig(t)
	live, err := InternetGateway{}.Create(context.Background(), r.call("igw/main", ""), InternetGatewaySpec{VPC: graph.Lit("vpc-00000000000000000")})
	if err == nil || live.ID == "" || live.Out["id"] != "" {
		t.Errorf("made but not attached: %+v, %v", live, err)
	}
}

func TestElasticIP(t *testing.T) {
	r := newEC2Rig(t)
	lifecycle(r, ElasticIP{}, "ip/a", ElasticIPSpec{}, r.tagEdits()...)
	if l := made(r, ElasticIP{}, "ip/a", ElasticIPSpec{}); l.Out["ip"] == "" || l.Out["id"] != l.ID {
		t.Errorf("outputs: %+v", l.Out)
	}
}

func natRig(t *testing.T) (*ec2Rig, NATGatewaySpec, graph.Live) {
	r := newEC2Rig(t)
	vpc := made(r, VPC{}, "vpc/main", vpcSpec)
	subnet := made(r, Subnet{}, "subnet/public-a", SubnetSpec{VPC: graph.Lit(vpc.ID), CIDRs: graph.Lits("10.0.0.0/20"), Zone: graph.Lit("us-east-1a")})
	ip := made(r, ElasticIP{}, "ip/a", ElasticIPSpec{})
	return r, NATGatewaySpec{Subnet: graph.Lit(subnet.ID), Allocation: graph.Lit(ip.ID)}, vpc
}

func TestNATGateway(t *testing.T) {
	r, spec, vpc := natRig(t)
	made(r, InternetGateway{}, "igw/main", InternetGatewaySpec{VPC: graph.Lit(vpc.ID)})
	lifecycle(r, NATGateway{}, "nat/a", spec, r.tagEdits()...)
}

func TestNATGatewayStates(t *testing.T) {
	ctx := context.Background()
	r, spec, vpc := natRig(t)
	k, node := NATGateway{}, "nat/a"

	live, err := k.Create(ctx, r.call(node, ""), spec)
	r.ok(err)
	if live.Phase != graph.Pending || len(live.Out) > 0 || live.Recheck < 50*time.Second {
		t.Errorf("just made: %+v", live)
	}
	r.server.Advance(3 * time.Minute)
	failed := observed(r, k, node, live.ID, spec)
	if failed.Phase != graph.Broken || failed.Why == "" || !k.Mendable() {
		t.Fatalf("without an internet gateway: %+v", failed)
	}
	_, err = k.Delete(ctx, r.call(node, failed.ID), failed)
	r.ok(err)
	if l := observed(r, k, node, failed.ID, spec); l.Phase != graph.Deleting && l.Phase != graph.Absent {
		t.Errorf("being deleted: %+v", l)
	}
	r.server.Advance(3 * time.Minute)
	if l := observed(r, k, node, failed.ID, spec); l.Phase != graph.Absent {
		t.Errorf("a deleted one still shows, and is absent: %+v", l)
	}

	made(r, InternetGateway{}, "igw/main", InternetGatewaySpec{VPC: graph.Lit(vpc.ID)})
	call := r.call(node, "")
	call.Token = r.owner.Token(node, spec, "after "+failed.ID)
	live, err = k.Create(ctx, call, spec)
	r.ok(err)
	again, err := k.Create(ctx, call, spec)
	r.ok(err)
	if live.ID != again.ID || live.ID == failed.ID {
		t.Errorf("the token makes it idempotent: %s, then %s; %s is gone", live.ID, again.ID, failed.ID)
	}
	r.server.Advance(3 * time.Minute)
	if l := observed(r, k, node, failed.ID, spec); l.ID != live.ID || l.Phase != graph.Ready || l.Out["id"] != live.ID {
		t.Errorf("with its predecessor recorded: %+v", l)
	}
	for _, s := range []NATGatewaySpec{{graph.Lit("subnet-2"), spec.Allocation}, {spec.Subnet, graph.Lit("eipalloc-2")}} {
		if d := k.Diff(r.call(node, live.ID), s, live); len(d) != 1 || !d[0].Replace {
			t.Errorf("%+v is %+v, want a replacement", s, d)
		}
	}
}

func TestVPCDefaults(t *testing.T) {
	ctx := context.Background()
	r := newEC2Rig(t)
	vpc := made(r, VPC{}, "vpc/main", vpcSpec)
	k, node, spec := VPCDefaults{}, "vpcdefaults/main", VPCDefaultsSpec{VPC: graph.Lit(vpc.ID)}

	live := observed(r, k, node, "", spec)
	if live.Phase != graph.Ready || live.Owner != graph.Ours {
		t.Fatalf("those of a new VPC: %+v", live)
	}
	repair := func(why string) {
		t.Helper()
		live = observed(r, k, node, live.ID, spec)
		call := r.call(node, live.ID)
		d := k.Diff(call, spec, live)
		if len(d) == 0 {
			t.Errorf("%s: no difference", why)
		}
		after, err := k.Update(ctx, call, spec, live, d)
		r.ok(err)
		if d := k.Diff(call, spec, after); len(d) > 0 {
			t.Errorf("%s: as updated it differs: %+v", why, d)
		}
		for _, id := range []string{live.ID, ""} {
			if d := k.Diff(call, spec, observed(r, k, node, id, spec)); len(d) > 0 {
				t.Errorf("%s: it still differs: %+v", why, d)
			}
			if l := observed(r, k, node, id, VPCDefaultsSpec{VPC: graph.Lit(graph.KnownAfterApply)}); l.ID != live.ID {
				t.Errorf("%s: without its VPC: %+v", why, l)
			}
		}
	}
	repair("AWS's own rules and no tags")
	d := raw[vpcDefaults](live)
	for _, id := range []*string{d.group.GroupId, d.table.RouteTableId, d.acl.NetworkAclId} {
		r.retag("team", "hr", *id)
		repair("a tag of " + *id)
		r.untag(*id)
		repair("the tags of " + *id)
	}
	_, err := r.client.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &live.ID, IpPermissions: []types.IpPermission{
		{IpProtocol: sdk.String("tcp"), FromPort: sdk.Int32(22), ToPort: sdk.Int32(22), IpRanges: []types.IpRange{{CidrIp: sdk.String("0.0.0.0/0")}}}}})
	r.ok(err)
	repair("a rule")

	for name, l := range map[string]graph.Lister{"SecurityGroup": SecurityGroup{}, "RouteTable": RouteTable{}} {
		found, err := l.List(ctx, r.call("", ""))
		r.ok(err)
		if len(found) > 0 {
			t.Errorf("%s lists a VPC's defaults: %v", name, found)
		}
	}
	if gone, err := k.Delete(ctx, r.call(node, live.ID), live); !gone || err != nil {
		t.Errorf("deletion: %v, %v", gone, err)
	}
	_, err = VPC{}.Delete(ctx, r.call("vpc/main", vpc.ID), vpc)
	r.ok(err)
	if l := observed(r, k, node, live.ID, spec); l.Phase != graph.Absent {
		t.Errorf("they went with the VPC: %+v", l)
	}
	if l := observed(r, k, node, live.ID, VPCDefaultsSpec{}); l.Phase != graph.Absent {
		t.Errorf("they went with the VPC, nothing known: %+v", l)
	}
}
