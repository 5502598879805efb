package controllers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// endpointZonesTTL is how long the zones of an endpoint service are believed: it rarely gets another.
const endpointZonesTTL = time.Hour

// privateLink is what the graph must know of the private way to the control plane; nil where the spec wants none. It is
// read from AWS each time: tasks are told of an endpoint as long as it works, also when status is lost.
func (r *PortkeyGatewayReconciler) privateLink(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World) (*desired.PrivateLink, error) {
	spec := gw.Resolved()
	p := spec.ControlPlane.Outbound.PrivateLink
	if p == nil || !gw.DeletionTimestamp.IsZero() {
		return nil, nil //nolint:nilnil // none is wanted
	}
	live, err := r.controlPlaneEndpoint(ctx, gw, w)
	if err != nil {
		return nil, &surroundingsError{err}
	}
	out := &desired.PrivateLink{}
	if f, ok := live.Facts.(*kinds.EndpointFacts); ok && live.Owner == graph.Ours {
		// One that was Ready at the last look has its name back in this walk, if that is off: somebody switched it off.
		out.Open = f.Working && (f.Named || recordedReady(gw, desired.ControlPlaneEndpoint))
	}
	out.Zones, err = endpointZones(ctx, w, p)
	switch class := aws.Classify(err).Class; {
	case err == nil, class == graph.NotFound, class == graph.Denied: // an endpoint that is there goes on without
	default:
		return nil, &surroundingsError{err}
	}
	return out, nil
}

// controlPlaneEndpoint observes the endpoint as the walk does, which it shares its read with.
func (r *PortkeyGatewayReconciler) controlPlaneEndpoint(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World) (graph.Live, error) {
	call := graph.Call{World: w, Node: desired.ControlPlaneEndpoint, Owner: r.owner(gw).Proof(string(desired.ControlPlaneEndpoint)), Now: r.Now()}
	for _, res := range gw.Status.Resources {
		if res.Node == string(desired.ControlPlaneEndpoint) {
			call.ID = res.ID
		}
	}
	return kinds.VPCEndpoint{}.Observe(ctx, call, kinds.VPCEndpointSpec{})
}

// recordedReady reports whether an object was as wanted when it was last looked at.
func recordedReady(gw *v1alpha1.PortkeyGateway, node graph.NodeID) bool {
	return slices.ContainsFunc(gw.Status.Resources, func(r v1alpha1.ResourceStatus) bool {
		return r.Node == string(node) && r.Phase == v1alpha1.ResourceReady
	})
}

func endpointZonesKey(p *v1alpha1.OutboundEndpoint) string {
	return "ec2/endpoint-service/" + p.ServiceName
}

// endpointZones are the zones of this region in which the control plane can be reached.
func endpointZones(ctx context.Context, w *aws.World, p *v1alpha1.OutboundEndpoint) ([]string, error) {
	region := p.ServiceRegion()
	if region == w.Region {
		region = ""
	}
	return aws.Keep(ctx, w.Forever, endpointZonesKey(p), endpointZonesTTL, func(ctx context.Context) ([]string, error) {
		return aws.EndpointServiceZones(ctx, w.EC2, p.ServiceName, region)
	})
}

// outboundChecks make sure that an endpoint to the control plane can be made, and its name be used.
func (r *PortkeyGatewayReconciler) outboundChecks(gw *v1alpha1.PortkeyGateway, spec v1alpha1.PortkeyGatewaySpec, w *aws.World) []check {
	p := spec.ControlPlane.Outbound.PrivateLink
	if p == nil {
		return nil
	}
	checks := []check{{"endpoint service " + p.ServiceName + " from " + own.Digest(spec.Network), func(ctx context.Context) *refusal {
		live, err := r.controlPlaneEndpoint(ctx, gw, w)
		if err != nil {
			return unusable(err, v1alpha1.ReasonEndpointServiceUnusable, "")
		}
		if live.Phase != graph.Absent && live.Phase != graph.Deleting {
			return nil // it was let in: what is open to others is nothing to it
		}
		return r.checkEndpointService(ctx, spec, w)
	}}}
	if e := spec.Network.Existing; e != nil {
		checks = append(checks, check{"DNS names of " + e.VPCID, func(ctx context.Context) *refusal { return checkVPCNames(ctx, w, e.VPCID) }},
			check{"endpoints in " + e.VPCID + " with the name of " + p.ServiceName, func(ctx context.Context) *refusal { return r.checkOtherEndpoints(ctx, gw, w, e.VPCID, p) }})
	}
	return checks
}

