package kinds

import (
	"fmt"
	"net/netip"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// ruleKey is what makes two rules one to AWS: a second one is InvalidPermission.Duplicate. Tags and
// description aren't part of it.
type ruleKey struct {
	egress   bool
	protocol string
	from, to int32
	peer     string
}

// String is the key as people read it in plans: "ingress[tcp 443 10.0.0.0/8]".
func (k ruleKey) String() string {
	direction := "ingress"
	if k.egress {
		direction = "egress"
	}
	switch {
	case k.protocol == everything:
		return fmt.Sprintf("%s[all %s]", direction, k.peer)
	case k.from == k.to:
		return fmt.Sprintf("%s[%s %d %s]", direction, k.protocol, k.from, k.peer)
	default:
		return fmt.Sprintf("%s[%s %d-%d %s]", direction, k.protocol, k.from, k.to, k.peer)
	}
}

// everything is AWS's word for all protocols and ports; its ports then read -1.
const everything = "-1"

// wantedRule is a rule with its key and, where it exists, the live one.
type wantedRule struct {
	key  ruleKey
	want Rule
	live types.SecurityGroupRule
}

func wantedKey(egress bool, r Rule) ruleKey {
	k := ruleKey{egress, strings.ToLower(r.Protocol), int32(r.FromPort), int32(r.ToPort), r.Source.String()}
	if k.peer == "" {
		k.peer = canonical(r.CIDR.String())
	}
	if k.protocol == everything || k.protocol == "all" {
		k.protocol, k.from, k.to = everything, -1, -1
	}
	return k
}

// canonical is a range as AWS keeps it: without host bits.
func canonical(cidr string) string {
	if p, err := netip.ParsePrefix(cidr); err == nil {
		return p.Masked().String()
	}
	return cidr
}

func keyOf(r types.SecurityGroupRule) ruleKey {
	k := ruleKey{sdk.ToBool(r.IsEgress), sdk.ToString(r.IpProtocol), sdk.ToInt32(r.FromPort), sdk.ToInt32(r.ToPort), ""}
	if k.protocol == everything {
		k.from, k.to = -1, -1
	}
	switch {
	case r.ReferencedGroupInfo != nil:
		k.peer = sdk.ToString(r.ReferencedGroupInfo.GroupId)
	case r.CidrIpv4 != nil:
		k.peer = canonical(*r.CidrIpv4)
	case r.CidrIpv6 != nil:
		k.peer = canonical(*r.CidrIpv6)
	default:
		k.peer = sdk.ToString(r.PrefixListId)
	}
	return k
}

// rulePlan is what leads from the live rules to the wanted ones.
type rulePlan struct {
	ingress, egress, describe         []wantedRule
	kept, revokeIngress, revokeEgress []types.SecurityGroupRule
}

func planRules(want SecurityGroupRulesSpec, live []types.SecurityGroupRule) rulePlan {
	var p rulePlan
	there := map[ruleKey]types.SecurityGroupRule{}
	for _, r := range live {
		there[keyOf(r)] = r
	}
	wanted := map[ruleKey]bool{}
	add := func(egress bool, rules []Rule) (missing []wantedRule) {
		for _, r := range rules {
			k := wantedKey(egress, r)
			if wanted[k] {
				continue // AWS refuses the same rule twice
			}
			wanted[k] = true
			have, ok := there[k]
			if !ok {
				missing = append(missing, wantedRule{key: k, want: r})
				continue
			}
			p.kept = append(p.kept, have)
			if sdk.ToString(have.Description) != r.Description {
				p.describe = append(p.describe, wantedRule{k, r, have})
			}
		}
		return missing
	}
	p.ingress = add(false, want.Ingress)
	p.egress = add(true, want.Egress)
	for _, r := range live {
		switch {
		case wanted[keyOf(r)]:
		case sdk.ToBool(r.IsEgress):
			p.revokeEgress = append(p.revokeEgress, r)
		default:
			p.revokeIngress = append(p.revokeIngress, r)
		}
	}
	return p
}

// permissions are rules as the Authorize calls take them, one permission each.
func permissions(rules []wantedRule) []types.IpPermission {
	out := make([]types.IpPermission, len(rules))
	for i, r := range rules {
		p := types.IpPermission{IpProtocol: sdk.String(r.key.protocol)}
		if r.key.protocol != everything {
			p.FromPort, p.ToPort = sdk.Int32(r.key.from), sdk.Int32(r.key.to)
		}
		peer, description := sdk.String(r.key.peer), optional(r.want.Description)
		switch {
		case strings.HasPrefix(r.key.peer, "sg-"):
			p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: peer, Description: description}}
		case strings.HasPrefix(r.key.peer, "pl-"):
			p.PrefixListIds = []types.PrefixListId{{PrefixListId: peer, Description: description}}
		case strings.Contains(r.key.peer, ":"):
			p.Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: peer, Description: description}}
		default:
			p.IpRanges = []types.IpRange{{CidrIp: peer, Description: description}}
		}
		out[i] = p
	}
	return out
}

// descriptions are rules as ModifySecurityGroupRules takes them: whole, with the wanted description.
func descriptions(rules []wantedRule) []types.SecurityGroupRuleUpdate {
	out := make([]types.SecurityGroupRuleUpdate, len(rules))
	for i, r := range rules {
		request := types.SecurityGroupRuleRequest{
			IpProtocol: r.live.IpProtocol, Description: sdk.String(r.want.Description),
			CidrIpv4: r.live.CidrIpv4, CidrIpv6: r.live.CidrIpv6, PrefixListId: r.live.PrefixListId,
		}
		if r.key.protocol != everything {
			request.FromPort, request.ToPort = r.live.FromPort, r.live.ToPort
		}
		if r.live.ReferencedGroupInfo != nil {
			request.ReferencedGroupId = r.live.ReferencedGroupInfo.GroupId
		}
		out[i] = types.SecurityGroupRuleUpdate{SecurityGroupRuleId: r.live.SecurityGroupRuleId, SecurityGroupRule: &request}
	}
	return out
}

// optional is nil for what isn't said: AWS refuses some empty strings.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
