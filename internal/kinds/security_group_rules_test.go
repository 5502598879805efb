package kinds

import (
	"context"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

func TestSecurityGroup(t *testing.T) {
	ctx := context.Background()
	r := newEC2Rig(t)
	vpc := made(r, VPC{}, "vpc/main", vpcSpec)
	k, node, spec := SecurityGroup{}, "sg/gateway", SecurityGroupSpec{VPC: graph.Lit(vpc.ID), Description: "Gateway tasks"}
	lifecycle(r, k, node, spec, r.tagEdits()...)

	_, err := r.client.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: &vpc.ID, GroupName: sdk.String(r.call(node, "").Name), Description: sdk.String("x")})
	r.ok(err)
	if l := observed(r, k, node, "", spec); l.Phase != graph.Absent {
		t.Errorf("a look-alike: %+v", l)
	}
	_, err = k.Create(ctx, r.call(node, ""), spec)
	if f := aws.Classify(err); f.Class != graph.Conflict {
		t.Errorf("its name is taken: %+v", f)
	}
	taken := r.call(node, "")
	taken.Taken = true
	if l, err := k.Observe(ctx, taken, spec); err != nil || l.Owner != graph.Foreign {
		t.Errorf("asked by name: %+v, %v", l, err)
	}
}

func groupRig(t *testing.T) (r *ec2Rig, gateway, data graph.Live) {
	r = newEC2Rig(t)
	vpc := made(r, VPC{}, "vpc/main", vpcSpec)
	gateway = made(r, SecurityGroup{}, "sg/gateway", SecurityGroupSpec{VPC: graph.Lit(vpc.ID), Description: "a"})
	data = made(r, SecurityGroup{}, "sg/data", SecurityGroupSpec{VPC: graph.Lit(vpc.ID), Description: "b"})
	return r, gateway, data
}

func TestSecurityGroupRules(t *testing.T) {
	ctx := context.Background()
	r, gateway, data := groupRig(t)
	k, node := SecurityGroupRules{}, "rules/gateway"
	spec := SecurityGroupRulesSpec{
		Group: graph.Lit(gateway.ID),
		Ingress: []Rule{
			{Protocol: "tcp", FromPort: 8787, ToPort: 8787, Source: graph.Lit(data.ID), Description: "Data service"},
			{Protocol: "tcp", FromPort: 443, ToPort: 443, CIDR: graph.Lit("10.0.3.4/16"), Description: "Clients"},
			{Protocol: "tcp", FromPort: 443, ToPort: 443, CIDR: graph.Lit("2001:db8::1/32")},
			{Protocol: "tcp", FromPort: 8000, ToPort: 9000, Source: graph.Lit(gateway.ID)},
		},
		Egress: []Rule{{Protocol: "-1", CIDR: graph.Lit("0.0.0.0/0"), Description: "Everything"}},
	}
	rule := func(id, key string) *string {
		t.Helper()
		rules, err := readRules(ctx, r.client, id)
		r.ok(err)
		i := slices.IndexFunc(rules, func(r types.SecurityGroupRule) bool { return keyOf(r).String() == key })
		if i < 0 {
			t.Fatalf("no rule %s in %+v", key, rules)
		}
		return rules[i].SecurityGroupRuleId
	}
	const clients = "ingress[tcp 443 10.0.0.0/16]"
	lifecycle(r, k, node, spec,
		edit{"a rule's tag was changed", clients + ".tags.team", func(id string) { r.retag("team", "hr", *rule(id, clients)) }},
		edit{"a rule's tags were taken off", clients + ".tags.", func(id string) { r.untag(*rule(id, clients)) }},
		edit{"all rules' tags were taken off", "egress[all 0.0.0.0/0].tags.", func(id string) {
			rules, err := readRules(ctx, r.client, id)
			r.ok(err)
			for _, rule := range rules {
				r.untag(*rule.SecurityGroupRuleId)
			}
		}},
		edit{"a rule was revoked", clients, func(id string) {
			_, err := r.client.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &id, SecurityGroupRuleIds: []string{*rule(id, clients)}})
			r.ok(err)
		}},
		edit{"an egress rule was revoked", "egress[all 0.0.0.0/0]", func(id string) {
			_, err := r.client.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: &id, SecurityGroupRuleIds: []string{*rule(id, "egress[all 0.0.0.0/0]")}})
			r.ok(err)
		}},
		edit{"a rule was added", "ingress[tcp 22 0.0.0.0/0]", func(id string) {
			_, err := r.client.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: []types.IpPermission{
				{IpProtocol: sdk.String("tcp"), FromPort: sdk.Int32(22), ToPort: sdk.Int32(22), IpRanges: []types.IpRange{{CidrIp: sdk.String("0.0.0.0/0")}}}}})
			r.ok(err)
		}},
		edit{"a rule was described otherwise", clients + ".description", func(id string) {
			_, err := r.client.ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{GroupId: &id, SecurityGroupRules: []types.SecurityGroupRuleUpdate{
				{SecurityGroupRuleId: rule(id, clients), SecurityGroupRule: &types.SecurityGroupRuleRequest{IpProtocol: sdk.String("tcp"), FromPort: sdk.Int32(443), ToPort: sdk.Int32(443), CidrIpv4: sdk.String("10.0.0.0/16"), Description: sdk.String("SSH")}}}})
			r.ok(err)
		}},
	)
}

