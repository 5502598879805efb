package lambda

import "time"

// Delays in world time. AWS publishes few; where a figure is a choice, its comment says so.
const (
	// creating a function without a network is over within seconds:
	// https://aws.amazon.com/blogs/compute/coming-soon-expansion-of-aws-lambda-states-to-all-functions/
	creating = 3 * time.Second
	// updating takes no longer.
	updating = 3 * time.Second
	// connecting is what new network interfaces add. "This process can take several minutes",
	// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
	connecting = 90 * time.Second
	// restoring an inactive function takes its interfaces again.
	restoring = connecting
	// reclaiming: network interfaces that no function uses any more are there for up to 20 minutes,
	// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
	reclaiming = 20 * time.Minute
	// idleAfter is when an unused function becomes inactive:
	// https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html#snapstart-function-states
	idleAfter = 14 * 24 * time.Hour
)
