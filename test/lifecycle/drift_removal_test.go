package lifecycle

import (
	"context"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
)

// absorbed are nodes that have no object of their own to delete.
var absorbed = map[string]string{
	"SecurityGroupRules": "revoking every rule is an edit of the group",
	"ServicePeers":       "what a service knows goes with it",
	"GroupCapacity":      "the size of an Auto Scaling group is a field of it",
	"ClusterCapacity":    "taking the providers off a cluster is an edit of the cluster, and is refused while services use them",
}

// removals delete each kind of object, after taking away what AWS insists on.
var removals = map[string][]edit{
	"VPC": {
		// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html: "You must detach or delete
		// all gateways and resources that are associated with the VPC before you can delete it."
		{what: "while it is in use", refused: "DependencyViolation", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ec2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: &o.ID})
			return err
		}},
	},
	"VPCDefaults": {
		// https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html: it can't be deleted.
		{what: "the default group", refused: "CannotDelete", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &o.ID})
			return err
		}},
	},
	"Subnet": {
		// Interfaces of instances, tasks, load balancers and NAT gateways hold a subnet.
		{what: "while it is in use", refused: "DependencyViolation", nodes: []string{"subnet/private-a", "subnet/private-b", "subnet/public-a"}, do: deleteSubnet},
		{what: "deleted", nodes: []string{"subnet/public-b"}, do: deleteSubnet},
		{what: "deleted with its NAT gateway", nodes: []string{"subnet/public-a"}, do: func(ctx context.Context, s *site, o object) error {
			if err := s.deleteNAT(ctx); err != nil {
				return err
			}
			return deleteSubnet(ctx, s, o)
		}},
		{what: "deleted after the load balancer left it", nodes: []string{"subnet/private-b"}, do: func(ctx context.Context, s *site, o object) error {
			if _, err := s.elb.SetSubnets(ctx, &elbv2.SetSubnetsInput{LoadBalancerArn: sdk.String(s.id("load-balancer/network-internal")), Subnets: []string{s.id("subnet/private-a")}}); err != nil {
				return err
			}
			s.wait(5 * time.Minute)
			return deleteSubnet(ctx, s, o)
		}},
	},
	"InternetGateway": {
		{what: "deleted with its NAT gateway", do: func(ctx context.Context, s *site, o object) error {
			if err := s.deleteNAT(ctx); err != nil {
				return err
			}
			if _, err := s.ec2.DetachInternetGateway(ctx, &ec2.DetachInternetGatewayInput{InternetGatewayId: &o.ID, VpcId: sdk.String(s.id("vpc/main"))}); err != nil {
				return err
			}
			_, err := s.ec2.DeleteInternetGateway(ctx, &ec2.DeleteInternetGatewayInput{InternetGatewayId: &o.ID})
			return err
		}},
	},
	"ElasticIP": {
		// The association with a NAT gateway belongs to AWS, hence the code.
		// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html
		{what: "while the NAT gateway has it", refused: "AuthFailure", do: releaseAddress},
		{what: "released after its NAT gateway", do: func(ctx context.Context, s *site, o object) error {
			if err := s.deleteNAT(ctx); err != nil {
				return err
			}
			return releaseAddress(ctx, s, o)
		}},
	},
	"NATGateway": {
		{what: "deleted", do: func(ctx context.Context, s *site, _ object) error { return s.deleteNAT(ctx) }},
		{what: "being deleted", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ec2.DeleteNatGateway(ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: &o.ID})
			return err
		}},
	},
	"RouteTable": {
		{what: "deleted", do: func(ctx context.Context, s *site, o object) error {
			ids, err := s.associations(ctx, o.ID)
			if err != nil {
				return err
			}
			for _, id := range ids {
				if _, err := s.ec2.DisassociateRouteTable(ctx, &ec2.DisassociateRouteTableInput{AssociationId: &id}); err != nil {
					return err
				}
			}
			_, err = s.ec2.DeleteRouteTable(ctx, &ec2.DeleteRouteTableInput{RouteTableId: &o.ID})
			return err
		}},
	},
	"SecurityGroup": {
		{what: "while it is in use", refused: "DependencyViolation", do: deleteGroup},
		{what: "deleted after the load balancer left it", nodes: []string{"security-group/load-balancer-network-internal"}, do: func(ctx context.Context, s *site, o object) error {
			if _, err := s.elb.SetSecurityGroups(ctx, &elbv2.SetSecurityGroupsInput{LoadBalancerArn: sdk.String(s.id("load-balancer/network-internal")), SecurityGroups: []string{s.id("security-group/instances")}}); err != nil {
				return err
			}
			// The gateway's rule names the group, which holds it.
			if err := s.eachRule(ctx, s.id("security-group/gateway"), false, s.revoke); err != nil {
				return err
			}
			s.wait(5 * time.Minute)
			return deleteGroup(ctx, s, o)
		}},
		{what: "deleted after its tasks left it", nodes: []string{"security-group/redis"}, do: func(ctx context.Context, s *site, o object) error {
			service := s.node("service/" + o.Node[len("security-group/"):])
			if err := s.placeService(ctx, service, []string{s.id("subnet/private-a"), s.id("subnet/private-b")}, s.id("security-group/instances")); err != nil {
				return err
			}
			s.wait(20 * time.Minute)
			return deleteGroup(ctx, s, o)
		}},
		{what: "deleted after its service", nodes: []string{"security-group/gateway"}, do: func(ctx context.Context, s *site, o object) error {
			if err := s.deleteService(ctx, s.node("service/gateway")); err != nil {
				return err
			}
			// Redis' rule names the group, which holds it.
			if err := s.eachRule(ctx, s.id("security-group/redis"), false, s.revoke); err != nil {
				return err
			}
			s.wait(10 * time.Minute)
			return deleteGroup(ctx, s, o)
		}},
	},
	"Role": {
		{what: "while it has policies", refused: "DeleteConflict", nodes: []string{"role/instance", "role/gateway-task", "role/gateway-execution", "role/redis-execution"}, do: deleteRole},
		{what: "deleted", do: func(ctx context.Context, s *site, o object) error {
			if err := s.strip(ctx, o.Name); err != nil {
				return err
			}
			if o.Node == "role/instance" {
				if err := s.takeRoleOut(ctx, s.name("instance-profile/instance")); err != nil {
					return err
				}
			}
			return deleteRole(ctx, s, o)
		}},
	},
	"InstanceProfile": {
		{what: "while it has a role", refused: "DeleteConflict", do: deleteProfile},
		{what: "deleted", do: func(ctx context.Context, s *site, o object) error {
			if err := s.takeRoleOut(ctx, o.Name); err != nil {
				return err
			}
			return deleteProfile(ctx, s, o)
		}},
	},
	"LogGroup": {
		{what: "deleted", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.logs.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &o.Name})
			return err
		}},
	},
	"HTTPNamespace": {
		{what: "while services are in it", refused: "ResourceInUse", do: deleteNamespace},
		{what: "deleted after the services", do: func(ctx context.Context, s *site, o object) error {
			if err := s.deleteServices(ctx); err != nil {
				return err
			}
			if err := deleteNamespace(ctx, s, o); err != nil {
				return err
			}
			s.wait(2 * time.Minute)
			return nil
		}},
	},
	"Cluster": {
		{what: "while services run", refused: "ClusterContainsServicesException", do: deleteCluster},
		{what: "deleted after services, instances and capacity", do: func(ctx context.Context, s *site, o object) error {
			if err := s.deleteServices(ctx); err != nil {
				return err
			}
			if err := s.terminateInstances(ctx); err != nil {
				return err
			}
			if err := s.putProviders(ctx, o.Name, nil, nil); err != nil {
				return err
			}
			return deleteCluster(ctx, s, o)
		}},
	},
	"LaunchTemplate": {
		{what: "deleted", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ec2.DeleteLaunchTemplate(ctx, &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: &o.ID})
			return err
		}},
	},
	"AutoScalingGroup": {
		{what: "while it has instances", refused: "ResourceInUse", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.asg.DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: &o.Name})
			return err
		}},
		{what: "deleted with its instances", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.asg.DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: &o.Name, ForceDelete: sdk.Bool(true)})
			s.wait(10 * time.Minute)
			return err
		}},
	},
	"CapacityProvider": {
		{what: "deleted after the services", do: func(ctx context.Context, s *site, o object) error {
			if err := s.deleteServices(ctx); err != nil {
				return err
			}
			if err := s.putProviders(ctx, s.name("cluster/main"), nil, nil); err != nil {
				return err
			}
			if err := deleteProvider(ctx, s, o); err != nil {
				return err
			}
			s.wait(5 * time.Minute)
			return nil
		}},
	},
	"TaskDefinition": {
		{what: "deregistered", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ecs.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &o.ID})
			return err
		}},
	},
	"Service": {
		{what: "deleted", do: func(ctx context.Context, s *site, o object) error {
			err := s.deleteService(ctx, o)
			s.wait(10 * time.Minute)
			return err
		}},
		{what: "being deleted", do: func(ctx context.Context, s *site, o object) error { return s.deleteService(ctx, o) }},
	},
	"LoadBalancer": {
		{what: "deleted", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.DeleteLoadBalancer(ctx, &elbv2.DeleteLoadBalancerInput{LoadBalancerArn: &o.ID})
			return err
		}},
	},
	"TargetGroup": {
		// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html
		{what: "while the listener uses it", refused: "ResourceInUse", do: deleteTargetGroup},
		{what: "deleted after its listener", do: func(ctx context.Context, s *site, o object) error {
			if err := deleteListener(ctx, s, s.node("listener/production-network-internal")); err != nil {
				return err
			}
			return deleteTargetGroup(ctx, s, o)
		}},
	},
	"Listener": {{what: "deleted", do: deleteListener}},
}

