package ec2

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// permission is what one rule admits: a protocol and ports from or to one peer. Two rules of a group
// and direction with the same permission are the same rule.
type permission struct {
	protocol string
	from, to int // -1 where the protocol has no ports
	// one of these is the peer
	cidr, cidr6, groupID string
}

type rangeIn struct {
	CIDR        string `q:"CidrIp" xml:"cidrIp"`
	Description string `q:"Description" xml:"description,omitempty"`
}

type range6In struct {
	CIDR        string `q:"CidrIpv6" xml:"cidrIpv6"`
	Description string `q:"Description" xml:"description,omitempty"`
}

type groupPair struct {
	Description string `q:"Description" xml:"description,omitempty"`
	GroupID     string `q:"GroupId" xml:"groupId"`
	UserID      string `q:"UserId" xml:"userId"`
	VPCID       string `q:"VpcId" xml:"-"`
}

// ipPermission is AWS's form: several peers with the same protocol and ports.
type ipPermission struct {
	Protocol string      `q:"IpProtocol" xml:"ipProtocol"`
	FromPort *int        `q:"FromPort" xml:"fromPort"`
	ToPort   *int        `q:"ToPort" xml:"toPort"`
	Groups   []groupPair `q:"Groups" xml:"groups>item"`
	Ranges   []rangeIn   `q:"IpRanges" xml:"ipRanges>item"`
	Ranges6  []range6In  `q:"Ipv6Ranges" xml:"ipv6Ranges>item"`
}

// described is a permission with the rule's description.
type described struct {
	permission
	description string
}

// protocols have names; any other protocol is given by its number,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
var protocols = map[string]string{"tcp": "tcp", "6": "tcp", "udp": "udp", "17": "udp", "icmp": "icmp", "1": "icmp", "icmpv6": "icmpv6", "58": "icmpv6", "-1": "-1", "all": "-1"}

// ports brings protocol and ports into canonical form.
func ports(protocol string, from, to *int) (permission, error) {
	p := permission{from: -1, to: -1}
	if protocol == "" {
		return p, core.Errorf("MissingParameter", "The request must contain the parameter ipProtocol")
	}
	name, known := protocols[strings.ToLower(protocol)]
	if !known {
		n, err := strconv.Atoi(protocol)
		if err != nil || n < 0 || n > 255 {
			return p, invalidValue("Invalid value '%s' for IP protocol. Unknown protocol.", protocol)
		}
		name = protocol
	}
	p.protocol = name
	switch name {
	case "tcp", "udp":
		if from == nil || to == nil {
			return p, invalidValue("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.")
		}
		if *from < 0 || *to > 65535 || *from > *to {
			return p, invalidValue("Invalid value '%d-%d' for portRange. TCP/UDP port must be between 0 and 65535, and the first not above the last.", *from, *to)
		}
		p.from, p.to = *from, *to
	case "icmp", "icmpv6":
		if from != nil {
			p.from = *from
		}
		if to != nil {
			p.to = *to
		}
	}
	return p, nil
}

// peerCIDR brings a rule's block into canonical form: "Amazon Web Services canonicalizes IPv4 and IPv6
// CIDRs", https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html
func peerCIDR(text string, ipv6 bool) (string, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil || p.Addr().Is6() != ipv6 {
		return "", invalidValue("CIDR block %s is malformed", text)
	}
	return p.Masked().String(), nil
}

func checkDescription(d string) error {
	if len(d) > maxGroupText || !groupText.MatchString(d) {
		return invalidValue("Invalid rule description. Valid descriptions are strings less than 256 characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*")
	}
	return nil
}

// expand makes one permission per peer.
func (r *region) expand(g *securityGroup, in []ipPermission) ([]described, error) {
	var out []described
	for _, p := range in {
		base, err := ports(p.Protocol, p.FromPort, p.ToPort)
		if err != nil {
			return nil, err
		}
		add := func(peer permission, description string) error {
			if err := checkDescription(description); err != nil {
				return err
			}
			out = append(out, described{peer, description})
			return nil
		}
		for _, e := range p.Ranges {
			peer := base
			if peer.cidr, err = peerCIDR(e.CIDR, false); err != nil {
				return nil, err
			}
			if err := add(peer, e.Description); err != nil {
				return nil, err
			}
		}
		for _, e := range p.Ranges6 {
			peer := base
			if peer.cidr6, err = peerCIDR(e.CIDR, true); err != nil {
				return nil, err
			}
			if err := add(peer, e.Description); err != nil {
				return nil, err
			}
		}
		for _, e := range p.Groups {
			peer := base
			if peer.groupID, err = r.peerGroup(g, e.GroupID, e.UserID); err != nil {
				return nil, err
			}
			if err := add(peer, e.Description); err != nil {
				return nil, err
			}
		}
		if len(p.Ranges)+len(p.Ranges6)+len(p.Groups) == 0 {
			return nil, core.Errorf("MissingParameter", "Source group ID missing.")
		}
	}
	seen := map[permission]bool{}
	for _, p := range out {
		if seen[p.permission] {
			return nil, invalidValue("The same permission must not appear multiple times")
		}
		seen[p.permission] = true
	}
	return out, nil
}

func (r *region) peerGroup(g *securityGroup, id, owner string) (string, error) {
	if id == "" {
		return "", core.Errorf("MissingParameter", "Source group ID missing.")
	}
	peer, exists := r.groups.get(id)
	if !exists || (owner != "" && owner != r.Account) {
		return "", kindSecurityGroup.missing(id)
	}
	if peer.vpcID != g.vpcID {
		return "", core.Errorf("InvalidGroup.NotFound", "You have specified two resources that belong to different networks.")
	}
	return id, nil
}

// String prints a permission as AWS's errors do.
func (p permission) String() string {
	protocol := strings.ToUpper(p.protocol)
	if p.protocol == "-1" {
		protocol = "ALL"
	}
	text := fmt.Sprintf("peer: %s, %s", p.cidr+p.cidr6+p.groupID, protocol)
	if p.from != -1 {
		text += fmt.Sprintf(", from port: %d, to port: %d", p.from, p.to)
	}
	return text + ", ALLOW"
}

// covers reports whether the permission admits a TCP port.
func (p permission) covers(port int) bool {
	return p.protocol == "-1" || (p.protocol == "tcp" && p.from <= port && port <= p.to)
}
