package v1alpha1

// Network is where the deployment runs.
// +kubebuilder:validation:XValidation:rule=`has(self.vpc) != has(self.existing)`,message="set exactly one of vpc and existing: write vpc: {} or leave network out for a VPC of its own, existing for one that is there already"
type Network struct {
	// VPC makes a VPC for the deployment, with a public and a private subnet in each zone.
	// +optional
	// +structType=atomic
	VPC *VPC `json:"vpc,omitempty"`
	// Existing uses a VPC that is there already. It is never changed.
	// +optional
	Existing *ExistingNetwork `json:"existing,omitempty"`
}

// ExistingNetwork is a VPC that somebody else looks after. Its private subnets need a way out to the internet
// (or to Portkey and AWS by endpoints), or no task starts.
// +kubebuilder:validation:XValidation:rule=`!has(self.publicSubnetIDs) || self.publicSubnetIDs.all(id, !(id in self.privateSubnetIDs))`,fieldPath=".publicSubnetIDs",message="a subnet is either public or private: tasks get no public address, so that from a public one they reach nothing. Write each to one of the lists"
type ExistingNetwork struct {
	// VPCID is the VPC's ID. It can't change.
	// +required
	// +kubebuilder:validation:MaxLength=21
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^vpc-([0-9a-f]{8}|[0-9a-f]{17})$')`,message="write the ID of a VPC, such as vpc-0123456789abcdef0"
	VPCID string `json:"vpcID"`
	// PublicSubnetIDs are subnets with a route to an internet gateway, for an internet-facing load balancer:
	// at most one in each zone, and at least two.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=6
	// +kubebuilder:validation:items:MaxLength=24
	// +kubebuilder:validation:items:XValidation:rule=`self.matches(r'^subnet-([0-9a-f]{8}|[0-9a-f]{17})$')`,message="write the ID of a subnet, such as subnet-0123456789abcdef0"
	PublicSubnetIDs []string `json:"publicSubnetIDs,omitempty"`
	// PrivateSubnetIDs are the subnets in which tasks, instances and an internal load balancer run; a load
	// balancer needs two, in different zones.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=6
	// +kubebuilder:validation:items:MaxLength=24
	// +kubebuilder:validation:items:XValidation:rule=`self.matches(r'^subnet-([0-9a-f]{8}|[0-9a-f]{17})$')`,message="write the ID of a subnet, such as subnet-0123456789abcdef0"
	PrivateSubnetIDs []string `json:"privateSubnetIDs"`
}

// NATGateways says how many NAT gateways there are.
// +kubebuilder:validation:Enum=Single;PerZone
type NATGateways string

// How many NAT gateways there are.
const (
	// NATGatewaysSingle is one NAT gateway for all zones.
	NATGatewaysSingle NATGateways = "Single"
	// NATGatewaysPerZone is one NAT gateway in each zone.
	NATGatewaysPerZone NATGateways = "PerZone"
)

// VPC is a VPC that the deployment has for itself.
type VPC struct {
	// CIDR is the VPC's IPv4 range, /16 to /20; each subnet gets a sixteenth of it. It can't change.
	// Not set: 10.0.0.0/16. See https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
	// for which ranges to choose.
	// +optional
	// +kubebuilder:validation:MaxLength=18
	// +kubebuilder:validation:XValidation:rule=`isCIDR(self) && cidr(self).ip().family() == 4 && cidr(self).prefixLength() >= 16 && cidr(self).prefixLength() <= 20`,message="write an IPv4 range of size /16 to /20, such as 10.0.0.0/16"
	// +kubebuilder:validation:XValidation:rule=`!isCIDR(self) || cidr(self) == cidr(self).masked()`,message="write the first address of the range, such as 10.0.0.0/16"
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'^(0|127|169\.254|22[4-9]|2[3-5][0-9])\.')`,message="AWS takes no VPC in 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16 or from 224.0.0.0 on: write a private range, such as 10.0.0.0/16"
	CIDR string `json:"cidr,omitempty"`
	// Zones is the number of availability zones: 1 to 6, and no more than the region has; a load balancer needs
	// two. Subnets that are there keep their ranges when it changes. Not set: 2.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=6
	Zones int32 `json:"zones,omitempty"`
	// NATGateways says how many NAT gateways there are. Single: one for all zones, which is cheaper. PerZone:
	// one in each, so that a zone's failure stays its own. Not set: Single.
	// +optional
	NATGateways NATGateways `json:"natGateways,omitempty"`
}
