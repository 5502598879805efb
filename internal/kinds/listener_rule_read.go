package kinds

import (
	"context"
	"fmt"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

const listenerRulesKey = "elb/rules/"

// rulesOf reads the rules of a listener once for all of them, the default rule aside. Where the listener
// isn't known, the recorded rule is asked for.
func rulesOf(ctx context.Context, call graph.Call, listener graph.Value) ([]elbtypes.Rule, error) {
	w := world(call)
	in := &elbv2.DescribeRulesInput{}
	key := listenerRulesKey
	switch {
	case known(listener):
		in.ListenerArn = sdk.String(listener.String())
		key += listener.String()
	case call.ID != "":
		in.RuleArns = []string{call.ID}
		key += call.ID
	default:
		return nil, nil
	}
	rules, err := aws.Read(ctx, w.Reads, key, func(ctx context.Context) ([]elbtypes.Rule, error) {
		all, err := pages(ctx, elbv2.NewDescribeRulesPaginator(w.ELB, in),
			func(p *elbv2.DescribeRulesOutput) []elbtypes.Rule { return p.Rules })
		return slices.DeleteFunc(all, func(r elbtypes.Rule) bool { return sdk.ToBool(r.IsDefault) }), err
	})
	if notFound(err) {
		return nil, nil // the rules of a listener go with it
	}
	return rules, err
}

// find is the index of the rule of a call: the recorded one, or the one whose tags say so. -1 is none.
func find(ctx context.Context, call graph.Call, rules []elbtypes.Rule) (int, error) {
	i := slices.IndexFunc(rules, func(r elbtypes.Rule) bool { return call.ID != "" && sdk.ToString(r.RuleArn) == call.ID })
	if i >= 0 || len(rules) == 0 {
		return i, nil
	}
	var arns []string
	for j := range rules {
		arns = append(arns, sdk.ToString(rules[j].RuleArn))
	}
	tags, err := tagsOfAll(ctx, world(call), arns)
	return slices.IndexFunc(rules, func(r elbtypes.Rule) bool { return own.Proves(tags[sdk.ToString(r.RuleArn)], call.Owner) }), err
}

// maxTagged is how many objects one DescribeTags takes.
const maxTagged = 20

// tagsOfAll reads the tags of objects of Elastic Load Balancing, twenty at a time.
func tagsOfAll(ctx context.Context, w *aws.World, arns []string) (map[string]map[string]string, error) {
	return aws.Read(ctx, w.Reads, listenerRulesKey+"tags/"+strings.Join(arns, ","), func(ctx context.Context) (map[string]map[string]string, error) {
		out := map[string]map[string]string{}
		for chunk := range slices.Chunk(arns, maxTagged) {
			page, err := w.ELB.DescribeTags(ctx, &elbv2.DescribeTagsInput{ResourceArns: chunk})
			if err != nil {
				return nil, err
			}
			for _, d := range page.TagDescriptions {
				tags := map[string]string{}
				for _, t := range d.Tags {
					tags[sdk.ToString(t.Key)] = sdk.ToString(t.Value)
				}
				out[sdk.ToString(d.ResourceArn)] = tags
			}
		}
		return out, nil
	})
}

func (s ListenerRuleSpec) conditions() []elbtypes.RuleCondition {
	var out []elbtypes.RuleCondition
	if len(s.Hosts) > 0 {
		out = append(out, elbtypes.RuleCondition{Field: sdk.String(hostHeader), HostHeaderConfig: &elbtypes.HostHeaderConditionConfig{Values: s.Hosts}})
	}
	if len(s.Paths) > 0 {
		out = append(out, elbtypes.RuleCondition{Field: sdk.String(pathPattern), PathPatternConfig: &elbtypes.PathPatternConditionConfig{Values: s.Paths}})
	}
	return out
}

const (
	hostHeader  = "host-header"
	pathPattern = "path-pattern"
)

// conditions are the hosts and paths of a rule; others are those that we never set.
func (r listenerRule) conditions() (hosts, paths, others []string) {
	for i := range r.Conditions {
		c := &r.Conditions[i]
		switch field := sdk.ToString(c.Field); {
		case field == hostHeader && c.HostHeaderConfig != nil && len(c.HostHeaderConfig.RegexValues) == 0:
			hosts = append(hosts, c.HostHeaderConfig.Values...)
		case field == hostHeader && len(c.RegexValues) == 0:
			hosts = append(hosts, c.Values...)
		case field == pathPattern && c.PathPatternConfig != nil && len(c.PathPatternConfig.RegexValues) == 0:
			paths = append(paths, c.PathPatternConfig.Values...)
		case field == pathPattern && len(c.RegexValues) == 0:
			paths = append(paths, c.Values...)
		default:
			others = append(others, field)
		}
	}
	return hosts, paths, others
}

func (r Rewrite) transforms() []elbtypes.RuleTransform {
	if r == (Rewrite{}) {
		return nil
	}
	return []elbtypes.RuleTransform{{
		Type:             elbtypes.TransformTypeEnumUrlRewrite,
		UrlRewriteConfig: &elbtypes.UrlRewriteConfig{Rewrites: []elbtypes.RewriteConfig{{Regex: &r.Regex, Replace: &r.Replace}}},
	}}
}

func (r Rewrite) text() string { return rewriteText(r.transforms()) }

// rewriteText prints transforms, so that they compare.
func rewriteText(transforms []elbtypes.RuleTransform) string {
	text := ""
	for _, t := range transforms {
		text += string(t.Type)
		var rewrites []elbtypes.RewriteConfig
		if t.UrlRewriteConfig != nil {
			rewrites = append(rewrites, t.UrlRewriteConfig.Rewrites...)
		}
		if t.HostHeaderRewriteConfig != nil {
			rewrites = append(rewrites, t.HostHeaderRewriteConfig.Rewrites...)
		}
		for _, r := range rewrites {
			text += fmt.Sprintf(" %s -> %s", sdk.ToString(r.Regex), sdk.ToString(r.Replace))
		}
	}
	return text
}
