package kinds

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// Reasons of an endpoint that isn't available, in the words of the CRD.
const (
	ReasonAwaitingAcceptance = "AwaitingAcceptance"
	ReasonConnectionRejected = "ConnectionRejected"
	ReasonConnectionExpired  = "ConnectionExpired"
	ReasonConnectionFailed   = "ConnectionFailed"
)

// endpointState is an endpoint's state in lower case: on the wire and in the SDK its case differs. One without is taken for
// available.
func endpointState(v types.VpcEndpoint) string {
	return strings.ToLower(string(cmp.Or(v.State, types.StateAvailable)))
}

// live is an endpoint as the engine sees it.
func (VPCEndpoint) live(call graph.Call, v vpcEndpoint, provider string, owner graph.Proof) graph.Live {
	id := sdk.ToString(v.VpcEndpointId)
	state, named := endpointState(v.VpcEndpoint), sdk.ToBool(v.PrivateDnsEnabled)
	l := graph.Live{
		ID: id, Owner: owner, Raw: v, Out: map[graph.Attr]string{"id": id},
		Facts: &EndpointFacts{ID: id, Names: v.names(), Working: state == "available" || state == "pending", Named: named},
	}
	if names := v.names(); len(names) > 0 {
		l.Out["dns"] = names[0]
	}
	provider = cmp.Or(provider, "the service's owner")
	again := fmt.Sprintf("Then delete it (aws ec2 delete-vpc-endpoints --region %s --vpc-endpoint-ids %s): a new one is made, to be accepted", world(call).Region, id)
	switch state {
	case "available":
		l.Phase = graph.Ready
		if named {
			l.Out["open"] = id
		}
	case "pendingacceptance":
		waited := call.Now.Sub(sdk.ToTime(v.CreationTimestamp))
		l.Phase, l.Reason, l.Recheck = graph.Pending, ReasonAwaitingAcceptance, awaiting(waited)
		l.Why = fmt.Sprintf("waits until %s accepts it; the tasks use the internet meanwhile. Send %s: please accept the VPC endpoint %s of AWS account %s in %s to your endpoint service %s",
			provider, provider, id, world(call).Account, world(call).Region, sdk.ToString(v.ServiceName))
	case "rejected":
		l.Phase, l.Reason = graph.Broken, ReasonConnectionRejected
		l.Why = fmt.Sprintf("%s rejected %s; the tasks use the internet. Ask %s why. %s", provider, id, provider, again)
	case "expired":
		l.Phase, l.Reason = graph.Broken, ReasonConnectionExpired
		l.Why = fmt.Sprintf("%s didn't accept %s in time; the tasks use the internet. Ask %s to be ready for another. %s", provider, id, provider, again)
	case "failed":
		l.Phase, l.Reason = graph.Broken, ReasonConnectionFailed
		l.Why = fmt.Sprintf("AWS couldn't connect %s%s; the tasks use the internet. %s", id, v.failure(), again)
	case "deleting":
		l.Phase, l.Why, l.Recheck, l.Out = graph.Deleting, "is being deleted", recheck(call.Now, call.Now, endpointStopping), nil
	default: // pending, partial
		l.Phase, l.Why, l.Recheck = graph.Pending, "is being set up, which takes AWS one to three minutes", endpointPace
		if created := sdk.ToTime(v.CreationTimestamp); call.Now.Sub(created) < endpointStarting {
			l.Recheck = recheck(call.Now, created, endpointStarting)
		}
	}
	return l
}

// failure is what AWS says of a failed endpoint.
func (v vpcEndpoint) failure() string {
	said := sdk.ToString(v.FailureReason)
	if v.LastError != nil {
		said = cmp.Or(sdk.ToString(v.LastError.Message), said)
	}
	if said == "" {
		return ""
	}
	return " (" + said + ")"
}

func (v vpcEndpoint) names() []string {
	var out []string
	for _, d := range v.DnsEntries {
		out = append(out, sdk.ToString(d.DnsName))
	}
	return out
}

func (v vpcEndpoint) groups() []string {
	var out []string
	for _, g := range v.Groups {
		out = append(out, sdk.ToString(g.GroupId))
	}
	return out
}

// zoneTTL is how long a subnet's zone is believed: it can't change.
const zoneTTL = 30 * 24 * time.Hour

// subnetZones are the zones of subnets by their ids, of those that are known, and of others besides; none where none of
// the first is known.
func subnetZones(ctx context.Context, call graph.Call, subnets []graph.Value, besides ...string) (map[string]string, error) {
	var ids []string
	for _, s := range subnets {
		if known(s) {
			ids = append(ids, s.String())
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	ids = append(ids, besides...)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	w := world(call)
	return aws.Keep(ctx, w.Forever, "ec2/subnet-zones/"+w.Region+"/"+strings.Join(ids, ","), zoneTTL, func(ctx context.Context) (map[string]string, error) {
		out, err := w.EC2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: ids})
		if err != nil {
			return nil, err
		}
		zones := map[string]string{}
		for i := range out.Subnets {
			zones[sdk.ToString(out.Subnets[i].SubnetId)] = sdk.ToString(out.Subnets[i].AvailabilityZone)
		}
		return zones, nil
	})
}

// chosen are the subnets that an endpoint is to have: the first of each zone that the service is in.
func chosen(spec VPCEndpointSpec, zones map[string]string) []string {
	var out []string
	taken := map[string]bool{}
	for _, id := range graph.Strings(spec.Subnets) {
		zone := zones[id]
		if zone == "" || taken[zone] || len(spec.Zones) > 0 && !slices.Contains(spec.Zones, zone) {
			continue
		}
		taken[zone] = true
		out = append(out, id)
	}
	return out
}
