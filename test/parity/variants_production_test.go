package parity

import "fmt"

const (
	dataDefinition = "module.data_service[0].aws_ecs_task_definition.task_definition"
	dataServiceOf  = "module.data_service[0].aws_ecs_service.service"
)

// productionVariants are those of the production example.
var productionVariants = []variant{
	{
		name: "data_service_image, dataservice_config, dataservice_autoscaling, its circuit breaker and policies", of: production, ours: `
spec:
  dataService:
    image: {repository: acme/data-service, tag: "2"}
    resources: {cpu: "1", memory: 2Gi}
    replicas: 3
    enableExec: true
    autoscaling: {minReplicas: 2, maxReplicas: 6, targetCPUPercent: 60, targetMemoryPercent: 65, scaleInCooldown: 5m, scaleOutCooldown: 1m}
    taskRole: {policyARNs: ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"]}
    rollout: {circuitBreaker: {enabled: false}}
`,
		planned: map[string]fields{
			dataDefinition: {"container_definitions[0].image": "docker.io/acme/data-service:2", "cpu": "1024", "memory": "2048"},
			dataServiceOf:  {"desired_count": "3", "enable_execute_command": "true", "deployment_circuit_breaker[0].enable": "false", "deployment_circuit_breaker[0].rollback": "false"},
		},
		adds: append(scaledTo6("module.data_service[0]", "data-service"),
			addition{"module.data_service[0].aws_iam_role_policy.task_exec_policies[0]", inline("data-service-task", "exec"), fields{"policy": execPolicy, "role": "{role/data-service-task}"}},
			addition{`module.data_service[0].aws_iam_role_policy_attachment.task_role_policies["other"]`, attached("data-service-task"),
				fields{"role": "{role/data-service-task}", "policy_arn": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"}}),
		differences: []difference{moreInstances},
	},
	{
		name: "redis_configuration of a cache without cluster mode, TLS and password", of: production, ours: `
spec: {cache: {elastiCache: {endpoint: {tls: false, clusterMode: false}, auth: null}}}
`,
		planned: map[string]fields{
			gatewayDefinition: plainCache, dataDefinition: plainCache,
			"module.gateway.aws_iam_policy.secret_access_policy[0]":         {"policy": secretPolicy("{license secret}", "{registry secret}")},
			"module.data_service[0].aws_iam_policy.secret_access_policy[0]": {"policy": secretPolicy("{license secret}", "{registry secret}")},
		},
	},
	{
		name: "object_storage with a bucket for fine-tuning and none for exports", of: production, ours: `
spec: {storage: {exportBucket: "", fineTuneBucket: dev-logs}}
`,
		planned: map[string]fields{
			dataDefinition: {"container_definitions[0].environment[FINETUNES_BUCKET].value": "dev-logs", "container_definitions[0].environment[AWS_S3_FINETUNE_BUCKET].value": "dev-logs",
				"container_definitions[0].environment[LOG_EXPORTS_BUCKET].value": "{log bucket}"},
			"aws_iam_policy.s3_access_policy":              {"policy": bucketPolicy(`"s3:GetObject","s3:PutObject"`)},
			"aws_iam_policy.data_service_s3_access_policy": {"policy": bucketPolicy(`"s3:AbortMultipartUpload","s3:DeleteObject","s3:GetObject","s3:PutObject"`)},
		},
	},
	{
		name: "linear_configuration behind an Application Load Balancer", of: production, ours: `
spec: {gateway: {rollout: {strategy: Linear, linear: {stepPercent: 25, stepBakeTime: 2m}}}}
`,
		planned: map[string]fields{gatewayServiceOf: {
			"deployment_configuration[0].strategy":                                          "LINEAR",
			"deployment_configuration[0].linear_configuration[0].step_percent":              "25",
			"deployment_configuration[0].linear_configuration[0].step_bake_time_in_minutes": "2",
		}},
	},
	{
		name: "gateway_autoscaling", of: production, ours: `
spec: {gateway: {autoscaling: {minReplicas: 2, maxReplicas: 6, targetCPUPercent: 60, targetMemoryPercent: 65, scaleInCooldown: 5m, scaleOutCooldown: 1m}}}
`,
		planned: map[string]fields{
			"module.gateway.aws_appautoscaling_target.ecs_service[0]":        {"min_capacity": "2", "max_capacity": "6"},
			"module.gateway.aws_appautoscaling_policy.cpu_utilization[0]":    {policyOf + "target_value": "60", policyOf + "scale_in_cooldown": "300"},
			"module.gateway.aws_appautoscaling_policy.memory_utilization[0]": {policyOf + "target_value": "65", policyOf + "scale_in_cooldown": "300"},
			gatewayServiceOf: {"desired_count": "2"},
		},
		differences: []difference{moreInstances},
	},
}

const policyOf = "target_tracking_scaling_policy_configuration[0]."

// moreInstances: how many there are follows from the tasks.
var moreInstances = difference{production, "aws_autoscaling_group", "desired_capacity", "*", "*", equivalent, "what ECS's managed scaling makes of it"}

var plainCache = fields{
	"container_definitions[0].environment[REDIS_MODE].value": "standalone", "container_definitions[0].environment[REDIS_TLS_ENABLED].value": "false",
	"container_definitions[0].secrets[REDIS_PASSWORD].name": "", "container_definitions[0].secrets[REDIS_PASSWORD].valueFrom": "",
}

// secretPolicy lets an execution role read secrets.
func secretPolicy(license, registry string) string {
	return fmt.Sprintf(`{"Statement":[{"Action":["secretsmanager:DescribeSecret","secretsmanager:GetSecretValue","secretsmanager:ListSecretVersionIds"],`+
		`"Effect":"Allow","Resource":[%q,%q]}],"Version":"2012-10-17"}`, license, registry)
}

// bucketPolicy allows actions on the objects of the production example's bucket and of that for fine-tuning.
func bucketPolicy(actions string) string {
	return `{"Statement":[{"Action":[` + actions + `],"Effect":"Allow","Resource":["arn:aws:s3:::dev-logs/*","arn:aws:s3:::{log bucket}/*"]}],"Version":"2012-10-17"}`
}

// scaledTo6 are a scalable target of 2 to 6 tasks and its policies.
func scaledTo6(module, service string) []addition {
	of := func(more fields) fields {
		out := fields{"region": "us-east-1", "resource_id": "service/{cluster/main}/{service/" + service + "}", "scalable_dimension": "ecs:service:DesiredCount", "service_namespace": "ecs"}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	policy := func(metric, target string) fields {
		return of(fields{
			"policy_type": "TargetTrackingScaling", policyOf + "disable_scale_in": "false", policyOf + "target_value": target,
			policyOf + "scale_in_cooldown": "300", policyOf + "scale_out_cooldown": "60",
			policyOf + "predefined_metric_specification[0].predefined_metric_type": metric,
		})
	}
	var out []addition
	for address, r := range scaling(module, service) {
		planned := of(fields{"min_capacity": "2", "max_capacity": "6"})
		switch r.node {
		case "scalable-target/" + service + ", cpu":
			planned = policy("ECSServiceAverageCPUUtilization", "60")
		case "scalable-target/" + service + ", memory":
			planned = policy("ECSServiceAverageMemoryUtilization", "65")
		}
		out = append(out, addition{address, r, planned})
	}
	return out
}
