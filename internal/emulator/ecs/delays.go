package ecs

import "time"

// Times that AWS documents.
const (
	// stoppedTaskShown is how long stopped tasks stay describable: "at least one hour".
	stoppedTaskShown = time.Hour
	// plainTaskSettle is how long a RUNNING task without any health check must live before it
	// counts as healthy (API_DeploymentConfiguration, minimumHealthyPercent).
	plainTaskSettle = 40 * time.Second
	// managedScalingPeriod is how often CapacityProviderReservation is published and acted on.
	managedScalingPeriod = time.Minute
	// scaleInAfter is how long capacity must be in excess: 15 datapoints of a minute.
	scaleInAfter = 15 * time.Minute
	// maxRestartDelay bounds the throttle of a service whose tasks keep failing: "about 27 minutes".
	maxRestartDelay = 27 * time.Minute
	// networkShiftDelay is what ECS adds to each shift of traffic behind a Network Load Balancer, where
	// weights take that long to be what they say:
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/nlb-resources-for-blue-green.html
	networkShiftDelay = 10 * time.Minute
	// defaultDeregistrationDelay is used when a target group is gone while a task drains.
	defaultDeregistrationDelay = 300 * time.Second
)

// Times observed or of the order that is observed.
const (
	// schedulerDelay is the service scheduler's reaction to a change.
	schedulerDelay = 2 * time.Second
	// targetPoll is how often the scheduler looks at its targets' health.
	targetPoll = 10 * time.Second
	// steadyPoll is how often it looks when nothing else happens.
	steadyPoll = 30 * time.Second
	// agentDelay passes from an instance's running state to its registration in the cluster:
	// boot, cloud-init and the start of the ECS agent.
	agentDelay = 45 * time.Second
	// agentRetry is how often an agent that can't register tries again, agentRetries how often.
	agentRetry   = 60 * time.Second
	agentRetries = 120
	// providerDelay is how long a capacity provider is created, updated and deleted.
	providerDelay = 10 * time.Second
	// attachDelay is how long a cluster's attachments are UPDATE_IN_PROGRESS.
	attachDelay = 15 * time.Second
	// placedDelay, interfaceDelay and pullDelay are a task's steps to RUNNING: placement, network
	// interface, image.
	placedDelay    = 2 * time.Second
	interfaceDelay = 10 * time.Second
	pullDelay      = 15 * time.Second
	// fargateDelay is how long Fargate takes to find the capacity for a task, before it has a network
	// interface.
	fargateDelay = 15 * time.Second
	// startFailDelay is how long a task needs to fail its initialisation or pull.
	startFailDelay = 10 * time.Second
	// stopDelay is how long containers take to end after SIGTERM.
	stopDelay = 5 * time.Second
	// detachDelay is how long DEPROVISIONING takes to detach and delete the network interface.
	detachDelay = 10 * time.Second
	// restartDelay is the first delay of the restart throttle; it doubles with each failure.
	restartDelay = 10 * time.Second
	// cleanUpDelay is how long after a service is INACTIVE its Cloud Map services go.
	cleanUpDelay = 30 * time.Second
	// invokeDelay is how long a hook's function takes to answer, callBackDelay how long until one that is
	// in progress is called again ("30 seconds" where it doesn't say).
	invokeDelay, callBackDelay = 2 * time.Second, 30 * time.Second
	// stageDelay is how long a stage of a deployment lasts that has nothing to wait for.
	stageDelay = 5 * time.Second
	// deploymentRequestDelay is how long a rollback or stop stays REQUESTED.
	deploymentRequestDelay = 5 * time.Second
	// forgetDelay is how long after its last use a deleted task definition is gone.
	forgetDelay = 30 * time.Second
	// inactiveProviderShown is how long a deleted capacity provider stays describable.
	inactiveProviderShown = 10 * time.Minute
)