func deleteSubnet(ctx context.Context, s *site, o object) error {
	_, err := s.ec2.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: &o.ID})
	return err
}

func releaseAddress(ctx context.Context, s *site, o object) error {
	_, err := s.ec2.ReleaseAddress(ctx, &ec2.ReleaseAddressInput{AllocationId: &o.ID})
	return err
}

func deleteGroup(ctx context.Context, s *site, o object) error {
	_, err := s.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &o.ID})
	return err
}

func deleteRole(ctx context.Context, s *site, o object) error {
	_, err := s.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &o.Name})
	return err
}

func deleteProfile(ctx context.Context, s *site, o object) error {
	_, err := s.iam.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: &o.Name})
	return err
}

func deleteNamespace(ctx context.Context, s *site, o object) error {
	_, err := s.sd.DeleteNamespace(ctx, &servicediscovery.DeleteNamespaceInput{Id: &o.ID})
	return err
}

func deleteCluster(ctx context.Context, s *site, o object) error {
	_, err := s.ecs.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: &o.Name})
	return err
}

func deleteProvider(ctx context.Context, s *site, o object) error {
	_, err := s.ecs.DeleteCapacityProvider(ctx, &ecs.DeleteCapacityProviderInput{CapacityProvider: &o.Name})
	return err
}

