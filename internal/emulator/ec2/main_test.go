package ec2

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

const account = "123456789012"

var scope = core.Scope{Account: account, Region: "us-east-1"}

// env is an emulator with EC2 alone, and a real client of it.
type env struct {
	*testing.T
	ctx    context.Context
	svc    *Service
	server *core.Server
	*sdk.Client
}

func newEnv(t *testing.T) *env {
	t.Helper()
	world := core.NewWorld(core.NewClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)))
	world.AddKey("AKIATEST", core.AccountRoot(account))
	world.Settings.NoThrottling = true
	svc := New(world)
	server := core.NewServer(world)
	server.Register(svc.Mux())
	endpoint := "http://aws.test" // without a network: see core.Server.Do
	client := sdk.New(sdk.Options{
		Region: "us-east-1", BaseEndpoint: &endpoint, HTTPClient: server, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret", ""),
	})
	return &env{t, t.Context(), svc, server, client}
}

// locked runs f as another service would: under the world's lock.
func (e *env) locked(f func()) {
	e.svc.world.Lock()
	defer e.svc.world.Unlock()
	f()
}

// must fails the test on an error.
func must[T any](out T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatalf("unexpected error: %v", err)
		}
		return out
	}
}

// wantCode checks the AWS error code; "" wants success.
func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	var api smithy.APIError
	switch {
	case code == "" && err != nil:
		t.Fatalf("unexpected error: %v", err)
	case code == "":
	case !errors.As(err, &api):
		t.Fatalf("got %v, want code %s", err, code)
	case api.ErrorCode() != code:
		t.Fatalf("got code %s (%s), want %s", api.ErrorCode(), api.ErrorMessage(), code)
	}
}

func tags(kind types.ResourceType, kv ...string) []types.TagSpecification {
	spec := types.TagSpecification{ResourceType: kind}
	for i := 0; i < len(kv); i += 2 {
		spec.Tags = append(spec.Tags, types.Tag{Key: aws.String(kv[i]), Value: aws.String(kv[i+1])})
	}
	return []types.TagSpecification{spec}
}

func where(name string, values ...string) []types.Filter {
	return []types.Filter{{Name: aws.String(name), Values: values}}
}

// network is a VPC with a public and a private subnet.
type network struct{ vpc, igw, public, private, publicTable, privateTable, allocation, nat string }

func (e *env) vpc(cidr string) string {
	e.Helper()
	return *must(e.CreateVpc(e.ctx, &sdk.CreateVpcInput{CidrBlock: &cidr, TagSpecifications: tags("vpc", "Name", "v")}))(e).Vpc.VpcId
}

func (e *env) subnet(vpc, cidr, zone string) string {
	e.Helper()
	return *must(e.CreateSubnet(e.ctx, &sdk.CreateSubnetInput{VpcId: &vpc, CidrBlock: &cidr, AvailabilityZone: &zone}))(e).Subnet.SubnetId
}

func (e *env) group(vpc, name string) string {
	e.Helper()
	return *must(e.CreateSecurityGroup(e.ctx, &sdk.CreateSecurityGroupInput{VpcId: &vpc, GroupName: &name, Description: aws.String("d")}))(e).GroupId
}

func (e *env) gateway(vpc string) string {
	e.Helper()
	id := *must(e.CreateInternetGateway(e.ctx, &sdk.CreateInternetGatewayInput{}))(e).InternetGateway.InternetGatewayId
	must(e.AttachInternetGateway(e.ctx, &sdk.AttachInternetGatewayInput{InternetGatewayId: &id, VpcId: &vpc}))(e)
	return id
}

func (e *env) address() string {
	e.Helper()
	return *must(e.AllocateAddress(e.ctx, &sdk.AllocateAddressInput{Domain: "vpc"}))(e).AllocationId
}

func (e *env) table(vpc string) string {
	e.Helper()
	return *must(e.CreateRouteTable(e.ctx, &sdk.CreateRouteTableInput{VpcId: &vpc}))(e).RouteTable.RouteTableId
}

func (e *env) network() network {
	e.Helper()
	n := network{vpc: e.vpc("10.0.0.0/16")}
	n.igw = e.gateway(n.vpc)
	n.public, n.private = e.subnet(n.vpc, "10.0.0.0/20", "us-east-1a"), e.subnet(n.vpc, "10.0.16.0/20", "us-east-1a")
	n.allocation = e.address()
	n.nat = *must(e.CreateNatGateway(e.ctx, &sdk.CreateNatGatewayInput{SubnetId: &n.public, AllocationId: &n.allocation}))(e).NatGateway.NatGatewayId
	e.server.Advance(natPending)
	n.publicTable, n.privateTable = e.table(n.vpc), e.table(n.vpc)
	must(e.CreateRoute(e.ctx, &sdk.CreateRouteInput{RouteTableId: &n.publicTable, DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: &n.igw}))(e)
	must(e.CreateRoute(e.ctx, &sdk.CreateRouteInput{RouteTableId: &n.privateTable, DestinationCidrBlock: aws.String("0.0.0.0/0"), NatGatewayId: &n.nat}))(e)
	must(e.AssociateRouteTable(e.ctx, &sdk.AssociateRouteTableInput{RouteTableId: &n.publicTable, SubnetId: &n.public}))(e)
	must(e.AssociateRouteTable(e.ctx, &sdk.AssociateRouteTableInput{RouteTableId: &n.privateTable, SubnetId: &n.private}))(e)
	return n
}

func (e *env) kinds(all bool) map[string]int {
	out := map[string]int{}
	for _, r := range e.server.Resources(all) {
		out[r.Kind]++
	}
	return out
}
