package ecs_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestAccountSettings(t *testing.T) {
	r := newRig(t)
	list := func(effective bool) map[types.SettingName]string {
		out := map[types.SettingName]string{}
		for p := api.NewListAccountSettingsPaginator(r.Client, &api.ListAccountSettingsInput{EffectiveSettings: effective}); p.HasMorePages(); {
			for _, s := range must(p.NextPage(r.ctx))(t).Settings {
				out[s.Name] = *s.Value
			}
		}
		return out
	}
	r.server.World.Settings.PageSize = 2
	if got := list(true); got[types.SettingNameAwsvpcTrunking] != "disabled" || got[types.SettingNameTaskLongArnFormat] != "enabled" || got[types.SettingNameDefaultLogDriverMode] != "non-blocking" {
		t.Errorf("defaults: %v", got)
	}
	must(r.PutAccountSettingDefault(r.ctx, &api.PutAccountSettingDefaultInput{Name: types.SettingNameAwsvpcTrunking, Value: aws.String("enabled")}))(t)
	if got := list(true); got[types.SettingNameAwsvpcTrunking] != "enabled" || len(list(false)) != 0 {
		t.Errorf("the default holds for all: %v", got)
	}
	must(r.PutAccountSetting(r.ctx, &api.PutAccountSettingInput{Name: types.SettingNameAwsvpcTrunking, Value: aws.String("disabled")}))(t)
	if got := list(false); got[types.SettingNameAwsvpcTrunking] != "disabled" || len(got) != 1 {
		t.Errorf("one's own: %v", got)
	}
	must(r.PutAccountSettingDefault(r.ctx, &api.PutAccountSettingDefaultInput{Name: types.SettingNameContainerInsights, Value: aws.String("enhanced")}))(t)
	if c := must(r.CreateCluster(r.ctx, &api.CreateClusterInput{}))(t).Cluster; *c.ClusterName != "default" || *c.Settings[0].Value != "enhanced" {
		t.Errorf("%+v", c)
	}
	_, err := r.PutAccountSetting(r.ctx, &api.PutAccountSettingInput{Name: types.SettingNameTaskLongArnFormat, Value: aws.String("disabled")})
	wantError(t, err, "InvalidParameterException", "Invalid value")
}

func TestTags(t *testing.T) {
	r := fargateRig(t)
	service := r.create("app", r.register("app", "i:1"), 0, fargate).ServiceArn
	if _, err := r.TagResource(r.ctx, &api.TagResourceInput{ResourceArn: service, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("2")}}}); err != nil {
		t.Fatal(err)
	}
	must(r.UntagResource(r.ctx, &api.UntagResourceInput{ResourceArn: service, TagKeys: []string{"a"}}))(t)
	if tags := must(r.ListTagsForResource(r.ctx, &api.ListTagsForResourceInput{ResourceArn: service}))(t).Tags; len(tags) != 1 || *tags[0].Key != "b" {
		t.Errorf("%+v", tags)
	}
	if got := r.server.World.Tagged(scope)[*service]; got["b"] != "2" {
		t.Errorf("%v", got)
	}
	for arn, code := range map[string]string{
		"arn:aws:ecs:us-east-1:123456789012:cluster/none":      "ClusterNotFoundException",
		"arn:aws:ecs:us-east-1:123456789012:service/main/none": "ServiceNotFoundException",
		"arn:aws:ecs:us-east-1:123456789012:task/main/none":    "InvalidParameterException",
		"nonsense": "InvalidParameterException",
	} {
		_, err := r.ListTagsForResource(r.ctx, &api.ListTagsForResourceInput{ResourceArn: &arn})
		wantError(t, err, code, "")
	}
}

func TestThrottling(t *testing.T) {
	r := newRig(t)
	r.roleNames()
	r.server.World.Settings.NoThrottling = false
	for range 20 {
		r.register("app", "i:1")
	}
	_, err := r.RegisterTaskDefinition(r.ctx, r.definition("app", "i:1"))
	wantError(t, err, "ThrottlingException", "Rate exceeded")
}
