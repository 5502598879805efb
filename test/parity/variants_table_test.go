package parity

import "maps"

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
		name: "server_mode = mcp", of: minimal, ours: `{spec: {mode: MCP, mcp: {baseURL: "https://mcp.example.com"}}}`,
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
		name: "gateway_lifecycle_hook with a function of one's own", of: production, ours: `
spec: {gateway: {rollout: {hooks: [{stages: [ReconcileService], lambda: {functionARN: "` + hookFunction + `"}}]}}}
`,
		planned: map[string]fields{gatewayServiceOf: {
			"deployment_configuration[0].lifecycle_hook[0].hook_target_arn": hookFunction, "deployment_configuration[0].lifecycle_hook[0].role_arn": "{role/" + hookRole + "}",
			"deployment_configuration[0].lifecycle_hook[0].lifecycle_stages": "RECONCILE_SERVICE",
		}},
		adds: []addition{
			{"aws_iam_role.ecs_hook_role[0]", row{kind: "Role", node: "role/" + hookRole, show: showRole}, fields{
				"assume_role_policy":   `{"Statement":[{"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{"Service":["ecs.amazonaws.com"]}}],"Version":"2012-10-17"}`,
				"max_session_duration": "3600", "path": "/"}},
			{"aws_iam_role_policy.lambda_access_policy", inline(hookRole, "invoke"), fields{"role": "{role/" + hookRole + "}",
				"policy": `{"Statement":[{"Action":["lambda:InvokeFunction","lambda:InvokeAsync"],"Effect":"Allow","Resource":"` + hookFunction + `"}],"Version":"2012-10-17"}`}},
		},
		differences: []difference{{production, "aws_iam_role_policy", "policy", "*", "*", improvement, "ECS calls a function by InvokeFunction; InvokeAsync is for an API that AWS has given up"}},
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
	{
		name: "lb_type = network and internal_lb = false with tls_certificate_arn and access logs", of: minimal, ours: `
spec:
  loadBalancer:
    scheme: InternetFacing
    certificateARN: arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555
    allowedCIDRs: [203.0.113.0/24]
    accessLogs: {bucket: portkey-alb-access-logs, prefix: gateway}
`,
		planned: map[string]fields{
			"module.gateway.aws_lb.lb[0]": {"internal": "false", "subnets": "{subnet/public-a} {subnet/public-b}",
				"access_logs[0].enabled": "true", "access_logs[0].bucket": "{access log bucket}", "access_logs[0].prefix": "gateway"},
			"module.gateway.aws_lb_listener.prod[0]":                          {"port": "443", "protocol": "TLS", "certificate_arn": "{certificate}", "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"},
			"aws_vpc_security_group_ingress_rule.lb_prod_listener_ingress[0]": {"from_port": "443", "to_port": "443", "cidr_ipv4": "203.0.113.0/24"},
		},
	},
	{
		name: "canary_configuration behind a Network Load Balancer", of: minimal, ours: `
spec: {gateway: {rollout: {strategy: Canary, canary: {percent: 20, bakeTime: 7m}}}}
`,
		planned: map[string]fields{gatewayServiceOf: shiftedBy("CANARY", "listener/production", "listener/test", fields{
			"deployment_configuration[0].canary_configuration[0].canary_percent":              "20",
			"deployment_configuration[0].canary_configuration[0].canary_bake_time_in_minutes": "7",
		})},
		adds: []addition{
			{`module.gateway.aws_lb_target_group.green_tg["default"]`, targetGroup("gateway-green"), fields{
				"deregistration_delay": "60", "port": "8787", "protocol": "TCP", "proxy_protocol_v2": "false", "region": "us-east-1", "target_type": "ip", "vpc_id": "{vpc/main}",
				"health_check[0].enabled": "true", "health_check[0].healthy_threshold": "2", "health_check[0].unhealthy_threshold": "3", "health_check[0].interval": "30",
				"health_check[0].timeout": "10", "health_check[0].port": "traffic-port", "health_check[0].protocol": "TCP"}},
			{"module.gateway.aws_lb_listener.test[0]", listener("test"), fields{
				"load_balancer_arn": "{load-balancer/main}", "port": "8080", "protocol": "TCP", "region": "us-east-1",
				"default_action[0].type": "forward", "default_action[0].target_group_arn": "{target-group/gateway-green}"}},
			{"aws_vpc_security_group_ingress_rule.lb_test_listener_ingress[0]", ingress("load-balancer", "", 8080), fields{
				"security_group_id": "{security-group/load-balancer}", "from_port": "8080", "to_port": "8080", "cidr_ipv4": "10.0.0.0/16", "ip_protocol": "tcp", "region": "us-east-1"}},
		},
		differences: []difference{
			{minimal, "aws_lb_listener", "tags.Environment", "", "dev", equivalent, "the tags of spec.tags are on every object"},
			{minimal, "aws_lb_listener", "default_action[0].target_group_arn", "{target-group/gateway}", "{target-group/gateway-green}", equivalent, "what ECS made of it"},
		},
	},
	{
		name: "lb_type = application and internal_lb = true without tls_certificate_arn", of: gatewayMCP, ours: `
spec:
  mode: Gateway
  loadBalancer: {scheme: Internal, certificateARN: "", allowedCIDRs: [], hosts: {gateway: "", mcp: ""}}
`,
		planned: map[string]fields{
			"module.gateway.aws_lb.lb[0]":                                     {"internal": "true", "subnets": "{subnet/private-a} {subnet/private-b}"},
			"module.gateway.aws_lb_listener.prod[0]":                          {"port": "80", "protocol": "HTTP", "certificate_arn": "", "ssl_policy": ""},
			"aws_vpc_security_group_ingress_rule.lb_prod_listener_ingress[0]": {"from_port": "80", "to_port": "80", "cidr_ipv4": "10.0.0.0/16"},
			`module.gateway.aws_lb_listener_rule.prod_rules["gateway"]`: {
				"condition[0].host_header[0].values[0]": "", "condition[1].path_pattern[0].values[0]": "", "condition[0].path_pattern[0].values[0]": "/*"},
			gatewayDefinition: {
				gatewayEnv + "[SERVER_MODE].value": "", gatewayEnv + "[MCP_PORT].name": "", gatewayEnv + "[MCP_PORT].value": "",
				gatewayEnv + "[MCP_GATEWAY_BASE_URL].name": "", gatewayEnv + "[MCP_GATEWAY_BASE_URL].value": "", mcpPort + "name": "", mcpPort + "appProtocol": "",
				mcpPort + "containerPort": "", mcpPort + "hostPort": "", mcpPort + "protocol": "",
			},
			gatewayServiceOf: {
				"load_balancer[1].container_name": "", "load_balancer[1].container_port": "", "load_balancer[1].target_group_arn": "",
				mcpConnect + "discovery_name": "", mcpConnect + "port_name": "", mcpConnect + "client_alias[0].dns_name": "", mcpConnect + "client_alias[0].port": "",
			},
		},
		without: []string{`module.gateway.aws_lb_listener_rule.prod_rules["mcp"]`, `module.gateway.aws_lb_target_group.blue_tg["mcp"]`, "aws_vpc_security_group_ingress_rule.mcp_service"},
	},
	{
		name: "gateway_config.mcp_port", of: gatewayMCP, ours: `{spec: {mcp: {port: 9001}}}`,
		planned: map[string]fields{
			gatewayDefinition: {gatewayEnv + "[MCP_PORT].value": "9001", mcpPort + "containerPort": "9001", mcpPort + "hostPort": "9001"},
			gatewayServiceOf:  {"load_balancer[1].container_port": "9001", mcpConnect + "client_alias[0].port": "9001"},
			`module.gateway.aws_lb_target_group.blue_tg["mcp"]`:             {"port": "9001"},
			"aws_vpc_security_group_ingress_rule.mcp_service_lb_ingress[0]": {"from_port": "9001", "to_port": "9001"},
		},
		differences: []difference{{gatewayMCP, "aws_lb_target_group", "port", "9001", "8788", equivalent, "as with the gateway's port"}},
	},
	{
		name: "alb_routing_configuration with paths", of: gatewayMCP, ours: `
spec:
  mcp: {baseURL: "https://example.com/mcp"}
  loadBalancer: {hosts: {gateway: "", mcp: ""}, paths: {gateway: /gateway, mcp: /mcp}}
`,
		planned: map[string]fields{
			`module.gateway.aws_lb_listener_rule.prod_rules["gateway"]`: pathRule("/gateway"),
			`module.gateway.aws_lb_listener_rule.prod_rules["mcp"]`:     pathRule("/mcp"),
			gatewayDefinition: {gatewayEnv + "[MCP_GATEWAY_BASE_URL].value": "https://example.com/mcp"},
		},
		differences: []difference{
			{gatewayMCP, "aws_lb_listener_rule", "condition[0].path_pattern[0].values*", "*", "*", improvement, "the path itself, without anything below it, matches too"},
			{gatewayMCP, "aws_lb_listener_rule", "transform[0].url_rewrite_config[0].rewrite[0].regex", "*", "*", improvement, "the path itself is rewritten to /"},
		},
	},
}

