package parity

import (
	"fmt"
	"slices"
)

var securityRows = map[string]row{
	"module.autoscaling_sg[0].aws_security_group.this_name_prefix[0]":          group("instances"),
	"module.gateway.aws_security_group.lb_sg[0]":                               group("load-balancer"),
	"module.gateway.aws_security_group.service_sg":                             group("gateway"),
	"module.data_service[0].aws_security_group.service_sg":                     group("data-service"),
	"module.redis[0].aws_security_group.service_sg":                            group("redis"),
	"module.autoscaling_sg[0].aws_security_group_rule.egress_rules[0]":         egress("instances", showOldRule),
	"module.gateway.aws_vpc_security_group_egress_rule.lb_egress[0]":           egress("load-balancer", showRule),
	"module.gateway.aws_vpc_security_group_egress_rule.service_egress":         egress("gateway", showRule),
	"module.data_service[0].aws_vpc_security_group_egress_rule.service_egress": egress("data-service", showRule),
	"module.redis[0].aws_vpc_security_group_egress_rule.service_egress":        egress("redis", showRule),
	"aws_vpc_security_group_ingress_rule.gateway_service_lb_ingress[0]":        ingress("gateway", "load-balancer", 9000, 8787),
	"aws_vpc_security_group_ingress_rule.mcp_service_lb_ingress[0]":            ingress("gateway", "load-balancer", 9001, 8788),
	"aws_vpc_security_group_ingress_rule.gateway_from_dataservice_ingress[0]":  ingress("gateway", "data-service", 8787),
	"aws_vpc_security_group_ingress_rule.dataservice_from_gateway_ingress[0]":  ingress("data-service", "gateway", 8081),
	"aws_vpc_security_group_ingress_rule.redis_lb_from_gateway_ingress[0]":     ingress("redis", "gateway", 6379),
	"aws_vpc_security_group_ingress_rule.lb_prod_listener_ingress[0]":          ingress("load-balancer", "", 80, 443),
	"aws_vpc_security_group_ingress_rule.lb_test_listener_ingress[0]":          ingress("load-balancer", "", 8080, 8443),
}

func group(role string) row {
	return row{kind: "SecurityGroup", node: "security-group/" + role, wires: inVPC(nil), show: func(o *object) fields {
		return fields{"description": o.at("groupDescription"), "vpc_id": o.at("vpcId")}
	}}
}

func egress(role string, show func(*object) fields) row {
	return row{
		kind: "SecurityGroupRule", node: "egress of " + role, show: show, wires: fields{"security_group_id": "{security-group/" + role + "}"},
		is: func(o *object) bool {
			return o.at("groupId") == "{security-group/"+role+"}" && o.get("isEgress") == true
		},
	}
}

// ingress is the rule for one of some ports, from a group or, where that is empty, from ranges of addresses:
// a load balancer's port depends on whether it has a certificate, and the gateway's can be chosen.
func ingress(role, from string, ports ...int) row {
	r := row{kind: "SecurityGroupRule", node: fmt.Sprintf("ingress of %s on %d", role, ports[len(ports)-1]), show: showRule, wires: fields{"security_group_id": "{security-group/" + role + "}"}}
	source := ""
	if from != "" {
		source = "{security-group/" + from + "}"
		r.node += " from " + from
		r.wires["referenced_security_group_id"] = source
	}
	r.is = func(o *object) bool {
		return o.at("groupId") == "{security-group/"+role+"}" && o.get("isEgress") != true && o.at("referencedGroupInfo.groupId") == source &&
			slices.ContainsFunc(ports, func(p int) bool { return o.at("fromPort") == fmt.Sprint(p) })
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
