package kinds

import (
	"context"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// SecurityGroupOpening is one rule of ours in a security group that isn't: what somebody else has there is
// opened for us, and closed again. The rule is told from the group's others by its own tags; no other is
// ever touched. Where somebody has let us in already, nothing is added, and nothing taken away.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
//
// Outputs: "id", when the door is open.
type SecurityGroupOpening struct{}

// SecurityGroupOpeningSpec is the rule: TCP from a security group to a port.
type SecurityGroupOpeningSpec struct {
	// Group is the id of the group that is opened, Source that of the group that is let in.
	Group  graph.Value `json:"group"`
	Source graph.Value `json:"source"`
	Port   int         `json:"port"`
	// Description is for people; it is given once.
	Description string `json:"description"`
}

// opening is what there is: our rules, of which one is as wanted, and whether somebody else's does it.
type opening struct {
	Rules []types.SecurityGroupRule
	Given bool
}

func (s SecurityGroupOpeningSpec) rule() Rule {
	return Rule{Protocol: "tcp", FromPort: s.Port, ToPort: s.Port, Source: s.Source, Description: s.Description}
}

func (s SecurityGroupOpeningSpec) is(r types.SecurityGroupRule) bool {
	return sdk.ToString(r.GroupId) == s.Group.String() && keyOf(r) == wantedKey(false, s.rule())
}

// Name implements graph.Kind.
func (SecurityGroupOpening) Name() string { return "SecurityGroupOpening" }

// Apart implements graph.Apart: the rules of our own groups are read otherwise.
func (SecurityGroupOpening) Apart() bool { return true }

// List implements graph.Lister.
func (k SecurityGroupOpening) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	all, err := k.owned(ctx, call)
	if err != nil {
		return nil, err
	}
	groups, err := securityGroups.owned(ctx, call)
	if err != nil {
		return nil, err
	}
	out := map[graph.NodeID]graph.Live{}
	for _, r := range all {
		ours := slices.ContainsFunc(groups, func(g types.SecurityGroup) bool { return sdk.ToString(g.GroupId) == sdk.ToString(r.GroupId) })
		if node := graph.NodeID(tagsOfEC2(r.Tags)[own.TagNode]); node != "" && !ours {
			out[node] = k.live(opening{Rules: []types.SecurityGroupRule{r}})
		}
	}
	return out, nil
}

// owned lists all rules with the owner's tags.
func (SecurityGroupOpening) owned(ctx context.Context, call graph.Call) ([]types.SecurityGroupRule, error) {
	w := world(call)
	return aws.Read(ctx, w.Reads, rulesKey+"owned/"+call.Owner[own.TagOwner], func(ctx context.Context) ([]types.SecurityGroupRule, error) {
		return pages(ctx, ec2.NewDescribeSecurityGroupRulesPaginator(w.EC2, &ec2.DescribeSecurityGroupRulesInput{Filters: []types.Filter{
			filter("tag:"+own.TagCluster, call.Owner[own.TagCluster]), filter("tag:"+own.TagOwner, call.Owner[own.TagOwner]),
		}}), func(p *ec2.DescribeSecurityGroupRulesOutput) []types.SecurityGroupRule { return p.SecurityGroupRules })
	})
}

// given is the id under which an opening is recorded that somebody else made.
const given = "given"

// Observe implements graph.Kind.
func (k SecurityGroupOpening) Observe(ctx context.Context, call graph.Call, spec SecurityGroupOpeningSpec) (graph.Live, error) {
	all, err := k.owned(ctx, call)
	if err != nil {
		return graph.Live{}, err
	}
	var o opening
	for _, r := range all {
		if own.Proves(tagsOfEC2(r.Tags), call.Owner) {
			o.Rules = append(o.Rules, r)
		}
	}
	if len(o.Rules) == 0 && (call.Taken || call.ID != "") && known(spec.Group) && known(spec.Source) {
		theirs, err := SecurityGroupRules{}.rules(ctx, call, spec.Group.String())
		if err != nil {
			return graph.Live{}, err
		}
		for _, r := range theirs {
			if !sdk.ToBool(r.IsEgress) && proof(call, sdk.ToString(r.SecurityGroupRuleId), tagsOfEC2(r.Tags)) == graph.Ours {
				o.Rules = append(o.Rules, r) // the recorded one, which lost its tags
			}
		}
		o.Given = len(o.Rules) == 0 && (call.Taken || call.ID == given) && slices.ContainsFunc(theirs, spec.is)
	}
	if len(o.Rules) == 0 && !o.Given {
		return graph.Live{Phase: graph.Absent}, nil
	}
	return k.live(o), nil
}

