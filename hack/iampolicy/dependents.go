package iampolicy

// Dependent is an action that the operator never calls, but that AWS checks, or performs in the
// operator's name, when it calls something else.
type Dependent struct {
	Action string
	// For are the calls that need it.
	For []string
	// Why says what for.
	Why string
	// Page is where it is documented.
	Page string
}

// Dependents lists them. Actions that are methods as well, as tagging ones at creation are, stand here
// with their second reason: the method may go one day, and the reason stay.
var Dependents = []Dependent{
	{
		Action: "iam:PassRole", For: []string{"ecs:RegisterTaskDefinition"},
		Why:  "a task definition names the role of its containers and the one that starts them",
		Page: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
	},
	{
		Action: "iam:PassRole", For: []string{"iam:AddRoleToInstanceProfile", "autoscaling:CreateAutoScalingGroup", "autoscaling:UpdateAutoScalingGroup"},
		Why:  "EC2 hands the role of a launch template's instance profile to the instances",
		Page: "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-api-permissions.html",
	},
	{
		Action: "iam:PassRole", For: []string{"ecs:CreateService", "ecs:UpdateService"},
		Why:  "a service names the role by which ECS shifts traffic between target groups",
		Page: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html",
	},
	{
		Action: "iam:PassRole", For: []string{"ecs:CreateService", "ecs:UpdateService"},
		Why:  "and the role with which ECS asks functions at the stages of a rollout",
		Page: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-permissions.html",
	},
	{
		Action: "iam:PassRole", For: []string{"lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"},
		Why:  "a function names the role that it runs with",
		Page: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
	},
	{
		Action: "vpce:AllowMultiRegion", For: []string{"ec2:CreateVpcEndpointServiceConfiguration", "ec2:ModifyVpcEndpointServiceConfiguration"},
		Why:  "an endpoint service that can be reached from other regions",
		Page: "https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html#endpoint-service-cross-region",
	},
	{
		Action: "ec2:DescribeSecurityGroups", For: []string{"lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"},
		Why:  "AWS Lambda looks with the caller's rights at the groups of a function in a VPC",
		Page: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
	},
	{
		Action: "ec2:DescribeSubnets", For: []string{"lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"},
		Why:  "and at its subnets",
		Page: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
	},
	{
		Action: "ec2:DescribeVpcs", For: []string{"lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"},
		Why:  "and at the VPC",
		Page: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
	},
	{
		Action: "ec2:GetSecurityGroupsForVpc", For: []string{"lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"},
		Why:  "and at what groups the VPC may use",
		Page: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
	},
	{
		Action: "lambda:ListTags", For: []string{"lambda:GetFunction"},
		Why:  "a function's tags are told only to who may list them",
		Page: "https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html",
	},
	{
		Action: "lambda:TagResource", For: []string{"lambda:CreateFunction"},
		Why:  "everything is created with its ownership tags",
		Page: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html",
	},
	{
		Action: "iam:CreateServiceLinkedRole", For: []string{"ecs:CreateCluster", "ecs:CreateService"},
		Why:  "the first cluster or service of an account makes AWSServiceRoleForECS",
		Page: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html",
	},
	{
		Action: "iam:CreateServiceLinkedRole", For: []string{"elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup"},
		Why:  "the first load balancer of an account makes AWSServiceRoleForElasticLoadBalancing",
		Page: "https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-service-linked-roles.html",
	},
	{
		Action: "iam:CreateServiceLinkedRole", For: []string{"autoscaling:CreateAutoScalingGroup"},
		Why:  "the first Auto Scaling group of an account makes AWSServiceRoleForAutoScaling",
		Page: "https://docs.aws.amazon.com/autoscaling/ec2/userguide/autoscaling-service-linked-role.html",
	},
	{
		Action: "iam:CreateServiceLinkedRole", For: []string{"application-autoscaling:RegisterScalableTarget"},
		Why:  "the first scalable target of an account makes AWSServiceRoleForApplicationAutoScaling_ECSService",
		Page: "https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html",
	},
	{
		Action: "ecs:DescribeServices", For: []string{"application-autoscaling:RegisterScalableTarget"},
		Why:  "Application Auto Scaling looks at the service that is to scale",
		Page: "https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html",
	},
	{
		Action: "ecs:UpdateService", For: []string{"application-autoscaling:RegisterScalableTarget"},
		Why:  "and brings its number of tasks between the bounds",
		Page: "https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html",
	},
	{
		Action: "cloudwatch:DescribeAlarms", For: []string{"application-autoscaling:PutScalingPolicy", "application-autoscaling:DeleteScalingPolicy"},
		Why:  "a target tracking policy has alarms",
		Page: "https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html",
	},
	{
		Action: "cloudwatch:PutMetricAlarm", For: []string{"application-autoscaling:PutScalingPolicy"},
		Why:  "a target tracking policy makes its alarms",
		Page: "https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html",
	},
	{
		Action: "cloudwatch:DeleteAlarms", For: []string{"application-autoscaling:DeleteScalingPolicy", "application-autoscaling:DeregisterScalableTarget"},
		Why:  "the alarms go with their policy",
		Page: "https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html",
	},
	{
		Action: "application-autoscaling:TagResource", For: []string{"application-autoscaling:RegisterScalableTarget"},
		Why:  "everything is created with its ownership tags",
		Page: "https://docs.aws.amazon.com/autoscaling/application/userguide/resource-tagging-support.html",
	},
	{
		Action: "ec2:RunInstances", For: []string{"autoscaling:CreateAutoScalingGroup", "autoscaling:UpdateAutoScalingGroup"},
		Why:  "Auto Scaling checks that who names a launch template could launch from it; the operator never does",
		Page: "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html",
	},
	{
		Action: "ec2:CreateTags", For: []string{"autoscaling:CreateAutoScalingGroup", "autoscaling:UpdateAutoScalingGroup"},
		Why:  "the launch template tags instances, volumes and network interfaces",
		Page: "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-api-permissions.html",
	},
	{
		Action: "ec2:CreateTags",
		For: []string{
			"ec2:AllocateAddress", "ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateInternetGateway",
			"ec2:CreateLaunchTemplate", "ec2:CreateNatGateway", "ec2:CreateRouteTable", "ec2:CreateSecurityGroup", "ec2:CreateSubnet", "ec2:CreateVpc", "ec2:CreateVpcEndpoint",
		},
		Why:  "everything is created with its ownership tags",
		Page: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html",
	},
	{
		Action: "ecs:TagResource",
		For:    []string{"ecs:CreateCapacityProvider", "ecs:CreateCluster", "ecs:CreateService", "ecs:RegisterTaskDefinition"},
		Why:    "everything is created with its ownership tags",
		Page:   "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html",
	},
	{
		Action: "autoscaling:CreateOrUpdateTags", For: []string{"autoscaling:CreateAutoScalingGroup", "ecs:CreateCapacityProvider"},
		Why:  "the group is created with its tags, and ECS adds AmazonECSManaged to it with the caller's rights",
		Page: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html",
	},
	{
		Action: "elasticloadbalancing:AddTags",
		For: []string{
			"elasticloadbalancing:CreateListener", "elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateRule",
			"elasticloadbalancing:CreateTargetGroup",
		},
		Why:  "everything is created with its ownership tags",
		Page: "https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/tagging-resources-during-creation.html",
	},
	{
		Action: "elasticloadbalancing:SetWebAcl", For: []string{"wafv2:AssociateWebACL", "wafv2:DisassociateWebACL"},
		Why:  "the load balancer takes the web ACL, or lets go of it",
		Page: "https://docs.aws.amazon.com/waf/latest/developerguide/security_iam_service-with-iam.html#security_iam_action-AssociateWebACL",
	},
	{
		Action: "s3:TagResource", For: []string{"s3:CreateBucket"},
		Why:  "everything is created with its ownership tags",
		Page: "https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html",
	},
	{
		Action: "logs:TagResource", For: []string{"logs:CreateLogGroup"},
		Why:  "everything is created with its ownership tags",
		Page: "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
	},
	{
		Action: "servicediscovery:TagResource", For: []string{"servicediscovery:CreateHttpNamespace"},
		Why:  "everything is created with its ownership tags",
		Page: "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudmap.html",
	},
	{
		Action: "elasticache:AddTagsToResource",
		For: []string{
			"elasticache:CreateCacheParameterGroup", "elasticache:CreateCacheSubnetGroup", "elasticache:CreateReplicationGroup",
			"elasticache:CreateServerlessCache", "elasticache:CreateUser", "elasticache:CreateUserGroup",
		},
		Why:  "everything is created with its ownership tags",
		Page: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Tagging-Resources.html",
	},
	{
		Action: "iam:CreateServiceLinkedRole", For: []string{"elasticache:CreateReplicationGroup", "elasticache:CreateServerlessCache"},
		Why:  "the first cache of an account makes AWSServiceRoleForElastiCache",
		Page: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/using-service-linked-roles.html",
	},
	{
		Action: "acm:AddTagsToCertificate", For: []string{"acm:RequestCertificate"},
		Why:  "everything is created with its ownership tags",
		Page: "https://github.com/hashicorp/terraform-provider-aws/issues/11903",
	},
	{
		Action: "secretsmanager:TagResource", For: []string{"secretsmanager:CreateSecret"},
		Why:  "everything is created with its ownership tags",
		Page: "https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_tags2.html",
	},
	{
		Action: "kms:GenerateDataKey", For: []string{"secretsmanager:CreateSecret", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret"},
		Why:  "Secrets Manager encrypts a secret that has a customer managed key with the caller's rights",
		Page: "https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html",
	},
	{
		Action: "kms:Decrypt",
		For:    []string{"secretsmanager:CreateSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret"},
		Why:    "and decrypts it with them",
		Page:   "https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html",
	},
	{
		Action: "kms:Encrypt", For: []string{"secretsmanager:UpdateSecret"},
		Why:  "without it Secrets Manager leaves the versions that are there with their old key, which tasks may no longer use",
		Page: "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html",
	},
	{
		Action: "iam:TagRole", For: []string{"iam:CreateRole"},
		Why:  "everything is created with its ownership tags",
		Page: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_roles.html",
	},
	{
		Action: "iam:TagInstanceProfile", For: []string{"iam:CreateInstanceProfile"},
		Why:  "everything is created with its ownership tags",
		Page: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_instance-profiles.html",
	},
	{
		Action: "ec2:CreateVpcEndpoint", For: []string{"elasticache:CreateServerlessCache"},
		Why:  "ElastiCache makes the endpoint of a serverless cache with the caller's rights",
		Page: "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonElastiCacheFullAccess.html",
	},
	{
		Action: "ec2:CreateTags", For: []string{"elasticache:CreateServerlessCache"},
		Why:  "and tags it as its own",
		Page: "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonElastiCacheFullAccess.html",
	},
	{
		Action: "vpce:AllowMultiRegion", For: []string{"ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint", "ec2:DeleteVpcEndpoints"},
		Why:  "an endpoint to a service of another region",
		Page: "https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html#endpoint-service-cross-region",
	},
	{
		Action: "route53:AssociateVPCWithHostedZone", For: []string{"ec2:ModifyVpcEndpoint"},
		Why:  "the private DNS name of an endpoint is a hosted zone of AWS's that the VPC uses; documented for CreateVpcEndpoint, which does the same",
		Page: "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html",
	},
	{
		Action: "ec2:DescribeAccountAttributes", For: []string{"elasticloadbalancing:CreateLoadBalancer"},
		Why:  "Elastic Load Balancing looks at EC2 with the caller's rights; the other actions that it needs are the operator's own",
		Page: "https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-permissions.html",
	},
	{
		Action: "ec2:GetSecurityGroupsForVpc", For: []string{"elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:SetSecurityGroups"},
		Why:  "Elastic Load Balancing checks with the caller's rights which groups its VPC may use; AWS's own load balancer controller was refused without it",
		Page: "https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/3917",
	},
}
