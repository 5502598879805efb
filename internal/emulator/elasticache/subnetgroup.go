package elasticache

import (
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// subnetGroup says in which subnets of a VPC nodes may be.
type subnetGroup struct {
	object
	description, vpcID string
	subnets            []subnet
}

type subnet struct{ id, zone string }

func absentSubnetGroup(name string) error {
	// The one fault of these that comes with status 400.
	return core.Errorf("CacheSubnetGroupNotFoundFault", "Cache Subnet Group %s does not exist.", name)
}

func (s *Service) handleSubnetGroups() {
	core.Handle(s.mux, "CreateCacheSubnetGroup", s.createSubnetGroup)
	core.Handle(s.mux, "DescribeCacheSubnetGroups", s.describeSubnetGroups)
	core.Handle(s.mux, "ModifyCacheSubnetGroup", s.modifySubnetGroup)
	core.Handle(s.mux, "DeleteCacheSubnetGroup", s.deleteSubnetGroup)
}

type subnetOut struct {
	SubnetIdentifier       string
	SubnetAvailabilityZone struct{ Name string }
	SupportedNetworkTypes  []string `xml:"SupportedNetworkTypes>member"`
}

type subnetGroupOut struct {
	ARN                         string
	CacheSubnetGroupName        string
	CacheSubnetGroupDescription string
	VpcId                       string
	Subnets                     []subnetOut `xml:"Subnets>Subnet"`
	SupportedNetworkTypes       []string    `xml:"SupportedNetworkTypes>member"`
}

type oneSubnetGroupOut struct{ CacheSubnetGroup subnetGroupOut }

func (g *subnetGroup) out() subnetGroupOut {
	o := subnetGroupOut{ARN: g.arn, CacheSubnetGroupName: g.id, CacheSubnetGroupDescription: g.description, VpcId: g.vpcID, SupportedNetworkTypes: []string{"ipv4"}}
	for _, n := range g.subnets {
		x := subnetOut{SubnetIdentifier: n.id, SupportedNetworkTypes: []string{"ipv4"}}
		x.SubnetAvailabilityZone.Name = n.zone
		o.Subnets = append(o.Subnets, x)
	}
	return o
}

// subnetsIn checks a list of subnets.
func (s *Service) subnetsIn(scope core.Scope, ids []string) (out []subnet, vpcID string, err error) {
	for _, id := range ids {
		n, ok := s.net.Subnet(scope, id)
		if !ok {
			return nil, "", core.Errorf("InvalidSubnet", "Some input subnets in :[%s] are invalid.", strings.Join(ids, ", "))
		}
		if vpcID != "" && n.VPCID != vpcID {
			return nil, "", core.Errorf("InvalidSubnet", "The subnets are not all in the same VPC.")
		}
		vpcID = n.VPCID
		if !slices.Contains(out, subnet{id, n.AvailabilityZone}) {
			out = append(out, subnet{id, n.AvailabilityZone})
		}
	}
	return out, vpcID, nil
}

type createSubnetGroupIn struct {
	CacheSubnetGroupName        string   `q:",required"`
	CacheSubnetGroupDescription string   `q:",required"`
	SubnetIds                   []string `q:",item=SubnetIdentifier,required"`
	Tags                        tagList  `q:",item=Tag"`
}

// createSubnetGroup follows
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheSubnetGroup.html
func (s *Service) createSubnetGroup(q *core.Request, in *createSubnetGroupIn) (*oneSubnetGroupOut, error) {
	name, err := groupName("CacheSubnetGroupName", in.CacheSubnetGroupName)
	if err != nil {
		return nil, err
	}
	reg := s.region(q.Scope)
	if reg.subnetGroups[name] != nil {
		return nil, core.Errorf("CacheSubnetGroupAlreadyExists", "Cache subnet group %s already exists.", name)
	}
	g := &subnetGroup{description: in.CacheSubnetGroupDescription}
	if len(in.SubnetIds) == 0 {
		return nil, invalidValue("The parameter SubnetIds must be provided.")
	}
	if g.subnets, g.vpcID, err = s.subnetsIn(q.Scope, in.SubnetIds); err != nil {
		return nil, err
	}
	if g.object, err = s.newObject(q, "subnetgroup", name, in.Tags); err != nil {
		return nil, err
	}
	s.linked(q)
	reg.subnetGroups[name] = g
	return &oneSubnetGroupOut{g.out()}, nil
}

type describeSubnetGroupsIn struct {
	page
	CacheSubnetGroupName string
}

type subnetGroupsOut struct {
	CacheSubnetGroups []subnetGroupOut `xml:"CacheSubnetGroups>CacheSubnetGroup"`
	Marker            string           `xml:",omitempty"`
}

func (s *Service) describeSubnetGroups(q *core.Request, in *describeSubnetGroupsIn) (*subnetGroupsOut, error) {
	reg := s.region(q.Scope)
	if in.CacheSubnetGroupName != "" {
		g, ok := seen(q, reg.subnetGroups, strings.ToLower(in.CacheSubnetGroupName))
		if !ok {
			return nil, absentSubnetGroup(in.CacheSubnetGroupName)
		}
		return &subnetGroupsOut{CacheSubnetGroups: []subnetGroupOut{g.out()}}, nil
	}
	list, next, err := paginate(q, in.page, listed(q, reg.subnetGroups), idOf)
	out := &subnetGroupsOut{Marker: next}
	for _, g := range list {
		out.CacheSubnetGroups = append(out.CacheSubnetGroups, g.out())
	}
	return out, err
}

type modifySubnetGroupIn struct {
	CacheSubnetGroupName        string `q:",required"`
	CacheSubnetGroupDescription *string
	SubnetIds                   []string `q:",item=SubnetIdentifier"`
}

// modifySubnetGroup: a subnet with nodes in it can't be taken out, nor can the VPC change while the
// group is used. https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyCacheSubnetGroup.html
func (s *Service) modifySubnetGroup(q *core.Request, in *modifySubnetGroupIn) (*oneSubnetGroupOut, error) {
	g := s.region(q.Scope).subnetGroups[strings.ToLower(in.CacheSubnetGroupName)]
	if g == nil {
		return nil, absentSubnetGroup(in.CacheSubnetGroupName)
	}
	if len(in.SubnetIds) > 0 {
		subnets, vpcID, err := s.subnetsIn(q.Scope, in.SubnetIds)
		if err != nil {
			return nil, err
		}
		for _, r := range s.using(q.Scope, g) {
			if vpcID != g.vpcID {
				return nil, core.Errorf("InvalidSubnet", "The subnet group %s is in use by %s and its subnets must stay in VPC %s.", g.id, r.id, g.vpcID)
			}
			for _, n := range r.nodes() {
				if !slices.ContainsFunc(subnets, func(x subnet) bool { return x.id == n.subnet }) {
					return nil, core.Errorf("SubnetInUse", "The subnet ID %s is in use by %s.", n.subnet, n.clusterID)
				}
			}
		}
		g.subnets, g.vpcID = subnets, vpcID
	}
	if in.CacheSubnetGroupDescription != nil {
		g.description = *in.CacheSubnetGroupDescription
	}
	return &oneSubnetGroupOut{g.out()}, nil
}

// using are the replication groups in a subnet group.
func (s *Service) using(scope core.Scope, g *subnetGroup) []*replicationGroup {
	var out []*replicationGroup
	for _, r := range s.region(scope).replicationGroups {
		if r.subnetGroup == g {
			out = append(out, r)
		}
	}
	return out
}

type deleteSubnetGroupIn struct {
	CacheSubnetGroupName string `q:",required"`
}

func (s *Service) deleteSubnetGroup(q *core.Request, in *deleteSubnetGroupIn) (*core.Empty, error) {
	reg := s.region(q.Scope)
	g := reg.subnetGroups[strings.ToLower(in.CacheSubnetGroupName)]
	if g == nil {
		return nil, absentSubnetGroup(in.CacheSubnetGroupName)
	}
	if len(s.using(q.Scope, g)) > 0 {
		return nil, core.Errorf("CacheSubnetGroupInUse", "Cache Subnet Group %s is currently in use by a cache cluster.", g.id)
	}
	delete(reg.subnetGroups, g.id)
	return nil, nil
}
