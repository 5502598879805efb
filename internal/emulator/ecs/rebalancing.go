package ecs

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// defaultRebalancing is what a new service gets that says nothing: on, if its configuration lets it.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
func defaultRebalancing(config types.DeploymentConfiguration) types.AvailabilityZoneRebalancing {
	if checkRebalancing(types.AvailabilityZoneRebalancingEnabled, config) != nil {
		return types.AvailabilityZoneRebalancingDisabled
	}
	return types.AvailabilityZoneRebalancingEnabled
}

// checkRebalancing: tasks are started in one zone before others stop in another, so the service must be
// allowed to have more than it wants. Daemon services, external instances, Classic Load Balancers and
// placement constraints don't have rebalancing either; the emulator has none of them.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
func checkRebalancing(r types.AvailabilityZoneRebalancing, config types.DeploymentConfiguration) error {
	if r == types.AvailabilityZoneRebalancingEnabled && aws.ToInt32(config.MaximumPercent) <= 100 {
		return invalid("The deployment configuration's maximumPercent must be greater than 100 to enable Availability Zone rebalancing.")
	}
	return nil
}
