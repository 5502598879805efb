package kinds

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// role is a role as IAM shows it.
type role struct {
	ARN, Name, Trust, Boundary string
	Attached                   []string
	Inline                     map[string]string
	// Profiles are the instance profiles that it is in; unknown when it was read directly.
	Profiles []string
	Tags     map[string]string
	Created  time.Time
	// Changed is when we changed it last.
	Changed time.Time
	direct  bool
}

func (r role) live(call graph.Call, spec RoleSpec) graph.Live {
	l := graph.Live{
		ID: r.Name, Phase: graph.Ready, Owner: proof(call, r.Name, r.Tags),
		Out: map[graph.Attr]string{"arn": r.ARN, "name": r.Name, "since": r.since(call)}, Raw: r,
	}
	if left := roleSpreading - call.Now.Sub(r.Created); spec.Spread && left > 0 {
		l.Phase, l.Why, l.Recheck, l.Out = graph.Pending, "was made just now, and may not be known everywhere", left, nil
	} else if spec.Moving && spec.surplus(r) {
		l.Phase, l.Reason, l.Why, l.Recheck = graph.Pending, graph.ReasonWaiting, "keeps what it allowed before, until all tasks of before are replaced", roleMoving
		l.Out[Keeps] = "rights"
	}
	return l
}

// since is when the role was made, or changed by us for the last time.
func (r role) since(call graph.Call) string {
	last := r.Created
	if r.Changed.After(last) {
		last = r.Changed
	}
	if recorded, err := time.Parse(time.RFC3339Nano, call.Recorded["since"]); err == nil && call.ID == r.Name && recorded.After(last) {
		last = recorded
	}
	return instant(last)
}

// strip detaches the role's policies and deletes its inline ones.
func (r role) strip(ctx context.Context, w *aws.World) error {
	for _, arn := range r.Attached {
		if _, err := w.IAM.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &r.Name, PolicyArn: &arn}); !passes(err, notFound) {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Inline)) {
		if _, err := w.IAM.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &r.Name, PolicyName: &name}); !passes(err, notFound) {
			return err
		}
	}
	return nil
}

// rolesRead is the account's roles by name. Where the bulk read can't be used it is not complete,
// and roles are read one by one.
type rolesRead struct {
	roles    map[string]role
	complete bool
}

// maxRolesPage is the largest page IAM gives.
const maxRolesPage = 1000

// readRoles reads all roles with their policies and tags in as few calls as IAM has.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
func readRoles(ctx context.Context, w *aws.World) (rolesRead, error) {
	return aws.Read(ctx, w.Reads, "iam/roles", func(ctx context.Context) (rolesRead, error) {
		details, err := pages(ctx, iam.NewGetAccountAuthorizationDetailsPaginator(w.IAM, &iam.GetAccountAuthorizationDetailsInput{
			Filter: []iamtypes.EntityType{iamtypes.EntityTypeRole}, MaxItems: sdk.Int32(maxRolesPage),
		}), func(p *iam.GetAccountAuthorizationDetailsOutput) []iamtypes.RoleDetail { return p.RoleDetailList })
		if unsupported(err) {
			return rolesRead{}, nil
		}
		if err != nil {
			return rolesRead{}, err
		}
		read := rolesRead{roles: map[string]role{}, complete: true}
		for i := range details {
			d := &details[i]
			r := role{
				ARN: sdk.ToString(d.Arn), Name: sdk.ToString(d.RoleName), Trust: document(d.AssumeRolePolicyDocument),
				Inline: map[string]string{}, Profiles: profileNames(d.InstanceProfileList), Tags: iamTags(d.Tags),
				Created: sdk.ToTime(d.CreateDate),
			}
			if d.PermissionsBoundary != nil {
				r.Boundary = sdk.ToString(d.PermissionsBoundary.PermissionsBoundaryArn)
			}
			for _, p := range d.AttachedManagedPolicies {
				r.Attached = append(r.Attached, sdk.ToString(p.PolicyArn))
			}
			for _, p := range d.RolePolicyList {
				r.Inline[sdk.ToString(p.PolicyName)] = document(p.PolicyDocument)
			}
			read.roles[r.Name] = r
		}
		return read, nil
	})
}

// ownedRoles are the owner's roles by name, as far as the bulk read tells.
func ownedRoles(ctx context.Context, call graph.Call) (map[string]role, error) {
	bulk, err := readRoles(ctx, world(call))
	if err != nil {
		return nil, err
	}
	out := map[string]role{}
	for name, r := range bulk.roles {
		if proofOfParent(call, r.Tags) == graph.Ours {
			out[name] = r
		}
	}
	return out, nil
}

// readRole reads one role by its name.
func readRole(ctx context.Context, w *aws.World, name string) (role, error) {
	return aws.Read(ctx, w.Reads, "iam/role/"+name, func(ctx context.Context) (role, error) {
		out, err := w.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
		if err != nil {
			return role{}, err
		}
		r := role{
			ARN: sdk.ToString(out.Role.Arn), Name: name, Trust: document(out.Role.AssumeRolePolicyDocument),
			Inline: map[string]string{}, Tags: iamTags(out.Role.Tags), direct: true,
			Created: sdk.ToTime(out.Role.CreateDate),
		}
		if b := out.Role.PermissionsBoundary; b != nil {
			r.Boundary = sdk.ToString(b.PermissionsBoundaryArn)
		}
		attached, err := pages(ctx, iam.NewListAttachedRolePoliciesPaginator(w.IAM, &iam.ListAttachedRolePoliciesInput{RoleName: &name}),
			func(p *iam.ListAttachedRolePoliciesOutput) []iamtypes.AttachedPolicy { return p.AttachedPolicies })
		if err != nil {
			return role{}, err
		}
		for _, p := range attached {
			r.Attached = append(r.Attached, sdk.ToString(p.PolicyArn))
		}
		inline, err := pages(ctx, iam.NewListRolePoliciesPaginator(w.IAM, &iam.ListRolePoliciesInput{RoleName: &name}),
			func(p *iam.ListRolePoliciesOutput) []string { return p.PolicyNames })
		if err != nil {
			return role{}, err
		}
		for _, policy := range inline {
			out, err := w.IAM.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &name, PolicyName: &policy})
			if err != nil {
				return role{}, err
			}
			r.Inline[policy] = document(out.PolicyDocument)
		}
		return r, nil
	})
}

// document is a policy as text: IAM answers policies URL-encoded (RFC 3986).
func document(encoded *string) string {
	text, err := url.PathUnescape(sdk.ToString(encoded))
	if err != nil {
		return sdk.ToString(encoded)
	}
	return text
}

func profileNames(profiles []iamtypes.InstanceProfile) []string {
	var out []string
	for i := range profiles {
		out = append(out, sdk.ToString(profiles[i].InstanceProfileName))
	}
	return out
}

func iamTags(tags []iamtypes.Tag) map[string]string {
	out := map[string]string{}
	for _, t := range tags {
		out[sdk.ToString(t.Key)] = sdk.ToString(t.Value)
	}
	return out
}

func toIAMTags(tags map[string]string) []iamtypes.Tag {
	var out []iamtypes.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, iamtypes.Tag{Key: sdk.String(k), Value: sdk.String(tags[k])})
	}
	return out
}

// Keeps is the output of a role that keeps what it allowed before.
const Keeps graph.Attr = "keeps"
