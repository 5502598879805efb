package autoscaling

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	asg "github.com/aws/aws-sdk-go-v2/service/autoscaling"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func (e *emulator) hook(transition, result string, heartbeat int32) {
	e.Helper()
	must[*asg.PutLifecycleHookOutput](e.T)(e.PutLifecycleHook(e.Context(), &asg.PutLifecycleHookInput{AutoScalingGroupName: aws.String("g"), LifecycleHookName: aws.String("h"),
		LifecycleTransition: &transition, DefaultResult: &result, HeartbeatTimeout: &heartbeat}))
}

func (e *emulator) complete(id, result string) error {
	_, err := e.CompleteLifecycleAction(e.Context(), &asg.CompleteLifecycleActionInput{AutoScalingGroupName: aws.String("g"), LifecycleHookName: aws.String("h"), InstanceId: &id, LifecycleActionResult: &result})
	return err
}

func TestTerminationHook(t *testing.T) {
	e := start(t)
	var heard []string
	e.service.OnTerminating(func(_ core.Scope, _, id string) { heard = append(heard, id) })
	e.create(2)
	e.hook(terminatingTransition, "CONTINUE", 3600)
	_ = e.desire(0)
	e.expect(reaction, "i-1=Terminating:Wait i-2=Terminating:Wait")
	if len(heard) != 2 {
		t.Fatal(heard)
	}
	e.expect(30*time.Minute, "i-1=Terminating:Wait i-2=Terminating:Wait")
	fails(t, e.complete("i-9", "CONTINUE"), "ValidationError", "No active Lifecycle Action found with instance ID i-9")
	fails(t, e.complete("i-1", "PERHAPS"), "ValidationError", "PERHAPS")
	if err := e.complete("i-1", "CONTINUE"); err != nil {
		t.Fatal(err)
	}
	e.expect(0, "i-1=Terminating:Proceed i-2=Terminating:Wait")
	must[*asg.RecordLifecycleActionHeartbeatOutput](t)(e.RecordLifecycleActionHeartbeat(t.Context(), &asg.RecordLifecycleActionHeartbeatInput{AutoScalingGroupName: aws.String("g"), LifecycleHookName: aws.String("h"), InstanceId: aws.String("i-2")}))
	e.expect(59*time.Minute, "i-2=Terminating:Wait")
	e.expect(time.Minute, "i-2=Terminating:Proceed")
	e.expect(shutDown, "")
}

func TestLaunchHook(t *testing.T) {
	e := start(t)
	e.create(0)
	e.hook(launchingTransition, "ABANDON", 60)
	_ = e.desire(1)
	e.expect(reaction+boot, "i-1=Pending:Wait")
	e.expect(time.Minute+2*reaction, "i-1=Terminating i-2=Pending")
	e.expect(boot+shutDown, "i-2=Pending:Wait")
	if err := e.complete("i-2", "CONTINUE"); err != nil {
		t.Fatal(err)
	}
	e.expect(0, "i-2=Pending:Proceed")
	e.expect(intoService, "i-2=InService")
}

func TestHooks(t *testing.T) {
	e := start(t)
	e.create(1)
	e.world.Lock()
	if err := e.service.PutTerminationHook(here, "g", "ecs-managed-draining-termination-hook", 3600); err != nil {
		t.Error(err)
	}
	e.world.Unlock()
	e.hook(terminatingTransition, "CONTINUE", 30)
	_, err := e.PutLifecycleHook(t.Context(), &asg.PutLifecycleHookInput{AutoScalingGroupName: aws.String("g"), LifecycleHookName: aws.String("h"), HeartbeatTimeout: aws.Int32(29)})
	fails(t, err, "ValidationError", "between 30 and 7200")
	_, err = e.PutLifecycleHook(t.Context(), &asg.PutLifecycleHookInput{AutoScalingGroupName: aws.String("g"), LifecycleHookName: aws.String("h"), NotificationTargetARN: aws.String("arn")})
	fails(t, err, "ValidationError", "NotificationTargetARN")
	out := must[*asg.DescribeLifecycleHooksOutput](t)(e.DescribeLifecycleHooks(t.Context(), &asg.DescribeLifecycleHooksInput{AutoScalingGroupName: aws.String("g")}))
	if len(out.LifecycleHooks) != 2 || *out.LifecycleHooks[0].GlobalTimeout != maxGlobal || *out.LifecycleHooks[1].GlobalTimeout != 3000 {
		t.Fatalf("%+v", out.LifecycleHooks)
	}
	_ = e.desire(0)
	e.expect(reaction+time.Minute, "i-1=Terminating:Wait") // h has timed out, the other still holds
	must[*asg.DeleteLifecycleHookOutput](t)(e.DeleteLifecycleHook(t.Context(), &asg.DeleteLifecycleHookInput{AutoScalingGroupName: aws.String("g"), LifecycleHookName: aws.String("ecs-managed-draining-termination-hook")}))
	e.expect(0, "i-1=Terminating:Proceed")
	_, err = e.DeleteLifecycleHook(t.Context(), &asg.DeleteLifecycleHookInput{AutoScalingGroupName: aws.String("g"), LifecycleHookName: aws.String("x")})
	fails(t, err, "ValidationError", "No Lifecycle Hook found")
}
