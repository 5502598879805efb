package wafv2_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/wafv2"
)

const (
	balancer = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/0123456789abcdef"
	other    = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/other/0123456789abcdef"
)

// balancers are load balancers by ARN, with whether they are ready.
type balancers map[string]bool

func (b balancers) Protectable(_ core.Scope, arn string) (found, ready bool) {
	ready, found = b[arn]
	return found, ready
}

func start(t *testing.T, b balancers) (*core.Server, *sdk.Client) {
	t.Helper()
	w := core.NewWorld(core.NewClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)))
	w.AddKey("AKIATEST", core.AccountRoot("123456789012"))
	server := core.NewServer(w)
	server.Register(wafv2.New(w, b).Mux())
	return server, sdk.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://aws.test"), HTTPClient: server, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret", ""),
	})
}

func visibility() *types.VisibilityConfig {
	return &types.VisibilityConfig{MetricName: aws.String("m"), SampledRequestsEnabled: true}
}

func acl(name string, rules ...types.Rule) *sdk.CreateWebACLInput {
	return &sdk.CreateWebACLInput{
		Name: &name, Scope: types.ScopeRegional, DefaultAction: &types.DefaultAction{Allow: &types.AllowAction{}},
		VisibilityConfig: visibility(), Rules: rules, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("a")}},
	}
}

func rate(name string, priority int32) types.Rule {
	return types.Rule{
		Name: &name, Priority: priority, VisibilityConfig: visibility(), Action: &types.RuleAction{Block: &types.BlockAction{}},
		Statement: &types.Statement{RateBasedStatement: &types.RateBasedStatement{Limit: aws.Int64(2000), AggregateKeyType: types.RateBasedStatementAggregateKeyTypeIp}},
	}
}

func common(priority int32) types.Rule {
	return types.Rule{
		Name: aws.String("common"), Priority: priority, VisibilityConfig: visibility(), OverrideAction: &types.OverrideAction{None: &types.NoneAction{}},
		Statement: &types.Statement{ManagedRuleGroupStatement: &types.ManagedRuleGroupStatement{VendorName: aws.String("AWS"), Name: aws.String("AWSManagedRulesCommonRuleSet")}},
	}
}

