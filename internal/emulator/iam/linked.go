package iam

import (
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// linkedNames are the services whose service-linked role has a name of its own,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
var linkedNames = map[string]string{
	"ecs.amazonaws.com":                         "AWSServiceRoleForECS",
	"elasticloadbalancing.amazonaws.com":        "AWSServiceRoleForElasticLoadBalancing",
	"autoscaling.amazonaws.com":                 "AWSServiceRoleForAutoScaling",
	"ecs.application-autoscaling.amazonaws.com": "AWSServiceRoleForApplicationAutoScaling_ECSService",
	"elasticache.amazonaws.com":                 "AWSServiceRoleForElastiCache",
	"spot.amazonaws.com":                        "AWSServiceRoleForEC2Spot",
	"ecs-compute.amazonaws.com":                 "AWSServiceRoleForECSCompute",
}

// EnsureServiceLinkedRole makes the service-linked role of a service, as services do on first use.
func (s *Service) EnsureServiceLinkedRole(account, awsServiceName string) {
	a := s.account(account)
	if name := linkedNames[awsServiceName]; name != "" && a.roles[strings.ToLower(name)] == nil {
		s.addLinkedRole(a, awsServiceName, name, "")
	}
}

// InPartition tells the partition of an account that has made no request yet.
func (s *Service) InPartition(account, partition string) { s.account(account).partition = partition }

func (s *Service) addLinkedRole(a *account, service, name, description string) *role {
	path := "/aws-service-role/" + service + "/"
	now := s.w.Clock.Now()
	r := &role{name: name, id: "AROA" + s.w.Alnum(17), path: path, arn: a.arn("role", path, name), description: description,
		maxSession: minSession, created: now, trusted: now, tags: map[string]string{}, inline: map[string]string{}, linkedTo: service,
		trust: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}]}`}
	a.roles[strings.ToLower(name)] = r
	return r
}

type createServiceLinkedRoleIn struct {
	AWSServiceName string `q:",required"`
	Description    string
	CustomSuffix   string
}

func (s *Service) createServiceLinkedRole(q *core.Request, in *createServiceLinkedRoleIn) (*roleOut, error) {
	a := s.of(q)
	name := linkedNames[in.AWSServiceName]
	if name == "" {
		return nil, invalidInput("Service principal %s is not a valid service-linked role principal the emulator knows.", in.AWSServiceName)
	}
	if in.CustomSuffix != "" {
		// Only Auto Scaling's role takes one, of those above.
		if in.AWSServiceName != "autoscaling.amazonaws.com" {
			return nil, invalidInput("Custom suffix is not allowed for %s", in.AWSServiceName)
		}
		name += "_" + in.CustomSuffix
	}
	if err := checkName("roleName", name, maxRoleName); err != nil {
		return nil, err
	}
	if a.roles[strings.ToLower(name)] != nil {
		return nil, invalidInput("Service role name %s has been taken in this account, please try a different suffix.", name)
	}
	return &roleOut{roleXML(s.addLinkedRole(a, in.AWSServiceName, name, in.Description), true)}, nil
}
