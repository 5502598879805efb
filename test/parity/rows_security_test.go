package parity

var securityRows = map[string]row{
	"module.autoscaling_sg[0].aws_security_group.this_name_prefix[0]":      group("instances"),
	"module.gateway.aws_security_group.lb_sg[0]":                           group("load-balancer"),
	"module.gateway.aws_security_group.service_sg":                         group("gateway"),
	"module.redis[0].aws_security_group.service_sg":                        group("redis"),
	"module.autoscaling_sg[0].aws_security_group_rule.egress_rules[0]":     {kind: "SecurityGroupRule", node: "egress instances", show: showOldRule, wires: fields{"security_group_id": "{security-group/instances}"}},
	"module.gateway.aws_vpc_security_group_egress_rule.lb_egress[0]":       egress("load-balancer"),
	"module.gateway.aws_vpc_security_group_egress_rule.service_egress":     egress("gateway"),
	"module.redis[0].aws_vpc_security_group_egress_rule.service_egress":    egress("redis"),
	"aws_vpc_security_group_ingress_rule.gateway_service_lb_ingress[0]":    ingress("gateway", "load-balancer"),
	"aws_vpc_security_group_ingress_rule.lb_prod_listener_ingress[0]":      ingress("load-balancer", ""),
	"aws_vpc_security_group_ingress_rule.redis_lb_from_gateway_ingress[0]": ingress("redis", "gateway"),
}

func group(role string) row {
	return row{kind: "SecurityGroup", node: "security-group/" + role, wires: inVPC(nil), show: func(o *object) fields {
		return fields{"description": o.at("groupDescription"), "vpc_id": o.at("vpcId")}
	}}
}

func egress(role string) row {
	return row{kind: "SecurityGroupRule", node: "egress " + role, show: showRule, wires: fields{"security_group_id": "{security-group/" + role + "}"}}
}

func ingress(role, from string) row {
	r := row{kind: "SecurityGroupRule", node: "ingress " + role, show: showRule, wires: fields{"security_group_id": "{security-group/" + role + "}"}}
	if from != "" {
		r.wires["referenced_security_group_id"] = "{security-group/" + from + "}"
	}
	return r
}

func showRule(o *object) fields {
	out := fields{
		"security_group_id": o.at("groupId"), "ip_protocol": o.at("ipProtocol"), "cidr_ipv4": o.at("cidrIpv4"), "description": o.at("description"),
		"from_port": o.at("fromPort"), "to_port": o.at("toPort"), "referenced_security_group_id": o.at("referencedGroupInfo.groupId"),
	}
	if out["ip_protocol"] == "-1" { // all protocols have all ports
		delete(out, "from_port")
		delete(out, "to_port")
	}
	return out
}

// showOldRule shows a rule as Terraform's older resource has it.
func showOldRule(o *object) fields {
	direction := "ingress"
	if o.get("isEgress") == true {
		direction = "egress"
	}
	return fields{
		"security_group_id": o.at("groupId"), "protocol": o.at("ipProtocol"), "cidr_blocks[0]": o.at("cidrIpv4"), "description": o.at("description"),
		"from_port": o.at("fromPort"), "to_port": o.at("toPort"), "type": direction, "self": switched(o.at("referencedGroupInfo.groupId"), o.at("groupId")),
	}
}
