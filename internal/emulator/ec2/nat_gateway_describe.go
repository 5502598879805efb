package ec2

import (
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type natGatewayItem struct {
	ID             string           `xml:"natGatewayId"`
	State          string           `xml:"state"`
	SubnetID       string           `xml:"subnetId"`
	VPCID          string           `xml:"vpcId"`
	Connectivity   string           `xml:"connectivityType"`
	Mode           string           `xml:"availabilityMode"`
	Created        time.Time        `xml:"createTime"`
	Deleted        *time.Time       `xml:"deleteTime"`
	FailureCode    string           `xml:"failureCode,omitempty"`
	FailureMessage string           `xml:"failureMessage,omitempty"`
	Addresses      []natAddressItem `xml:"natGatewayAddressSet>item"`
	Tags           []tagItem        `xml:"tagSet>item"`
}

type natAddressItem struct {
	AllocationID   string `xml:"allocationId,omitempty"`
	AssociationID  string `xml:"associationId,omitempty"`
	Primary        bool   `xml:"isPrimary"`
	InterfaceID    string `xml:"networkInterfaceId,omitempty"`
	PrivateIP      string `xml:"privateIp,omitempty"`
	PublicIP       string `xml:"publicIp,omitempty"`
	Status         string `xml:"status"`
	FailureMessage string `xml:"failureMessage,omitempty"`
}

func (r *region) natGatewayItem(g *natGateway) natGatewayItem {
	status := map[string]string{"pending": "associating", "available": "succeeded", "failed": "failed", "deleting": "disassociating", "deleted": "disassociating"}[g.state]
	out := natGatewayItem{
		ID: g.id, State: g.state, SubnetID: g.subnetID, VPCID: g.vpcID, Connectivity: g.connectivity, Mode: "zonal",
		Created: g.created, FailureCode: g.failureCode, FailureMessage: g.failureMessage, Tags: tagItems(g.tags),
		Addresses: []natAddressItem{{
			AllocationID: g.allocationID, AssociationID: g.associationID, Primary: true, InterfaceID: g.interfaceID,
			PrivateIP: g.privateIP, PublicIP: g.publicIP, Status: status, FailureMessage: g.failureMessage,
		}},
	}
	if !g.deleted.IsZero() {
		out.Deleted = &g.deleted
	}
	return out
}

type describeNATGatewaysIn struct {
	IDs []string `q:"NatGatewayId"`
	DescribeIn
}

type describeNATGatewaysOut struct {
	Gateways []natGatewayItem `xml:"natGatewaySet>item"`
	Next     string           `xml:"nextToken,omitempty"`
}

func (s *Service) describeNATGateways(q *core.Request, in *describeNATGatewaysIn) (*describeNATGatewaysOut, error) {
	r := s.region(q.Scope)
	page, next, err := describe(q, &r.nats, kindNATGateway, in.IDs, fields[*natGateway]{
		"nat-gateway-id": func(g *natGateway) []string { return one(g.id) },
		"state":          func(g *natGateway) []string { return one(g.state) },
		"subnet-id":      func(g *natGateway) []string { return one(g.subnetID) },
		"vpc-id":         func(g *natGateway) []string { return one(g.vpcID) },
	}, in.DescribeIn)
	return &describeNATGatewaysOut{mapped(page, r.natGatewayItem), next}, err
}
