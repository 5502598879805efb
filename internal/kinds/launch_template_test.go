package kinds

import (
	"context"
	"encoding/base64"
	"strconv"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

const arm64Parameter = "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended"

func templateRig(t *testing.T) (*ec2Rig, LaunchTemplateSpec) {
	r, group, _ := groupRig(t)
	return r, LaunchTemplateSpec{
		InstanceType: "t4g.medium", AMIParameter: arm64Parameter, UserData: graph.Lit("#!/bin/bash\necho ECS_CLUSTER=x"),
		InstanceProfileARN: graph.Lit("arn:aws:iam::123456789012:instance-profile/gw"), SecurityGroups: graph.Lits(group.ID),
	}
}

func TestLaunchTemplate(t *testing.T) {
	ctx := context.Background()
	r, spec := templateRig(t)
	k, node := LaunchTemplate{}, "lt/main"
	lifecycle(r, k, node, spec, append(r.tagEdits(),
		edit{"the default is another version", "instanceType", func(id string) {
			v, err := r.client.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: &id, SourceVersion: sdk.String("1"),
				LaunchTemplateData: &types.RequestLaunchTemplateData{InstanceType: types.InstanceTypeT4gLarge}})
			r.ok(err)
			_, err = r.client.ModifyLaunchTemplate(ctx, &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: &id, DefaultVersion: sdk.String(strconv.FormatInt(*v.LaunchTemplateVersion.VersionNumber, 10))})
			r.ok(err)
		}})...)
}

// TestLaunchTemplateFields changes every field of the spec, and undoes it.
func TestLaunchTemplateFields(t *testing.T) {
	ctx := context.Background()
	r, spec := templateRig(t)
	k, node := LaunchTemplate{}, "lt/main"
	live := made(r, k, node, spec)
	if live.Out["version"] != "1" || live.Out["id"] != live.ID {
		t.Errorf("outputs: %+v", live.Out)
	}
	for path, change := range map[string]func(*LaunchTemplateSpec){
		"instanceType": func(s *LaunchTemplateSpec) { s.InstanceType = "t4g.large" },
		"imageId":      func(s *LaunchTemplateSpec) { s.AMI = "ami-0123456789abcdef0" },
		"userData":     func(s *LaunchTemplateSpec) { s.UserData = graph.Lit("#!/bin/bash") },
		"instanceProfileARN": func(s *LaunchTemplateSpec) {
			s.InstanceProfileARN = graph.Lit("arn:aws:iam::123456789012:instance-profile/b")
		},
		"monitoring": func(s *LaunchTemplateSpec) { s.Monitoring = true },
	} {
		other := spec
		change(&other)
		for _, s := range []LaunchTemplateSpec{other, spec} {
			live = observed(r, k, node, live.ID, s)
			call := r.call(node, live.ID)
			d := k.Diff(call, s, live)
			if len(d) == 0 {
				t.Fatalf("%s: no difference", path)
			}
			after, err := k.Update(ctx, call, s, live, d)
			r.ok(err)
			if after.Out["version"] == live.Out["version"] {
				t.Errorf("%s: still version %s", path, after.Out["version"])
			}
			again, err := k.Update(ctx, call, s, live, d)
			r.ok(err)
			if again.Out["version"] != after.Out["version"] {
				t.Errorf("%s: made again after a crash: %s, then %s", path, after.Out["version"], again.Out["version"])
			}
			live = observed(r, k, node, live.ID, s)
			if d := k.Diff(call, s, live); len(d) > 0 || live.Out["version"] != after.Out["version"] {
				t.Errorf("%s: it still differs: %+v %+v", path, d, live.Out)
			}
		}
	}
}

func TestLaunchTemplatePinsTheImage(t *testing.T) {
	ctx := context.Background()
	r, spec := templateRig(t)
	k, node := LaunchTemplate{}, "lt/main"
	live := made(r, k, node, spec)
	first := raw[launchTemplate](live).data.image
	r.server.World.Lock()
	r.ssm.ReleaseAMI()
	r.server.World.Unlock()
	r.server.Advance(2 * time.Hour)
	live = observed(r, k, node, live.ID, spec)
	if d := k.Diff(r.call(node, live.ID), spec, live); len(d) > 0 {
		t.Errorf("a new image is no change: %+v", d)
	}
	spec.Monitoring = true
	call := r.call(node, live.ID)
	after, err := k.Update(ctx, call, spec, live, nil)
	r.ok(err)
	if image := raw[launchTemplate](after).data.image; image != first {
		t.Errorf("a version made for another reason keeps the image %q, not %q", first, image)
	}
	r.owner.UID = "u-2"
	for _, c := range k.Diff(r.call(node, live.ID), spec, after) {
		if c.Path != "tags."+own.TagUID {
			t.Errorf("a restored owner's UID needs no new version: %+v", c)
		}
	}
}

func TestLaunchTemplateAsAWSHasIt(t *testing.T) {
	ctx := context.Background()
	r, spec := templateRig(t)
	live := made(r, LaunchTemplate{}, "lt/main", spec)
	out, err := r.client.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &live.ID, Versions: []string{"1"}})
	r.ok(err)
	d := out.LaunchTemplateVersions[0].LaunchTemplateData
	if d.MetadataOptions.HttpTokens != "required" || *d.MetadataOptions.HttpPutResponseHopLimit != 1 {
		t.Errorf("metadata: %+v", d.MetadataOptions)
	}
	if *d.UserData != base64.StdEncoding.EncodeToString([]byte(spec.UserData.String())) {
		t.Errorf("user data: %s", *d.UserData)
	}
	if len(d.TagSpecifications) != 3 {
		t.Errorf("tags: %+v", d.TagSpecifications)
	}
}

func TestLaunchTemplateNameTaken(t *testing.T) {
	ctx := context.Background()
	r, spec := templateRig(t)
	k, node := LaunchTemplate{}, "lt/main"
	_, err := r.client.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{LaunchTemplateName: sdk.String(r.call(node, "").Name), LaunchTemplateData: &types.RequestLaunchTemplateData{InstanceType: types.InstanceTypeT4gLarge}})
	r.ok(err)
	_, err = k.Create(ctx, r.call(node, ""), spec)
	if f := aws.Classify(err); f.Class != graph.Conflict {
		t.Errorf("%+v", f)
	}
	taken := r.call(node, "")
	taken.Taken = true
	if l, err := k.Observe(ctx, taken, spec); err != nil || l.Owner != graph.Foreign {
		t.Errorf("asked by name: %+v, %v", l, err)
	}
}
