package v1alpha1

// ControlPlane is how the deployment and Portkey's control plane reach each other.
type ControlPlane struct {
	// Outbound is how the tasks reach the control plane. Not set: over the internet.
	// +optional
	Outbound *Outbound `json:"outbound,omitempty"`
	// Inbound is how the control plane reaches the gateway. Not set: not at all.
	// +optional
	Inbound *Inbound `json:"inbound,omitempty"`
}

// InboundType is a way by which the control plane reaches the gateway.
// +kubebuilder:validation:Enum=None;PrivateLink;AllowList
type InboundType string

// The ways by which the control plane reaches the gateway.
const (
	// InboundNone is no way.
	InboundNone InboundType = "None"
	// InboundPrivateLink is AWS PrivateLink: an endpoint service before the load balancer.
	InboundPrivateLink InboundType = "PrivateLink"
	// InboundAllowList is the internet: an internet-facing load balancer lets the control plane's addresses in.
	InboundAllowList InboundType = "AllowList"
)

// Inbound is how the control plane reaches the gateway.
// +kubebuilder:validation:XValidation:rule=`!has(self.privateLink) || self.?type.orValue('None') == 'PrivateLink'`,fieldPath=".privateLink",message="privateLink belongs to type PrivateLink: set type to PrivateLink, or remove privateLink"
// +kubebuilder:validation:XValidation:rule=`!has(self.allowList) || self.?type.orValue('None') == 'AllowList'`,fieldPath=".allowList",message="allowList belongs to type AllowList: set type to AllowList, or remove allowList"
type Inbound struct {
	// Type is the way. None: the control plane doesn't reach the gateway. PrivateLink: through an endpoint service
	// in the deployment's account, to which Portkey connects; it goes by the Network Load Balancer, or by one that
	// is made in front of the Application Load Balancer. AllowList: over the internet; an internet-facing load
	// balancer lets the control plane's addresses in, besides those of loadBalancer.allowedCIDRs. It may change at
	// any time; whoever is connected when PrivateLink goes is disconnected. Not set: None.
	// +optional
	Type InboundType `json:"type,omitempty"`
	// PrivateLink is for type PrivateLink.
	// +optional
	PrivateLink *InboundEndpointService `json:"privateLink,omitempty"`
	// AllowList is for type AllowList.
	// +optional
	AllowList *InboundAllowedList `json:"allowList,omitempty"`
}

// InboundAcceptance says which connections to an endpoint service are accepted.
// +kubebuilder:validation:Enum=Portkey;Manual
type InboundAcceptance string

// Which connections to an endpoint service are accepted.
const (
	// AcceptPortkey accepts those of Portkey's own account.
	AcceptPortkey InboundAcceptance = "Portkey"
	// AcceptManually accepts none: people do.
	AcceptManually InboundAcceptance = "Manual"
)

// PortkeyAccount is the AWS account of Portkey's control plane.
const PortkeyAccount = "299329113195"

// InboundEndpointService is the endpoint service by which the control plane reaches the gateway.
// +kubebuilder:validation:XValidation:rule=`self.?acceptance.orValue('Portkey') != 'Portkey' || !has(self.allowedPrincipals) || size(self.allowedPrincipals) == 0 || self.allowedPrincipals.exists(p, p.contains(':299329113195:'))`,fieldPath=".allowedPrincipals",message="acceptance Portkey is for connections of Portkey's own account, which isn't among these: add arn:aws:iam::299329113195:root, or set acceptance to Manual"
type InboundEndpointService struct {
	// Acceptance says which connections are accepted. Portkey: those of Portkey's own account, 299329113195, by the
	// operator; others wait, and status shows them. Manual: none; people accept them, and status says how. Not
	// set: Portkey.
	// +optional
	Acceptance InboundAcceptance `json:"acceptance,omitempty"`
	// AllowedPrincipals are the ARNs of the IAM principals that may ask for a connection: accounts (as
	// arn:aws:iam::299329113195:root), roles and users, at most 20. Those that somebody else has allowed stay. Empty:
	// Portkey's own account.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MaxLength=600
	// +kubebuilder:validation:items:XValidation:rule=`self.matches(r'^arn:aws[a-z-]*:iam::[0-9]{12}:(root|(role|user)/[A-Za-z0-9+=,.@_/-]+)$')`,message="write the ARN of an account, role or user, such as arn:aws:iam::299329113195:root"
	AllowedPrincipals []string `json:"allowedPrincipals,omitempty"`
	// PrivateDNSName is a name by which Portkey may reach the gateway, such as one that the load balancer's
	// certificate is for. Its ownership is proved by a TXT record: the operator makes it in the public hosted zone of
	// loadBalancer.dns where the name lies in that, and else status shows it. Not set: Portkey uses the
	// endpoint's own DNS names.
	// +optional
	PrivateDNSName HostName `json:"privateDNSName,omitempty"`
	// SupportedRegions are the AWS regions from which connections may come, besides the deployment's own: at most
	// 20. Empty: only that.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MaxLength=32
	// +kubebuilder:validation:items:XValidation:rule=`self.matches(r'^[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}$')`,message="write the code of an AWS region, such as us-east-1, and no zone"
	SupportedRegions []string `json:"supportedRegions,omitempty"`
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

// ControlPlaneStatus is how the deployment and Portkey's control plane are connected.
type ControlPlaneStatus struct {
	// Inbound is the endpoint service by which the control plane reaches the gateway.
	// +optional
	Inbound *InboundStatus `json:"inbound,omitempty"`
}

// InboundStatus is what Portkey needs to know to connect, and who is connected.
type InboundStatus struct {
	// ServiceName is the name of the endpoint service: what Portkey connects to.
	// +optional
	ServiceName string `json:"serviceName,omitempty"`
	// DNSNames are the names that those of its endpoints end in.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	DNSNames []string `json:"dnsNames,omitempty"`
	// Region is where it is.
	// +optional
	Region string `json:"region,omitempty"`
	// Port is where the gateway listens.
	// +optional
	Port int32 `json:"port,omitempty"`
	// PrivateDNS is its private DNS name.
	// +optional
	PrivateDNS *PrivateDNSStatus `json:"privateDNS,omitempty"`
	// Connections are the endpoints that are connected, or wait for it; those that were rejected are left out.
	// +optional
	// +listType=map
	// +listMapKey=endpointID
	// +kubebuilder:validation:MaxItems=50
	Connections []InboundConnection `json:"connections,omitempty"`
}

// PrivateDNSStatus is a private DNS name, and the record that proves its ownership.
type PrivateDNSStatus struct {
	// Name is the private DNS name.
	// +required
	Name string `json:"name"`
	// Verification is how far AWS is: pendingVerification, verified or failed.
	// +optional
	Verification string `json:"verification,omitempty"`
	// RecordName, RecordType and RecordValue are of the record to create in the public DNS.
	// +optional
	RecordName string `json:"recordName,omitempty"`
	// +optional
	RecordType string `json:"recordType,omitempty"`
	// +optional
	RecordValue string `json:"recordValue,omitempty"`
}

// InboundConnection is an endpoint that connects to the endpoint service.
type InboundConnection struct {
	// EndpointID is the endpoint.
	// +required
	EndpointID string `json:"endpointID"`
	// AccountID is the AWS account that it belongs to.
	// +optional
	AccountID string `json:"accountID,omitempty"`
	// Region is where it is.
	// +optional
	Region string `json:"region,omitempty"`
	// State is AWS's: pendingAcceptance, pending, available, and others that pass.
	// +optional
	State string `json:"state,omitempty"`
}
