package ec2

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// networkACL is a VPC's default network ACL; custom ones aren't emulated.
type networkACL struct {
	object
	vpcID   string
	entries []aclEntry
}

type aclEntry struct {
	Number   int        `xml:"ruleNumber"`
	Protocol string     `xml:"protocol"`
	Action   string     `xml:"ruleAction"`
	Egress   bool       `xml:"egress"`
	CIDR     string     `xml:"cidrBlock,omitempty"`
	IPv6CIDR string     `xml:"ipv6CidrBlock,omitempty"`
	ICMP     *icmpType  `xml:"icmpTypeCode"`
	Ports    *portRange `xml:"portRange"`
}

type icmpType struct {
	Code int `q:"Code" xml:"code"`
	Type int `q:"Type" xml:"type"`
}

type portRange struct {
	From int `q:"From" xml:"from"`
	To   int `q:"To" xml:"to"`
}

// lastEntry is the rule that denies what no other rule matched; it can't be changed.
const (
	firstEntry = 100
	lastEntry  = 32767
)

func (s *Service) registerNetworkACLs(m *core.Mux) {
	core.Handle(m, "CreateNetworkAclEntry", s.createACLEntry)
	core.Handle(m, "DeleteNetworkAclEntry", s.deleteACLEntry)
	core.Handle(m, "DescribeNetworkAcls", s.describeACLs)
}

// newDefaultACL allows everything,
// https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html
func (r *region) newDefaultACL(v *vpc) {
	a := &networkACL{object: r.newObject(kindNetworkACL, nil), vpcID: v.id}
	for _, egress := range []bool{true, false} {
		a.entries = append(a.entries,
			aclEntry{Number: firstEntry, Protocol: "-1", Action: "allow", Egress: egress, CIDR: "0.0.0.0/0"},
			aclEntry{Number: lastEntry, Protocol: "-1", Action: "deny", Egress: egress, CIDR: "0.0.0.0/0"})
	}
	r.acls.add(a)
}

func (r *region) defaultACL(vpcID string) *networkACL {
	for _, a := range r.acls.items {
		if a.vpcID == vpcID {
			return a
		}
	}
	return nil
}

type createACLEntryIn struct {
	ID       string     `q:"NetworkAclId,required"`
	Number   int        `q:"RuleNumber,required"`
	Protocol string     `q:"Protocol,required"`
	Action   string     `q:"RuleAction,required"`
	Egress   *bool      `q:"Egress,required"`
	CIDR     string     `q:"CidrBlock"`
	IPv6CIDR string     `q:"Ipv6CidrBlock"`
	ICMP     *icmpType  `q:"Icmp"`
	Ports    *portRange `q:"PortRange"`
}

// aclProtocols are given by number, or by these names, and told by number.
var aclProtocols = map[string]string{"-1": "-1", "all": "-1", "tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58"}

// createACLEntry: rule numbers go from 1 to 32766 and are unique in a direction,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html
func (s *Service) createACLEntry(q *core.Request, in *createACLEntryIn) (*done, error) {
	a, err := s.region(q.Scope).acls.need(kindNetworkACL, in.ID)
	if err != nil {
		return nil, err
	}
	e := aclEntry{Number: in.Number, Action: in.Action, Egress: *in.Egress, ICMP: in.ICMP, Ports: in.Ports}
	if in.Number < 1 || in.Number >= lastEntry {
		return nil, invalidValue("Value (%d) for parameter ruleNumber is invalid. Rule numbers must be between 1 and 32766.", in.Number)
	}
	if in.Action != "allow" && in.Action != "deny" {
		return nil, invalidValue("Value (%s) for parameter ruleAction is invalid.", in.Action)
	}
	e.Protocol = aclProtocols[in.Protocol]
	if e.Protocol == "" {
		if n, err := strconv.Atoi(in.Protocol); err != nil || n < 0 || n > 255 {
			return nil, invalidValue("Invalid value '%s' for IP protocol. Unknown protocol.", in.Protocol)
		}
		e.Protocol = in.Protocol
	}
	if (e.Protocol == "6" || e.Protocol == "17") && in.Ports == nil {
		return nil, invalidValue("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.")
	}
	switch {
	case (in.CIDR == "") == (in.IPv6CIDR == ""):
		return nil, core.Errorf("InvalidParameterCombination", "Exactly one of cidrBlock and ipv6CidrBlock must be given.")
	case in.CIDR != "":
		p, err := parseCIDR(in.CIDR)
		if err != nil {
			return nil, err
		}
		e.CIDR = p.String()
	default:
		p, err := parseCIDR6(in.IPv6CIDR)
		if err != nil {
			return nil, err
		}
		e.IPv6CIDR = p.String()
	}
	if a.find(e.Number, e.Egress) >= 0 {
		return nil, core.Errorf("NetworkAclEntryAlreadyExists", "The network acl entry identified by %d already exists.", e.Number)
	}
	a.entries = append(a.entries, e)
	slices.SortStableFunc(a.entries, func(x, y aclEntry) int { return cmp.Compare(x.Number, y.Number) })
	return ok(), nil
}

