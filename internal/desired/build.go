// Package desired turns a PortkeyGateway into the graph of AWS objects it stands for. It is pure:
// the same spec and facts give the same graph, and nothing here talks to AWS.
//
// There is one builder per area; each takes what it needs of its neighbours as inputs.
package desired

import (
	"errors"
	"fmt"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// Facts are what the graph depends on besides the spec.
type Facts struct {
	// Account, Region and Partition are where the deployment lives.
	Account, Region, Partition string
	// PermissionsBoundary is the ARN of the policy that bounds every role, or empty.
	PermissionsBoundary string
	// Zones are the region's availability zones, in the order in which they are used.
	Zones []string
	// VPCCIDRs are the ranges of the existing VPC that the spec names.
	VPCCIDRs []string
	// GatewayPorts are the ports of the gateway's tasks before the rollout under way, as far as known.
	GatewayPorts []int
	// ListenerPorts are the ports on which listeners listen, by their nodes, as far as known.
	ListenerPorts map[graph.NodeID]int
	// Moving are the services that may run tasks which came by another spec than the present one.
	Moving map[string]bool
	// LoadBalancerGroups are the ids of the security groups of load balancers that the spec no longer asks
	// for, as long as gateway tasks may stand behind them.
	LoadBalancerGroups []string
	// Former is the load balancer of before, as long as clients may come by it.
	Former *FormerBalancer
	// TargetGroups are the target groups that there are.
	TargetGroups []graph.NodeID
	// HostedZones are those in which there are records of the deployment, as far as known.
	HostedZones []string
	// Zone is the hosted zone that loadBalancer.dns names; nil where it isn't known, or nobody asks.
	Zone *Zone
	// Proved says that the record which proves the private DNS name of the endpoint service was last seen as it should be.
	Proved bool
	// Cache is the replication group that cache.elastiCache.replicationGroupID names.
	Cache *ExistingCache
	// PrivateLink is what is known of the private way to the control plane; nil where none is wanted.
	PrivateLink *PrivateLink
	// Scaled are the services that are still registered with Application Auto Scaling.
	Scaled []string
	// SecretVersions are the ids of the present versions of the user's secrets, by ARN, as far as known.
	SecretVersions map[string]string
	// SecretKeys are the ARNs of the keys, other than AWS's own, that encrypt the user's secrets, by those secrets' ARN.
	// UnknownKeys are the secrets of which nobody can tell. Rekeyed are keys by which a secret is encrypted since a moment
	// ago, or no longer is.
	SecretKeys  map[string]string
	UnknownKeys []string
	Rekeyed     []string
	// Sources are the Kubernetes Secrets that the spec names, by the node of their copy, as far as they were read.
	Sources map[graph.NodeID]Source
	// Control is what people ask of the gateway's rollout; Held is the ARN of the task definition that they
	// went back to, empty when the spec's is wanted.
	Control kinds.Control
	Held    string
	// Revisions are the task definition revisions that services were last seen with: they are never
	// deregistered.
	Revisions []string
}

// builder collects the graph.
type builder struct {
	spec  v1alpha1.PortkeyGatewaySpec
	facts Facts
	owner own.Owner
	graph *graph.Graph
}

// ErrInvalid is that a spec isn't one that the API server admits today: objects outlive the rules that
// they were admitted by.
var ErrInvalid = errors.New("the spec isn't one that this version of the operator admits; apply it again to see what is wrong")

// Build returns the desired graph of a gateway. The spec is one that the API server admitted; what it
// leaves out is resolved here.
func Build(gw *v1alpha1.PortkeyGateway, owner own.Owner, facts Facts) (g *graph.Graph, err error) {
	defer func() {
		// The builders rely on the API server's rules. A spec that breaks them must not keep its own
		// deletion, which needs no graph, from going on.
		if p := recover(); p != nil {
			g, err = nil, fmt.Errorf("%w (%v)", ErrInvalid, p)
		}
	}()
	b := &builder{spec: gw.Resolved(), facts: facts, owner: owner, graph: &graph.Graph{}}
	if b.spec.NamePrefix == "" {
		b.spec.NamePrefix = gw.Name
	}
	if vpc := b.spec.Network.VPC; vpc != nil && len(facts.Zones) < int(vpc.Zones) {
		return nil, fmt.Errorf("network.vpc.zones is %d, but %s has %d availability zones open to this account (%s): write at most %d", vpc.Zones, facts.Region, len(facts.Zones), strings.Join(facts.Zones, ", "), len(facts.Zones))
	}
	if e := b.spec.Cache.ElastiCache; e != nil && e.ReplicationGroupID != "" && facts.Cache == nil {
		return nil, errUnknownCache
	}
	if e := b.spec.Cache.ElastiCache; e != nil && e.Serverless != nil && b.privateSubnets() < cacheZones {
		return nil, errOneZone
	}
	b.mirrors()
	network := b.network()
	cluster := b.cluster()
	namespace := b.namespace()
	groups := b.securityGroups(network)
	capacity := b.capacity(network, cluster, groups)
	cache := b.cache(network, capacity, namespace, groups)
	routing := b.routing(network, groups)
	b.inbound(network, groups, routing)
	b.bucket()
	out := b.outbound()
	data := b.dataService(network, capacity, namespace, groups, cache, out)
	b.gateway(network, capacity, namespace, groups, cache, routing, data, out)
	b.peersOfDataService(capacity)
	b.controlPlaneEndpoint(network, groups)
	if err := b.graph.Validate(); err != nil {
		return nil, fmt.Errorf("the desired graph is broken, which is a bug of the operator: %w", err)
	}
	return b.graph, nil
}

// Name limits of AWS.
const (
	limitDefault = 120 // most names may have 128 or 255 characters
	limitRole    = 64  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
	limitBalance = 32  // load balancers and target groups
)

// name makes an object's name, unique to the owner.
func (b *builder) name(suffix string) string { return b.nameWithin(suffix, limitDefault) }

func (b *builder) nameWithin(suffix string, limit int) string {
	return b.owner.ObjectName(b.spec.NamePrefix, suffix, limit)
}

// add puts a node of an area into the graph.
func add[S any](b *builder, area string, id graph.NodeID, name string, kind graph.Kind[S], spec S) *graph.Node {
	n := graph.New(id, name, kind, spec)
	n.Area = area
	b.graph.Add(n)
	return n
}

// arn builds an ARN of the deployment's partition.
func (b *builder) arn(service, region, account, resource string) string {
	return strings.Join([]string{"arn", b.facts.Partition, service, region, account, resource}, ":")
}
