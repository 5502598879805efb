package wafv2

import (
	"regexp"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type associateIn struct{ WebACLArn, ResourceArn string }

// resourcePattern is the form of Application Load Balancers' ARNs: a Network Load Balancer can't be
// protected, https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html
var resourcePattern = regexp.MustCompile(`^arn:[a-z-]+:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer/app/[^/]+/[0-9a-f]+$`)

func checkResource(arn string) error {
	if !resourcePattern.MatchString(arn) {
		return invalid("The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes., field: RESOURCE_ARN, parameter: %s", arn)
	}
	return nil
}

// associateWebACL also replaces the web ACL that a resource has. A load balancer that is being provisioned
// and a web ACL that hasn't propagated are unavailable: "Retry your request",
// https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html
func (s *Service) associateWebACL(r *core.Request, in *associateIn) (*core.Empty, error) {
	if err := checkACL(in.WebACLArn); err != nil {
		return nil, err
	}
	if err := checkResource(in.ResourceArn); err != nil {
		return nil, err
	}
	st := s.scope(r.Scope)
	a := st.acls[in.WebACLArn]
	found, ready := s.resources.Protectable(r.Scope, in.ResourceArn)
	switch {
	case a == nil || !found:
		return nil, nonexistent()
	case !ready || r.Now().Sub(a.created) < propagation:
		return nil, unavailable()
	}
	st.associations[in.ResourceArn] = a.ARN
	return nil, nil
}

type resourceIn struct{ ResourceArn string }

// disassociateWebACL removes the association of a resource, "if it has one":
// https://docs.aws.amazon.com/waf/latest/APIReference/API_DisassociateWebACL.html
func (s *Service) disassociateWebACL(r *core.Request, in *resourceIn) (*core.Empty, error) {
	if err := checkResource(in.ResourceArn); err != nil {
		return nil, err
	}
	if found, _ := s.resources.Protectable(r.Scope, in.ResourceArn); !found {
		return nil, nonexistent()
	}
	delete(s.scope(r.Scope).associations, in.ResourceArn)
	return nil, nil
}

// getWebACLForResource answers without a web ACL for a resource that has none.
func (s *Service) getWebACLForResource(r *core.Request, in *resourceIn) (*getOut, error) {
	if err := checkResource(in.ResourceArn); err != nil {
		return nil, err
	}
	if found, _ := s.resources.Protectable(r.Scope, in.ResourceArn); !found {
		return nil, nonexistent()
	}
	a := s.protects(r.Scope, in.ResourceArn)
	if a == nil {
		return &getOut{}, nil
	}
	return &getOut{WebACL: a.out(r.Scope)}, nil
}

type listResourcesIn struct{ WebACLArn, ResourceType string }

type listResourcesOut struct{ ResourceArns []string }

func (s *Service) listResourcesForWebACL(r *core.Request, in *listResourcesIn) (*listResourcesOut, error) {
	if err := checkACL(in.WebACLArn); err != nil {
		return nil, err
	}
	if in.ResourceType != "" && in.ResourceType != "APPLICATION_LOAD_BALANCER" {
		return nil, invalid("The emulator does not support the resource type %s.", in.ResourceType)
	}
	if s.scope(r.Scope).acls[in.WebACLArn] == nil {
		return nil, nonexistent()
	}
	return &listResourcesOut{s.resourcesOf(r.Scope, in.WebACLArn)}, nil
}

// resourcesOf are the resources that a web ACL protects, sorted.
func (s *Service) resourcesOf(scope core.Scope, acl string) []string {
	out := []string{}
	for resource, arn := range s.scope(scope).associations {
		if arn == acl && s.protects(scope, resource) != nil {
			out = append(out, resource)
		}
	}
	slices.Sort(out)
	return out
}