func (a *networkACL) find(n int, egress bool) int {
	return slices.IndexFunc(a.entries, func(e aclEntry) bool { return e.Number == n && e.Egress == egress })
}

type deleteACLEntryIn struct {
	ID     string `q:"NetworkAclId,required"`
	Number int    `q:"RuleNumber,required"`
	Egress *bool  `q:"Egress,required"`
}

func (s *Service) deleteACLEntry(q *core.Request, in *deleteACLEntryIn) (*done, error) {
	a, err := s.region(q.Scope).acls.need(kindNetworkACL, in.ID)
	if err != nil {
		return nil, err
	}
	i := a.find(in.Number, *in.Egress)
	if i < 0 {
		return nil, core.Errorf("InvalidNetworkAclEntry.NotFound", "The network acl entry identified by %d does not exist", in.Number)
	}
	if in.Number == lastEntry {
		return nil, invalidValue("Value (%d) for parameter ruleNumber is invalid. Rule numbers must be between 1 and 32766.", in.Number)
	}
	a.entries = slices.Delete(a.entries, i, i+1)
	return ok(), nil
}

type aclItem struct {
	ID           string               `xml:"networkAclId"`
	VPCID        string               `xml:"vpcId"`
	OwnerID      string               `xml:"ownerId"`
	Default      bool                 `xml:"default"`
	Entries      []aclEntry           `xml:"entrySet>item"`
	Associations []aclAssociationItem `xml:"associationSet>item"`
	Tags         []tagItem            `xml:"tagSet>item"`
}

type aclAssociationItem struct {
	ID       string `xml:"networkAclAssociationId"`
	ACLID    string `xml:"networkAclId"`
	SubnetID string `xml:"subnetId"`
}

func (r *region) aclItem(a *networkACL) aclItem {
	out := aclItem{ID: a.id, VPCID: a.vpcID, OwnerID: r.Account, Default: true, Entries: a.entries, Tags: tagItems(a.tags)}
	for _, n := range r.subnets.items {
		if n.aclID == a.id {
			out.Associations = append(out.Associations, aclAssociationItem{n.aclAssociationID, a.id, n.id})
		}
	}
	return out
}

type describeACLsIn struct {
	IDs []string `q:"NetworkAclId"`
	DescribeIn
}

type describeACLsOut struct {
	ACLs []aclItem `xml:"networkAclSet>item"`
	Next string    `xml:"nextToken,omitempty"`
}

func (s *Service) describeACLs(q *core.Request, in *describeACLsIn) (*describeACLsOut, error) {
	r := s.region(q.Scope)
	subnets := func(f func(*subnet) string) func(*networkACL) []string {
		return func(a *networkACL) []string {
			var out []string
			for _, n := range r.subnets.items {
				if n.aclID == a.id {
					out = append(out, f(n))
				}
			}
			return out
		}
	}
	entries := func(f func(aclEntry) string) func(*networkACL) []string {
		return func(a *networkACL) []string {
			var out []string
			for _, e := range a.entries {
				out = append(out, one(f(e))...)
			}
			return out
		}
	}
	page, next, err := describe(q, &r.acls, kindNetworkACL, in.IDs, fields[*networkACL]{
		"association.association-id": subnets(func(n *subnet) string { return n.aclAssociationID }),
		"association.network-acl-id": subnets(func(n *subnet) string { return n.aclID }),
		"association.subnet-id":      subnets(func(n *subnet) string { return n.id }),
		"default":                    func(*networkACL) []string { return boolean(true) },
		"entry.cidr":                 entries(func(e aclEntry) string { return e.CIDR }),
		"entry.ipv6-cidr":            entries(func(e aclEntry) string { return e.IPv6CIDR }),
		"entry.protocol":             entries(func(e aclEntry) string { return e.Protocol }),
		"entry.rule-action":          entries(func(e aclEntry) string { return e.Action }),
		"entry.egress":               entries(func(e aclEntry) string { return strconv.FormatBool(e.Egress) }),
		"entry.rule-number":          entries(func(e aclEntry) string { return strconv.Itoa(e.Number) }),
		"network-acl-id":             func(a *networkACL) []string { return one(a.id) },
		"owner-id":                   func(*networkACL) []string { return one(r.Account) },
		"vpc-id":                     func(a *networkACL) []string { return one(a.vpcID) },
	}, in.DescribeIn)
	return &describeACLsOut{mapped(page, r.aclItem), next}, err
}
