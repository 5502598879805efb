package kinds

import (
	"context"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// VPCEndpointService lets other accounts reach a network load balancer through AWS PrivateLink: those that it permits
// ask for a connection, which somebody accepts. It is Ready when it can be connected to. Who is connected, and whether
// AWS knows whose the private DNS name is, are facts: both are up to others.
// https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html
//
// AWS takes no load balancer from a service that somebody is connected to.
//
// Out: id and name, at once, and recordName and recordValue of the TXT record for the private DNS name; waiting, what is
// up to others, and since when it is.
type VPCEndpointService struct{}

// VPCEndpointServiceSpec is the desired state of a VPCEndpointService.
type VPCEndpointServiceSpec struct {
	// LoadBalancer is the ARN of a network load balancer that is active.
	LoadBalancer graph.Value
	// Principals are the ARNs of those that may ask for a connection. Whom somebody else permitted stays: the tag
	// PrincipalsTag says who was permitted here.
	Principals []string
	// Regions are those from which connections may come, besides its own.
	Regions []string
	// PrivateDNSName is empty for none.
	PrivateDNSName string
	// Unproved says that the record for the name is being made here: AWS is asked to look for it when it is there.
	Unproved bool
	// PrivateZone is the id of a hosted zone that the name lies in, and that is private: a record there proves nothing.
	PrivateZone string
	// Accepted is the account whose connections are accepted here; of others, and with none, people decide.
	Accepted string
}

// endpointService is a service with what is read of it besides.
type endpointService struct {
	types.ServiceConfiguration
	Principals  []string
	Connections []types.VpcEndpointConnection
}

var endpointServices = ec2Objects[types.ServiceConfiguration]{
	key: "ec2/endpoint-services",
	read: func(ctx context.Context, c aws.EC2, ids []string, filters []types.Filter) ([]types.ServiceConfiguration, error) {
		return pages(ctx, ec2.NewDescribeVpcEndpointServiceConfigurationsPaginator(c, &ec2.DescribeVpcEndpointServiceConfigurationsInput{ServiceIds: ids, Filters: filters}),
			func(p *ec2.DescribeVpcEndpointServiceConfigurationsOutput) []types.ServiceConfiguration {
				return p.ServiceConfigurations
			})
	},
	id:   func(s types.ServiceConfiguration) string { return sdk.ToString(s.ServiceId) },
	tags: func(s types.ServiceConfiguration) []types.Tag { return s.Tags },
	rank: func(s types.ServiceConfiguration) int {
		switch s.ServiceState {
		case types.ServiceStateDeleted:
			return -1
		case types.ServiceStateAvailable, types.ServiceStatePending, "":
			return 0
		default:
			return 1
		}
	},
}

// Name implements graph.Kind.
func (VPCEndpointService) Name() string { return "VPCEndpointService" }

// Mendable implements graph.Mendable: nobody is connected to a failed one.
func (VPCEndpointService) Mendable() bool { return true }

// List implements graph.Lister.
func (VPCEndpointService) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return taggedNodes(ctx, call, "ec2", ":vpc-endpoint-service/", false), nil
}

// Observe implements graph.Kind.
func (VPCEndpointService) Observe(ctx context.Context, call graph.Call, spec VPCEndpointServiceSpec) (graph.Live, error) {
	found, owner, err := endpointServices.find(ctx, call)
	if err != nil || found == nil {
		return graph.Live{Phase: graph.Absent}, err
	}
	s := endpointService{ServiceConfiguration: *found}
	if owner == graph.Ours {
		if s.Principals, err = principals(ctx, call, sdk.ToString(s.ServiceId)); err != nil {
			return graph.Live{}, err
		}
		if s.Connections, err = connections(ctx, call, sdk.ToString(s.ServiceId)); err != nil {
			return graph.Live{}, err
		}
	}
	return s.live(call, owner, spec), nil
}

