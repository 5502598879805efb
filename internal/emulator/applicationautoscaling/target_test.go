package applicationautoscaling_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	sdkecs "github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func TestTargetLife(t *testing.T) {
	r := newRig(t, 1)
	ctx := t.Context()
	for _, c := range []struct {
		why        string
		edit       func(*api.RegisterScalableTargetInput)
		code, part string
	}{
		{"the service comes first", func(in *api.RegisterScalableTargetInput) {
			between(1, 2)(in)
			in.ResourceId = aws.String("service/main/none")
		}, "ValidationException", "ECS service doesn't exist: service/main/none"},
		{"a new target needs both bounds", func(in *api.RegisterScalableTargetInput) { in.MinCapacity = aws.Int32(1) }, "ValidationException", "MaxCapacity"},
		{"the bounds are in order", between(3, 2), "ValidationException", "Maximum capacity"},
		{"other resources aren't here", func(in *api.RegisterScalableTargetInput) {
			in.ServiceNamespace = types.ServiceNamespaceDynamodb
		}, "ValidationException", "The emulator does not support"},
		{"the dimension is the desired count", func(in *api.RegisterScalableTargetInput) {
			in.ScalableDimension = types.ScalableDimensionEC2SpotFleetRequestTargetCapacity
		}, "ValidationException", "Unsupported"},
		{"tags are checked", func(in *api.RegisterScalableTargetInput) {
			between(1, 2)(in)
			in.Tags = map[string]string{"aws:x": "y"}
		}, "ValidationException", "reserved"},
	} {
		t.Log(c.why)
		wantError(t, r.register(c.edit), c.code, c.part)
	}
	if err := r.register(between(3, 20), func(in *api.RegisterScalableTargetInput) { in.Tags = map[string]string{"owner": "me"} }); err != nil {
		t.Fatal(err)
	}
	if r.desired() != 3 {
		t.Errorf("registering brings the desired count up to the minimum, it is %d", r.desired())
	}
	target := r.targets()[0]
	if *target.MinCapacity != 3 || *target.MaxCapacity != 20 || !strings.HasPrefix(*target.ScalableTargetARN, "arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/") ||
		!strings.HasSuffix(*target.RoleARN, "/AWSServiceRoleForApplicationAutoScaling_ECSService") || *target.SuspendedState.DynamicScalingInSuspended {
		t.Errorf("%+v", target)
	}
	must(r.TagResource(ctx, &api.TagResourceInput{ResourceARN: target.ScalableTargetARN, Tags: map[string]string{"more": "1"}}))(t)
	must(r.UntagResource(ctx, &api.UntagResourceInput{ResourceARN: target.ScalableTargetARN, TagKeys: []string{"owner"}}))(t)
	if tags := must(r.ListTagsForResource(ctx, &api.ListTagsForResourceInput{ResourceARN: target.ScalableTargetARN}))(t).Tags; fmt.Sprint(tags) != "map[more:1]" {
		t.Error(tags)
	}
	_, err := r.ListTagsForResource(ctx, &api.ListTagsForResourceInput{ResourceARN: aws.String("arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/x")})
	wantError(t, err, "ResourceNotFoundException", "")
	wantError(t, r.register(func(in *api.RegisterScalableTargetInput) { in.Tags = map[string]string{"a": "b"} }), "ValidationException", "TagResource")

	// A change that doesn't name the bounds enforces them all the same.
	must(r.ecs.UpdateService(ctx, &sdkecs.UpdateServiceInput{Cluster: aws.String("main"), Service: aws.String("app"), DesiredCount: aws.Int32(0)}))(t)
	if err := r.register(func(in *api.RegisterScalableTargetInput) {
		in.SuspendedState = &types.SuspendedState{DynamicScalingInSuspended: aws.Bool(true)}
	}); err != nil || r.desired() != 3 {
		t.Errorf("%v, desired %d", err, r.desired())
	}
	if s := r.targets()[0].SuspendedState; !*s.DynamicScalingInSuspended || *s.DynamicScalingOutSuspended {
		t.Errorf("%+v", s)
	}
	if a := must(r.DescribeScalingActivities(ctx, &api.DescribeScalingActivitiesInput{ServiceNamespace: types.ServiceNamespaceEcs}))(t).ScalingActivities; len(a) != 2 || *a[0].Cause != "minimum capacity was set to 3" {
		t.Errorf("%+v", a)
	}

	must(r.put("cpu", types.MetricTypeECSServiceAverageCPUUtilization))(t)
	key := &api.DeregisterScalableTargetInput{ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(resource), ScalableDimension: types.ScalableDimensionECSServiceDesiredCount}
	must(r.DeregisterScalableTarget(ctx, key))(t)
	_, err = r.DeregisterScalableTarget(ctx, key)
	wantError(t, err, "ObjectNotFoundException", "No scalable target found")
	if n := len(must(r.DescribeScalingPolicies(ctx, &api.DescribeScalingPoliciesInput{ServiceNamespace: types.ServiceNamespaceEcs}))(t).ScalingPolicies); n != 0 || r.desired() != 3 {
		t.Errorf("the policies go, the count stays: %d policies, %d tasks", n, r.desired())
	}
}

