package eventbridge

import "time"

const (
	// serviceDelay is how long an event of a service is under way: "near real time" is all that AWS says.
	//
	// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event.html
	serviceDelay = time.Second
	// trailFastest and trailSlowest are what CloudTrail's events take to get here. AWS documents only that a
	// trail delivers its files within some 5 minutes on average; what comes by EventBridge is seen earlier, and
	// with much scatter.
	//
	// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
	trailFastest = 5 * time.Second
	trailSlowest = 90 * time.Second
)
