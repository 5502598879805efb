package autoscaling

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	asg "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func (e *emulator) refresh(p *types.RefreshPreferences) error {
	_, err := e.StartInstanceRefresh(e.Context(), &asg.StartInstanceRefreshInput{AutoScalingGroupName: aws.String("g"), Preferences: p})
	return err
}

func (e *emulator) refreshed() types.InstanceRefresh {
	e.Helper()
	return must[*asg.DescribeInstanceRefreshesOutput](e.T)(e.DescribeInstanceRefreshes(e.Context(), &asg.DescribeInstanceRefreshesInput{AutoScalingGroupName: aws.String("g")})).InstanceRefreshes[0]
}

// run advances until the refresh has ended, and returns the smallest number of instances in
// service and the largest of members on the way.
func (e *emulator) run(limit time.Duration) (least, most int) {
	e.Helper()
	least = 100
	for range limit / (5 * time.Second) {
		e.server.Advance(5 * time.Second)
		serving, members := 0, 0
		for _, i := range e.describe().Instances {
			if i.LifecycleState == "InService" {
				serving++
			}
			if i.LifecycleState == "InService" || i.LifecycleState == "Pending" {
				members++
			}
		}
		least, most = min(least, serving), max(most, members)
		if r := e.refreshed(); r.EndTime != nil {
			return least, most
		}
	}
	e.Fatalf("not ended: %+v %s", e.refreshed(), e.states())
	return
}

func TestRefreshReplacesEverything(t *testing.T) {
	for name, c := range map[string]struct {
		size, low   int32
		high        *int32
		least, most int
	}{
		"one at a time":        {4, 90, nil, 3, 4},
		"half at once":         {4, 50, nil, 2, 4},
		"single":               {1, 90, nil, 0, 1},
		"single, launch first": {1, 100, aws.Int32(100), 1, 2},
		"launch first":         {4, 100, aws.Int32(150), 4, 6},
		"both":                 {4, 75, aws.Int32(125), 3, 5},
	} {
		t.Run(name, func(t *testing.T) {
			e := start(t)
			e.create(c.size)
			e.compute.latest = 2
			if err := e.refresh(&types.RefreshPreferences{MinHealthyPercentage: &c.low, MaxHealthyPercentage: c.high, InstanceWarmup: aws.Int32(0)}); err != nil {
				t.Fatal(err)
			}
			least, most := e.run(2 * time.Hour)
			if r := e.refreshed(); r.Status != "Successful" || *r.PercentageComplete != 100 || *r.InstancesToUpdate != 0 {
				t.Fatalf("%+v", r)
			}
			if least != c.least || most != c.most {
				t.Errorf("between %d and %d, want %d and %d", least, most, c.least, c.most)
			}
			e.server.Advance(time.Hour)
			g := e.describe()
			if len(g.Instances) != int(c.size) {
				t.Fatal(e.states())
			}
			for _, i := range g.Instances {
				if *i.LaunchTemplate.Version != "2" {
					t.Fatalf("%+v", i)
				}
			}
		})
	}
}

func TestRefreshAndProtection(t *testing.T) {
	for mode, want := range map[types.ScaleInProtectedInstances]string{"Ignore": "i-1=InService i-2=InService", "Refresh": "i-3=InService i-4=InService", "Wait": "i-1=InService i-2=InService"} {
		e := start(t)
		e.create(2, protected)
		if err := e.refresh(&types.RefreshPreferences{ScaleInProtectedInstances: mode}); err != nil {
			t.Fatal(err)
		}
		e.run(2 * time.Hour)
		if got := e.states(); got != want {
			t.Errorf("%s: %s", mode, got)
		}
		status := map[types.ScaleInProtectedInstances]types.InstanceRefreshStatus{"Wait": "Failed"}[mode]
		if got := e.refreshed().Status; status == "Failed" && got != status || status == "" && got != "Successful" {
			t.Errorf("%s: %s", mode, got)
		}
	}
}

func TestRefreshDesiredConfigurationAndSkipMatching(t *testing.T) {
	e := start(t)
	e.create(1)
	e.compute.latest = 2
	in := &asg.StartInstanceRefreshInput{AutoScalingGroupName: aws.String("g"), Preferences: &types.RefreshPreferences{SkipMatching: aws.Bool(true)},
		DesiredConfiguration: &types.DesiredConfiguration{LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateId: aws.String("lt-1"), Version: aws.String("2")}}}
	must[*asg.StartInstanceRefreshOutput](t)(e.StartInstanceRefresh(t.Context(), in))
	e.run(time.Hour)
	e.expect(time.Minute, "i-2=InService")
	if v := *e.describe().LaunchTemplate.Version; v != "2" {
		t.Fatal(v)
	}
	must[*asg.StartInstanceRefreshOutput](t)(e.StartInstanceRefresh(t.Context(), in))
	e.run(time.Hour)
	e.expect(time.Minute, "i-2=InService")
}

func TestRefreshErrorsAndCancel(t *testing.T) {
	e := start(t)
	e.create(2)
	cancel := func() error {
		_, err := e.CancelInstanceRefresh(t.Context(), &asg.CancelInstanceRefreshInput{AutoScalingGroupName: aws.String("g")})
		return err
	}
	fails(t, cancel(), "ActiveInstanceRefreshNotFound", "No in progress or pending Instance Refresh")
	fails(t, e.refresh(&types.RefreshPreferences{MaxHealthyPercentage: aws.Int32(110)}), "ValidationError", "MinHealthyPercentage")
	fails(t, e.refresh(&types.RefreshPreferences{MinHealthyPercentage: aws.Int32(0), MaxHealthyPercentage: aws.Int32(110)}), "ValidationError", "difference")
	fails(t, e.refresh(&types.RefreshPreferences{AutoRollback: aws.Bool(true)}), "ValidationError", "rollback")
	fails(t, e.refresh(&types.RefreshPreferences{BakeTime: aws.Int32(1)}), "ValidationError", "BakeTime")
	if err := e.refresh(nil); err != nil {
		t.Fatal(err)
	}
	fails(t, e.refresh(nil), "InstanceRefreshInProgress", "already in progress")
	e.server.Advance(reaction)
	if err := cancel(); err != nil || e.refreshed().Status != "Cancelling" {
		t.Fatal(err, e.refreshed().Status)
	}
	e.run(10 * time.Minute)
	if s := e.refreshed().Status; s != "Cancelled" {
		t.Fatal(s)
	}
	if err := e.refresh(&types.RefreshPreferences{MinHealthyPercentage: aws.Int32(100), MaxHealthyPercentage: aws.Int32(150)}); err != nil {
		t.Fatal(err)
	}
	e.server.Advance(reaction + time.Second)
	if n := len(e.describe().Instances); n != 3 {
		t.Fatal(n)
	}
	if err := cancel(); err != nil {
		t.Fatal(err)
	}
	e.run(10 * time.Minute)
	e.server.Advance(time.Minute)
	if n := len(e.describe().Instances); n != 2 {
		t.Fatal(e.states())
	}
}
