package ecs

import (
	"maps"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// inventory lists what lives. With all it lists what AWS only remembers too: INACTIVE services and
// task definitions, stopped tasks, service deployments and revisions.
func (s *Service) inventory(all bool) []core.Resource {
	var out []core.Resource
	for scope, reg := range s.regions {
		add := func(kind, id, name, arn, state string, tags map[string]string, managed bool, settings map[string]any) {
			out = append(out, core.Resource{
				Service: "ecs", Kind: kind, ID: id, Name: name, ARN: arn, Account: scope.Account, Region: scope.Region, Tags: maps.Clone(tags), State: state,
				Taggable: tags != nil, AWSManaged: managed, Settings: wire(settings),
			})
		}
		for _, p := range reg.providers {
			if all || p.status != types.CapacityProviderStatusInactive {
				add("CapacityProvider", p.name, p.name, p.arn, string(p.status), p.tags, false, map[string]any{
					"autoScalingGroup": p.group, "managedScaling": p.scaling().Status, "targetCapacity": aws.ToInt32(p.scaling().TargetCapacity),
					"minimumScalingStepSize": aws.ToInt32(p.scaling().MinimumScalingStepSize), "maximumScalingStepSize": aws.ToInt32(p.scaling().MaximumScalingStepSize),
					"managedTerminationProtection": p.asg.ManagedTerminationProtection, "managedDraining": p.asg.ManagedDraining,
				})
			}
		}
		for _, f := range reg.families {
			for _, d := range f.revisions {
				if all || d.status == types.TaskDefinitionStatusActive {
					add("TaskDefinition", f.name+":"+strconv.Itoa(int(d.rev)), f.name, d.arn, string(d.status), d.tags, false, definitionSettings(d))
				}
			}
		}
		for _, c := range reg.clusters {
			if c.status == statusInactive && !all {
				continue
			}
			add("Cluster", c.name, c.name, c.arn, c.status, c.tags, false, clusterSettings(c))
			for _, i := range c.instances {
				add("ContainerInstance", i.id, i.ec2ID, i.arn, i.status, i.tags, true, map[string]any{"ec2InstanceId": i.ec2ID, "capacityProvider": i.provider, "tasks": len(i.tasks)})
			}
			for _, v := range c.services {
				if all || v.status != statusInactive {
					add("Service", v.name, v.name, v.arn, v.status, v.tags, false, s.serviceSettings(v))
				}
				if all {
					for _, d := range v.history {
						add("ServiceDeployment", d.arn, v.name, d.arn, string(d.status), nil, true, nil)
					}
					for _, rev := range v.revisions {
						add("ServiceRevision", rev.arn, v.name, rev.arn, statusActive, nil, true, nil)
					}
				}
			}
			for _, t := range c.tasks {
				if all || t.lastStatus != stateStopped {
					add("Task", t.id, t.v.name, t.arn, t.lastStatus, t.tags, true, s.taskSettings(t))
				}
			}
		}
	}
	return out
}

func clusterSettings(c *cluster) map[string]any {
	set := map[string]any{
		"containerInsights": c.insights, "capacityProviders": append([]string{}, c.providers...), "defaultCapacityProviderStrategy": append([]types.CapacityProviderStrategyItem{}, c.strategy...),
		"serviceConnectNamespace": c.namespaceARN,
	}
	if c.configuration != nil {
		if e := c.configuration.ExecuteCommandConfiguration; e != nil {
			set["executeCommandLogging"] = e.Logging
			if e.LogConfiguration != nil {
				set["executeCommandLogGroup"] = aws.ToString(e.LogConfiguration.CloudWatchLogGroupName)
			}
		}
	}
	return set
}

func definitionSettings(d *taskDefinition) map[string]any {
	v := d.view
	return map[string]any{
		"cpu": aws.ToString(v.Cpu), "memory": aws.ToString(v.Memory), "networkMode": v.NetworkMode, "executionRoleArn": aws.ToString(v.ExecutionRoleArn), "taskRoleArn": aws.ToString(v.TaskRoleArn),
		"requiresCompatibilities": v.RequiresCompatibilities, "runtimePlatform": v.RuntimePlatform, "containerDefinitions": v.ContainerDefinitions, "volumes": v.Volumes,
	}
}

func (s *Service) serviceSettings(v *service) map[string]any {
	_, running := v.counts(nil)
	return map[string]any{
		"taskDefinition": v.spec.def.arn, "desiredCount": v.desired, "runningCount": running, "deploymentConfiguration": v.config, "networkConfiguration": v.spec.network,
		"loadBalancers": v.spec.loadBalancers, "capacityProviderStrategy": v.spec.strategy, "launchType": v.spec.launchType, "serviceConnectConfiguration": v.spec.connect,
		"healthCheckGracePeriodSeconds": v.grace, "enableECSManagedTags": v.managedTags, "propagateTags": v.propagate, "enableExecuteCommand": v.exec, "availabilityZoneRebalancing": v.rebalancing,
		// The other forms of either are refused.
		"deploymentController": types.DeploymentControllerTypeEcs, "schedulingStrategy": types.SchedulingStrategyReplica,
	}
}

// taskSettings tell how the task is and which Service Connect peers and caches it can't reach.
func (s *Service) taskSettings(t *task) map[string]any {
	set := map[string]any{
		"service": t.v.name, "taskDefinition": t.def.arn, "lastStatus": t.lastStatus, "healthStatus": t.health(), "capacityProvider": t.provider, "networkInterface": t.eni.ID,
		"deployment": t.dep.id, "knownEndpoints": append([]string{}, sortedKeys(t.dep.endpoints)...),
	}
	if t.stopping {
		set["stoppedReason"], set["stopCode"] = t.reason, t.stopCode
	}
	set["unreachablePeers"] = []string{}
	set["caches"] = append([]string{}, s.caches(t)...)
	if t.lastStatus == stateRunning {
		set["unreachablePeers"] = append([]string{}, s.unreachable(t)...)
	}
	return set
}
