package ecs

import (
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// listTasks lists tasks whose desired status is RUNNING, or STOPPED when asked.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
func (s *Service) listTasks(r *core.Request, in *api.ListTasksInput) (*api.ListTasksOutput, error) {
	if err := core.Only(in, "Cluster", "ContainerInstance", "DesiredStatus", "Family", "LaunchType", "MaxResults", "NextToken", "ServiceName", "StartedBy"); err != nil {
		return nil, err
	}
	c, err := s.region(r.Scope).cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	var v *service
	if in.ServiceName != nil {
		if v, err = c.service(in.ServiceName); err != nil {
			return nil, err
		}
	}
	host := ""
	if in.ContainerInstance != nil {
		if host, err = inCluster(c, "container-instance", *in.ContainerInstance); err != nil {
			return nil, err
		}
	}
	stopped := in.DesiredStatus == types.DesiredStatusStopped
	arns := []string{}
	for _, t := range sorted(c.tasks) {
		ok := t.stopping == stopped && in.DesiredStatus != types.DesiredStatusPending && (v == nil || t.v == v) &&
			(in.Family == nil || *in.Family == t.def.family.name) && (host == "" || (t.instance != nil && t.instance.id == host)) &&
			(in.LaunchType == "" || in.LaunchType == t.launchType()) && (in.StartedBy == nil || *in.StartedBy == t.dep.id)
		if ok {
			arns = append(arns, t.arn)
		}
	}
	out, next, err := page(s, arns, func(a string) string { return a }, in.NextToken, in.MaxResults, 100)
	if err != nil {
		return nil, err
	}
	return &api.ListTasksOutput{TaskArns: out, NextToken: next}, nil
}

func (t *task) launchType() types.LaunchType {
	if t.onFargate {
		return types.LaunchTypeFargate
	}
	return types.LaunchTypeEc2
}

// describeTasks takes up to 100 tasks; stopped ones stay for an hour.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
func (s *Service) describeTasks(r *core.Request, in *api.DescribeTasksInput) (*api.DescribeTasksOutput, error) {
	switch n := len(in.Tasks); {
	case n == 0:
		return nil, invalid("Tasks cannot be empty.")
	case n > 100:
		return nil, invalid("Tasks can have at most 100 items.")
	}
	c, err := s.region(r.Scope).cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	out := &api.DescribeTasksOutput{Tasks: []types.Task{}, Failures: []types.Failure{}}
	for _, ref := range in.Tasks {
		id, err := inCluster(c, "task", ref)
		if err != nil {
			return nil, err
		}
		if t := c.tasks[id]; t != nil {
			out.Tasks = append(out.Tasks, *taskView(t, has(in.Include, types.TaskFieldTags)))
		} else {
			out.Failures = append(out.Failures, failure(r.ARN("ecs", "task/"+c.name+"/"+id), "MISSING"))
		}
	}
	return out, nil
}

// stopTask stops one task; its service starts another.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
func (s *Service) stopTask(r *core.Request, in *api.StopTaskInput) (*api.StopTaskOutput, error) {
	c, err := s.region(r.Scope).cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	id, err := inCluster(c, "task", aws.ToString(in.Task))
	if err != nil {
		return nil, err
	}
	t := c.tasks[id]
	if t == nil {
		return nil, invalid("The referenced task was not found.")
	}
	reason := "Task stopped by user"
	if in.Reason != nil {
		reason = *in.Reason
	}
	s.endTask(t, types.TaskStopCodeUserInitiated, reason, false)
	return &api.StopTaskOutput{Task: taskView(t, true)}, nil
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// taskView is a task as it is described.
func taskView(t *task, tags bool) *types.Task {
	cpu, memory := t.def.size()
	out := &types.Task{
		TaskArn: aws.String(t.arn), ClusterArn: aws.String(t.v.c.arn), TaskDefinitionArn: aws.String(t.def.arn), Group: aws.String("service:" + t.v.name), StartedBy: aws.String(t.dep.id),
		LastStatus: aws.String(t.lastStatus), DesiredStatus: aws.String("RUNNING"), HealthStatus: t.health(), LaunchType: t.launchType(), Version: t.version,
		Cpu: aws.String(strconv.Itoa(cpu)), Memory: aws.String(strconv.Itoa(memory)), CreatedAt: moment(t.created), StartedAt: moment(t.started), StoppingAt: moment(t.stoppingAt),
		StoppedAt: moment(t.stopped), ExecutionStoppedAt: moment(t.ended), PullStartedAt: moment(t.pullStarted), PullStoppedAt: moment(t.pullStopped),
		EnableExecuteCommand: t.exec, Overrides: &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{}}, Attachments: []types.Attachment{}, Attributes: []types.Attribute{},
		Containers: []types.Container{}, Tags: []types.Tag{},
	}
	if t.stopping {
		out.DesiredStatus, out.StopCode, out.StoppedReason = aws.String(stateStopped), t.stopCode, aws.String(t.reason)
	}
	if t.provider != "" {
		out.CapacityProviderName = aws.String(t.provider)
	}
	if t.instance != nil {
		out.ContainerInstanceArn = aws.String(t.instance.arn)
	}
	if t.zone != "" {
		out.AvailabilityZone = aws.String(t.zone)
	}
	if t.onFargate {
		fargateView(t, out)
	}
	if t.eni.ID != "" {
		out.Connectivity, out.ConnectivityAt = types.ConnectivityConnected, moment(t.started)
		out.Attachments = append(out.Attachments, interfaceView(t))
	}
	for _, c := range t.containers {
		view := types.Container{
			ContainerArn: aws.String(c.arn), TaskArn: aws.String(t.arn), Name: aws.String(c.name), Image: c.def.Image, LastStatus: aws.String(c.status), HealthStatus: c.health,
			Cpu: aws.String(strconv.Itoa(int(c.def.Cpu))), ExitCode: c.exit, NetworkBindings: []types.NetworkBinding{}, NetworkInterfaces: []types.NetworkInterface{},
		}
		if c.def.Memory != nil {
			view.Memory = aws.String(strconv.Itoa(int(*c.def.Memory)))
		}
		if c.reason != "" {
			view.Reason = aws.String(c.reason)
		}
		if c.runtime != "" {
			view.RuntimeId, view.ImageDigest = aws.String(c.runtime), aws.String(c.digest)
		}
		if t.eni.ID != "" {
			view.NetworkInterfaces = append(view.NetworkInterfaces, types.NetworkInterface{AttachmentId: aws.String(t.attachment), PrivateIpv4Address: aws.String(t.eni.PrivateIP)})
		}
		out.Containers = append(out.Containers, view)
	}
	if tags {
		out.Tags = tagList(t.tags)
	}
	return out
}

func interfaceView(t *task) types.Attachment {
	status := "ATTACHED"
	switch {
	case t.lastStatus == stateStopped:
		status = "DELETED"
	case t.started.IsZero() && !t.stopping:
		status = "ATTACHING"
	}
	a := types.Attachment{Id: aws.String(t.attachment), Type: aws.String("ElasticNetworkInterface"), Status: aws.String(status)}
	for _, d := range [][2]string{{"subnetId", t.eni.SubnetID}, {"networkInterfaceId", t.eni.ID}, {"macAddress", t.eni.MAC}, {"privateIPv4Address", t.eni.PrivateIP}} {
		a.Details = append(a.Details, types.KeyValuePair{Name: aws.String(d[0]), Value: aws.String(d[1])})
	}
	return a
}
