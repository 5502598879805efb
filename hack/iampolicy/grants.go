package iampolicy

import (
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// The statements. Conditions stand only where AWS documents that the service supports them for every
// resource of the action, and where the operator never needs the action for anything else: a
// condition that is too tight breaks users, and is found out late. They guard against mistakes, the
// operator's own included. They don't bind a thief of its credentials, who may tag what he likes.
const (
	sidRead  = "Read"
	sidWrite = "Write"
	// sidDeleteOwned are deletions of what carries the ownership tag, which everything of ours has from
	// its creation on.
	sidDeleteOwned = "DeleteOwned"
	// sidNewRoles are creations with the tag, sidOwnedRoles changes of what carries it: no other role
	// gains or loses a policy.
	sidNewRoles   = "NewRoles"
	sidOwnedRoles = "OwnedRoles"
	// sidOwnedFunctions are changes and calls of functions that carry the tag: no other runs, or runs
	// something else.
	sidOwnedFunctions = "OwnedFunctions"
	sidPassRoles      = "PassRoles"
	sidLinkedRoles    = "ServiceLinkedRoles"
	sidImages         = "Images"
	sidLaunch         = "LaunchInGroups"
	// sidSecrets are the values of secrets: of the passwords that the operator makes for its caches. A user's
	// own secret for such a cache needs the tag as well, with any value; no other secret can be read.
	sidSecrets = "OwnedSecrets"
)

// The condition keys of the ownership tag on an object and in a request.
const (
	TagOnResource = "aws:ResourceTag/" + own.TagCluster
	TagOnRequest  = "aws:RequestTag/" + own.TagCluster
)

// special are the statements of actions that neither only read nor write anything of their service.
//
// Left out on purpose: iam:RemoveRoleFromInstanceProfile, since a role of ours is also taken out of
// an untagged profile that somebody else put it in; security group rules and routes, since those of
// a VPC's default group go before that has its tags; tagging, which is how tags come about.
var special = map[string]string{
	"ec2:DeleteInternetGateway":               sidDeleteOwned,
	"ec2:DeleteLaunchTemplate":                sidDeleteOwned,
	"ec2:DeleteNatGateway":                    sidDeleteOwned,
	"ec2:DeleteRouteTable":                    sidDeleteOwned,
	"ec2:DeleteSecurityGroup":                 sidDeleteOwned,
	"ec2:DeleteSubnet":                        sidDeleteOwned,
	"ec2:DeleteVpc":                           sidDeleteOwned,
	"ec2:ReleaseAddress":                      sidDeleteOwned,
	"elasticloadbalancing:DeleteListener":     sidDeleteOwned,
	"elasticloadbalancing:DeleteLoadBalancer": sidDeleteOwned,
	"elasticloadbalancing:DeleteRule":         sidDeleteOwned,
	"elasticloadbalancing:DeleteTargetGroup":  sidDeleteOwned,
	"elasticache:DeleteCacheParameterGroup":   sidDeleteOwned,
	"elasticache:DeleteCacheSubnetGroup":      sidDeleteOwned,
	"elasticache:DeleteReplicationGroup":      sidDeleteOwned,
	"elasticache:DeleteServerlessCache":       sidDeleteOwned,
	"elasticache:DeleteUser":                  sidDeleteOwned,
	"elasticache:DeleteUserGroup":             sidDeleteOwned,
	"secretsmanager:DeleteSecret":             sidDeleteOwned,
	"secretsmanager:RestoreSecret":            sidDeleteOwned,
	"secretsmanager:GetSecretValue":           sidSecrets,
	"ecs:DeleteCapacityProvider":              sidDeleteOwned,
	"ecs:DeleteCluster":                       sidDeleteOwned,
	"ecs:DeleteService":                       sidDeleteOwned,
	"autoscaling:DeleteAutoScalingGroup":      sidDeleteOwned,
	"logs:DeleteLogGroup":                     sidDeleteOwned,
	"servicediscovery:DeleteNamespace":        sidDeleteOwned,
	"iam:DeleteInstanceProfile":               sidDeleteOwned,

	"application-autoscaling:DeregisterScalableTarget": sidDeleteOwned,

	"iam:AddRoleToInstanceProfile":      sidOwnedRoles,
	"iam:AttachRolePolicy":              sidOwnedRoles,
	"iam:DeleteRole":                    sidOwnedRoles,
	"iam:DeleteRolePermissionsBoundary": sidOwnedRoles,
	"iam:DeleteRolePolicy":              sidOwnedRoles,
	"iam:DetachRolePolicy":              sidOwnedRoles,
	"iam:PutRolePermissionsBoundary":    sidOwnedRoles,
	"iam:PutRolePolicy":                 sidOwnedRoles,
	"iam:UpdateAssumeRolePolicy":        sidOwnedRoles,

	"lambda:DeleteFunction":              sidDeleteOwned,
	"lambda:InvokeFunction":              sidOwnedFunctions,
	"lambda:UpdateFunctionCode":          sidOwnedFunctions,
	"lambda:UpdateFunctionConfiguration": sidOwnedFunctions,

	"iam:CreateInstanceProfile": sidNewRoles,
	"iam:CreateRole":            sidNewRoles,

	"iam:PassRole":                sidPassRoles,
	"iam:CreateServiceLinkedRole": sidLinkedRoles,
	"ssm:GetParameter":            sidImages,
	"ec2:RunInstances":            sidLaunch,
}

// sidOf is the statement that allows an action.
func sidOf(action string) string {
	if sid, ok := special[action]; ok {
		return sid
	}
	_, operation, _ := strings.Cut(action, ":")
	for _, p := range []string{"Describe", "Get", "List"} {
		if strings.HasPrefix(operation, p) {
			return sidRead
		}
	}
	return sidWrite
}

// order is that of the statements in a document.
var order = []string{sidRead, sidSecrets, sidImages, sidWrite, sidLaunch, sidDeleteOwned, sidNewRoles, sidOwnedRoles, sidOwnedFunctions, sidPassRoles, sidLinkedRoles}

// scope sets what a statement allows its actions on.
func scope(s *Statement, partition string) {
	s.Resource = "*"
	switch s.Sid {
	case sidDeleteOwned, sidOwnedRoles, sidOwnedFunctions, sidSecrets:
		s.Condition = map[string]map[string]Values{"Null": {TagOnResource: {"false"}}}
	case sidNewRoles:
		s.Condition = map[string]map[string]Values{"Null": {TagOnRequest: {"false"}}}
	case sidPassRoles:
		// AWS warns of conditions on a role's tags here: they have no reliable results.
		// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
		s.Resource = "arn:" + partition + ":iam::*:role/*"
		s.Condition = map[string]map[string]Values{"StringEquals": {"iam:PassedToService": {instances(partition), "ecs-tasks.amazonaws.com", "ecs.amazonaws.com", "lambda.amazonaws.com"}}}
	case sidLinkedRoles:
		s.Resource = "arn:" + partition + ":iam::*:role/aws-service-role/*"
		s.Condition = map[string]map[string]Values{"StringEquals": {"iam:AWSServiceName": {
			"autoscaling.amazonaws.com", "ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com", "elasticache.amazonaws.com", "elasticloadbalancing.amazonaws.com",
		}}}
	case sidImages:
		// Public parameters belong to no account.
		// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html
		s.Resource = "arn:" + partition + ":ssm:*::parameter/aws/service/ecs/optimized-ami/*"
	}
}

// instances is the service that instances take their role from, as roles trust it.
func instances(partition string) string {
	if partition == "aws-cn" {
		return "ec2.amazonaws.com.cn"
	}
	return "ec2.amazonaws.com"
}
