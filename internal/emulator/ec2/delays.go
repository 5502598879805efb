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
	// endpointPending is how long an interface endpoint takes to become available once nobody needs to accept it any
	// more; in practice one to three minutes.
	endpointPending = 90 * time.Second
	// endpointModifying is how long it is pending after a change of its subnets or private DNS.
	endpointModifying = 45 * time.Second
	// endpointDeleting is how long an endpoint is deleting; in practice a minute or more.
	endpointDeleting = 60 * time.Second
	// endpointInterfaceLinger is how long an endpoint's network interface outlives it, or its place in a subnet.
	endpointInterfaceLinger = 30 * time.Second
	// endpointRemembered is how long a deleted endpoint is still described.
	endpointRemembered = 5 * time.Minute
	// endpointServicePending and endpointServiceDeleting are the states before and after Available.
	endpointServicePending  = 10 * time.Second
	endpointServiceDeleting = 20 * time.Second
	// privateNameVerifying is how long AWS looks for the record of a private DNS name: users are told to wait up to ten
	// minutes.
	privateNameVerifying = 2 * time.Minute
	// instancePending is the time from launch to the state running.
	instancePending = 20 * time.Second
	// instanceShuttingDown is the time from termination to the state terminated; an ECS-optimised
	// host takes about a minute to shut down.
	instanceShuttingDown = 45 * time.Second
	// instanceRemembered is how long a terminated instance is still described: "a short time (usually
	// within one hour)", https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html
	instanceRemembered = time.Hour
)
