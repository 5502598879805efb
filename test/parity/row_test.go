package parity

import "strings"

// row says which object of ours stands for a resource of Terraform's plan, and shows it in Terraform's
// words.
type row struct {
	kind, node string
	show       func(*object) fields
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
	"subnet_id": true, "task_definition": true, "vpc_id": true, "vpc_security_group_ids": true, "vpc_zone_identifier": true,
	"aws_nat_gateway allocation_id": true, "aws_route route_table_id": true, "aws_route_table_association route_table_id": true,
}

func connects(p planned, path string) bool { return connections[path] || connections[p.Type+" "+path] }

// rows has a row for each planned resource that is an object of ours, or part of one.
var rows = func() map[string]row {
	all := map[string]row{}
	for _, area := range []map[string]row{networkRows, securityRows, identityRows, capacityRows, serviceRows, routingRows} {
		for address, r := range area {
			all[address] = r
		}
	}
	return all
}()

// switched prints a setting that AWS writes in words as Terraform has it, true or false.
func switched(value, on string) string {
	if strings.EqualFold(value, on) {
		return "true"
	}
	return "false"
}
