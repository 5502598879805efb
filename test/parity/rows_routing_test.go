package parity

import "fmt"

var routingRows = inModule("module.gateway", map[string]row{
	".aws_lb.lb[0]": {kind: "LoadBalancer", node: "load-balancer/main", show: showLoadBalancer, wires: inVPC(fields{
		"security_groups": "{security-group/load-balancer}", "subnets": "{subnet/private-*}"})},
	".aws_lb_listener.prod[0]":                    listener("production"),
	".aws_lb_listener.test[0]":                    listener("test"),
	`.aws_lb_listener_rule.prod_rules["gateway"]`: rule("gateway", "production", "gateway"),
	`.aws_lb_listener_rule.prod_rules["mcp"]`:     rule("mcp", "production", "mcp"),
	`.aws_lb_listener_rule.test_rules["gateway"]`: rule("gateway-test", "test", "gateway-green"),
	`.aws_lb_target_group.blue_tg["default"]`:     targetGroup("gateway"),
	`.aws_lb_target_group.blue_tg["gateway"]`:     targetGroup("gateway"),
	`.aws_lb_target_group.blue_tg["mcp"]`:         targetGroup("mcp"),
	`.aws_lb_target_group.green_tg["gateway"]`:    targetGroup("gateway-green"),
})

func listener(name string) row {
	return row{kind: "Listener", node: "listener/" + name, show: showListener, wires: fields{
		"load_balancer_arn": "{load-balancer/main}", "default_action[0].target_group_arn": "{target-group/gateway}"}}
}

func rule(name, listener, group string) row {
	return row{kind: "ListenerRule", node: "listener-rule/" + name, show: showListenerRule, wires: fields{
		"listener_arn": "{listener/" + listener + "}", "action[0].target_group_arn": "{target-group/" + group + "}"}}
}

func targetGroup(name string) row {
	return row{kind: "TargetGroup", node: "target-group/" + name, show: showTargetGroup, wires: inVPC(nil)}
}

// attribute is an attribute of a load balancer or target group.
func (o *object) attribute(name string) string {
	value, _ := o.get("attributes").(map[string]any)[name].(string)
	return o.all.labels.Replace(value)
}

// loadBalancerAttributes are attributes as Terraform calls them; those of the other type of load balancer
// aren't there.
var loadBalancerAttributes = map[string]string{
	"client_keep_alive": "client_keep_alive.seconds", "desync_mitigation_mode": "routing.http.desync_mitigation_mode",
	"dns_record_client_routing_policy": "dns_record.client_routing_policy", "drop_invalid_header_fields": "routing.http.drop_invalid_header_fields.enabled",
	"enable_cross_zone_load_balancing": "load_balancing.cross_zone.enabled", "enable_deletion_protection": "deletion_protection.enabled",
	"enable_http2": "routing.http2.enabled", "enable_tls_version_and_cipher_suite_headers": "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
	"enable_waf_fail_open": "waf.fail_open.enabled", "enable_xff_client_port": "routing.http.xff_client_port.enabled",
	"enable_zonal_shift": "zonal_shift.config.enabled", "idle_timeout": "idle_timeout.timeout_seconds",
	"preserve_host_header": "routing.http.preserve_host_header.enabled", "xff_header_processing_mode": "routing.http.xff_header_processing.mode",
}

func showLoadBalancer(o *object) fields {
	out := fields{
		"internal": switched(o.at("scheme"), "internal"), "load_balancer_type": o.at("type"), "vpc_id": o.at("vpc"),
		"security_groups": o.list("securityGroups"), "subnets": o.list("subnets"),
	}
	for theirs, aws := range loadBalancerAttributes {
		out[theirs] = o.attribute(aws)
	}
	if o.attribute("access_logs.s3.enabled") == "true" {
		out["access_logs[0].enabled"], out["access_logs[0].bucket"] = "true", o.attribute("access_logs.s3.bucket")
		out["access_logs[0].prefix"] = o.attribute("access_logs.s3.prefix")
	}
	return out
}

func showListener(o *object) fields {
	const action = "defaultActions.0."
	return fields{
		"tags.Environment": o.Tags["Environment"], "port": o.at("port"), "protocol": o.at("protocol"), "load_balancer_arn": o.at("loadBalancer"),
		"certificate_arn": o.at("certificate"), "ssl_policy": o.at("sslPolicy"),
		"default_action[0].type": o.at(action + "Type"), "default_action[0].target_group_arn": forwards(o, action),
		"default_action[0].fixed_response[0].content_type": o.at(action + "FixedResponseConfig.ContentType"),
		"default_action[0].fixed_response[0].message_body": o.at(action + "FixedResponseConfig.MessageBody"),
		"default_action[0].fixed_response[0].status_code":  o.at(action + "FixedResponseConfig.StatusCode"),
	}
}

// forwards is the target group that an action leads to: of two, the one that gets the traffic.
func forwards(o *object, action string) string {
	groups := action + "ForwardConfig.TargetGroups"
	for i := range o.length(groups) {
		if group := fmt.Sprintf("%s.%d.", groups, i); o.at(group+"Weight") != "0" {
			return o.at(group + "TargetGroupArn")
		}
	}
	return o.at(action + "TargetGroupArn")
}

func showListenerRule(o *object) fields {
	out := fields{
		"listener_arn": o.at("listener"), "priority": o.at("priority"),
		"action[0].type": o.at("actions.0.Type"), "action[0].target_group_arn": forwards(o, "actions.0."),
	}
	for i := range o.length("conditions") {
		from := fmt.Sprintf("conditions.%d.", i)
		for theirs, aws := range map[string]string{"host_header": "HostHeaderConfig", "path_pattern": "PathPatternConfig"} {
			for j := range o.length(from + aws + ".Values") {
				out[fmt.Sprintf("condition[%d].%s[0].values[%d]", i, theirs, j)] = o.at(fmt.Sprintf("%s%s.Values.%d", from, aws, j))
			}
		}
	}
	for i := range o.length("transforms") {
		from, to := fmt.Sprintf("transforms.%d.", i), fmt.Sprintf("transform[%d].", i)
		out[to+"type"] = o.at(from + "Type")
		out[to+"url_rewrite_config[0].rewrite[0].regex"] = o.at(from + "UrlRewriteConfig.Rewrites.0.Regex")
		out[to+"url_rewrite_config[0].rewrite[0].replace"] = o.at(from + "UrlRewriteConfig.Rewrites.0.Replace")
	}
	return out
}

func showTargetGroup(o *object) fields {
	return fields{
		"port": o.at("port"), "protocol": o.at("protocol"), "target_type": o.at("targetType"), "vpc_id": o.at("vpc"),
		"deregistration_delay": o.attribute("deregistration_delay.timeout_seconds"), "proxy_protocol_v2": o.attribute("proxy_protocol_v2.enabled"),
		"slow_start":                        o.attribute("slow_start.duration_seconds"),
		"health_check[0].enabled":           o.at("healthCheck.enabled"),
		"health_check[0].healthy_threshold": o.at("healthCheck.healthyThreshold"), "health_check[0].unhealthy_threshold": o.at("healthCheck.unhealthyThreshold"),
		"health_check[0].interval": o.at("healthCheck.interval"), "health_check[0].timeout": o.at("healthCheck.timeout"),
		"health_check[0].port": o.at("healthCheck.port"), "health_check[0].protocol": o.at("healthCheck.protocol"),
		"health_check[0].path": o.at("healthCheck.path"), "health_check[0].matcher": o.at("healthCheck.matcher"),
	}
}
