package awsevents

import (
	"slices"
	"strings"
)

// Self is how this operator's own calls are known.
type Self struct {
	// ARN is the caller identity, as AWS STS tells it.
	ARN string
	// Agent is what the operator's user agent contains.
	Agent string
}

// identity is CloudTrail's userIdentity,
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
type identity struct {
	Type           string `json:"type"`
	ARN            string `json:"arn"`
	AccountID      string `json:"accountId"`
	InvokedBy      string `json:"invokedBy"`
	SessionContext struct {
		SessionIssuer struct {
			ARN string `json:"arn"`
		} `json:"sessionIssuer"`
	} `json:"sessionContext"`
}

// name is what people are told: an ARN, or the service or account that has none.
func (i *identity) name() string {
	switch {
	case i.ARN != "" && i.InvokedBy != "":
		return i.ARN + " through " + i.InvokedBy
	case i.ARN != "":
		return i.ARN
	case i.InvokedBy != "":
		return i.InvokedBy
	case i.AccountID != "":
		return "account " + i.AccountID
	}
	return ""
}

// delegates are the services of AWS that act on a deployment by themselves: they shift traffic, scale, replace
// instances and move tasks, with roles of the deployment or in the name of who asked for it. AWS
// CloudFormation isn't among them: it does what somebody's template says.
var delegates = []string{
	"autoscaling.amazonaws.com", "ec2.amazonaws.com", "ecs-tasks.amazonaws.com", "ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com",
	"application-autoscaling.amazonaws.com", "elasticache.amazonaws.com", "elasticloadbalancing.amazonaws.com", "lambda.amazonaws.com",
}

// hand says who made a call. The operator's own calls have both its identity and its user agent: with the same
// role, and another program, somebody else is at work; with the same program, and another role, another operator is.
func (s Self) hand(r *record) Hand {
	who := &r.UserIdentity
	switch {
	case who.Type == "AWSService", linked(who.ARN), linked(who.SessionContext.SessionIssuer.ARN), slices.Contains(delegates, who.InvokedBy):
		return HandAWS
	case s.ARN != "" && principal(s.ARN) == principal(who.ARN) && strings.Contains(r.UserAgent, s.Agent):
		return HandOwn
	}
	return HandOther
}

// linked reports whether an ARN is of a service-linked role or a session of one,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
func linked(arn string) bool {
	return strings.Contains(arn, ":role/aws-service-role/") || strings.Contains(arn, ":assumed-role/AWSServiceRoleFor")
}

// principal is an identity's ARN without the name of its session, which is another one in each manager.
func principal(arn string) string {
	if _, session, ok := strings.Cut(arn, ":assumed-role/"); ok {
		role, _, _ := strings.Cut(session, "/")
		return strings.TrimSuffix(arn, session) + role
	}
	return arn
}
