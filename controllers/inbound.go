package controllers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// inboundChecks make sure that the regions exist from which an endpoint service may be reached. What else can be wrong
// with it, the API server has checked.
func inboundChecks(spec v1alpha1.PortkeyGatewaySpec, w *aws.World) []check {
	link := spec.ControlPlane.Inbound.PrivateLink
	if link == nil || len(link.SupportedRegions) == 0 {
		return nil
	}
	return []check{{fmt.Sprintf("regions %v", link.SupportedRegions), func(ctx context.Context) *refusal {
		regions, err := aws.Regions(ctx, w.EC2)
		if err != nil {
			return unusable(err, v1alpha1.ReasonInvalid, "")
		}
		for _, name := range link.SupportedRegions {
			if !slices.Contains(regions, name) {
				return &refusal{reason: v1alpha1.ReasonInvalid, message: fmt.Sprintf(
					"controlPlane.inbound.privateLink.supportedRegions: %s is no region of AWS (partition %s): correct or remove it", name, w.Partition)}
			}
		}
		return nil
	}}}
}

// zoneTTL is how long a hosted zone's domain and kind are believed: neither can change.
const zoneTTL = 30 * 24 * time.Hour

// proofZone is the hosted zone in which the record may lie that proves a private DNS name, and whether that was there as it
// should be at the last look; nil where no record is wanted, or the zone can't be seen, which preflight says.
func proofZone(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World) (*desired.Zone, bool, error) {
	spec := gw.Resolved()
	node, _ := desired.ProofNode(&spec, nil)
	if node == "" || !gw.DeletionTimestamp.IsZero() {
		return nil, false, nil
	}
	id := spec.LoadBalancer.DNS.HostedZoneID
	zone, err := aws.Keep(ctx, w.Forever, "route53/zone/"+id, zoneTTL, func(ctx context.Context) (aws.HostedZone, error) {
		return aws.ReadHostedZone(ctx, w.Route53, id)
	})
	switch class := aws.Classify(err).Class; {
	case err == nil:
		return &desired.Zone{Name: zone.Name, Private: zone.Private}, recordedReady(gw, node), nil
	case class == graph.NotFound, class == graph.Denied:
		return nil, false, nil
	default:
		return nil, false, &surroundingsError{err}
	}
}

// describeInbound writes what Portkey needs to know to connect, and who is connected, as far as it was seen.
func describeInbound(gw *v1alpha1.PortkeyGateway, res *engine.Result) {
	spec := gw.Resolved()
	if spec.ControlPlane.Inbound.PrivateLink == nil {
		if gw.Status.ControlPlane != nil {
			gw.Status.ControlPlane.Inbound = nil
		}
		if c := gw.Status.ControlPlane; c != nil && *c == (v1alpha1.ControlPlaneStatus{}) {
			gw.Status.ControlPlane = nil
		}
		return
	}
	f, ok := factsOf[*kinds.EndpointServiceFacts](res.Node(desired.EndpointServiceNode))
	if !ok {
		return
	}
	in := &v1alpha1.InboundStatus{ServiceName: f.Name, DNSNames: f.DNSNames, Region: spec.Region, Port: int32(desired.ProductionPort(spec.LoadBalancer))}
	if f.PrivateDNSName != "" {
		in.PrivateDNS = &v1alpha1.PrivateDNSStatus{
			Name: f.PrivateDNSName, Verification: f.Verification, RecordName: f.RecordName, RecordType: f.RecordType, RecordValue: f.RecordValue,
		}
	}
	for _, c := range f.Connections[:min(len(f.Connections), maxConnections)] {
		in.Connections = append(in.Connections, v1alpha1.InboundConnection{EndpointID: c.Endpoint, AccountID: c.Account, Region: c.Region, State: c.State})
	}
	if gw.Status.ControlPlane == nil {
		gw.Status.ControlPlane = &v1alpha1.ControlPlaneStatus{}
	}
	gw.Status.ControlPlane.Inbound = in
}

// maxConnections is how many of them status holds.
const maxConnections = 50

