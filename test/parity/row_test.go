package parity

import (
	"fmt"
	"maps"
	"strings"
)

// row says which object of ours stands for a resource of Terraform's plan, and shows it in Terraform's
// words.
type row struct {
	kind, node string
	// is picks the object where it has no tag that tells its node.
	is   func(*object) bool
	show func(*object) fields
	// wires are the connections to other objects, which a plan only knows after apply.
	wires fields
}

// connections are the attributes, known after apply, that connect a resource with others. What else is
// known after apply is assigned by AWS or left to it.
var connections = map[string]bool{
	"auto_scaling_group_provider[0].auto_scaling_group_arn": true, "default_action[0].target_group_arn": true, "load_balancer_arn": true,
	"execution_role_arn": true, "task_role_arn": true, "gateway_id": true, "nat_gateway_id": true, "iam_instance_profile": true,
	"launch_template[0].id": true, "load_balancer[0].target_group_arn": true, "network_configuration[0].security_groups": true,
	"network_configuration[0].subnets": true, "policy_arn": true, "referenced_security_group_id": true, "role": true,
	"security_group_id": true, "security_groups": true, "subnets": true, "service_connect_configuration[0].namespace": true,
	"listener_arn": true, "action[0].target_group_arn": true, "load_balancer[1].target_group_arn": true,
	"load_balancer[0].advanced_configuration[0].alternate_target_group_arn": true, "load_balancer[0].advanced_configuration[0].role_arn": true,
	"load_balancer[0].advanced_configuration[0].production_listener_rule": true, "load_balancer[0].advanced_configuration[0].test_listener_rule": true,
	"subnet_id": true, "task_definition": true, "vpc_id": true, "vpc_security_group_ids": true, "vpc_zone_identifier": true,
	"aws_nat_gateway allocation_id": true, "aws_route route_table_id": true, "aws_route_table_association route_table_id": true,
}

func connects(p planned, path string) bool { return connections[path] || connections[p.Type+" "+path] }

// rows has a row for each planned resource that is an object of ours, or part of one.
var rows = merged(networkRows, securityRows, identityRows, capacityRows, serviceRows, scalingRows, routingRows)

// merged are all rows of several maps.
func merged(parts ...map[string]row) map[string]row {
	out := map[string]row{}
	for _, part := range parts {
		maps.Copy(out, part)
	}
	return out
}

// inModule are the rows of a module of Terraform's.
func inModule(module string, resources map[string]row) map[string]row {
	out := map[string]row{}
	for address, r := range resources {
		out[module+address] = r
	}
	return out
}

// rewired are connections that are others in some examples.
var rewired = []struct {
	in      examples
	address string
	wires   fields
}{
	{production, "module.vpc[0].aws_route_table_association.private[1]", fields{"route_table_id": "{route-table/private-b}"}},
	{production, "module.vpc[0].aws_route_table_association.private[2]", fields{"route_table_id": "{route-table/private-c}"}},
	{production | gatewayMCP, "module.gateway.aws_lb.lb[0]", fields{"subnets": "{subnet/public-*}"}},
}

// row is the row of a resource that is planned for the example, or for a variant of it.
func (e example) row(address string) (row, bool) {
	r, ok := rows[address]
	if !ok {
		r, ok = e.more[address]
	}
	return r, ok
}

// wired are the connections of a resource in an example. A list of subnets is that of all the zones.
func (e example) wired(address string) fields {
	r, _ := e.row(address)
	out := maps.Clone(r.wires)
	for _, w := range rewired {
		if w.in&e.is != 0 && w.address == address {
			maps.Copy(out, w.wires)
		}
	}
	for path, to := range out {
		subnets, several := strings.CutSuffix(to, "*}")
		if !several {
			continue
		}
		var list []string
		for zone := range e.zones {
			list = append(list, fmt.Sprintf("%s%c}", subnets, 'a'+zone))
		}
		out[path] = strings.Join(list, " ")
	}
	return out
}

// switched prints a setting that AWS writes in words as Terraform has it, true or false.
func switched(value, on string) string {
	if strings.EqualFold(value, on) {
		return "true"
	}
	return "false"
}
