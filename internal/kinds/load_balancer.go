package kinds

import (
	"context"
	"maps"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// LoadBalancer is an application or network load balancer with its attributes. Listeners may be
// attached while it is provisioned. A network load balancer that was made without a security group can
// never get one, so it is made with them.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
//
// Outputs, at once: "arn", "dns" (its name), "zoneID" (for alias records), and "suffix", the part of
// the ARN that names it in metrics. "active" is the ARN too, once it is provisioned.
type LoadBalancer struct{}

// LoadBalancerSpec is what a load balancer should be.
type LoadBalancerSpec struct {
	// Type is "network" or "application", Scheme "internal" or "internet-facing". Neither can be
	// changed.
	Type   string `json:"type"`
	Scheme string `json:"scheme"`
	// Subnets and SecurityGroups are ids.
	Subnets        []graph.Value `json:"subnets"`
	SecurityGroups []graph.Value `json:"securityGroups"`
	// Attributes are those that are set, by AWS's keys; others aren't looked at.
	Attributes map[string]string `json:"attributes,omitempty"`
	// PrivateLinkUnruled says of a network load balancer that the inbound rules of its security groups don't count
	// for what comes through AWS PrivateLink. Whoever that is was let in to the endpoint service; rules would have
	// to name clients' addresses in networks of others.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
	PrivateLinkUnruled bool `json:"privateLinkUnruled,omitempty"`
}

type loadBalancer struct {
	elbtypes.LoadBalancer
	Attributes, Tags map[string]string
}

// Name implements graph.Kind.
func (LoadBalancer) Name() string { return "LoadBalancer" }

// Observe implements graph.Kind.
func (LoadBalancer) Observe(ctx context.Context, call graph.Call, _ LoadBalancerSpec) (graph.Live, error) {
	w := world(call)
	in := &elbv2.DescribeLoadBalancersInput{Names: []string{call.Name}}
	if call.Name == "" { // found by its tags
		in = &elbv2.DescribeLoadBalancersInput{LoadBalancerArns: []string{call.ID}}
	}
	out, err := w.ELB.DescribeLoadBalancers(ctx, in)
	if notFound(err) || (err == nil && len(out.LoadBalancers) == 0) {
		return graph.Live{Phase: graph.Absent}, nil
	}
	if err != nil {
		return graph.Live{}, err
	}
	lb := loadBalancer{LoadBalancer: out.LoadBalancers[0]}
	if earlier, ok := seen[loadBalancer](call, sdk.ToString(lb.LoadBalancerArn)); ok {
		lb.Attributes, lb.Tags = earlier.Attributes, earlier.Tags
		return lb.live(call), nil
	}
	if lb.Tags, err = tagsOf(ctx, call, sdk.ToString(lb.LoadBalancerArn)); err != nil {
		return graph.Live{}, err
	}
	attributes, err := w.ELB.DescribeLoadBalancerAttributes(ctx, &elbv2.DescribeLoadBalancerAttributesInput{LoadBalancerArn: lb.LoadBalancerArn})
	if err != nil {
		return graph.Live{}, err
	}
	lb.Attributes = map[string]string{}
	for _, a := range attributes.Attributes {
		lb.Attributes[sdk.ToString(a.Key)] = sdk.ToString(a.Value)
	}
	return lb.live(call), nil
}

// Diff implements graph.Kind.
func (LoadBalancer) Diff(call graph.Call, want LoadBalancerSpec, live graph.Live) []graph.Change {
	have := raw[loadBalancer](live)
	var d difference
	d.fixed("type", string(have.Type), want.Type)
	d.fixed("scheme", string(have.Scheme), want.Scheme)
	d.set("subnets", have.subnets(), graph.Strings(want.Subnets))
	d.set("securityGroups", have.SecurityGroups, graph.Strings(want.SecurityGroups))
	if want.Type == "network" {
		d.flag("privateLinkUnruled", have.unruled(), want.PrivateLinkUnruled)
	}
	d.attributes(have.Attributes, want.Attributes)
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// Create implements graph.Kind. Rules for PrivateLink and attributes are further steps: when they fail, the load
// balancer is there and does its work.
func (LoadBalancer) Create(ctx context.Context, call graph.Call, spec LoadBalancerSpec) (graph.Live, error) {
	w := world(call)
	out, err := w.ELB.CreateLoadBalancer(ctx, &elbv2.CreateLoadBalancerInput{
		Name: &call.Name, Type: elbtypes.LoadBalancerTypeEnum(spec.Type), Scheme: elbtypes.LoadBalancerSchemeEnum(spec.Scheme),
		Subnets: graph.Strings(spec.Subnets), SecurityGroups: graph.Strings(spec.SecurityGroups), Tags: toELBTags(call.Tags),
	})
	if err != nil {
		return graph.Live{}, err
	}
	lb := loadBalancer{LoadBalancer: out.LoadBalancers[0], Tags: call.Tags, Attributes: newLoadBalancer}
	aws.Know(w.Reads, listenersKey+sdk.ToString(lb.LoadBalancerArn), []elbtypes.Listener(nil)) // it has none yet
	if spec.PrivateLinkUnruled {
		if err := lb.setGroups(ctx, w, spec); err != nil {
			return lb.live(call), err
		}
	}
	var d difference
	d.attributes(lb.Attributes, spec.Attributes)
	if err := lb.setAttributes(ctx, w, spec.Attributes, d); err != nil {
		return lb.live(call), err
	}
	return lb.live(call), nil
}

// newLoadBalancer are the attributes of a new load balancer that need no call where they are wanted so.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
var newLoadBalancer = map[string]string{"deletion_protection.enabled": "false", logsPrefix + "enabled": "false", "idle_timeout.timeout_seconds": "60"}

// Update implements graph.Kind. SetSubnets and SetSecurityGroups replace a whole list at once; AWS
// keeps what stays in it in service. Attributes come last: a log bucket that AWS may not write to keeps
// nothing else from being put right.
func (LoadBalancer) Update(ctx context.Context, call graph.Call, spec LoadBalancerSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	w := world(call)
	lb := raw[loadBalancer](live)
	if touches(changes, "securityGroups", "privateLinkUnruled") {
		if err := lb.setGroups(ctx, w, spec); err != nil {
			return live, err
		}
	}
	if touches(changes, "subnets") {
		out, err := w.ELB.SetSubnets(ctx, &elbv2.SetSubnetsInput{LoadBalancerArn: lb.LoadBalancerArn, Subnets: graph.Strings(spec.Subnets)})
		if err != nil {
			return live, err
		}
		lb.AvailabilityZones = out.AvailabilityZones
	}
	if err := retagARN(ctx, call, live.ID, lb.Tags); err != nil {
		return live, err
	}
	lb.Tags = retagged(call.Tags, lb.Tags)
	if err := lb.setAttributes(ctx, w, spec.Attributes, changes); err != nil {
		return live, err
	}
	return lb.live(call), nil
}

// Delete implements graph.Kind. AWS answers success also for what doesn't exist, so absence is seen
// by the next look. Listeners go with it.
func (LoadBalancer) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	_, err := world(call).ELB.DeleteLoadBalancer(ctx, &elbv2.DeleteLoadBalancerInput{LoadBalancerArn: &live.ID})
	return notFound(err), ignore(err, notFound)
}

func (lb loadBalancer) live(call graph.Call) graph.Live {
	arn := sdk.ToString(lb.LoadBalancerArn)
	_, suffix, _ := strings.Cut(arn, ":loadbalancer/")
	l := graph.Live{
		ID: arn, Phase: graph.Ready, Owner: proof(call, arn, lb.Tags), Raw: lb,
		Out: map[graph.Attr]string{
			"arn": arn, "dns": sdk.ToString(lb.DNSName), "zoneID": sdk.ToString(lb.CanonicalHostedZoneId), "suffix": suffix,
		},
	}
	state := ptr.Deref(lb.State, elbtypes.LoadBalancerState{})
	switch state.Code {
	case elbtypes.LoadBalancerStateEnumActive, elbtypes.LoadBalancerStateEnumActiveImpaired, "": // nothing else would end the wait
		l.Out["active"] = arn
	}
	l.Why = sdk.ToString(state.Reason)
	switch state.Code {
	case elbtypes.LoadBalancerStateEnumProvisioning:
		l.Phase, l.Recheck = graph.Pending, recheck(call.Now, sdk.ToTime(lb.CreatedTime), loadBalancerProvisioning)
		if l.Why == "" {
			l.Why = "is being provisioned"
		}
	case elbtypes.LoadBalancerStateEnumFailed:
		l.Phase = graph.Broken
	case elbtypes.LoadBalancerStateEnumActive, elbtypes.LoadBalancerStateEnumActiveImpaired:
		// impaired: it forwards, but can't scale; AWS says why
	}
	return l
}

// unruled reports whether inbound rules don't count for what comes through PrivateLink; by default they do.
func (lb loadBalancer) unruled() bool {
	return sdk.ToString(lb.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic) == string(elbtypes.EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnumOff)
}

// setGroups sets the security groups, and whether their inbound rules count for what comes through PrivateLink.
func (lb *loadBalancer) setGroups(ctx context.Context, w *aws.World, spec LoadBalancerSpec) error {
	in := &elbv2.SetSecurityGroupsInput{LoadBalancerArn: lb.LoadBalancerArn, SecurityGroups: graph.Strings(spec.SecurityGroups)}
	if spec.Type == "network" {
		in.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic = elbtypes.EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnumOn
		if spec.PrivateLinkUnruled {
			in.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic = elbtypes.EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnumOff
		}
		lb.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic = sdk.String(string(in.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic))
	}
	if _, err := w.ELB.SetSecurityGroups(ctx, in); err != nil {
		return err
	}
	lb.SecurityGroups = in.SecurityGroups
	return nil
}

// logsPrefix begins the attributes of access logs.
const logsPrefix = "access_logs.s3."

// setAttributes sets the attributes that differ: those of access logs in a call of their own, since AWS
// refuses a whole call for a bucket that it can't write to.
func (lb *loadBalancer) setAttributes(ctx context.Context, w *aws.World, want map[string]string, changes []graph.Change) error {
	logs := func(key string) bool { return strings.HasPrefix(key, logsPrefix) }
	for _, ours := range []func(string) bool{func(key string) bool { return !logs(key) }, logs} {
		in := &elbv2.ModifyLoadBalancerAttributesInput{LoadBalancerArn: lb.LoadBalancerArn}
		different := false
		set := map[string]string{}
		for _, k := range slices.Sorted(maps.Keys(want)) {
			if ours(k) {
				different = different || touches(changes, "attributes."+k)
				set[k] = want[k]
				in.Attributes = append(in.Attributes, elbtypes.LoadBalancerAttribute{Key: sdk.String(k), Value: sdk.String(want[k])})
			}
		}
		if !different {
			continue
		}
		if _, err := w.ELB.ModifyLoadBalancerAttributes(ctx, in); err != nil {
			return err
		}
		lb.Attributes = merged(lb.Attributes, set)
	}
	return nil
}

func (lb loadBalancer) subnets() []string {
	var out []string
	for _, z := range lb.AvailabilityZones {
		out = append(out, sdk.ToString(z.SubnetId))
	}
	return out
}

// attributes compares those that are wanted: AWS has dozens with defaults of its own.
func (d *difference) attributes(have, want map[string]string) {
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if have[k] != want[k] {
			*d = append(*d, graph.Change{
				Path: "attributes." + k, Have: have[k], Want: want[k], Unlocks: k == "deletion_protection.enabled" && want[k] == "false",
			})
		}
	}
}

// merged is a with b over it.
func merged(a, b map[string]string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, a)
	maps.Copy(out, b)
	return out
}
