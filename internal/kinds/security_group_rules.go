package kinds

import (
	"context"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// SecurityGroupRules are all rules of one group of ours: a node after all groups, since groups refer
// to each other. Rules that aren't wanted are revoked whoever made them, after the wanted ones are
// there. The rule that AWS puts into every new group (all egress) is kept when it is wanted, and
// revoked otherwise.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
//
// The id is the group's. Out: id, when all rules stand.
type SecurityGroupRules struct{}

// SecurityGroupRulesSpec is the desired state of SecurityGroupRules.
type SecurityGroupRulesSpec struct {
	// Group is the security group's id.
	Group graph.Value
	// Ingress and Egress are all rules of the group.
	Ingress, Egress []Rule
}

// Rule admits traffic from (or to) a range or a group: one of the two is set.
type Rule struct {
	// Protocol is "tcp", "udp", "icmp", or "-1" for everything.
	Protocol string
	// FromPort and ToPort bound the ports, both inclusive; they don't matter for "-1".
	FromPort, ToPort int
	// CIDR is an IPv4 or IPv6 range, or a prefix list's id.
	CIDR graph.Value
	// Source is a security group's id.
	Source graph.Value
	// Description is for people.
	Description string
}

// Name implements graph.Kind.
func (SecurityGroupRules) Name() string { return "SecurityGroupRules" }

// List implements graph.Lister.
func (k SecurityGroupRules) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	all, err := k.owned(ctx, call)
	if err != nil {
		return nil, err
	}
	out := map[graph.NodeID]graph.Live{}
	for group, rules := range all {
		for _, r := range rules {
			tags := tagsOfEC2(r.Tags)
			if tags[own.TagNode] != "" && tags[own.TagCluster] == call.Owner[own.TagCluster] && tags[own.TagOwner] == call.Owner[own.TagOwner] {
				out[graph.NodeID(tags[own.TagNode])] = k.live(group, rules)
			}
		}
	}
	return out, nil
}

// Observe answers Absent for a group whose rules we have never touched: the plan then reads as what
// is done, the creation of a rule set.
func (k SecurityGroupRules) Observe(ctx context.Context, call graph.Call, spec SecurityGroupRulesSpec) (graph.Live, error) {
	group := call.ID
	if known(spec.Group) {
		group = spec.Group.String()
	}
	if group == "" {
		return graph.Live{Phase: graph.Absent}, nil
	}
	all, err := k.owned(ctx, call)
	if err != nil {
		return graph.Live{}, err
	}
	rules, ok := all[group]
	if ok && group == call.ID {
		return k.live(group, rules), nil
	}
	if group == call.ID {
		// The group is gone, or somebody took its tags off.
		if _, err := securityGroups.read(ctx, world(call).EC2, []string{group}, nil); notFound(err) {
			return graph.Live{Phase: graph.Absent}, nil
		} else if err != nil {
			return graph.Live{}, err
		}
	}
	if !ok {
		if rules, err = k.rules(ctx, call, group); err != nil {
			return graph.Live{}, err
		}
	}
	if group != call.ID && !slices.ContainsFunc(rules, func(r types.SecurityGroupRule) bool { return own.Proves(tagsOfEC2(r.Tags), call.Owner) }) {
		return graph.Live{Phase: graph.Absent}, nil
	}
	return k.live(group, rules), nil
}

func (SecurityGroupRules) live(group string, rules []types.SecurityGroupRule) graph.Live {
	return graph.Live{ID: group, Phase: graph.Ready, Owner: graph.Ours, Raw: rules, Out: map[graph.Attr]string{"id": group}}
}

func (SecurityGroupRules) Diff(call graph.Call, want SecurityGroupRulesSpec, live graph.Live) []graph.Change {
	p := planRules(want, raw[[]types.SecurityGroupRule](live))
	var out []graph.Change
	for _, r := range slices.Concat(p.ingress, p.egress) {
		out = append(out, graph.Change{Path: r.key.String(), Have: "absent", Want: "present"})
	}
	for _, r := range p.describe {
		out = append(out, graph.Change{Path: r.key.String() + ".description", Have: sdk.ToString(r.live.Description), Want: r.want.Description})
	}
	for _, r := range p.kept {
		for _, c := range diffTags(call.Tags, tagsOfEC2(r.Tags)) {
			c.Path = keyOf(r).String() + "." + c.Path
			out = append(out, c)
		}
	}
	for _, r := range slices.Concat(p.revokeIngress, p.revokeEgress) {
		out = append(out, graph.Change{Path: keyOf(r).String(), Have: "present", Want: "absent"})
	}
	return out
}

