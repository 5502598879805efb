package iam

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type detailsIn struct {
	Filter []string
	paging
}

type roleDetail struct {
	Path, RoleName, RoleId, Arn string
	CreateDate                  time.Time
	AssumeRolePolicyDocument    string
	InstanceProfileList         []profileXML   `xml:"InstanceProfileList>member"`
	RolePolicyList              []inlineDetail `xml:"RolePolicyList>member"`
	AttachedManagedPolicies     []attachedXML  `xml:"AttachedManagedPolicies>member"`
	PermissionsBoundary         *boundaryOut
	Tags                        *tagSet
	RoleLastUsed                struct{}
}

type inlineDetail struct{ PolicyName, PolicyDocument string }

type policyDetail struct {
	PolicyName, PolicyId, Arn, Path string
	DefaultVersionId                string
	AttachmentCount                 int
	PermissionsBoundaryUsageCount   int
	IsAttachable                    bool
	Description                     string `xml:",omitempty"`
	CreateDate, UpdateDate          time.Time
	PolicyVersionList               []versionXML `xml:"PolicyVersionList>member"`
}

type detailsOut struct {
	UserDetailList  struct{}
	GroupDetailList struct{}
	RoleDetailList  []roleDetail   `xml:"RoleDetailList>member"`
	Policies        []policyDetail `xml:"Policies>member"`
	page
}

var filterNames = []string{"User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"}

// getAccountAuthorizationDetails pages over roles and policies together. The nested instance
// profiles carry no tags, and policies none either,
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
func (s *Service) getAccountAuthorizationDetails(q *core.Request, in *detailsIn) (*detailsOut, error) {
	a := s.of(q)
	for _, f := range in.Filter {
		if !slices.Contains(filterNames, f) {
			return nil, constraint(f, "filter", "satisfy enum value set: [User, Role, Group, LocalManagedPolicy, AWSManagedPolicy]")
		}
	}
	want := func(f string) bool { return len(in.Filter) == 0 || slices.Contains(in.Filter, f) }
	type item struct {
		key    string
		role   *role
		policy *policy
	}
	var items []item
	if want("Role") {
		for _, r := range sorted(a.roles) {
			if s.w.Visible(r.created) {
				items = append(items, item{key: "role " + r.name, role: r})
			}
		}
	}
	var policies []*policy
	if want("LocalManagedPolicy") {
		policies = append(policies, a.localPolicies()...)
	}
	if want("AWSManagedPolicy") {
		policies = append(policies, awsPolicies(a.partition)...)
	}
	for _, p := range policies {
		if s.w.Visible(p.created) {
			items = append(items, item{key: "policy " + p.arn, policy: p})
		}
	}
	items, pg, err := cut(s.w, items, func(i item) string { return i.key }, in.paging)
	if err != nil {
		return nil, err
	}
	out := &detailsOut{page: pg}
	for _, i := range items {
		if i.role != nil {
			out.RoleDetailList = append(out.RoleDetailList, a.roleDetail(i.role))
		} else {
			out.Policies = append(out.Policies, a.policyDetail(i.policy))
		}
	}
	return out, nil
}

func (a *account) roleDetail(r *role) roleDetail {
	x := roleXML(r, true)
	out := roleDetail{Path: x.Path, RoleName: x.RoleName, RoleId: x.RoleId, Arn: x.Arn, CreateDate: x.CreateDate,
		AssumeRolePolicyDocument: x.AssumeRolePolicyDocument, PermissionsBoundary: x.PermissionsBoundary, Tags: x.Tags,
		AttachedManagedPolicies: a.attachedTo(r)}
	for _, p := range sorted(a.profiles) {
		if a.roles[p.role] == r {
			out.InstanceProfileList = append(out.InstanceProfileList, a.profileView(p, false))
		}
	}
	for _, n := range slices.Sorted(maps.Keys(r.inline)) {
		out.RolePolicyList = append(out.RolePolicyList, inlineDetail{n, encodeDocument(r.inline[n])})
	}
	return out
}

func (a *account) policyDetail(p *policy) policyDetail {
	x := a.policyView(p, true)
	out := policyDetail{PolicyName: x.PolicyName, PolicyId: x.PolicyId, Arn: x.Arn, Path: x.Path, DefaultVersionId: x.DefaultVersionId,
		AttachmentCount: x.AttachmentCount, PermissionsBoundaryUsageCount: x.PermissionsBoundaryUsageCount, IsAttachable: true,
		Description: x.Description, CreateDate: x.CreateDate, UpdateDate: x.UpdateDate}
	versions := slices.Clone(p.versions)
	slices.SortStableFunc(versions, func(x, y version) int { return cmp.Compare(y.created.Unix(), x.created.Unix()) })
	for _, v := range versions {
		out.PolicyVersionList = append(out.PolicyVersionList, v.view(true))
	}
	return out
}
