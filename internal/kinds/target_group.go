package kinds

import (
	"context"
	"fmt"
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

// TargetGroup is a target group with its health check and attributes: of addresses, where ECS registers the
// tasks, or of an application load balancer that a network load balancer sends to.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
//
// Outputs: "arn", at once.
type TargetGroup struct{}

// TargetGroupSpec is what a target group should be.
type TargetGroupSpec struct {
	// VPC, Protocol and Port can't be changed.
	VPC      graph.Value `json:"vpc"`
	Protocol string      `json:"protocol"`
	Port     int         `json:"port"`
	// HealthProtocol is how targets are asked; HealthPath and HealthCodes are for HTTP and HTTPS.
	HealthProtocol     string `json:"healthProtocol"`
	HealthPath         string `json:"healthPath,omitempty"`
	HealthCodes        string `json:"healthCodes,omitempty"`
	HealthyThreshold   int    `json:"healthyThreshold"`
	UnhealthyThreshold int    `json:"unhealthyThreshold"`
	IntervalSeconds    int    `json:"intervalSeconds"`
	TimeoutSeconds     int    `json:"timeoutSeconds"`
	// Attributes are those that are set, by AWS's keys; others aren't looked at.
	Attributes map[string]string `json:"attributes,omitempty"`
	// LoadBalancer is the ARN of the application load balancer that is the group's one target, by its listener on
	// LoadBalancerPort; zero for a group of addresses. AWS lets nobody change attributes of such a group.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/application-load-balancer-target.html
	LoadBalancer     graph.Value `json:"loadBalancer,omitzero"`
	LoadBalancerPort int         `json:"loadBalancerPort,omitempty"`
	// Idle says that there may be no task behind that load balancer, by what is asked for. Then it answers 503, and nobody
	// waits for it to get healthy.
	Idle bool `json:"idle,omitempty"`
	// Siblings are the names of all target groups of the deployment: they are read by one call.
	Siblings []string `json:"-"`
}

type targetGroup struct {
	elbtypes.TargetGroup
	Attributes, Tags map[string]string
	Health           *TargetHealth
	Idle             bool
}

func (g targetGroup) live(call graph.Call) graph.Live {
	arn := sdk.ToString(g.TargetGroupArn)
	l := graph.Live{
		ID: arn, Phase: graph.Ready, Owner: proof(call, arn, g.Tags), Raw: g,
		Out: map[graph.Attr]string{"arn": arn},
	}
	if h := g.Health; h != nil {
		l.Facts = h
		if h.Total > 0 && h.Healthy == 0 && !g.Idle {
			l.Phase, l.Why, l.Recheck = graph.Pending, fmt.Sprintf("none of %d targets is healthy", h.Total), targetChecking
		}
	}
	return l
}

// Name implements graph.Kind.
func (TargetGroup) Name() string { return "TargetGroup" }

// Disposable implements graph.Disposable: a group has no state of its own.
func (TargetGroup) Disposable() bool { return true }

// Observe implements graph.Kind. Targets are asked for only where a load balancer uses the group.
func (TargetGroup) Observe(ctx context.Context, call graph.Call, spec TargetGroupSpec) (graph.Live, error) {
	w := world(call)
	if g, ok := seen[targetGroup](call, call.ID); ok && g.Health != nil && call.Seen.Phase == graph.Pending {
		// It waits for its targets: only they change.
		if health, err := readHealth(ctx, w, g.TargetGroupArn); err == nil {
			g.Health, g.Idle = health, spec.Idle
			return g.live(call), nil
		} else if !notFound(err) {
			return graph.Live{}, err
		}
	}
	found, err := readTargetGroup(ctx, w, call, spec.Siblings)
	if err != nil {
		return graph.Live{}, err
	}
	if found == nil {
		return graph.Live{Phase: graph.Absent}, nil
	}
	g := targetGroup{TargetGroup: *found, Attributes: map[string]string{}, Idle: spec.Idle}
	if earlier, ok := seen[targetGroup](call, sdk.ToString(g.TargetGroupArn)); ok && call.Seen.Phase != graph.Pending {
		g.Attributes, g.Tags = earlier.Attributes, earlier.Tags
		return g.live(call), nil
	}
	if g.Tags, err = tagsOf(ctx, call, sdk.ToString(g.TargetGroupArn)); err != nil {
		return graph.Live{}, err
	}
	attributes, err := w.ELB.DescribeTargetGroupAttributes(ctx, &elbv2.DescribeTargetGroupAttributesInput{TargetGroupArn: g.TargetGroupArn})
	if err != nil {
		return graph.Live{}, err
	}
	for _, a := range attributes.Attributes {
		g.Attributes[sdk.ToString(a.Key)] = sdk.ToString(a.Value)
	}
	if len(g.LoadBalancerArns) > 0 || !spec.LoadBalancer.IsZero() {
		if g.Health, err = readHealth(ctx, w, g.TargetGroupArn); err != nil {
			return graph.Live{}, err
		}
	}
	return g.live(call), nil
}

// Diff implements graph.Kind.
func (TargetGroup) Diff(call graph.Call, want TargetGroupSpec, live graph.Live) []graph.Change {
	have := raw[targetGroup](live)
	var d difference
	d.fixed("vpc", sdk.ToString(have.VpcId), want.VPC.String())
	d.fixed("protocol", string(have.Protocol), want.Protocol)
	if p := int(ptr.Deref(have.Port, int32(want.Port))); p != want.Port {
		d.number("port", p, want.Port)
		d[len(d)-1].Replace = true
	}
	d.text("healthProtocol", string(have.HealthCheckProtocol), want.HealthProtocol)
	if want.http() {
		d.text("healthPath", sdk.ToString(have.HealthCheckPath), want.HealthPath)
		codes := ""
		if have.Matcher != nil {
			codes = sdk.ToString(have.Matcher.HttpCode)
		}
		d.text("healthCodes", codes, want.HealthCodes)
	}
	d.number("healthyThreshold", int(sdk.ToInt32(have.HealthyThresholdCount)), want.HealthyThreshold)
	d.number("unhealthyThreshold", int(sdk.ToInt32(have.UnhealthyThresholdCount)), want.UnhealthyThreshold)
	d.number("intervalSeconds", int(sdk.ToInt32(have.HealthCheckIntervalSeconds)), want.IntervalSeconds)
	d.number("timeoutSeconds", int(sdk.ToInt32(have.HealthCheckTimeoutSeconds)), want.TimeoutSeconds)
	if !want.LoadBalancer.IsZero() {
		d.set("loadBalancer", have.registered(), []string{want.target()})
	}
	d.attributes(have.Attributes, want.Attributes)
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// Create implements graph.Kind.
func (TargetGroup) Create(ctx context.Context, call graph.Call, spec TargetGroupSpec) (graph.Live, error) {
	w := world(call)
	in := &elbv2.CreateTargetGroupInput{
		Name: &call.Name, VpcId: sdk.String(spec.VPC.String()), TargetType: elbtypes.TargetTypeEnumIp,
		Protocol: elbtypes.ProtocolEnum(spec.Protocol), Port: number(spec.Port), Tags: toELBTags(call.Tags),
		HealthCheckProtocol: elbtypes.ProtocolEnum(spec.HealthProtocol), HealthCheckIntervalSeconds: number(spec.IntervalSeconds),
		HealthCheckTimeoutSeconds: number(spec.TimeoutSeconds), HealthyThresholdCount: number(spec.HealthyThreshold),
		UnhealthyThresholdCount: number(spec.UnhealthyThreshold),
	}
	if !spec.LoadBalancer.IsZero() {
		in.TargetType = elbtypes.TargetTypeEnumAlb
	}
	in.HealthCheckPath, in.Matcher = spec.check()
	w.Reads.Forget(targetGroupsKey)
	out, err := w.ELB.CreateTargetGroup(ctx, in)
	if err != nil {
		return graph.Live{}, err
	}
	g := targetGroup{TargetGroup: out.TargetGroups[0], Tags: call.Tags, Idle: spec.Idle}
	if !spec.LoadBalancer.IsZero() {
		if err := g.aim(ctx, w, spec); err != nil {
			return g.live(call), err
		}
	}
	if err := g.setAttributes(ctx, w, spec.Attributes); err != nil {
		return g.live(call), err
	}
	return g.live(call), nil
}

// Update implements graph.Kind.
func (TargetGroup) Update(ctx context.Context, call graph.Call, spec TargetGroupSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	w := world(call)
	g := raw[targetGroup](live)
	if touches(changes, "healthProtocol", "healthPath", "healthCodes", "healthyThreshold", "unhealthyThreshold", "intervalSeconds", "timeoutSeconds") {
		in := &elbv2.ModifyTargetGroupInput{
			TargetGroupArn: g.TargetGroupArn, HealthCheckProtocol: elbtypes.ProtocolEnum(spec.HealthProtocol),
			HealthCheckIntervalSeconds: number(spec.IntervalSeconds), HealthCheckTimeoutSeconds: number(spec.TimeoutSeconds),
			HealthyThresholdCount: number(spec.HealthyThreshold), UnhealthyThresholdCount: number(spec.UnhealthyThreshold),
		}
		in.HealthCheckPath, in.Matcher = spec.check()
		w.Reads.Forget(targetGroupsKey)
		out, err := w.ELB.ModifyTargetGroup(ctx, in)
		if err != nil {
			return live, err
		}
		g.TargetGroup = out.TargetGroups[0]
	}
	if touches(changes, "loadBalancer") {
		if err := g.aim(ctx, w, spec); err != nil {
			return live, err
		}
	}
	if touches(changes, "attributes") {
		if err := g.setAttributes(ctx, w, spec.Attributes); err != nil {
			return live, err
		}
	}
	if err := retagARN(ctx, call, live.ID, g.Tags); err != nil {
		return live, err
	}
	g.Tags = retagged(call.Tags, g.Tags)
	return g.live(call), nil
}

// Delete implements graph.Kind. AWS refuses while a listener or rule uses the group.
func (TargetGroup) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	w := world(call)
	w.Reads.Forget(targetGroupsKey)
	_, err := w.ELB.DeleteTargetGroup(ctx, &elbv2.DeleteTargetGroupInput{TargetGroupArn: &live.ID})
	return ignore(err, notFound) == nil, ignore(err, notFound)
}

func (s TargetGroupSpec) http() bool { return strings.HasPrefix(s.HealthProtocol, "HTTP") }

// check is the part of the health check that only HTTP has.
func (s TargetGroupSpec) check() (path *string, matcher *elbtypes.Matcher) {
	if !s.http() {
		return nil, nil
	}
	return &s.HealthPath, &elbtypes.Matcher{HttpCode: &s.HealthCodes}
}

func (g *targetGroup) setAttributes(ctx context.Context, w *aws.World, attributes map[string]string) error {
	if len(attributes) == 0 {
		return nil
	}
	in := &elbv2.ModifyTargetGroupAttributesInput{TargetGroupArn: g.TargetGroupArn}
	for _, k := range slices.Sorted(maps.Keys(attributes)) {
		in.Attributes = append(in.Attributes, elbtypes.TargetGroupAttribute{Key: sdk.String(k), Value: sdk.String(attributes[k])})
	}
	if _, err := w.ELB.ModifyTargetGroupAttributes(ctx, in); err != nil {
		return err
	}
	g.Attributes = merged(g.Attributes, attributes)
	return nil
}
