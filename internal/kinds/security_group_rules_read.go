package kinds

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// rulesKey names the walk's memo of rules.
const rulesKey = "ec2/security-group-rules/"

// maxFilterValues is how many values EC2 takes for one filter.
const maxFilterValues = 200

func readRules(ctx context.Context, c aws.EC2, groups ...string) ([]types.SecurityGroupRule, error) {
	var out []types.SecurityGroupRule
	for chunk := range slices.Chunk(groups, maxFilterValues) {
		in := &ec2.DescribeSecurityGroupRulesInput{Filters: []types.Filter{filter("group-id", chunk...)}}
		rules, err := pages(ctx, ec2.NewDescribeSecurityGroupRulesPaginator(c, in),
			func(p *ec2.DescribeSecurityGroupRulesOutput) []types.SecurityGroupRule { return p.SecurityGroupRules })
		if err != nil {
			return nil, err
		}
		out = append(out, rules...)
	}
	return out, nil
}

// owned lists the rules of all groups of the owner, by group.
func (SecurityGroupRules) owned(ctx context.Context, call graph.Call) (map[string][]types.SecurityGroupRule, error) {
	w := world(call)
	return aws.Read(ctx, w.Reads, rulesKey+call.Owner[own.TagOwner], func(ctx context.Context) (map[string][]types.SecurityGroupRule, error) {
		groups, err := securityGroups.owned(ctx, call)
		if err != nil {
			return nil, err
		}
		out, ids := map[string][]types.SecurityGroupRule{}, make([]string, len(groups))
		for i, g := range groups {
			ids[i], out[*g.GroupId] = *g.GroupId, nil
		}
		rules, err := readRules(ctx, w.EC2, ids...)
		for _, r := range rules {
			out[*r.GroupId] = append(out[*r.GroupId], r)
		}
		return out, err
	})
}

// became puts a group's rules, as AWS answered that they now are, into the walk's memo.
func (SecurityGroupRules) became(call graph.Call, group string, rules []types.SecurityGroupRule) {
	w := world(call)
	aws.Amend(w.Reads, rulesKey+call.Owner[own.TagOwner], func(all map[string][]types.SecurityGroupRule) map[string][]types.SecurityGroupRule {
		all = maps.Clone(all)
		all[group] = rules
		return all
	})
	w.Reads.Forget(rulesKey + group)
}

// rules reads one group's rules, for groups that are too new for the owner's list.
func (SecurityGroupRules) rules(ctx context.Context, call graph.Call, group string) ([]types.SecurityGroupRule, error) {
	w := world(call)
	return aws.Read(ctx, w.Reads, rulesKey+group, func(ctx context.Context) ([]types.SecurityGroupRule, error) {
		return readRules(ctx, w.EC2, group)
	})
}
