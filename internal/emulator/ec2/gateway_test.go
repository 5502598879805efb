package ec2

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func TestNetworkLifecycle(t *testing.T) {
	e := newEnv(t)
	n := e.network()
	e.locked(func() {
		public, _ := e.svc.Subnet(scope, n.public)
		private, _ := e.svc.Subnet(scope, n.private)
		if !public.Public || !public.Egress || private.Public || !private.Egress {
			t.Errorf("public %+v, private %+v", public, private)
		}
	})
	_, err := e.DetachInternetGateway(e.ctx, &sdk.DetachInternetGatewayInput{InternetGatewayId: &n.igw, VpcId: &n.vpc})
	wantCode(t, err, "DependencyViolation")
	_, err = e.ReleaseAddress(e.ctx, &sdk.ReleaseAddressInput{AllocationId: &n.allocation})
	wantCode(t, err, "AuthFailure")
	_, err = e.DeleteSubnet(e.ctx, &sdk.DeleteSubnetInput{SubnetId: &n.public})
	wantCode(t, err, "DependencyViolation")
	_, err = e.DeleteRouteTable(e.ctx, &sdk.DeleteRouteTableInput{RouteTableId: &n.publicTable})
	wantCode(t, err, "DependencyViolation")

	must(e.DeleteNatGateway(e.ctx, &sdk.DeleteNatGatewayInput{NatGatewayId: &n.nat}))(t)
	_, err = e.ReleaseAddress(e.ctx, &sdk.ReleaseAddressInput{AllocationId: &n.allocation})
	wantCode(t, err, "AuthFailure")
	e.server.Advance(natDeleting)
	must(e.ReleaseAddress(e.ctx, &sdk.ReleaseAddressInput{AllocationId: &n.allocation}))(t)
	_, err = e.ReleaseAddress(e.ctx, &sdk.ReleaseAddressInput{AllocationId: &n.allocation})
	wantCode(t, err, "InvalidAllocationID.NotFound")

	if got := must(e.DescribeNatGateways(e.ctx, &sdk.DescribeNatGatewaysInput{NatGatewayIds: []string{n.nat}}))(t).NatGateways; got[0].State != "deleted" || got[0].DeleteTime == nil {
		t.Fatalf("got %+v", got)
	}
	if e.kinds(false)["NATGateway"] != 0 || e.kinds(true)["NATGateway"] != 1 {
		t.Error("a deleted NAT gateway is described, but not live")
	}
	table := must(e.DescribeRouteTables(e.ctx, &sdk.DescribeRouteTablesInput{Filters: where("route.nat-gateway-id", n.nat)}))(t).RouteTables
	if len(table) != 1 || table[0].Routes[1].State != "blackhole" {
		t.Fatalf("the route stays as a black hole: %+v", table)
	}
	must(e.DetachInternetGateway(e.ctx, &sdk.DetachInternetGatewayInput{InternetGatewayId: &n.igw, VpcId: &n.vpc}))(t)
	_, err = e.DetachInternetGateway(e.ctx, &sdk.DetachInternetGatewayInput{InternetGatewayId: &n.igw, VpcId: &n.vpc})
	wantCode(t, err, "Gateway.NotAttached")
	must(e.DeleteInternetGateway(e.ctx, &sdk.DeleteInternetGatewayInput{InternetGatewayId: &n.igw}))(t)
	must(e.DeleteSubnet(e.ctx, &sdk.DeleteSubnetInput{SubnetId: &n.public}))(t)
	must(e.DeleteRouteTable(e.ctx, &sdk.DeleteRouteTableInput{RouteTableId: &n.publicTable}))(t)
	must(e.DeleteSubnet(e.ctx, &sdk.DeleteSubnetInput{SubnetId: &n.private}))(t)
	_, err = e.DeleteVpc(e.ctx, &sdk.DeleteVpcInput{VpcId: &n.vpc})
	wantCode(t, err, "DependencyViolation")
	must(e.DeleteRouteTable(e.ctx, &sdk.DeleteRouteTableInput{RouteTableId: &n.privateTable}))(t)
	must(e.DeleteVpc(e.ctx, &sdk.DeleteVpcInput{VpcId: &n.vpc}))(t)
	if left := e.server.Resources(false); len(left) != 0 {
		t.Fatalf("left: %+v", left)
	}
	e.server.Advance(natRemembered)
	_, err = e.DescribeNatGateways(e.ctx, &sdk.DescribeNatGatewaysInput{NatGatewayIds: []string{n.nat}})
	wantCode(t, err, "NatGatewayNotFound")
}

