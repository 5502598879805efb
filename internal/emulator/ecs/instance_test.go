package ecs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdkasg "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	sdkiam "github.com/aws/aws-sdk-go-v2/service/iam"
)

func (r *rig) setDesired(n int32) {
	r.t.Helper()
	must(r.asg.SetDesiredCapacity(r.ctx, &sdkasg.SetDesiredCapacityInput{AutoScalingGroupName: aws.String("main"), DesiredCapacity: &n}))(r.t)
}

func (r *rig) instances() []types.ContainerInstance {
	r.t.Helper()
	arns := must(r.ListContainerInstances(r.ctx, &api.ListContainerInstancesInput{Cluster: aws.String("main")}))(r.t).ContainerInstanceArns
	if len(arns) == 0 {
		return nil
	}
	return must(r.DescribeContainerInstances(r.ctx, &api.DescribeContainerInstancesInput{Cluster: aws.String("main"), ContainerInstances: arns}))(r.t).ContainerInstances
}

// An instance registers when its role may; until then its agent tries again.
func TestRegistrationNeedsTheRole(t *testing.T) {
	r := newRig(t).world()
	must(r.iam.DetachRolePolicy(r.ctx, &sdkiam.DetachRolePolicyInput{RoleName: aws.String("instance"), PolicyArn: aws.String("arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role")}))(t)
	r.capacity("t4g.medium")
	r.setDesired(1)
	r.server.Advance(5 * time.Minute)
	if n := len(r.instances()); n != 0 {
		t.Fatalf("%d instances", n)
	}
	must(r.iam.AttachRolePolicy(r.ctx, &sdkiam.AttachRolePolicyInput{RoleName: aws.String("instance"), PolicyArn: aws.String("arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role")}))(t)
	r.until(5*time.Minute, "registered", func() bool { return len(r.instances()) == 1 })
	i := r.instances()[0]
	if *i.CapacityProviderName != "primary" || i.RegisteredResources[0].IntegerValue != 2048 || !strings.HasPrefix(*i.Ec2InstanceId, "i-") {
		t.Errorf("%+v", i)
	}
}

// Instances born before the association never belong to the capacity provider.
func TestInstancesBornTooEarly(t *testing.T) {
	r := newRig(t).world()
	must(r.CreateCluster(r.ctx, &api.CreateClusterInput{ClusterName: aws.String("main")}))(t)
	r.autoScalingGroup("main", "t4g.medium")
	r.setDesired(1)
	r.until(5*time.Minute, "registered", func() bool { return len(r.instances()) == 1 })
	if i := r.instances()[0]; i.CapacityProviderName != nil {
		t.Errorf("%+v", i)
	}
	r.create("app", r.register("app", "i:1"), 3) // launch type EC2: what fits nowhere isn't started
	r.until(3*time.Minute, "two run", func() bool { return r.service("app").RunningCount == 2 })
	if !r.hasEvent("app", "was unable to place a task because no container instance met all of its requirements.") {
		t.Error(r.dump())
	}
}

// With trunking more tasks fit, but not on burstable instances.
func TestTrunking(t *testing.T) {
	for instanceType, want := range map[string]int32{"m6g.large": 8, "t4g.medium": 2} {
		r := newRig(t).world()
		must(r.PutAccountSettingDefault(r.ctx, &api.PutAccountSettingDefaultInput{Name: types.SettingNameAwsvpcTrunking, Value: aws.String("enabled")}))(t)
		must(r.CreateCluster(r.ctx, &api.CreateClusterInput{ClusterName: aws.String("main")}))(t)
		r.autoScalingGroup("main", instanceType)
		r.setDesired(1)
		r.until(5*time.Minute, "registered", func() bool { return len(r.instances()) == 1 })
		r.create("app", r.register("app", "i:1"), 20)
		r.server.Advance(5 * time.Minute)
		if n := r.service("app").RunningCount; n != want { // m6g.large: CPU is the limit
			t.Errorf("%s: %d tasks, want %d", instanceType, n, want)
		}
	}
}

