package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// needed are the fields of answers that the operator can't do without: the object that was made, what it is found, owned
// and changed by, and what tells one from another. "Vpcs.VpcId" is that of each element of the list, and
// "Listeners+.ListenerArn" is of at least one. Whatever else is lacking means what the kind takes it for.
var needed = []struct {
	output any
	fields []string
}{
	{acm.RequestCertificateOutput{}, []string{"CertificateArn"}},
	{acm.DescribeCertificateOutput{}, []string{"Certificate.CertificateArn"}},
	{acm.ListCertificatesOutput{}, []string{"CertificateSummaryList.CertificateArn"}},
	{acm.ListTagsForCertificateOutput{}, []string{"Tags.Key"}},

	{applicationautoscaling.DescribeScalableTargetsOutput{}, []string{"ScalableTargets.ResourceId", "ScalableTargets.ScalableTargetARN"}},
	{applicationautoscaling.DescribeScalingPoliciesOutput{}, []string{"ScalingPolicies.PolicyName", "ScalingPolicies.ResourceId"}},
	{applicationautoscaling.RegisterScalableTargetOutput{}, []string{"ScalableTargetARN"}},

	{autoscaling.DescribeAutoScalingGroupsOutput{}, []string{
		"AutoScalingGroups.AutoScalingGroupName", "AutoScalingGroups.AutoScalingGroupARN", "AutoScalingGroups.AvailabilityZones", "AutoScalingGroups.Tags.Key",
		"AutoScalingGroups.Instances.InstanceId",
	}},

	{cloudwatch.DescribeAlarmsOutput{}, []string{"MetricAlarms.AlarmName", "CompositeAlarms.AlarmName", "LogAlarms.AlarmName"}},

	{cloudwatchlogs.DescribeLogGroupsOutput{}, []string{"LogGroups.LogGroupName"}},

	{ec2.AllocateAddressOutput{}, []string{"AllocationId"}},
	{ec2.AuthorizeSecurityGroupEgressOutput{}, ruleFields("SecurityGroupRules+.")},
	{ec2.AuthorizeSecurityGroupIngressOutput{}, ruleFields("SecurityGroupRules+.")},
	{ec2.CreateInternetGatewayOutput{}, []string{"InternetGateway.InternetGatewayId"}},
	{ec2.CreateLaunchTemplateOutput{}, []string{"LaunchTemplate.LaunchTemplateId", "LaunchTemplate.DefaultVersionNumber"}},
	{ec2.CreateLaunchTemplateVersionOutput{}, []string{"LaunchTemplateVersion.VersionNumber"}},
	{ec2.CreateNatGatewayOutput{}, []string{"NatGateway.NatGatewayId"}},
	{ec2.CreateRouteTableOutput{}, []string{"RouteTable.RouteTableId"}},
	{ec2.CreateSecurityGroupOutput{}, []string{"GroupId"}},
	{ec2.CreateSubnetOutput{}, []string{"Subnet.SubnetId"}},
	{ec2.CreateVpcOutput{}, []string{"Vpc.VpcId"}},
	{ec2.CreateVpcEndpointOutput{}, []string{"VpcEndpoint.VpcEndpointId"}},
	{ec2.CreateVpcEndpointServiceConfigurationOutput{}, []string{"ServiceConfiguration.ServiceId"}},
	{ec2.DescribeAddressesOutput{}, []string{"Addresses.AllocationId", "Addresses.Tags.Key"}},
	{ec2.DescribeAvailabilityZonesOutput{}, []string{"AvailabilityZones+.ZoneName"}},
	{ec2.DescribeInternetGatewaysOutput{}, []string{"InternetGateways.InternetGatewayId", "InternetGateways.Tags.Key"}},
	{ec2.DescribeLaunchTemplatesOutput{}, []string{"LaunchTemplates.LaunchTemplateId", "LaunchTemplates.DefaultVersionNumber", "LaunchTemplates.Tags.Key"}},
	{ec2.DescribeNatGatewaysOutput{}, []string{"NatGateways.NatGatewayId", "NatGateways.Tags.Key"}},
	{ec2.DescribeNetworkAclsOutput{}, []string{"NetworkAcls.NetworkAclId", "NetworkAcls.Tags.Key"}},
	{ec2.DescribeRegionsOutput{}, []string{"Regions+.RegionName"}},
	{ec2.DescribeRouteTablesOutput{}, []string{
		"RouteTables.RouteTableId", "RouteTables.VpcId", "RouteTables.Tags.Key", "RouteTables.Associations.RouteTableAssociationId",
	}},
	{ec2.DescribeSecurityGroupRulesOutput{}, append(ruleFields("SecurityGroupRules."), "SecurityGroupRules.Tags.Key")},
	{ec2.DescribeSecurityGroupsOutput{}, []string{"SecurityGroups.GroupId", "SecurityGroups.GroupName", "SecurityGroups.VpcId", "SecurityGroups.Tags.Key"}},
	{ec2.DescribeSubnetsOutput{}, []string{"Subnets.SubnetId", "Subnets.VpcId", "Subnets.Tags.Key"}},
	{ec2.DescribeVpcEndpointConnectionsOutput{}, []string{"VpcEndpointConnections.VpcEndpointId"}},
	{ec2.DescribeVpcEndpointServiceConfigurationsOutput{}, []string{"ServiceConfigurations.ServiceId", "ServiceConfigurations.Tags.Key"}},
	{ec2.DescribeVpcEndpointServicePermissionsOutput{}, []string{"AllowedPrincipals.Principal"}},
	{ec2.DescribeVpcEndpointsOutput{}, []string{"VpcEndpoints.VpcEndpointId", "VpcEndpoints.Tags.Key"}},
	{ec2.DescribeVpcsOutput{}, []string{"Vpcs.VpcId", "Vpcs.CidrBlock", "Vpcs.Tags.Key"}},

	{ecs.CreateCapacityProviderOutput{}, providerFields("CapacityProvider.")},
	{ecs.CreateClusterOutput{}, clusterFields("Cluster.")},
	{ecs.CreateServiceOutput{}, serviceFields("Service.")},
	{ecs.DescribeCapacityProvidersOutput{}, providerFields("CapacityProviders.")},
	{ecs.DescribeClustersOutput{}, append(clusterFields("Clusters."), "Clusters.CapacityProviders")},
	{ecs.DescribeServiceDeploymentsOutput{}, []string{"ServiceDeployments.ServiceDeploymentArn"}},
	{ecs.DescribeServicesOutput{}, serviceFields("Services.")},
	{ecs.DescribeTaskDefinitionOutput{}, []string{"TaskDefinition.TaskDefinitionArn", "TaskDefinition.Family", "Tags.Key"}},
	{ecs.ListServiceDeploymentsOutput{}, []string{"ServiceDeployments.ServiceDeploymentArn"}},
	{ecs.ListTaskDefinitionsOutput{}, []string{"TaskDefinitionArns"}},
	{ecs.PutClusterCapacityProvidersOutput{}, clusterFields("Cluster.")},
	{ecs.RegisterTaskDefinitionOutput{}, []string{"TaskDefinition.TaskDefinitionArn"}},
	{ecs.UpdateCapacityProviderOutput{}, providerFields("CapacityProvider.")},
	{ecs.UpdateServiceOutput{}, serviceFields("Service.")},

	{elasticache.CreateCacheParameterGroupOutput{}, []string{"CacheParameterGroup.CacheParameterGroupName", "CacheParameterGroup.ARN"}},
	{elasticache.CreateCacheSubnetGroupOutput{}, []string{"CacheSubnetGroup.CacheSubnetGroupName", "CacheSubnetGroup.ARN"}},
	{elasticache.CreateReplicationGroupOutput{}, []string{"ReplicationGroup.ReplicationGroupId", "ReplicationGroup.ARN"}},
	{elasticache.CreateServerlessCacheOutput{}, []string{"ServerlessCache.ServerlessCacheName", "ServerlessCache.ARN"}},
	{elasticache.CreateUserOutput{}, []string{"UserId", "ARN"}},
	{elasticache.CreateUserGroupOutput{}, []string{"UserGroupId", "ARN"}},
	{elasticache.DescribeCacheParameterGroupsOutput{}, []string{"CacheParameterGroups.CacheParameterGroupName", "CacheParameterGroups.ARN"}},
	{elasticache.DescribeCacheParametersOutput{}, []string{"Parameters.ParameterName"}},
	{elasticache.DescribeCacheSubnetGroupsOutput{}, []string{"CacheSubnetGroups.CacheSubnetGroupName", "CacheSubnetGroups.ARN"}},
	{elasticache.DescribeReplicationGroupsOutput{}, []string{"ReplicationGroups.ReplicationGroupId", "ReplicationGroups.ARN"}},
	{elasticache.DescribeServerlessCachesOutput{}, []string{"ServerlessCaches.ServerlessCacheName", "ServerlessCaches.ARN"}},
	{elasticache.DescribeUserGroupsOutput{}, []string{"UserGroups.UserGroupId", "UserGroups.ARN"}},
	{elasticache.DescribeUsersOutput{}, []string{"Users.UserId", "Users.ARN"}},
	{elasticache.ListTagsForResourceOutput{}, []string{"TagList.Key"}},
	{elasticache.ModifyServerlessCacheOutput{}, []string{"ServerlessCache.ServerlessCacheName", "ServerlessCache.ARN"}},

	{elbv2.CreateListenerOutput{}, []string{"Listeners+.ListenerArn"}},
	{elbv2.CreateLoadBalancerOutput{}, []string{"LoadBalancers+.LoadBalancerArn"}},
	{elbv2.CreateRuleOutput{}, []string{"Rules+.RuleArn"}},
	{elbv2.CreateTargetGroupOutput{}, []string{"TargetGroups+.TargetGroupArn"}},
	{elbv2.DescribeListenersOutput{}, []string{"Listeners.ListenerArn", "Listeners.Port", "Listeners.DefaultActions+.Type"}},
	{elbv2.DescribeLoadBalancerAttributesOutput{}, []string{"Attributes.Key"}},
	{elbv2.DescribeLoadBalancersOutput{}, []string{"LoadBalancers.LoadBalancerArn"}},
	{elbv2.DescribeRulesOutput{}, []string{"Rules.RuleArn", "Rules.Priority", "Rules.Actions+.Type"}},
	{elbv2.DescribeTagsOutput{}, []string{"TagDescriptions.ResourceArn", "TagDescriptions.Tags.Key"}},
	{elbv2.DescribeTargetGroupAttributesOutput{}, []string{"Attributes.Key"}},
	{elbv2.DescribeTargetGroupsOutput{}, []string{"TargetGroups.TargetGroupArn", "TargetGroups.TargetGroupName"}},
	{elbv2.ModifyListenerOutput{}, []string{"Listeners+.ListenerArn", "Listeners.Port"}},
	{elbv2.ModifyRuleOutput{}, []string{"Rules+.RuleArn", "Rules.Priority"}},
	{elbv2.ModifyTargetGroupOutput{}, []string{"TargetGroups+.TargetGroupArn", "TargetGroups.TargetGroupName"}},

	{iam.CreateInstanceProfileOutput{}, []string{"InstanceProfile.InstanceProfileName", "InstanceProfile.Arn"}},
	{iam.CreateRoleOutput{}, []string{"Role.Arn"}},
	{iam.GetAccountAuthorizationDetailsOutput{}, []string{
		"RoleDetailList.RoleName", "RoleDetailList.Arn", "RoleDetailList.Tags.Key", "RoleDetailList.RolePolicyList.PolicyName", "RoleDetailList.AttachedManagedPolicies.PolicyArn",
	}},
	{iam.GetInstanceProfileOutput{}, []string{"InstanceProfile.InstanceProfileName", "InstanceProfile.Arn", "InstanceProfile.Tags.Key"}},
	{iam.GetRoleOutput{}, []string{"Role.Arn", "Role.Tags.Key"}},
	{iam.ListAttachedRolePoliciesOutput{}, []string{"AttachedPolicies.PolicyArn"}},
	{iam.ListInstanceProfilesForRoleOutput{}, []string{"InstanceProfiles.InstanceProfileName"}},
	{iam.ListRolePoliciesOutput{}, []string{"PolicyNames"}},

	{kms.DescribeKeyOutput{}, []string{"KeyMetadata.Arn"}},

	{lambda.CreateFunctionOutput{}, []string{"FunctionName", "FunctionArn"}},
	{lambda.GetFunctionOutput{}, []string{"Configuration.FunctionName", "Configuration.FunctionArn"}},

	{route53.ChangeResourceRecordSetsOutput{}, []string{"ChangeInfo.Id"}},
	{route53.GetChangeOutput{}, []string{"ChangeInfo.Id"}},
	{route53.GetHostedZoneOutput{}, []string{"HostedZone.Name"}},
	{route53.ListResourceRecordSetsOutput{}, []string{"ResourceRecordSets.Name", "ResourceRecordSets.Type"}},

	{secretsmanager.CreateSecretOutput{}, []string{"ARN"}},
	{secretsmanager.DescribeSecretOutput{}, []string{"ARN", "Tags.Key"}},

	{servicediscovery.CreateHttpNamespaceOutput{}, []string{"OperationId"}},
	{servicediscovery.GetNamespaceOutput{}, []string{"Namespace.Id", "Namespace.Arn"}},
	{servicediscovery.GetOperationOutput{}, []string{"Operation.Id"}},
	{servicediscovery.ListNamespacesOutput{}, []string{"Namespaces.Id", "Namespaces.Name", "Namespaces.Arn"}},
	{servicediscovery.ListTagsForResourceOutput{}, []string{"Tags.Key"}},

	{sts.GetCallerIdentityOutput{}, []string{"Account", "Arn"}},

	{tagging.GetResourcesOutput{}, []string{"ResourceTagMappingList.ResourceARN", "ResourceTagMappingList.Tags.Key"}},
}

func of(prefix string, names ...string) []string {
	for i := range names {
		names[i] = prefix + names[i]
	}
	return names
}

// ruleFields tell a rule of a security group from another.
func ruleFields(r string) []string {
	return of(r, "SecurityGroupRuleId", "GroupId", "IsEgress", "IpProtocol")
}

func clusterFields(c string) []string { return of(c, "ClusterName", "ClusterArn") }

func providerFields(p string) []string { return of(p, "Name", "CapacityProviderArn") }

// serviceFields name a service, and what its tasks run: a service that seemed to run something else would be deployed anew.
func serviceFields(s string) []string {
	return of(s, "ServiceName", "ServiceArn", "ClusterArn", "TaskDefinition")
}
