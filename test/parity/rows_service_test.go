package parity

import (
	"fmt"
	"strings"
)

var serviceRows = merged(map[string]row{
	"aws_service_discovery_http_namespace.service_discovery_namespace": {kind: "HTTPNamespace", node: "http-namespace/main", show: showNamespace},
}, service("module.gateway", "gateway"), service("module.data_service[0]", "data-service"), service("module.redis[0]", "redis"))

// service are a service, its task definition and its logs.
func service(module, name string) map[string]row {
	return inModule(module, map[string]row{
		".aws_cloudwatch_log_group.ecs_service[0]": {kind: "LogGroup", node: "log-group/" + name, show: showLogGroup},
		".aws_ecs_task_definition.task_definition": {
			kind: "TaskDefinition", node: "task-definition/" + name, show: showDefinition,
			wires: fields{"execution_role_arn": "{role/" + name + "-execution}", "task_role_arn": "{role/" + name + "-task}"},
		},
		".aws_ecs_service.service": {kind: "Service", node: "service/" + name, show: showService, wires: fields{
			"task_definition": "{task-definition/" + name + "}", "service_connect_configuration[0].namespace": "{http-namespace/main}",
			"network_configuration[0].security_groups": "{security-group/" + name + "}", "network_configuration[0].subnets": "{subnet/private-*}",
			"load_balancer[0].target_group_arn": "{target-group/gateway}", "load_balancer[1].target_group_arn": "{target-group/mcp}",
			shifting + "alternate_target_group_arn": "{target-group/gateway-green}", shifting + "role_arn": "{role/load-balancing}",
			shifting + "production_listener_rule": "{listener-rule/gateway}", shifting + "test_listener_rule": "{listener-rule/gateway-test}",
		}},
	})
}

// shifting is how ECS moves traffic between two target groups.
const shifting = "load_balancer[0].advanced_configuration[0]."

func showNamespace(o *object) fields { return fields{"description": o.at("description")} }

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

func showService(o *object) fields {
	const (
		network = "networkConfiguration.awsvpcConfiguration."
		config  = "deploymentConfiguration."
		connect = "serviceConnectConfiguration."
	)
	out := fields{
		"cluster":                              clusterOf(o),
		"capacity_provider_strategy[0].weight": o.at("capacityProviderStrategy.0.weight"),
		"capacity_provider_strategy[0].capacity_provider": o.at("capacityProviderStrategy.0.capacityProvider"),
		"deployment_controller[0].type":                   o.at("deploymentController"), "scheduling_strategy": o.at("schedulingStrategy"),
		"desired_count": o.at("desiredCount"), "enable_ecs_managed_tags": o.at("enableECSManagedTags"),
		"enable_execute_command": o.at("enableExecuteCommand"), "propagate_tags": o.at("propagateTags"), "task_definition": o.at("taskDefinition"),
		"health_check_grace_period_seconds":                o.at("healthCheckGracePeriodSeconds"),
		"deployment_maximum_percent":                       o.at(config + "maximumPercent"),
		"deployment_minimum_healthy_percent":               o.at(config + "minimumHealthyPercent"),
		"deployment_circuit_breaker[0].enable":             o.at(config + "deploymentCircuitBreaker.enable"),
		"deployment_circuit_breaker[0].rollback":           o.at(config + "deploymentCircuitBreaker.rollback"),
		"deployment_configuration[0].bake_time_in_minutes": o.at(config + "bakeTimeInMinutes"),
		"deployment_configuration[0].strategy":             o.at(config + "strategy"),
		"network_configuration[0].assign_public_ip":        switched(o.at(network+"assignPublicIp"), "ENABLED"),
		"network_configuration[0].security_groups":         o.list(network + "securityGroups"),
		"network_configuration[0].subnets":                 o.list(network + "subnets"),
		"service_connect_configuration[0].enabled":         o.at(connect + "enabled"),
		"service_connect_configuration[0].namespace":       o.at(connect + "namespace"),
	}
	for theirs, aws := range map[string]string{"canary_configuration[0].canary_": "canaryConfiguration.canary", "linear_configuration[0].step_": "linearConfiguration.step"} {
		if o.at(config+aws+"Percent") != "" {
			out["deployment_configuration[0]."+theirs+"percent"] = o.at(config + aws + "Percent")
			out["deployment_configuration[0]."+theirs+"bake_time_in_minutes"] = o.at(config + aws + "BakeTimeInMinutes")
		}
	}
	for i := range o.length(config + "lifecycleHooks") {
		from, to := fmt.Sprintf("%slifecycleHooks.%d.", config, i), fmt.Sprintf("deployment_configuration[0].lifecycle_hook[%d].", i)
		out[to+"hook_target_arn"], out[to+"role_arn"], out[to+"lifecycle_stages"] = o.at(from+"hookTargetArn"), o.at(from+"roleArn"), o.list(from+"lifecycleStages")
	}
	for i := range o.length(connect + "services") {
		from, to := fmt.Sprintf("%sservices.%d.", connect, i), fmt.Sprintf("service_connect_configuration[0].service[%d].", i)
		out[to+"discovery_name"], out[to+"port_name"] = o.at(from+"discoveryName"), o.at(from+"portName")
		out[to+"client_alias[0].dns_name"], out[to+"client_alias[0].port"] = o.at(from+"clientAliases.0.dnsName"), o.at(from+"clientAliases.0.port")
	}
	for i := range o.length("loadBalancers") {
		from, to := fmt.Sprintf("loadBalancers.%d.", i), fmt.Sprintf("load_balancer[%d].", i)
		out[to+"container_name"], out[to+"container_port"] = o.at(from+"containerName"), o.at(from+"containerPort")
		out[to+"target_group_arn"] = o.at(from + "targetGroupArn")
		from, to = from+"advancedConfiguration.", to+"advanced_configuration[0]."
		out[to+"alternate_target_group_arn"], out[to+"role_arn"] = o.at(from+"alternateTargetGroupArn"), o.at(from+"roleArn")
		out[to+"production_listener_rule"], out[to+"test_listener_rule"] = o.at(from+"productionListenerRule"), o.at(from+"testListenerRule")
	}
	return out
}

// clusterOf is the cluster in a service's ARN.
func clusterOf(o *object) string {
	return o.all.labels.Replace(strings.Split(o.ARN, "/")[1])
}