// TestNewRulesComeBeforeOldOnesGo: an edit of ranges opens the new ones before it closes the old ones, whichever way the
// traffic goes; and when opening is refused, nothing is closed.
func TestNewRulesComeBeforeOldOnesGo(t *testing.T) {
	ctx := context.Background()
	r, gateway, _ := groupRig(t)
	k, node := SecurityGroupRules{}, "rules/gateway"
	ranges := func(in, out string) SecurityGroupRulesSpec {
		return SecurityGroupRulesSpec{
			Group:   graph.Lit(gateway.ID),
			Ingress: []Rule{{Protocol: "tcp", FromPort: 443, ToPort: 443, CIDR: graph.Lit(in)}},
			Egress:  []Rule{{Protocol: "-1", CIDR: graph.Lit(out)}},
		}
	}
	update := func(to SecurityGroupRulesSpec, live graph.Live) (calls []string, err error) {
		t.Helper()
		call, last := r.call(node, live.ID), r.server.LastCall()
		_, err = k.Update(ctx, call, to, live, k.Diff(call, to, live))
		for _, c := range r.server.Calls(last) {
			calls = append(calls, c.Action)
		}
		return calls, err
	}
	old, wanted := ranges("10.0.0.0/16", "10.1.0.0/16"), ranges("10.2.0.0/16", "10.3.0.0/16")
	live := made(r, k, node, old)

	for _, refused := range []string{"AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"} {
		r.server.Inject(core.FaultRule{Service: "ec2", Action: refused, Fault: core.FaultDenied, Times: 1})
		calls, err := update(wanted, live)
		if err == nil || slices.ContainsFunc(calls, func(c string) bool { return strings.HasPrefix(c, "Revoke") }) {
			t.Errorf("%s is refused: %v, called %v", refused, err, calls)
		}
		live = observed(r, k, node, live.ID, wanted)
	}
	if d := paths(k.Diff(r.call(node, live.ID), old, live)); slices.ContainsFunc(d, func(p string) bool { return strings.Contains(p, "10.0.0.0") || strings.Contains(p, "10.1.0.0") }) {
		t.Errorf("a range of before is closed: %v", d)
	}

	r, gateway, _ = groupRig(t)
	old, wanted = ranges("10.0.0.0/16", "10.1.0.0/16"), ranges("10.2.0.0/16", "10.3.0.0/16")
	live = made(r, k, node, old)
	calls, err := update(wanted, live)
	r.ok(err)
	if want := []string{"AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress"}; !slices.Equal(calls, want) {
		t.Errorf("called %v, want %v", calls, want)
	}
	if d := k.Diff(r.call(node, live.ID), wanted, observed(r, k, node, live.ID, wanted)); len(d) > 0 {
		t.Errorf("it still differs: %+v", d)
	}
}

