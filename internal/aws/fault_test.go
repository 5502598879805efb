package aws

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

func apiError(service, operation, code, message string) error {
	return &smithy.OperationError{ServiceID: service, OperationName: operation, Err: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusBadRequest}},
		Err:      &smithy.GenericAPIError{Code: code, Message: message, Fault: smithy.FaultClient},
	}}
}

// TestTable has at least one case for each row, by the message AWS gives where that matters.
func TestTable(t *testing.T) {
	cases := []struct {
		service, operation, code, message string
		want                              graph.Class
	}{
		{ec2Service, "DescribeVpcs", "RequestLimitExceeded", "Request limit exceeded.", graph.Throttled},
		{ecsService, "CreateService", "ThrottlingException", "Rate exceeded", graph.Throttled},
		{iamService, "GetRole", "Throttling", "Rate exceeded", graph.Throttled},
		{elb, "CreateRule", "PriorRequestNotComplete", "", graph.Throttled},
		{s3Service, "HeadBucket", "SlowDown", "", graph.Throttled},
		{lambdaService, "CreateFunction", "TooManyRequestsException", "", graph.Throttled},
		{ecsService, "RegisterTaskDefinition", "ClientException", "Too many concurrent attempts to create a new revision of the specified family.", graph.Throttled},
		{autoScaling, "UpdateAutoScalingGroup", "ResourceContention", "", graph.Throttled},

		{ec2Service, "ReleaseAddress", "AuthFailure", "You do not have permission to access the specified resource.", graph.InUse},
		{ec2Service, "ReleaseAddress", "InvalidIPAddress.InUse", "Address 1.2.3.4 is in use.", graph.InUse},
		{ec2Service, "CreateRoute", "InvalidNatGatewayID.NotFound", "The natGateway ID 'nat-1' does not exist", graph.NotYet},
		{ec2Service, "CreateRoute", "InvalidGatewayID.NotFound", "The gateway ID 'igw-1' does not exist", graph.NotYet},
		{ec2Service, "CreateNatGateway", "InvalidSubnet", "The subnet ID 'subnet-1' does not exist", graph.NotYet},
		{ec2Service, "CreateNatGateway", "InvalidSubnetID.NotFound", "", graph.NotYet},
		{ec2Service, "CreateTags", "InvalidVpcID.NotFound", "", graph.NotYet},
		{ec2Service, "ModifyVpcAttribute", "InvalidVpcID.NotFound", "", graph.NotYet},
		{ec2Service, "DescribeVpcs", "InvalidVpcID.NotFound", "", graph.NotFound},
		{ec2Service, "DescribeNatGateways", "NatGatewayNotFound", "", graph.NotFound},
		{ec2Service, "DeleteNatGateway", "NatGatewayNotFound", "", graph.NotFound},
		{ec2Service, "DeleteSecurityGroup", "InvalidGroup.NotFound", "", graph.NotFound},
		{ec2Service, "AuthorizeSecurityGroupIngress", "InvalidGroup.NotFound", "You have specified two resources that belong to different networks.", graph.Invalid},
		{ec2Service, "AuthorizeSecurityGroupIngress", "InvalidGroup.NotFound", "The security group 'sg-1' does not exist", graph.NotYet},
		{ec2Service, "DescribeSecurityGroups", "InvalidSecurityGroupID.NotFound", "", graph.NotFound},
		{ec2Service, "DescribeVpcEndpoints", "InvalidVpcEndpointId.NotFound", "", graph.NotFound},
		{ec2Service, "DetachInternetGateway", "Gateway.NotAttached", "", graph.NotFound},
		{ec2Service, "DeleteRoute", "InvalidRoute.NotFound", "", graph.NotFound},
		{ec2Service, "ReleaseAddress", "InvalidAllocationID.NotFound", "", graph.NotFound},
		{ec2Service, "DisassociateRouteTable", "InvalidAssociationID.NotFound", "", graph.NotFound},
		{ec2Service, "RevokeSecurityGroupIngress", "InvalidPermission.NotFound", "", graph.NotFound},
		{ec2Service, "DescribeLaunchTemplates", "InvalidLaunchTemplateId.NotFound", "", graph.NotFound},
		{ec2Service, "DescribeLaunchTemplates", "InvalidLaunchTemplateName.NotFoundException", "", graph.NotFound},
		{ec2Service, "DeleteSubnet", "DependencyViolation", "The subnet 'subnet-1' has dependencies and cannot be deleted.", graph.InUse},
		{ec2Service, "AttachInternetGateway", "IncorrectState", "", graph.NotYet},
		{ec2Service, "RunInstances", "InvalidParameterValue", "Value (x) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name", graph.NotYet},
		{ec2Service, "CreateSecurityGroup", "InvalidGroup.Duplicate", "", graph.Conflict},
		{ec2Service, "AuthorizeSecurityGroupIngress", "InvalidPermission.Duplicate", "", graph.Conflict},
		{ec2Service, "DescribeVpcEndpointServices", "InvalidServiceName", "The Vpc Endpoint Service 'x' does not exist", graph.NotFound},
		{ec2Service, "CreateVpcEndpoint", "InvalidServiceName", "The Vpc Endpoint Service 'x' does not exist", graph.Invalid},
		{ec2Service, "ModifyVpcEndpoint", "InvalidParameter", "private-dns-enabled cannot be set because there is already a conflicting DNS domain for x in the VPC y", graph.Conflict},
		{ec2Service, "ModifyVpcEndpoint", "InvalidParameter", "Private DNS can't be enabled because the service x has not verified the private DNS name.", graph.Invalid},
		{ec2Service, "CreateVpcEndpoint", "DuplicateSubnetsInSameZone", "", graph.Invalid},
		{ec2Service, "CreateVpcEndpoint", "VpcEndpointLimitExceeded", "", graph.Quota},
		{ec2Service, "CreateSubnet", "InvalidSubnet.Conflict", "", graph.Conflict},
		{ec2Service, "CreateRoute", "RouteAlreadyExists", "", graph.Conflict},
		{ec2Service, "AssociateRouteTable", "Resource.AlreadyAssociated", "", graph.Conflict},
		{ec2Service, "CreateLaunchTemplate", "InvalidLaunchTemplateName.AlreadyExistsException", "", graph.Conflict},
		{ec2Service, "CreateNatGateway", "IdempotentParameterMismatch", "", graph.Conflict},
		{ec2Service, "CreateNetworkInterface", "InsufficientFreeAddressesInSubnet", "", graph.Quota},
		{ec2Service, "CreateVpc", "VpcLimitExceeded", "The maximum number of VPCs has been reached.", graph.Quota},
		{ec2Service, "AllocateAddress", "AddressLimitExceeded", "", graph.Quota},
		{ec2Service, "CreateNatGateway", "NatGatewayLimitExceeded", "", graph.Quota},
		{ec2Service, "RunInstances", "VcpuLimitExceeded", "", graph.Quota},
		{ec2Service, "AuthorizeSecurityGroupIngress", "RulesPerSecurityGroupLimitExceeded", "", graph.Quota},
		{ec2Service, "RunInstances", "InsufficientInstanceCapacity", "", graph.Transient},
		{ec2Service, "DescribeVpcs", "Unavailable", "", graph.Transient},
		{ec2Service, "RunInstances", "AuthFailure.ServiceLinkedRoleCreationNotPermitted", "", graph.Denied},
		{ec2Service, "DescribeVpcs", "AuthFailure", "AWS was not able to validate the provided access credentials", graph.Denied},
		{ec2Service, "CreateVpc", "UnauthorizedOperation", "", graph.Denied},
		{ec2Service, "CreateSubnet", "InvalidSubnet.Range", "", graph.Invalid},
		{ec2Service, "DescribeVpcs", "InvalidVpcID.Malformed", "", graph.Invalid},
		{ec2Service, "CreateVpc", "InvalidParameterValue", "", graph.Invalid},

		{kmsService, "DescribeKey", "NotFoundException", "Key 'arn:aws:kms:us-east-1:123456789012:key/x' does not exist", graph.NotFound},
		{kmsService, "DescribeKey", "KMSInternalException", "", graph.Transient},
		{kmsService, "DescribeKey", "InvalidArnException", "", graph.Invalid},
		{kmsService, "DescribeKey", "AccessDeniedException", "", graph.Denied},

		{elb, "CreateListener", "LoadBalancerNotFound", "", graph.NotYet},
		{elb, "CreateLoadBalancer", "InvalidSecurityGroup", "", graph.NotYet},
		{elb, "CreateLoadBalancer", "InvalidSubnet", "VPC vpc-1 has no internet gateway", graph.NotYet},
		{elb, "RegisterTargets", "ValidationError", "If the target type is ALB, the target must have at least one listener that matches the target group port or any specified port overrides", graph.NotYet},
		{elb, "RegisterTargets", "TooManyTargets", "", graph.NotYet},
		{elb, "DescribeLoadBalancers", "LoadBalancerNotFound", "", graph.NotFound},
		{elb, "DescribeTargetGroups", "TargetGroupNotFound", "", graph.NotFound},
		{elb, "DeleteRule", "RuleNotFound", "", graph.NotFound},
		{elb, "DeleteListener", "ListenerNotFound", "", graph.NotFound},
		{elb, "DeleteTargetGroup", "ResourceInUse", "Target group 'x' is currently in use by a listener or a rule", graph.InUse},
		{elb, "DeleteLoadBalancer", "OperationNotPermitted", "deletion protection is enabled", graph.InUse},
		{elb, "ModifyRule", "OperationNotPermitted", "", graph.Invalid},
		{elb, "SetSubnets", "IncompatibleState", "", graph.NotYet},
		{elb, "CreateLoadBalancer", "DuplicateLoadBalancerName", "", graph.Conflict},
		{elb, "CreateTargetGroup", "DuplicateTargetGroupName", "", graph.Conflict},
		{elb, "CreateRule", "PriorityInUse", "", graph.Conflict},
		{elb, "CreateLoadBalancer", "TooManyLoadBalancers", "", graph.Quota},
		{elb, "CreateRule", "TargetGroupAssociationLimit", "", graph.Quota},
		{elb, "DescribeTargetHealth", "HealthUnavailable", "", graph.Transient},
		{elb, "CreateListener", "CertificateNotFound", "", graph.Invalid},

		{ecsService, "CreateService", "ClusterNotFoundException", "", graph.NotYet},
		{ecsService, "DescribeTaskDefinition", "ClientException", "Unable to describe task definition.", graph.NotFound},
		{ecsService, "DeregisterTaskDefinition", "ClientException", "The specified task definition does not exist.", graph.NotFound},
		{ecsService, "DeleteCapacityProvider", "ClientException", "The specified capacity provider does not exist. Specify a valid name or ARN and try again.", graph.NotFound},
		{ecsService, "PutClusterCapacityProviders", "ClientException", "The specified capacity provider does not exist. Specify a valid name or ARN and try again.", graph.NotYet},
		{ecsService, "DeleteService", "ServiceNotFoundException", "", graph.NotFound},
		{ecsService, "DescribeServices", "ClusterNotFoundException", "", graph.NotFound},
		{ecsService, "CreateService", "InvalidParameterException", "Unable to assume the service linked role. Please verify that the ECS service linked role exists.", graph.NotYet},
		{ecsService, "CreateService", "InvalidParameterException", "Unable to assume role and validate the specified targetGroupArn. Please verify that the ECS service role being passed has the proper permissions.", graph.NotYet},
		{ecsService, "RegisterTaskDefinition", "ClientException", "Role is not valid", graph.NotYet},
		{ecsService, "CreateService", "InvalidParameterException", "The target group with targetGroupArn x does not have an associated load balancer.", graph.NotYet},
		{ecsService, "CreateService", "InvalidParameterException", "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster.", graph.NotYet},
		{ecsService, "CreateService", "InvalidParameterException", "Unable to Start a service that is still Draining.", graph.NotYet},
		{ecsService, "DeleteService", "InvalidParameterException", "The service cannot be stopped while deployments are active.", graph.NotYet},
		{ecsService, "UpdateService", "InvalidParameterException", "The deployment strategy can't be changed while a service deployment is in progress.", graph.NotYet},
		{ecsService, "DeleteService", "InvalidParameterException", "The service cannot be stopped while it is scaled above 0.", graph.InUse},
		{ecsService, "UpdateService", "ServiceNotActiveException", "", graph.NotYet},
		{ecsService, "PutClusterCapacityProviders", "UpdateInProgressException", "", graph.NotYet},
		{ecsService, "CreateCapacityProvider", "ClientException", "Cluster was not ACTIVE", graph.NotYet},
		{ecsService, "DeleteCluster", "ClusterContainsTasksException", "", graph.InUse},
		{ecsService, "DeleteCluster", "ClusterContainsServicesException", "", graph.InUse},
		{ecsService, "DeleteCluster", "ClusterContainsContainerInstancesException", "", graph.InUse},
		{ecsService, "DeleteCapacityProvider", "ResourceInUseException", "The specified capacity provider is in use and cannot be removed.", graph.InUse},
		{ecsService, "CreateService", "InvalidParameterException", "Creation of service was not idempotent.", graph.Conflict},
		{ecsService, "CreateCapacityProvider", "ClientException", "The specified capacity provider already exists.", graph.Conflict},
		{ecsService, "CreateService", "LimitExceededException", "", graph.Quota},
		{ecsService, "CreateService", "BlockedException", "", graph.Denied},
		{ecsService, "CreateService", "ServerException", "", graph.Transient},
		{ecsService, "CreateService", "InvalidParameterException", "Container name is required.", graph.Invalid},
		{ecsService, "CreateService", "AccessDeniedException", "", graph.Denied},

		{iamService, "AttachRolePolicy", "NoSuchEntity", "", graph.NotYet},
		{iamService, "GetRole", "NoSuchEntity", "", graph.NotFound},
		{iamService, "DeleteRole", "NoSuchEntity", "", graph.NotFound},
		{iamService, "CreateRole", "MalformedPolicyDocument", "Invalid principal in policy: \"AWS\":\"x\"", graph.NotYet},
		{iamService, "CreateRole", "MalformedPolicyDocument", "Syntax errors in policy.", graph.Invalid},
		{iamService, "UpdateRole", "EntityTemporarilyUnmodifiable", "", graph.NotYet},
		{iamService, "DeleteRole", "DeleteConflict", "", graph.InUse},
		{iamService, "CreateRole", "LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000", graph.Quota},
		{iamService, "CreateRole", "EntityAlreadyExists", "", graph.Conflict},
		{iamService, "CreateRole", "ConcurrentModification", "", graph.Conflict},
		{iamService, "CreateRole", "ServiceFailure", "", graph.Transient},

		{autoScaling, "CreateAutoScalingGroup", "ValidationError", "Invalid IAM Instance Profile ARN", graph.NotYet},
		{autoScaling, "CreateAutoScalingGroup", "ValidationError", "The specified launch template, with template ID lt-1, does not exist.", graph.NotYet},
		{autoScaling, "CreateAutoScalingGroup", "AlreadyExists", "AutoScalingGroup by this name already exists and is pending delete", graph.NotYet},
		{autoScaling, "CreateAutoScalingGroup", "AlreadyExists", "AutoScalingGroup by this name already exists", graph.Conflict},
		{autoScaling, "UpdateAutoScalingGroup", "ValidationError", "AutoScalingGroup 'x' is pending delete", graph.NotYet},
		{autoScaling, "DeleteAutoScalingGroup", "ValidationError", "AutoScalingGroup name not found - AutoScalingGroup 'x' not found", graph.NotFound},
		{autoScaling, "CancelInstanceRefresh", "ActiveInstanceRefreshNotFound", "", graph.NotFound},
		{autoScaling, "DeleteAutoScalingGroup", "ScalingActivityInProgress", "", graph.InUse},
		{autoScaling, "DeleteAutoScalingGroup", "ResourceInUse", "", graph.InUse},
		{autoScaling, "StartInstanceRefresh", "InstanceRefreshInProgress", "", graph.NotYet},
		{autoScaling, "CreateAutoScalingGroup", "LimitExceeded", "", graph.Quota},
		{autoScaling, "CreateAutoScalingGroup", "ValidationError", "Min must be less than max", graph.Invalid},

		{applicationAutoScaling, "RegisterScalableTarget", "ValidationException", "ECS service doesn't exist: service/a/b", graph.NotYet},
		{applicationAutoScaling, "RegisterScalableTarget", "ValidationException", "Tags can only be specified when a scalable target is registered first.", graph.Conflict},
		{applicationAutoScaling, "PutScalingPolicy", "ValidationException", "The resource label \"app/a/1/targetgroup/b/2\" is invalid", graph.NotYet},
		{applicationAutoScaling, "PutScalingPolicy", "ObjectNotFoundException", "", graph.NotYet},
		{applicationAutoScaling, "TagResource", "ResourceNotFoundException", "", graph.NotYet},
		{applicationAutoScaling, "ListTagsForResource", "ResourceNotFoundException", "", graph.NotFound},
		{applicationAutoScaling, "DeleteScalingPolicy", "ObjectNotFoundException", "", graph.NotFound},
		{applicationAutoScaling, "RegisterScalableTarget", "LimitExceededException", "", graph.Quota},
		{applicationAutoScaling, "RegisterScalableTarget", "ConcurrentUpdateException", "", graph.Conflict},

		{logs, "PutRetentionPolicy", "ResourceNotFoundException", "", graph.NotYet},
		{logs, "DeleteLogGroup", "ResourceNotFoundException", "", graph.NotFound},
		{logs, "CreateLogGroup", "LimitExceededException", "", graph.Quota},
		{logs, "CreateLogGroup", "OperationAbortedException", "", graph.Conflict},
		{logs, "CreateLogGroup", "ResourceAlreadyExistsException", "", graph.Conflict},

		{serviceDiscovery, "GetNamespace", "NamespaceNotFound", "", graph.NotFound},
		{serviceDiscovery, "DeleteNamespace", "ResourceInUse", "", graph.InUse},
		{serviceDiscovery, "DeleteNamespace", "DuplicateRequest", "", graph.NotYet},
		{serviceDiscovery, "CreateHttpNamespace", "NamespaceAlreadyExists", "", graph.Conflict},
		{serviceDiscovery, "CreateHttpNamespace", "ResourceLimitExceeded", "", graph.Quota},
		{serviceDiscovery, "GetNamespace", "RequestLimitExceeded", "", graph.Throttled},

		{elastiCache, "CreateReplicationGroup", "CacheSubnetGroupNotFoundFault", "", graph.NotYet},
		{elastiCache, "DescribeReplicationGroups", "ReplicationGroupNotFoundFault", "", graph.NotFound},
		{elastiCache, "ModifyReplicationGroup", "InvalidReplicationGroupState", "", graph.NotYet},
		{elastiCache, "DeleteCacheSubnetGroup", "CacheSubnetGroupInUse", "", graph.InUse},
		{elastiCache, "CreateReplicationGroup", "ReplicationGroupAlreadyExists", "", graph.Conflict},
		{elastiCache, "RemoveTagsFromResource", "TagNotFound", "", graph.Conflict},
		{elastiCache, "IncreaseReplicaCount", "NoOperationFault", "", graph.Conflict},
		{elastiCache, "CreateUserGroup", "DefaultUserRequired", "", graph.Invalid},
		{elastiCache, "CreateCacheSubnetGroup", "InvalidSubnet", "", graph.Invalid},
		{elastiCache, "DescribeReplicationGroups", "APICallRateForCustomerExceeded", "", graph.Throttled},
		{elastiCache, "CreateReplicationGroup", "NodeQuotaForCustomerExceeded", "", graph.Quota},
		{elastiCache, "CreateReplicationGroup", "InsufficientCacheClusterCapacity", "", graph.Transient},

		{lambdaService, "CreateFunction", "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.", graph.NotYet},
		{lambdaService, "CreateFunction", "InvalidParameterValueException", "The provided execution role does not have permissions to call CreateNetworkInterface on EC2", graph.NotYet},
		{lambdaService, "CreateFunction", "InvalidParameterValueException", "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound.", graph.NotYet},
		{lambdaService, "UpdateFunctionConfiguration", "InvalidParameterValueException", "Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound.", graph.NotYet},
		{lambdaService, "Invoke", "CodeArtifactUserPendingException", "Lambda is initializing your function. It will be ready to invoke shortly.", graph.NotYet},
		{lambdaService, "Invoke", "ResourceNotReadyException", "", graph.NotYet},
		{lambdaService, "GetFunction", "ResourceNotFoundException", "Function not found: x", graph.NotFound},
		{lambdaService, "CreateFunction", "InvalidParameterValueException", "Value at 'memorySize' failed", graph.Invalid},
		{lambdaService, "CreateFunction", "ResourceConflictException", "Function already exist: x", graph.Conflict},
		{lambdaService, "UpdateFunctionCode", "ResourceConflictException", "An update is in progress for resource", graph.NotYet},
		{lambdaService, "CreateFunction", "CodeStorageExceededException", "", graph.Quota},

		{secretsManager, "TagResource", "InvalidRequestException", "You can't perform this operation on the secret because it was marked for deletion.", graph.Conflict},
		{secretsManager, "CreateSecret", "InvalidRequestException", "a secret with this name is already scheduled for deletion.", graph.Conflict},
		{secretsManager, "CreateSecret", "LimitExceededException", "", graph.Quota},
		{secretsManager, "GetSecretValue", "DecryptionFailure", "", graph.Denied},
		{secretsManager, "DescribeSecret", "InternalServiceError", "", graph.Transient},
		{ssmService, "GetParameter", "ParameterNotFound", "", graph.Invalid},
		{s3Service, "PutBucketTagging", "NoSuchBucket", "", graph.NotYet},
		{s3Service, "GetBucketTagging", "NoSuchTagSet", "", graph.NotFound},
		{s3Service, "CreateBucket", "BucketAlreadyExists", "", graph.Invalid},
		{s3Service, "CreateBucket", "BucketAlreadyOwnedByYou", "", graph.Conflict},
		{acmService, "DescribeCertificate", "ResourceNotFoundException", "", graph.NotFound},
		{acmService, "AddTagsToCertificate", "ResourceNotFoundException", "", graph.NotFound},
		{acmService, "RequestCertificate", "LimitExceededException", "Error: you have reached your limit of 2500 certificates", graph.Quota},
		{acmService, "RequestCertificate", "InvalidTagException", "", graph.Invalid},
		{acmService, "DeleteCertificate", "ResourceInUseException", "Certificate x in account y is in use.", graph.InUse},

		{route53Service, "ChangeResourceRecordSets", "InvalidChangeBatch", "[Tried to create resource record set [name='a.example.com.', type='A'] but it already exists]", graph.Conflict},
		{route53Service, "ChangeResourceRecordSets", "InvalidChangeBatch", "[RRSet of type A with DNS name a.example.com. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone example.com.]", graph.Conflict},
		{route53Service, "ChangeResourceRecordSets", "InvalidChangeBatch", "[RRSet of type CNAME with DNS name a.example.com. is not permitted as it conflicts with other records with the same DNS name in zone example.com.]", graph.Conflict},
		{route53Service, "ChangeResourceRecordSets", "InvalidChangeBatch", "[Tried to delete resource record set [name='a.example.com.', type='A'] but it was not found]", graph.Conflict},
		{route53Service, "ChangeResourceRecordSets", "InvalidChangeBatch", "[Tried to delete resource record set [name='a.example.com.', type='A'] but the values provided do not match the current values]", graph.Conflict},
		{route53Service, "ChangeResourceRecordSets", "InvalidChangeBatch", "[RRSet with DNS name a.example.com. is not permitted in zone example.org.]", graph.Invalid},
		{route53Service, "ChangeResourceRecordSets", "NoSuchHostedZone", "No hosted zone found with ID: Z1", graph.Invalid},
		{route53Service, "ListResourceRecordSets", "NoSuchHostedZone", "No hosted zone found with ID: Z1", graph.NotFound},
		{route53Service, "GetChange", "NoSuchChange", "", graph.NotFound},
		{route53Service, "ChangeResourceRecordSets", "PriorRequestNotComplete", "", graph.Throttled},
		{route53Service, "GetHostedZone", "AccessDenied", "User: x is not authorized to access this resource", graph.Denied},
		{wafService, "AssociateWebACL", "WAFUnavailableEntityException", "", graph.NotYet},
		{wafService, "AssociateWebACL", "WAFNonexistentItemException", "", graph.NotYet},
		{wafService, "GetWebACL", "WAFNonexistentItemException", "", graph.NotFound},
		{wafService, "DeleteWebACL", "WAFAssociatedItemException", "", graph.InUse},
		{wafService, "DeleteWebACL", "WAFOptimisticLockException", "", graph.Conflict},
		{wafService, "GetWebACL", "WAFInternalErrorException", "", graph.Transient},
		{wafService, "AssociateWebACL", "WAFInvalidParameterException", "", graph.Invalid},

		{s3Service, "HeadBucket", "NotFound", "", graph.NotFound},
		{s3Service, "HeadBucket", "Forbidden", "", graph.Denied},
		{s3Service, "CreateBucket", "BucketAlreadyOwnedByYou", "", graph.Conflict},
		{s3Service, "HeadBucket", "MovedPermanently", "", graph.Invalid},

		{"STS", "AssumeRole", "AccessDenied", "", graph.Denied},
		{"STS", "GetCallerIdentity", "ExpiredToken", "", graph.Denied},
		{"STS", "GetCallerIdentity", "InvalidClientTokenId", "", graph.Denied},
		{"STS", "GetCallerIdentity", "RequestExpired", "", graph.Transient},
		{"STS", "AssumeRole", "InternalFailure", "", graph.Transient},
		{"EventBridge", "PutRule", "ConcurrentModificationException", "", graph.Conflict},
		{"EventBridge", "DeleteRule", "ResourceInUseException", "", graph.InUse},
		{"EventBridge", "DescribeRule", "ResourceNotFoundException", "", graph.NotFound},
		{"CloudWatch", "PutMetricAlarm", "LimitExceeded", "", graph.Quota},
		{"SQS", "CreateQueue", "ServiceQuotaExceededException", "", graph.Quota},
		{"Kinesis", "CreateStream", "LimitExceededException", "", graph.Throttled},
		{"SQS", "CreateQueue", "ValidationException", "", graph.Invalid},
		{"SQS", "CreateQueue", "SomethingNew", "", graph.Unknown},
	}
	used := map[*row]bool{}
	for _, c := range cases {
		if got := Classify(apiError(c.service, c.operation, c.code, c.message)).Class; got != c.want {
			t.Errorf("%s %s %s %q is %s, want %s", c.service, c.operation, c.code, c.message, got, c.want)
		}
		used[find(c.service, c.operation, c.code, c.message)] = true
	}
	for i := range table {
		if !used[&table[i]] {
			t.Errorf("no case for the row %s %s %s %q", table[i].service, table[i].operation, table[i].code, table[i].message)
		}
		if table[i].why == "" || table[i].class == "" {
			t.Errorf("the row %s %s has no class or no why", table[i].service, table[i].code)
		}
	}
}

