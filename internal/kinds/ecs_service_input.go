package kinds

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// Redeploys reports whether changes of a service, or of its task definition, replace its tasks: not those of tags,
// nor of how it is deployed.
func Redeploys(changes []graph.Change) bool {
	return slices.ContainsFunc(changes, func(c graph.Change) bool {
		one := []graph.Change{c}
		return touches(one, deployed...) && !touches(one, "deployment") || touches(one, "content", "status", pathSecrets)
	})
}

// update is the call that makes the changes, as far as they can be made now; nil when only tags differ.
func (s ServiceSpec) update(have service, changes []graph.Change) *ecs.UpdateServiceInput {
	if s.leaves(have) || !s.known() {
		return nil
	}
	next := s.next(have)
	changes = append(have.moves(s), slices.DeleteFunc(slices.Clone(changes), func(c graph.Change) bool { return touches([]graph.Change{c}, deployed...) })...)
	in := &ecs.UpdateServiceInput{}
	some := false
	on := func(set func(), paths ...string) {
		if touches(changes, paths...) {
			some = true
			set()
		}
	}
	on(func() { in.TaskDefinition = sdk.String(next.revision.definition) }, "taskDefinition")
	on(func() { in.DesiredCount = number(*s.DesiredCount) }, "desiredCount")
	on(func() {
		// ECS refuses another strategy without a new deployment.
		in.CapacityProviderStrategy, in.ForceNewDeployment = next.revision.providers, true
	}, "providers")
	on(func() { in.NetworkConfiguration = s.network() }, "subnets", "securityGroups")
	on(func() { in.LoadBalancers = next.revision.targets }, "targets")
	on(func() { in.ServiceConnectConfiguration = s.connect() }, "connect.services", "connect.namespace")
	on(func() { in.DeploymentConfiguration = s.deployedBy(next, have).deployment(have.DeploymentConfiguration) }, "deployment")
	on(func() { in.HealthCheckGracePeriodSeconds = number(s.GraceSeconds) }, "graceSeconds")
	on(func() {
		// ECS Exec is turned on and off for new tasks only, and starts none by itself:
		// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
		in.EnableExecuteCommand, in.ForceNewDeployment = sdk.Bool(s.EnableExec), true
	}, "enableExec")
	on(func() { in.ForceNewDeployment = true }, "targets.home")
	on(func() { in.AvailabilityZoneRebalancing = ecstypes.AvailabilityZoneRebalancing(s.AZRebalancing) }, "azRebalancing")
	on(func() { in.EnableECSManagedTags = sdk.Bool(true) }, "managedTags")
	on(func() { in.PropagateTags = ecstypes.PropagateTagsService }, "propagateTags")
	on(func() { in.ForceNewDeployment = true }, "connect.peers", PathRetry)
	if !some {
		return nil
	}
	return in
}

func (s ServiceSpec) network() *ecstypes.NetworkConfiguration {
	return &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{
		Subnets: graph.Strings(s.Subnets), SecurityGroups: graph.Strings(s.SecurityGroups), AssignPublicIp: ecstypes.AssignPublicIpDisabled,
	}}
}

// targets is never nil: in an update nil would keep what is.
func (s ServiceSpec) targets() []ecstypes.LoadBalancer {
	out := []ecstypes.LoadBalancer{}
	for _, t := range s.Targets {
		lb := ecstypes.LoadBalancer{
			TargetGroupArn: sdk.String(t.Group.String()), ContainerName: sdk.String(t.Container), ContainerPort: number(t.Port),
		}
		if t.paired() {
			lb.AdvancedConfiguration = &ecstypes.AdvancedConfiguration{
				AlternateTargetGroupArn: sdk.String(t.Alternate.String()), ProductionListenerRule: sdk.String(t.ProductionRule.String()), RoleArn: sdk.String(t.Role.String()),
			}
			if !t.TestRule.IsZero() {
				lb.AdvancedConfiguration.TestListenerRule = sdk.String(t.TestRule.String())
			}
		}
		out = append(out, lb)
	}
	return out
}

// paired reports whether a target has a second target group to shift traffic to.
func (t Target) paired() bool { return !t.Alternate.IsZero() }

func (s ServiceSpec) connect() *ecstypes.ServiceConnectConfiguration {
	if s.Namespace.IsZero() {
		return &ecstypes.ServiceConnectConfiguration{Enabled: false}
	}
	c := &ecstypes.ServiceConnectConfiguration{Enabled: true, Namespace: sdk.String(s.Namespace.String())}
	for _, p := range s.Connect {
		c.Services = append(c.Services, ecstypes.ServiceConnectService{
			PortName: sdk.String(p.PortName), DiscoveryName: sdk.String(p.DNSName + discoverySuffix(s.Connect, p)),
			ClientAliases: []ecstypes.ServiceConnectClientAlias{{DnsName: sdk.String(p.DNSName), Port: number(p.Port)}},
		})
	}
	return c
}

// discoverySuffix keeps discovery names apart where one DNS name has several ports: a discovery name
// stands for one port.
func discoverySuffix(all []ConnectPort, p ConnectPort) string {
	for _, o := range all {
		if o.DNSName == p.DNSName {
			if o == p {
				return ""
			}
			return "-" + p.PortName
		}
	}
	return ""
}

// targetTexts prints each target, so that they compare as sets. The two groups of a pair take turns:
// which comes first means nothing.
func targetTexts(targets []ecstypes.LoadBalancer) []string {
	var out []string
	for _, t := range targets {
		group, shift := sdk.ToString(t.TargetGroupArn), ""
		if a := t.AdvancedConfiguration; a != nil {
			other := sdk.ToString(a.AlternateTargetGroupArn)
			group = min(group, other) + "|" + max(group, other)
			shift = fmt.Sprintf(" production %s test %s role %s", sdk.ToString(a.ProductionListenerRule), sdk.ToString(a.TestListenerRule), sdk.ToString(a.RoleArn))
		}
		out = append(out, fmt.Sprintf("%s %s:%d%s", group, sdk.ToString(t.ContainerName), sdk.ToInt32(t.ContainerPort), shift))
	}
	return out
}

// connectTexts prints what a service offers, so that offers compare as sets.
func connectTexts(c *ecstypes.ServiceConnectConfiguration) []string {
	if c == nil || !c.Enabled {
		return nil
	}
	var out []string
	for _, s := range c.Services {
		text := sdk.ToString(s.PortName) + " " + sdk.ToString(s.DiscoveryName)
		for _, a := range s.ClientAliases {
			text += fmt.Sprintf(" %s:%d", sdk.ToString(a.DnsName), sdk.ToInt32(a.Port))
		}
		out = append(out, text)
	}
	return out
}

// namespaceText is the namespace that a service is in, as the ARN that is wanted where ECS names that
// one by its id. A name can't be told from the ARN; it counts as equal.
func namespaceText(c *ecstypes.ServiceConnectConfiguration, want string) string {
	if c == nil || !c.Enabled {
		return ""
	}
	have := sdk.ToString(c.Namespace)
	if want != "" && !strings.HasPrefix(have, "arn:") && (!strings.HasPrefix(have, "ns-") || strings.HasSuffix(want, "/"+have)) {
		return want
	}
	return have
}
