package desired

import (
	"fmt"
	"strconv"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
	"github.com/portkey-ai/portkey-ecs-operator/internal/probe"
)

// The nodes of the probe, which refer to each other in a circle but for these names.
const (
	probeName                = "probe"
	probeRole   graph.NodeID = "role/" + probeName
	probeGroup  graph.NodeID = "security-group/" + probeName
	limitLambda              = 64 // https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
)

// probe is the hook that asks the new revision itself, or nil.
func (b *builder) probe() *v1alpha1.HTTPProbe {
	for _, h := range b.spec.Gateway.Rollout.Hooks {
		if h.HTTPProbe != nil {
			return h.HTTPProbe
		}
	}
	return nil
}

// probeFunction adds the function that makes the request, and answers its ARN. It is in the private subnets,
// from where it reaches a load balancer of either scheme. Another request is another function: a rollout under way
// goes on with the one that there was when it began, and one that ECS rolled back for the wrong request is tried
// again with the right one.
func (b *builder) probeFunction(net network, groups securityGroups, balancer graph.Value) graph.Value {
	p, lb := b.probe(), b.spec.LoadBalancer
	if p == nil || lb == nil {
		return graph.Value{}
	}
	const area = v1alpha1.ConditionServicesReady
	logs := b.logGroup(area, probeName, int(b.spec.Gateway.LogRetentionDays))
	role := b.role(probeRole, probeName, kinds.RoleSpec{
		Description: "The probe of new revisions of the Portkey gateway",
		Trust:       policy(statement{Effect: "Allow", Principal: map[string]string{"Service": "lambda.amazonaws.com"}, Action: []string{"sts:AssumeRole"}}),
		Inline: map[string]graph.Value{
			// AWS Lambda makes and deletes the function's network interfaces with its rights, and deletes them
			// long after the function: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
			"network": policy(allow([]string{"*"}, "ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
				"ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses")),
			// Without logs:CreateLogGroup: a log group that is deleted stays deleted.
			"logs": policyOn([]graph.Value{graph.Format("%s:*", graph.Out(logs.ID, "arn"))}, "logs:CreateLogStream", "logs:PutLogEvents"),
		},
	})
	scheme := "http"
	if lb.TLS() {
		scheme = "https"
	}
	env := map[string]graph.Value{
		probe.URL:      graph.Format(fmt.Sprintf("%s://%%s:%d%%s", scheme, TestPort(lb)), balancer, graph.Lit(p.Path)),
		probe.Status:   graph.Lit(strconv.Itoa(int(p.ExpectedStatus))),
		probe.Timeout:  graph.Lit(seconds(p.Timeout.Duration)),
		probe.RetryFor: graph.Lit(seconds(p.RetryFor.Duration)),
	}
	if p.Host != "" {
		env[probe.Host] = graph.Lit(string(p.Host))
	}
	name := probeName + "-" + own.Digest(p)[:8]
	n := add(b, area, graph.NodeID("lambda-function/"+name), b.nameWithin(name, limitLambda), kinds.LambdaFunction{}, kinds.LambdaFunctionSpec{
		Description: "Probes new revisions of the Portkey gateway", Runtime: probe.Runtime, Architecture: probe.Architecture, Handler: probe.Handler,
		MemoryMiB: probe.MemoryMiB, TimeoutSeconds: int(probeCall(p) / time.Second), Code: probe.Archive(), CodeSHA256: probe.SHA256(),
		Role: graph.Out(role.ID, "arn"), Environment: env,
		Subnets: net.private, SecurityGroups: []graph.Value{groups.probe}, LogGroup: graph.Out(logs.ID, "name"),
	})
	return graph.Out(n.ID, "arn")
}

// probeCall is how long one call of the function takes at most: to connect, to shake hands, and to be answered.
func probeCall(p *v1alpha1.HTTPProbe) time.Duration { return 3*p.Timeout.Duration + probe.Margin }

// probeMinutes is how long ECS waits for its verdict, which is longer than that takes.
func probeMinutes(p *v1alpha1.HTTPProbe) int {
	return int((p.RetryFor.Duration+2*probeCall(p))/time.Minute) + 2
}
