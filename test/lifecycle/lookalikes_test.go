package lifecycle

import (
	"context"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
)

// stranger is somebody with a network of their own in the account.
type stranger struct {
	*site
	vpc     string
	subnets []string
	group   string // the ARN of an Auto Scaling group
}

// settleIn makes what the stranger's look-alikes need.
func (f *stranger) settleIn(ctx context.Context) error {
	vpc, err := f.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: sdk.String("10.99.0.0/16")})
	if err != nil {
		return err
	}
	f.vpc = *vpc.Vpc.VpcId
	for i, cidr := range []string{"10.99.0.0/24", "10.99.1.0/24"} {
		out, err := f.ec2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: &f.vpc, CidrBlock: &cidr, AvailabilityZone: sdk.String([]string{"us-east-1a", "us-east-1b"}[i])})
		if err != nil {
			return err
		}
		f.subnets = append(f.subnets, *out.Subnet.SubnetId)
	}
	if _, err := f.ec2.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{LaunchTemplateName: sdk.String("strangers"), LaunchTemplateData: plain}); err != nil {
		return err
	}
	if err := f.makeGroup(ctx, "strangers"); err != nil {
		return err
	}
	f.wait(time.Minute)
	out, err := f.asg.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{"strangers"}})
	if err != nil {
		return err
	}
	f.group = *out.AutoScalingGroups[0].AutoScalingGroupARN
	return nil
}

func (f *stranger) makeGroup(ctx context.Context, name string) error {
	_, err := f.asg.CreateAutoScalingGroup(ctx, &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: &name, MinSize: sdk.Int32(0), MaxSize: sdk.Int32(0), VPCZoneIdentifier: sdk.String(f.subnets[0] + "," + f.subnets[1]),
		LaunchTemplate: &asgtypes.LaunchTemplateSpecification{LaunchTemplateName: sdk.String("strangers"), Version: sdk.String("1")}, NewInstancesProtectedFromScaleIn: sdk.Bool(true),
	})
	return err
}

func (f *stranger) register(ctx context.Context, family string) (string, error) {
	out, err := f.ecs.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
		Family: &family, NetworkMode: ecstypes.NetworkModeAwsvpc, Cpu: sdk.String("256"), Memory: sdk.String("512"),
		ContainerDefinitions: []ecstypes.ContainerDefinition{{Name: sdk.String("theirs"), Image: sdk.String("theirs:1"), Essential: sdk.Bool(true)}},
	})
	if err != nil {
		return "", err
	}
	return *out.TaskDefinition.TaskDefinitionArn, nil
}

