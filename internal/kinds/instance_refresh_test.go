package kinds_test

import (
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2api "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// version makes another version of a launch template.
func (s *sandbox) version(template string) {
	s.Helper()
	_, err := s.ec2.CreateLaunchTemplateVersion(s.Context(), &ec2api.CreateLaunchTemplateVersionInput{
		LaunchTemplateId: &template, SourceVersion: sdk.String("1"), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{InstanceType: "t4g.large"},
	})
	s.must(err)
}

// fleet is a group with two instances in service.
func (s *sandbox) fleet() (*life[kinds.AutoScalingGroupSpec], kinds.AutoScalingGroupSpec) {
	s.Helper()
	n := s.network()
	spec := n.autoScalingGroup(s.template(n))
	l := newLife(s, kinds.AutoScalingGroup{}, "autoscalinggroup/main", "main-abc")
	l.create(spec)
	_, err := s.clients.ASG.UpdateAutoScalingGroup(s.Context(), &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: sdk.String("main-abc"), MinSize: sdk.Int32(2), DesiredCapacity: sdk.Int32(2)})
	s.must(err)
	s.server.Advance(10 * time.Minute)
	return l, spec
}

// step is one turn of a walk.
func (s *sandbox) step(l *life[kinds.AutoScalingGroupSpec], spec kinds.AutoScalingGroupSpec) graph.Live {
	s.Helper()
	live := l.observe(spec)
	changes := l.kind.Diff(l.call(), spec, live)
	if len(changes) == 0 {
		return live
	}
	after, err := l.kind.Update(s.Context(), l.call(), spec, live, changes)
	s.must(err)
	l.equal(spec, l.record(after))
	return after
}

func (s *sandbox) versions(group string) string {
	s.Helper()
	var out []string
	for _, i := range s.described(group).Instances {
		out = append(out, sdk.ToString(i.LaunchTemplate.Version))
	}
	return strings.Join(out, ",")
}

var replaced = kinds.InstanceRefresh{MinHealthyPercent: 50, MaxHealthyPercent: 100, WarmupSeconds: 300}

func TestNoInstanceRefreshUnasked(t *testing.T) {
	s := newSandbox(t)
	l, spec := s.fleet()
	s.version(spec.LaunchTemplate.String())
	spec.Version = graph.Lit("2")
	calls := s.calls(func() {
		live := s.step(l, spec)
		l.equal(spec, live)
		l.equal(spec, l.observe(spec))
	})
	if got := strings.Join(calls, " "); strings.Contains(got, "Refresh") {
		t.Errorf("nobody asked for a refresh: %s", got)
	}
	s.server.Advance(time.Hour)
	if got := s.versions("main-abc"); got != "1,1" {
		t.Errorf("instances run %s", got)
	}
}

func TestInstanceRefresh(t *testing.T) {
	s := newSandbox(t)
	l, spec := s.fleet()
	spec.Refresh = &replaced
	if calls := strings.Join(s.calls(func() { l.equal(spec, l.observe(spec)) }), " "); strings.Contains(calls, "Refresh") {
		t.Errorf("with nothing to replace, a look costs %s", calls)
	}
	s.version(spec.LaunchTemplate.String())
	spec.Version = graph.Lit("2")
	if live := s.step(l, spec); live.Phase != graph.Pending || live.Out["arn"] == "" {
		t.Errorf("after another version: %s (%s), %v", live.Phase, live.Why, live.Out)
	}
	if d := l.diff(spec, l.observe(spec)); strings.Join(d, ",") != "instances" {
		t.Fatalf("outdated instances differ in %v", d)
	}
	if live := s.step(l, spec); live.Phase != graph.Pending || !strings.Contains(live.Why, "0 %") {
		t.Errorf("started: %s (%s)", live.Phase, live.Why)
	}
	l.equal(spec, l.observe(spec)) // it is started once
	s.server.Advance(4 * time.Minute)
	if live := l.observe(spec); live.Phase != graph.Pending || !strings.Contains(live.Why, "to go") || live.Out["name"] == "" {
		t.Errorf("half way: %s (%s), %v", live.Phase, live.Why, live.Out)
	}
	s.server.Advance(time.Hour)
	live := l.observe(spec)
	if l.equal(spec, live); live.Phase != graph.Ready || s.versions("main-abc") != "2,2" {
		t.Errorf("at its end: %s (%s), instances run %s", live.Phase, live.Why, s.versions("main-abc"))
	}
}

