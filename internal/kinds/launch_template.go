package kinds

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// LaunchTemplate says what an instance is made of. A version of it can't be changed: a change makes a
// new version and lets the template's default point at it. The name is the call's, unique per region.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/manage-launch-template-versions.html
//
// An image that comes from a parameter is pinned by the version that was made with it: AWS publishes
// new images all the time, and a fleet isn't replaced because of that. A version that is made for
// another reason keeps it; only another parameter, as that of another architecture, leads to another
// image. Where the spec follows AWS's releases instead, each new image is a new version.
//
// Out: id, and version (the number of the default version), at once.
type LaunchTemplate struct{}

// LaunchTemplateSpec is the desired state of a LaunchTemplate.
type LaunchTemplateSpec struct {
	// InstanceType is what the group launches unless it says otherwise.
	InstanceType string
	// AMI is an image's id; empty takes it from AMIParameter.
	AMI string
	// AMIParameter is the name of a public parameter of Systems Manager that ends in "/recommended"
	// and holds JSON with "image_id" (or in "/image_id", and holds the id).
	AMIParameter string
	// FollowReleases takes each new image that AMIParameter tells.
	FollowReleases bool `json:",omitempty"`
	// UserData is the plain text that an instance runs at its first boot.
	UserData graph.Value
	// InstanceProfileARN is the ARN of the instances' profile.
	InstanceProfileARN graph.Value
	// SecurityGroups are the ids of the instances' groups.
	SecurityGroups []graph.Value
	// Monitoring turns on metrics every minute, which AWS charges for.
	Monitoring bool
}

type launchTemplate struct {
	template types.LaunchTemplate
	data     launchTemplateData
	// release is the newest image, where it is followed.
	release string
}

// image is the one that a version for the spec has, unless the spec's parameter is another than before.
func (t launchTemplate) image() string { return cmp.Or(t.release, t.data.image) }

const (
	// versionTTL: a version can't change; it is let go only to bound memory.
	versionTTL = 24 * time.Hour
	// imageTTL: AWS publishes images every week or two.
	imageTTL = time.Hour
)

var launchTemplates = ec2Objects[types.LaunchTemplate]{
	key: "ec2/launch-templates",
	read: func(ctx context.Context, c aws.EC2, ids []string, filters []types.Filter) ([]types.LaunchTemplate, error) {
		return pages(ctx, ec2.NewDescribeLaunchTemplatesPaginator(c, &ec2.DescribeLaunchTemplatesInput{LaunchTemplateIds: ids, Filters: filters}),
			func(p *ec2.DescribeLaunchTemplatesOutput) []types.LaunchTemplate { return p.LaunchTemplates })
	},
	id:   func(t types.LaunchTemplate) string { return sdk.ToString(t.LaunchTemplateId) },
	tags: func(t types.LaunchTemplate) []types.Tag { return t.Tags },
}

// Name implements graph.Kind.
func (LaunchTemplate) Name() string { return "LaunchTemplate" }

// Renews implements graph.Renewer.
func (LaunchTemplate) Renews([]graph.Change) []graph.Attr { return []graph.Attr{"version"} }

// List implements graph.Lister.
func (k LaunchTemplate) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return launchTemplates.nodes(ctx, call, func(t types.LaunchTemplate) graph.Live {
		return k.live(launchTemplate{template: t}, graph.Ours)
	})
}

func (k LaunchTemplate) Observe(ctx context.Context, call graph.Call, spec LaunchTemplateSpec) (graph.Live, error) {
	t, owner, err := launchTemplates.find(ctx, call)
	if err != nil {
		return graph.Live{}, err
	}
	if t == nil && call.Taken {
		named, err := world(call).EC2.DescribeLaunchTemplates(ctx, &ec2.DescribeLaunchTemplatesInput{LaunchTemplateNames: []string{call.Name}})
		if err != nil && !notFound(err) {
			return graph.Live{}, err
		}
		if err == nil && len(named.LaunchTemplates) > 0 {
			t = &named.LaunchTemplates[0]
			owner = proof(call, *t.LaunchTemplateId, tagsOfEC2(t.Tags))
		}
	}
	if t == nil {
		return graph.Live{Phase: graph.Absent}, nil
	}
	o := launchTemplate{template: *t}
	if owner == graph.Ours {
		if o.data, err = k.version(ctx, call, *t.LaunchTemplateId, sdk.ToInt64(t.DefaultVersionNumber)); err != nil {
			return graph.Live{}, err
		}
		if spec.FollowReleases && spec.AMI == "" {
			if o.release, err = k.image(ctx, call, spec); err != nil {
				return graph.Live{}, err
			}
		}
	}
	return k.live(o, owner), nil
}