// checkOtherEndpoints makes sure that no other endpoint in somebody else's VPC has the private DNS name, or is to have
// it: AWS gives it to one endpoint of a VPC, and refuses it to the next. An endpoint of our own that is there already
// was made before the other one, or has the name: whoever comes second gives way.
// https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
func (r *PortkeyGatewayReconciler) checkOtherEndpoints(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World, vpc string, p *v1alpha1.OutboundEndpoint) *refusal {
	live, err := r.controlPlaneEndpoint(ctx, gw, w)
	if err != nil {
		return unusable(err, v1alpha1.ReasonEndpointServiceUnusable, "")
	}
	if live.Phase != graph.Absent && live.Phase != graph.Deleting {
		return nil
	}
	all, err := aws.Endpoints(ctx, w.EC2, vpc)
	if err != nil {
		return unusable(err, v1alpha1.ReasonEndpointServiceUnusable, "")
	}
	for _, e := range all {
		if e.ID == live.ID || e.Service != p.ServiceName && !slices.Contains(e.Names, string(p.Host)) {
			continue
		}
		// One of another gateway gets the name as soon as it is accepted.
		theirs := e.Tags[own.TagNode] == string(desired.ControlPlaneEndpoint)
		problem := fmt.Sprintf("controlPlane.outbound: the VPC endpoint %s in %s", e.ID, vpc)
		switch {
		case theirs:
			problem += fmt.Sprintf(" is that of %s, and one endpoint of a VPC has the name %s: give this gateway a VPC of its own, or write type: Internet", e.Tags[own.TagOwner], p.Host)
		case e.Named:
			problem += fmt.Sprintf(" has the name %s already, and the operator's own can't get it beside that: delete it (aws ec2 delete-vpc-endpoints --region %s --vpc-endpoint-ids %s) or take the name off it (aws ec2 modify-vpc-endpoint --region %s --vpc-endpoint-id %s --no-private-dns-enabled), or write type: Internet", p.Host, w.Region, e.ID, w.Region, e.ID)
		default:
			continue
		}
		return &refusal{reason: v1alpha1.ReasonEndpointServiceUnusable, message: problem}
	}
	return nil
}