var lookalikes = []lookalike{
	{node: "role/gateway-task", make: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.iam.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: sdk.String(everybody)})
		return err
	}, remove: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &name})
		return err
	}},
	{node: "instance-profile/instance", make: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.iam.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: &name})
		return err
	}, remove: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.iam.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: &name})
		return err
	}},
	{node: "log-group/gateway", make: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name})
		return err
	}, remove: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.logs.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &name})
		return err
	}},
	{node: "mirrored-secret/license", spec: fromSecrets, make: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.secrets.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &name, SecretString: sdk.String("theirs")})
		return err
	}, remove: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.secrets.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &name, ForceDeleteWithoutRecovery: sdk.Bool(true)})
		return err
	}},
	{node: "cluster/main", make: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.ecs.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: &name})
		return err
	}, remove: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.ecs.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: &name})
		return err
	}},
	{node: "http-namespace/main", make: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.sd.CreateHttpNamespace(ctx, &servicediscovery.CreateHttpNamespaceInput{Name: &name})
		return err
	}, remove: func(ctx context.Context, f *stranger, name string) error {
		out, err := f.sd.ListNamespaces(ctx, &servicediscovery.ListNamespacesInput{})
		if err != nil {
			return err
		}
		for _, n := range out.Namespaces {
			if *n.Name == name {
				_, err = f.sd.DeleteNamespace(ctx, &servicediscovery.DeleteNamespaceInput{Id: n.Id})
			}
		}
		return err
	}},
	{node: "load-balancer/network-internal", make: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.elb.CreateLoadBalancer(ctx, &elbv2.CreateLoadBalancerInput{Name: &name, Type: elbtypes.LoadBalancerTypeEnumNetwork, Scheme: elbtypes.LoadBalancerSchemeEnumInternal, Subnets: f.subnets})
		return err
	}, remove: func(ctx context.Context, f *stranger, name string) error {
		out, err := f.elb.DescribeLoadBalancers(ctx, &elbv2.DescribeLoadBalancersInput{Names: []string{name}})
		if err != nil {
			return err
		}
		_, err = f.elb.DeleteLoadBalancer(ctx, &elbv2.DeleteLoadBalancerInput{LoadBalancerArn: out.LoadBalancers[0].LoadBalancerArn})
		return err
	}},
	{node: "target-group/gateway-network-internal", make: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.elb.CreateTargetGroup(ctx, &elbv2.CreateTargetGroupInput{Name: &name, Protocol: elbtypes.ProtocolEnumTcp, Port: sdk.Int32(80), VpcId: &f.vpc, TargetType: elbtypes.TargetTypeEnumIp})
		return err
	}, remove: func(ctx context.Context, f *stranger, name string) error {
		out, err := f.elb.DescribeTargetGroups(ctx, &elbv2.DescribeTargetGroupsInput{Names: []string{name}})
		if err != nil {
			return err
		}
		_, err = f.elb.DeleteTargetGroup(ctx, &elbv2.DeleteTargetGroupInput{TargetGroupArn: out.TargetGroups[0].TargetGroupArn})
		return err
	}},
	{node: "launch-template/main", make: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.ec2.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{LaunchTemplateName: &name, LaunchTemplateData: plain})
		return err
	}, remove: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.ec2.DeleteLaunchTemplate(ctx, &ec2.DeleteLaunchTemplateInput{LaunchTemplateName: &name})
		return err
	}},
	{node: "auto-scaling-group/main", make: func(ctx context.Context, f *stranger, name string) error { return f.makeGroup(ctx, name) }, remove: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.asg.DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: &name})
		return err
	}},
	{node: "capacity-provider/ec2", make: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.ecs.CreateCapacityProvider(ctx, &ecs.CreateCapacityProviderInput{Name: &name, AutoScalingGroupProvider: &ecstypes.AutoScalingGroupProvider{AutoScalingGroupArn: &f.group}})
		return err
	}, remove: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.ecs.DeleteCapacityProvider(ctx, &ecs.DeleteCapacityProviderInput{CapacityProvider: &name})
		return err
	}},
	{node: "service/redis", after: "cluster/main", make: func(ctx context.Context, f *stranger, name string) error {
		td, err := f.register(ctx, "theirs")
		if err != nil {
			return err
		}
		_, err = f.ecs.CreateService(ctx, &ecs.CreateServiceInput{
			ServiceName: &name, Cluster: sdk.String(f.name("cluster/main")), TaskDefinition: &td, DesiredCount: sdk.Int32(0), LaunchType: ecstypes.LaunchTypeEc2,
			NetworkConfiguration: &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{Subnets: f.subnets[:1]}},
		})
		return err
	}, remove: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.ecs.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: sdk.String(f.name("cluster/main")), Service: &name, Force: sdk.Bool(true)})
		return err
	}},
	{node: "security-group/gateway", harmless: true, make: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.ec2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: &name, VpcId: &f.vpc, Description: sdk.String("theirs")})
		return err
	}},
	{node: "task-definition/gateway", make: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.register(ctx, name)
		return err
	}, remove: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.ecs.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: sdk.String(name + ":1")})
		return err
	}},
	{node: "vpc/main", harmless: true, make: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: sdk.String("10.0.0.0/16"), TagSpecifications: named(ec2types.ResourceTypeVpc, name)})
		return err
	}},
	{node: "internet-gateway/main", harmless: true, make: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.ec2.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{TagSpecifications: named(ec2types.ResourceTypeInternetGateway, name)})
		return err
	}},
	{node: "elastic-ip/nat-a", harmless: true, make: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.ec2.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: ec2types.DomainTypeVpc, TagSpecifications: named(ec2types.ResourceTypeElasticIp, name)})
		return err
	}},
	{node: "subnet/public-a", harmless: true, make: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.ec2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: &f.vpc, CidrBlock: sdk.String("10.99.7.0/24"), TagSpecifications: named(ec2types.ResourceTypeSubnet, name)})
		return err
	}},
	{node: "route-table/public", harmless: true, make: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.ec2.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: &f.vpc, TagSpecifications: named(ec2types.ResourceTypeRouteTable, name)})
		return err
	}},
}

func named(kind ec2types.ResourceType, name string) []ec2types.TagSpecification {
	return []ec2types.TagSpecification{{ResourceType: kind, Tags: []ec2types.Tag{{Key: sdk.String("Name"), Value: &name}}}}
}