// Tasks of a draining instance are replaced elsewhere before they stop.
func TestDraining(t *testing.T) {
	r := newRig(t).world()
	r.capacity("m6g.large")
	r.create("app", r.register("app", "i:1"), 2)
	r.steady("app")
	i := r.instances()[0]
	_, err := r.DeregisterContainerInstance(r.ctx, &api.DeregisterContainerInstanceInput{Cluster: aws.String("main"), ContainerInstance: i.ContainerInstanceArn})
	wantError(t, err, "InvalidParameterException", "Found running tasks on the instance.")
	out := must(r.UpdateContainerInstancesState(r.ctx, &api.UpdateContainerInstancesStateInput{Cluster: aws.String("main"), ContainerInstances: []string{*i.ContainerInstanceArn}, Status: types.ContainerInstanceStatusDraining}))(t)
	if *out.ContainerInstances[0].Status != "DRAINING" {
		t.Errorf("%+v", out)
	}
	r.until(20*time.Minute, "moved", func() bool {
		if n := r.service("app").RunningCount; n < 2 {
			t.Fatalf("%d running", n)
		}
		return must(r.DescribeContainerInstances(r.ctx, &api.DescribeContainerInstancesInput{Cluster: aws.String("main"), ContainerInstances: []string{*i.ContainerInstanceArn}}))(t).ContainerInstances[0].RunningTasksCount == 0
	})
	r.until(time.Minute, "network interfaces gone", func() bool {
		_, err := r.DeregisterContainerInstance(r.ctx, &api.DeregisterContainerInstanceInput{Cluster: aws.String("main"), ContainerInstance: i.ContainerInstanceArn})
		return err == nil
	})
	_, err = r.DeregisterContainerInstance(r.ctx, &api.DeregisterContainerInstanceInput{Cluster: aws.String("main"), ContainerInstance: i.ContainerInstanceArn})
	wantError(t, err, "InvalidParameterException", "not found")
}

// Managed draining holds a terminating instance until its tasks run elsewhere.
func TestManagedDraining(t *testing.T) {
	r := newRig(t).world()
	r.capacity("m6g.large")
	r.create("app", r.register("app", "i:1"), 2)
	r.steady("app")
	id := r.instances()[0].Ec2InstanceId
	must(r.asg.TerminateInstanceInAutoScalingGroup(r.ctx, &sdkasg.TerminateInstanceInAutoScalingGroupInput{InstanceId: id, ShouldDecrementDesiredCapacity: aws.Bool(false)}))(t)
	r.until(20*time.Minute, "replaced", func() bool {
		if n := r.service("app").RunningCount; n < 2 {
			t.Fatalf("%d running\n%s", n, r.dump())
		}
		left := r.instances()
		return len(left) == 1 && *left[0].Ec2InstanceId != *id
	})
}

// A host that dies takes its tasks with it; the service starts others.
func TestHostDies(t *testing.T) {
	r := newRig(t).world()
	r.capacity("m6g.large", func(p *types.AutoScalingGroupProvider) { p.ManagedDraining = types.ManagedDrainingDisabled })
	r.create("app", r.register("app", "i:1"), 1)
	r.steady("app")
	old := r.tasks("app", "RUNNING")[0]
	must(r.asg.TerminateInstanceInAutoScalingGroup(r.ctx, &sdkasg.TerminateInstanceInAutoScalingGroupInput{InstanceId: r.instances()[0].Ec2InstanceId, ShouldDecrementDesiredCapacity: aws.Bool(false)}))(t)
	r.server.Advance(2 * time.Minute)
	got := must(r.DescribeTasks(r.ctx, &api.DescribeTasksInput{Cluster: aws.String("main"), Tasks: []string{*old.TaskArn}}))(t).Tasks[0]
	if *got.LastStatus != "STOPPED" || !strings.HasPrefix(*got.StoppedReason, "Host EC2 (instance i-") {
		t.Errorf("%+v", got)
	}
	r.until(10*time.Minute, "back", func() bool { return r.service("app").RunningCount == 1 })
}

// Managed scaling doesn't wait for ever for instances that belong to nobody.
func TestScalingPastForeignInstances(t *testing.T) {
	r := newRig(t).world()
	must(r.CreateCluster(r.ctx, &api.CreateClusterInput{ClusterName: aws.String("main")}))(t)
	r.autoScalingGroup("main", "t4g.medium")
	r.setDesired(1)
	r.until(5*time.Minute, "registered", func() bool { return len(r.instances()) == 1 })
	must(r.CreateCapacityProvider(r.ctx, &api.CreateCapacityProviderInput{Name: aws.String("primary"), AutoScalingGroupProvider: &types.AutoScalingGroupProvider{
		AutoScalingGroupArn: aws.String("main"), ManagedScaling: &types.ManagedScaling{Status: types.ManagedScalingStatusEnabled}}}))(t)
	r.server.Advance(time.Minute)
	must(r.PutClusterCapacityProviders(r.ctx, &api.PutClusterCapacityProvidersInput{Cluster: aws.String("main"), CapacityProviders: []string{"primary"},
		DefaultCapacityProviderStrategy: []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("primary"), Weight: 1}}}))(t)
	r.create("app", r.register("app", "i:1"), 1)
	r.server.Advance(4 * time.Minute)
	if n := r.desiredInstances(); n != 1 {
		t.Errorf("within the warm-up: %d", n)
	}
	r.steady("app")
	if n := r.desiredInstances(); n != 2 {
		t.Errorf("after it: %d", n)
	}
}
