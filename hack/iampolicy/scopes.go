package iampolicy

// The scopes of single grants, with their reasons.
var (
	// images are public parameters, which belong to no account.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html
	images = read.on("Images", arns("ssm:*::parameter/aws/service/ecs/optimized-ami/*")...)

	// events are in the queue of config/aws/events.cloudformation.yaml, under the name that it has there.
	events = free.on("Events", arns("sqs:*:*:portkey-ecs-operator-events")...)

	// secretValues are the present values of secrets that are their user's: nothing in them tells the operator's specs
	// from others, so administrators had better name theirs in its resource. Values of before aren't read.
	// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
	secretValues = free.on("SecretValues", arns("secretsmanager:*:*:secret:*")...).with("SecretValues", "StringEquals", "secretsmanager:VersionStage", "AWSCURRENT")

	// recordsOf are records of any zone, of the types that the operator makes. It never overwrites one: it creates, and
	// deletes by the values that it read. docs/security.md shows how to name zones and hosts.
	// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-rrset-conditions.html
	recordsOf = free.on("Records", arns("route53:::hostedzone/*")...).
			with("Records", "ForAllValues:StringEquals", "route53:ChangeResourceRecordSetsRecordTypes", "A", "CNAME", "TXT").
			with("Records", "ForAllValues:StringEquals", "route53:ChangeResourceRecordSetsActions", "CREATE", "DELETE")

	// logGroups lie below /ecs and the owner's name.
	logGroups = making.on("MakeLogGroups", arns("logs:*:*:log-group:/ecs/*-????????/*")...)

	// Tags at creation: where the service says what creates, its tagging action takes no object that is there.
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
	tagEC2 = making.with("TagEC2", "StringLike", "ec2:CreateAction", "Allocate*", "Authorize*", "Create*", "RunInstances")
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html
	tagECS = making.with("TagECS", "StringLike", "ecs:CreateAction", "Create*", "RegisterTaskDefinition")
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/tagging-resources-during-creation.html
	tagBalancers = making.with("TagBalancers", "StringLike", "elasticloadbalancing:CreateAction", "Create*")

	// restore lets the operator tag what has lost its tag, and so anything at all.
	restore = making.on("RestoreTags", anything...)

	// Application Auto Scaling is used for ECS alone. A scalable target that is there is ours.
	// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsapplicationautoscaling.html
	scaling = making.with("Scale", "StringEquals", "application-autoscaling:service-namespace", "ecs")
	scaled  = ours.with("Scaled", "StringEquals", "application-autoscaling:service-namespace", "ecs")
	// alarms are those that target tracking makes of a service.
	// https://docs.aws.amazon.com/autoscaling/application/userguide/monitoring-cloudwatch.html
	alarms = free.on("Alarms", arns("cloudwatch:*:*:alarm:TargetTracking-service/*")...)

	everyRole  = arns(role("*"))
	makeRoles  = Scope{Sid: "MakeRoles", Resource: everyRole, Made: true, Bounded: true}
	ourRoles   = Scope{Sid: "OurRoles", Resource: everyRole, Ours: true}
	writeRoles = Scope{Sid: "WriteRoles", Resource: everyRole, Ours: true, Bounded: true}
	attachAny  = Scope{Sid: "AttachAny", Resource: arns(role("*-task")), Ours: true, Bounded: true}

	profiles     = arns("iam::*:instance-profile/*-????????-instance")
	makeProfiles = Scope{Sid: "MakeProfiles", Resource: profiles, Made: true}
	ourProfiles  = Scope{Sid: "OurProfiles", Resource: profiles, Ours: true}

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/create-service-linked-role.html
	linkedRoles = Scope{Sid: "ServiceLinkedRoles", Resource: arns("iam::*:role/aws-service-role/*"), Condition: map[string]map[string][]string{
		"StringEquals": {"iam:AWSServiceName": {"autoscaling.amazonaws.com", "ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com",
			"elasticache.amazonaws.com", "elasticloadbalancing.amazonaws.com"}},
	}}

	// Auto Scaling checks that who names a launch template could launch from it; the operator never does. The
	// template must be ours, and nothing is launched without one.
	// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
	launchOurs = ours.on("LaunchOurs", arns("ec2:*:*:launch-template/*")...)
	launch     = Scope{Sid: "Launch", Resource: arns("ec2:*::image/*", "ec2:*:*:instance/*", "ec2:*:*:network-interface/*", "ec2:*:*:security-group/*", "ec2:*:*:subnet/*", "ec2:*:*:volume/*"),
		Condition: map[string]map[string][]string{"ArnLike": {"ec2:LaunchTemplate": arns("ec2:*:*:launch-template/*")}}}

	// ElastiCache makes the endpoint of a serverless cache with the caller's rights, and tags it as its own.
	// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonElastiCacheFullAccess.html
	endpoints     = free.on("Endpoints", arns("ec2:*:*:vpc-endpoint/*")...).with("Endpoints", "StringLike", "ec2:VpceServiceName", "com.amazonaws.elasticache.serverless.*")
	endpointPlace = free.on("EndpointPlace", arns("ec2:*:*:security-group/*", "ec2:*:*:subnet/*", "ec2:*:*:vpc/*")...)
	// crossRegion are endpoints to services of other regions: the action has no tags to decide by.
	// https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html#endpoint-service-cross-region
	crossRegion = free.on("CrossRegion", arns("ec2:*:*:vpc-endpoint/*")...)
	// privateZones are AWS's own hosted zones of the private DNS names of endpoints; they have no tags.
	// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html
	privateZones = free.on("PrivateZones", arns("route53:::hostedzone/*")...)
	tagEndpoints = free.on("TagEndpoints", arns("ec2:*:*:vpc-endpoint/*")...).
			with("TagEndpoints", "StringEquals", "ec2:CreateAction", "CreateVpcEndpoint").
			with("TagEndpoints", "StringEquals", "aws:RequestTag/AmazonElastiCacheManaged", "true")

	// secretsKeys are customer managed keys, used through Secrets Manager alone. Which, their key policies say.
	// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
	secretsKeys = free.on("SecretsKeys", arns("kms:*:*:key/*")...).with("SecretsKeys", "StringLike", "kms:ViaService", "secretsmanager.*")

	// keyStates is asked by the operator itself, before it has a secret encrypted. AWS decides on the key.
	// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
	keyStates = read.on("KeyStates", arns("kms:*:*:key/*")...)

	// members are users that somebody put into a user group of ours, and that leave it again. The group must be ours.
	members = free.on("Members", arns("elasticache:*:*:user:*")...)

	// tagRules marks the rule that AWS gives a new group. Whose rules may be changed or revoked is decided by their
	// group, so a tag on one lets nobody do anything.
	// https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
	tagRules = making.on("TagRules", arns("ec2:*:*:security-group-rule/*")...)
	// vpcDefaults are the group, the route table and the network ACL that AWS makes with a VPC, without tags: nothing
	// in a request tells that they are of a VPC of ours.
	vpcDefaults = making.on("VPCDefaults", arns("ec2:*:*:network-acl/*", "ec2:*:*:route-table/*", "ec2:*:*:security-group/*")...).
			with("VPCDefaults", "StringEquals", "aws:RequestTag/ecs.portkey.ai/node", "vpc-defaults/main")
	// givenVPC is a user's: nothing else is done to it.
	givenVPC = free.on("GivenVPC", arns("ec2:*:*:vpc/*")...)
	// doors are others' security groups, which a rule of ours opens for the gateway.
	doors = free.on("Doors", arns("ec2:*:*:security-group/*")...)
	// deployments have no tags of their own; their service must be ours as well.
	deployments = free.on("Deployments", arns("ecs:*:*:service-deployment/*")...)
)

// attach limits iam:AttachRolePolicy to one of AWS's own policies on roles of some names.
func attach(sid, policy, role string) Scope {
	return Scope{Sid: sid, Resource: arns(role), Ours: true, Bounded: true, Condition: map[string]map[string][]string{
		"ArnEquals": {"iam:PolicyARN": {"arn:{partition}:iam::aws:policy/" + policy}},
	}}
}
