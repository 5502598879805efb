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
}

// revision is what the service is set to now.
func (s service) revision() serviceRevision {
	return serviceRevision{sdk.ToString(s.TaskDefinition), s.network(), s.LoadBalancers, s.connect()}
}

// remembered is a revision of the past, as ECS keeps it.
func remembered(r *ecstypes.ServiceRevision) serviceRevision {
	out := serviceRevision{definition: sdk.ToString(r.TaskDefinition), targets: r.LoadBalancers, connect: r.ServiceConnectConfiguration}
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
	}
	return !slices.ContainsFunc(values, func(v graph.Value) bool { return !known(v) })
}

// revised compares a revision with what is wanted.
func (s ServiceSpec) revised(have serviceRevision) difference {
	var d difference
	d.text("taskDefinition", have.definition, s.TaskDefinition.String())
	d.set("subnets", have.network.Subnets, graph.Strings(s.Subnets))
	d.set("securityGroups", have.network.SecurityGroups, graph.Strings(s.SecurityGroups))
	d.set("targets", targetTexts(have.targets), targetTexts(s.targets()))
	d.set("connect.services", connectTexts(have.connect), connectTexts(s.connect()))
	d.text("connect.namespace", namespaceText(have.connect, s.Namespace.String()), s.Namespace.String())
	return d
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
