package fault

import (
	"path"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// class is a family of things that go wrong with a call of AWS.
type class struct {
	name string
	// rule is what the emulator does to a call; ok is false where AWS answers a call so never.
	rule func(service, action string) (r core.FaultRule, ok bool)
	// coded says that only some calls are answered so, each by a code of its service.
	coded bool
}

// classes are all families. Those of the first four lines may hit any call.
var classes = []class{
	{name: "throttled", rule: anyCall(core.FaultThrottle)},
	{name: "failing", rule: anyCall(core.FaultServerError)},
	{name: "unreachable", rule: anyCall(core.FaultTimeout)},
	{name: "denied", rule: anyCall(core.FaultDenied)},
	{name: "answer lost", rule: writes(core.FaultLost)},
	{name: "quota", rule: coded(quotas), coded: true},
	{name: "not yet", rule: coded(notYet), coded: true},
	{name: "conflict", rule: coded(conflicts), coded: true},
	{name: "in use", rule: coded(inUse), coded: true},
}

func anyCall(f core.Fault) func(string, string) (core.FaultRule, bool) {
	return func(service, action string) (core.FaultRule, bool) {
		return core.FaultRule{Service: service, Action: action, Fault: f}, true
	}
}

func writes(f core.Fault) func(string, string) (core.FaultRule, bool) {
	return func(service, action string) (core.FaultRule, bool) {
		return core.FaultRule{Service: service, Action: action, Fault: f}, !core.CallRecord{Action: action}.ReadOnly()
	}
}

// code is an error that a service answers a call with.
type code struct {
	// call is "service:Action", with alternatives of the action between "|" and patterns.
	call, code, message string
}

// coded answers the first of some codes that a call can have.
func coded(codes []code) func(string, string) (core.FaultRule, bool) {
	return func(service, action string) (core.FaultRule, bool) {
		for _, c := range codes {
			of, actions, _ := strings.Cut(c.call, ":")
			for pattern := range strings.SplitSeq(actions, "|") {
				if ok, err := path.Match(pattern, action); of == service && ok && err == nil {
					return core.FaultRule{Service: service, Action: action, Fault: core.FaultError, Code: c.code, Message: c.message}, true
				}
			}
		}
		return core.FaultRule{}, false
	}
}

// quotas are what services say at an account's limits, in the words of their API references.
var quotas = []code{
	// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
	{"ec2:CreateVpc", "VpcLimitExceeded", "The maximum number of VPCs has been reached."},
	{"ec2:CreateSubnet", "SubnetLimitExceeded", "The maximum number of subnets has been reached."},
	{"ec2:CreateInternetGateway", "InternetGatewayLimitExceeded", "The maximum number of internet gateways has been reached."},
	{"ec2:AllocateAddress", "AddressLimitExceeded", "The maximum number of addresses has been reached."},
	{"ec2:CreateNatGateway", "NatGatewayLimitExceeded", "Performing this operation would exceed the limit of 5 NAT gateways"},
	{"ec2:CreateRouteTable", "RouteTableLimitExceeded", "The maximum number of route tables has been reached."},
	{"ec2:CreateSecurityGroup", "SecurityGroupLimitExceeded", "The maximum number of security groups for VPC has been reached."},
	{"ec2:AuthorizeSecurityGroup*", "RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached."},
	{"ec2:CreateNetworkAcl", "NetworkAclLimitExceeded", "The maximum number of network ACLs has been reached."},
	{"elasticloadbalancing:CreateLoadBalancer", "TooManyLoadBalancers", "The maximum number of load balancers has been reached"},
	{"elasticloadbalancing:CreateTargetGroup", "TooManyTargetGroups", "The maximum number of target groups has been reached"},
	{"elasticloadbalancing:CreateListener", "TooManyListeners", "The maximum number of listeners has been reached"},
	{"elasticloadbalancing:CreateRule", "TooManyRules", "The maximum number of rules has been reached"},
	{"autoscaling:CreateAutoScalingGroup", "LimitExceeded", "You have already reached a limit for your Amazon EC2 Auto Scaling resources"},
	{"iam:CreateRole", "LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000"},
	{"iam:CreateInstanceProfile", "LimitExceeded", "Cannot exceed quota for InstanceProfilesPerAccount: 1000"},
	{"iam:AttachRolePolicy", "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10"},
	{"iam:PutRolePolicy", "LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role"},
	{"ecs:CreateCluster|CreateService|CreateCapacityProvider|RegisterTaskDefinition", "LimitExceededException", "The limit for the resource was exceeded."},
	{"logs:CreateLogGroup", "LimitExceededException", "Resource limit exceeded."},
	{"servicediscovery:Create*", "ResourceLimitExceeded", "The resource can't be created because you've reached the quota on the number of resources."},
	{"application-autoscaling:RegisterScalableTarget|PutScalingPolicy", "LimitExceededException", "A per-account resource limit is exceeded."},
}

// notYet are what services say of something that was made moments ago, or is on its way to another state.
var notYet = []code{
	{"ec2:CreateSubnet|CreateRouteTable|CreateSecurityGroup|CreateNetworkAcl|ModifyVpcAttribute", "InvalidVpcID.NotFound", "The vpc ID does not exist"},
	{"ec2:AttachInternetGateway", "InvalidInternetGatewayID.NotFound", "The internetGateway ID does not exist"},
	{"ec2:CreateNatGateway|AssociateRouteTable|ModifySubnetAttribute", "InvalidSubnetID.NotFound", "The subnet ID does not exist"},
	{"ec2:CreateRoute", "InvalidNatGatewayID.NotFound", "The natGateway ID does not exist"},
	{"ec2:AuthorizeSecurityGroup*", "InvalidGroup.NotFound", "The security group does not exist"},
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
	{"iam:AttachRolePolicy|PutRolePolicy|AddRoleToInstanceProfile|TagRole", "NoSuchEntity", "The role cannot be found."},
	{"autoscaling:CreateAutoScalingGroup", "ValidationError", "You must use a valid fully-formed launch template. Value (x) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"},
	{"ecs:CreateService", "InvalidParameterException", "Unable to assume the service linked role. Please verify that the ECS service linked role exists."},
	{"ecs:RegisterTaskDefinition", "ClientException", "Role is not valid"},
	{"ecs:PutClusterCapacityProviders", "UpdateInProgressException", "The specified cluster is in a busy state and cannot be updated."},
	{"ecs:DeleteService", "InvalidParameterException", "The service cannot be stopped while deployments are active."},
	{"ecs:UpdateService", "ServiceNotActiveException", "Service was not ACTIVE."},
	{"elasticloadbalancing:CreateLoadBalancer", "InvalidSubnet", "VPC has no internet gateway"},
	{"elasticloadbalancing:CreateListener|CreateRule", "TargetGroupNotFound", "One or more target groups not found"},
	{"elasticloadbalancing:ModifyLoadBalancerAttributes|SetSecurityGroups|SetSubnets", "LoadBalancerNotFound", "One or more load balancers not found"},
	{"application-autoscaling:RegisterScalableTarget", "ValidationException", "ECS service doesn't exist"},
	{"application-autoscaling:PutScalingPolicy", "ObjectNotFoundException", "No scalable target registered"},
}

// conflicts are what services say when somebody changes the same thing at the same moment.
var conflicts = []code{
	{"ec2:CreateTags", "ConcurrentTagAccess", "Concurrent tag access"},
	{"iam:CreateRole|UpdateAssumeRolePolicy|CreateInstanceProfile|TagRole|UntagRole|DeleteRole|DeleteInstanceProfile", "ConcurrentModification", "The request was rejected because multiple requests to change this object were submitted simultaneously."},
	{"autoscaling:CreateOrUpdateTags|UpdateAutoScalingGroup|DeleteAutoScalingGroup|PutLifecycleHook|SetDesiredCapacity", "ResourceContention", "You already have a pending update to an Amazon EC2 Auto Scaling resource"},
	{"logs:CreateLogGroup|PutRetentionPolicy|DeleteLogGroup", "OperationAbortedException", "A conflicting operation is currently in progress against this resource."},
	{"application-autoscaling:RegisterScalableTarget|PutScalingPolicy|DeregisterScalableTarget|DeleteScalingPolicy", "ConcurrentUpdateException", "Concurrent updates caused an exception"},
}

// inUse are what services say when something still holds what is to be deleted.
var inUse = []code{
	{"ec2:DeleteVpc|DeleteSubnet|DeleteSecurityGroup|DeleteRouteTable|DetachInternetGateway|DeleteInternetGateway", "DependencyViolation", "The resource has dependencies and cannot be deleted."},
	{"ec2:ReleaseAddress", "InvalidIPAddress.InUse", "The address is in use."},
	{"elasticloadbalancing:DeleteTargetGroup", "ResourceInUse", "Target group is currently in use by a listener or a rule"},
	{"elasticloadbalancing:DeleteLoadBalancer", "ResourceInUse", "Load balancer is currently associated with another service"},
	{"iam:DeleteRole|DeleteInstanceProfile", "DeleteConflict", "Cannot delete entity, must remove its users first."},
	{"autoscaling:DeleteAutoScalingGroup", "ScalingActivityInProgress", "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group."},
	{"ecs:DeleteCluster", "ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active."},
	{"ecs:DeleteCapacityProvider", "ResourceInUseException", "The specified capacity provider is in use and cannot be removed."},
	{"servicediscovery:DeleteNamespace", "ResourceInUse", "Namespace has associated services"},
}
