package controllers

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
)

// typeTTL is how long the size of an instance type is believed: it can't change.
const typeTTL = 30 * 24 * time.Hour

// registeredPercent is the part of an instance's memory that ECS can use: the rest is the kernel's and the
// operating system's. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/memory-management.html
const registeredPercent = 95

// trunks are the instance families with network interface trunking, as far as the operator counts on it, and how
// many tasks each size takes then. The burstable types have none.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/eni-trunking-supported-instance-types.html
var (
	trunks     = regexp.MustCompile(`^(a1|[cmr][5-8][a-z]*)$`)
	trunkTasks = map[string]int{
		"medium": 4, "large": 10, "xlarge": 20, "2xlarge": 40, "4xlarge": 60, "8xlarge": 60, "9xlarge": 60, "12xlarge": 60, "16xlarge": 120, "18xlarge": 120, "24xlarge": 120,
	}
)

// load is what a service runs at the most.
type load struct {
	name        string
	tasks       int
	cpu, memory int
}

// loads are what the services run at the most outside of rollouts; scaled is the number of gateway tasks that
// somebody has asked for where the spec doesn't say.
func loads(spec v1alpha1.PortkeyGatewaySpec, scaled func(service string) int) []load {
	of := func(name string, r *v1alpha1.Resources, replicas *int32, auto *v1alpha1.Autoscaling) load {
		n := max(1, scaled(name))
		if replicas != nil {
			n = int(*replicas)
		}
		if auto != nil {
			n = int(auto.MaxReplicas)
		}
		return load{name, n, int(r.CPU.MilliValue() * 1024 / 1000), int(r.Memory.Value() >> 20)}
	}
	out := []load{of(v1alpha1.ServiceGateway, spec.Gateway.Resources, spec.Gateway.Replicas, spec.Gateway.Autoscaling)}
	if d := spec.DataService; d != nil {
		out = append(out, of(v1alpha1.ServiceDataService, d.Resources, d.Replicas, d.Autoscaling))
	}
	if b := spec.Cache.BuiltIn; b != nil {
		one := int32(1)
		out = append(out, of(v1alpha1.ServiceRedis, b.Resources, &one, nil))
	}
	return out
}

// roomWarning says that the instances have no room for all tasks at the peak of a rollout, when every service
// has scaled out and the largest runs twice; empty where they have. Such a rollout waits for room, and in the
// end fails.
func roomWarning(spec v1alpha1.PortkeyGatewaySpec, services []load, size aws.InstanceType) string {
	ec2 := spec.Capacity.EC2
	perInstance := size.Interfaces - 1
	if family, size, _ := strings.Cut(ec2.InstanceType, "."); trunks.MatchString(family) && !strings.Contains(family, "flex") {
		perInstance = max(perInstance, trunkTasks[size])
	}
	cpu, memory := size.VCPUs*1024, size.MemoryMiB*registeredPercent/100
	twice := slices.MaxFunc(services, func(a, b load) int { return a.tasks - b.tasks })
	var tasks []load
	var counts []string
	for _, s := range services {
		n := s.tasks
		counts = append(counts, fmt.Sprintf("%s %d", s.name, n))
		if s.name == twice.name {
			n *= 2
			counts[len(counts)-1] += " twice"
		}
		for range n {
			tasks = append(tasks, s)
		}
	}
	need := packed(tasks, perInstance, cpu, memory)
	if need > 0 && need <= int(ec2.MaxSize) {
		return ""
	}
	advice := fmt.Sprintf("raise capacity.ec2.maxSize to %d, or choose a larger instanceType", need)
	if need == 0 {
		advice = "choose a larger capacity.ec2.instanceType"
	}
	return fmt.Sprintf("at the peak of a rollout %d tasks run (%s), and %d × %s, each with %d CPU units, %d MiB and network interfaces for %d tasks, have no room for them: %s",
		len(tasks), strings.Join(counts, ", "), ec2.MaxSize, ec2.InstanceType, cpu, memory, perInstance, advice)
}

// packed is how many instances the tasks take, filled one after the other with the largest first; 0 when a
// task is larger than an instance.
func packed(tasks []load, interfaces, cpu, memory int) int {
	type instance struct{ interfaces, cpu, memory int }
	var used []instance
	tasks = slices.Clone(tasks)
	slices.SortStableFunc(tasks, func(a, b load) int { return b.memory*cpu + b.cpu*memory - a.memory*cpu - a.cpu*memory })
	for _, t := range tasks {
		if interfaces < 1 || t.cpu > cpu || t.memory > memory {
			return 0
		}
		i := slices.IndexFunc(used, func(i instance) bool { return i.interfaces >= 1 && i.cpu >= t.cpu && i.memory >= t.memory })
		if i < 0 {
			i, used = len(used), append(used, instance{interfaces, cpu, memory})
		}
		used[i] = instance{used[i].interfaces - 1, used[i].cpu - t.cpu, used[i].memory - t.memory}
	}
	return len(used)
}

// room is the warning that the tasks may not fit. What can't be found out is no warning.
func room(ctx context.Context, w *aws.World, gw *v1alpha1.PortkeyGateway) string {
	spec := gw.Resolved()
	if spec.Capacity.EC2 == nil {
		return ""
	}
	name := spec.Capacity.EC2.InstanceType
	size, err := aws.Keep(ctx, w.Forever, "ec2/instance-types/"+name, typeTTL, func(ctx context.Context) (aws.InstanceType, error) { return aws.DescribeInstanceType(ctx, w.EC2, name) })
	if err != nil {
		return ""
	}
	return roomWarning(spec, loads(spec, func(service string) int {
		for _, s := range gw.Status.Services {
			if s.Name == service {
				return int(s.Desired)
			}
		}
		return 0
	}), size)
}
