package kinds

import (
	"context"
	"maps"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// Role is an IAM role together with its policies: trust, inline and attached ones are its fields,
// and it is ours as a whole, so that a policy which somebody adds by hand is taken off again.
//
// A role is usable by services some seconds after it exists; that is its users' error to wait out, or the
// role's, where a user gets no second chance.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency
//
// Outputs: "arn" and "name", at once or, if it is waited for, when the role is known everywhere.
type Role struct{}

// RoleSpec is what a role should be.
type RoleSpec struct {
	// Trust is the policy that says who may assume it, as JSON.
	Trust graph.Value `json:"trust"`
	// Description is set at creation and never compared: IAM's bulk read doesn't show it.
	Description string `json:"description,omitempty"`
	// ManagedPolicies are the ARNs of the attached policies.
	ManagedPolicies []graph.Value `json:"managedPolicies,omitempty"`
	// Inline maps names of inline policies to their JSON.
	Inline map[string]graph.Value `json:"inline,omitempty"`
	// Kept begins the names of inline policies that stay where they are there; empty for none.
	Kept string `json:"kept,omitempty"`
	// News are the names of inline policies that come or go for something new outside of the spec, which is no drift.
	News []string `json:"-"`
	// PermissionsBoundary is the ARN of a policy, or empty.
	PermissionsBoundary string `json:"permissionsBoundary,omitempty"`
	// Spread has the role wait until services everywhere know it.
	Spread bool `json:"spread,omitempty"`
	// Moving says that there may be tasks that came by an earlier spec: what the role allows them stays until they are
	// gone, so that one of them can be replaced, and a rollout be rolled back. Where it allows them nothing but what the
	// spec says, it makes no difference.
	Moving bool `json:"-"`
}

// Name implements graph.Kind.
func (Role) Name() string { return "Role" }

// List implements graph.Lister. AWS's tagging API has no roles; the bulk read has all of them, where it can be
// used. https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
func (Role) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	owned, err := ownedRoles(ctx, call)
	out := map[graph.NodeID]graph.Live{}
	for name, r := range owned {
		if node := r.Tags[own.TagNode]; node != "" {
			out[graph.NodeID(node)] = graph.Live{ID: name, Phase: graph.Ready, Owner: graph.Ours}
		}
	}
	return out, err
}

// Observe finds the role in the account's bulk read, which every role of a walk shares. Absence there
// is enough before a creation, which refuses a taken name; otherwise the role is asked for by name.
func (Role) Observe(ctx context.Context, call graph.Call, spec RoleSpec) (graph.Live, error) {
	w := world(call)
	bulk, err := readRoles(ctx, w)
	if err != nil {
		return graph.Live{}, err
	}
	found, ok := bulk.roles[nameOf(call)]
	if !ok {
		if bulk.complete && call.ID == "" && !call.Taken {
			return graph.Live{Phase: graph.Absent}, nil
		}
		found, err = readRole(ctx, w, nameOf(call))
		if notFound(err) {
			return graph.Live{Phase: graph.Absent}, nil
		}
		if err != nil {
			return graph.Live{}, err
		}
	}
	return found.live(call, spec), nil
}

