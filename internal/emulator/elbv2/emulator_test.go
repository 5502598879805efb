package elbv2

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

const account = "123456789012"

var here = core.Scope{Account: account, Region: "us-east-1"}

// network is an EC2 of two VPCs, "vpc-1" with and "vpc-2" without an internet gateway. Each has the
// subnets a, b, c in their zones, and the groups sg-1, sg-2 (sg-9 is vpc-2's).
type testNetwork struct {
	interfaces map[string]ec2.InterfaceParams
	instances  map[string]ec2.Instance
	made       int
}

func (n *testNetwork) Subnet(_ core.Scope, id string) (ec2.SubnetInfo, bool) {
	vpc, zone, ok := strings.Cut(strings.TrimPrefix(id, "subnet-"), "-")
	if !ok || (vpc != "1" && vpc != "2") {
		return ec2.SubnetInfo{}, false
	}
	return ec2.SubnetInfo{ID: id, VPCID: "vpc-" + vpc, AvailabilityZone: "us-east-1" + zone[:1]}, true
}

func (n *testNetwork) SecurityGroup(_ core.Scope, id string) (ec2.SecurityGroupInfo, bool) {
	vpc := map[string]string{"sg-1": "vpc-1", "sg-2": "vpc-1", "sg-9": "vpc-2"}[id]
	return ec2.SecurityGroupInfo{ID: id, VPCID: vpc}, vpc != ""
}

func (n *testNetwork) DefaultSecurityGroup(core.Scope, string) (string, bool) {
	return "sg-default", true
}
func (n *testNetwork) HasInternetGateway(_ core.Scope, vpc string) bool { return vpc == "vpc-1" }

func (n *testNetwork) CreateInterface(_ core.Scope, p ec2.InterfaceParams) (ec2.Interface, error) {
	if p.AllocationID == "eipalloc-gone" {
		return ec2.Interface{}, core.Errorf("InvalidAllocationID.NotFound", "no such address")
	}
	n.made++
	id := fmt.Sprintf("eni-%d", n.made)
	n.interfaces[id] = p
	return ec2.Interface{ID: id, PublicIP: "198.51.100.7"}, nil
}

func (n *testNetwork) SetInterfaceSecurityGroups(_ core.Scope, id string, groups []string) error {
	p := n.interfaces[id]
	p.SecurityGroupIDs = groups
	n.interfaces[id] = p
	return nil
}

func (n *testNetwork) DeleteInterface(_ core.Scope, id string) { delete(n.interfaces, id) }

func (n *testNetwork) Instance(_ core.Scope, id string) (ec2.Instance, bool) {
	i, ok := n.instances[id]
	return i, ok
}

type emulator struct {
	*testing.T
	*elb.Client
	service *Service
	server  *core.Server
	world   *core.World
	net     *testNetwork
}

