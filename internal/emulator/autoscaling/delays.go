package autoscaling

import "time"

// Delays in world time.
const (
	// reaction is how long after a change the group acts on it; the documentation promises no
	// number, groups act within seconds.
	reaction = 5 * time.Second
	// intoService is how long after an instance runs it counts as InService, without hooks.
	intoService = 5 * time.Second
	// healthCheck is how long it takes to notice an instance that was stopped or terminated: "EC2
	// Auto Scaling health checks run periodically":
	// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html
	healthCheck = time.Minute
	// deletion is how long a group without instances shows as "Delete in progress".
	deletion = 10 * time.Second
	// firstRetry and lastRetry bound the doubling pauses between failed launches.
	firstRetry = 30 * time.Second
	lastRetry  = 8 * time.Minute
	// refreshStep is how often an instance refresh looks at its group.
	refreshStep = 15 * time.Second
	// refreshPatience is how long an instance refresh waits, for protected instances to lose their
	// protection or for new ones to come into service, before it fails: "waits one hour",
	// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
	refreshPatience = time.Hour
)