// version reads a version's content, once.
func (LaunchTemplate) version(ctx context.Context, call graph.Call, id string, number int64) (launchTemplateData, error) {
	w, n := world(call), strconv.FormatInt(number, 10)
	return aws.Keep(ctx, w.Forever, "ec2/launch-template-versions/"+id+"/"+n, versionTTL, func(ctx context.Context) (launchTemplateData, error) {
		found, err := pages(ctx, ec2.NewDescribeLaunchTemplateVersionsPaginator(w.EC2, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: []string{n}}),
			func(p *ec2.DescribeLaunchTemplateVersionsOutput) []types.LaunchTemplateVersion {
				return p.LaunchTemplateVersions
			})
		if err != nil {
			return launchTemplateData{}, err
		}
		if len(found) == 0 || found[0].LaunchTemplateData == nil {
			return launchTemplateData{}, fmt.Errorf("launch template %s has no version %s", id, n)
		}
		return readLaunchTemplate(found[0]), nil
	})
}

func (LaunchTemplate) live(t launchTemplate, owner graph.Proof) graph.Live {
	id, version := *t.template.LaunchTemplateId, strconv.FormatInt(sdk.ToInt64(t.template.DefaultVersionNumber), 10)
	return graph.Live{ID: id, Phase: graph.Ready, Owner: owner, Raw: t, Out: map[graph.Attr]string{"id": id, "version": version}}
}

func (LaunchTemplate) Diff(call graph.Call, want LaunchTemplateSpec, live graph.Live) []graph.Change {
	t := raw[launchTemplate](live)
	out := t.data.diff(wantedLaunchTemplate(call, want, t.image()))
	return append(out, diffTags(call.Tags, tagsOfEC2(t.template.Tags))...)
}

func (k LaunchTemplate) Create(ctx context.Context, call graph.Call, spec LaunchTemplateSpec) (graph.Live, error) {
	image, err := k.image(ctx, call, spec)
	if err != nil {
		return graph.Live{}, err
	}
	data := wantedLaunchTemplate(call, spec, image)
	out, err := world(call).EC2.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: sdk.String(call.Name),
		LaunchTemplateData: data.request(),
		VersionDescription: optional(data.parameter),
		ClientToken:        versionToken(call, 0, data),
		TagSpecifications:  tagged(call, types.ResourceTypeLaunchTemplate),
	})
	if err != nil {
		launchTemplates.forget(call)
		return graph.Live{}, err
	}
	launchTemplates.became(call, *out.LaunchTemplate)
	return k.live(launchTemplate{template: *out.LaunchTemplate, data: data}, graph.Ours), nil
}

// versionToken makes the creation of a version idempotent. The call's token alone wouldn't do: going
// back to an earlier spec is a new version, and the image isn't part of the spec.
func versionToken(call graph.Call, base int64, data launchTemplateData) *string {
	return sdk.String(own.Digest([]any{call.Token, base, data.content()})[:32])
}

// image is the id of the image that a new version gets.
func (LaunchTemplate) image(ctx context.Context, call graph.Call, spec LaunchTemplateSpec) (string, error) {
	if spec.AMI != "" {
		return spec.AMI, nil
	}
	w := world(call)
	return aws.Keep(ctx, w.Forever, "ssm/image/"+w.Region+spec.AMIParameter, imageTTL, func(ctx context.Context) (string, error) {
		return readImage(ctx, w.SSM, spec.AMIParameter)
	})
}

func (k LaunchTemplate) Update(ctx context.Context, call graph.Call, spec LaunchTemplateSpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	defer launchTemplates.forget(call)
	t, c := raw[launchTemplate](live), world(call).EC2
	if len(t.data.diff(wantedLaunchTemplate(call, spec, t.image()))) > 0 {
		image := t.image()
		if spec.AMI != "" || t.data.parameter != spec.AMIParameter {
			var err error
			if image, err = k.image(ctx, call, spec); err != nil {
				return live, err
			}
		}
		base, data := sdk.ToInt64(t.template.DefaultVersionNumber), wantedLaunchTemplate(call, spec, image)
		made, err := c.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId:   &live.ID,
			LaunchTemplateData: data.request(),
			VersionDescription: optional(data.parameter),
			ClientToken:        versionToken(call, base, data),
		})
		if err != nil {
			return live, err
		}
		number := made.LaunchTemplateVersion.VersionNumber
		_, err = c.ModifyLaunchTemplate(ctx, &ec2.ModifyLaunchTemplateInput{
			LaunchTemplateId: &live.ID,
			DefaultVersion:   sdk.String(strconv.FormatInt(*number, 10)),
		})
		if err != nil {
			return live, err
		}
		t.template.DefaultVersionNumber, t.data = number, data
	}
	tags := tagsOfEC2(t.template.Tags)
	if err := retagEC2(ctx, call, map[string]map[string]string{live.ID: tags}); err != nil {
		return live, err
	}
	t.template.Tags = ec2Tags(retagged(call.Tags, tags))
	return k.live(t, live.Owner), nil
}

func (LaunchTemplate) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	_, err := world(call).EC2.DeleteLaunchTemplate(ctx, &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: &live.ID})
	return launchTemplates.removed(call, live.ID, err)
}