// checkEndpointService makes sure that the service is open to this account and region, and in a zone of the subnets.
func (r *PortkeyGatewayReconciler) checkEndpointService(ctx context.Context, spec v1alpha1.PortkeyGatewaySpec, w *aws.World) *refusal {
	const field = "controlPlane.outbound"
	p := spec.ControlPlane.Outbound.PrivateLink
	unfit := func(format string, args ...any) *refusal {
		return &refusal{reason: v1alpha1.ReasonEndpointServiceUnusable, message: field + ": the endpoint service " + p.ServiceName + " " + fmt.Sprintf(format, args...)}
	}
	served, err := endpointZones(ctx, w, p)
	if err != nil {
		if aws.Classify(err).Class == graph.NotFound && p.ServiceRegion() != w.Region && r.offeredAtHome(ctx, p) {
			return unfit("can't be reached from %s. Send Portkey: please add the Region %s to your endpoint service %s. Or write type: Internet", w.Region, w.Region, p.ServiceName)
		}
		stop := unfit("isn't open to AWS account %s. Send Portkey: please let arn:%s:iam::%s:root connect to your endpoint service %s. It is looked for again every few minutes", w.Account, w.Partition, w.Account, p.ServiceName)
		if p.ServiceName != v1alpha1.DefaultControlPlaneService {
			stop.message += "; or correct privateLink.serviceName"
		}
		return unusable(err, stop.reason, stop.message)
	}
	have, advice := []string{}, "raise network.vpc.zones, or write type: Internet"
	if e := spec.Network.Existing; e != nil {
		advice = "name a private subnet in one of its zones in network.existing.privateSubnetIDs, or write type: Internet"
		found, err := aws.Subnets(ctx, w.EC2, e.PrivateSubnetIDs)
		if err != nil {
			return unusable(err, v1alpha1.ReasonNetworkUnusable, "network.existing.privateSubnetIDs: "+aws.Classify(err).Message)
		}
		for _, s := range found {
			have = append(have, s.Zone)
		}
	} else {
		zones, err := regionZones(ctx, w)
		if err != nil {
			return unusable(err, v1alpha1.ReasonEndpointServiceUnusable, "")
		}
		have = zones[:min(len(zones), int(spec.Network.VPC.Zones))]
	}
	slices.Sort(have)
	have = slices.Compact(have)
	if !slices.ContainsFunc(have, func(zone string) bool { return slices.Contains(served, zone) }) {
		w.Forever.Forget(endpointZonesKey(p)) // Portkey may add one
		return unfit("is in %s, but the private subnets are in %s: %s", strings.Join(served, ", "), strings.Join(have, ", "), advice)
	}
	return nil
}

// offeredAtHome reports whether a service that can't be seen from here is open to this account in its own region.
func (r *PortkeyGatewayReconciler) offeredAtHome(ctx context.Context, p *v1alpha1.OutboundEndpoint) bool {
	home, err := r.Worlds.World(ctx, p.ServiceRegion())
	if err != nil {
		return false
	}
	_, err = aws.EndpointServiceZones(ctx, home.EC2, p.ServiceName, "")
	return err == nil
}

// checkVPCNames makes sure that a private DNS name can be used in somebody else's VPC.
// https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
func checkVPCNames(ctx context.Context, w *aws.World, vpc string) *refusal {
	support, hostnames, err := aws.VPCNames(ctx, w.EC2, vpc)
	if err != nil {
		return unusable(err, v1alpha1.ReasonNetworkUnusable, "network.existing.vpcID: "+aws.Classify(err).Message+": correct vpcID or region")
	}
	var off, options []string
	if !support {
		off, options = append(off, "enableDnsSupport"), append(options, "--enable-dns-support")
	}
	if !hostnames {
		off, options = append(off, "enableDnsHostnames"), append(options, "--enable-dns-hostnames")
	}
	if len(off) == 0 {
		return nil
	}
	var commands []string // AWS takes one attribute at a time
	for _, o := range options {
		commands = append(commands, fmt.Sprintf("aws ec2 modify-vpc-attribute --region %s --vpc-id %s %s", w.Region, vpc, o))
	}
	return &refusal{reason: v1alpha1.ReasonEndpointServiceUnusable, message: fmt.Sprintf("network.existing: %s of %s is off, and the private name of controlPlane.outbound doesn't resolve without it: switch it on (%s), or write type: Internet",
		strings.Join(off, " and "), vpc, strings.Join(commands, "; "))}
}

// awaitsOthers reports whether nothing is left to do about an object but for its counterpart to accept it.
func awaitsOthers(n *engine.NodeResult) bool {
	return n.State == engine.Pending && n.Fault == nil && n.Live.Reason == kinds.ReasonAwaitingAcceptance
}

// settled reports whether a walk left nothing but what others must do.
func settled(res *engine.Result) bool {
	for i := range res.Nodes {
		if n := &res.Nodes[i]; n.State != engine.Ready && n.State != engine.Gone && !awaitsOthers(n) {
			return false
		}
	}
	return true
}

// connection are the reasons of an endpoint that isn't connected, in the words of the CRD.
var connection = []string{v1alpha1.ReasonAwaitingAcceptance, v1alpha1.ReasonConnectionRejected, v1alpha1.ReasonConnectionExpired, v1alpha1.ReasonConnectionFailed}
