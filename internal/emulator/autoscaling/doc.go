// Package autoscaling emulates Amazon EC2 Auto Scaling: groups that keep their desired number of
// instances of a launch template in the world's time, with scale-in protection, lifecycle hooks and
// rolling instance refreshes, as
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/Welcome.html documents them.
//
// Launch configurations, mixed instances, warm pools, scaling policies, traffic sources and
// standby aren't served: requests that ask for them are refused.
package autoscaling
