package ecs

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// listContainerInstances lists instances by status.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListContainerInstances.html
func (s *Service) listContainerInstances(r *core.Request, in *api.ListContainerInstancesInput) (*api.ListContainerInstancesOutput, error) {
	if err := core.Only(in, "Cluster", "MaxResults", "NextToken", "Status"); err != nil {
		return nil, err
	}
	c, err := s.region(r.Scope).cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	arns := []string{}
	for _, i := range sorted(c.instances) {
		if in.Status == "" || string(in.Status) == i.status {
			arns = append(arns, i.arn)
		}
	}
	out, next, err := page(s, arns, func(a string) string { return a }, in.NextToken, in.MaxResults, 100)
	if err != nil {
		return nil, err
	}
	return &api.ListContainerInstancesOutput{ContainerInstanceArns: out, NextToken: next}, nil
}

// each calls f for the instances that a request names; unknown ones are failures.
func (c *cluster) each(refs []string, most int, f func(*containerInstance)) ([]types.Failure, error) {
	if n := len(refs); n == 0 || n > most {
		return nil, invalid("containerInstances must have 1 to %d items.", most)
	}
	failures := []types.Failure{}
	for _, ref := range refs {
		id, err := inCluster(c, "container-instance", ref)
		if err != nil {
			return nil, err
		}
		if i := c.instances[id]; i != nil {
			f(i)
		} else {
			failures = append(failures, failure(c.reg.ARN("ecs", "container-instance/"+c.name+"/"+id), "MISSING"))
		}
	}
	return failures, nil
}

// describeContainerInstances takes up to 100 instances.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeContainerInstances.html
func (s *Service) describeContainerInstances(r *core.Request, in *api.DescribeContainerInstancesInput) (*api.DescribeContainerInstancesOutput, error) {
	c, err := s.region(r.Scope).cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if has(in.Include, types.ContainerInstanceFieldContainerInstanceHealth) {
		return nil, unsupported("CONTAINER_INSTANCE_HEALTH")
	}
	out := &api.DescribeContainerInstancesOutput{ContainerInstances: []types.ContainerInstance{}}
	out.Failures, err = c.each(in.ContainerInstances, 100, func(i *containerInstance) {
		out.ContainerInstances = append(out.ContainerInstances, *instanceView(i, has(in.Include, types.ContainerInstanceFieldTags)))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// updateContainerInstancesState sets up to 10 instances ACTIVE or DRAINING; the tasks of draining
// ones are replaced.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateContainerInstancesState.html
func (s *Service) updateContainerInstancesState(r *core.Request, in *api.UpdateContainerInstancesStateInput) (*api.UpdateContainerInstancesStateOutput, error) {
	c, err := s.region(r.Scope).cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if in.Status != types.ContainerInstanceStatusActive && in.Status != types.ContainerInstanceStatusDraining {
		return nil, invalid("Container instances can only be set to ACTIVE or DRAINING.")
	}
	out := &api.UpdateContainerInstancesStateOutput{ContainerInstances: []types.ContainerInstance{}}
	out.Failures, err = c.each(in.ContainerInstances, 10, func(i *containerInstance) {
		i.status = string(in.Status)
		i.version++
		out.ContainerInstances = append(out.ContainerInstances, *instanceView(i, true))
	})
	if err != nil {
		return nil, err
	}
	s.pokeCluster(c)
	return out, nil
}

// deregisterContainerInstance refuses while tasks run, unless forced.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterContainerInstance.html
func (s *Service) deregisterContainerInstance(r *core.Request, in *api.DeregisterContainerInstanceInput) (*api.DeregisterContainerInstanceOutput, error) {
	c, err := s.region(r.Scope).cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	out := &api.DeregisterContainerInstanceOutput{}
	failures, err := c.each([]string{aws.ToString(in.ContainerInstance)}, 1, func(i *containerInstance) {
		if len(i.tasks) > 0 && !aws.ToBool(in.Force) {
			return
		}
		out.ContainerInstance = instanceView(i, true)
		s.removeInstance(i, "The container instance was deregistered.")
		out.ContainerInstance.Status = aws.String(statusInactive)
	})
	switch {
	case err != nil:
		return nil, err
	case len(failures) > 0:
		return nil, invalid("The referenced container instance was not found.")
	case out.ContainerInstance == nil:
		return nil, invalid("Found running tasks on the instance.")
	}
	return out, nil
}

// instanceView is a container instance as it is described.
func instanceView(i *containerInstance, tags bool) *types.ContainerInstance {
	cpu, memory, _ := i.used()
	resources := func(cpu, memory int) []types.Resource {
		return []types.Resource{
			{Name: aws.String("CPU"), Type: aws.String("INTEGER"), IntegerValue: int32(cpu)},
			{Name: aws.String("MEMORY"), Type: aws.String("INTEGER"), IntegerValue: int32(memory)},
		}
	}
	out := &types.ContainerInstance{
		ContainerInstanceArn: aws.String(i.arn), Ec2InstanceId: aws.String(i.ec2ID), Status: aws.String(i.status), AgentConnected: true, RegisteredAt: aws.Time(i.registered), Version: i.version,
		RegisteredResources: resources(i.cpu, i.memory), RemainingResources: resources(i.cpu-cpu, i.memory-memory), Attachments: []types.Attachment{}, Tags: []types.Tag{},
		VersionInfo: &types.VersionInfo{AgentVersion: aws.String("1.99.0"), DockerVersion: aws.String("DockerVersion: 25.0.8")},
	}
	if i.provider != "" {
		out.CapacityProviderName = aws.String(i.provider)
	}
	for _, t := range i.tasks {
		switch t.lastStatus {
		case stateRunning, stateDeactivating:
			out.RunningTasksCount++
		case statePending, stateActivating:
			out.PendingTasksCount++
		}
	}
	attributes := map[string]string{
		"ecs.ami-id": i.vm.ImageID, "ecs.availability-zone": i.zone, "ecs.cpu-architecture": strings.ReplaceAll(i.vm.Architecture, "aarch64", "arm64"), "ecs.instance-type": i.vm.Type,
		"ecs.os-type": "linux", "ecs.subnet-id": i.vm.SubnetID, "ecs.vpc-id": i.vm.VPCID, "ecs.capability.task-eni": "", "ecs.capability.execution-role-awslogs": "", "ecs.capability.container-health-check": "",
	}
	if i.trunk {
		attributes["ecs.awsvpc-trunk-id"] = "eni-trunk-" + i.id[:8]
		attributes["ecs.capability.task-eni-trunking"] = ""
	}
	for _, k := range sortedKeys(attributes) {
		a := types.Attribute{Name: aws.String(k)}
		if attributes[k] != "" {
			a.Value = aws.String(attributes[k])
		}
		out.Attributes = append(out.Attributes, a)
	}
	if tags {
		out.Tags = tagList(i.tags)
	}
	return out
}
