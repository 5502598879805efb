package controllers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
)

// vpcTTL is how long the ranges of somebody else's VPC are believed: a range that is added is seldom missed
// for an hour.
const vpcTTL = time.Hour

// vpcRanges are the ranges of the VPC that the spec names, where they decide who may come to the load
// balancer.
func vpcRanges(ctx context.Context, w *aws.World, gw *v1alpha1.PortkeyGateway) ([]string, error) {
	spec := gw.Resolved()
	e := spec.Network.Existing
	if e == nil || spec.LoadBalancer == nil || spec.LoadBalancer.Scheme != v1alpha1.LoadBalancerInternal || len(spec.LoadBalancer.AllowedCIDRs) > 0 || !gw.DeletionTimestamp.IsZero() {
		return nil, nil
	}
	return aws.Keep(ctx, w.Forever, "ec2/vpc-ranges/"+w.Region+"/"+e.VPCID, vpcTTL, func(ctx context.Context) ([]string, error) { return aws.VPCRanges(ctx, w.EC2, e.VPCID) })
}

// placement is something that AWS puts into all subnets of one of the lists of somebody else's network.
type placement struct {
	// list is the list's field.
	list    string
	subnets []string
	// what is put there, in the words of a sentence.
	what string
	// once says that it takes one subnet of a zone; most, unless it is zero, how many it takes at most.
	once bool
	most int
}

// placements are what a spec puts into somebody else's subnets that AWS refuses where their zones don't fit. Each needs
// two zones. Tasks and instances are content with any, and an endpoint takes the first subnet of each zone.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-subnets.html
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html
func placements(spec v1alpha1.PortkeyGatewaySpec) []placement {
	e := spec.Network.Existing
	if e == nil {
		return nil
	}
	var out []placement
	private := func(what string, once bool, most int) {
		out = append(out, placement{"privateSubnetIDs", e.PrivateSubnetIDs, what, once, most})
	}
	if lb := spec.LoadBalancer; lb != nil {
		if lb.Scheme == v1alpha1.LoadBalancerInternetFacing {
			out = append(out, placement{"publicSubnetIDs", e.PublicSubnetIDs, "a load balancer", true, 0})
		} else {
			private("a load balancer", true, 0)
		}
		if spec.ControlPlane.Inbound.PrivateLink != nil && lb.Type == v1alpha1.LoadBalancerApplication {
			private("the internal load balancer of controlPlane.inbound", true, 0)
		}
	}
	if c := spec.Cache.ElastiCache; c != nil {
		switch {
		case c.Serverless != nil:
			private("a serverless cache", true, maxServerlessSubnets)
		case c.Managed != nil && *c.Managed.ReplicasPerShard > 0 && len(e.PrivateSubnetIDs) > 1:
			private("a cache with replicas", false, 0)
		}
	}
	return out
}

// maxServerlessSubnets is how many subnets the console lets a serverless cache have.
const maxServerlessSubnets = 3

// checkNetwork makes sure that the subnets of somebody else's VPC are there, belong to it, and lie as what is put into
// them needs it.
func checkNetwork(ctx context.Context, w *aws.World, spec v1alpha1.PortkeyGatewaySpec) *refusal {
	e := spec.Network.Existing
	if e == nil {
		return nil
	}
	const field = "network.existing"
	found, err := aws.Subnets(ctx, w.EC2, slices.Concat(e.PublicSubnetIDs, e.PrivateSubnetIDs))
	if err != nil {
		f := aws.Classify(err)
		return unusable(err, v1alpha1.ReasonNetworkUnusable, fmt.Sprintf("%s: a subnet doesn't exist in %s (%s): correct publicSubnetIDs or privateSubnetIDs", field, w.Region, f.Message))
	}
	zones := map[string]string{}
	for _, s := range found {
		if s.VPC != e.VPCID {
			return &refusal{reason: v1alpha1.ReasonNetworkUnusable, message: fmt.Sprintf("%s: the subnet %s belongs to %s, not to %s: name subnets of that VPC, or correct vpcID", field, s.ID, s.VPC, e.VPCID)}
		}
		zones[s.ID] = s.Zone
	}
	for _, p := range placements(spec) {
		if problem := p.misplaced(zones); problem != "" {
			return &refusal{reason: v1alpha1.ReasonNetworkUnusable, message: field + "." + p.list + ": " + problem}
		}
	}
	return nil
}

// misplaced says what is wrong with the zones of the subnets, and what to do.
func (p placement) misplaced(zones map[string]string) string {
	in := map[string]string{}
	for _, id := range p.subnets {
		zone := zones[id]
		if other := in[zone]; other != "" && p.once {
			return fmt.Sprintf("%s and %s both lie in %s, but %s takes one subnet of a zone: leave one out", other, id, zone, p.what)
		}
		in[zone] = id
	}
	switch {
	case len(in) < 2:
		return fmt.Sprintf("%s needs subnets in two zones, but these lie in %d: add a subnet of another zone", p.what, len(in))
	case p.most > 0 && len(p.subnets) > p.most:
		return fmt.Sprintf("%s takes at most %d subnets, but these are %d: leave some out", p.what, p.most, len(p.subnets))
	}
	return ""
}

// checkCapacity makes sure that somebody else's cluster is there and has the capacity provider.
func checkCapacity(ctx context.Context, w *aws.World, spec v1alpha1.PortkeyGatewaySpec) *refusal {
	e := spec.Capacity.Existing
	if e == nil {
		return nil
	}
	providers, found, err := aws.ClusterProviders(ctx, w.ECS, e.Cluster)
	if err != nil {
		return unusable(err, v1alpha1.ReasonCapacityUnusable, "")
	}
	if !found {
		return &refusal{reason: v1alpha1.ReasonCapacityUnusable, message: fmt.Sprintf("capacity.existing.cluster: there is no ECS cluster %s in %s: create it, or correct the name", e.Cluster, w.Region)}
	}
	if !slices.Contains(providers, e.CapacityProvider) {
		has := "none"
		if len(providers) > 0 {
			has = strings.Join(providers, ", ")
		}
		return &refusal{reason: v1alpha1.ReasonCapacityUnusable, message: fmt.Sprintf("capacity.existing.capacityProvider: the cluster %s has no capacity provider %s (it has: %s): write one of these, or associate it with the cluster", e.Cluster, e.CapacityProvider, has)}
	}
	return nil
}
