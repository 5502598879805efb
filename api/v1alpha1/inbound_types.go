package v1alpha1

// ControlPlane is how the deployment and Portkey's control plane reach each other.
type ControlPlane struct {
	// Inbound is how the control plane reaches the gateway. Not set: not at all.
	// +optional
	Inbound *Inbound `json:"inbound,omitempty"`
}

// InboundType is a way by which the control plane reaches the gateway.
// +kubebuilder:validation:Enum=None;AllowList
type InboundType string

// The ways by which the control plane reaches the gateway.
const (
	// InboundNone is no way.
	InboundNone InboundType = "None"
	// InboundAllowList is the internet: an internet-facing load balancer lets the control plane's addresses in.
	InboundAllowList InboundType = "AllowList"
)

// Inbound is how the control plane reaches the gateway.
// +kubebuilder:validation:XValidation:rule=`!has(self.allowList) || self.?type.orValue('None') == 'AllowList'`,fieldPath=".allowList",message="allowList belongs to type AllowList: set type to AllowList, or remove allowList"
type Inbound struct {
	// Type is the way. None: the control plane doesn't reach the gateway. AllowList: over the internet; an
	// internet-facing load balancer lets the control plane's addresses in, besides those of
	// loadBalancer.allowedCIDRs. It may change at any time. Not set: None.
	// +optional
	Type InboundType `json:"type,omitempty"`
	// AllowList is for type AllowList.
	// +optional
	AllowList *InboundAllowedList `json:"allowList,omitempty"`
}

// InboundAllowedList says from where the control plane comes.
type InboundAllowedList struct {
	// CIDRs are the IPv4 ranges from which the control plane connects: at most 10. Empty: the three addresses of
	// Portkey's own, 54.81.226.149, 34.200.113.35 and 44.221.117.129.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MaxLength=18
	// +kubebuilder:validation:items:XValidation:rule=`isCIDR(self) && cidr(self).ip().family() == 4`,message="write an IPv4 range with its size, such as 203.0.113.0/24, or 203.0.113.7/32 for one address"
	// +kubebuilder:validation:items:XValidation:rule=`!isCIDR(self) || cidr(self) == cidr(self).masked()`,message="write the first address of the range, as 203.0.113.0/24 and not 203.0.113.7/24"
	CIDRs []string `json:"cidrs,omitempty"`
}

// controlPlaneCIDRs are the addresses from which Portkey's control plane connects.
var controlPlaneCIDRs = []string{"54.81.226.149/32", "34.200.113.35/32", "44.221.117.129/32"}
