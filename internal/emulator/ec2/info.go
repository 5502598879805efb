package ec2

import "time"

// SubnetInfo is what other services need to know of a subnet.
type SubnetInfo struct {
	ID, VPCID, AvailabilityZone, AvailabilityZoneID, CIDR string
	// Public says that the subnet's route table sends 0.0.0.0/0 to an attached internet gateway.
	Public bool
	// Egress says that it sends 0.0.0.0/0 to an attached internet gateway or an available NAT
	// gateway.
	Egress bool
}

// SecurityGroupInfo is what other services need to know of a security group.
type SecurityGroupInfo struct{ ID, VPCID, Name string }

// InterfaceParams describe a network interface that a service makes.
type InterfaceParams struct {
	SubnetID         string
	SecurityGroupIDs []string
	Description      string
	// InterfaceType is AWS's type, "interface" when empty.
	InterfaceType string
	// RequesterID and RequesterManaged mark interfaces that belong to a service.
	RequesterID      string
	RequesterManaged bool
	// InstanceID attaches the interface to an instance.
	InstanceID string
	Tags       map[string]string
	// Public gives the interface an address of Amazon's pool.
	Public bool
	// AllocationID gives it an Elastic IP instead (a Network Load Balancer's subnet mapping).
	AllocationID string
}

// Interface is a network interface as other services see it.
type Interface struct{ ID, PrivateIP, PublicIP, MAC, SubnetID, VPCID string }

// RunParams describe an instance that Amazon EC2 Auto Scaling launches.
type RunParams struct {
	LaunchTemplateID string
	// Version is a number, $Latest or $Default; empty means $Default.
	Version          string
	SubnetID         string
	Tags             map[string]string
	AutoScalingGroup string
}

// Instance is an instance as other services see it.
type Instance struct {
	ID, Type, State, AvailabilityZone, SubnetID, VPCID, ImageID string
	InstanceProfileARN, PrivateIP                               string
	// UserData is decoded from base64.
	UserData                                              string
	LaunchTemplateID, LaunchTemplateVersion, Architecture string
	Tags                                                  map[string]string
	SecurityGroupIDs                                      []string
	LaunchTime                                            time.Time
	VCPU, MemoryMiB, MaxInterfaces                        int
}
