package random

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	emulatedec2 "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

// outboundWords are those of controlPlane.outbound. There is one endpoint service that leads to Portkey.
var outboundWords = map[string][]any{
	"controlPlane.outbound.privateLink.serviceName": {"", "com.amazonaws.vpce.us-east-1.vpce-svc-0c2c1c323d9f56d95"},
	"controlPlane.outbound.privateLink.host":        {"", "aws-cp.portkey.ai"},
}

// outboundTogether: the block of a way out only with that way.
func (g *Generator) outboundTogether(spec map[string]any) {
	if out := child(spec, "controlPlane", "outbound"); out["privateLink"] != nil {
		out["type"] = "PrivateLink"
	}
}

// welcoming has Portkey let every endpoint in without being asked first: nobody is there to ask.
func welcoming(h *harness.Harness) {
	must(h.Emulator.ChangeEndpointService("", emulatedec2.ServiceChange{AcceptanceRequired: sdk.Bool(false)}))
}
