package ecs

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// service finds a service by name or ARN, whatever its status.
func (c *cluster) service(ref *string) (*service, error) {
	name, err := inCluster(c, "service", aws.ToString(ref))
	if err != nil {
		return nil, err
	}
	if v := c.services[name]; v != nil {
		return v, nil
	}
	return nil, core.Errorf("ServiceNotFoundException", "Service not found.")
}

// updateService changes what is given: a parameter that is missing keeps its value, an empty list
// removes. Changing what a deployment deploys starts one, and so does forceNewDeployment; the
// desired count and all else take effect at once.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
func (s *Service) updateService(r *core.Request, in *api.UpdateServiceInput) (*api.UpdateServiceOutput, error) {
	if err := core.Only(in, "Service", "AvailabilityZoneRebalancing", "CapacityProviderStrategy", "Cluster", "DeploymentConfiguration", "DeploymentController", "DesiredCount",
		"EnableECSManagedTags", "EnableExecuteCommand", "ForceNewDeployment", "HealthCheckGracePeriodSeconds", "LoadBalancers", "Monitoring", "NetworkConfiguration",
		"PlacementConstraints", "PlacementStrategy", "PlatformVersion", "PropagateTags", "ServiceConnectConfiguration", "ServiceRegistries", "TaskDefinition"); err != nil {
		return nil, err
	}
	c, err := s.region(r.Scope).cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	v, err := c.service(in.Service)
	if err != nil {
		return nil, err
	}
	if v.status != statusActive {
		return nil, core.Errorf("ServiceNotActiveException", "Service was not ACTIVE.")
	}
	if err := refuseForms(in.DeploymentController, "", len(in.PlacementConstraints)+len(in.PlacementStrategy), len(in.ServiceRegistries)); err != nil {
		return nil, err
	}
	if in.DesiredCount != nil && *in.DesiredCount < 0 {
		return nil, invalid("Desired count can't be negative.")
	}
	if err := checkGrace(in.HealthCheckGracePeriodSeconds); err != nil {
		return nil, err
	}
	config, err := v.c.reg.mergeConfig(v.config, in.DeploymentConfiguration)
	if err != nil {
		return nil, err
	}
	rebalancing := v.rebalancing
	if in.AvailabilityZoneRebalancing != "" {
		rebalancing = in.AvailabilityZoneRebalancing
	}
	if err := checkRebalancing(rebalancing, config); err != nil {
		return nil, err
	}
	sp, err := s.updatedSpec(v, in)
	if err != nil {
		return nil, err
	}
	if err := checkStrategy(config, sp); err != nil {
		return nil, err
	}
	// AWS documents that a strategy changes only when no deployment is under way; its error is of our
	// wording: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-bluegreen-to-rolling.html
	if d := v.primary(); config.Strategy != v.config.Strategy && d != nil && !d.record.terminal() {
		return nil, invalid("The deployment strategy can't be changed while the service deployment %s is in progress.", d.record.arn)
	}
	deploys := in.ForceNewDeployment || !sameDeployed(v.spec, sp)
	v.rebalancing = rebalancing
	s.applyUpdate(v, in, config, sp, deploys)
	if deploys {
		s.deploy(v)
	}
	s.poke(v)
	return &api.UpdateServiceOutput{Service: s.serviceView(v, true)}, nil
}

