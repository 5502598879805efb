package lifecycle

import (
	"context"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// newPrivate deploys a gateway that reaches the control plane by PrivateLink, on one instance.
func newPrivate(t *testing.T) *site {
	t.Helper()
	return build(t, func(h *harness.Harness) *v1alpha1.PortkeyGateway {
		unasked(h)
		gw := h.Minimal("gw")
		gw.Spec.Capacity = &v1alpha1.Capacity{EC2: &v1alpha1.EC2Capacity{InitialSize: sdk.Int32(1)}}
		privately(&gw.Spec)
		return gw
	})
}

// endpointEdits are edits of the endpoint to the control plane.
var endpointEdits = []edit{
	{what: "private DNS off", tells: "privateDNS", do: modifyEndpoint(func(_ *site, in *ec2.ModifyVpcEndpointInput) {
		in.PrivateDnsEnabled = sdk.Bool(false)
	})},
	{what: "a subnet less", tells: "subnets", do: modifyEndpoint(func(s *site, in *ec2.ModifyVpcEndpointInput) {
		in.RemoveSubnetIds = []string{s.node("subnet/private-a").ID}
	})},
	{what: "another group", tells: "groups", do: modifyEndpoint(func(s *site, in *ec2.ModifyVpcEndpointInput) {
		in.AddSecurityGroupIds, in.RemoveSecurityGroupIds = []string{s.node("security-group/gateway").ID}, []string{s.node("security-group/control-plane").ID}
	})},
}

func modifyEndpoint(change func(*site, *ec2.ModifyVpcEndpointInput)) func(context.Context, *site, object) error {
	return func(ctx context.Context, s *site, o object) error {
		in := &ec2.ModifyVpcEndpointInput{VpcEndpointId: &o.ID}
		change(s, in)
		_, err := s.ec2.ModifyVpcEndpoint(ctx, in)
		return err
	}
}

// endpointRemovals are its deletions. The tasks use the internet until there is another one.
var endpointRemovals = []edit{{what: "deleted", history: rolledOut, do: func(ctx context.Context, s *site, o object) error {
	_, err := s.ec2.DeleteVpcEndpoints(ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{o.ID}})
	return err
}}}
