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

// checkNetwork makes sure that the subnets of somebody else's VPC are there, belong to it, and are as a load
// balancer needs them: two or more, each in a zone of its own.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-subnets.html
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
	if spec.LoadBalancer == nil {
		return nil
	}
	list, subnets := "privateSubnetIDs", e.PrivateSubnetIDs
	if spec.LoadBalancer.Scheme == v1alpha1.LoadBalancerInternetFacing {
		list, subnets = "publicSubnetIDs", e.PublicSubnetIDs
	}
	in := map[string]string{}
	for _, id := range subnets {
		zone := zones[id]
		if other := in[zone]; other != "" {
			return &refusal{reason: v1alpha1.ReasonNetworkUnusable, message: fmt.Sprintf("%s.%s: %s and %s both lie in %s, but a load balancer takes one subnet of a zone: leave one out", field, list, other, id, zone)}
		}
		in[zone] = id
	}
	if len(in) < 2 {
		return &refusal{reason: v1alpha1.ReasonNetworkUnusable, message: fmt.Sprintf("%s.%s: a load balancer needs subnets in two zones, but these lie in %d: add a subnet of another zone", field, list, len(in))}
	}
	return nil
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