func ok[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// refused asserts an error's code.
func refused(t *testing.T, err error, code, part string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code || !strings.Contains(e.ErrorMessage(), part) {
		t.Fatalf("got %v, want %s with %q", err, code, part)
	}
}

func TestAssociation(t *testing.T) {
	b := balancers{balancer: false}
	server, c := start(t, b)
	ctx := t.Context()
	made := ok[*sdk.CreateWebACLOutput](t)(c.CreateWebACL(ctx, acl("web"))).Summary
	associate := func(acl *string, to string) error {
		_, err := c.AssociateWebACL(ctx, &sdk.AssociateWebACLInput{WebACLArn: acl, ResourceArn: &to})
		return err
	}
	protecting := func() *types.WebACL {
		t.Helper()
		return ok[*sdk.GetWebACLForResourceOutput](t)(c.GetWebACLForResource(ctx, &sdk.GetWebACLForResourceInput{ResourceArn: aws.String(balancer)})).WebACL
	}
	server.Advance(time.Minute)
	refused(t, associate(made.ARN, balancer), "WAFUnavailableEntityException", "Retry") // it is being provisioned
	refused(t, associate(made.ARN, other), "WAFNonexistentItemException", "")
	refused(t, associate(made.ARN, strings.Replace(balancer, "/app/", "/net/", 1)), "WAFInvalidParameterException", "RESOURCE_ARN")
	if protecting() != nil {
		t.Fatal("nothing protects it yet")
	}
	b[balancer] = true
	if err := associate(made.ARN, balancer); err != nil {
		t.Fatal(err)
	}
	if a := protecting(); *a.ARN != *made.ARN {
		t.Fatal(*a.ARN)
	}
	second := ok[*sdk.CreateWebACLOutput](t)(c.CreateWebACL(ctx, acl("second"))).Summary
	refused(t, associate(second.ARN, balancer), "WAFUnavailableEntityException", "Retry") // it hasn't propagated
	server.Advance(time.Minute)
	if err := associate(second.ARN, balancer); err != nil {
		t.Fatal(err)
	}
	list := ok[*sdk.ListResourcesForWebACLOutput](t)(c.ListResourcesForWebACL(ctx, &sdk.ListResourcesForWebACLInput{WebACLArn: second.ARN}))
	if len(list.ResourceArns) != 1 || list.ResourceArns[0] != balancer {
		t.Fatal(list.ResourceArns)
	}
	remove := func(a *types.WebACLSummary, token *string) error {
		_, err := c.DeleteWebACL(ctx, &sdk.DeleteWebACLInput{Name: a.Name, Id: a.Id, Scope: types.ScopeRegional, LockToken: token})
		return err
	}
	refused(t, remove(second, second.LockToken), "WAFAssociatedItemException", "")
	refused(t, remove(made, second.LockToken), "WAFOptimisticLockException", "")
	for range 2 { // "if it has one"
		ok[*sdk.DisassociateWebACLOutput](t)(c.DisassociateWebACL(ctx, &sdk.DisassociateWebACLInput{ResourceArn: aws.String(balancer)}))
	}
	if err := remove(second, second.LockToken); err != nil {
		t.Fatal(err)
	}
	if err := associate(made.ARN, balancer); err != nil {
		t.Fatal(err)
	}
	delete(b, balancer) // its association goes with it
	if err := remove(made, made.LockToken); err != nil {
		t.Fatal(err)
	}
	_, err := c.GetWebACL(ctx, &sdk.GetWebACLInput{ARN: made.ARN})
	refused(t, err, "WAFNonexistentItemException", "")
}

func TestWebACLs(t *testing.T) {
	_, c := start(t, nil)
	ctx := t.Context()
	made := ok[*sdk.CreateWebACLOutput](t)(c.CreateWebACL(ctx, acl("web", rate("rate", 0), common(1)))).Summary
	ok[*sdk.CreateWebACLOutput](t)(c.CreateWebACL(ctx, acl("another")))
	for _, in := range []*sdk.GetWebACLInput{{ARN: made.ARN}, {Name: made.Name, Id: made.Id, Scope: types.ScopeRegional}} {
		out := ok[*sdk.GetWebACLOutput](t)(c.GetWebACL(ctx, in))
		if a := out.WebACL; a.Capacity != 702 || len(a.Rules) != 2 || *a.Rules[0].Statement.RateBasedStatement.Limit != 2000 || a.DefaultAction.Allow == nil || *out.LockToken != *made.LockToken {
			t.Fatalf("%+v", a)
		}
	}
	page := ok[*sdk.ListWebACLsOutput](t)(c.ListWebACLs(ctx, &sdk.ListWebACLsInput{Scope: types.ScopeRegional, Limit: aws.Int32(1)}))
	rest := ok[*sdk.ListWebACLsOutput](t)(c.ListWebACLs(ctx, &sdk.ListWebACLsInput{Scope: types.ScopeRegional, NextMarker: page.NextMarker}))
	if len(page.WebACLs) != 1 || len(rest.WebACLs) != 1 || *rest.WebACLs[0].Name != "web" {
		t.Fatal(page.WebACLs, rest.WebACLs)
	}
	ok[*sdk.TagResourceOutput](t)(c.TagResource(ctx, &sdk.TagResourceInput{ResourceARN: made.ARN, Tags: []types.Tag{{Key: aws.String("stage"), Value: aws.String("dev")}}}))
	ok[*sdk.UntagResourceOutput](t)(c.UntagResource(ctx, &sdk.UntagResourceInput{ResourceARN: made.ARN, TagKeys: []string{"team"}}))
	tags := ok[*sdk.ListTagsForResourceOutput](t)(c.ListTagsForResource(ctx, &sdk.ListTagsForResourceInput{ResourceARN: made.ARN})).TagInfoForResource.TagList
	if len(tags) != 1 || *tags[0].Key != "stage" {
		t.Fatal(tags)
	}
}

func TestRefusedWebACLs(t *testing.T) {
	for _, tc := range []struct {
		why, part string
		change    func(*sdk.CreateWebACLInput)
	}{
		{"CloudFront isn't emulated", "CLOUDFRONT", func(in *sdk.CreateWebACLInput) { in.Scope = types.ScopeCloudfront }},
		{"a name has no spaces", "NAME", func(in *sdk.CreateWebACLInput) { in.Name = aws.String("a b") }},
		{"the default is one action", "DEFAULT_ACTION", func(in *sdk.CreateWebACLInput) { in.DefaultAction = &types.DefaultAction{} }},
		{"two rules of one priority", "duplicate", func(in *sdk.CreateWebACLInput) { in.Rules = []types.Rule{rate("a", 1), rate("b", 1)} }},
		{"a rule group isn't blocked by itself", "RULE_ACTION", func(in *sdk.CreateWebACLInput) {
			in.Rules = []types.Rule{common(1)}
			in.Rules[0].Action = &types.RuleAction{Block: &types.BlockAction{}}
		}},
		{"statements that aren't counted", "The emulator supports", func(in *sdk.CreateWebACLInput) {
			in.Rules = []types.Rule{rate("a", 1)}
			in.Rules[0].Statement = &types.Statement{IPSetReferenceStatement: &types.IPSetReferenceStatement{ARN: aws.String("x")}}
		}},
	} {
		t.Run(tc.why, func(t *testing.T) {
			_, c := start(t, nil)
			in := acl("web")
			tc.change(in)
			_, err := c.CreateWebACL(t.Context(), in)
			refused(t, err, "WAFInvalidParameterException", tc.part)
		})
	}
	_, c := start(t, nil)
	ok[*sdk.CreateWebACLOutput](t)(c.CreateWebACL(t.Context(), acl("web")))
	_, err := c.CreateWebACL(t.Context(), acl("web"))
	refused(t, err, "WAFDuplicateItemException", "")
}