// inbound says what is still missing until the control plane reaches the gateway, once all that is ours stands. It is
// up to others, so it doesn't keep Ready from being True.
func (c conditions) inbound(res *engine.Result) {
	f, ok := factsOf[*kinds.EndpointServiceFacts](res.Node(desired.EndpointServiceNode))
	link := c.gw.Resolved().ControlPlane.Inbound.PrivateLink
	if !ok || link == nil || res.Worst(func(n *engine.NodeResult) bool { return n.Area == v1alpha1.ConditionControlPlaneReady }) != nil {
		return
	}
	var connected, waiting []kinds.EndpointConnection
	for _, x := range f.Connections {
		switch {
		case x.Stands() && permitted(link, x.Account):
			connected = append(connected, x)
		case x.Waits():
			waiting = append(waiting, x)
		}
	}
	set := func(status metav1.ConditionStatus, reason string, said ...string) {
		said = slices.DeleteFunc(said, func(s string) bool { return s == "" })
		c.set(v1alpha1.ConditionControlPlaneReady, status, reason, strings.Join(said, "; "))
	}
	wait := c.accepting(f, waiting)
	switch {
	case f.PrivateDNSName != "" && f.Verification != "verified":
		set(metav1.ConditionFalse, v1alpha1.ReasonPrivateDNSUnverified, c.record(f, res), wait)
	case len(connected) > 0:
		set(metav1.ConditionTrue, v1alpha1.ReasonReconciled, "connected by PrivateLink: "+owned(connected), wait)
	case len(waiting) > 0:
		set(metav1.ConditionFalse, v1alpha1.ReasonAwaitingAcceptance, wait)
	default:
		set(metav1.ConditionFalse, v1alpha1.ReasonAwaitingConnection, "nobody has connected yet; send Portkey "+c.send(f))
	}
}

// send is what Portkey needs to know.
func (c conditions) send(f *kinds.EndpointServiceFacts) string {
	spec := c.gw.Resolved()
	name := f.PrivateDNSName
	if name == "" {
		name = "none"
	}
	return fmt.Sprintf("service name %s, DNS names %s, private DNS name %s, region %s, port %d", f.Name, strings.Join(f.DNSNames, " "), name, spec.Region, desired.ProductionPort(spec.LoadBalancer))
}

// record says which record proves the ownership of the private DNS name, and who makes it.
func (c conditions) record(f *kinds.EndpointServiceFacts, res *engine.Result) string {
	spec := c.gw.Resolved()
	says := fmt.Sprintf("AWS says %s, and looks again every quarter of an hour", f.Verification)
	if node, _ := desired.ProofNode(&spec, nil); node != "" && res.Node(node) != nil {
		return fmt.Sprintf("the %s record %s, which proves that %s is yours, is in the hosted zone %s (%s): make sure that the domain is delegated to that zone, or create the record with the value %q where the domain's public DNS is",
			f.RecordType, f.RecordName, f.PrivateDNSName, spec.LoadBalancer.DNS.HostedZoneID, says, f.RecordValue)
	}
	why := ""
	if f.PrivateZone != "" {
		why = fmt.Sprintf("; the hosted zone %s is private, where AWS doesn't look", f.PrivateZone)
	}
	return fmt.Sprintf("create the %s record %s with the value %q in the public DNS, which proves that %s is yours (%s)%s", f.RecordType, f.RecordName, f.RecordValue, f.PrivateDNSName, says, why)
}

// accepting says how connections that wait are accepted.
func (c conditions) accepting(f *kinds.EndpointServiceFacts, waiting []kinds.EndpointConnection) string {
	if len(waiting) == 0 {
		return ""
	}
	ids := make([]string, len(waiting))
	for i, x := range waiting {
		ids[i] = x.Endpoint
	}
	return fmt.Sprintf("waiting to be accepted by you: %s. Accept with aws ec2 accept-vpc-endpoint-connections --region %s --service-id %s --vpc-endpoint-ids %s, or reject likewise with reject-vpc-endpoint-connections",
		owned(waiting), c.gw.Spec.Region, f.Name[strings.LastIndex(f.Name, ".")+1:], strings.Join(ids, " "))
}

// owned names connections with the accounts that they belong to.
func owned(all []kinds.EndpointConnection) string {
	out := make([]string, len(all))
	for i, x := range all {
		out[i] = x.Endpoint + " of account " + x.Account
	}
	return strings.Join(out, ", ")
}

// permitted reports whether an account is that of a principal that the spec names.
func permitted(link *v1alpha1.InboundEndpointService, account string) bool {
	return slices.ContainsFunc(link.AllowedPrincipals, func(arn string) bool { return strings.Contains(arn, "::"+account+":") })
}
