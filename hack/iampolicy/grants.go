package iampolicy

import "strings"

// Grant is what one feature needs: actions, and on what, under which condition. It is the one source of the
// policies in config/iam.
type Grant struct {
	Feature string
	Scope   Scope
	Actions []string
}

// The features: each is a block of the spec, or a value in one.
const (
	// Base is what every gateway needs: cluster, services, task definitions, roles, log groups, security groups.
	Base = "base"
	// VPC is network.vpc, ExistingNetwork network.existing.
	VPC             = "vpc"
	ExistingNetwork = "existing-network"
	// EC2Capacity is capacity.ec2.
	EC2Capacity = "ec2-capacity"
	// LoadBalancer is loadBalancer, WAF its wafWebACLARN, Certificate its certificate, and DNS its dns.
	LoadBalancer = "load-balancer"
	WAF          = "waf"
	Certificate  = "certificate"
	DNS          = "dns"
	// Inbound is controlPlane.inbound with type PrivateLink.
	Inbound = "control-plane-inbound"
	// Autoscaling is autoscaling of the gateway or the data service.
	Autoscaling = "autoscaling"
	// TrafficShift are the rollout strategies that shift traffic; Hooks are functions that ECS asks, and Probes
	// those that the operator makes.
	TrafficShift = "traffic-shift"
	Hooks        = "rollout-hooks"
	Probes       = "rollout-probes"
	// Alarms are rollout.alarms.
	Alarms = "rollout-alarms"
	// PrivateLink is controlPlane.outbound with type PrivateLink.
	PrivateLink = "private-link"
	// TaskPolicies are taskRole.policyARNs: any policy of the account on the roles of tasks.
	TaskPolicies = "task-policies"
	// Cache is cache.elastiCache.managed and serverless, ExistingCache its replicationGroupID.
	Cache         = "cache"
	ExistingCache = "existing-cache"
	// MirroredSecrets are the secretRefs: the operator's copies of Kubernetes Secrets. SecretsKey is
	// secrets.kmsKeyARN.
	MirroredSecrets = "mirrored-secrets"
	SecretsKey      = "secrets-key"
	// Storage is storage.create.
	Storage = "storage"
	// LinkedRoles makes the roles of services that were never used in the account.
	LinkedRoles = "service-linked-roles"
	// RestoreTags lets the operator put the ownership tag back where somebody took it off.
	RestoreTags = "restore-tags"
	// SecretKeys is the manager's --check-secret-keys.
	SecretKeys = "secret-keys"
	// Events is the manager's --events-queue-url.
	Events = "events"
)

// Optional are the features that the whole doesn't have: what weakens its conditions, what a flag of the manager asks
// for, and what is no part of a deployment.
var Optional = []string{RestoreTags, SecretKeys, Events}

func list(service, names string) []string {
	var out []string
	for _, n := range strings.Fields(names) {
		out = append(out, service+":"+n)
	}
	return out
}