func (k SecurityGroupRules) Create(ctx context.Context, call graph.Call, spec SecurityGroupRulesSpec) (graph.Live, error) {
	all, err := k.owned(ctx, call) // as Observe read them
	if err != nil {
		return graph.Live{}, err
	}
	rules, ok := all[spec.Group.String()]
	if !ok {
		if rules, err = k.rules(ctx, call, spec.Group.String()); err != nil {
			return graph.Live{}, err
		}
	}
	return k.Update(ctx, call, spec, k.live(spec.Group.String(), rules), nil)
}

// Update authorises before it revokes, so that no wanted connection is refused meanwhile.
func (k SecurityGroupRules) Update(ctx context.Context, call graph.Call, spec SecurityGroupRulesSpec, live graph.Live, _ []graph.Change) (_ graph.Live, err error) {
	defer func() {
		if err != nil {
			world(call).Reads.Forget(rulesKey)
		}
	}()
	p, c, group := planRules(spec, raw[[]types.SecurityGroupRule](live)), world(call).EC2, &live.ID
	tags := tagged(call, types.ResourceTypeSecurityGroupRule)
	rules := slices.Clone(p.kept)
	incomplete := live
	incomplete.Out = nil
	if len(p.ingress) > 0 {
		out, err := c.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: group, IpPermissions: permissions(p.ingress), TagSpecifications: tags})
		if err != nil {
			return incomplete, err
		}
		rules = append(rules, out.SecurityGroupRules...)
	}
	if len(p.egress) > 0 {
		out, err := c.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: group, IpPermissions: permissions(p.egress), TagSpecifications: tags})
		if err != nil {
			return incomplete, err
		}
		rules = append(rules, out.SecurityGroupRules...)
	}
	if len(p.describe) > 0 {
		if _, err := c.ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{GroupId: group, SecurityGroupRules: descriptions(p.describe)}); err != nil {
			return incomplete, err
		}
		for _, d := range p.describe {
			i := slices.IndexFunc(rules, func(r types.SecurityGroupRule) bool { return keyOf(r) == d.key })
			rules[i].Description = sdk.String(d.want.Description)
		}
	}
	have := map[string]map[string]string{}
	for i, r := range p.kept {
		have[*r.SecurityGroupRuleId] = tagsOfEC2(r.Tags)
		rules[i].Tags = ec2Tags(retagged(call.Tags, tagsOfEC2(r.Tags)))
	}
	if err := retagEC2(ctx, call, have); err != nil {
		return incomplete, err
	}
	if err := k.revoke(ctx, call, live.ID, p.revokeIngress, p.revokeEgress); err != nil {
		return incomplete, err
	}
	k.became(call, live.ID, rules)
	return k.live(live.ID, rules), nil
}

func (SecurityGroupRules) revoke(ctx context.Context, call graph.Call, group string, ingress, egress []types.SecurityGroupRule) error {
	ids := func(rules []types.SecurityGroupRule) []string {
		out := make([]string, len(rules))
		for i := range rules {
			out[i] = *rules[i].SecurityGroupRuleId
		}
		return out
	}
	if len(ingress) > 0 {
		if _, err := world(call).EC2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &group, SecurityGroupRuleIds: ids(ingress)}); err != nil {
			return err
		}
	}
	if len(egress) > 0 {
		if _, err := world(call).EC2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: &group, SecurityGroupRuleIds: ids(egress)}); err != nil {
			return err
		}
	}
	return nil
}

// Delete revokes every rule, which is what lets go of the other groups.
func (k SecurityGroupRules) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	p := planRules(SecurityGroupRulesSpec{}, raw[[]types.SecurityGroupRule](live))
	err := k.revoke(ctx, call, live.ID, p.revokeIngress, p.revokeEgress)
	if err == nil {
		k.became(call, live.ID, nil)
	} else {
		world(call).Reads.Forget(rulesKey)
	}
	if notFound(err) {
		return false, nil // one of them was revoked by somebody else: what is left shows next time
	}
	return err == nil, err
}
