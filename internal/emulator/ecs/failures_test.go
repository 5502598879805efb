package ecs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	sdkiam "github.com/aws/aws-sdk-go-v2/service/iam"
	sdksecrets "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// What keeps tasks from starting or living, and what AWS says of it.
func TestTasksThatFail(t *testing.T) {
	r := fargateRig(t)
	value := must(r.secret.CreateSecret(r.ctx, &sdksecrets.CreateSecretInput{Name: aws.String("portkey/app"), SecretString: aws.String(`{"KEY":"v"}`)}))(t).ARN
	other := must(r.secret.CreateSecret(r.ctx, &sdksecrets.CreateSecretInput{Name: aws.String("other"), SecretString: aws.String(`{"KEY":"v"}`)}))(t).ARN
	secret := func(ref string) func(*api.RegisterTaskDefinitionInput) {
		return func(in *api.RegisterTaskDefinitionInput) {
			in.ContainerDefinitions[0].Secrets = []types.Secret{{Name: aws.String("KEY"), ValueFrom: &ref}}
		}
	}
	for _, c := range []struct {
		name, image string
		edit        func(*api.RegisterTaskDefinitionInput)
		code        types.TaskStopCode
		reason      string
	}{
		{"crash", "i:1-broken-crash-30s", nil, types.TaskStopCodeEssentialContainerExited, "Essential container in task exited"},
		{"unhealthy", "i:1-broken-never-healthy", nil, types.TaskStopCodeServiceSchedulerInitiated, "Task failed container health checks"},
		{"nopull", "i:1-broken-no-pull", nil, types.TaskStopCodeTaskFailedToStart, "CannotPullContainerError: "},
		{"group", "i:1", func(in *api.RegisterTaskDefinitionInput) {
			in.ContainerDefinitions[0].LogConfiguration.Options["awslogs-group"] = "/ecs/none"
		}, types.TaskStopCodeTaskFailedToStart, "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist."},
		{"secret", "i:1", secret("arn:aws:secretsmanager:us-east-1:123456789012:secret:portkey/none-AbCdEf:KEY::"), types.TaskStopCodeTaskFailedToStart, "ResourceInitializationError: unable to pull secrets or registry auth: "},
		{"key", "i:1", secret(*value + ":OTHER::"), types.TaskStopCodeTaskFailedToStart, "did not contain json key OTHER"},
		{"denied", "i:1", secret(*other + ":KEY::"), types.TaskStopCodeTaskFailedToStart, "is not authorized to perform: secretsmanager:GetSecretValue on resource: " + *other},
		{"registry", "i:1", func(in *api.RegisterTaskDefinitionInput) {
			in.ContainerDefinitions[0].RepositoryCredentials.CredentialsParameter = value
		}, types.TaskStopCodeTaskFailedToStart, "unable to retrieve registry auth from asm"},
	} {
		edit := c.edit
		if edit == nil {
			edit = func(*api.RegisterTaskDefinitionInput) {}
		}
		r.create(c.name, r.register(c.name, c.image, edit), 1, fargate)
		r.until(10*time.Minute, c.name+" fails", func() bool { return len(r.tasks(c.name, "STOPPED")) > 0 })
		task := r.tasks(c.name, "STOPPED")[0]
		if task.StopCode != c.code || !strings.Contains(*task.StoppedReason, c.reason) {
			t.Errorf("%s: %s %s", c.name, task.StopCode, *task.StoppedReason)
		}
		r.until(30*time.Minute, c.name+" is impaired", func() bool {
			return r.hasEvent(c.name, "is unable to consistently start tasks successfully.")
		})
		if r.service(c.name).Deployments[0].FailedTasks < 3 {
			t.Errorf("%s: failed tasks %d", c.name, r.service(c.name).Deployments[0].FailedTasks)
		}
	}
	r.create("good", r.register("good", "i:1", secret(*value+":KEY::")), 1, fargate)
	r.steady("good")
}