// Diff implements graph.Kind. What others do (ask for a connection, publish a record) is no drift.
func (VPCEndpointService) Diff(call graph.Call, want VPCEndpointServiceSpec, live graph.Live) []graph.Change {
	have := raw[endpointService](live)
	var d difference
	d.set("loadBalancer", have.NetworkLoadBalancerArns, []string{want.LoadBalancer.String()})
	d.flag("acceptanceRequired", sdk.ToBool(have.AcceptanceRequired), true)
	d.set("regions", have.regions(call), want.regions(call))
	d.text("privateDNSName", sdk.ToString(have.PrivateDnsName), want.PrivateDNSName)
	for _, p := range have.missing(want) {
		d.text("principals", "", p)
	}
	for _, p := range have.former(want) {
		d.text("principals", p, "")
	}
	if ids := have.acceptable(want); len(ids) > 0 {
		d = append(d, graph.Change{Path: "connections", Have: "pendingAcceptance: " + sorted(ids), Want: "accepted", News: true})
	}
	if have.due(call) && !want.Unproved && sdk.ToString(have.PrivateDnsName) == want.PrivateDNSName {
		d = append(d, graph.Change{Path: "privateDNSVerification", Have: have.verification(), Want: "verified", News: true})
	}
	return append(d, diffTags(call.Tags, tagsOfEC2(have.Tags))...)
}

// Create implements graph.Kind. Whom it permits is a second step: until then nobody can ask for a connection.
func (VPCEndpointService) Create(ctx context.Context, call graph.Call, spec VPCEndpointServiceSpec) (graph.Live, error) {
	defer endpointServices.forget(call)
	in := &ec2.CreateVpcEndpointServiceConfigurationInput{
		NetworkLoadBalancerArns: []string{spec.LoadBalancer.String()}, AcceptanceRequired: sdk.Bool(true), SupportedIpAddressTypes: []string{"ipv4"},
		ClientToken: sdk.String(call.Token), TagSpecifications: tagged(call, types.ResourceTypeVpcEndpointService),
	}
	if len(spec.Regions) > 0 {
		in.SupportedRegions = spec.regions(call)
	}
	if spec.PrivateDNSName != "" {
		in.PrivateDnsName = &spec.PrivateDNSName
	}
	out, err := world(call).EC2.CreateVpcEndpointServiceConfiguration(ctx, in)
	if err != nil {
		return graph.Live{}, err
	}
	s := endpointService{ServiceConfiguration: *out.ServiceConfiguration}
	s.Tags = ec2Tags(call.Tags)
	err = s.permit(ctx, call, spec.Principals)
	return s.live(call, graph.Ours, spec), err
}

// Update implements graph.Kind. The service is read again afterwards: another private DNS name has another record. The
// load balancer comes last: AWS mayn't take it back, which keeps nothing else from being put right.
func (k VPCEndpointService) Update(ctx context.Context, call graph.Call, spec VPCEndpointServiceSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	endpointServices.forget(call)
	s := raw[endpointService](live)
	for _, step := range []func() error{
		func() error { return s.forbid(ctx, call, s.former(spec)) },
		func() error {
			return retagEC2(ctx, call, map[string]map[string]string{live.ID: tagsOfEC2(s.Tags)})
		},
		func() error { return s.permit(ctx, call, s.missing(spec)) },
		func() error { return s.modify(ctx, call, spec) },
		func() error { return s.accept(ctx, call, s.acceptable(spec)) },
	} {
		if err := step(); err != nil {
			return live, err
		}
	}
	if touches(changes, "privateDNSVerification") {
		if err := s.verify(ctx, call); err != nil {
			return live, err
		}
		call.Recorded = map[graph.Attr]string{verifyingAttr: call.Now.UTC().Format(time.RFC3339)}
	}
	if touches(changes, "loadBalancer") {
		if err := s.rebalance(ctx, call, spec); err != nil {
			return live, err
		}
	}
	endpointServices.forget(call)
	return k.Observe(ctx, call, spec)
}

// Delete implements graph.Kind. AWS deletes no service that somebody is connected to, or waits to be: they are rejected
// before.
// https://docs.aws.amazon.com/vpc/latest/privatelink/delete-endpoint-service.html
func (VPCEndpointService) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	defer endpointServices.forget(call)
	if live.Phase == graph.Deleting {
		return false, nil
	}
	if err := rejectAll(ctx, call, live.ID); err != nil {
		return notFound(err), ignore(err, notFound)
	}
	out, err := world(call).EC2.DeleteVpcEndpointServiceConfigurations(ctx, &ec2.DeleteVpcEndpointServiceConfigurationsInput{ServiceIds: []string{live.ID}})
	if err == nil {
		err = unsuccessful("DeleteVpcEndpointServiceConfigurations", out.Unsuccessful)
	}
	return notFound(err), ignore(err, notFound)
}
