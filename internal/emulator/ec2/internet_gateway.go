package ec2

import "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"

type internetGateway struct {
	object
	vpcID string // empty while detached
}

func (s *Service) registerInternetGateways(m *core.Mux) {
	core.Handle(m, "CreateInternetGateway", s.createInternetGateway)
	core.Handle(m, "DeleteInternetGateway", s.deleteInternetGateway)
	core.Handle(m, "AttachInternetGateway", s.attachInternetGateway)
	core.Handle(m, "DetachInternetGateway", s.detachInternetGateway)
	core.Handle(m, "DescribeInternetGateways", s.describeInternetGateways)
}

type createInternetGatewayIn struct{ TagSpecs }

type internetGatewayOut struct {
	Gateway internetGatewayItem `xml:"internetGateway"`
}

func (s *Service) createInternetGateway(q *core.Request, in *createInternetGatewayIn) (*internetGatewayOut, error) {
	r := s.region(q.Scope)
	tags, err := in.of(kindInternetGateway)
	if err != nil {
		return nil, err
	}
	if len(r.gateways.items) >= s.Quotas.InternetGateways {
		return nil, core.Errorf("InternetGatewayLimitExceeded", "The maximum number of internet gateways has been reached.")
	}
	g := &internetGateway{object: r.newObject(kindInternetGateway, tags)}
	r.gateways.add(g)
	return &internetGatewayOut{r.internetGatewayItem(g)}, nil
}

type internetGatewayIn struct {
	ID string `q:"InternetGatewayId,required"`
}

func (s *Service) deleteInternetGateway(q *core.Request, in *internetGatewayIn) (*done, error) {
	r := s.region(q.Scope)
	g, err := r.gateways.need(kindInternetGateway, in.ID)
	if err != nil {
		return nil, err
	}
	if g.vpcID != "" {
		return nil, dependency("The internetGateway '%s' has dependencies and cannot be deleted.", g.id)
	}
	r.gateways.remove(g.id)
	return ok(), nil
}

type attachmentIn struct {
	ID    string `q:"InternetGatewayId,required"`
	VPCID string `q:"VpcId,required"`
}

// attachInternetGateway: a VPC has one internet gateway, and a gateway one VPC,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachInternetGateway.html
func (s *Service) attachInternetGateway(q *core.Request, in *attachmentIn) (*done, error) {
	r := s.region(q.Scope)
	g, v, err := r.gatewayAndVPC(in)
	if err != nil {
		return nil, err
	}
	if g.vpcID != "" {
		return nil, core.Errorf("Resource.AlreadyAssociated", "resource %s is already attached to network %s", g.id, g.vpcID)
	}
	if r.attachedGateway(v.id) != nil {
		return nil, invalidValue("Network %s already has an internet gateway attached", v.id)
	}
	g.vpcID = v.id
	return ok(), nil
}

// detachInternetGateway: "The VPC must not contain any running instances with Elastic IP addresses or
// public IPv4 addresses", https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html
// NAT gateways and internet-facing load balancers count as well.
func (s *Service) detachInternetGateway(q *core.Request, in *attachmentIn) (*done, error) {
	r := s.region(q.Scope)
	g, v, err := r.gatewayAndVPC(in)
	if err != nil {
		return nil, err
	}
	if g.vpcID != v.id {
		return nil, core.Errorf("Gateway.NotAttached", "resource %s is not attached to network %s", g.id, v.id)
	}
	if r.interfaces.any(func(e *networkInterface) bool { return e.vpcID == v.id && r.publicIP(e) != "" }) {
		return nil, dependency("Network %s has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.", v.id)
	}
	g.vpcID = ""
	return ok(), nil
}

func (r *region) gatewayAndVPC(in *attachmentIn) (*internetGateway, *vpc, error) {
	g, err := r.gateways.need(kindInternetGateway, in.ID)
	if err != nil {
		return nil, nil, err
	}
	v, err := r.vpcs.need(kindVPC, in.VPCID)
	return g, v, err
}

// HasInternetGateway reports whether an internet gateway is attached to a VPC.
func (s *Service) HasInternetGateway(scope core.Scope, vpcID string) bool {
	return s.region(scope).attachedGateway(vpcID) != nil
}

// attachedGateway returns a VPC's internet gateway or nil.
func (r *region) attachedGateway(vpcID string) *internetGateway {
	for _, g := range r.gateways.items {
		if g.vpcID == vpcID {
			return g
		}
	}
	return nil
}

type internetGatewayItem struct {
	ID          string                   `xml:"internetGatewayId"`
	OwnerID     string                   `xml:"ownerId"`
	Attachments []internetAttachmentItem `xml:"attachmentSet>item"`
	Tags        []tagItem                `xml:"tagSet>item"`
}

type internetAttachmentItem struct {
	VPCID string `xml:"vpcId"`
	State string `xml:"state"`
}

// internetGatewayItem: "For an internet gateway, the state is available when attached to a VPC",
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InternetGatewayAttachment.html
func (r *region) internetGatewayItem(g *internetGateway) internetGatewayItem {
	out := internetGatewayItem{ID: g.id, OwnerID: r.Account, Tags: tagItems(g.tags)}
	if g.vpcID != "" {
		out.Attachments = []internetAttachmentItem{{g.vpcID, "available"}}
	}
	return out
}

type describeInternetGatewaysIn struct {
	IDs []string `q:"InternetGatewayId"`
	DescribeIn
}

type describeInternetGatewaysOut struct {
	Gateways []internetGatewayItem `xml:"internetGatewaySet>item"`
	Next     string                `xml:"nextToken,omitempty"`
}

func (s *Service) describeInternetGateways(q *core.Request, in *describeInternetGatewaysIn) (*describeInternetGatewaysOut, error) {
	r := s.region(q.Scope)
	page, next, err := describe(q, &r.gateways, kindInternetGateway, in.IDs, fields[*internetGateway]{
		"attachment.state": func(g *internetGateway) []string {
			if g.vpcID == "" {
				return nil
			}
			return one("available")
		},
		"attachment.vpc-id":   func(g *internetGateway) []string { return one(g.vpcID) },
		"internet-gateway-id": func(g *internetGateway) []string { return one(g.id) },
		"owner-id":            func(*internetGateway) []string { return one(r.Account) },
	}, in.DescribeIn)
	return &describeInternetGatewaysOut{mapped(page, r.internetGatewayItem), next}, err
}
