package kinds

import (
	"context"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// VPCEndpoint is an interface endpoint to somebody else's endpoint service, which that one's owner accepts first: for
// days it may be on its way without anything being wrong. Its private DNS name is switched on when it is available,
// since AWS refuses that before, and the name would lead nowhere. Service, region and VPC can't be changed.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html
//
// Out: id and dns (its regional name) at once; open, when the private DNS name leads to the service.
type VPCEndpoint struct{}

// VPCEndpointSpec is the desired state of a VPCEndpoint.
type VPCEndpointSpec struct {
	// VPC is the VPC's id.
	VPC graph.Value `json:"vpc"`
	// Service is the name of the endpoint service, ServiceRegion its region where that is another.
	Service       string `json:"service"`
	ServiceRegion string `json:"serviceRegion,omitempty"`
	// Subnets are those that it may have network interfaces in, the first of each zone.
	Subnets []graph.Value `json:"subnets"`
	// Zones are the names of the zones in which the service can be reached. Empty: they aren't known; an endpoint that
	// is there keeps its subnets, and a new one tries all.
	Zones []string `json:"zones,omitempty"`
	// Groups are ids of security groups.
	Groups []graph.Value `json:"groups"`
	// Provider is what people call the owner of the service.
	Provider string `json:"provider"`
}

// EndpointFacts are what status tells of an endpoint.
type EndpointFacts struct {
	ID string
	// Names are its DNS names: the regional one first, then one for each zone, then the private one.
	Names []string
	// Working says that it carries traffic, or is being changed; Named that its private DNS name is switched on.
	Working, Named bool
}

// vpcEndpoint is the kind's own reading: with the zones of the subnets that it has and may have, by id.
type vpcEndpoint struct {
	types.VpcEndpoint
	zones map[string]string
}

var vpcEndpoints = ec2Objects[types.VpcEndpoint]{
	key: "ec2/vpc-endpoints",
	read: func(ctx context.Context, c aws.EC2, ids []string, filters []types.Filter) ([]types.VpcEndpoint, error) {
		return pages(ctx, ec2.NewDescribeVpcEndpointsPaginator(c, &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: ids, Filters: filters}),
			func(p *ec2.DescribeVpcEndpointsOutput) []types.VpcEndpoint { return p.VpcEndpoints })
	},
	id:   func(v types.VpcEndpoint) string { return sdk.ToString(v.VpcEndpointId) },
	tags: func(v types.VpcEndpoint) []types.Tag { return v.Tags },
	rank: func(v types.VpcEndpoint) int {
		switch endpointState(v) {
		case "deleted":
			return -1
		case "available":
			return 0
		case "pending", "pendingacceptance":
			return 1
		case "deleting":
			return 3
		default:
			return 2
		}
	},
}

// Name implements graph.Kind.
func (VPCEndpoint) Name() string { return "VPCEndpoint" }

// Observe implements graph.Kind.
func (k VPCEndpoint) Observe(ctx context.Context, call graph.Call, spec VPCEndpointSpec) (graph.Live, error) {
	found, owner, err := vpcEndpoints.find(ctx, call)
	if err != nil || found == nil {
		return graph.Live{Phase: graph.Absent}, err
	}
	v := vpcEndpoint{VpcEndpoint: *found}
	if owner == graph.Ours {
		if v.zones, err = subnetZones(ctx, call, spec.Subnets, v.SubnetIds...); err != nil {
			return graph.Live{}, err
		}
	}
	return k.live(call, v, spec.Provider, owner), nil
}

// Diff compares what AWS lets be changed only where it does so: not while the endpoint changes anyway, nor in what it
// can't leave.
func (VPCEndpoint) Diff(call graph.Call, want VPCEndpointSpec, live graph.Live) []graph.Change {
	v := raw[vpcEndpoint](live)
	var d difference
	d.fixed("vpc", sdk.ToString(v.VpcId), want.VPC.String())
	d.fixed("service", sdk.ToString(v.ServiceName), want.Service)
	if state := endpointState(v.VpcEndpoint); state == "available" || state == "pendingacceptance" {
		d.set("groups", v.groups(), graph.Strings(want.Groups))
		if len(want.Zones) > 0 && !slices.ContainsFunc(want.Subnets, func(s graph.Value) bool { return !known(s) }) {
			// A service that left all zones of the subnets is no reason to take the last interface away.
			if to := chosen(want, v.zones); len(to) > 0 {
				d.set("subnets", v.SubnetIds, to)
			}
		}
		if state == "available" {
			d.flag("privateDNS", sdk.ToBool(v.PrivateDnsEnabled), true)
		}
	}
	return append(d, diffTags(call.Tags, tagsOfEC2(v.Tags))...)
}

