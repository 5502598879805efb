package ec2

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

const (
	partner   = "299329113195"
	partnerID = "vpce-svc-0c2c1c323d9f56d95"
	partnered = "com.amazonaws.vpce.us-east-1." + partnerID
)

// partner makes another account's service, in two zones of us-east-1.
func (e *env) partner(principals ...string) {
	e.locked(func() {
		e.svc.AddEndpointService(core.Scope{Account: partner, Region: "us-east-1"}, GivenService{
			ID: partnerID, PrivateDNSName: "cp.example.com", AcceptanceRequired: true, ZoneIDs: []string{"use1-az1", "use1-az2"},
			Regions: []string{"eu-west-1"}, Principals: principals,
		})
	})
}

const everyone = "arn:aws:iam::" + account + ":root"

// dnsVPC is a VPC with both DNS attributes on.
func (e *env) dnsVPC() string {
	e.Helper()
	id := e.vpc("10.0.0.0/16")
	must(e.ModifyVpcAttribute(e.ctx, &sdk.ModifyVpcAttributeInput{VpcId: &id, EnableDnsHostnames: &types.AttributeBooleanValue{Value: aws.Bool(true)}}))(e)
	return id
}

func (e *env) endpoint(in *sdk.CreateVpcEndpointInput) (*types.VpcEndpoint, error) {
	in.VpcEndpointType = types.VpcEndpointTypeInterface
	if in.ServiceName == nil {
		in.ServiceName = aws.String(partnered)
	}
	out, err := e.CreateVpcEndpoint(e.ctx, in)
	if err != nil {
		return nil, err
	}
	return out.VpcEndpoint, nil
}

func (e *env) describeEndpoint(id string) types.VpcEndpoint {
	e.Helper()
	return must(e.DescribeVpcEndpoints(e.ctx, &sdk.DescribeVpcEndpointsInput{VpcEndpointIds: []string{id}}))(e).VpcEndpoints[0]
}

func (e *env) answer(id, answer string) {
	e.Helper()
	e.locked(func() {
		if err := e.svc.AnswerEndpoint(partnerID, id, answer); err != nil {
			e.Fatal(err)
		}
	})
}