func TestClassify(t *testing.T) {
	response := func(status int) error {
		return &smithy.OperationError{ServiceID: ecsService, OperationName: "DescribeServices", Err: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}},
			Err:      &smithy.GenericAPIError{Code: "Mystery", Message: "what?"},
		}}
	}
	fault := func(class graph.Class, code, action, message string) graph.Fault {
		return graph.Fault{Class: class, Code: code, Action: action, Message: message}
	}
	for _, c := range []struct {
		why  string
		err  error
		want graph.Fault
	}{
		{"no error", nil, graph.Fault{}},
		{"our limiter's own refusal", fmt.Errorf("subnet/a: %w", &smithy.OperationError{ServiceID: "EC2", OperationName: "CreateSubnet", Err: &LimitedError{"EC2", "CreateSubnet"}}),
			fault(graph.Throttled, "HeldBack", "ec2:CreateSubnet", "subnet/a: operation error EC2: CreateSubnet, EC2 CreateSubnet: held back to stay below AWS's request rate")},
		{"a cancelled context", &smithy.OperationError{ServiceID: "EC2", OperationName: "DescribeVpcs", Err: &smithy.CanceledError{Err: context.Canceled}},
			fault(graph.Transient, "", "ec2:DescribeVpcs", "operation error EC2: DescribeVpcs, canceled, context canceled")},
		{"a deadline", context.DeadlineExceeded, fault(graph.Transient, "", "", "context deadline exceeded")},
		{"no connection", &smithy.OperationError{ServiceID: "IAM", OperationName: "GetRole", Err: &smithyhttp.RequestSendError{Err: &net.OpError{Op: "dial", Err: errors.New("connection refused")}}},
			fault(graph.Transient, "", "iam:GetRole", "operation error IAM: GetRole, request send failed, dial: connection refused")},
		{"an unknown code with a status that says retry later", response(http.StatusBadGateway), fault(graph.Transient, "Mystery", "ecs:DescribeServices", "what?")},
		{"an unknown code with 429", response(http.StatusTooManyRequests), fault(graph.Throttled, "Mystery", "ecs:DescribeServices", "what?")},
		{"an unknown code with 403", response(http.StatusForbidden), fault(graph.Denied, "Mystery", "ecs:DescribeServices", "what?")},
		{"an unknown 404 proves nothing", response(http.StatusNotFound), fault(graph.Unknown, "Mystery", "ecs:DescribeServices", "what?")},
		{"an error of ours", errors.New("parameter x names no image"), fault(graph.Unknown, "", "", "parameter x names no image")},
		{"IAM's word for the service differs", apiError(elb, "CreateRule", "AccessDenied", "no"), fault(graph.Denied, "AccessDenied", "elasticloadbalancing:CreateRule", "no")},
		{"IAM's word for the operation differs", apiError(s3Service, "HeadBucket", "Forbidden", "Forbidden"), fault(graph.Denied, "Forbidden", "s3:ListBucket", "Forbidden")},
		{"AWS names another action as missing", apiError(ecsService, "CreateService", "AccessDeniedException", "User: arn:aws:sts::1:assumed-role/o/s is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/t because no identity-based policy allows the iam:PassRole action"),
			fault(graph.Denied, "AccessDeniedException", "iam:PassRole", "User: arn:aws:sts::1:assumed-role/o/s is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/t because no identity-based policy allows the iam:PassRole action")},
		{"EC2's encoded message differs each time", apiError(ec2Service, "CreateVpc", "UnauthorizedOperation", "You are not authorized to perform this operation. User: arn:aws:iam::1:user/u is not authorized to perform: ec2:CreateTags on resource: x because no identity-based policy allows the ec2:CreateTags action. Encoded authorization failure message: 1b-2c_3dQ"),
			fault(graph.Denied, "UnauthorizedOperation", "ec2:CreateTags", "You are not authorized to perform this operation. User: arn:aws:iam::1:user/u is not authorized to perform: ec2:CreateTags on resource: x because no identity-based policy allows the ec2:CreateTags action.")},
		{"a service-linked role can't be made", apiError(ec2Service, "RunInstances", "AuthFailure.ServiceLinkedRoleCreationNotPermitted", "The provided credentials do not have permission"),
			fault(graph.Denied, "AuthFailure.ServiceLinkedRoleCreationNotPermitted", "iam:CreateServiceLinkedRole", "The provided credentials do not have permission")},
		{"the innermost call is the one that failed", &smithy.OperationError{ServiceID: "EC2", OperationName: "DescribeVpcs", Err: fmt.Errorf("get identity: %w", apiError("STS", "AssumeRole", "AccessDenied", "no"))},
			fault(graph.Denied, "AccessDenied", "sts:AssumeRole", "no")},
		{"request ids change with each retry", apiError(ecsService, "CreateService", "ClientException", "Broken (Service: AmazonECS; Status Code: 400; Request ID: 7f2b6c1e-1111-2222-3333-444455556666; Proxy: null)"),
			fault(graph.Invalid, "ClientException", "ecs:CreateService", "Broken (Service: AmazonECS; Status Code: 400")},
		{"words like it stay", apiError(ecsService, "CreateService", "ClientException", "the request identifies no cluster"),
			fault(graph.Invalid, "ClientException", "ecs:CreateService", "the request identifies no cluster")},
		{"people learn what holds an object", &HeldError{By: "network interfaces eni-1", Err: apiError(ec2Service, "DeleteSubnet", "DependencyViolation", "has dependencies")},
			fault(graph.InUse, "DependencyViolation", "ec2:DeleteSubnet", "has dependencies (held by network interfaces eni-1)")},
	} {
		t.Run(c.why, func(t *testing.T) {
			if d := cmp.Diff(c.want, Classify(c.err)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestClassifyWithinTheMiddleware(t *testing.T) {
	err := &smithy.GenericAPIError{Code: "LimitExceededException"}
	if got := classify(ecsService, "CreateService", err).Class; got != graph.Quota {
		t.Errorf("an attempt's error carries no operation yet, but its caller knows: got %s", got)
	}
}