// updatedSpec is the service's spec with the update's changes.
func (s *Service) updatedSpec(v *service, in *api.UpdateServiceInput) (spec, error) {
	sp := v.spec
	if in.TaskDefinition != nil {
		def, err := v.c.reg.definition(in.TaskDefinition)
		if err != nil {
			return sp, err
		}
		sp.def = def
	} else if in.ForceNewDeployment && sp.def.status != types.TaskDefinitionStatusActive {
		return sp, clientError("TaskDefinition is inactive")
	}
	if in.NetworkConfiguration != nil {
		sp.network = in.NetworkConfiguration
	}
	if in.LoadBalancers != nil {
		sp.loadBalancers = slices.Clone(in.LoadBalancers)
	}
	if in.ServiceConnectConfiguration != nil {
		sp.connect = in.ServiceConnectConfiguration
	}
	if in.Monitoring != nil {
		sp.monitoring = in.Monitoring
	}
	if in.CapacityProviderStrategy != nil {
		sp.strategy, sp.launchType = slices.Clone(in.CapacityProviderStrategy), ""
		if len(sp.strategy) == 0 {
			sp.launchType = v.launchedAs
		}
		if len(sp.strategy) == 0 && sp.launchType != types.LaunchTypeFargate || len(sp.strategy) > 0 && !isFargate(aws.ToString(sp.strategy[0].CapacityProvider)) {
			sp.platformVersion = ""
		}
	}
	if in.PlatformVersion != nil {
		sp.platformVersion = *in.PlatformVersion
	}
	if len(sp.loadBalancers) == 0 {
		sp.loadBalancers = nil
	}
	touched := in.TaskDefinition != nil || in.NetworkConfiguration != nil || in.LoadBalancers != nil || in.ServiceConnectConfiguration != nil ||
		in.CapacityProviderStrategy != nil || in.PlatformVersion != nil || in.ForceNewDeployment
	if touched {
		if err := s.checkSpec(v.c, v.arn, &sp); err != nil {
			return sp, err
		}
	}
	return sp, nil
}

// sameDeployed compares what starts a deployment: neither monitoring nor the capacity provider strategy
// does, nor the platform version that comes and goes with Fargate; tasks move as they are replaced.
func sameDeployed(a, b spec) bool {
	if a.platformVersion == "" || b.platformVersion == "" {
		a.platformVersion = b.platformVersion
	}
	if len(a.loadBalancers) == 0 && len(b.loadBalancers) == 0 {
		a.loadBalancers, b.loadBalancers = nil, nil
	}
	return a.def == b.def && a.platformVersion == b.platformVersion && reflect.DeepEqual(a.network, b.network) &&
		reflect.DeepEqual(a.loadBalancers, b.loadBalancers) && reflect.DeepEqual(a.connect, b.connect)
}

func (s *Service) applyUpdate(v *service, in *api.UpdateServiceInput, config types.DeploymentConfiguration, sp spec, deploys bool) {
	v.config, v.spec = config, sp
	if d := v.primary(); d != nil && !deploys {
		d.spec.takeCapacity(sp)
	}
	if in.DesiredCount != nil {
		v.desired = int(*in.DesiredCount)
	}
	if in.HealthCheckGracePeriodSeconds != nil {
		v.grace = in.HealthCheckGracePeriodSeconds
	}
	if in.EnableECSManagedTags != nil {
		v.managedTags = *in.EnableECSManagedTags
	}
	if in.EnableExecuteCommand != nil {
		v.exec = *in.EnableExecuteCommand
	}
	if in.PropagateTags != "" {
		v.propagate = in.PropagateTags
	}
}

// deleteService takes a service that is scaled to 0, or any with force. It drains, then is
// INACTIVE and still described.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html
func (s *Service) deleteService(r *core.Request, in *api.DeleteServiceInput) (*api.DeleteServiceOutput, error) {
	c, err := s.region(r.Scope).cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	v, err := c.service(in.Service)
	if err != nil {
		return nil, err
	}
	switch {
	case v.status == statusInactive:
		return nil, core.Errorf("ServiceNotFoundException", "Service not found.")
	case v.status == statusDraining:
		return &api.DeleteServiceOutput{Service: s.serviceView(v, true)}, nil
	case !aws.ToBool(in.Force) && v.desired > 0:
		return nil, invalid("The service cannot be stopped while it is scaled above 0.")
	case !aws.ToBool(in.Force) && len(v.deployments) > 1:
		return nil, invalid("The service cannot be stopped while deployments are active.")
	}
	v.status, v.desired = statusDraining, 0
	s.poke(v)
	return &api.DeleteServiceOutput{Service: s.serviceView(v, true)}, nil
}
