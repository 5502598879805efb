package v1alpha1

import "strings"

// OutboundType is a way by which the tasks reach the control plane.
// +kubebuilder:validation:Enum=Internet;PrivateLink
type OutboundType string

// The ways by which the tasks reach the control plane.
const (
	// OutboundInternet is the internet.
	OutboundInternet OutboundType = "Internet"
	// OutboundPrivateLink is an interface endpoint in the deployment's VPC, by AWS PrivateLink.
	OutboundPrivateLink OutboundType = "PrivateLink"
)

// The control plane of Portkey's own.
const (
	// DefaultControlPlaneService is its endpoint service.
	DefaultControlPlaneService = "com.amazonaws.vpce.us-east-1.vpce-svc-0c2c1c323d9f56d95"
	// DefaultControlPlaneHost is the private DNS name of that.
	DefaultControlPlaneHost = "aws-cp.portkey.ai"
)

// Outbound is how the tasks reach the control plane.
// +kubebuilder:validation:XValidation:rule=`!has(self.privateLink) || self.?type.orValue('Internet') == 'PrivateLink'`,fieldPath=".privateLink",message="privateLink belongs to type PrivateLink: set type to PrivateLink, or remove privateLink"
// +kubebuilder:validation:XValidation:rule=`self.?type.orValue('Internet') != 'PrivateLink' || oldSelf.?type.orValue('Internet') != 'PrivateLink' || (has(self.privateLink) && has(self.privateLink.serviceName) && self.privateLink.serviceName != "" ? self.privateLink.serviceName : 'com.amazonaws.vpce.us-east-1.vpce-svc-0c2c1c323d9f56d95') == (has(oldSelf.privateLink) && has(oldSelf.privateLink.serviceName) && oldSelf.privateLink.serviceName != "" ? oldSelf.privateLink.serviceName : 'com.amazonaws.vpce.us-east-1.vpce-svc-0c2c1c323d9f56d95')`,message="privateLink.serviceName can't change while the tasks use it: set type to Internet, and when status.outputs has no controlPlaneEndpoint any more, to PrivateLink with the new name"
type Outbound struct {
	// Type is the way. Internet: through the VPC's way out, to api.portkey.ai and albus.portkey.ai. PrivateLink:
	// through an interface endpoint in the private subnets, as soon as Portkey has accepted it; until then through
	// the internet, and condition ControlPlaneReady says what to send to Portkey. It may change at any time. Not
	// set: Internet.
	// +optional
	Type OutboundType `json:"type,omitempty"`
	// PrivateLink is for type PrivateLink.
	// +optional
	PrivateLink *OutboundEndpoint `json:"privateLink,omitempty"`
}

// OutboundEndpoint names the control plane's endpoint service.
type OutboundEndpoint struct {
	// ServiceName is the endpoint service of a control plane other than Portkey's own. If it lies in another region
	// than the deployment, it must support that region. It can't change while type is PrivateLink. Not set:
	// com.amazonaws.vpce.us-east-1.vpce-svc-0c2c1c323d9f56d95.
	// +optional
	// +kubebuilder:validation:MaxLength=100
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^(cn[.])?com[.]amazonaws[.]vpce[.][a-z]{2}(-[a-z]+)+-[0-9][.]vpce-svc-[0-9a-f]{8,17}$')`,message="write the name of an endpoint service with its region, such as com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"
	ServiceName string `json:"serviceName,omitempty"`
	// Host is the private DNS name of that service: the tasks call https://HOST/api/v1 and its neighbours. Not set:
	// aws-cp.portkey.ai.
	// +optional
	Host HostName `json:"host,omitempty"`
}

// ServiceRegion is the region of the endpoint service, of a resolved spec.
func (p *OutboundEndpoint) ServiceRegion() string {
	parts := strings.Split(p.ServiceName, ".")
	return parts[len(parts)-2]
}

func (s *PortkeyGatewaySpec) resolveOutbound() {
	out := block(&block(&s.ControlPlane).Outbound)
	if fill(&out.Type, OutboundInternet); out.Type != OutboundPrivateLink {
		return
	}
	p := block(&out.PrivateLink)
	fill(&p.ServiceName, DefaultControlPlaneService)
	fill(&p.Host, DefaultControlPlaneHost)
}