// Diff implements graph.Kind.
func (Role) Diff(call graph.Call, want RoleSpec, live graph.Live) []graph.Change {
	have := raw[role](live)
	var d difference
	d.policy("trust", have.Trust, want.Trust.String())
	d.text("permissionsBoundary", have.Boundary, want.PermissionsBoundary)
	inline, attached := want.policies(have, !call.Planning)
	for _, arn := range attached {
		if !slices.Contains(have.Attached, arn) {
			d = append(d, graph.Change{Path: "managedPolicies." + arn, Want: "attached"})
		}
	}
	for _, arn := range have.Attached {
		if !slices.Contains(attached, arn) {
			d = append(d, graph.Change{Path: "managedPolicies." + arn, Have: "attached"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(inline)) {
		d.policy("inline."+name, have.Inline[name], inline[name])
	}
	for _, name := range slices.Sorted(maps.Keys(have.Inline)) {
		if _, ok := inline[name]; !ok {
			d = append(d, graph.Change{Path: "inline." + name, Have: have.Inline[name]})
		}
	}
	for i := range d {
		name, inline := strings.CutPrefix(d[i].Path, "inline.")
		d[i].News = inline && slices.Contains(want.News, name)
	}
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// Create implements graph.Kind.
func (k Role) Create(ctx context.Context, call graph.Call, spec RoleSpec) (graph.Live, error) {
	w := world(call)
	in := &iam.CreateRoleInput{
		RoleName: &call.Name, AssumeRolePolicyDocument: sdk.String(spec.Trust.String()), Tags: toIAMTags(call.Tags),
	}
	if spec.Description != "" {
		in.Description = &spec.Description
	}
	if spec.PermissionsBoundary != "" {
		in.PermissionsBoundary = &spec.PermissionsBoundary
	}
	out, err := w.IAM.CreateRole(ctx, in)
	if err != nil {
		return graph.Live{}, err
	}
	made := role{
		ARN: sdk.ToString(out.Role.Arn), Name: call.Name,
		Trust: spec.Trust.String(), Boundary: spec.PermissionsBoundary, Tags: call.Tags, Created: sdk.ToTime(out.Role.CreateDate),
	}
	live := made.live(call, spec)
	after, err := k.Update(ctx, call, spec, live, k.Diff(call, spec, live))
	if err != nil {
		after.Phase, after.Why = graph.Pending, "its policies aren't complete"
	}
	return after, err
}

// Update puts policies right, additions before removals: what a task is doing isn't interrupted. A role that lacks a
// policy is nothing for others to use yet: tasks that start without their rights fail, and so does their rollout.
func (Role) Update(ctx context.Context, call graph.Call, spec RoleSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	w := world(call)
	have := raw[role](live)
	// The bulk read stays: it is other roles' too, and a walk looks at each role once.
	w.Reads.Forget("iam/role/" + have.Name)
	incomplete := live
	incomplete.Out = nil
	// The boundary first: our own rights may end at roles that haven't it.
	if spec.PermissionsBoundary != "" && spec.PermissionsBoundary != have.Boundary {
		if _, err := w.IAM.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{
			RoleName: &have.Name, PermissionsBoundary: &spec.PermissionsBoundary,
		}); err != nil {
			return incomplete, err
		}
	}
	var d difference
	if d.policy("trust", have.Trust, spec.Trust.String()); len(d) > 0 {
		if _, err := w.IAM.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{
			RoleName: &have.Name, PolicyDocument: sdk.String(spec.Trust.String()),
		}); err != nil {
			return incomplete, err
		}
	}
	inline, wanted := spec.policies(have, true)
	for _, arn := range wanted {
		if slices.Contains(have.Attached, arn) {
			continue
		}
		if _, err := w.IAM.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &have.Name, PolicyArn: &arn}); err != nil {
			return incomplete, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(inline)) {
		policy := inline[name]
		var d difference
		if d.policy("", have.Inline[name], policy); len(d) == 0 {
			continue
		}
		if _, err := w.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &have.Name, PolicyName: &name, PolicyDocument: &policy}); err != nil {
			return incomplete, err
		}
	}
	set, remove := tagPatch(call.Tags, have.Tags)
	if err := retag(set, remove, func() error {
		_, err := w.IAM.TagRole(ctx, &iam.TagRoleInput{RoleName: &have.Name, Tags: toIAMTags(set)})
		return err
	}, func() error {
		_, err := w.IAM.UntagRole(ctx, &iam.UntagRoleInput{RoleName: &have.Name, TagKeys: remove})
		return err
	}); err != nil {
		return live, err
	}
	surplus := role{Name: have.Name, Inline: map[string]string{}}
	for _, arn := range have.Attached {
		if !slices.Contains(wanted, arn) {
			surplus.Attached = append(surplus.Attached, arn)
		}
	}
	for name, policy := range have.Inline {
		if _, ok := inline[name]; !ok {
			surplus.Inline[name] = policy
		}
	}
	if err := surplus.strip(ctx, w); err != nil {
		return live, err
	}
	if spec.PermissionsBoundary == "" && have.Boundary != "" {
		if _, err := w.IAM.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: &have.Name}); err != nil {
			return live, err
		}
	}
	after := role{
		ARN: have.ARN, Name: have.Name, Trust: spec.Trust.String(), Boundary: spec.PermissionsBoundary,
		Attached: wanted, Inline: inline, Profiles: have.Profiles, Tags: retagged(call.Tags, have.Tags),
		Created: have.Created,
	}
	if slices.ContainsFunc(changes, func(c graph.Change) bool { return !strings.HasPrefix(c.Path, "tags") }) {
		after.Changed = call.Now
	}
	return after.live(call, spec), nil
}

// Delete takes everything off the role and then removes it: IAM refuses a role that still has
// policies or is in an instance profile.
func (Role) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	w := world(call)
	have := raw[role](live)
	w.Reads.Forget("iam/role/" + have.Name)
	if have.direct {
		out, err := pages(ctx, iam.NewListInstanceProfilesForRolePaginator(w.IAM, &iam.ListInstanceProfilesForRoleInput{RoleName: &have.Name}),
			func(p *iam.ListInstanceProfilesForRoleOutput) []iamtypes.InstanceProfile { return p.InstanceProfiles })
		if err != nil {
			return notFound(err), ignore(err, notFound)
		}
		have.Profiles = profileNames(out)
	}
	var theirs []string
	for _, p := range have.Profiles {
		holder, err := readProfile(ctx, call, p)
		if err != nil {
			return false, err
		}
		if proofOfParent(call, holder.Tags) == graph.Foreign && holder.Name != "" {
			theirs = append(theirs, "instance profile "+p)
			continue
		}
		if _, err := w.IAM.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: &p, RoleName: &have.Name}); !passes(err, notFound) {
			return false, err
		}
	}
	if err := have.strip(ctx, w); err != nil {
		return false, err
	}
	_, err := w.IAM.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &have.Name})
	err = heldBy(ctx, call, ignore(err, notFound), have.Name, func() ([]string, error) { return theirs, nil })
	return err == nil, err
}
