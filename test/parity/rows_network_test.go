package parity

import "fmt"

var networkRows = merged(map[string]row{
	"module.vpc[0].aws_vpc.this[0]":                      {kind: "VPC", node: "vpc/main", show: showVPC},
	"module.vpc[0].aws_internet_gateway.this[0]":         {kind: "InternetGateway", node: "internet-gateway/main", show: showInternetGateway, wires: inVPC(nil)},
	"module.vpc[0].aws_route_table.public[0]":            {kind: "RouteTable", node: "route-table/public", show: showRouteTable, wires: inVPC(nil)},
	"module.vpc[0].aws_route.public_internet_gateway[0]": {kind: "RouteTable", node: "route-table/public", show: showRoute("gatewayId", "gateway_id"), wires: fields{"gateway_id": "{internet-gateway/main}", "route_table_id": "{route-table/public}"}},
	"module.vpc[0].aws_default_network_acl.this[0]":      {kind: "NetworkACL", node: "vpc-defaults/main", show: showNetworkACL, wires: inVPC(nil)},
	"module.vpc[0].aws_default_route_table.default[0]":   {kind: "RouteTable", node: "vpc-defaults/main", show: showRouteTable, wires: inVPC(nil)},
	"module.vpc[0].aws_default_security_group.this[0]":   {kind: "SecurityGroup", node: "vpc-defaults/main", show: showDefaultGroup, wires: inVPC(nil)},
}, zone(0, "a", "private"), zone(1, "b", "private-b"), zone(2, "c", "private-c"))

// zone are what there is in each zone. table is the private route table of the zone, where each has one; those
// that share one share the first zone's.
func zone(i int, letter, table string) map[string]row {
	out := map[string]row{
		".aws_subnet.public":                   subnet("public-" + letter),
		".aws_subnet.private":                  subnet("private-" + letter),
		".aws_route_table_association.public":  association("public", "public-"+letter),
		".aws_route_table_association.private": association("private", "private-"+letter),
		".aws_eip.nat":                         {kind: "ElasticIP", node: "elastic-ip/nat-" + letter, show: showElasticIP},
		".aws_nat_gateway.this":                {kind: "NATGateway", node: "nat-gateway/" + letter, show: showNATGateway, wires: inVPC(fields{"subnet_id": "{subnet/public-" + letter + "}", "allocation_id": "{elastic-ip/nat-" + letter + "}"})},
		".aws_route_table.private":             {kind: "RouteTable", node: "route-table/" + table, show: showRouteTable, wires: inVPC(nil)},
		".aws_route.private_nat_gateway":       {kind: "RouteTable", node: "route-table/" + table, show: showRoute("natGatewayId", "nat_gateway_id"), wires: fields{"nat_gateway_id": "{nat-gateway/" + letter + "}", "route_table_id": "{route-table/" + table + "}"}},
	}
	indexed := map[string]row{}
	for address, r := range out {
		indexed[fmt.Sprintf("%s[%d]", address, i)] = r
	}
	return inModule("module.vpc[0]", indexed)
}

func inVPC(more fields) fields {
	out := fields{"vpc_id": "{vpc/main}"}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func showVPC(o *object) fields {
	return fields{
		"cidr_block": o.at("cidrBlock"), "enable_dns_hostnames": o.at("enableDnsHostnames"), "enable_dns_support": o.at("enableDnsSupport"),
		"instance_tenancy": o.at("instanceTenancy"),
	}
}

func showInternetGateway(o *object) fields { return fields{"vpc_id": o.at("attachmentSet.0.vpcId")} }

func showElasticIP(o *object) fields { return fields{"domain": o.at("domain")} }

func showNATGateway(o *object) fields {
	return fields{
		"connectivity_type": o.at("connectivityType"), "subnet_id": o.at("subnetId"), "vpc_id": o.at("vpcId"),
		"allocation_id": o.at("natGatewayAddressSet.0.allocationId"),
	}
}

func subnet(name string) row {
	return row{kind: "Subnet", node: "subnet/" + name, wires: inVPC(nil), show: func(o *object) fields {
		return fields{
			"availability_zone": o.at("availabilityZone"), "cidr_block": o.at("cidrBlock"), "vpc_id": o.at("vpcId"),
			"assign_ipv6_address_on_creation": o.at("assignIpv6AddressOnCreation"), "enable_dns64": o.at("enableDns64"),
			"ipv6_native": o.at("ipv6Native"), "map_public_ip_on_launch": o.at("mapPublicIpOnLaunch"),
			"enable_resource_name_dns_a_record_on_launch":    o.at("privateDnsNameOptionsOnLaunch.enableResourceNameDnsARecord"),
			"enable_resource_name_dns_aaaa_record_on_launch": o.at("privateDnsNameOptionsOnLaunch.enableResourceNameDnsAAAARecord"),
		}
	}}
}

func showRouteTable(o *object) fields { return fields{"vpc_id": o.at("vpcId")} }

// showRoute shows the one route of a table that AWS didn't make with it.
func showRoute(from, to string) func(*object) fields {
	return func(o *object) fields {
		if n := len(o.get("routeSet").([]any)); n != 2 {
			panic(fmt.Sprintf("%s has %d routes", o.ID, n))
		}
		return fields{
			"destination_cidr_block": o.at("routeSet.1.destinationCidrBlock"), to: o.at("routeSet.1." + from), "route_table_id": o.at("routeTableId"),
		}
	}
}

func association(table, name string) row {
	return row{
		kind: "RouteTableAssociation", node: "association of " + name, is: func(o *object) bool { return o.at("subnetId") == "{subnet/"+name+"}" }, wires: fields{"subnet_id": "{subnet/" + name + "}", "route_table_id": "{route-table/" + table + "}"},
		show: func(o *object) fields {
			return fields{"subnet_id": o.at("subnetId"), "route_table_id": o.at("routeTableId")}
		},
	}
}

// showNetworkACL shows the entries without AWS's last one, which denies the rest and can't be changed.
func showNetworkACL(o *object) fields {
	out := fields{"vpc_id": o.at("vpcId")}
	for i, e := range o.get("entrySet").([]any) {
		at := fmt.Sprintf("entrySet.%d.", i)
		if o.at(at+"ruleNumber") == "32767" {
			continue
		}
		direction := "ingress"
		if e.(map[string]any)["egress"] == true {
			direction = "egress"
		}
		to := direction + "[" + o.at(at+"ruleNumber") + "]."
		out[to+"action"], out[to+"protocol"], out[to+"rule_no"] = o.at(at+"ruleAction"), o.at(at+"protocol"), o.at(at+"ruleNumber")
		out[to+"cidr_block"] = o.at(at + "cidrBlock")
		// Terraform writes 0 for the ports of all protocols; AWS has none there.
		out[to+"from_port"], out[to+"to_port"] = "0", "0"
		if o.at(at+"portRange") != "" {
			out[to+"from_port"], out[to+"to_port"] = o.at(at+"portRange.from"), o.at(at+"portRange.to")
		}
	}
	return out
}

// showDefaultGroup: Terraform empties the VPC's default group.
func showDefaultGroup(o *object) fields {
	return fields{"vpc_id": o.at("vpcId"), "rules": o.at("ipPermissions") + o.at("ipPermissionsEgress")}
}
