package kinds

import (
	"context"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// EndpointServiceFacts are what those who connect to an endpoint service must know, and who does.
type EndpointServiceFacts struct {
	// Name is what endpoints are made for, DNSNames what their names end in.
	Name     string
	DNSNames []string
	// PrivateDNSName is verified by a record of the public DNS; Verification is AWS's state of that.
	PrivateDNSName, Verification        string
	RecordName, RecordType, RecordValue string
	// PrivateZone is the id of a hosted zone that the name lies in, and in which a record proves nothing.
	PrivateZone string
	// Connections are the endpoints that are connected, or on the way.
	Connections []EndpointConnection
}

// EndpointConnection is an endpoint that connects to an endpoint service; State is AWS's.
type EndpointConnection struct{ Endpoint, Account, Region, State string }

// The states of connections that matter. AWS's answers and its SDK spell them differently.
const (
	connectionAsked = "pendingAcceptance"
	connectionMade  = "available"
	connectionOpens = "pending"
)

func inState(c types.VpcEndpointConnection, states ...string) bool {
	return slices.ContainsFunc(states, func(s string) bool { return strings.EqualFold(string(c.VpcEndpointState), s) })
}

// Waits reports whether somebody has to accept the connection.
func (c EndpointConnection) Waits() bool { return strings.EqualFold(c.State, connectionAsked) }

// Stands reports whether requests come by the connection.
func (c EndpointConnection) Stands() bool { return strings.EqualFold(c.State, connectionMade) }

// verifyingAttr is when AWS was last asked to look for the record of the private DNS name.
const verifyingAttr graph.Attr = "verifying"

func (s endpointService) live(call graph.Call, owner graph.Proof, spec VPCEndpointServiceSpec) graph.Live {
	id, facts := sdk.ToString(s.ServiceId), s.facts()
	facts.PrivateZone = spec.PrivateZone
	l := graph.Live{
		ID: id, Phase: graph.Ready, Owner: owner, Raw: s, Facts: facts,
		Out: map[graph.Attr]string{"id": id, "name": sdk.ToString(s.ServiceName)},
	}
	if facts.RecordValue != "" && facts.PrivateDNSName == spec.PrivateDNSName { // another name has another record
		l.Out["recordName"], l.Out["recordValue"] = facts.RecordName, facts.RecordValue
	}
	if at := call.Recorded[verifyingAttr]; at != "" && !s.verified() {
		l.Out[verifyingAttr] = at
	}
	switch s.ServiceState {
	case types.ServiceStatePending:
		l.Phase, l.Why, l.Recheck = graph.Pending, "is being set up", recheck(call.Now, time.Time{}, endpointServiceStarting)
	case types.ServiceStateDeleting:
		l.Phase, l.Why, l.Recheck = graph.Deleting, "is being deleted", recheck(call.Now, time.Time{}, endpointServiceStarting)
	case types.ServiceStateFailed:
		l.Phase, l.Why = graph.Broken, "AWS couldn't set it up"
	case types.ServiceStateAvailable, "":
		if what := s.awaited(); what != "" {
			l.Recheck = awaiting(waited(call, &l, what))
		}
	case types.ServiceStateDeleted: // deleted ones aren't found
	}
	return l
}

// awaited is what is still up to others, empty when nothing is: a record for the private DNS name, and a connection, with
// the endpoints that are on the way to one.
func (s endpointService) awaited() string {
	var what []string
	if !s.verified() {
		what = append(what, "verification of "+sdk.ToString(s.PrivateDnsName))
	}
	if !slices.ContainsFunc(s.Connections, func(c types.VpcEndpointConnection) bool { return inState(c, connectionMade) }) {
		what = append(what, "connection")
		for i := range s.Connections {
			if c := s.Connections[i]; inState(c, connectionAsked, connectionOpens) {
				what = append(what, sdk.ToString(c.VpcEndpointId)+" "+strings.ToLower(string(c.VpcEndpointState)))
			}
		}
	}
	slices.Sort(what)
	return strings.Join(what, ", ")
}

func (s endpointService) facts() *EndpointServiceFacts {
	f := &EndpointServiceFacts{
		Name: sdk.ToString(s.ServiceName), DNSNames: s.BaseEndpointDnsNames, PrivateDNSName: sdk.ToString(s.PrivateDnsName), Verification: s.verification(),
	}
	if c := s.PrivateDnsNameConfiguration; c != nil && f.PrivateDNSName != "" {
		f.RecordName, f.RecordType, f.RecordValue = sdk.ToString(c.Name)+"."+f.PrivateDNSName, sdk.ToString(c.Type), sdk.ToString(c.Value)
	}
	for i := range s.Connections {
		if c := s.Connections[i]; inState(c, connectionAsked, connectionOpens, connectionMade) {
			f.Connections = append(f.Connections, EndpointConnection{sdk.ToString(c.VpcEndpointId), sdk.ToString(c.VpcEndpointOwner), sdk.ToString(c.VpcEndpointRegion), string(c.VpcEndpointState)})
		}
	}
	slices.SortFunc(f.Connections, func(a, b EndpointConnection) int { return strings.Compare(a.Endpoint, b.Endpoint) })
	return f
}

// verification is AWS's word for how far the private DNS name is; empty without one.
func (s endpointService) verification() string {
	if s.PrivateDnsNameConfiguration == nil {
		return ""
	}
	return string(s.PrivateDnsNameConfiguration.State)
}

func (s endpointService) verified() bool {
	return s.PrivateDnsNameConfiguration == nil || s.PrivateDnsNameConfiguration.State == types.DnsNameStateVerified
}

// due reports whether AWS should be asked to look for the record: now and then, since nobody tells when somebody
// has created it.
func (s endpointService) due(call graph.Call) bool {
	asked, err := time.Parse(time.RFC3339, call.Recorded[verifyingAttr])
	return !s.verified() && (s.ServiceState == types.ServiceStateAvailable || s.ServiceState == "") && (err != nil || call.Now.Sub(asked) >= verifyAgain)
}

// regions are those from which connections may come; its own is always among them.
func (s endpointService) regions(call graph.Call) []string {
	out := []string{world(call).Region}
	for _, r := range s.SupportedRegions {
		if name := sdk.ToString(r.Region); name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func (s VPCEndpointServiceSpec) regions(call graph.Call) []string {
	out := []string{world(call).Region}
	for _, name := range s.Regions {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// principals lists whom a service permits.
func principals(ctx context.Context, call graph.Call, id string) ([]string, error) {
	return pages(ctx, ec2.NewDescribeVpcEndpointServicePermissionsPaginator(world(call).EC2, &ec2.DescribeVpcEndpointServicePermissionsInput{ServiceId: &id}),
		func(p *ec2.DescribeVpcEndpointServicePermissionsOutput) (out []string) {
			for _, a := range p.AllowedPrincipals {
				out = append(out, sdk.ToString(a.Principal))
			}
			return out
		})
}

// connections lists who is connected to a service, was, or wants to be.
func connections(ctx context.Context, call graph.Call, id string) ([]types.VpcEndpointConnection, error) {
	return pages(ctx, ec2.NewDescribeVpcEndpointConnectionsPaginator(world(call).EC2, &ec2.DescribeVpcEndpointConnectionsInput{Filters: []types.Filter{filter("service-id", id)}}),
		func(p *ec2.DescribeVpcEndpointConnectionsOutput) []types.VpcEndpointConnection {
			return p.VpcEndpointConnections
		})
}
