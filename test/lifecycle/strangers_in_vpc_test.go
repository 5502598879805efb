package lifecycle

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// lodgers are somebody else's objects in, or on, a deployment's. Each answers a word by which the deletion's
// condition has to name it, and how it goes.
var lodgers = []struct {
	name string
	come func(context.Context, *site) (named string, leave func() error, err error)
}{
	{"an instance", func(ctx context.Context, s *site) (string, func() error, error) {
		ours, err := s.ec2.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: sdk.String(s.id("launch-template/main")), Versions: []string{"$Latest"}})
		if err != nil {
			return "", nil, err
		}
		image := ours.LaunchTemplateVersions[0].LaunchTemplateData
		if _, err := s.ec2.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{LaunchTemplateName: sdk.String("strangers"), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{
			InstanceType: image.InstanceType, ImageId: image.ImageId,
		}}); err != nil {
			return "", nil, err
		}
		_, err = s.asg.CreateAutoScalingGroup(ctx, &autoscaling.CreateAutoScalingGroupInput{
			AutoScalingGroupName: sdk.String("strangers"), MinSize: sdk.Int32(1), MaxSize: sdk.Int32(1), VPCZoneIdentifier: sdk.String(s.id("subnet/private-a")),
			LaunchTemplate: &asgtypes.LaunchTemplateSpecification{LaunchTemplateName: sdk.String("strangers"), Version: sdk.String("1")},
		})
		return "(of instance i-", func() error {
			_, err := s.asg.DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: sdk.String("strangers"), ForceDelete: sdk.Bool(true)})
			return err
		}, err
	}},
	{"a load balancer", func(ctx context.Context, s *site) (string, func() error, error) {
		out, err := s.elb.CreateLoadBalancer(ctx, &elbv2.CreateLoadBalancerInput{Name: sdk.String("theirs"), Subnets: []string{s.id("subnet/public-a"), s.id("subnet/public-b")}})
		if err != nil {
			return "", nil, err
		}
		return "ELB app/theirs/", func() error {
			_, err := s.elb.DeleteLoadBalancer(ctx, &elbv2.DeleteLoadBalancerInput{LoadBalancerArn: out.LoadBalancers[0].LoadBalancerArn})
			return err
		}, nil
	}},
	{"a NAT gateway", func(ctx context.Context, s *site) (string, func() error, error) {
		ip, err := s.ec2.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: ec2types.DomainTypeVpc})
		if err != nil {
			return "", nil, err
		}
		out, err := s.ec2.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{SubnetId: sdk.String(s.id("subnet/public-b")), AllocationId: ip.AllocationId})
		if err != nil {
			return "", nil, err
		}
		return *out.NatGateway.NatGatewayId, func() error {
			_, err := s.ec2.DeleteNatGateway(ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: out.NatGateway.NatGatewayId})
			return err
		}, nil
	}},
	{"a subnet", func(ctx context.Context, s *site) (string, func() error, error) {
		out, err := s.ec2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: sdk.String(s.id("vpc/main")), CidrBlock: sdk.String("10.0.255.0/28"), AvailabilityZone: sdk.String("us-east-1a"), TagSpecifications: named(ec2types.ResourceTypeSubnet, "theirs")})
		if err != nil {
			return "", nil, err
		}
		return "subnet " + *out.Subnet.SubnetId + " (theirs)", func() error {
			_, err := s.ec2.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: out.Subnet.SubnetId})
			return err
		}, nil
	}},
	{"a subnet with our route table", func(ctx context.Context, s *site) (string, func() error, error) {
		out, err := s.ec2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: sdk.String(s.id("vpc/main")), CidrBlock: sdk.String("10.0.255.0/28"), AvailabilityZone: sdk.String("us-east-1a")})
		if err != nil {
			return "", nil, err
		}
		_, err = s.ec2.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{RouteTableId: sdk.String(s.id("route-table/private")), SubnetId: out.Subnet.SubnetId})
		return "subnet " + *out.Subnet.SubnetId + " (which isn't the operator's and has this table)", func() error {
			_, err := s.ec2.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: out.Subnet.SubnetId})
			return err
		}, err
	}},
	{"a route table", func(ctx context.Context, s *site) (string, func() error, error) {
		out, err := s.ec2.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: sdk.String(s.id("vpc/main")), TagSpecifications: named(ec2types.ResourceTypeRouteTable, "theirs")})
		if err != nil {
			return "", nil, err
		}
		return "route table " + *out.RouteTable.RouteTableId + " (theirs)", func() error {
			_, err := s.ec2.DeleteRouteTable(ctx, &ec2.DeleteRouteTableInput{RouteTableId: out.RouteTable.RouteTableId})
			return err
		}, nil
	}},
	{"a security group", func(ctx context.Context, s *site) (string, func() error, error) {
		out, err := s.ec2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: sdk.String("theirs"), Description: sdk.String("theirs"), VpcId: sdk.String(s.id("vpc/main"))})
		if err != nil {
			return "", nil, err
		}
		return "security group " + *out.GroupId + " (theirs)", func() error {
			_, err := s.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: out.GroupId})
			return err
		}, nil
	}},
	{"a rule for our security group", func(ctx context.Context, s *site) (string, func() error, error) {
		out, err := s.ec2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: sdk.String("theirs"), Description: sdk.String("theirs"), VpcId: sdk.String(s.id("vpc/main"))})
		if err != nil {
			return "", nil, err
		}
		_, err = s.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: out.GroupId, IpPermissions: []ec2types.IpPermission{{
			IpProtocol: sdk.String("tcp"), FromPort: sdk.Int32(443), ToPort: sdk.Int32(443), UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: sdk.String(s.id("security-group/gateway"))}},
		}}})
		return "rules of security group " + *out.GroupId + " (theirs)", func() error {
			_, err := s.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: out.GroupId})
			return err
		}, err
	}},
	{"a service in our cluster", func(ctx context.Context, s *site) (string, func() error, error) {
		f := &stranger{site: s}
		td, err := f.register(ctx, "theirs")
		if err != nil {
			return "", nil, err
		}
		cluster := s.name("cluster/main")
		_, err = s.ecs.CreateService(ctx, &ecs.CreateServiceInput{
			ServiceName: sdk.String("theirs"), Cluster: &cluster, TaskDefinition: &td, DesiredCount: sdk.Int32(0), LaunchType: ecstypes.LaunchTypeEc2,
			NetworkConfiguration: &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{Subnets: []string{s.id("subnet/private-a")}}},
		})
		return "1 services in cluster " + cluster, func() error {
			if _, err := s.ecs.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &td}); err != nil {
				return err
			}
			_, err := s.ecs.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: &cluster, Service: sdk.String("theirs"), Force: sdk.Bool(true)})
			return err
		}, err
	}},
	{"an instance profile with our role", func(ctx context.Context, s *site) (string, func() error, error) {
		role := s.name("role/gateway-task")
		if _, err := s.iam.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: sdk.String("theirs")}); err != nil {
			return "", nil, err
		}
		_, err := s.iam.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: sdk.String("theirs"), RoleName: &role})
		return "instance profile theirs", func() error {
			if _, err := s.iam.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: sdk.String("theirs"), RoleName: &role}); err != nil {
				return err
			}
			_, err := s.iam.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: sdk.String("theirs")})
			return err
		}, err
	}},
}

