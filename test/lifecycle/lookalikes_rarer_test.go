package lifecycle

import (
	"archive/zip"
	"bytes"
	"context"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// heldByProbe asks for a rollout that a function probes, and ruled for one that rules of a listener make.
func heldByProbe(h *harness.Harness, s *spec) {
	answer(h, probeOf(v1alpha1.HTTPProbe{}), "SUCCEEDED")
	s.Gateway = &v1alpha1.Gateway{Rollout: held(probing(v1alpha1.HTTPProbe{}))}
}

func ruled(_ *harness.Harness, s *spec) {
	s.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication}
	s.Gateway = &v1alpha1.Gateway{Rollout: held()}
}

// probeLookalike is the node of the function that heldByProbe asks for.
var probeLookalike = "lambda-function/probe-" + own.Digest((&v1alpha1.PortkeyGateway{Spec: v1alpha1.PortkeyGatewaySpec{
	Gateway: &v1alpha1.Gateway{Rollout: held(probing(v1alpha1.HTTPProbe{}))},
}}).Resolved().Gateway.Rollout.Hooks[0].HTTPProbe)[:8]

// rarerLookalikes are those of kinds that only some gateways have.
var rarerLookalikes = []lookalike{
	{node: probeLookalike, spec: heldByProbe, make: func(ctx context.Context, f *stranger, name string) error {
		role, err := f.iam.CreateRole(ctx, &iam.CreateRoleInput{RoleName: sdk.String("strangers"), AssumeRolePolicyDocument: sdk.String(everybody)})
		if err != nil {
			return err
		}
		f.wait(time.Minute)
		code, err := zipped("theirs.py")
		if err != nil {
			return err
		}
		_, err = f.lambda.CreateFunction(ctx, &awslambda.CreateFunctionInput{
			FunctionName: &name, Role: role.Role.Arn, Runtime: lambdatypes.RuntimePython313, Handler: sdk.String("theirs.main"), Code: &lambdatypes.FunctionCode{ZipFile: code},
		})
		return err
	}, remove: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.lambda.DeleteFunction(ctx, &awslambda.DeleteFunctionInput{FunctionName: &name})
		return err
	}},
	{node: inboundNode, harmless: true, spec: func(_ *harness.Harness, s *spec) {
		s.ControlPlane = byLink(v1alpha1.InboundEndpointService{})
	}, make: func(ctx context.Context, f *stranger, name string) error {
		balancer, err := f.elb.CreateLoadBalancer(ctx, &elbv2.CreateLoadBalancerInput{
			Name: sdk.String("strangers"), Type: elbtypes.LoadBalancerTypeEnumNetwork, Scheme: elbtypes.LoadBalancerSchemeEnumInternal, Subnets: f.subnets,
		})
		if err != nil {
			return err
		}
		f.wait(10 * time.Minute)
		_, err = f.ec2.CreateVpcEndpointServiceConfiguration(ctx, &ec2.CreateVpcEndpointServiceConfigurationInput{
			NetworkLoadBalancerArns: []string{*balancer.LoadBalancers[0].LoadBalancerArn}, TagSpecifications: named(ec2types.ResourceTypeVpcEndpointService, name),
		})
		return err
	}},
	{node: "listener-rule/gateway-application-internal", within: true, harmless: true, spec: ruled, after: "listener/production-application-internal", make: func(ctx context.Context, f *stranger, _ string) error {
		rules, err := f.elb.DescribeRules(ctx, &elbv2.DescribeRulesInput{ListenerArn: sdk.String(f.id("listener/production-application-internal"))})
		if err != nil {
			return err
		}
		_, err = f.elb.CreateRule(ctx, &elbv2.CreateRuleInput{
			ListenerArn: sdk.String(f.id("listener/production-application-internal")), Priority: sdk.Int32(900), Actions: rules.Rules[0].Actions,
			Conditions: []elbtypes.RuleCondition{{Field: sdk.String("path-pattern"), PathPatternConfig: &elbtypes.PathPatternConditionConfig{Values: []string{"/*"}}}},
		})
		return err
	}},
	{node: "scalable-target/gateway", within: true, after: "service/gateway", later: func(s *spec) { s.Gateway = &v1alpha1.Gateway{Autoscaling: scaling(1, 3)} }, make: func(ctx context.Context, f *stranger, name string) error {
		_, err := f.scaling.RegisterScalableTarget(ctx, &applicationautoscaling.RegisterScalableTargetInput{
			ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount,
			ResourceId: f.scaled(), MinCapacity: sdk.Int32(1), MaxCapacity: sdk.Int32(7),
		})
		return err
	}, remove: func(ctx context.Context, f *stranger, _ string) error {
		_, err := f.scaling.DeregisterScalableTarget(ctx, &applicationautoscaling.DeregisterScalableTargetInput{
			ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount, ResourceId: f.scaled(),
		})
		return err
	}},
}