func deleteListener(ctx context.Context, s *site, o object) error {
	_, err := s.elb.DeleteListener(ctx, &elbv2.DeleteListenerInput{ListenerArn: &o.ID})
	return err
}

func deleteTargetGroup(ctx context.Context, s *site, o object) error {
	_, err := s.elb.DeleteTargetGroup(ctx, &elbv2.DeleteTargetGroupInput{TargetGroupArn: &o.ID})
	return err
}

func (s *site) deleteService(ctx context.Context, o object) error {
	_, err := s.ecs.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: sdk.String(s.name("cluster/main")), Service: &o.Name, Force: sdk.Bool(true)})
	return err
}

// deleteServices deletes both services and waits until their tasks are gone.
func (s *site) deleteServices(ctx context.Context) error {
	for _, node := range []string{"service/gateway", "service/redis"} {
		if err := s.deleteService(ctx, s.node(node)); err != nil {
			return err
		}
	}
	s.wait(10 * time.Minute)
	return nil
}

// terminateInstances makes the Auto Scaling group empty, and lets it stay so.
func (s *site) terminateInstances(ctx context.Context) error {
	name := s.name("auto-scaling-group/main")
	out, err := s.asg.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{name}})
	if err != nil {
		return err
	}
	var ids []string
	for _, i := range out.AutoScalingGroups[0].Instances {
		ids = append(ids, *i.InstanceId)
	}
	if len(ids) > 0 {
		if _, err := s.asg.SetInstanceProtection(ctx, &autoscaling.SetInstanceProtectionInput{AutoScalingGroupName: &name, InstanceIds: ids, ProtectedFromScaleIn: sdk.Bool(false)}); err != nil {
			return err
		}
	}
	err = s.updateGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{MinSize: sdk.Int32(0), MaxSize: sdk.Int32(0), DesiredCapacity: sdk.Int32(0)})
	s.wait(20 * time.Minute)
	return err
}

// strip takes a role's policies off.
func (s *site) strip(ctx context.Context, role string) error {
	a, err := s.iam.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: &role})
	if err != nil {
		return err
	}
	for _, p := range a.AttachedPolicies {
		if _, err := s.iam.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &role, PolicyArn: p.PolicyArn}); err != nil {
			return err
		}
	}
	i, err := s.iam.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: &role})
	if err != nil {
		return err
	}
	for _, p := range i.PolicyNames {
		if _, err := s.iam.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &role, PolicyName: &p}); err != nil {
			return err
		}
	}
	return nil
}
