package controllers

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// zonesTTL is how long a region's list of zones is believed: it only says where new subnets go, and
// AWS adds a zone every few years.
const zonesTTL = 30 * 24 * time.Hour

// regionZones are the names of the region's zones, in the order in which they are used.
func regionZones(ctx context.Context, w *aws.World) ([]string, error) {
	return aws.Keep(ctx, w.Forever, "ec2/zones", zonesTTL, func(ctx context.Context) ([]string, error) { return aws.Zones(ctx, w.EC2) })
}

// surroundingsError is that the region's zones, or a VPC that the spec names, couldn't be read, which says
// nothing about the spec.
type surroundingsError struct{ err error }

// Error implements error.
func (e *surroundingsError) Error() string {
	return "reading what the deployment stands in: " + e.err.Error()
}

// Unwrap gives AWS's error.
func (e *surroundingsError) Unwrap() error { return e.err }

// build returns the desired graph.
func (r *PortkeyGatewayReconciler) build(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World) (*graph.Graph, error) {
	return r.buildFor(ctx, gw, w, control(gw))
}

// buildFor returns the desired graph, with what is asked of the rollout under way.
func (r *PortkeyGatewayReconciler) buildFor(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World, asked kinds.Control) (*graph.Graph, error) {
	zones, err := regionZones(ctx, w)
	if err != nil {
		return nil, &surroundingsError{err}
	}
	ranges, err := vpcRanges(ctx, w, gw)
	if err != nil {
		return nil, &surroundingsError{err}
	}
	facts := desired.Facts{Account: w.Account, Region: w.Region, Partition: w.Partition, Zones: zones, VPCCIDRs: ranges, PermissionsBoundary: r.PermissionsBoundary}
	for _, s := range gw.Status.Services {
		if s.Name == v1alpha1.ServiceGateway {
			for _, p := range s.Ports {
				facts.GatewayPorts = append(facts.GatewayPorts, int(p))
			}
		}
		if s.TaskDefinition != "" {
			facts.Revisions = append(facts.Revisions, w.ARN("ecs", w.Region, w.Account, "task-definition/"+s.TaskDefinition))
		}
	}
	r.secretFacts(ctx, gw, w, &facts)
	facts.Control, facts.Sources = asked, r.sessions.of(gw).sources
	if revision := held(gw); revision != "" {
		facts.Held = w.ARN("ecs", w.Region, w.Account, "task-definition/"+revision)
		facts.Revisions = append(facts.Revisions, facts.Held) // it mayn't be deregistered before it is deployed
	}
	if facts.PrivateLink, err = r.privateLink(ctx, gw, w); err != nil {
		return nil, err
	}
	if facts.Zone, facts.Proved, err = proofZone(ctx, gw, w); err != nil {
		return nil, err
	}
	if facts.Cache, err = foundCache(ctx, w, gw.Spec); err != nil {
		return nil, err
	}
	facts.LoadBalancerGroups, facts.TargetGroups, facts.Scaled, facts.HostedZones = formerBalancers(gw), targetGroups(gw), scaled(gw), hostedZones(gw)
	facts.Moving = moving(gw)
	facts.Former, facts.ListenerPorts = formerBalancer(gw), listenerPorts(gw)
	return desired.Build(gw, r.owner(gw), facts)
}

// moving are the services that may run tasks which came by another spec than the present one: all that weren't Ready by
// it at the last walk.
func moving(gw *v1alpha1.PortkeyGateway) map[string]bool {
	out := map[string]bool{}
	for _, service := range []string{v1alpha1.ServiceGateway, v1alpha1.ServiceDataService, v1alpha1.ServiceRedis} {
		out[service] = gw.Status.ObservedGeneration != gw.Generation || !slices.ContainsFunc(gw.Status.Resources, func(r v1alpha1.ResourceStatus) bool {
			return r.Node == "service/"+service && r.Phase == v1alpha1.ResourceReady
		})
	}
	return out
}

// arrived are the roles that kept what tasks of before were allowed, of services that have moved on since.
func arrived(gw *v1alpha1.PortkeyGateway) map[graph.NodeID]bool {
	out := map[graph.NodeID]bool{}
	for service, moves := range moving(gw) {
		for _, r := range gw.Status.Resources {
			if !moves && r.Out[string(kinds.Keeps)] != "" && strings.HasPrefix(r.Node, "role/"+service+"-") {
				out[graph.NodeID(r.Node)] = true
			}
		}
	}
	return out
}
