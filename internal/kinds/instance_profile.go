package kinds

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// InstanceProfile is the envelope in which EC2 hands a role to an instance. It holds one role.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html
//
// Outputs: "arn" and "name", once it holds a role.
type InstanceProfile struct{}

// InstanceProfileSpec is what an instance profile should be.
type InstanceProfileSpec struct {
	// Role is the name of the role.
	Role graph.Value `json:"role"`
}

type profile struct {
	ARN, Name, Role string
	Tags            map[string]string
}

func (p profile) live(call graph.Call) graph.Live {
	l := graph.Live{ID: p.Name, Phase: graph.Ready, Owner: proof(call, p.Name, p.Tags), Raw: p}
	if p.Role == "" {
		l.Phase, l.Why = graph.Pending, "holds no role"
		return l
	}
	l.Out = map[graph.Attr]string{"arn": p.ARN, "name": p.Name}
	return l
}

// Name implements graph.Kind.
func (InstanceProfile) Name() string { return "InstanceProfile" }

// List implements graph.Lister. Profiles are found by the owner's roles that they hold: IAM's lists of profiles
// have no tags.
func (InstanceProfile) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	owned, err := ownedRoles(ctx, call)
	if err != nil {
		return nil, err
	}
	out := map[graph.NodeID]graph.Live{}
	for _, r := range owned {
		for _, name := range r.Profiles {
			p, err := readProfile(ctx, call, name)
			if err != nil {
				return nil, err
			}
			if node := p.Tags[own.TagNode]; node != "" && proofOfParent(call, p.Tags) == graph.Ours {
				out[graph.NodeID(node)] = graph.Live{ID: name, Phase: graph.Ready, Owner: graph.Ours}
			}
		}
	}
	return out, nil
}

// Observe implements graph.Kind.
func (InstanceProfile) Observe(ctx context.Context, call graph.Call, _ InstanceProfileSpec) (graph.Live, error) {
	p, err := readProfile(ctx, call, nameOf(call))
	if err != nil || p.Name == "" {
		return graph.Live{Phase: graph.Absent}, err
	}
	return p.live(call), nil
}

// readProfile reads a profile by its name; its zero value where there is none.
func readProfile(ctx context.Context, call graph.Call, name string) (profile, error) {
	w := world(call)
	return aws.Read(ctx, w.Reads, profileReads+name, func(ctx context.Context) (profile, error) {
		out, err := w.IAM.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: &name})
		if err != nil {
			return profile{}, ignore(err, notFound)
		}
		return profileOf(out.InstanceProfile), nil
	})
}

// profileReads is what the walk's memo calls reads of profiles.
const profileReads = "iam/profile/"

// Diff implements graph.Kind.
func (InstanceProfile) Diff(call graph.Call, want InstanceProfileSpec, live graph.Live) []graph.Change {
	have := raw[profile](live)
	var d difference
	d.text("role", have.Role, want.Role.String())
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// Create implements graph.Kind.
func (k InstanceProfile) Create(ctx context.Context, call graph.Call, spec InstanceProfileSpec) (graph.Live, error) {
	world(call).Reads.Forget(profileReads + call.Name)
	out, err := world(call).IAM.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{
		InstanceProfileName: &call.Name, Tags: toIAMTags(call.Tags),
	})
	if err != nil {
		return graph.Live{}, err
	}
	made := profileOf(out.InstanceProfile)
	made.Tags = call.Tags
	live := made.live(call)
	after, err := k.Update(ctx, call, spec, live, nil)
	if err != nil {
		return live, err
	}
	return after, nil
}

// Update implements graph.Kind. A profile has room for one role only, so the old one leaves first.
func (InstanceProfile) Update(ctx context.Context, call graph.Call, spec InstanceProfileSpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	w := world(call)
	have := raw[profile](live)
	w.Reads.Forget(profileReads + have.Name)
	if want := spec.Role.String(); have.Role != want {
		if have.Role != "" {
			if _, err := w.IAM.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{
				InstanceProfileName: &have.Name, RoleName: &have.Role,
			}); !passes(err, notFound) {
				return live, err
			}
		}
		if _, err := w.IAM.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{
			InstanceProfileName: &have.Name, RoleName: &want,
		}); err != nil {
			return live, err
		}
		have.Role = want
	}
	set, remove := tagPatch(call.Tags, have.Tags)
	if err := retag(set, remove, func() error {
		_, err := w.IAM.TagInstanceProfile(ctx, &iam.TagInstanceProfileInput{InstanceProfileName: &have.Name, Tags: toIAMTags(set)})
		return err
	}, func() error {
		_, err := w.IAM.UntagInstanceProfile(ctx, &iam.UntagInstanceProfileInput{InstanceProfileName: &have.Name, TagKeys: remove})
		return err
	}); err != nil {
		return live, err
	}
	have.Tags = retagged(call.Tags, have.Tags)
	return have.live(call), nil
}

// Delete takes the role out and removes the profile.
func (InstanceProfile) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	w := world(call)
	have := raw[profile](live)
	w.Reads.Forget(profileReads + have.Name)
	if have.Role != "" {
		if _, err := w.IAM.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{
			InstanceProfileName: &have.Name, RoleName: &have.Role,
		}); !passes(err, notFound) {
			return false, err
		}
	}
	_, err := w.IAM.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: &have.Name})
	return ignore(err, notFound) == nil, ignore(err, notFound)
}

func profileOf(p *iamtypes.InstanceProfile) profile {
	out := profile{ARN: sdk.ToString(p.Arn), Name: sdk.ToString(p.InstanceProfileName), Tags: iamTags(p.Tags)}
	if len(p.Roles) > 0 {
		out.Role = sdk.ToString(p.Roles[0].RoleName)
	}
	return out
}