func (SecurityGroupOpening) live(o opening) graph.Live {
	l := graph.Live{ID: given, Phase: graph.Ready, Owner: graph.Ours, Raw: o, Out: map[graph.Attr]string{"id": given}}
	if len(o.Rules) > 0 {
		l.ID = sdk.ToString(o.Rules[0].SecurityGroupRuleId)
		l.Out["id"] = sdk.ToString(o.Rules[0].GroupId)
	}
	return l
}

// Diff implements graph.Kind.
func (SecurityGroupOpening) Diff(call graph.Call, want SecurityGroupOpeningSpec, live graph.Live) []graph.Change {
	have := raw[opening](live)
	if have.Given {
		return nil
	}
	var d difference
	open := false
	for _, r := range have.Rules {
		path := sdk.ToString(r.GroupId) + "." + keyOf(r).String()
		if !want.is(r) || open {
			d.text(path, "present", "absent")
			continue
		}
		open = true
		d = append(d, diffTags(call.Tags, tagsOfEC2(r.Tags))...)
	}
	if !open {
		d.text(want.Group.String()+"."+wantedKey(false, want.rule()).String(), "absent", "present")
	}
	return d
}

// Create implements graph.Kind. A rule that is there already is a conflict, and found by the look after it.
func (k SecurityGroupOpening) Create(ctx context.Context, call graph.Call, spec SecurityGroupOpeningSpec) (graph.Live, error) {
	r, err := k.authorize(ctx, call, spec)
	if err != nil {
		return graph.Live{}, err
	}
	return k.live(opening{Rules: []types.SecurityGroupRule{r}}), nil
}

func (SecurityGroupOpening) authorize(ctx context.Context, call graph.Call, spec SecurityGroupOpeningSpec) (types.SecurityGroupRule, error) {
	defer world(call).Reads.Forget(rulesKey)
	out, err := world(call).EC2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: sdk.String(spec.Group.String()), IpPermissions: permissions([]wantedRule{{key: wantedKey(false, spec.rule()), want: spec.rule()}}),
		TagSpecifications: tagged(call, types.ResourceTypeSecurityGroupRule),
	})
	if err != nil {
		return types.SecurityGroupRule{}, err
	}
	r := out.SecurityGroupRules[0]
	r.Tags = ec2Tags(call.Tags)
	return r, nil
}

// Update implements graph.Kind: the new door is open before the old one is closed.
func (k SecurityGroupOpening) Update(ctx context.Context, call graph.Call, spec SecurityGroupOpeningSpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	defer world(call).Reads.Forget(rulesKey)
	have := raw[opening](live)
	var kept, old []types.SecurityGroupRule
	for _, r := range have.Rules {
		if spec.is(r) && len(kept) == 0 {
			kept = append(kept, r)
		} else {
			old = append(old, r)
		}
	}
	next := opening{Rules: kept}
	if len(kept) == 0 {
		r, err := k.authorize(ctx, call, spec)
		switch {
		case err != nil && aws.Classify(err).Class == graph.Conflict:
			next.Given = true
		case err != nil:
			return live, err
		default:
			next.Rules = []types.SecurityGroupRule{r}
		}
	} else {
		tags := tagsOfEC2(kept[0].Tags)
		if err := retagEC2(ctx, call, map[string]map[string]string{*kept[0].SecurityGroupRuleId: tags}); err != nil {
			return live, err
		}
		kept[0].Tags = ec2Tags(retagged(call.Tags, tags))
	}
	if err := k.revoke(ctx, call, old); err != nil {
		return live, err
	}
	return k.live(next), nil
}

func (SecurityGroupOpening) revoke(ctx context.Context, call graph.Call, rules []types.SecurityGroupRule) error {
	for _, r := range rules {
		_, err := world(call).EC2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: r.GroupId, SecurityGroupRuleIds: []string{*r.SecurityGroupRuleId}})
		if ignore(err, notFound) != nil {
			return err
		}
	}
	return nil
}

// Delete implements graph.Kind.
func (k SecurityGroupOpening) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	defer world(call).Reads.Forget(rulesKey)
	err := k.revoke(ctx, call, raw[opening](live).Rules)
	return err == nil, err
}