func TestInternetGateways(t *testing.T) {
	e := newEnv(t)
	vpc, other := e.vpc("10.0.0.0/16"), e.vpc("10.1.0.0/16")
	g := e.gateway(vpc)
	if got := must(e.DescribeInternetGateways(e.ctx, &sdk.DescribeInternetGatewaysInput{Filters: where("attachment.vpc-id", vpc)}))(t).InternetGateways; len(got) != 1 || got[0].Attachments[0].State != "available" {
		t.Fatalf("got %+v", got)
	}
	second := *must(e.CreateInternetGateway(e.ctx, &sdk.CreateInternetGatewayInput{TagSpecifications: tags("internet-gateway", "Name", "g")}))(t).InternetGateway.InternetGatewayId
	_, err := e.AttachInternetGateway(e.ctx, &sdk.AttachInternetGatewayInput{InternetGatewayId: &second, VpcId: &vpc})
	wantCode(t, err, "InvalidParameterValue")
	_, err = e.AttachInternetGateway(e.ctx, &sdk.AttachInternetGatewayInput{InternetGatewayId: &g, VpcId: &other})
	wantCode(t, err, "Resource.AlreadyAssociated")
	_, err = e.DeleteInternetGateway(e.ctx, &sdk.DeleteInternetGatewayInput{InternetGatewayId: &g})
	wantCode(t, err, "DependencyViolation")
	_, err = e.DeleteVpc(e.ctx, &sdk.DeleteVpcInput{VpcId: &vpc})
	wantCode(t, err, "DependencyViolation")
}

func TestNATGatewayStates(t *testing.T) {
	e := newEnv(t)
	vpc := e.vpc("10.0.0.0/16")
	n, a := e.subnet(vpc, "10.0.0.0/24", "us-east-1a"), e.address()
	create := func(in sdk.CreateNatGatewayInput) (types.NatGateway, error) {
		in.SubnetId = &n
		out, err := e.CreateNatGateway(e.ctx, &in)
		if err != nil {
			return types.NatGateway{}, err
		}
		return *out.NatGateway, nil
	}
	state := func(id string) types.NatGateway {
		return must(e.DescribeNatGateways(e.ctx, &sdk.DescribeNatGatewaysInput{NatGatewayIds: []string{id}}))(t).NatGateways[0]
	}

	g := must(create(sdk.CreateNatGatewayInput{AllocationId: &a}))(t)
	if g.State != "pending" {
		t.Fatalf("got %s", g.State)
	}
	e.server.Advance(natFailing)
	if got := state(*g.NatGatewayId); got.State != "failed" || *got.FailureCode != "Gateway.NotAttached" || *got.FailureMessage != "Network "+vpc+" has no Internet gateway attached" {
		t.Fatalf("without an internet gateway: %+v", got)
	}
	must(e.DeleteNatGateway(e.ctx, &sdk.DeleteNatGatewayInput{NatGatewayId: g.NatGatewayId}))(t)
	if got := state(*g.NatGatewayId); got.State != "deleted" {
		t.Fatalf("got %s", got.State)
	}

	e.gateway(vpc)
	token := sdk.CreateNatGatewayInput{AllocationId: &a, ClientToken: aws.String("once"), TagSpecifications: tags("natgateway", "Name", "nat")}
	g = must(create(token))(t)
	again := must(create(token))(t)
	if *again.NatGatewayId != *g.NatGatewayId {
		t.Error("a client token must be answered with the first gateway")
	}
	token.TagSpecifications = nil
	_, err := create(token)
	wantCode(t, err, "IdempotentParameterMismatch")
	second := must(create(sdk.CreateNatGatewayInput{AllocationId: &a}))(t)
	e.server.Advance(natPending)
	if got := state(*g.NatGatewayId); got.State != "available" || got.NatGatewayAddresses[0].PublicIp == nil || got.NatGatewayAddresses[0].NetworkInterfaceId == nil {
		t.Fatalf("got %+v", got)
	}
	if got := state(*second.NatGatewayId); got.State != "failed" || *got.FailureCode != "Resource.AlreadyAssociated" {
		t.Fatalf("the address is taken: %+v", got)
	}
	nics := must(e.DescribeNetworkInterfaces(e.ctx, &sdk.DescribeNetworkInterfacesInput{Filters: where("interface-type", "nat_gateway")}))(t).NetworkInterfaces
	if len(nics) != 1 || !*nics[0].RequesterManaged || *nics[0].Association.AllocationId != a {
		t.Fatalf("got %+v", nics)
	}
	_, err = e.DeleteNetworkInterface(e.ctx, &sdk.DeleteNetworkInterfaceInput{NetworkInterfaceId: nics[0].NetworkInterfaceId})
	wantCode(t, err, "AuthFailure")
	_, err = e.DisassociateAddress(e.ctx, &sdk.DisassociateAddressInput{AssociationId: nics[0].Association.AssociationId})
	wantCode(t, err, "AuthFailure")

	private := must(create(sdk.CreateNatGatewayInput{ConnectivityType: "private"}))(t)
	if private.ConnectivityType != "private" || private.NatGatewayAddresses[0].PublicIp != nil {
		t.Fatalf("got %+v", private)
	}
	for _, c := range []struct {
		why  string
		in   sdk.CreateNatGatewayInput
		code string
	}{
		{"public without an address", sdk.CreateNatGatewayInput{}, "MissingParameter"},
		{"private with an address", sdk.CreateNatGatewayInput{ConnectivityType: "private", AllocationId: &a}, "InvalidParameterCombination"},
		{"no such address", sdk.CreateNatGatewayInput{AllocationId: aws.String("eipalloc-0abc")}, "InvalidElasticIpID.NotFound"},
		{"regional", sdk.CreateNatGatewayInput{AllocationId: &a, AvailabilityMode: "regional"}, "UnsupportedOperation"},
		{"secondary addresses", sdk.CreateNatGatewayInput{AllocationId: &a, SecondaryAllocationIds: []string{a}}, "UnknownParameter"},
	} {
		_, err := create(c.in)
		t.Run(c.why, func(t *testing.T) { wantCode(t, err, c.code) })
	}
	_, err = e.CreateNatGateway(e.ctx, &sdk.CreateNatGatewayInput{SubnetId: aws.String("subnet-0abc"), AllocationId: &a})
	wantCode(t, err, "InvalidSubnet")
}

