package ec2

import (
	"regexp"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type modifyPermissionsIn struct {
	ID     string   `q:"ServiceId,required"`
	Add    []string `q:"AddAllowedPrincipals"`
	Remove []string `q:"RemoveAllowedPrincipals"`
}

type modifyPermissionsOut struct {
	Added  []permissionItem `xml:"addedPrincipalSet>item"`
	Return bool             `xml:"return"`
}

type permissionItem struct {
	Principal    string    `xml:"principal"`
	Type         string    `xml:"principalType"`
	PermissionID string    `xml:"servicePermissionId"`
	ServiceID    string    `xml:"serviceId"`
	Tags         []tagItem `xml:"tagSet>item"`
}

// principalForm are the principals of https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html
var principalForm = regexp.MustCompile(`^(\*|arn:aws[a-z-]*:iam::\d{12}:(root|role/.+|user/.+))$`)

// modifyPermissions: a principal that is there already isn't added again, one that isn't there isn't missed,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpointServicePermissions.html
func (s *Service) modifyPermissions(q *core.Request, in *modifyPermissionsIn) (*modifyPermissionsOut, error) {
	e, err := s.region(q.Scope).endpointServiceByID(in.ID)
	if err != nil {
		return nil, err
	}
	for _, p := range in.Add {
		if !principalForm.MatchString(p) {
			return nil, core.Errorf("InvalidPrincipal", "Invalid principal: %s", p)
		}
	}
	out := &modifyPermissionsOut{Return: true}
	for _, p := range in.Add {
		if !e.lists(p) {
			e.permissions = append(e.permissions, permitted{q.World.ID("vpce-svc-perm"), p})
			out.Added = append(out.Added, e.permissionItem(e.permissions[len(e.permissions)-1]))
		}
	}
	e.permissions = slices.DeleteFunc(e.permissions, func(p permitted) bool { return slices.Contains(in.Remove, p.principal) })
	return out, nil
}

func (e *endpointService) lists(principal string) bool {
	return slices.ContainsFunc(e.permissions, func(p permitted) bool { return p.principal == principal })
}

func (e *endpointService) permissionItem(p permitted) permissionItem {
	kind := "Account"
	switch {
	case p.principal == "*":
		kind = "All"
	case strings.Contains(p.principal, ":role/"):
		kind = "Role"
	case strings.Contains(p.principal, ":user/"):
		kind = "User"
	}
	return permissionItem{Principal: p.principal, Type: kind, PermissionID: p.id, ServiceID: e.id}
}

// admits reports whether a caller may see a service and connect to it: "By default, your endpoint service is not
// available to service consumers. You must add permissions that allow specific AWS principals", its own account apart,
// https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html
func (e *endpointService) admits(p core.Principal) bool {
	return p.Account == e.scope.Account || slices.ContainsFunc(e.permissions, func(allowed permitted) bool {
		return allowed.principal == "*" || allowed.principal == p.ARN || allowed.principal == p.RoleARN ||
			strings.HasSuffix(allowed.principal, ":iam::"+p.Account+":root")
	})
}

type describePermissionsIn struct {
	ID string `q:"ServiceId,required"`
	DescribeIn
}

type describePermissionsOut struct {
	Permissions []permissionItem `xml:"allowedPrincipals>item"`
	Next        string           `xml:"nextToken,omitempty"`
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServicePermissions.html
func (s *Service) describePermissions(q *core.Request, in *describePermissionsIn) (*describePermissionsOut, error) {
	e, err := s.region(q.Scope).endpointServiceByID(in.ID)
	if err != nil {
		return nil, err
	}
	var all []permissionItem
	for _, p := range e.permissions {
		all = append(all, e.permissionItem(p))
	}
	for _, f := range in.Filters {
		var get func(permissionItem) string
		switch f.Name {
		case "principal":
			get = func(i permissionItem) string { return i.Principal }
		case "principal-type":
			get = func(i permissionItem) string { return i.Type }
		default:
			return nil, invalidFilter(f.Name)
		}
		all = slices.DeleteFunc(all, func(i permissionItem) bool { return !f.matches(one(get(i))) })
	}
	page, next, err := paginate(q, all, func(i permissionItem) string { return i.PermissionID }, in.Paging)
	return &describePermissionsOut{page, next}, err
}
