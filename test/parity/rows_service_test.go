package parity

import (
	"fmt"
	"strings"
)

var serviceRows = map[string]row{
	"aws_service_discovery_http_namespace.service_discovery_namespace": {kind: "HTTPNamespace", node: "http-namespace/main", show: showNamespace},
	"module.gateway.aws_cloudwatch_log_group.ecs_service[0]":           {kind: "LogGroup", node: "log-group/gateway", show: showLogGroup},
	"module.redis[0].aws_cloudwatch_log_group.ecs_service[0]":          {kind: "LogGroup", node: "log-group/redis", show: showLogGroup},
	"module.gateway.aws_ecs_task_definition.task_definition":           definition("gateway"),
	"module.redis[0].aws_ecs_task_definition.task_definition":          definition("redis"),
	"module.gateway.aws_ecs_service.service":                           service("gateway"),
	"module.redis[0].aws_ecs_service.service":                          service("redis"),
}

func showNamespace(o *object) fields { return fields{"description": o.at("description")} }

func definition(name string) row {
	return row{
		kind: "TaskDefinition", node: "task-definition/" + name, show: showDefinition,
		wires: fields{"execution_role_arn": "{role/" + name + "-execution}", "task_role_arn": "{role/" + name + "-task}"},
	}
}

// filledIn are what AWS adds to a container definition that doesn't say it.
var filledIn = []string{"cpu", "mountPoints", "volumesFrom", "systemControls", "dockerLabels"}

func showDefinition(o *object) fields {
	out := fields{
		"cpu": o.at("cpu"), "memory": o.at("memory"), "network_mode": o.at("networkMode"),
		"execution_role_arn": o.at("executionRoleArn"), "task_role_arn": o.at("taskRoleArn"),
		"runtime_platform[0].cpu_architecture":        o.at("runtimePlatform.cpuArchitecture"),
		"runtime_platform[0].operating_system_family": o.at("runtimePlatform.operatingSystemFamily"),
	}
	for i, c := range strings.Fields(o.list("requiresCompatibilities")) {
		out[fmt.Sprintf("requires_compatibilities[%d]", i)] = c
	}
	for i, c := range o.get("containerDefinitions").([]any) {
		container := map[string]any{}
		for k, v := range c.(map[string]any) {
			container[k] = v
		}
		for _, k := range filledIn {
			delete(container, k)
		}
		out.put(fmt.Sprintf("container_definitions[%d]", i), container)
	}
	for k, v := range out {
		out[k] = o.all.labels.Replace(v)
	}
	return out
}

func service(name string) row {
	r := row{kind: "Service", node: "service/" + name, show: showService, wires: fields{
		"task_definition": "{task-definition/" + name + "}", "service_connect_configuration[0].namespace": "{http-namespace/main}",
		"network_configuration[0].security_groups": "{security-group/" + name + "}",
		"network_configuration[0].subnets":         "{subnet/private-a} {subnet/private-b}",
	}}
	if name == "gateway" {
		r.wires["load_balancer[0].target_group_arn"] = "{target-group/gateway}"
	}
	return r
}

func showService(o *object) fields {
	const (
		network = "networkConfiguration.awsvpcConfiguration."
		config  = "deploymentConfiguration."
		connect = "serviceConnectConfiguration.services.0."
	)
	out := fields{
		"cluster":                              clusterOf(o),
		"capacity_provider_strategy[0].weight": o.at("capacityProviderStrategy.0.weight"),
		"capacity_provider_strategy[0].capacity_provider": o.at("capacityProviderStrategy.0.capacityProvider"),
		"deployment_controller[0].type":                   o.at("deploymentController"), "scheduling_strategy": o.at("schedulingStrategy"),
		"desired_count": o.at("desiredCount"), "enable_ecs_managed_tags": o.at("enableECSManagedTags"),
		"enable_execute_command": o.at("enableExecuteCommand"), "propagate_tags": o.at("propagateTags"), "task_definition": o.at("taskDefinition"),
		"health_check_grace_period_seconds":                                    o.at("healthCheckGracePeriodSeconds"),
		"deployment_maximum_percent":                                           o.at(config + "maximumPercent"),
		"deployment_minimum_healthy_percent":                                   o.at(config + "minimumHealthyPercent"),
		"deployment_circuit_breaker[0].enable":                                 o.at(config + "deploymentCircuitBreaker.enable"),
		"deployment_circuit_breaker[0].rollback":                               o.at(config + "deploymentCircuitBreaker.rollback"),
		"deployment_configuration[0].bake_time_in_minutes":                     o.at(config + "bakeTimeInMinutes"),
		"deployment_configuration[0].strategy":                                 o.at(config + "strategy"),
		"network_configuration[0].assign_public_ip":                            switched(o.at(network+"assignPublicIp"), "ENABLED"),
		"network_configuration[0].security_groups":                             o.list(network + "securityGroups"),
		"network_configuration[0].subnets":                                     o.list(network + "subnets"),
		"service_connect_configuration[0].enabled":                             o.at("serviceConnectConfiguration.enabled"),
		"service_connect_configuration[0].namespace":                           o.at("serviceConnectConfiguration.namespace"),
		"service_connect_configuration[0].service[0].discovery_name":           o.at(connect + "discoveryName"),
		"service_connect_configuration[0].service[0].port_name":                o.at(connect + "portName"),
		"service_connect_configuration[0].service[0].client_alias[0].dns_name": o.at(connect + "clientAliases.0.dnsName"),
		"service_connect_configuration[0].service[0].client_alias[0].port":     o.at(connect + "clientAliases.0.port"),
	}
	if o.at("loadBalancers.0.containerName") != "" {
		out["load_balancer[0].container_name"], out["load_balancer[0].container_port"] = o.at("loadBalancers.0.containerName"), o.at("loadBalancers.0.containerPort")
		out["load_balancer[0].target_group_arn"] = o.at("loadBalancers.0.targetGroupArn")
	}
	return out
}

// clusterOf is the cluster in a service's ARN.
func clusterOf(o *object) string {
	return o.all.labels.Replace(strings.Split(o.ARN, "/")[1])
}
