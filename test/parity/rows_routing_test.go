package parity

var routingRows = map[string]row{
	"module.gateway.aws_lb.lb[0]": {kind: "LoadBalancer", node: "load-balancer/main", show: showLoadBalancer, wires: inVPC(fields{
		"security_groups": "{security-group/load-balancer}", "subnets": "{subnet/private-a} {subnet/private-b}"})},
	"module.gateway.aws_lb_listener.prod[0]": {kind: "Listener", node: "listener/production", show: showListener, wires: fields{
		"load_balancer_arn": "{load-balancer/main}", "default_action[0].target_group_arn": "{target-group/gateway}"}},
	`module.gateway.aws_lb_target_group.blue_tg["default"]`: {kind: "TargetGroup", node: "target-group/gateway", show: showTargetGroup, wires: inVPC(nil)},
}

// attribute is an attribute of a load balancer or target group.
func (o *object) attribute(name string) string {
	value, _ := o.get("attributes").(map[string]any)[name].(string)
	return value
}

func showLoadBalancer(o *object) fields {
	return fields{
		"internal": switched(o.at("scheme"), "internal"), "load_balancer_type": o.at("type"), "vpc_id": o.at("vpc"),
		"security_groups": o.list("securityGroups"), "subnets": o.list("subnets"),
		"dns_record_client_routing_policy": o.attribute("dns_record.client_routing_policy"),
		"enable_cross_zone_load_balancing": o.attribute("load_balancing.cross_zone.enabled"),
		"enable_deletion_protection":       o.attribute("deletion_protection.enabled"),
		"enable_zonal_shift":               o.attribute("zonal_shift.config.enabled"),
	}
}

func showListener(o *object) fields {
	return fields{
		"tags.Environment": o.Tags["Environment"], "port": o.at("port"), "protocol": o.at("protocol"), "load_balancer_arn": o.at("loadBalancer"),
		"default_action[0].type": o.at("defaultActions.0.Type"), "default_action[0].target_group_arn": o.at("defaultActions.0.TargetGroupArn"),
	}
}

func showTargetGroup(o *object) fields {
	return fields{
		"port": o.at("port"), "protocol": o.at("protocol"), "target_type": o.at("targetType"), "vpc_id": o.at("vpc"),
		"deregistration_delay": o.attribute("deregistration_delay.timeout_seconds"), "proxy_protocol_v2": o.attribute("proxy_protocol_v2.enabled"),
		"health_check[0].enabled":           o.at("healthCheck.enabled"),
		"health_check[0].healthy_threshold": o.at("healthCheck.healthyThreshold"), "health_check[0].unhealthy_threshold": o.at("healthCheck.unhealthyThreshold"),
		"health_check[0].interval": o.at("healthCheck.interval"), "health_check[0].timeout": o.at("healthCheck.timeout"),
		"health_check[0].port": o.at("healthCheck.port"), "health_check[0].protocol": o.at("healthCheck.protocol"),
	}
}
