package kinds

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// WebACLAssociation is that a web ACL of AWS WAF protects an application load balancer. A load balancer has
// at most one, so the association of a load balancer of ours is ours. It goes with the load balancer.
// https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html
//
// The id is the load balancer's ARN. Output: "webACL", its ARN.
type WebACLAssociation struct{}

// WebACLAssociationSpec is what the association should be.
type WebACLAssociationSpec struct {
	// LoadBalancer is the ARN of one that is active: AWS WAF doesn't see others.
	LoadBalancer graph.Value `json:"loadBalancer"`
	// WebACL is the ARN of an existing web ACL.
	WebACL string `json:"webACL"`
}

// Name implements graph.Kind.
func (WebACLAssociation) Name() string { return "WebACLAssociation" }

// Observe implements graph.Kind.
func (k WebACLAssociation) Observe(ctx context.Context, call graph.Call, spec WebACLAssociationSpec) (graph.Live, error) {
	arn := call.ID
	if known(spec.LoadBalancer) {
		arn = spec.LoadBalancer.String()
	}
	if arn == "" {
		return graph.Live{Phase: graph.Absent}, nil
	}
	out, err := world(call).WAF.GetWebACLForResource(ctx, &wafv2.GetWebACLForResourceInput{ResourceArn: &arn})
	if notFound(err) { // no such load balancer
		return graph.Live{Phase: graph.Absent}, nil
	}
	if err != nil {
		return graph.Live{}, err
	}
	if out.WebACL == nil {
		return graph.Live{Phase: graph.Absent}, nil
	}
	return k.live(arn, sdk.ToString(out.WebACL.ARN)), nil
}

func (WebACLAssociation) live(loadBalancer, acl string) graph.Live {
	return graph.Live{ID: loadBalancer, Phase: graph.Ready, Owner: graph.Ours, Raw: acl, Out: map[graph.Attr]string{"webACL": acl}}
}

// Diff implements graph.Kind.
func (WebACLAssociation) Diff(_ graph.Call, want WebACLAssociationSpec, live graph.Live) []graph.Change {
	var d difference
	d.text("webACL", raw[string](live), want.WebACL)
	return d
}

// Create implements graph.Kind.
func (k WebACLAssociation) Create(ctx context.Context, call graph.Call, spec WebACLAssociationSpec) (graph.Live, error) {
	arn := spec.LoadBalancer.String()
	_, err := world(call).WAF.AssociateWebACL(ctx, &wafv2.AssociateWebACLInput{ResourceArn: &arn, WebACLArn: &spec.WebACL})
	if err != nil {
		return graph.Live{}, err
	}
	return k.live(arn, spec.WebACL), nil
}

// Update implements graph.Kind. Another association takes the place of the one there is, so that the load
// balancer is never without.
func (k WebACLAssociation) Update(ctx context.Context, call graph.Call, spec WebACLAssociationSpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	out, err := k.Create(ctx, call, spec)
	if err != nil {
		return live, err
	}
	return out, nil
}

// Delete implements graph.Kind.
func (WebACLAssociation) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	_, err := world(call).WAF.DisassociateWebACL(ctx, &wafv2.DisassociateWebACLInput{ResourceArn: &live.ID})
	return ignore(err, notFound) == nil, ignore(err, notFound)
}