func TestSecurityGroupRulesWithoutTheirGroup(t *testing.T) {
	ctx := context.Background()
	r, gateway, data := groupRig(t)
	k, node := SecurityGroupRules{}, "rules/gateway"
	spec := SecurityGroupRulesSpec{Group: graph.Lit(gateway.ID), Ingress: []Rule{{Protocol: "tcp", FromPort: 80, ToPort: 80, Source: graph.Lit(data.ID)}}}
	if l := observed(r, k, node, "", SecurityGroupRulesSpec{Group: graph.Lit(graph.KnownAfterApply)}); l.Phase != graph.Absent {
		t.Errorf("of a group that isn't there: %+v", l)
	}
	live := made(r, k, node, spec)
	rules, err := readRules(ctx, r.client, gateway.ID)
	r.ok(err)
	if len(rules) != 1 || *rules[0].IsEgress {
		t.Errorf("AWS's own egress rule isn't wanted: %+v", rules)
	}
	if l := observed(r, k, node, live.ID, SecurityGroupRulesSpec{}); l.ID != live.ID || l.Phase != graph.Ready {
		t.Errorf("by the record alone: %+v", l)
	}
	found, err := k.List(ctx, r.call("", ""))
	r.ok(err)
	if len(found) != 1 || found[graph.NodeID(node)].ID != live.ID {
		t.Errorf("listed: %+v", found)
	}

	// The group whose rule names another can't go before the rule: that is why rules go first.
	_, err = SecurityGroup{}.Delete(ctx, r.call("sg/data", data.ID), data)
	if f := aws.Classify(err); f.Class != graph.InUse {
		t.Errorf("deleting a group that a rule names: %+v", f)
	}
	r.untag(gateway.ID)
	if l := observed(r, k, node, live.ID, spec); l.Phase != graph.Ready || len(k.Diff(r.call(node, live.ID), spec, l)) > 0 {
		t.Errorf("its group's tags were taken off: %+v", l)
	}
	gone, err := k.Delete(ctx, r.call(node, live.ID), observed(r, k, node, live.ID, SecurityGroupRulesSpec{}))
	if !gone || err != nil {
		t.Errorf("deletion: %v, %v", gone, err)
	}
	for node, g := range map[string]graph.Live{"sg/data": data, "sg/gateway": gateway} {
		if gone, err := (SecurityGroup{}).Delete(ctx, r.call(node, g.ID), g); !gone || err != nil {
			t.Errorf("%s: %v, %v", node, gone, err)
		}
	}
	if l := observed(r, k, node, live.ID, spec); l.Phase != graph.Absent {
		t.Errorf("its group is gone: %+v", l)
	}
}

func TestPlanRules(t *testing.T) {
	live := []types.SecurityGroupRule{
		{SecurityGroupRuleId: sdk.String("sgr-1"), IsEgress: sdk.Bool(true), IpProtocol: sdk.String("-1"), FromPort: sdk.Int32(-1), ToPort: sdk.Int32(-1), CidrIpv4: sdk.String("0.0.0.0/0")},
		{SecurityGroupRuleId: sdk.String("sgr-2"), IsEgress: sdk.Bool(false), IpProtocol: sdk.String("tcp"), FromPort: sdk.Int32(443), ToPort: sdk.Int32(443), PrefixListId: sdk.String("pl-1")},
	}
	p := planRules(SecurityGroupRulesSpec{
		Ingress: []Rule{{Protocol: "TCP", FromPort: 443, ToPort: 443, CIDR: graph.Lit("pl-1")}, {Protocol: "tcp", FromPort: 443, ToPort: 443, CIDR: graph.Lit("pl-1")}},
		Egress:  []Rule{{Protocol: "all", FromPort: 0, ToPort: 65535, CIDR: graph.Lit("0.0.0.0/0")}},
	}, live)
	if len(p.kept) != 2 || len(p.ingress)+len(p.egress)+len(p.describe)+len(p.revokeIngress)+len(p.revokeEgress) > 0 {
		t.Errorf("equal in other words: %+v", p)
	}
	p = planRules(SecurityGroupRulesSpec{Ingress: []Rule{{Protocol: "tcp", FromPort: 1, ToPort: 2, CIDR: graph.Lit("::/0")}}}, live)
	if len(p.ingress) != 1 || len(p.revokeIngress) != 1 || len(p.revokeEgress) != 1 {
		t.Errorf("another: %+v", p)
	}
	if got := permissions(p.ingress)[0]; len(got.Ipv6Ranges) != 1 || got.Ipv6Ranges[0].Description != nil {
		t.Errorf("as a permission: %+v", got)
	}
}
