package kinds

import (
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// serviceRevision is what a deployment deploys, and what a rollback takes back as a whole.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-revision.html
type serviceRevision struct {
	definition string
	network    ecstypes.AwsVpcConfiguration
	targets    []ecstypes.LoadBalancer
	connect    *ecstypes.ServiceConnectConfiguration
	providers  []ecstypes.CapacityProviderStrategyItem
	launch     ecstypes.LaunchType
}

// revision is what the spec asks for.
func (s ServiceSpec) revision() serviceRevision {
	return serviceRevision{s.TaskDefinition.String(), *s.network().AwsvpcConfiguration, s.targets(), s.connect(), toStrategy(s.Providers), ""}
}

// revision is what the service is set to now.
func (s service) revision() serviceRevision {
	return serviceRevision{sdk.ToString(s.TaskDefinition), s.network(), s.LoadBalancers, s.connect(), s.CapacityProviderStrategy, s.LaunchType}
}

// remembered is a revision of the past, as ECS keeps it.
func remembered(r *ecstypes.ServiceRevision) serviceRevision {
	out := serviceRevision{definition: sdk.ToString(r.TaskDefinition), targets: r.LoadBalancers, connect: r.ServiceConnectConfiguration, providers: r.CapacityProviderStrategy, launch: r.LaunchType}
	if r.NetworkConfiguration != nil && r.NetworkConfiguration.AwsvpcConfiguration != nil {
		out.network = *r.NetworkConfiguration.AwsvpcConfiguration
	}
	return out
}

// known reports whether all that makes up a revision is known.
func (s ServiceSpec) known() bool {
	values := slices.Concat([]graph.Value{s.TaskDefinition}, s.Subnets, s.SecurityGroups)
	if !s.Namespace.IsZero() {
		values = append(values, s.Namespace)
	}
	for _, t := range s.Targets {
		values = append(values, t.Group)
		if t.paired() {
			values = append(values, t.Alternate, t.ProductionRule, t.Role)
			if !t.TestRule.IsZero() {
				values = append(values, t.TestRule)
			}
		}
	}
	for _, p := range s.Providers {
		values = append(values, p.Provider)
	}
	return !slices.ContainsFunc(values, func(v graph.Value) bool { return !known(v) })
}

// differs compares a revision with one that is wanted instead. Every service has subnets and groups, and what it is launched
// on: where they aren't told, there is nothing to deploy for.
func (r serviceRevision) differs(have serviceRevision) difference {
	var d difference
	namespace := namespaceText(r.connect, "")
	d.text("taskDefinition", have.definition, r.definition)
	if len(have.network.Subnets) > 0 {
		d.set("subnets", have.network.Subnets, r.network.Subnets)
	}
	if len(have.network.SecurityGroups) > 0 {
		d.set("securityGroups", have.network.SecurityGroups, r.network.SecurityGroups)
	}
	d.set("targets", targetTexts(have.targets), targetTexts(r.targets))
	d.set("connect.services", connectTexts(have.connect), connectTexts(r.connect))
	if len(have.providers) > 0 || have.launch != "" {
		d.set("providers", strategyTexts(have.providers), strategyTexts(r.providers))
	}
	d.text("connect.namespace", namespaceText(have.connect, namespace), namespace)
	return d
}

// tried reports whether a revision of the past is the one that is wanted. Where tasks other than those that run are
// wanted, it doesn't matter whether they stood behind one target group of a pair or both: on the way from one
// strategy to another, the same tasks would be tried once more.
func (r serviceRevision) tried(past serviceRevision, running string) bool {
	d := r.differs(past)
	d = slices.DeleteFunc(d, func(c graph.Change) bool {
		return c.Path == "targets" && r.definition != running && fits(past.targets, r.targets) && fits(r.targets, past.targets)
	})
	return len(d) == 0
}

// offered are the ports of a Service Connect configuration.
func offered(c *ecstypes.ServiceConnectConfiguration) []int {
	var out []int
	if c == nil || !c.Enabled {
		return nil
	}
	for _, s := range c.Services {
		for _, a := range s.ClientAliases {
			out = append(out, int(sdk.ToInt32(a.Port)))
		}
	}
	return out
}