func start(t *testing.T) *emulator {
	t.Helper()
	w := core.NewWorld(core.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	w.Settings.NoThrottling = true
	w.AddKey("AKIATEST", core.AccountRoot(account))
	net := &testNetwork{interfaces: map[string]ec2.InterfaceParams{}, instances: map[string]ec2.Instance{}}
	s := New(w, net, nil)
	server := core.NewServer(w)
	server.Register(s.Mux())
	endpoint := "http://aws.test" // without a network: see core.Server.Do
	client := elb.NewFromConfig(aws.Config{Region: "us-east-1", BaseEndpoint: &endpoint, HTTPClient: server, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret", "")})
	return &emulator{t, client, s, server, w, net}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// fails asserts an error's code, and a part of its message.
func fails(t *testing.T, err error, code, part string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want %s", err, code)
	}
	if e.ErrorCode() != code || !strings.Contains(e.ErrorMessage(), part) {
		t.Fatalf("got %s: %s, want %s with %q", e.ErrorCode(), e.ErrorMessage(), code, part)
	}
}

func (e *emulator) alb(name string) string {
	e.Helper()
	out := must[*elb.CreateLoadBalancerOutput](e.T)(e.CreateLoadBalancer(e.Context(), &elb.CreateLoadBalancerInput{Name: &name, Subnets: []string{"subnet-1-a", "subnet-1-b"}, SecurityGroups: []string{"sg-1"}}))
	return *out.LoadBalancers[0].LoadBalancerArn
}

func (e *emulator) nlb(name string, groups ...string) string {
	e.Helper()
	out := must[*elb.CreateLoadBalancerOutput](e.T)(e.CreateLoadBalancer(e.Context(), &elb.CreateLoadBalancerInput{Name: &name, Type: "network", Scheme: "internal",
		Subnets: []string{"subnet-1-a"}, SecurityGroups: groups}))
	return *out.LoadBalancers[0].LoadBalancerArn
}

func (e *emulator) group(name string, change ...func(*elb.CreateTargetGroupInput)) string {
	e.Helper()
	in := &elb.CreateTargetGroupInput{Name: &name, Protocol: "HTTP", Port: aws.Int32(8787), VpcId: aws.String("vpc-1"), TargetType: "ip"}
	for _, f := range change {
		f(in)
	}
	out := must[*elb.CreateTargetGroupOutput](e.T)(e.CreateTargetGroup(e.Context(), in))
	return *out.TargetGroups[0].TargetGroupArn
}

func tcp(in *elb.CreateTargetGroupInput) { in.Protocol = "TCP" }

func forward(arns ...string) []types.Action {
	a := types.Action{Type: "forward"}
	if len(arns) == 1 {
		a.TargetGroupArn = &arns[0]
		return []types.Action{a}
	}
	a.ForwardConfig = &types.ForwardActionConfig{}
	for i := range arns {
		a.ForwardConfig.TargetGroups = append(a.ForwardConfig.TargetGroups, types.TargetGroupTuple{TargetGroupArn: &arns[i], Weight: aws.Int32(int32(i))})
	}
	return []types.Action{a}
}

func notFound() []types.Action {
	return []types.Action{{Type: "fixed-response", FixedResponseConfig: &types.FixedResponseActionConfig{StatusCode: aws.String("404")}}}
}

func (e *emulator) listener(lb string, protocol types.ProtocolEnum, port int32, actions []types.Action) string {
	e.Helper()
	out := must[*elb.CreateListenerOutput](e.T)(e.CreateListener(e.Context(), &elb.CreateListenerInput{LoadBalancerArn: &lb, Protocol: protocol, Port: &port, DefaultActions: actions}))
	return *out.Listeners[0].ListenerArn
}

func path(pattern string) []types.RuleCondition {
	return []types.RuleCondition{{Field: aws.String("path-pattern"), Values: []string{pattern}}}
}

func (e *emulator) rule(listener string, priority int32, actions []types.Action) string {
	e.Helper()
	out := must[*elb.CreateRuleOutput](e.T)(e.CreateRule(e.Context(), &elb.CreateRuleInput{ListenerArn: &listener, Priority: &priority, Conditions: path("/*"), Actions: actions}))
	return *out.Rules[0].RuleArn
}

// health is "state reason" of the group's only target.
func (e *emulator) health(tg string) string {
	e.Helper()
	out := must[*elb.DescribeTargetHealthOutput](e.T)(e.DescribeTargetHealth(e.Context(), &elb.DescribeTargetHealthInput{TargetGroupArn: &tg}))
	if len(out.TargetHealthDescriptions) == 0 {
		return "none"
	}
	h := out.TargetHealthDescriptions[0].TargetHealth
	return strings.TrimSpace(string(h.State) + " " + string(h.Reason))
}

func (e *emulator) register(tg, ip string) {
	e.Helper()
	must[*elb.RegisterTargetsOutput](e.T)(e.RegisterTargets(e.Context(), &elb.RegisterTargetsInput{TargetGroupArn: &tg, Targets: []types.TargetDescription{{Id: &ip}}}))
}

func attributes(list ...string) []types.LoadBalancerAttribute {
	var out []types.LoadBalancerAttribute
	for p := range slices.Chunk(list, 2) {
		out = append(out, types.LoadBalancerAttribute{Key: &p[0], Value: &p[1]})
	}
	return out
}