// scaled is Application Auto Scaling's name of the gateway's service.
func (f *stranger) scaled() *string {
	return sdk.String("service/" + f.name("cluster/main") + "/" + f.name("service/gateway"))
}

// zipped is an archive with an empty file.
func zipped(name string) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if _, err := z.Create(name); err != nil {
		return nil, err
	}
	err := z.Close()
	return b.Bytes(), err
}

// Why a kind has no look-alike here.
const (
	partOfOurs = "it is a field of an object of ours, without an identity or tags of its own: what isn't ours of it would be in an object that isn't"
	byContract = "internal/kinds has one of another owner, of every kind that it tries against the emulator (life.foreign)"
)

// unlike are the kinds without a look-alike in this test, and why.
var unlike = map[string]string{
	"Bucket":               "internal/kinds TestBucket: of another owner in this account, and of another account",
	"CacheParameterGroup":  byContract,
	"CacheSubnetGroup":     byContract,
	"CacheUser":            byContract,
	"CacheUserGroup":       byContract,
	"Certificate":          "TestDNSOfOthers: one of the same domain; a certificate has no name",
	"ClusterCapacity":      partOfOurs + ": the cluster, which has one",
	"GroupCapacity":        partOfOurs + ": the Auto Scaling group, which has one",
	"Listener":             "TestObjectsGivenAway: it is known by its port and its load balancer, which is ours from the beginning",
	"NATGateway":           "TestObjectsGivenAway: it has no name, and is looked for in subnets of ours alone",
	"RecordSet":            "TestDNSOfOthers: a record has no tags, and beside it stands whose it is",
	"ReplicationGroup":     byContract,
	"Secret":               byContract,
	"SecurityGroupOpening": "internal/kinds TestSecurityGroupOpening: other rules of a group that isn't ours",
	"SecurityGroupRules":   partOfOurs + ": the security group, which has one",
	"ServerlessCache":      byContract,
	"ServicePeers":         partOfOurs + ": the service, which has one",
	"VPCDefaults":          partOfOurs + ": the VPC, which has one",
	"VPCEndpoint":          "TestOutboundLookalike",
	"WebACLAssociation":    partOfOurs + ": the load balancer, which has one",
}

// words are where a kind's name has another word.
var words = regexp.MustCompile(`([a-z])([A-Z])|([A-Z])([A-Z][a-z])`)

// TestEveryKindHasALookalike: a kind has a look-alike that must be left alone, or else there can be none, or another
// test has it.
func TestEveryKindHasALookalike(t *testing.T) {
	rows, reasons := map[string]bool{}, maps.Clone(unlike)
	for _, l := range append(lookalikes, rarerLookalikes...) {
		kind, _, _ := strings.Cut(l.node, "/")
		rows[kind] = true
	}
	for _, n := range kinds.All() {
		name := strings.TrimPrefix(string(n.ID), "list/")
		node := strings.ToLower(words.ReplaceAllString(name, "$1$3-$2$4"))
		if why := reasons[name]; rows[node] == (why != "") {
			t.Errorf("%s has a look-alike: %t; why it has none: %q", name, rows[node], why)
		}
		delete(reasons, name)
	}
	for name := range reasons {
		t.Errorf("there is no kind %s", name)
	}
}
