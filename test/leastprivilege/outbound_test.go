package leastprivilege

import (
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/iampolicy"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	emuec2 "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

// privateLife is that of a gateway with an endpoint to the control plane in a network of the user's, where somebody
// takes a subnet off the endpoint, and that of one in another region than the control plane.
func privateLife(t *testing.T, bind binding) {
	fargate := func(gw *v1alpha1.PortkeyGateway) *v1alpha1.PortkeyGateway {
		gw.Spec.Capacity = &v1alpha1.Capacity{Fargate: &v1alpha1.FargateCapacity{}}
		gw.Spec.LoadBalancer = nil
		gw.Spec.ControlPlane = &v1alpha1.ControlPlane{Outbound: &v1alpha1.Outbound{Type: v1alpha1.OutboundPrivateLink}}
		return gw
	}
	begin := func(features ...string) (*harness.Harness, emulator.Seeded) {
		h := harness.New()
		seeded := h.Emulator.Seed("eu-west-1")
		h.Emulator.SeedNetwork("us-east-1")
		if err := h.Emulator.ChangeEndpointService("", emuec2.ServiceChange{AcceptanceRequired: sdk.Bool(false)}); err != nil {
			t.Fatal(err)
		}
		bind(t, h, features...)
		return h, seeded
	}

	h, _ := begin(iampolicy.Base, iampolicy.ExistingNetwork, iampolicy.PrivateLink)
	before := len(h.Emulator.Server.Resources(false))
	gw := fargate(h.Minimal("gw"))
	gw.Spec.Network = &v1alpha1.Network{Existing: &v1alpha1.ExistingNetwork{
		VPCID: emulator.ExistingNetwork.VPCID, PrivateSubnetIDs: emulator.ExistingNetwork.PrivateSubnetIDs,
	}}
	key := h.Create(gw)
	until(t, h, key, "Ready", harness.Ready)
	endpoint := find(h, "VPCEndpoint", "vpc-endpoint/control-plane")
	if _, err := clients(h).EC2.ModifyVpcEndpoint(t.Context(), &ec2.ModifyVpcEndpointInput{VpcEndpointId: &endpoint.ID, RemoveSubnetIds: emulator.ExistingNetwork.PrivateSubnetIDs[:1]}); err != nil {
		t.Fatal(err)
	}
	settle(t, h, key)
	until(t, h, key, "both subnets again", func(gw *v1alpha1.PortkeyGateway) bool {
		return harness.Ready(gw) && len(find(h, "VPCEndpoint", "vpc-endpoint/control-plane").Settings["subnetIdSet"].([]any)) == 2
	})
	h.Delete(key)
	until(t, h, key, "deletion", harness.Gone)
	if after := len(h.Emulator.Server.Resources(false)); after != before {
		t.Errorf("%d objects before, %d after", before, after)
	}

	h, seeded := begin(iampolicy.Base, iampolicy.VPC, iampolicy.PrivateLink)
	gw = fargate(h.Minimal("gw"))
	gw.Spec.Region, gw.Spec.Storage.Region = "eu-west-1", "us-east-1"
	gw.Spec.Credentials.License.SecretARN, gw.Spec.Credentials.Registry.SecretARN = seeded.LicenseSecret, seeded.RegistrySecret
	key = h.Create(gw)
	until(t, h, key, "Ready", harness.Ready)
	h.Delete(key)
	until(t, h, key, "deletion", harness.Gone)
}
