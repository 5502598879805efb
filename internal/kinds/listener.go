package kinds

import (
	"context"
	"slices"
	"strconv"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// Listener is a load balancer's listener. What no rule of its decides it forwards to a target group, or
// answers with 404. A load balancer has one listener per port, so it is found by that; its tags prove
// whose it is.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
//
// Outputs, at once: "arn"; "port", where it listens; and "serving", the target group that it forwards to.
type Listener struct{}

// ListenerSpec is what a listener should be.
type ListenerSpec struct {
	// LoadBalancer is an ARN.
	LoadBalancer graph.Value `json:"loadBalancer"`
	// TargetGroup is the ARN of the group that is forwarded to; zero answers 404. Alternate is the group
	// that ECS shifts requests to and from; zero when it doesn't.
	TargetGroup graph.Value `json:"targetGroup,omitzero"`
	Alternate   graph.Value `json:"alternate,omitzero"`
	// Test says that it is for test traffic.
	Test bool `json:"test,omitempty"`
	// Asked says that somebody goes by "serving": a listener that was read while it didn't matter is read again.
	Asked    bool   `json:"asked,omitempty"`
	Port     int    `json:"port"`
	Protocol string `json:"protocol"`
	// CertificateARN and SSLPolicy are for TLS and HTTPS.
	CertificateARN graph.Value `json:"certificateARN,omitzero"`
	SSLPolicy      string      `json:"sslPolicy,omitempty"`
}

type listener struct {
	elbtypes.Listener
	Tags map[string]string
}

func (l listener) live(call graph.Call) graph.Live {
	arn := sdk.ToString(l.ListenerArn)
	out := graph.Live{
		ID: arn, Phase: graph.Ready, Owner: proof(call, arn, l.Tags), Raw: l,
		Out: map[graph.Attr]string{"arn": arn, "port": strconv.Itoa(int(sdk.ToInt32(l.Port)))},
	}
	if s := serving(l.DefaultActions); s != "" {
		out.Out["serving"] = s
	}
	return out
}

// listenersKey, with a load balancer's ARN, names the walk's memo of its listeners.
const listenersKey = "elb/listeners/"

// Name implements graph.Kind.
func (Listener) Name() string { return "Listener" }

// Observe lists the load balancer's listeners; without it the recorded listener is asked for. A
// listener goes with its load balancer.
func (Listener) Observe(ctx context.Context, call graph.Call, spec ListenerSpec) (graph.Live, error) {
	w := world(call)
	in := &elbv2.DescribeListenersInput{}
	key := listenersKey
	switch {
	case known(spec.LoadBalancer):
		in.LoadBalancerArn = sdk.String(spec.LoadBalancer.String())
		key += spec.LoadBalancer.String()
	case call.ID != "":
		in.ListenerArns = []string{call.ID}
		key += call.ID
	default:
		return graph.Live{Phase: graph.Absent}, nil
	}
	all, err := aws.Read(ctx, w.Reads, key, func(ctx context.Context) ([]elbtypes.Listener, error) {
		return pages(ctx, elbv2.NewDescribeListenersPaginator(w.ELB, in),
			func(p *elbv2.DescribeListenersOutput) []elbtypes.Listener { return p.Listeners })
	})
	if err != nil && !notFound(err) {
		return graph.Live{}, err
	}
	var found *elbtypes.Listener
	for i := range all {
		if l := &all[i]; sdk.ToString(l.ListenerArn) == call.ID || (found == nil && int(sdk.ToInt32(l.Port)) == spec.Port) {
			found = l
		}
	}
	if found == nil {
		return graph.Live{Phase: graph.Absent}, nil
	}
	l := listener{Listener: *found}
	if earlier, ok := seen[listener](call, sdk.ToString(l.ListenerArn)); ok {
		l.Tags = earlier.Tags
	} else if l.Tags, err = tagsOf(ctx, call, sdk.ToString(l.ListenerArn)); err != nil {
		return graph.Live{}, err
	}
	return l.live(call), nil
}

// Diff implements graph.Kind.
func (Listener) Diff(call graph.Call, want ListenerSpec, live graph.Live) []graph.Change {
	have := raw[listener](live)
	var d difference
	d.number("port", int(sdk.ToInt32(have.Port)), want.Port)
	d.text("protocol", string(have.Protocol), want.Protocol)
	if want.TargetGroup.IsZero() {
		d.text("defaultAction", fixedResponse(have.DefaultActions), notFoundText)
	} else {
		forwarding{want.TargetGroup, want.Alternate, want.Test}.diff(&d, have.DefaultActions)
	}
	if !want.CertificateARN.IsZero() {
		d.text("certificateARN", certificateOf(have.Certificates), want.CertificateARN.String())
	}
	if want.SSLPolicy != "" {
		d.text("sslPolicy", sdk.ToString(have.SslPolicy), want.SSLPolicy)
	}
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// Create implements graph.Kind.
func (Listener) Create(ctx context.Context, call graph.Call, spec ListenerSpec) (graph.Live, error) {
	w := world(call)
	actions, err := spec.actions(ctx, call, nil)
	if err != nil {
		return graph.Live{}, err
	}
	in := &elbv2.CreateListenerInput{
		LoadBalancerArn: sdk.String(spec.LoadBalancer.String()), Port: number(spec.Port), Protocol: elbtypes.ProtocolEnum(spec.Protocol),
		DefaultActions: actions, Certificates: spec.certificates(), Tags: toELBTags(call.Tags),
	}
	if spec.SSLPolicy != "" {
		in.SslPolicy = &spec.SSLPolicy
	}
	out, err := w.ELB.CreateListener(ctx, in)
	if err != nil {
		w.Reads.Forget(listenersKey)
		return graph.Live{}, err
	}
	aws.Know(w.Reads, listenerRulesKey+sdk.ToString(out.Listeners[0].ListenerArn), []elbtypes.Rule(nil)) // it has but its default
	aws.Amend(w.Reads, listenersKey+*in.LoadBalancerArn, func(all []elbtypes.Listener) []elbtypes.Listener {
		return append(slices.Clone(all), out.Listeners[0])
	})
	return listener{Listener: out.Listeners[0], Tags: call.Tags}.live(call), nil
}

// Update implements graph.Kind, in one call.
func (Listener) Update(ctx context.Context, call graph.Call, spec ListenerSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	w := world(call)
	l := raw[listener](live)
	w.Reads.Forget(listenersKey)
	if touches(changes, "port", "protocol", "targetGroup", "defaultAction", "certificateARN", "sslPolicy") {
		in := &elbv2.ModifyListenerInput{
			ListenerArn: l.ListenerArn, Port: number(spec.Port), Protocol: elbtypes.ProtocolEnum(spec.Protocol),
			Certificates: spec.certificates(),
		}
		if touches(changes, "targetGroup", "defaultAction") { // else ECS may be moving requests at this moment
			var err error
			if in.DefaultActions, err = spec.actions(ctx, call, l.DefaultActions); err != nil {
				return live, err
			}
		}
		if spec.SSLPolicy != "" {
			in.SslPolicy = &spec.SSLPolicy
		}
		out, err := w.ELB.ModifyListener(ctx, in)
		if err != nil {
			return live, err
		}
		l.Listener = out.Listeners[0]
	}
	if err := retagARN(ctx, call, live.ID, l.Tags); err != nil {
		return live, err
	}
	l.Tags = retagged(call.Tags, l.Tags)
	return l.live(call), nil
}

// Delete implements graph.Kind.
func (Listener) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	w := world(call)
	w.Reads.Forget(listenersKey)
	_, err := w.ELB.DeleteListener(ctx, &elbv2.DeleteListenerInput{ListenerArn: &live.ID})
	return ignore(err, notFound) == nil, ignore(err, notFound)
}

// actions are those that take the place of others.
func (s ListenerSpec) actions(ctx context.Context, call graph.Call, have []elbtypes.Action) ([]elbtypes.Action, error) {
	if s.TargetGroup.IsZero() {
		return []elbtypes.Action{{Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{
			StatusCode: sdk.String(notFoundCode), ContentType: sdk.String("text/plain"), MessageBody: sdk.String(notFoundBody),
		}}}, nil
	}
	return forwarding{s.TargetGroup, s.Alternate, s.Test}.restored(ctx, call, have)
}

// What is answered where no rule matches, as in the Terraform module.
const (
	notFoundCode = "404"
	notFoundBody = "Not Found"
	notFoundText = notFoundCode + " " + notFoundBody
)

// fixedResponse prints a fixed response; anything else reads as what it is.
func fixedResponse(actions []elbtypes.Action) string {
	if len(actions) != 1 || actions[0].FixedResponseConfig == nil {
		return actionText(actions)
	}
	c := actions[0].FixedResponseConfig
	return sdk.ToString(c.StatusCode) + " " + sdk.ToString(c.MessageBody)
}

func (s ListenerSpec) certificates() []elbtypes.Certificate {
	if s.CertificateARN.IsZero() {
		return nil
	}
	return []elbtypes.Certificate{{CertificateArn: sdk.String(s.CertificateARN.String())}}
}

func certificateOf(c []elbtypes.Certificate) string {
	if len(c) == 0 {
		return ""
	}
	return sdk.ToString(c[0].CertificateArn)
}
