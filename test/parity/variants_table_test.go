package parity

const execPolicy = `{"Statement":[{"Action":["ssmmessages:CreateControlChannel","ssmmessages:CreateDataChannel",` +
	`"ssmmessages:OpenControlChannel","ssmmessages:OpenDataChannel"],"Effect":"Allow","Resource":["*"]}],"Version":"2012-10-17"}`

// twoInstances: the tasks of a variant need more than one.
var twoInstances = difference{minimal, "aws_autoscaling_group", "desired_capacity", "1", "2", equivalent, "what ECS's managed scaling makes of it"}

// targetGroupPort: a target group's own port can't be changed, so ours has a fixed one.
func targetGroupPort(theirs string) difference {
	return difference{all, "aws_lb_target_group", "port", theirs, "8787", equivalent,
		"it is only that of targets that are registered without one, and can't be changed: ECS registers each task with its own"}
}

// variants are what no example sets.
var variants = []variant{
	{
		name: "aws_region", of: minimal, instead: [2]string{"us-east-1", "eu-central-1"}, ours: `
spec:
  region: eu-central-1
  storage: {region: us-east-1}
  credentials:
    license: {secretARN: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:portkey/license-AbCdEf"}
    registry: {secretARN: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:portkey/registry-AbCdEf"}
`,
		planned: map[string]fields{gatewayDefinition: {gatewayEnv + "[LOG_STORE_REGION].value": "us-east-1"}},
	},
	{
		name: "server_mode = mcp", of: minimal, waits: "a load balancer's port of the MCP gateway", ours: `{spec: {mode: MCP, mcp: {baseURL: "https://mcp.example.com"}}}`,
		planned: map[string]fields{
			gatewayDefinition: {
				gatewayEnv + "[SERVER_MODE].value": "mcp", gatewayEnv + "[MCP_PORT].value": "8788",
				gatewayEnv + "[MCP_GATEWAY_BASE_URL].name": "MCP_GATEWAY_BASE_URL", gatewayEnv + "[MCP_GATEWAY_BASE_URL].value": "https://mcp.example.com",
				"container_definitions[0].healthCheck.command[1]":        "wget -qO- http://localhost:8788/v1/health || exit 1",
				"container_definitions[0].portMappings[0].containerPort": "8788", "container_definitions[0].portMappings[0].hostPort": "8788",
				"container_definitions[0].portMappings[0].name": "mcp",
			},
			gatewayServiceOf: {
				"load_balancer[0].container_port": "8788", connectOf + "port_name": "mcp", connectOf + "discovery_name": "mcp",
				connectOf + "client_alias[0].dns_name": "mcp", connectOf + "client_alias[0].port": "8788",
			},
			`module.gateway.aws_lb_target_group.blue_tg["default"]`: {"port": "8788"},
		},
		without: []string{"aws_vpc_security_group_ingress_rule.gateway_service_lb_ingress"},
		adds: []addition{{"aws_vpc_security_group_ingress_rule.mcp_service_lb_ingress[0]", rows["aws_vpc_security_group_ingress_rule.mcp_service_lb_ingress[0]"], fields{
			"security_group_id": "{security-group/gateway}", "referenced_security_group_id": "{security-group/load-balancer}", "from_port": "8788", "to_port": "8788",
			"ip_protocol": "tcp", "region": "us-east-1"}}},
		differences: []difference{targetGroupPort("8788")},
	},
	{
		name: "vpc_cidr", of: minimal, ours: `{spec: {network: {vpc: {cidr: 10.64.0.0/18}}, loadBalancer: {allowedCIDRs: []}}}`,
		planned: map[string]fields{
			"module.vpc[0].aws_vpc.this[0]":                                   {"cidr_block": "10.64.0.0/18"},
			"module.vpc[0].aws_subnet.public[0]":                              {"cidr_block": "10.64.0.0/22"},
			"module.vpc[0].aws_subnet.public[1]":                              {"cidr_block": "10.64.4.0/22"},
			"module.vpc[0].aws_subnet.private[0]":                             {"cidr_block": "10.64.8.0/22"},
			"module.vpc[0].aws_subnet.private[1]":                             {"cidr_block": "10.64.12.0/22"},
			"aws_vpc_security_group_ingress_rule.lb_prod_listener_ingress[0]": {"cidr_ipv4": "10.64.0.0/18"},
		},
	},
	{
		name: "environment_variables and secrets", of: minimal, ours: `
spec:
  gateway:
    env: {LOG_LEVEL: debug, ANALYTICS_STORE: clickhouse}
    secretEnv: {OPENAI_KEY: {secretARN: "arn:aws:secretsmanager:us-east-1:123456789012:secret:portkey/redis-AbCdEf", key: REDIS_PASSWORD}}
`,
		planned: map[string]fields{gatewayDefinition: {
			gatewayEnv + "[LOG_LEVEL].name": "LOG_LEVEL", gatewayEnv + "[LOG_LEVEL].value": "debug", gatewayEnv + "[ANALYTICS_STORE].value": "clickhouse",
			"container_definitions[0].secrets[OPENAI_KEY].name":      "OPENAI_KEY",
			"container_definitions[0].secrets[OPENAI_KEY].valueFrom": "arn:aws:secretsmanager:us-east-1:123456789012:secret:portkey/redis-AbCdEf:REDIS_PASSWORD::",
		}, "module.gateway.aws_iam_policy.secret_access_policy[0]": {"policy": `{"Statement":[{"Action":["secretsmanager:DescribeSecret","secretsmanager:GetSecretValue","secretsmanager:ListSecretVersionIds"],` +
			`"Effect":"Allow","Resource":["arn:aws:secretsmanager:us-east-1:123456789012:secret:portkey/redis-AbCdEf","{license secret}","{registry secret}"]}],"Version":"2012-10-17"}`}},
	},
	{
		name: "vpc_id, public_subnet_ids and private_subnet_ids", of: minimal, ours: `
spec:
  network:
    existing:
      vpcID: vpc-0123456789abcdef0
      publicSubnetIDs: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
      privateSubnetIDs: [subnet-0123456789abcdef2, subnet-0123456789abcdef3]
  loadBalancer: {allowedCIDRs: []}
`,
		planned: map[string]fields{"aws_vpc_security_group_ingress_rule.lb_prod_listener_ingress[0]": {"cidr_ipv4": "10.20.0.0/16"}},
		without: []string{"module.vpc[0]"},
	},
	{
		name: "instance_type, target_capacity and instance_refresh", of: minimal, ours: `
spec: {capacity: {ec2: {instanceType: t4g.xlarge, targetPercent: 80, instanceRefresh: {}}}}
`, differences: []difference{twoInstances},
		planned: map[string]fields{
			`module.autoscaling["primary_provider"].aws_launch_template.this[0]`: {"instance_type": "t4g.xlarge"},
			`module.ecs_cluster[0].aws_ecs_capacity_provider.this["primary_provider"]`: {
				"auto_scaling_group_provider[0].managed_scaling[0].target_capacity": "80"},
		},
	},
	{
		name: "gateway_image, gateway_config and redis_image", of: minimal, ours: `
spec:
  gateway: {image: {repository: acme/gateway, tag: "1"}, port: 9000, replicas: 2, enableExec: true}
  cache: {builtIn: {image: {repository: valkey/valkey, tag: "8"}, resources: {cpu: 500m, memory: 1Gi}}}
`,
		planned: map[string]fields{
			gatewayDefinition: {
				"container_definitions[0].image": "docker.io/acme/gateway:1", gatewayEnv + "[PORT].value": "9000",
				"container_definitions[0].healthCheck.command[1]":        "wget -qO- http://localhost:9000/v1/health || exit 1",
				"container_definitions[0].portMappings[0].containerPort": "9000", "container_definitions[0].portMappings[0].hostPort": "9000",
			},
			gatewayServiceOf: {
				"desired_count": "2", "enable_execute_command": "true", "load_balancer[0].container_port": "9000",
				"service_connect_configuration[0].service[0].client_alias[0].port": "9000",
			},
			`module.gateway.aws_lb_target_group.blue_tg["default"]`:             {"port": "9000"},
			"aws_vpc_security_group_ingress_rule.gateway_service_lb_ingress[0]": {"from_port": "9000", "to_port": "9000"},
			"module.redis[0].aws_ecs_task_definition.task_definition": {
				"container_definitions[0].image": "docker.io/valkey/valkey:8", "cpu": "512", "memory": "1024"},
		},
		adds:        []addition{{"module.gateway.aws_iam_role_policy.task_exec_policies[0]", inline("gateway-task", "exec"), fields{"policy": execPolicy, "role": "{role/gateway-task}"}}},
		differences: []difference{twoInstances, targetGroupPort("9000")},
	},
	{
		name: "gateway_deployment_circuit_breaker", of: minimal, ours: `{spec: {gateway: {rollout: {circuitBreaker: {rollback: false}}}}}`,
		planned: map[string]fields{gatewayServiceOf: {"deployment_circuit_breaker[0].rollback": "false"}},
	},
	{
		name: "gateway_task_role_policy_arns", of: minimal, ours: `{spec: {gateway: {taskRole: {policyARNs: ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"]}}}}`,
		adds: []addition{{`module.gateway.aws_iam_role_policy_attachment.task_role_policies["other"]`, attached("gateway-task"),
			fields{"role": "{role/gateway-task}", "policy_arn": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"}}},
	},
	{
		name: "create_lb = false", of: minimal, ours: `{spec: {loadBalancer: null}}`,
		planned: map[string]fields{gatewayServiceOf: {
			"load_balancer[0].container_name": "", "load_balancer[0].container_port": "", "load_balancer[0].target_group_arn": "", "health_check_grace_period_seconds": ""}},
		without: []string{"module.gateway.aws_lb", "module.gateway.aws_security_group.lb_sg", "module.gateway.aws_vpc_security_group_egress_rule.lb_egress",
			"aws_vpc_security_group_ingress_rule.lb_prod", "aws_vpc_security_group_ingress_rule.gateway_service_lb"},
	},
}
