package hand

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// name is a new name of the hand's own.
func (a *hand) name(what string) string {
	a.serial++
	return fmt.Sprintf("theirs-%s-%d", what, a.serial)
}

// made is something that the hand can make beside the deployment.
type made struct {
	what string
	do   func(ctx context.Context, a *hand, vpc, name string) error
}

var makings = []made{
	{"a security group in the VPC", func(ctx context.Context, a *hand, vpc, name string) error {
		_, err := a.EC2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: &name, VpcId: &vpc, Description: sdk.String("theirs")})
		return err
	}},
	{"a subnet in the VPC", func(ctx context.Context, a *hand, vpc, _ string) error {
		_, err := a.EC2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: &vpc, CidrBlock: sdk.String(fmt.Sprintf("10.0.%d.0/24", 240+a.serial%15))})
		return err
	}},
	{"a route table in the VPC", func(ctx context.Context, a *hand, vpc, _ string) error {
		_, err := a.EC2.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: &vpc})
		return err
	}},
	{"an Elastic IP", func(ctx context.Context, a *hand, _, _ string) error {
		_, err := a.EC2.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: ec2types.DomainTypeVpc})
		return err
	}},
	{"a VPC with the same range", func(ctx context.Context, a *hand, _, _ string) error {
		_, err := a.EC2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: sdk.String("10.0.0.0/16")})
		return err
	}},
	{"a target group", func(ctx context.Context, a *hand, vpc, name string) error {
		_, err := a.ELB.CreateTargetGroup(ctx, &elbv2.CreateTargetGroupInput{Name: &name, Protocol: elbtypes.ProtocolEnumTcp, Port: sdk.Int32(80), VpcId: &vpc, TargetType: elbtypes.TargetTypeEnumIp})
		return err
	}},
	{"a role", func(ctx context.Context, a *hand, _, name string) error {
		_, err := a.IAM.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: sdk.String(everybody)})
		return err
	}},
	{"a log group", func(ctx context.Context, a *hand, _, name string) error {
		_, err := a.Logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name})
		return err
	}},
	{"a revision in one of the families", func(ctx context.Context, a *hand, _, _ string) error {
		td, ok := a.node("task-definition/gateway")
		if !ok {
			return nil
		}
		_, err := a.ECS.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
			Family: &td.Name, NetworkMode: ecstypes.NetworkModeAwsvpc, Cpu: sdk.String("256"), Memory: sdk.String("512"),
			ContainerDefinitions: []ecstypes.ContainerDefinition{{Name: sdk.String("theirs"), Image: sdk.String("theirs:1"), Essential: sdk.Bool(true)}},
		})
		return err
	}},
}

// lookalikes are whose tags what it makes carries.
var lookalikes = []map[string]string{
	nil,
	{own.TagCluster: "cluster-uid", own.TagOwner: "PortkeyGateway/elsewhere/gw", own.TagNode: "vpc/main"},
	{own.TagCluster: "another-uid", own.TagOwner: "PortkeyGateway/default/gw"},
	{own.TagNode: "subnet/public-a", "Name": "gw"},
}

// make makes something of its own, and remembers it.
func (a *hand) make(ctx context.Context) {
	m := makings[a.rng.IntN(len(makings))]
	tags := lookalikes[a.rng.IntN(len(lookalikes))]
	had := map[string]bool{}
	for _, r := range a.h.Emulator.Server.Resources(false) {
		had[r.Kind+" "+r.ID] = true
	}
	vpc, ok := a.node("vpc/main")
	if !ok {
		vpc.ID = "vpc-00000000000000000"
	}
	err := m.do(ctx, a, vpc.ID, a.name("thing"))
	var fresh []core.Resource
	for _, r := range a.h.Emulator.Server.Resources(false) {
		if !had[r.Kind+" "+r.ID] {
			fresh = append(fresh, r)
			if taggable(r) && tags != nil {
				if err := a.Tag(ctx, r, tags); err != nil {
					a.note(r, "tagged", err)
				}
			}
		}
	}
	a.note(core.Resource{Kind: "made"}, m.what, err)
	for _, r := range a.h.Emulator.Server.Resources(false) {
		if slices.ContainsFunc(fresh, func(f core.Resource) bool { return f.Kind == r.Kind && f.ID == r.ID }) {
			r.Tags = maps.Clone(r.Tags)
			a.foreign[r.Kind+" "+r.ID] = r
			a.touched[r.ID] = true
		}
	}
}

// meddled lists what is no longer as the hand made it.
func (a *hand) meddled() []string {
	now := map[string]core.Resource{}
	for _, r := range a.h.Emulator.Server.Resources(false) {
		now[r.Kind+" "+r.ID] = r
	}
	var out []string
	for _, key := range slices.Sorted(maps.Keys(a.foreign)) {
		if is, ok := now[key]; !ok {
			out = append(out, key+" is gone")
		} else if printed(is) != printed(a.foreign[key]) {
			out = append(out, fmt.Sprintf("%s is\n%s\nwas\n%s", key, printed(is), printed(a.foreign[key])))
		}
	}
	return out
}

// printed is what an object is but for its states, which are AWS's.
func printed(r core.Resource) string {
	r.State = ""
	b, _ := json.Marshal(r)
	return states.ReplaceAllString(string(b), "")
}

var states = regexp.MustCompile(`"[A-Za-z.]*[sS]tate":"[a-z-]*"`)

// takeAway removes what it has made inside of the deployment's VPC, as somebody does who is told that it is in the way.
func (a *hand) takeAway() {
	ctx := context.Background()
	for _, key := range slices.Sorted(maps.Keys(a.foreign)) {
		r := a.foreign[key]
		var err error
		switch r.Kind {
		case "Subnet":
			_, err = a.EC2.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: &r.ID})
		case "SecurityGroup":
			_, err = a.EC2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &r.ID})
		case "RouteTable":
			_, err = a.EC2.DeleteRouteTable(ctx, &ec2.DeleteRouteTableInput{RouteTableId: &r.ID})
		case "TaskDefinition":
			_, err = a.ECS.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &r.ID})
		default:
			continue
		}
		a.note(r, "taken away", err)
		if err == nil {
			maps.DeleteFunc(a.foreign, func(k string, f core.Resource) bool { return k == key || f.Settings["groupId"] == r.ID })
		}
	}
}
