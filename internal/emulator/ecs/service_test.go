package ecs_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	sdkelb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// A service's life from an empty Auto Scaling group: tasks wait in PROVISIONING, managed scaling
// brings an instance, they run, become healthy, and the deployment completes.
func TestServiceFromEmptyCapacity(t *testing.T) {
	r := newRig(t).world()
	r.capacity("m6g.large")
	tg := r.targetGroup("app", true)
	v := r.create("app", r.register("app", "docker.io/portkeyai/gateway:1"), 2, func(in *api.CreateServiceInput) {
		in.LoadBalancers = []types.LoadBalancer{{TargetGroupArn: &tg, ContainerName: aws.String("app"), ContainerPort: aws.Int32(8787)}}
		in.EnableECSManagedTags, in.PropagateTags = true, types.PropagateTagsService
		in.Tags = []types.Tag{{Key: aws.String("owner"), Value: aws.String("us")}}
		in.HealthCheckGracePeriodSeconds = aws.Int32(150)
	})
	if *v.Status != "ACTIVE" || v.Deployments[0].RolloutState != types.DeploymentRolloutStateInProgress || v.CurrentServiceDeployment == nil {
		t.Fatalf("%+v", v)
	}
	r.server.Advance(10 * time.Second)
	for _, task := range r.tasks("app", "RUNNING") {
		if *task.LastStatus != "PROVISIONING" || task.ContainerInstanceArn != nil {
			t.Fatalf("without instances a task waits: %+v", task)
		}
	}
	r.until(3*time.Minute, "the group is scaled out", func() bool { return r.desiredInstances() == 1 })
	v = r.steady("app")
	tasks := r.tasks("app", "RUNNING")
	if len(tasks) != 2 || tasks[0].HealthStatus != types.HealthStatusHealthy || *tasks[0].CapacityProviderName != "primary" {
		t.Fatalf("%+v", tasks)
	}
	got := map[string]string{}
	for _, tag := range tasks[0].Tags {
		got[*tag.Key] = *tag.Value
	}
	if got["owner"] != "us" || got["aws:ecs:serviceName"] != "app" || got["aws:ecs:clusterName"] != "main" {
		t.Fatalf("task tags %v", got)
	}
	health := must(r.elb.DescribeTargetHealth(r.ctx, &sdkelb.DescribeTargetHealthInput{TargetGroupArn: &tg}))(t)
	if len(health.TargetHealthDescriptions) != 2 || health.TargetHealthDescriptions[0].TargetHealth.State != "healthy" {
		t.Fatalf("%+v", health.TargetHealthDescriptions)
	}
	for _, part := range []string{"has started 2 tasks: (task ", "registered 1 targets in (target-group ", "deployment completed.", "has reached a steady state."} {
		if !r.hasEvent("app", part) {
			t.Errorf("no event %q\n%s", part, r.dump())
		}
	}
	if d := v.Deployments[0]; *d.RolloutStateReason != "ECS deployment "+*d.Id+" completed." || d.RunningCount != 2 {
		t.Errorf("%+v", d)
	}
	records := must(r.DescribeServiceDeployments(r.ctx, &api.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{*v.CurrentServiceDeployment}}))(t)
	if records.ServiceDeployments[0].Status != types.ServiceDeploymentStatusSuccessful {
		t.Errorf("%+v", records.ServiceDeployments[0])
	}
}