// callsWhileStuck bounds what a deletion that somebody holds up asks of AWS in an hour.
const callsWhileStuck = 60

// TestLodgersAreNamed: what somebody else keeps in our network, or on our objects, holds the deletion up. It is
// named, at last as a reason to do something, and never touched; when it goes, the deletion goes on.
func TestLodgersAreNamed(t *testing.T) {
	for i, l := range lodgers {
		if !harness.Sample(i) {
			continue
		}
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			had := s.h.Emulator.Server.Resources(false)
			name, leave, err := l.come(t.Context(), s)
			if err != nil {
				t.Fatalf("at the console: %v", err)
			}
			s.wait(10 * time.Minute)
			var theirs []core.Resource
			for _, r := range s.h.Emulator.Server.Resources(false) {
				if !slices.ContainsFunc(had, func(x core.Resource) bool { return x.Kind == r.Kind && x.ID == r.ID }) && !r.AWSManaged && !transient(r) {
					theirs = append(theirs, r)
				}
			}
			s.h.Delete(s.key)
			named := func(gw *v1alpha1.PortkeyGateway) bool {
				return gw != nil && slices.ContainsFunc(gw.Status.Resources, func(r v1alpha1.ResourceStatus) bool { return strings.Contains(r.Why, name) })
			}
			if err := s.h.Until(s.key, time.Hour, name+" is named", named); err != nil {
				t.Fatal(err)
			}
			if err := s.h.Until(s.key, 90*time.Minute, "stalled", func(gw *v1alpha1.PortkeyGateway) bool {
				return reason(gw, v1alpha1.ConditionStalled) == v1alpha1.ReasonDeletionBlocked
			}); err != nil {
				t.Fatal(err)
			}
			says(t, s.h, s.key, name)
			says(t, s.h, s.key, ": remove what is named, which isn't the operator's, and the deletion goes on by itself")
			m := mark(s.h)
			passes(t, s.h, s.key, time.Hour)
			if calls := since(s.h, m); len(calls) > callsWhileStuck {
				t.Errorf("%d calls in an hour:\n%s", len(calls), actions(calls))
			}
			for _, r := range theirs {
				if r.Kind != "AutoScalingGroup" { // its activities go on
					untouched(t, s, []core.Resource{r})
				}
			}
			if err := leave(); err != nil {
				t.Fatalf("at the console: %v", err)
			}
			if err := s.h.Until(s.key, 2*time.Hour, "deletion", harness.Gone); err != nil {
				t.Fatal(err)
			}
			if left := s.owned(); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}
