package applicationautoscaling_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

const (
	cpu    = types.MetricTypeECSServiceAverageCPUUtilization
	memory = types.MetricTypeECSServiceAverageMemoryUtilization
)

type config = *types.TargetTrackingScalingPolicyConfiguration

func TestPolicies(t *testing.T) {
	r := newRig(t, 1)
	_, err := r.put("cpu", cpu)
	wantError(t, err, "ObjectNotFoundException", "No scalable target")
	if err := r.register(between(1, 10)); err != nil {
		t.Fatal(err)
	}
	label := r.requests(true)
	for _, c := range []struct {
		why    string
		metric types.MetricType
		edit   func(config)
		part   string
	}{
		{"a label is for requests only", cpu, func(c config) { c.PredefinedMetricSpecification.ResourceLabel = &label }, "Resource label"},
		{"requests need a label", types.MetricTypeALBRequestCountPerTarget, func(config) {}, "resource label"},
		{"of what exists", types.MetricTypeALBRequestCountPerTarget, func(c config) {
			c.PredefinedMetricSpecification.ResourceLabel = aws.String(strings.Replace(label, "app/app/", "app/other/", 1))
		}, "belong together"},
		{"a target is positive", cpu, func(c config) { c.TargetValue = aws.Float64(0) }, "target value"},
		{"cooldowns aren't negative", cpu, func(c config) { c.ScaleInCooldown = aws.Int32(-1) }, "Cooldown"},
		{"metrics of other services", types.MetricTypeRDSReaderAverageCPUUtilization, func(config) {}, "does not support"},
		{"metrics of one's own", cpu, func(c config) { c.CustomizedMetricSpecification = &types.CustomizedMetricSpecification{} }, "does not support"},
	} {
		t.Log(c.why)
		_, err := r.put("bad", c.metric, c.edit)
		wantError(t, err, "ValidationException", c.part)
	}
	out := must(r.put("cpu", cpu))(t)
	if len(out.Alarms) != 2 || !strings.HasPrefix(*out.Alarms[0].AlarmName, "TargetTracking-service/main/app-AlarmHigh-") ||
		*out.Alarms[1].AlarmARN != "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"+*out.Alarms[1].AlarmName ||
		!strings.HasPrefix(*out.PolicyARN, "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:") || !strings.HasSuffix(*out.PolicyARN, ":resource/ecs/service/main/app:policyName/cpu") {
		t.Errorf("%+v", out)
	}
	again := must(r.put("cpu", cpu, func(c config) { c.TargetValue = aws.Float64(50); c.DisableScaleIn = aws.Bool(true) }))(t)
	if *again.PolicyARN != *out.PolicyARN || len(again.Alarms) != 1 || *again.Alarms[0].AlarmName != *out.Alarms[0].AlarmName {
		t.Errorf("an update keeps the ARN and the upper alarm: %+v", again)
	}
	must(r.put("requests", types.MetricTypeALBRequestCountPerTarget, func(c config) { c.PredefinedMetricSpecification.ResourceLabel = &label }))(t)
	del := &api.DeleteScalingPolicyInput{ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(resource), ScalableDimension: types.ScalableDimensionECSServiceDesiredCount, PolicyName: aws.String("cpu")}
	must(r.DeleteScalingPolicy(t.Context(), del))(t)
	_, err = r.DeleteScalingPolicy(t.Context(), del)
	wantError(t, err, "ObjectNotFoundException", "policy name: cpu")
}

// until advances by minutes.
func (r *rig) until(minutes int, n int32) int {
	r.t.Helper()
	for i := range minutes {
		if r.desired() == n {
			return i
		}
		r.e.Advance(time.Minute)
	}
	r.t.Fatalf("desired %d after %d minutes, want %d", r.desired(), minutes, n)
	return 0
}

func TestTargetTracking(t *testing.T) {
	r := newRig(t, 2)
	if err := r.register(between(1, 8)); err != nil {
		t.Fatal(err)
	}
	must(r.put("cpu", cpu))(t)
	r.e.Advance(time.Hour)
	if r.desired() != 2 {
		t.Fatal("without data nothing scales")
	}
	r.load(cpu, 350) // five tasks at the target of 70 %
	if m := r.until(10, 3); m < 3 {
		t.Errorf("after %d datapoints", m)
	}
	r.until(20, 5)
	r.e.Advance(time.Hour)
	if r.desired() != 5 {
		t.Errorf("at rest with 5 tasks, has %d", r.desired())
	}
	r.load(cpu, 5000)
	r.until(40, 8)
	r.e.Advance(30 * time.Minute)
	if r.desired() != 8 {
		t.Errorf("the maximum holds: %d", r.desired())
	}

	// It scales in late, and not while the service deploys.
	r.load(cpu, 100)
	r.e.Advance(10 * time.Minute)
	if r.desired() != 8 {
		t.Error("fifteen datapoints come first")
	}
	r.deploy(8, "i:2-broken-crash-30s")
	r.e.Advance(20 * time.Minute)
	if r.desired() != 8 {
		t.Error("no scaling in while a deployment is in progress")
	}
	r.deploy(8, "i:3")
	r.until(40, 2)

	// The policy that wants most wins; in only if all agree.
	must(r.put("memory", memory))(t)
	r.load(memory, 280)
	r.load(cpu, 10)
	r.until(10, 3)
	r.load(memory, -1)
	r.e.Advance(time.Hour)
	if n := r.desired(); n < 3 {
		t.Errorf("a policy without data doesn't scale in: %d", n)
	}
	r.load(memory, 0)
	r.until(60, 1)
	if err := r.register(func(in *api.RegisterScalableTargetInput) {
		in.SuspendedState = &types.SuspendedState{DynamicScalingOutSuspended: aws.Bool(true)}
	}); err != nil {
		t.Fatal(err)
	}
	r.load(cpu, 500)
	r.e.Advance(time.Hour)
	if r.desired() != 1 {
		t.Error("suspended")
	}
}

func TestLoadEndpoint(t *testing.T) {
	r := newRig(t, 1)
	if err := r.register(between(1, 4)); err != nil {
		t.Fatal(err)
	}
	must(r.put("cpu", cpu))(t)
	post := func(body string) int {
		w := httptest.NewRecorder()
		r.e.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/_emulator/load", strings.NewReader(body)))
		return w.Code
	}
	for body, code := range map[string]int{
		`{"region":"us-east-1","resource":"service/main/app","metric":"CPU","total":1}`:                   400,
		`{"region":"us-east-1","resource":"app","metric":"` + string(cpu) + `","total":1}`:                400,
		`{"resource":"service/main/app","metric":"` + string(cpu) + `","total":1}`:                        400,
		`{"region":"us-east-1","resource":"service/main/app","metrik":"` + string(cpu) + `"}`:             400,
		`{"region":"us-east-1","resource":"service/main/app","metric":"` + string(cpu) + `","total":140}`: 200,
	} {
		if got := post(body); got != code {
			t.Errorf("%s answers %d", body, got)
		}
	}
	r.until(10, 2)
}