func TestRoleThatTasksCannotAssume(t *testing.T) {
	r := fargateRig(t)
	wrong := r.role("wrong", "ec2.amazonaws.com")
	r.server.Advance(time.Minute)
	r.create("app", r.register("app", "i:1", func(in *api.RegisterTaskDefinitionInput) { in.ExecutionRoleArn = &wrong }), 1, fargate, breaker(false))
	r.until(time.Minute, "event", func() bool {
		return r.hasEvent("app", "failed to launch a task with (error ECS was unable to assume the role '"+wrong+"' that was provided for this task.")
	})
	must(r.iam.UpdateAssumeRolePolicy(r.ctx, &sdkiam.UpdateAssumeRolePolicyInput{RoleName: aws.String("wrong"), PolicyDocument: aws.String(strings.Replace(trust, "%", "ecs-tasks.amazonaws.com", 1))}))(t)
	r.until(30*time.Minute, "the breaker trips", func() bool {
		return r.service("app").Deployments[0].RolloutState == types.DeploymentRolloutStateFailed || len(r.tasks("app", "STOPPED")) > 0
	})
}

func TestUnhealthyTargetsAreReplaced(t *testing.T) {
	r := fargateRig(t)
	tg := r.targetGroup("app", true)
	r.server.Advance(3 * time.Minute)
	r.create("app", r.register("app", "i:1-broken-unhealthy-target", func(in *api.RegisterTaskDefinitionInput) { in.ContainerDefinitions[0].HealthCheck = nil }), 1, fargate, func(in *api.CreateServiceInput) {
		in.LoadBalancers = []types.LoadBalancer{{TargetGroupArn: &tg, ContainerName: aws.String("app"), ContainerPort: aws.Int32(8787)}}
		in.HealthCheckGracePeriodSeconds = aws.Int32(120)
	})
	r.until(time.Minute, "running", func() bool { return r.service("app").RunningCount == 1 })
	r.server.Advance(110 * time.Second)
	if len(r.tasks("app", "STOPPED")) > 0 {
		t.Error("no task is stopped in its grace period")
	}
	r.until(5*time.Minute, "replaced", func() bool { return len(r.tasks("app", "STOPPED")) > 0 })
	if got := *r.tasks("app", "STOPPED")[0].StoppedReason; got != "Task failed ELB health checks in (target-group "+tg+")" {
		t.Error(got)
	}
	if !r.hasEvent("app", "(port 8787) is unhealthy in (target-group "+tg+") due to (reason Health checks failed).") {
		t.Error(r.dump())
	}
}

// A stopped task is replaced; StopTask's reason is shown.
func TestStopTask(t *testing.T) {
	r := fargateRig(t)
	r.create("app", r.register("app", "i:1"), 1, fargate)
	r.steady("app")
	old := r.tasks("app", "RUNNING")[0]
	got := must(r.StopTask(r.ctx, &api.StopTaskInput{Cluster: aws.String("main"), Task: old.TaskArn, Reason: aws.String("because")}))(t).Task
	if *got.DesiredStatus != "STOPPED" || *got.StoppedReason != "because" || got.StopCode != types.TaskStopCodeUserInitiated {
		t.Errorf("%+v", got)
	}
	r.until(3*time.Minute, "replaced", func() bool {
		tasks := r.tasks("app", "RUNNING")
		return len(tasks) == 1 && *tasks[0].LastStatus == "RUNNING" && *tasks[0].TaskArn != *old.TaskArn
	})
	_, err := r.StopTask(r.ctx, &api.StopTaskInput{Cluster: aws.String("main"), Task: aws.String("none")})
	wantError(t, err, "InvalidParameterException", "The referenced task was not found.")
	r.server.Advance(2 * time.Hour)
	if out := must(r.DescribeTasks(r.ctx, &api.DescribeTasksInput{Cluster: aws.String("main"), Tasks: []string{*old.TaskArn}}))(t); len(out.Failures) != 1 || *out.Failures[0].Reason != "MISSING" {
		t.Errorf("stopped tasks are forgotten: %+v", out)
	}
}