func TestAddresses(t *testing.T) {
	e := newEnv(t)
	vpc := e.vpc("10.0.0.0/16")
	subnet := e.subnet(vpc, "10.0.0.0/24", "us-east-1a")
	a := e.address()
	var nic, other Interface
	e.locked(func() {
		nic, _ = e.svc.CreateInterface(scope, InterfaceParams{SubnetID: subnet})
		other, _ = e.svc.CreateInterface(scope, InterfaceParams{SubnetID: subnet})
	})
	_, err := e.AssociateAddress(e.ctx, &sdk.AssociateAddressInput{AllocationId: &a, NetworkInterfaceId: &nic.ID})
	wantCode(t, err, "Gateway.NotAttached")
	e.gateway(vpc)
	association := must(e.AssociateAddress(e.ctx, &sdk.AssociateAddressInput{AllocationId: &a, NetworkInterfaceId: &nic.ID}))(t).AssociationId
	_, err = e.AssociateAddress(e.ctx, &sdk.AssociateAddressInput{AllocationId: &a, NetworkInterfaceId: &other.ID, AllowReassociation: aws.Bool(false)})
	wantCode(t, err, "Resource.AlreadyAssociated")
	_, err = e.ReleaseAddress(e.ctx, &sdk.ReleaseAddressInput{AllocationId: &a})
	wantCode(t, err, "InvalidIPAddress.InUse")
	got := must(e.DescribeAddresses(e.ctx, &sdk.DescribeAddressesInput{Filters: where("association-id", *association)}))(t).Addresses
	if len(got) != 1 || *got[0].NetworkInterfaceId != nic.ID || *got[0].PrivateIpAddress != nic.PrivateIP || got[0].Domain != "vpc" {
		t.Fatalf("got %+v", got)
	}
	attributes := must(e.DescribeAddressesAttribute(e.ctx, &sdk.DescribeAddressesAttributeInput{AllocationIds: []string{a}, Attribute: "domain-name"}))(t).Addresses
	if len(attributes) != 1 || attributes[0].PtrRecord != nil {
		t.Fatalf("got %+v", attributes)
	}
	must(e.DisassociateAddress(e.ctx, &sdk.DisassociateAddressInput{AssociationId: association}))(t)
	_, err = e.DisassociateAddress(e.ctx, &sdk.DisassociateAddressInput{AssociationId: association})
	wantCode(t, err, "InvalidAssociationID.NotFound")
	for range 4 {
		e.address()
	}
	_, err = e.AllocateAddress(e.ctx, &sdk.AllocateAddressInput{})
	wantCode(t, err, "AddressLimitExceeded")
}

