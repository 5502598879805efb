package ec2

import "time"

// Delays, in the world's time.
const (
	// vpcPending is how long a new VPC is pending; in practice about a second.
	vpcPending = time.Second
	// natPending is how long a NAT gateway takes to become available; in practice one to two
	// minutes.
	natPending = 90 * time.Second
	// natFailing is when a NAT gateway that can't work turns failed; it takes some seconds.
	natFailing = 15 * time.Second
	// natDeleting is how long a NAT gateway holds its interface and address after DeleteNatGateway;
	// in practice about a minute.
	natDeleting = 60 * time.Second
	// natRemembered is how long a deleted or failed NAT gateway is still described: "about an hour",
	// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
	natRemembered = time.Hour
	// instancePending is the time from launch to the state running.
	instancePending = 20 * time.Second
	// instanceShuttingDown is the time from termination to the state terminated; an ECS-optimised
	// host takes about a minute to shut down.
	instanceShuttingDown = 45 * time.Second
	// instanceRemembered is how long a terminated instance is still described: "a short time (usually
	// within one hour)", https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html
	instanceRemembered = time.Hour
)