const (
	hookFunction = "arn:aws:lambda:us-east-1:123456789012:function:verdict"
	hookRole     = "hooks-3bba3f28" // of just that function

	mcpPort    = "container_definitions[0].portMappings[1]."
	mcpConnect = "service_connect_configuration[0].service[1]."
)

// pathRule is a rule of the module's for a path, on any host.
func pathRule(path string) fields {
	const transform = "transform[0]."
	return fields{
		"condition[0].host_header[0].values[0]": "", "condition[1].path_pattern[0].values[0]": "", "condition[0].path_pattern[0].values[0]": path + "/*",
		transform + "type": "url-rewrite", transform + "url_rewrite_config[0].rewrite[0].regex": "^" + path + "/(.*)$", transform + "url_rewrite_config[0].rewrite[0].replace": "/$1",
	}
}

// shiftedBy is what a service has for a strategy that shifts traffic between two target groups.
func shiftedBy(strategy, production, test string, more fields) fields {
	out := fields{
		"deployment_configuration[0].strategy": strategy, shifting + "alternate_target_group_arn": "{target-group/gateway-green}", shifting + "role_arn": "{role/load-balancing}",
		shifting + "production_listener_rule": "{" + production + "}", shifting + "test_listener_rule": "{" + test + "}",
	}
	maps.Copy(out, more)
	return out
}
