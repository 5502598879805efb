package elbv2_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/iam"
)

// The interfaces of a load balancer keep its subnets and security groups from being deleted, and
// for some minutes after its own deletion too.
func TestInterfacesHoldTheNetwork(t *testing.T) {
	w := core.NewWorld(core.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	w.Settings.NoThrottling = true
	w.AddKey("AKIATEST", core.AccountRoot("123456789012"))
	net := ec2.New(w)
	server := core.NewServer(w)
	server.Register(net.Mux())
	server.Register(elbv2.New(w, net, iam.New(w)).Mux())
	endpoint := "http://aws.test" // without a network: see core.Server.Do
	config := aws.Config{Region: "us-east-1", BaseEndpoint: &endpoint, HTTPClient: server, RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret", "")}
	ec, lb, ctx := ec2sdk.NewFromConfig(config), elb.NewFromConfig(config), t.Context()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	vpc, err := ec.CreateVpc(ctx, &ec2sdk.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	ok(err)
	server.Advance(time.Minute)
	var subnets []string
	for zone, cidr := range map[string]string{"us-east-1a": "10.0.0.0/24", "us-east-1b": "10.0.1.0/24"} {
		s, err := ec.CreateSubnet(ctx, &ec2sdk.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: &cidr, AvailabilityZone: &zone})
		ok(err)
		subnets = append(subnets, *s.Subnet.SubnetId)
	}
	in := &elb.CreateLoadBalancerInput{Name: aws.String("web"), Subnets: subnets}
	_, err = lb.CreateLoadBalancer(ctx, in)
	refused(t, err, "InvalidSubnet")
	in.Scheme = "internal"
	made, err := lb.CreateLoadBalancer(ctx, in)
	ok(err)
	if len(made.LoadBalancers[0].SecurityGroups) != 1 {
		t.Fatal("an Application Load Balancer without groups has the VPC's default group")
	}
	group, err := ec.CreateSecurityGroup(ctx, &ec2sdk.CreateSecurityGroupInput{VpcId: vpc.Vpc.VpcId, GroupName: aws.String("web"), Description: aws.String("web")})
	ok(err)
	_, err = lb.SetSecurityGroups(ctx, &elb.SetSecurityGroupsInput{LoadBalancerArn: made.LoadBalancers[0].LoadBalancerArn, SecurityGroups: []string{*group.GroupId}})
	ok(err)
	nics, err := ec.DescribeNetworkInterfaces(ctx, &ec2sdk.DescribeNetworkInterfacesInput{Filters: []ec2types.Filter{{Name: aws.String("description"), Values: []string{"ELB app/web/*"}}}})
	ok(err)
	if len(nics.NetworkInterfaces) != 2 || !*nics.NetworkInterfaces[0].RequesterManaged || *nics.NetworkInterfaces[0].Groups[0].GroupId != *group.GroupId {
		t.Fatalf("%+v", nics.NetworkInterfaces)
	}
	_, err = lb.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: made.LoadBalancers[0].LoadBalancerArn})
	ok(err)
	remove := func() (errs []error) {
		_, err := ec.DeleteSecurityGroup(ctx, &ec2sdk.DeleteSecurityGroupInput{GroupId: group.GroupId})
		errs = append(errs, err)
		for _, id := range subnets {
			_, err := ec.DeleteSubnet(ctx, &ec2sdk.DeleteSubnetInput{SubnetId: &id})
			errs = append(errs, err)
		}
		return errs
	}
	for _, err := range remove() {
		refused(t, err, "DependencyViolation")
	}
	server.Advance(5 * time.Minute)
	for _, err := range remove() {
		ok(err)
	}
}

func refused(t *testing.T, err error, code string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code {
		t.Fatalf("got %v, want %s", err, code)
	}
}