// TestEndpointLife: an endpoint waits for its service's owner, becomes available, is given private DNS, and leaves
// network interfaces behind that hold what they stand in.
func TestEndpointLife(t *testing.T) {
	e := newEnv(t)
	e.partner(everyone)
	vpc := e.dnsVPC()
	subnets := []string{e.subnet(vpc, "10.0.0.0/20", "us-east-1a"), e.subnet(vpc, "10.0.16.0/20", "us-east-1b")}
	group := e.group(vpc, "door")
	in := sdk.CreateVpcEndpointInput{VpcId: &vpc, SubnetIds: subnets, SecurityGroupIds: []string{group}, ClientToken: aws.String("t"), TagSpecifications: tags("vpc-endpoint", "a", "b")}
	v, err := e.endpoint(&in)
	if err != nil {
		t.Fatal(err)
	}
	id := *v.VpcEndpointId
	if v.State != "pendingAcceptance" || len(v.NetworkInterfaceIds) != 2 || len(v.DnsEntries) != 3 || *v.PrivateDnsEnabled {
		t.Fatalf("got %+v", v)
	}
	if again, err := e.endpoint(&in); err != nil || *again.VpcEndpointId != id {
		t.Fatalf("the same token made %v, %v", again, err)
	}
	enable := func() error {
		_, err := e.ModifyVpcEndpoint(e.ctx, &sdk.ModifyVpcEndpointInput{VpcEndpointId: &id, PrivateDnsEnabled: aws.Bool(true)})
		return err
	}
	wantCode(t, enable(), "InvalidParameter") // not before it is accepted
	e.server.Advance(72 * time.Hour)
	if s := e.describeEndpoint(id).State; s != "pendingAcceptance" {
		t.Fatalf("after three days it is %s", s)
	}
	e.answer("", AcceptEndpoint)
	if s := e.describeEndpoint(id).State; s != "pending" {
		t.Fatalf("accepted, it is %s", s)
	}
	wantCode(t, enable(), "IncorrectState")
	e.server.Advance(endpointPending)
	wantCode(t, enable(), "")
	e.server.Advance(endpointModifying)
	got := e.describeEndpoint(id)
	if got.State != "available" || !*got.PrivateDnsEnabled || *got.DnsEntries[3].DnsName != "cp.example.com" {
		t.Fatalf("got %+v", got)
	}

	other, err := e.endpoint(&sdk.CreateVpcEndpointInput{VpcId: &vpc})
	if err != nil {
		t.Fatal(err)
	}
	e.answer(*other.VpcEndpointId, AcceptEndpoint)
	e.server.Advance(endpointPending)
	_, err = e.ModifyVpcEndpoint(e.ctx, &sdk.ModifyVpcEndpointInput{VpcEndpointId: other.VpcEndpointId, PrivateDnsEnabled: aws.Bool(true)})
	wantCode(t, err, "InvalidParameter") // a second endpoint of that name in the VPC

	out := must(e.DeleteVpcEndpoints(e.ctx, &sdk.DeleteVpcEndpointsInput{VpcEndpointIds: []string{id, *other.VpcEndpointId, "vpce-0"}}))(t)
	if len(out.Unsuccessful) != 1 || *out.Unsuccessful[0].Error.Code != "InvalidVpcEndpointId.NotFound" {
		t.Fatalf("unsuccessful: %+v", out.Unsuccessful)
	}
	e.server.Advance(endpointDeleting)
	if s := e.describeEndpoint(id).State; s != "deleted" {
		t.Fatalf("deleted, it is %s", s)
	}
	_, err = e.DeleteSecurityGroup(e.ctx, &sdk.DeleteSecurityGroupInput{GroupId: &group})
	wantCode(t, err, "DependencyViolation")
	_, err = e.DeleteSubnet(e.ctx, &sdk.DeleteSubnetInput{SubnetId: &subnets[0]})
	wantCode(t, err, "DependencyViolation")
	e.server.Advance(endpointInterfaceLinger)
	must(e.DeleteSecurityGroup(e.ctx, &sdk.DeleteSecurityGroupInput{GroupId: &group}))(t)
	must(e.DeleteSubnet(e.ctx, &sdk.DeleteSubnetInput{SubnetId: &subnets[0]}))(t)
	e.server.Advance(endpointRemembered)
	_, err = e.DescribeVpcEndpoints(e.ctx, &sdk.DescribeVpcEndpointsInput{VpcEndpointIds: []string{id}})
	wantCode(t, err, "InvalidVpcEndpointId.NotFound")
}

// TestEndpointRefusals: what CreateVpcEndpoint refuses at once.
func TestEndpointRefusals(t *testing.T) {
	e := newEnv(t)
	e.partner(everyone)
	dns, plain := e.dnsVPC(), e.vpc("10.1.0.0/16")
	a, a2, c := e.subnet(dns, "10.0.0.0/20", "us-east-1a"), e.subnet(dns, "10.0.16.0/20", "us-east-1a"), e.subnet(dns, "10.0.32.0/20", "us-east-1c")
	elsewhere := e.subnet(plain, "10.1.0.0/20", "us-east-1a")
	for why, row := range map[string]struct {
		in   sdk.CreateVpcEndpointInput
		code string
	}{
		"no such service":     {sdk.CreateVpcEndpointInput{VpcId: &dns, ServiceName: aws.String("com.amazonaws.vpce.us-east-1.vpce-svc-0")}, "InvalidServiceName"},
		"a wrong region":      {sdk.CreateVpcEndpointInput{VpcId: &dns, ServiceRegion: aws.String("us-west-2")}, "InvalidServiceName"},
		"no such VPC":         {sdk.CreateVpcEndpointInput{VpcId: aws.String("vpc-0")}, "InvalidVpcID.NotFound"},
		"no such subnet":      {sdk.CreateVpcEndpointInput{VpcId: &dns, SubnetIds: []string{"subnet-0"}}, "InvalidSubnetID.NotFound"},
		"no such group":       {sdk.CreateVpcEndpointInput{VpcId: &dns, SecurityGroupIds: []string{"sg-0"}}, "InvalidGroup.NotFound"},
		"a subnet elsewhere":  {sdk.CreateVpcEndpointInput{VpcId: &dns, SubnetIds: []string{elsewhere}}, "InvalidParameter"},
		"a zone without it":   {sdk.CreateVpcEndpointInput{VpcId: &dns, SubnetIds: []string{c}}, "InvalidParameter"},
		"a zone twice":        {sdk.CreateVpcEndpointInput{VpcId: &dns, SubnetIds: []string{a, a2}}, "DuplicateSubnetsInSameZone"},
		"private DNS at once": {sdk.CreateVpcEndpointInput{VpcId: &dns, PrivateDnsEnabled: aws.Bool(true)}, "InvalidParameter"},
		"tags of a VPC":       {sdk.CreateVpcEndpointInput{VpcId: &dns, TagSpecifications: tags("vpc", "a", "b")}, "InvalidParameterValue"},
	} {
		_, err := e.endpoint(&row.in)
		t.Log(why, err)
		wantCode(t, err, row.code)
	}
	if _, err := e.CreateVpcEndpoint(e.ctx, &sdk.CreateVpcEndpointInput{VpcId: &dns, ServiceName: aws.String(partnered)}); err == nil {
		t.Error("a gateway endpoint, which is the default, was made")
	}
	if e.kinds(false)["VPCEndpoint"] != 0 {
		t.Error("something was made")
	}
	v, err := e.endpoint(&sdk.CreateVpcEndpointInput{VpcId: &plain})
	wantCode(t, err, "")
	e.answer("", AcceptEndpoint)
	e.server.Advance(endpointPending)
	_, err = e.ModifyVpcEndpoint(e.ctx, &sdk.ModifyVpcEndpointInput{VpcEndpointId: v.VpcEndpointId, PrivateDnsEnabled: aws.Bool(true)})
	wantCode(t, err, "InvalidParameter") // without DNS host names in the VPC
}