func TestInstanceRefreshSupersededCancelledAndFailed(t *testing.T) {
	s := newSandbox(t)
	l, spec := s.fleet()
	spec.Refresh = &replaced
	s.version(spec.LaunchTemplate.String())
	s.version(spec.LaunchTemplate.String())
	spec.Version = graph.Lit("2")
	s.step(l, spec)
	s.step(l, spec)
	s.server.Advance(time.Minute)

	spec.Version = graph.Lit("3") // while the instances are on their way to 2
	s.step(l, spec)
	calls := strings.Join(s.calls(func() { s.step(l, spec) }), " ")
	if !strings.Contains(calls, "CancelInstanceRefresh") || strings.Contains(calls, "Start") {
		t.Errorf("a refresh to another version is cancelled first: %s", calls)
	}
	l.equal(spec, l.observe(spec)) // until it has ended
	s.server.Advance(10 * time.Minute)
	if calls := strings.Join(s.calls(func() { s.step(l, spec) }), " "); !strings.Contains(calls, "StartInstanceRefresh") {
		t.Errorf("then the new one begins: %s", calls)
	}

	_, err := s.clients.ASG.CancelInstanceRefresh(t.Context(), &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: sdk.String("main-abc")})
	s.must(err)
	s.server.Advance(10 * time.Minute)
	live := l.observe(spec)
	if l.equal(spec, live); live.Phase != graph.Ready {
		t.Errorf("somebody cancelled it, and it stays so: %s (%s)", live.Phase, live.Why)
	}

	spec.Version = graph.Lit("2")
	s.step(l, spec)
	s.step(l, spec)
	// What can't be let go fails a refresh after an hour.
	s.must(s.ASG.PutTerminationHook(core.Scope{Account: sandboxAccount, Region: sandboxRegion}, "main-abc", "slow", 7200))
	s.server.Advance(100 * time.Minute)
	live = l.observe(spec)
	if l.equal(spec, live); live.Phase != graph.Broken || !strings.Contains(live.Why, "failed") || live.Out["arn"] == "" {
		t.Errorf("failed: %s (%s), %v", live.Phase, live.Why, live.Out)
	}
}

func TestInstancesLeaveZonesThatTheirGroupLeft(t *testing.T) {
	s := newSandbox(t)
	l, spec := s.fleet()
	spec.Subnets = spec.Subnets[:1]
	if live := s.step(l, spec); live.Phase != graph.Pending {
		t.Errorf("its instances are to be looked at: %s", live.Phase)
	}
	if d := l.diff(spec, l.observe(spec)); strings.Join(d, ",") != "zones" {
		t.Fatalf("an instance in a zone that the group left differs in %v", d)
	}
	if live := s.step(l, spec); live.Phase != graph.Pending || !strings.Contains(live.Why, "1 instances") {
		t.Errorf("on its way: %s (%s)", live.Phase, live.Why)
	}
	s.server.Advance(10 * time.Minute)
	live := l.observe(spec)
	if l.equal(spec, live); live.Phase != graph.Ready {
		t.Errorf("%s (%s)", live.Phase, live.Why)
	}
	in := 0
	for _, i := range s.described("main-abc").Instances {
		if i.LifecycleState == asgtypes.LifecycleStateInService && *i.AvailabilityZone == s.described("main-abc").AvailabilityZones[0] {
			in++
		}
	}
	if in != 2 {
		t.Errorf("%d instances serve in the zone that is left", in)
	}
}
