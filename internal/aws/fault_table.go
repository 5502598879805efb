package aws

import "github.com/portkey-ai/portkey-ecs-operator/internal/graph"

// The SDK's names of the services in the table.
const (
	acmService             = "ACM"
	applicationAutoScaling = "Application Auto Scaling"
	autoScaling            = "Auto Scaling"
	ec2Service             = "EC2"
	ecsService             = "ECS"
	elastiCache            = "ElastiCache"
	elb                    = "Elastic Load Balancing v2"
	iamService             = "IAM"
	lambdaService          = "Lambda"
	logs                   = "CloudWatch Logs"
	s3Service              = "S3"
	secretsManager         = "Secrets Manager"
	serviceDiscovery       = "ServiceDiscovery"
	ssmService             = "SSM"
	wafService             = "WAFV2"
)

// using are the operations that refer to other objects: what those answer as not found may just not
// show yet.
const using = "Accept*|Add*|Associate*|Attach*|Authorize*|Create*|Enable*|Modify*|Put*|Register*|Replace*|Set*|Start*|Tag*|Update*"

// table is what each answer of AWS means. The first row that matches decides: throttling first, since
// it may hit any call; then what a service means by a code of its own; then the codes that mean the
// same everywhere.
var table = []row{
	// Throttling.
	{code: "Throttling|ThrottlingException|ThrottledException|RequestThrottled|RequestThrottledException|TooManyRequestsException|RequestLimitExceeded|BandwidthLimitExceeded|SlowDown|PriorRequestNotComplete|EC2ThrottledException|TransactionInProgressException|ProvisionedThroughputExceededException",
		class: graph.Throttled, why: "AWS's own words for too many requests, as the SDK lists them"},
	{service: ecsService, operation: "RegisterTaskDefinition", code: "ClientException", message: "too many concurrent attempts",
		class: graph.Throttled, why: "revisions of one family are counted one at a time"},
	{service: autoScaling, code: "ResourceContention",
		class: graph.Throttled, why: "another update of the same group is pending"},

	// EC2 has no modelled errors: its codes are a matter of documentation.
	// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
	{service: ec2Service, operation: "ReleaseAddress|DisassociateAddress", code: "AuthFailure",
		class: graph.InUse, why: "an address of a NAT gateway or load balancer that is still going answers as if it were somebody else's"},
	{service: ec2Service, operation: using, code: "Invalid*NotFound*|NatGatewayNotFound|InvalidSubnet",
		class: graph.NotYet, why: "what the call refers to was made moments ago and doesn't show everywhere yet"},
	{service: ec2Service, code: "Invalid*NotFound*|NatGatewayNotFound|Gateway.NotAttached",
		class: graph.NotFound, why: "the irregular family of EC2's absences"},
	{service: ec2Service, code: "DependencyViolation|*.InUse|ExistingVpcEndpointConnections",
		class: graph.InUse, why: "something still uses it: network interfaces of load balancers and tasks stay for minutes"},
	{service: ec2Service, code: "IncorrectState*|IncorrectInstanceState|IncorrectModificationState|Invalid*State|InvalidStateTransition",
		class: graph.NotYet, why: "it, or what it refers to, is on its way to another state"},
	{service: ec2Service, code: "InvalidParameterValue", message: "invalid iam instance profile",
		class: graph.NotYet, why: "a new instance profile takes IAM some seconds to be known to EC2"},
	{service: ec2Service, code: "Invalid*.Duplicate|Invalid*.AlreadyExists*|InvalidSubnet.Conflict|RouteAlreadyExists|Resource.AlreadyAssociated|Resource.AlreadyAssigned|NetworkAclEntryAlreadyExists|ConcurrentTagAccess|*AlreadyExists",
		class: graph.Conflict, why: "it is there already, or somebody changes it at this moment"},
	{service: ec2Service, code: "InsufficientFreeAddressesInSubnet|InsufficientCidrBlocks",
		class: graph.Quota, why: "AWS has a limit here that a person must raise, or the subnet is full"},
	{service: ec2Service, code: "Insufficient*Capacity|InsufficientCapacity*|Unavailable",
		class: graph.Transient, why: "AWS has none left in this zone at the moment"},
	{service: ec2Service, code: "AuthFailure.ServiceLinkedRoleCreationNotPermitted",
		class: graph.Denied, why: "the first use of some features makes a service-linked role"},
	{service: ec2Service, code: "AuthFailure|Blocked|OptInRequired|PendingVerification",
		class: graph.Denied, why: "the account or identity may not"},
	{service: ec2Service, code: "Invalid*|MissingParameter|UnknownParameter|Unsupported*|VPCIdNotSpecified|OperationNotPermitted|IncompatibleParameter*|InstanceTypeNotSupported",
		class: graph.Invalid, why: "AWS refuses the parameters, and will again"},

	// Elastic Load Balancing.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/CommonErrors.html
	{service: elb, operation: using, code: "LoadBalancerNotFound|TargetGroupNotFound|ListenerNotFound|RuleNotFound|InvalidSecurityGroup|SubnetNotFound|AllocationIdNotFound",
		class: graph.NotYet, why: "what the call refers to was made moments ago and doesn't show everywhere yet"},
	{service: elb, operation: using, code: "InvalidSubnet",
		class: graph.NotYet, why: "a public load balancer's VPC needs its internet gateway attached"},
	{service: elb, code: "LoadBalancerNotFound|TargetGroupNotFound|ListenerNotFound|RuleNotFound",
		class: graph.NotFound, why: "typed absences"},
	{service: elb, code: "ResourceInUse",
		class: graph.InUse, why: "a target group in a rule, a load balancer of an endpoint service"},
	{service: elb, operation: "Delete*", code: "OperationNotPermitted",
		class: graph.InUse, why: "deletion protection is on"},
	{service: elb, code: "IncompatibleState|CapacityReservationPending|TrustStoreNotReady",
		class: graph.NotYet, why: "a state that passes"},
	{service: elb, code: "Duplicate*Name|DuplicateListener|PriorityInUse",
		class: graph.Conflict, why: "it, or its name, port or priority, is there already"},
	{service: elb, code: "TooMany*|TargetGroupAssociationLimit|*LimitExceeded|InsufficientCapacity",
		class: graph.Quota, why: "Elastic Load Balancing's limits per account or load balancer"},
	{service: elb, code: "HealthUnavailable",
		class: graph.Transient, why: "the health of targets can't be told at the moment"},
	{service: elb, code: "Invalid*|Incompatible*|Unsupported*|CertificateNotFound|SSLPolicyNotFound|ALPNPolicyNotFound|AvailabilityZoneNotSupported|DuplicateTagKeys|OperationNotPermitted|SubnetNotFound",
		class: graph.Invalid, why: "AWS refuses the parameters, and will again"},

	// ECS says much with two codes; only their messages tell them apart.
	{service: ecsService, operation: using, code: "ClusterNotFoundException|NamespaceNotFoundException",
		class: graph.NotYet, why: "the cluster or namespace was made moments ago"},
	{service: ecsService, operation: "DescribeTaskDefinition|DeregisterTaskDefinition|DeleteTaskDefinitions", code: "ClientException", message: "unable to describe task definition",
		class: graph.NotFound, why: "a revision that isn't there, under a general code"},
	{service: ecsService, operation: "DeregisterTaskDefinition", code: "ClientException", message: "does not exist",
		class: graph.NotFound, why: "a revision that isn't there, under a general code"},
	{service: ecsService, operation: "Delete*|Describe*|UpdateCapacityProvider", code: "ClientException", message: "capacity provider does not exist",
		class: graph.NotFound, why: "a capacity provider that isn't there, under a general code"},
	{service: ecsService, operation: using, code: "ClientException", message: "capacity provider does not exist",
		class: graph.NotYet, why: "the capacity provider was made moments ago"},
	{service: ecsService, code: "ServiceNotFoundException|ClusterNotFoundException|ServiceDeploymentNotFoundException|TaskSetNotFoundException|TargetNotFoundException",
		class: graph.NotFound, why: "typed absences"},
	{service: ecsService, code: "InvalidParameterException", message: "unable to assume the service linked role",
		class: graph.NotYet, why: "ECS's service-linked role is made by the account's first cluster and isn't usable at once"},
	{service: ecsService, code: "InvalidParameterException|ClientException", message: "verify that the ecs service role",
		class: graph.NotYet, why: "a new role takes IAM some seconds to be assumable"},
	{service: ecsService, code: "ClientException", message: "role is not valid",
		class: graph.NotYet, why: "a new role takes IAM some seconds to be known"},
	{service: ecsService, code: "InvalidParameterException", message: "does not have an associated load balancer",
		class: graph.NotYet, why: "the rule that uses the target group doesn't show yet"},
	{service: ecsService, code: "InvalidParameterException", message: "not associated with the cluster",
		class: graph.NotYet, why: "the cluster's capacity association is being made"},
	{service: ecsService, code: "InvalidParameterException", message: "still draining",
		class: graph.NotYet, why: "the service's predecessor of the same name is going"},
	{service: ecsService, code: "InvalidParameterException", message: "cannot be stopped while deployments are active",
		class: graph.NotYet, why: "a deployment must end first"},
	{service: ecsService, code: "InvalidParameterException", message: "cannot be stopped while it is scaled above 0",
		class: graph.InUse, why: "its tasks must stop first"},
	{service: ecsService, code: "ServiceNotActiveException|UpdateInProgressException|DaemonNotActiveException",
		class: graph.NotYet, why: "a state that passes"},
	{service: ecsService, code: "ClientException", message: "cluster was not active",
		class: graph.NotYet, why: "a state that passes, under a general code"},
	{service: ecsService, code: "ClusterContains*Exception|ResourceInUseException",
		class: graph.InUse, why: "the cluster isn't empty, or the capacity provider is in use"},
	{service: ecsService, code: "InvalidParameterException", message: "not idempotent",
		class: graph.Conflict, why: "a service of that name exists with other parameters"},
	{service: ecsService, code: "ClientException", message: "already exists",
		class: graph.Conflict, why: "the name is taken"},
	{service: ecsService, code: "LimitExceededException|AttributeLimitExceededException",
		class: graph.Quota, why: "a quota here, though the SDK takes the code for throttling"},
	{service: ecsService, code: "BlockedException",
		class: graph.Denied, why: "AWS blocked the account"},
	{service: ecsService, code: "ServerException",
		class: graph.Transient, why: "ECS's word for its own failure"},
	{service: ecsService, code: "ClientException|InvalidParameterException|Unsupported*|Platform*Exception|MissingVersionException|NoUpdateAvailableException",
		class: graph.Invalid, why: "AWS refuses the parameters, and will again"},

	// IAM is eventually consistent.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
	{service: iamService, operation: using, code: "NoSuchEntity",
		class: graph.NotYet, why: "the role, policy or profile was made moments ago"},
	{service: iamService, code: "NoSuchEntity",
		class: graph.NotFound, why: "typed absence"},
	{service: iamService, code: "MalformedPolicyDocument", message: "invalid principal",
		class: graph.NotYet, why: "a principal that was made moments ago isn't known yet"},
	{service: iamService, code: "EntityTemporarilyUnmodifiable",
		class: graph.NotYet, why: "IAM's word for an object that is still settling"},
	{service: iamService, code: "DeleteConflict",
		class: graph.InUse, why: "policies, profiles or versions are attached"},
	{service: iamService, code: "LimitExceeded|LimitExceededException|ReportGenerationLimitExceeded",
		class: graph.Quota, why: "a quota here, though the SDK takes the code for throttling"},
	{service: iamService, code: "EntityAlreadyExists|ConcurrentModification",
		class: graph.Conflict, why: "the name is taken, or somebody changes it at this moment"},
	{service: iamService, code: "ServiceFailure",
		class: graph.Transient, why: "IAM's word for its own failure"},
	{service: iamService, code: "MalformedPolicyDocument|InvalidInput|UnmodifiableEntity|PolicyNotAttachable|PolicyEvaluation",
		class: graph.Invalid, why: "AWS refuses the parameters, and will again"},

	// EC2 Auto Scaling answers most things with ValidationError.
	{service: autoScaling, code: "ValidationError", message: "invalid iam instance profile",
		class: graph.NotYet, why: "a new instance profile takes IAM some seconds to be known"},
	{service: autoScaling, operation: "Create*|Update*", code: "ValidationError", message: "does not exist",
		class: graph.NotYet, why: "the launch template or subnet was made moments ago"},
	{service: autoScaling, code: "AlreadyExists", message: "pending delete",
		class: graph.NotYet, why: "its predecessor of the same name is going"},
	{service: autoScaling, code: "ValidationError", message: "pending delete",
		class: graph.NotYet, why: "the group is going"},
	{service: autoScaling, operation: "Delete*|Detach*|SetDesiredCapacity|UpdateAutoScalingGroup|SetInstanceProtection|CompleteLifecycleAction|PutLifecycleHook|TerminateInstanceInAutoScalingGroup|CancelInstanceRefresh", code: "ValidationError", message: "not found",
		class: graph.NotFound, why: "a group that isn't there, under a general code"},
	{service: autoScaling, code: "ActiveInstanceRefreshNotFound",
		class: graph.NotFound, why: "typed absence"},
	{service: autoScaling, code: "ScalingActivityInProgress|ResourceInUse",
		class: graph.InUse, why: "instances are coming or going"},
	{service: autoScaling, code: "InstanceRefreshInProgress|ServiceLinkedRoleFailure|IdempotentCallInProgress",
		class: graph.NotYet, why: "a state that passes"},
	{service: autoScaling, code: "AlreadyExists",
		class: graph.Conflict, why: "the name is taken"},
	{service: autoScaling, code: "LimitExceeded|LimitExceededException",
		class: graph.Quota, why: "a quota here, though the SDK takes the code for throttling"},

	// Application Auto Scaling.
	{service: applicationAutoScaling, code: "ValidationException", message: "service doesn't exist",
		class: graph.NotYet, why: "the ECS service was made moments ago"},
	{service: applicationAutoScaling, operation: "RegisterScalableTarget", code: "ValidationException", message: "tags can only be specified",
		class: graph.Conflict, why: "a target of the service exists already, with other tags"},
	{service: applicationAutoScaling, operation: "PutScalingPolicy", code: "ValidationException", message: "resource label",
		class: graph.NotYet, why: "the load balancer's rule for the target group was made moments ago"},
	{service: applicationAutoScaling, operation: using, code: "ObjectNotFoundException|ResourceNotFoundException|FailedResourceAccessException",
		class: graph.NotYet, why: "the target or its role was made moments ago"},
	{service: applicationAutoScaling, code: "ObjectNotFoundException|ResourceNotFoundException",
		class: graph.NotFound, why: "typed absence"},
	{service: applicationAutoScaling, code: "LimitExceededException",
		class: graph.Quota, why: "a quota here, though the SDK takes the code for throttling"},

	// CloudWatch Logs.
	{service: logs, code: "LimitExceededException",
		class: graph.Quota, why: "a quota here, though the SDK takes the code for throttling"},
	{service: logs, code: "OperationAbortedException",
		class: graph.Conflict, why: "somebody changes the same group at this moment"},

	// Cloud Map.
	{service: serviceDiscovery, code: "NamespaceNotFound|ServiceNotFound|InstanceNotFound|OperationNotFound",
		class: graph.NotFound, why: "typed absences"},
	{service: serviceDiscovery, code: "ResourceInUse",
		class: graph.InUse, why: "services remain in the namespace"},
	{service: serviceDiscovery, code: "DuplicateRequest",
		class: graph.NotYet, why: "the same operation is already on its way"},
	{service: serviceDiscovery, code: "NamespaceAlreadyExists|ServiceAlreadyExists",
		class: graph.Conflict, why: "the name is taken"},
	{service: serviceDiscovery, code: "ResourceLimitExceeded|*LimitExceededException",
		class: graph.Quota, why: "Cloud Map's limits"},

	// ElastiCache's faults.
	{service: elastiCache, operation: using, code: "*NotFound|*NotFoundFault",
		class: graph.NotYet, why: "what the call refers to was made moments ago"},
	{service: elastiCache, code: "*NotFound|*NotFoundFault",
		class: graph.NotFound, why: "typed absences"},
	{service: elastiCache, code: "Invalid*State|Invalid*StateFault",
		class: graph.NotYet, why: "it is being changed; it takes changes only when available"},
	{service: elastiCache, code: "*InUse|*InUseFault",
		class: graph.InUse, why: "something still uses it"},
	{service: elastiCache, code: "*AlreadyExists|*AlreadyExistsFault",
		class: graph.Conflict, why: "the name is taken"},
	{service: elastiCache, code: "*Quota*",
		class: graph.Quota, why: "ElastiCache's limits"},
	{service: elastiCache, code: "Insufficient*",
		class: graph.Transient, why: "AWS has none left in this zone at the moment"},

	// Lambda.
	{service: lambdaService, code: "InvalidParameterValueException", message: "cannot be assumed by lambda",
		class: graph.NotYet, why: "a new role takes IAM some seconds to be assumable"},
	{service: lambdaService, code: "ResourceConflictException", message: "already exist",
		class: graph.Conflict, why: "the name is taken"},
	{service: lambdaService, code: "ResourceConflictException",
		class: graph.NotYet, why: "an update of the function is in progress"},
	{service: lambdaService, code: "CodeStorageExceededException|PolicyLengthExceededException",
		class: graph.Quota, why: "Lambda's limits"},

	// Secrets Manager, Systems Manager, S3.
	{service: secretsManager, code: "InvalidRequestException", message: "scheduled for deletion",
		class: graph.Conflict, why: "the name is taken by a secret that is going"},
	{service: secretsManager, code: "LimitExceededException",
		class: graph.Quota, why: "a quota here, though the SDK takes the code for throttling"},
	{service: secretsManager, code: "DecryptionFailure|EncryptionFailure",
		class: graph.Denied, why: "the key's policy doesn't let the identity use it"},
	{service: secretsManager, code: "InternalServiceError",
		class: graph.Transient, why: "Secrets Manager's word for its own failure"},
	{service: ssmService, code: "ParameterNotFound|ParameterVersionNotFound",
		class: graph.Invalid, why: "parameters are named by the spec, never made by us"},
	{service: s3Service, operation: "Put*", code: "NoSuchBucket",
		class: graph.NotYet, why: "the bucket was made moments ago and doesn't show everywhere yet"},
	{service: s3Service, code: "NoSuchBucket|NoSuchKey|NotFound",
		class: graph.NotFound, why: "typed absences; a HEAD has no body and says only NotFound"},
	{service: s3Service, operation: "Get*", code: "ServerSideEncryptionConfigurationNotFoundError|OwnershipControlsNotFoundError|NoSuchPublicAccessBlockConfiguration|NoSuchTagSet",
		class: graph.NotFound, why: "a configuration that the bucket doesn't have"},
	{service: s3Service, operation: "CreateBucket", code: "BucketAlreadyExists",
		class: graph.Invalid, why: "bucket names are unique across all accounts, and somebody else has this one"},
	{service: s3Service, code: "BucketAlreadyExists|BucketAlreadyOwnedByYou|OperationAborted|BucketNotEmpty",
		class: graph.Conflict, why: "the name is taken, or somebody changes it at this moment"},
	{service: s3Service, code: "PermanentRedirect|MovedPermanently|BadRequest|AuthorizationHeaderMalformed|IllegalLocationConstraintException",
		class: graph.Invalid, why: "the bucket is in another region"},
	{service: acmService, code: "ResourceNotFoundException|InvalidArnException",
		class: graph.NotFound, why: "certificates are named by the spec, never made by us"},
	{service: wafService, code: "WAFUnavailableEntityException",
		class: graph.NotYet, why: "a web ACL or load balancer that was made moments ago"},
	{service: wafService, operation: "AssociateWebACL", code: "WAFNonexistentItemException",
		class: graph.NotYet, why: "AWS WAF doesn't see the load balancer yet; that the web ACL exists was checked before"},
	{service: wafService, code: "WAFNonexistentItemException",
		class: graph.NotFound, why: "typed absence, of the web ACL or of the load balancer"},
	{service: wafService, code: "WAFAssociatedItemException",
		class: graph.InUse, why: "a web ACL that still protects something"},
	{service: wafService, code: "WAFOptimisticLockException",
		class: graph.Conflict, why: "somebody changes it at this moment"},
	{service: wafService, code: "WAFInternalErrorException",
		class: graph.Transient, why: "AWS WAF's word for its own failure"},
	{service: wafService, code: "WAFInvalid*|WAFUnsupported*",
		class: graph.Invalid, why: "AWS refuses the parameters, and will again"},

	// What means the same in every service.
	{code: "AccessDenied|AccessDeniedException|UnauthorizedOperation|Client.UnauthorizedOperation|NotAuthorized|AuthorizationError|Forbidden",
		class: graph.Denied, why: "a policy is missing or forbids it"},
	{code: "ExpiredToken|ExpiredTokenException|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidAccessKeyId|IncompleteSignature|InvalidIdentityToken|MissingAuthenticationToken|MissingAuthenticationTokenException|OptInRequired|IDPRejectedClaim|InvalidSignatureException|RegionDisabledException",
		class: graph.Denied, why: "the credentials aren't accepted"},
	{code: "RequestExpired|RequestTimeTooSkewed|RequestInTheFuture",
		class: graph.Transient, why: "the clocks differ; the SDK corrects its own by the answer"},
	{code: "RequestTimeout|RequestTimeoutException|InternalError|InternalFailure|InternalServerError|InternalServerException|InternalServiceException|ServerException|ServiceException|ServiceUnavailable|ServiceUnavailableException|IDPCommunicationError",
		class: graph.Transient, why: "AWS's own failure"},
	{code: "IdempotentParameterMismatch|IdempotencyParameterMismatch|ConcurrentModification|ConcurrentModificationException|ConcurrentUpdateException|ConflictException|*AlreadyExists|*AlreadyExistsException|ResourceExistsException",
		class: graph.Conflict, why: "it is there already, or somebody changes it at this moment"},
	{code: "ResourceInUseException",
		class: graph.InUse, why: "something still uses it"},
	{operation: using, code: "ResourceNotFoundException",
		class: graph.NotYet, why: "what the call refers to was made moments ago"},
	{code: "ResourceNotFoundException",
		class: graph.NotFound, why: "the modelled absence of the newer services"},
	{code: "ServiceQuotaExceededException|ResourceLimitExceeded|TagLimitExceeded|TooManyTags*",
		class: graph.Quota, why: "an account limit"},
	{code: "LimitExceededException",
		class: graph.Throttled, why: "as the SDK takes it, for services that don't say otherwise above"},
	{code: "*LimitExceeded|*LimitExceededException|Max*Exceeded|*QuotaExceeded*",
		class: graph.Quota, why: "the large family of account limits"},
	{code: "ValidationError|ValidationException|InvalidParameter*|InvalidInput|InvalidRequest|InvalidRequestException|MissingParameter|MalformedPolicyDocument*|InvalidAction|UnknownOperationException|UnsupportedOperation|SerializationException|InvalidQueryParameter|MalformedQueryString|ConstraintViolationException|InvalidOperationException",
		class: graph.Invalid, why: "AWS refuses the parameters, and will again"},
}