// Create implements graph.Kind. The endpoint asks to be accepted with that.
func (k VPCEndpoint) Create(ctx context.Context, call graph.Call, spec VPCEndpointSpec) (graph.Live, error) {
	zones, err := subnetZones(ctx, call, spec.Subnets)
	if err != nil {
		return graph.Live{}, err
	}
	in := &ec2.CreateVpcEndpointInput{
		VpcEndpointType: types.VpcEndpointTypeInterface, VpcId: sdk.String(spec.VPC.String()), ServiceName: &spec.Service,
		SubnetIds: chosen(spec, zones), SecurityGroupIds: graph.Strings(spec.Groups), PrivateDnsEnabled: sdk.Bool(false),
		ClientToken: &call.Token, TagSpecifications: tagged(call, types.ResourceTypeVpcEndpoint),
	}
	if spec.ServiceRegion != "" {
		in.ServiceRegion = &spec.ServiceRegion
	}
	out, err := world(call).EC2.CreateVpcEndpoint(ctx, in)
	if err != nil {
		vpcEndpoints.forget(call)
		return graph.Live{}, err
	}
	vpcEndpoints.became(call, *out.VpcEndpoint)
	return k.live(call, vpcEndpoint{*out.VpcEndpoint, zones}, spec.Provider, graph.Ours), nil
}

// Update implements graph.Kind. Other subnets are reached in steps, each with the time that AWS takes for it: see
// subnetStep.
func (k VPCEndpoint) Update(ctx context.Context, call graph.Call, spec VPCEndpointSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	defer vpcEndpoints.forget(call)
	v := raw[vpcEndpoint](live)
	in := &ec2.ModifyVpcEndpointInput{VpcEndpointId: &live.ID}
	if touches(changes, "groups") {
		in.AddSecurityGroupIds, in.RemoveSecurityGroupIds = exchange(v.groups(), graph.Strings(spec.Groups))
	}
	if touches(changes, "subnets") {
		in.AddSubnetIds, in.RemoveSubnetIds = subnetStep(v.SubnetIds, chosen(spec, v.zones), v.zones)
	}
	// One thing at a time: whatever AWS refuses of the names mustn't hold up the rest.
	if !touches(changes, "groups", "subnets") && touches(changes, "privateDNS") {
		in.PrivateDnsEnabled = sdk.Bool(true)
	}
	tags := tagsOfEC2(v.Tags)
	if err := retagEC2(ctx, call, map[string]map[string]string{live.ID: tags}); err != nil {
		return live, err
	}
	v.Tags = ec2Tags(retagged(call.Tags, tags))
	if !touches(changes, "groups", "subnets", "privateDNS") {
		return k.live(call, v, spec.Provider, live.Owner), nil
	}
	if _, err := world(call).EC2.ModifyVpcEndpoint(ctx, in); err != nil {
		return live, err
	}
	l := k.live(call, v, spec.Provider, live.Owner)
	if l.Reason == "" { // whatever changed, it is looked at again before others rely on it
		l.Phase, l.Why, l.Recheck = graph.Pending, "is being changed", endpointPace
	}
	return l, nil
}

// Delete implements graph.Kind. AWS answers success also for what it didn't delete, and says so beside it.
func (VPCEndpoint) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	defer vpcEndpoints.forget(call)
	if live.Phase == graph.Deleting {
		return false, nil
	}
	out, err := world(call).EC2.DeleteVpcEndpoints(ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{live.ID}})
	if err == nil {
		err = unsuccessful("DeleteVpcEndpoints", out.Unsuccessful)
	}
	if notFound(err) {
		return true, nil
	}
	return false, err
}

// subnetStep is the next step from the subnets that an endpoint has to those that it is to have, in which its private
// name always leads to a network interface that works. AWS allows one subnet in a zone, also within a call
// (DuplicateSubnetsInSameZone). So zones that are free are added to first, and nothing goes before AWS calls the endpoint
// available with them; then one subnet after another makes room for that of its zone; what has no successor goes last.
// Only an endpoint whose one subnet is exchanged for another of the same zone is without any between the two.
// https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
func subnetStep(have, want []string, zones map[string]string) (add, remove []string) {
	missing, extra := exchange(have, want)
	at := func(ids []string, zone string) bool {
		return slices.ContainsFunc(ids, func(id string) bool { return zones[id] == zone })
	}
	for _, id := range missing {
		if !at(have, zones[id]) {
			add = append(add, id)
		}
	}
	if len(add) > 0 {
		return add, nil
	}
	for _, id := range extra {
		if at(missing, zones[id]) {
			return nil, []string{id}
		}
	}
	return nil, extra
}

// exchange is what must be added to and removed from a set to make it another.
func exchange(have, want []string) (add, remove []string) {
	for _, x := range want {
		if !slices.Contains(have, x) {
			add = append(add, x)
		}
	}
	for _, x := range have {
		if !slices.Contains(want, x) {
			remove = append(remove, x)
		}
	}
	return add, remove
}