func TestTargetGoesWithItsService(t *testing.T) {
	r := newRig(t, 1)
	if err := r.register(between(1, 2)); err != nil {
		t.Fatal(err)
	}
	must(r.ecs.DeleteService(t.Context(), &sdkecs.DeleteServiceInput{Cluster: aws.String("main"), Service: aws.String("app"), Force: aws.Bool(true)}))(t)
	if len(r.targets()) != 1 {
		t.Error("the target is there while the service drains")
	}
	wantError(t, r.register(), "ValidationException", "ECS service doesn't exist")
	r.e.Advance(5 * time.Minute)
	if n := len(r.targets()); n != 0 {
		t.Errorf("%d targets are left", n)
	}
	for _, o := range r.e.World.Resources(false) {
		if o.Service == "application-autoscaling" {
			t.Errorf("%s %s is left", o.Kind, o.Name)
		}
	}
}

func TestPages(t *testing.T) {
	r := newRig(t, 1)
	if err := r.register(between(1, 2)); err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		must(r.put(fmt.Sprintf("p%02d", i), types.MetricTypeECSServiceAverageCPUUtilization))(t)
	}
	in := &api.DescribeScalingPoliciesInput{ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(resource)}
	first := must(r.DescribeScalingPolicies(t.Context(), in))(t)
	in.NextToken = first.NextToken
	second := must(r.DescribeScalingPolicies(t.Context(), in))(t)
	if len(first.ScalingPolicies) != 10 || len(second.ScalingPolicies) != 2 || second.NextToken != nil {
		t.Errorf("%d and %d policies", len(first.ScalingPolicies), len(second.ScalingPolicies))
	}
	in.NextToken = aws.String("!")
	_, err := r.DescribeScalingPolicies(t.Context(), in)
	wantError(t, err, "InvalidNextTokenException", "")
	in.NextToken, in.MaxResults = nil, aws.Int32(11)
	_, err = r.DescribeScalingPolicies(t.Context(), in)
	wantError(t, err, "ValidationException", "maxResults")
	named := must(r.DescribeScalingPolicies(t.Context(), &api.DescribeScalingPoliciesInput{ServiceNamespace: types.ServiceNamespaceEcs, PolicyNames: []string{"p03", "none"}}))(t).ScalingPolicies
	if len(named) != 1 || *named[0].PolicyName != "p03" {
		t.Errorf("%+v", named)
	}
	_, err = r.DescribeScalableTargets(t.Context(), &api.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount})
	wantError(t, err, "ValidationException", "resource ID")
}

func TestQuotasAndRates(t *testing.T) {
	r := newRig(t, 1)
	r.e.AppScaling.Quotas.PoliciesPerTarget, r.e.AppScaling.Quotas.Targets = 1, 1
	if err := r.register(between(1, 2)); err != nil {
		t.Fatal(err)
	}
	must(r.put("one", types.MetricTypeECSServiceAverageCPUUtilization))(t)
	_, err := r.put("two", types.MetricTypeECSServiceAverageCPUUtilization)
	wantError(t, err, "LimitExceededException", "scaling policies")
	r.e.AppScaling.Quotas.Targets = 0
	r.e.World.Settings.NoThrottling = false
	throttled := slices.ContainsFunc(make([]int, 30), func(int) bool {
		_, err := r.DescribeScalableTargets(t.Context(), &api.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceEcs})
		return err != nil && strings.Contains(err.Error(), "ThrottlingException")
	})
	if !throttled {
		t.Error("thirty reads at once are throttled")
	}
	found := false
	for arn := range r.e.World.Tagged(core.Scope{Account: scope.Account, Region: scope.Region}) {
		found = found || strings.Contains(arn, ":scalable-target/")
	}
	if !found {
		t.Error("the tagging API knows scalable targets")
	}
	r.e.World.Reset()
	r.e.World.Settings.NoThrottling = true
	if n := len(r.targets()); n != 0 {
		t.Error("a reset forgets")
	}
}
