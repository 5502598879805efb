package elbv2

import "time"

// Delays in world time.
const (
	// provisioning is how long a load balancer stays in state provisioning: "a few minutes" at
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html,
	// about two in practice for both types.
	provisioning = 2 * time.Minute
	// interfaceLinger is how long the interfaces of a deleted load balancer, or of a subnet taken
	// from one, keep their security groups and subnets from being deleted.
	// https://repost.aws/knowledge-center/elb-fix-failed-deletion speaks of minutes.
	interfaceLinger = 3 * time.Minute
	// registerALB and registerNLB are how long Elb.RegistrationInProgress lasts. "It can take a few
	// minutes for the registration process to complete and health checks to start":
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html
	registerALB = 5 * time.Second
	registerNLB = 90 * time.Second
)
