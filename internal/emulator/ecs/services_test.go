package ecs_test

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	sdkelb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// definition is a task definition as a test varies it.
func (r *rig) definition(family, image string, edit ...func(*api.RegisterTaskDefinitionInput)) *api.RegisterTaskDefinitionInput {
	in := &api.RegisterTaskDefinitionInput{
		Family: &family, NetworkMode: types.NetworkModeAwsvpc, Cpu: aws.String("256"), Memory: aws.String("512"), ExecutionRoleArn: &r.execRole, TaskRoleArn: &r.taskRole,
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityEc2, types.CompatibilityFargate},
		ContainerDefinitions: []types.ContainerDefinition{{
			Name: aws.String("app"), Image: &image, PortMappings: []types.PortMapping{{Name: aws.String("http"), ContainerPort: aws.Int32(8787), AppProtocol: types.ApplicationProtocolHttp}},
			HealthCheck:           &types.HealthCheck{Command: []string{"CMD-SHELL", "true"}, Interval: aws.Int32(30), StartPeriod: aws.Int32(10)},
			LogConfiguration:      &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{"awslogs-group": "/ecs/app", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "app"}},
			RepositoryCredentials: &types.RepositoryCredentials{CredentialsParameter: &r.credentials},
		}},
	}
	for _, f := range edit {
		f(in)
	}
	return in
}

func (r *rig) register(family, image string, edit ...func(*api.RegisterTaskDefinitionInput)) string {
	r.t.Helper()
	return *must(r.RegisterTaskDefinition(r.ctx, r.definition(family, image, edit...)))(r.t).TaskDefinition.TaskDefinitionArn
}

// create makes the service name of the task definition in the cluster main.
func (r *rig) create(name, definition string, desired int32, edit ...func(*api.CreateServiceInput)) *types.Service {
	r.t.Helper()
	return must(r.CreateService(r.ctx, r.request(name, definition, desired, edit...)))(r.t).Service
}

func (r *rig) request(name, definition string, desired int32, edit ...func(*api.CreateServiceInput)) *api.CreateServiceInput {
	in := &api.CreateServiceInput{
		Cluster: aws.String("main"), ServiceName: &name, TaskDefinition: &definition, DesiredCount: &desired,
		NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: r.subnets, SecurityGroups: []string{r.group}}},
	}
	for _, f := range edit {
		f(in)
	}
	return in
}

func (r *rig) service(name string) *types.Service {
	r.t.Helper()
	out := must(r.DescribeServices(r.ctx, &api.DescribeServicesInput{Cluster: aws.String("main"), Services: []string{name}, Include: []types.ServiceField{types.ServiceFieldTags}}))(r.t)
	if len(out.Services) != 1 {
		r.t.Fatalf("service %s: %+v", name, out.Failures)
	}
	return &out.Services[0]
}

func (r *rig) tasks(service string, status types.DesiredStatus) []types.Task {
	r.t.Helper()
	arns := must(r.ListTasks(r.ctx, &api.ListTasksInput{Cluster: aws.String("main"), ServiceName: &service, DesiredStatus: status}))(r.t).TaskArns
	if len(arns) == 0 {
		return nil
	}
	return must(r.DescribeTasks(r.ctx, &api.DescribeTasksInput{Cluster: aws.String("main"), Tasks: arns, Include: []types.TaskField{types.TaskFieldTags}}))(r.t).Tasks
}

// until advances the clock in steps until ok, for at most d.
func (r *rig) until(d time.Duration, what string, ok func() bool) {
	r.t.Helper()
	const step = 2 * time.Second
	for range d / step {
		if ok() {
			return
		}
		r.server.Advance(step)
	}
	r.t.Fatalf("not in %s: %s\n%s", d, what, r.dump())
}

func (r *rig) dump() string {
	var b strings.Builder
	out, err := r.DescribeServices(r.ctx, &api.DescribeServicesInput{Cluster: aws.String("main"), Services: r.names()})
	if err != nil {
		return err.Error()
	}
	for _, v := range out.Services {
		b.WriteString(*v.ServiceName + " " + *v.Status + "\n")
		for _, d := range v.Deployments {
			b.WriteString("  " + *d.Id + " " + *d.Status + " " + string(d.RolloutState) + " " + *d.RolloutStateReason + "\n")
		}
		for _, e := range slices.Backward(v.Events) {
			b.WriteString("  " + e.CreatedAt.Format(time.TimeOnly) + " " + *e.Message + "\n")
		}
		for _, s := range []types.DesiredStatus{"RUNNING", "STOPPED"} {
			for _, t := range r.tasks(*v.ServiceName, s) {
				b.WriteString("  " + *t.TaskArn + " " + *t.LastStatus + " " + string(t.HealthStatus) + " " + aws.ToString(t.StoppedReason) + "\n")
			}
		}
	}
	return b.String()
}

func (r *rig) names() []string {
	out, err := r.ListServices(r.ctx, &api.ListServicesInput{Cluster: aws.String("main")})
	if err != nil || len(out.ServiceArns) == 0 {
		return []string{"none"}
	}
	return out.ServiceArns
}

// steady waits for the service's PRIMARY deployment to complete.
func (r *rig) steady(name string) *types.Service {
	r.t.Helper()
	r.until(15*time.Minute, name+" is steady", func() bool {
		v := r.service(name)
		return len(v.Deployments) == 1 && v.Deployments[0].RolloutState == types.DeploymentRolloutStateCompleted && v.RunningCount == v.DesiredCount
	})
	return r.service(name)
}

func (r *rig) hasEvent(name, part string) bool {
	return slices.ContainsFunc(r.service(name).Events, func(e types.ServiceEvent) bool { return strings.Contains(*e.Message, part) })
}

// targetGroup makes a load balancer with a listener that forwards to a target group of its own.
func (r *rig) targetGroup(name string, listener bool) string {
	t := r.t
	t.Helper()
	lb := must(r.elb.CreateLoadBalancer(r.ctx, &sdkelb.CreateLoadBalancerInput{Name: &name, Subnets: r.subnets, SecurityGroups: []string{r.group}, Scheme: elbtypes.LoadBalancerSchemeEnumInternal}))(t).LoadBalancers[0].LoadBalancerArn
	tg := must(r.elb.CreateTargetGroup(r.ctx, &sdkelb.CreateTargetGroupInput{Name: &name, Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(8787), VpcId: &r.vpc, TargetType: elbtypes.TargetTypeEnumIp,
		HealthCheckIntervalSeconds: aws.Int32(10), HealthyThresholdCount: aws.Int32(2), UnhealthyThresholdCount: aws.Int32(2)}))(t).TargetGroups[0].TargetGroupArn
	must(r.elb.ModifyTargetGroupAttributes(r.ctx, &sdkelb.ModifyTargetGroupAttributesInput{TargetGroupArn: tg, Attributes: []elbtypes.TargetGroupAttribute{{Key: aws.String("deregistration_delay.timeout_seconds"), Value: aws.String("60")}}}))(t)
	if listener {
		must(r.elb.CreateListener(r.ctx, &sdkelb.CreateListenerInput{LoadBalancerArn: lb, Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(80),
			DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: tg}}}))(t)
	}
	return *tg
}