func TestRoutes(t *testing.T) {
	e := newEnv(t)
	n := e.network()
	other := e.vpc("10.9.0.0/16")
	foreign, loose := e.gateway(other), ""
	loose = *must(e.CreateInternetGateway(e.ctx, &sdk.CreateInternetGatewayInput{}))(t).InternetGateway.InternetGatewayId
	b := e.address()
	pending := *must(e.CreateNatGateway(e.ctx, &sdk.CreateNatGatewayInput{SubnetId: &n.public, AllocationId: &b}))(t).NatGateway.NatGatewayId
	for _, c := range []struct {
		why  string
		in   sdk.CreateRouteInput
		code string
	}{
		{"exists", sdk.CreateRouteInput{DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: &n.igw}, "RouteAlreadyExists"},
		{"local exists", sdk.CreateRouteInput{DestinationCidrBlock: aws.String("10.0.0.0/16"), GatewayId: &n.igw}, "RouteAlreadyExists"},
		{"inside the VPC", sdk.CreateRouteInput{DestinationCidrBlock: aws.String("10.0.0.0/20"), GatewayId: &n.igw}, "InvalidParameterValue"},
		{"no such gateway", sdk.CreateRouteInput{DestinationCidrBlock: aws.String("1.0.0.0/8"), GatewayId: aws.String("igw-0abc")}, "InvalidGatewayID.NotFound"},
		{"gateway of another VPC", sdk.CreateRouteInput{DestinationCidrBlock: aws.String("1.0.0.0/8"), GatewayId: &foreign}, "InvalidParameterValue"},
		{"gateway not attached", sdk.CreateRouteInput{DestinationCidrBlock: aws.String("1.0.0.0/8"), GatewayId: &loose}, "InvalidParameterValue"},
		{"NAT still pending", sdk.CreateRouteInput{DestinationCidrBlock: aws.String("1.0.0.0/8"), NatGatewayId: &pending}, "InvalidNatGatewayID.NotFound"},
		{"two targets", sdk.CreateRouteInput{DestinationCidrBlock: aws.String("1.0.0.0/8"), GatewayId: &n.igw, NatGatewayId: &n.nat}, "InvalidParameterCombination"},
		{"no destination", sdk.CreateRouteInput{GatewayId: &n.igw}, "MissingParameter"},
		{"target that isn't emulated", sdk.CreateRouteInput{DestinationCidrBlock: aws.String("1.0.0.0/8"), TransitGatewayId: aws.String("tgw-1")}, "UnknownParameter"},
		{"canonical form", sdk.CreateRouteInput{DestinationCidrBlock: aws.String("1.2.3.4/8"), GatewayId: &n.igw}, ""},
	} {
		c.in.RouteTableId = &n.publicTable
		_, err := e.CreateRoute(e.ctx, &c.in)
		t.Run(c.why, func(t *testing.T) { wantCode(t, err, c.code) })
	}
	must(e.ReplaceRoute(e.ctx, &sdk.ReplaceRouteInput{RouteTableId: &n.publicTable, DestinationCidrBlock: aws.String("1.0.0.0/8"), NatGatewayId: &n.nat}))(t)
	_, err := e.ReplaceRoute(e.ctx, &sdk.ReplaceRouteInput{RouteTableId: &n.publicTable, DestinationCidrBlock: aws.String("2.0.0.0/8"), NatGatewayId: &n.nat})
	wantCode(t, err, "InvalidParameterValue")
	must(e.DeleteRoute(e.ctx, &sdk.DeleteRouteInput{RouteTableId: &n.publicTable, DestinationCidrBlock: aws.String("1.0.0.0/8")}))(t)
	_, err = e.DeleteRoute(e.ctx, &sdk.DeleteRouteInput{RouteTableId: &n.publicTable, DestinationCidrBlock: aws.String("1.0.0.0/8")})
	wantCode(t, err, "InvalidRoute.NotFound")
	_, err = e.DeleteRoute(e.ctx, &sdk.DeleteRouteInput{RouteTableId: &n.publicTable, DestinationCidrBlock: aws.String("10.0.0.0/16")})
	wantCode(t, err, "InvalidParameterValue")
}

