package applicationautoscaling

import "time"

// Times that AWS documents, or that its alarms show.
const (
	// period is a datapoint's: "Amazon ECS sends metrics in 1-minute intervals to CloudWatch",
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html
	period = time.Minute
	// pointsHigh and pointsLow are the datapoints that the alarms of target tracking policies wait for: three
	// above the target, fifteen below nine tenths of it. The documentation says only that they scale in more
	// slowly than out, https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
	pointsHigh, pointsLow = 3, 15
	// lowShare is the share of the target that the lower alarm watches.
	lowShare = 0.9
	// defaultCooldown is that of ECS services,
	// https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html#target-tracking-cooldown
	defaultCooldown = 300
	// activitiesShown is how long activities are described: "from the previous six weeks",
	// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingActivities.html
	activitiesShown = 6 * 7 * 24 * time.Hour
)

// goneDelay is how long after a service is INACTIVE its scalable target goes, which isn't documented.
const goneDelay = 30 * time.Second