// TestEndpointOfAStranger: a service that doesn't admit an account doesn't exist for it, and one of another region is
// reached from where it says.
func TestEndpointOfAStranger(t *testing.T) {
	e := newEnv(t)
	e.partner()
	services := func(c *sdk.Client, region string) ([]types.ServiceDetail, error) {
		in := &sdk.DescribeVpcEndpointServicesInput{ServiceNames: []string{partnered}}
		if region != "" {
			in.ServiceRegions = []string{region}
		}
		out, err := c.DescribeVpcEndpointServices(e.ctx, in)
		if err != nil {
			return nil, err
		}
		return out.ServiceDetails, nil
	}
	_, err := services(e.Client, "")
	wantCode(t, err, "InvalidServiceName")
	vpc := e.dnsVPC()
	_, err = e.endpoint(&sdk.CreateVpcEndpointInput{VpcId: &vpc})
	wantCode(t, err, "InvalidServiceName")

	e.locked(func() {
		if err := e.svc.ChangeEndpointService(partnerID, ServiceChange{Principals: []string{everyone}}); err != nil {
			t.Fatal(err)
		}
	})
	got, err := services(e.Client, "")
	wantCode(t, err, "")
	if d := got[0]; len(d.AvailabilityZoneIds) != 2 || *d.PrivateDnsName != "cp.example.com" || d.PrivateDnsNameVerificationState != "verified" || *d.Owner != partner || !*d.AcceptanceRequired {
		t.Errorf("got %+v", d)
	}

	client := func(region string) *sdk.Client {
		return sdk.New(sdk.Options{Region: region, BaseEndpoint: aws.String("http://aws.test"), HTTPClient: e.server, Retryer: aws.NopRetryer{},
			Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret", "")})
	}
	if _, err = services(client("eu-west-1"), ""); err == nil {
		t.Error("a service of another region was found without naming it")
	}
	_, err = services(client("eu-west-1"), "us-east-1")
	wantCode(t, err, "")
	_, err = services(client("eu-west-2"), "us-east-1") // which it doesn't support
	wantCode(t, err, "InvalidServiceName")
	west := client("eu-west-1")
	far := *must(west.CreateVpc(e.ctx, &sdk.CreateVpcInput{CidrBlock: aws.String("10.2.0.0/16")}))(t).Vpc.VpcId
	third := *must(west.CreateSubnet(e.ctx, &sdk.CreateSubnetInput{VpcId: &far, CidrBlock: aws.String("10.2.0.0/20"), AvailabilityZone: aws.String("eu-west-1c")}))(t).Subnet.SubnetId
	v := must(west.CreateVpcEndpoint(e.ctx, &sdk.CreateVpcEndpointInput{VpcId: &far, SubnetIds: []string{third}, VpcEndpointType: "Interface", ServiceName: aws.String(partnered), ServiceRegion: aws.String("us-east-1")}))(t).VpcEndpoint
	if len(v.DnsEntries) != 1 {
		t.Errorf("an endpoint across regions has zonal names: %+v", v.DnsEntries)
	}
}

// TestEndpointAnswers: rejected, expired and failed endpoints stay so until they are deleted.
func TestEndpointAnswers(t *testing.T) {
	e := newEnv(t)
	e.partner(everyone)
	vpc := e.dnsVPC()
	for answer, state := range map[string]types.State{RejectEndpoint: "rejected", ExpireEndpoint: "expired", FailEndpoint: "failed"} {
		v, err := e.endpoint(&sdk.CreateVpcEndpointInput{VpcId: &vpc})
		wantCode(t, err, "")
		e.answer(*v.VpcEndpointId, answer)
		e.server.Advance(time.Hour)
		if got := e.describeEndpoint(*v.VpcEndpointId); got.State != state {
			t.Errorf("%s: %s", answer, got.State)
		}
		_, err = e.ModifyVpcEndpoint(e.ctx, &sdk.ModifyVpcEndpointInput{VpcEndpointId: v.VpcEndpointId, PrivateDnsEnabled: aws.Bool(true)})
		wantCode(t, err, "IncorrectState")
		e.locked(func() {
			if e.svc.AnswerEndpoint(partnerID, *v.VpcEndpointId, AcceptEndpoint) == nil {
				t.Errorf("%s, then accepted", state)
			}
		})
		must(e.DeleteVpcEndpoints(e.ctx, &sdk.DeleteVpcEndpointsInput{VpcEndpointIds: []string{*v.VpcEndpointId}}))(t)
	}
}

// TestEndpointSubnets: an endpoint moves to another subnet of a zone in two steps, and its interfaces follow its groups.
func TestEndpointSubnets(t *testing.T) {
	e := newEnv(t)
	e.partner(everyone)
	vpc := e.dnsVPC()
	one, two := e.subnet(vpc, "10.0.0.0/20", "us-east-1a"), e.subnet(vpc, "10.0.16.0/20", "us-east-1a")
	door, other := e.group(vpc, "door"), e.group(vpc, "other")
	v, err := e.endpoint(&sdk.CreateVpcEndpointInput{VpcId: &vpc, SubnetIds: []string{one}, SecurityGroupIds: []string{door}})
	wantCode(t, err, "")
	e.answer("", AcceptEndpoint)
	e.server.Advance(endpointPending)
	modify := func(in sdk.ModifyVpcEndpointInput) error {
		in.VpcEndpointId = v.VpcEndpointId
		_, err := e.ModifyVpcEndpoint(e.ctx, &in)
		e.server.Advance(endpointModifying)
		return err
	}
	wantCode(t, modify(sdk.ModifyVpcEndpointInput{AddSubnetIds: []string{two}, RemoveSubnetIds: []string{one}}), "DuplicateSubnetsInSameZone")
	wantCode(t, modify(sdk.ModifyVpcEndpointInput{RemoveSubnetIds: []string{two}}), "InvalidParameter")
	wantCode(t, modify(sdk.ModifyVpcEndpointInput{RemoveSubnetIds: []string{one}}), "")
	wantCode(t, modify(sdk.ModifyVpcEndpointInput{AddSubnetIds: []string{two}}), "")
	wantCode(t, modify(sdk.ModifyVpcEndpointInput{RemoveSecurityGroupIds: []string{door}}), "InvalidParameter")
	wantCode(t, modify(sdk.ModifyVpcEndpointInput{AddSecurityGroupIds: []string{other}, RemoveSecurityGroupIds: []string{door}}), "")
	got := e.describeEndpoint(*v.VpcEndpointId)
	if len(got.SubnetIds) != 1 || got.SubnetIds[0] != two || len(got.Groups) != 1 || *got.Groups[0].GroupId != other {
		t.Fatalf("got %+v", got)
	}
	eni := must(e.DescribeNetworkInterfaces(e.ctx, &sdk.DescribeNetworkInterfacesInput{NetworkInterfaceIds: got.NetworkInterfaceIds}))(t).NetworkInterfaces
	if len(eni) != 1 || *eni[0].SubnetId != two || *eni[0].Groups[0].GroupId != other || eni[0].InterfaceType != "vpc_endpoint" {
		t.Fatalf("got %+v", eni)
	}
	must(e.DeleteSubnet(e.ctx, &sdk.DeleteSubnetInput{SubnetId: &one}))(t)
}