// Grants are all of them. An action stands in several where AWS decides on several resources, each of which
// must be allowed by some statement.
var Grants = []Grant{
	{Base, read, list("ec2", "DescribeAvailabilityZones DescribeNetworkInterfaces DescribeSecurityGroupRules DescribeSecurityGroups DescribeSubnets DescribeVpcs")},
	// A deletion looks for whatever an earlier spec may have left, whatever today's asks for.
	{Base, read, list("ec2", "DescribeAddresses DescribeInternetGateways DescribeLaunchTemplates DescribeNatGateways DescribeRouteTables")},
	{Base, read, list("autoscaling", "DescribeAutoScalingGroups")},
	{Base, read, list("ecs", "DescribeCapacityProviders DescribeClusters DescribeServiceDeployments DescribeServiceRevisions DescribeServices DescribeTaskDefinition ListServiceDeployments ListTaskDefinitions")},
	{Base, read, list("iam", "GetAccountAuthorizationDetails GetRole GetRolePolicy ListAttachedRolePolicies ListInstanceProfilesForRole ListRolePolicies")},
	{Base, read, list("logs", "DescribeLogGroups ListTagsForResource")},
	{Base, read, list("servicediscovery", "GetNamespace GetOperation ListNamespaces ListTagsForResource")},
	{Base, read, list("secretsmanager", "DescribeSecret")},
	{Base, read, list("s3", "ListBucket")},
	{Base, read, list("tag", "GetResources")},
	{VPC, read, list("ec2", "DescribeNetworkAcls DescribeVpcAttribute")},
	{EC2Capacity, read, list("ec2", "DescribeInstanceTypes DescribeLaunchTemplateVersions")},
	{EC2Capacity, read, list("autoscaling", "DescribeInstanceRefreshes")},
	{EC2Capacity, read, list("iam", "GetInstanceProfile")},
	{LoadBalancer, read, list("acm", "DescribeCertificate")},
	{LoadBalancer, read, list("ec2", "DescribeAccountAttributes GetSecurityGroupsForVpc")},
	{LoadBalancer, read, list("elasticloadbalancing", "DescribeListeners DescribeLoadBalancerAttributes DescribeLoadBalancers DescribeRules DescribeTags DescribeTargetGroupAttributes DescribeTargetGroups DescribeTargetHealth")},
	{Inbound, read, list("ec2", "DescribeRegions DescribeVpcEndpointConnections DescribeVpcEndpointServiceConfigurations DescribeVpcEndpointServicePermissions")},
	{WAF, read, list("wafv2", "GetWebACL GetWebACLForResource")},
	{Certificate, read, list("acm", "ListCertificates ListTagsForCertificate")},
	{DNS, read, list("route53", "GetChange GetHostedZone ListResourceRecordSets")},
	{Autoscaling, read, list("application-autoscaling", "DescribeScalableTargets DescribeScalingPolicies ListTagsForResource")},
	{Autoscaling, read, list("cloudwatch", "DescribeAlarms")},
	{Alarms, read, list("cloudwatch", "DescribeAlarms")},
	{Hooks, read, list("lambda", "GetFunctionConfiguration")},
	{Probes, read, list("lambda", "GetFunction ListTags")},
	{Cache, read, list("elasticache", "DescribeCacheClusters DescribeCacheParameterGroups DescribeCacheParameters DescribeCacheSubnetGroups DescribeReplicationGroups DescribeServerlessCaches DescribeUserGroups DescribeUsers ListTagsForResource")},
	{ExistingCache, read, list("elasticache", "DescribeCacheClusters DescribeReplicationGroups")},
	{PrivateLink, read, list("ec2", "DescribeVpcAttribute DescribeVpcEndpointServices DescribeVpcEndpoints")},
	{Storage, read, list("s3", "GetBucketOwnershipControls GetBucketPublicAccessBlock GetBucketTagging")},

	{EC2Capacity, images, list("ssm", "GetParameter")},

	{Base, making, list("ec2", "AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress CreateSecurityGroup")},
	{Base, making, list("ecs", "CreateCluster CreateService RegisterTaskDefinition")},
	{Base, making, list("servicediscovery", "TagResource")},
	{VPC, making, list("ec2", "AllocateAddress CreateInternetGateway CreateNatGateway CreateRouteTable CreateSubnet CreateVpc")},
	{PrivateLink, making, list("ec2", "CreateVpcEndpoint")},
	{EC2Capacity, making, list("ec2", "CreateLaunchTemplate")},
	{EC2Capacity, making, list("ecs", "CreateCapacityProvider")},
	{EC2Capacity, making, list("autoscaling", "CreateAutoScalingGroup CreateOrUpdateTags")},
	{LoadBalancer, making, list("elasticloadbalancing", "CreateLoadBalancer CreateTargetGroup")},
	{Certificate, making, list("acm", "AddTagsToCertificate RequestCertificate")},
	{Inbound, making, list("ec2", "CreateVpcEndpointServiceConfiguration")},
	{Inbound, making, list("vpce", "AllowMultiRegion")},
	{Autoscaling, making, list("application-autoscaling", "TagResource")},
	{Probes, making, list("lambda", "CreateFunction TagResource")},
	{Cache, making, list("elasticache", "AddTagsToResource CreateCacheParameterGroup CreateCacheSubnetGroup CreateReplicationGroup CreateServerlessCache CreateUser CreateUserGroup")},
	{Cache, making, list("secretsmanager", "CreateSecret TagResource")},
	{MirroredSecrets, making, list("secretsmanager", "CreateSecret TagResource")},
	{Storage, making, list("s3", "CreateBucket TagResource")},
	{Base, logGroups, list("logs", "CreateLogGroup TagResource")},

	{Base, tagEC2, list("ec2", "CreateTags")},
	{Base, tagECS, list("ecs", "TagResource")},
	{LoadBalancer, tagBalancers, list("elasticloadbalancing", "AddTags")},
	{LoadBalancer, within, list("elasticloadbalancing", "CreateListener CreateRule")},

	{Base, ours, list("ec2", "AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress CreateTags DeleteSecurityGroup DeleteTags ModifySecurityGroupRules RevokeSecurityGroupEgress RevokeSecurityGroupIngress")},
	{Base, ours, list("ecs", "ContinueServiceDeployment DeleteCluster DeleteService PutClusterCapacityProviders StopServiceDeployment TagResource UntagResource UpdateCluster UpdateService")},
	{Base, ours, list("logs", "DeleteLogGroup PutRetentionPolicy TagResource UntagResource")},
	{Base, ours, list("servicediscovery", "DeleteNamespace TagResource UntagResource UpdateHttpNamespace")},
	{VPC, ours, list("ec2", "AssociateRouteTable AttachInternetGateway CreateNatGateway CreateRoute CreateRouteTable CreateSecurityGroup CreateSubnet DeleteInternetGateway DeleteNatGateway DeleteRoute DeleteRouteTable DeleteSubnet DeleteVpc DetachInternetGateway DisassociateRouteTable ModifySubnetAttribute ModifyVpcAttribute ReleaseAddress ReplaceRoute ReplaceRouteTableAssociation")},
	{PrivateLink, ours, list("ec2", "DeleteVpcEndpoints ModifyVpcEndpoint")},
	{EC2Capacity, ours, list("ec2", "CreateLaunchTemplateVersion DeleteLaunchTemplate ModifyLaunchTemplate")},
	{EC2Capacity, ours, list("autoscaling", "CancelInstanceRefresh CreateOrUpdateTags DeleteAutoScalingGroup DeleteTags StartInstanceRefresh TerminateInstanceInAutoScalingGroup UpdateAutoScalingGroup")},
	{EC2Capacity, ours, list("ecs", "DeleteCapacityProvider UpdateCapacityProvider")},
	{LoadBalancer, ours, list("elasticloadbalancing", "AddTags DeleteListener DeleteLoadBalancer DeleteRule DeleteTargetGroup ModifyListener ModifyLoadBalancerAttributes ModifyRule ModifyTargetGroup ModifyTargetGroupAttributes RemoveTags SetRulePriorities SetSecurityGroups SetSubnets")},
	{Certificate, ours, list("acm", "AddTagsToCertificate DeleteCertificate RemoveTagsFromCertificate")},
	{Inbound, ours, list("ec2", "AcceptVpcEndpointConnections DeleteVpcEndpointServiceConfigurations ModifyVpcEndpointServiceConfiguration ModifyVpcEndpointServicePermissions RejectVpcEndpointConnections StartVpcEndpointServicePrivateDnsVerification")},
	{Inbound, ours, list("vpce", "AllowMultiRegion")},
	{Inbound, ours, list("elasticloadbalancing", "DeregisterTargets RegisterTargets")},
	{Autoscaling, ours, list("application-autoscaling", "TagResource UntagResource")},
	{Probes, ours, list("lambda", "DeleteFunction InvokeFunction TagResource UntagResource UpdateFunctionCode UpdateFunctionConfiguration")},
	{Cache, ours, list("elasticache", "AddTagsToResource CreateReplicationGroup CreateServerlessCache CreateUserGroup DecreaseReplicaCount DeleteCacheParameterGroup DeleteCacheSubnetGroup DeleteReplicationGroup DeleteServerlessCache DeleteUser DeleteUserGroup IncreaseReplicaCount ModifyCacheParameterGroup ModifyCacheSubnetGroup ModifyReplicationGroup ModifyReplicationGroupShardConfiguration ModifyServerlessCache ModifyUser ModifyUserGroup RemoveTagsFromResource")},
	{Cache, ours, list("secretsmanager", "DeleteSecret GetSecretValue RestoreSecret TagResource UntagResource")},
	{MirroredSecrets, ours, list("secretsmanager", "DeleteSecret GetSecretValue PutSecretValue RestoreSecret TagResource UntagResource")},
	{SecretsKey, ours, list("secretsmanager", "UpdateSecret")},
	{SecretsKey, secretsKeys, list("kms", "Decrypt Encrypt GenerateDataKey")},
	{SecretsKey, keyStates, list("kms", "DescribeKey")},

	{Autoscaling, scaling, list("application-autoscaling", "RegisterScalableTarget")},
	{Autoscaling, scaled, list("application-autoscaling", "DeleteScalingPolicy DeregisterScalableTarget PutScalingPolicy RegisterScalableTarget")},
	{Autoscaling, alarms, list("cloudwatch", "DeleteAlarms PutMetricAlarm")},

	{Base, makeRoles, list("iam", "CreateRole TagRole")},
	{Base, ourRoles, list("iam", "DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy DetachRolePolicy TagRole UntagRole")},
	{Base, writeRoles, list("iam", "PutRolePermissionsBoundary PutRolePolicy UpdateAssumeRolePolicy")},
	{EC2Capacity, makeProfiles, list("iam", "CreateInstanceProfile TagInstanceProfile")},
	{EC2Capacity, ourProfiles, list("iam", "AddRoleToInstanceProfile DeleteInstanceProfile RemoveRoleFromInstanceProfile TagInstanceProfile UntagInstanceProfile")},
	{Base, attach("AttachExecution", "service-role/AmazonECSTaskExecutionRolePolicy", role("*-execution")), list("iam", "AttachRolePolicy")},
	{EC2Capacity, attach("AttachInstance", "service-role/AmazonEC2ContainerServiceforEC2Role", role("instance")), list("iam", "AttachRolePolicy")},
	{TrafficShift, attach("AttachShift", "AmazonECSInfrastructureRolePolicyForLoadBalancers", role("load-balancing")), list("iam", "AttachRolePolicy")},
	{TaskPolicies, attachAny, list("iam", "AttachRolePolicy")},
	{Base, passed("PassToTasks", "ecs-tasks.amazonaws.com", role("*-task"), role("*-execution")), list("iam", "PassRole")},
	{EC2Capacity, passed("PassToInstances", "ec2.amazonaws.com", role("instance")), list("iam", "PassRole")},
	{TrafficShift, passed("PassToShift", "ecs.amazonaws.com", role("load-balancing")), list("iam", "PassRole")},
	{Hooks, passed("PassToHooks", "ecs.amazonaws.com", role("hooks-????????")), list("iam", "PassRole")},
	{Probes, passed("PassToProbes", "lambda.amazonaws.com", role("probe")), list("iam", "PassRole")},
	{LinkedRoles, linkedRoles, list("iam", "CreateServiceLinkedRole")},

	{EC2Capacity, launchOurs, list("ec2", "RunInstances")},
	{EC2Capacity, launch, list("ec2", "RunInstances")},
	{Cache, members, list("elasticache", "ModifyUserGroup")},
	{Cache, endpoints, list("ec2", "CreateVpcEndpoint")},
	{Cache, endpointPlace, list("ec2", "CreateVpcEndpoint")},
	{Cache, tagEndpoints, list("ec2", "CreateTags")},
	{PrivateLink, endpointPlace, list("ec2", "CreateVpcEndpoint ModifyVpcEndpoint")},
	{PrivateLink, crossRegion, list("vpce", "AllowMultiRegion")},
	{PrivateLink, privateZones, list("route53", "AssociateVPCWithHostedZone")},
	{Base, tagRules, list("ec2", "CreateTags")},
	{VPC, vpcDefaults, list("ec2", "CreateTags")},
	{ExistingNetwork, givenVPC, list("ec2", "CreateSecurityGroup")},
	{ExistingCache, doors, list("ec2", "AuthorizeSecurityGroupIngress RevokeSecurityGroupIngress")},
	{Base, deployments, list("ecs", "ContinueServiceDeployment StopServiceDeployment")},

	{Base, free, list("ecs", "DeregisterTaskDefinition")},
	{Base, free, list("servicediscovery", "CreateHttpNamespace")},
	{DNS, recordsOf, list("route53", "ChangeResourceRecordSets")},
	{WAF, free, list("wafv2", "AssociateWebACL DisassociateWebACL")},
	{WAF, free, list("elasticloadbalancing", "SetWebAcl")},
	{Storage, free, list("s3", "PutBucketOwnershipControls PutBucketPublicAccessBlock PutBucketTagging")},

	{RestoreTags, restore, list("ec2", "CreateTags")},
	{RestoreTags, restore, list("ecs", "TagResource")},
	{RestoreTags, restore, list("elasticloadbalancing", "AddTags")},

	{SecretKeys, secretValues, list("secretsmanager", "GetSecretValue")},

	{Events, events, list("sqs", "DeleteMessage ReceiveMessage")},
}