func TestRouteTableAssociations(t *testing.T) {
	e := newEnv(t)
	n := e.network()
	_, err := e.AssociateRouteTable(e.ctx, &sdk.AssociateRouteTableInput{RouteTableId: &n.privateTable, SubnetId: &n.public})
	wantCode(t, err, "Resource.AlreadyAssociated")
	tables := must(e.DescribeRouteTables(e.ctx, &sdk.DescribeRouteTablesInput{Filters: where("association.subnet-id", n.public)}))(t).RouteTables
	id := tables[0].Associations[0].RouteTableAssociationId
	moved := must(e.ReplaceRouteTableAssociation(e.ctx, &sdk.ReplaceRouteTableAssociationInput{AssociationId: id, RouteTableId: &n.privateTable}))(t).NewAssociationId
	if *moved == *id {
		t.Error("a replaced association has a new id")
	}
	must(e.DisassociateRouteTable(e.ctx, &sdk.DisassociateRouteTableInput{AssociationId: moved}))(t)
	_, err = e.DisassociateRouteTable(e.ctx, &sdk.DisassociateRouteTableInput{AssociationId: moved})
	wantCode(t, err, "InvalidAssociationID.NotFound")
	main := must(e.DescribeRouteTables(e.ctx, &sdk.DescribeRouteTablesInput{Filters: where("association.main", "true")}))(t).RouteTables[0]
	_, err = e.DisassociateRouteTable(e.ctx, &sdk.DisassociateRouteTableInput{AssociationId: main.Associations[0].RouteTableAssociationId})
	wantCode(t, err, "InvalidParameterValue")
	_, err = e.DeleteRouteTable(e.ctx, &sdk.DeleteRouteTableInput{RouteTableId: main.RouteTableId})
	wantCode(t, err, "DependencyViolation")
	in := &sdk.CreateRouteTableInput{VpcId: &n.vpc, ClientToken: aws.String("t")}
	if a, b := must(e.CreateRouteTable(e.ctx, in))(t), must(e.CreateRouteTable(e.ctx, in))(t); *a.RouteTable.RouteTableId != *b.RouteTable.RouteTableId {
		t.Error("client token")
	}
}

func TestNetworkACLEntries(t *testing.T) {
	e := newEnv(t)
	vpc := e.vpc("10.0.0.0/16")
	id := must(e.DescribeNetworkAcls(e.ctx, &sdk.DescribeNetworkAclsInput{Filters: where("vpc-id", vpc)}))(t).NetworkAcls[0].NetworkAclId
	entry := &sdk.CreateNetworkAclEntryInput{NetworkAclId: id, RuleNumber: aws.Int32(100), Egress: aws.Bool(true), Protocol: aws.String("-1"), RuleAction: "allow", CidrBlock: aws.String("0.0.0.0/0")}
	_, err := e.CreateNetworkAclEntry(e.ctx, entry)
	wantCode(t, err, "NetworkAclEntryAlreadyExists")
	must(e.DeleteNetworkAclEntry(e.ctx, &sdk.DeleteNetworkAclEntryInput{NetworkAclId: id, RuleNumber: aws.Int32(100), Egress: aws.Bool(true)}))(t)
	_, err = e.DeleteNetworkAclEntry(e.ctx, &sdk.DeleteNetworkAclEntryInput{NetworkAclId: id, RuleNumber: aws.Int32(100), Egress: aws.Bool(true)})
	wantCode(t, err, "InvalidNetworkAclEntry.NotFound")
	must(e.CreateNetworkAclEntry(e.ctx, entry))(t)
	entry.RuleNumber, entry.CidrBlock, entry.Ipv6CidrBlock = aws.Int32(101), nil, aws.String("::/0")
	must(e.CreateNetworkAclEntry(e.ctx, entry))(t)
	entry.RuleNumber = aws.Int32(32767)
	_, err = e.CreateNetworkAclEntry(e.ctx, entry)
	wantCode(t, err, "InvalidParameterValue")
}

func TestThrottling(t *testing.T) {
	e := newEnv(t)
	e.svc.world.Settings.NoThrottling = false
	var err error
	for range 11 {
		_, err = e.DeleteNatGateway(e.ctx, &sdk.DeleteNatGatewayInput{NatGatewayId: aws.String("nat-0abc")})
	}
	wantCode(t, err, "RequestLimitExceeded")
	_, err = e.DescribeVpcs(e.ctx, &sdk.DescribeVpcsInput{})
	wantCode(t, err, "")
	e.server.Advance(time.Second)
	_, err = e.DeleteNatGateway(e.ctx, &sdk.DeleteNatGatewayInput{NatGatewayId: aws.String("nat-0abc")})
	wantCode(t, err, "NatGatewayNotFound")
}
