package ecs

import (
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// tokenUse remembers what a client token was used for.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
type tokenUse struct {
	request string
	v       *service
}

// createService makes a service and its first deployment. Repeating a request, by client token or
// by the same parameters, returns the service; other parameters for a name in use are refused.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
func (s *Service) createService(r *core.Request, in *api.CreateServiceInput) (*api.CreateServiceOutput, error) {
	if err := core.Only(in, "ServiceName", "AvailabilityZoneRebalancing", "CapacityProviderStrategy", "ClientToken", "Cluster", "DeploymentConfiguration", "DeploymentController",
		"DesiredCount", "EnableECSManagedTags", "EnableExecuteCommand", "HealthCheckGracePeriodSeconds", "LaunchType", "LoadBalancers", "Monitoring", "NetworkConfiguration",
		"PlacementConstraints", "PlacementStrategy", "PlatformVersion", "PropagateTags", "SchedulingStrategy", "ServiceConnectConfiguration", "ServiceRegistries", "Tags", "TaskDefinition"); err != nil {
		return nil, err
	}
	reg, name := s.region(r.Scope), aws.ToString(in.ServiceName)
	c, err := reg.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if !namePattern.MatchString(name) {
		return nil, invalid("Service name %q must have 1 to 255 letters, digits, hyphens and underscores.", name)
	}
	request, err := requestText(in)
	if err != nil {
		return nil, err
	}
	if v, err := reg.repeated(c, name, aws.ToString(in.ClientToken), request); v != nil || err != nil {
		if err != nil {
			return nil, err
		}
		return &api.CreateServiceOutput{Service: s.serviceView(v, true)}, nil
	}
	v, err := s.newService(r, c, in)
	if err != nil {
		return nil, err
	}
	v.request, v.token = request, aws.ToString(in.ClientToken)
	if v.token != "" {
		reg.tokens[v.token] = tokenUse{request, v}
	}
	c.services[name] = v
	s.deploy(v)
	return &api.CreateServiceOutput{Service: s.serviceView(v, true)}, nil
}

func requestText(in *api.CreateServiceInput) (string, error) {
	plain := *in
	plain.ClientToken = nil
	b, err := json.Marshal(plain)
	return string(b), err
}

// repeated finds the service of a request that was made before.
func (r *region) repeated(c *cluster, name, token, request string) (*service, error) {
	if use, ok := r.tokens[token]; ok && token != "" && use.v.status == statusActive {
		if use.request != request {
			return nil, invalid("Arguments on this idempotent request are inconsistent with arguments used in previous request(s).")
		}
		return use.v, nil
	}
	v := c.services[name]
	switch {
	case v == nil || v.status == statusInactive:
		return nil, nil
	case v.status == statusDraining:
		return nil, invalid("Unable to Start a service that is still Draining.")
	case v.request != request:
		return nil, invalid("Creation of service was not idempotent.")
	}
	return v, nil
}

func (s *Service) newService(r *core.Request, c *cluster, in *api.CreateServiceInput) (*service, error) {
	if err := refuseForms(in.DeploymentController, in.SchedulingStrategy, len(in.PlacementConstraints)+len(in.PlacementStrategy), len(in.ServiceRegistries)); err != nil {
		return nil, err
	}
	if in.DesiredCount == nil || *in.DesiredCount < 0 {
		return nil, invalid("Desired count must be specified for the REPLICA scheduling strategy and can't be negative.")
	}
	if in.LaunchType != "" && len(in.CapacityProviderStrategy) > 0 {
		return nil, invalid("Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.")
	}
	def, err := c.reg.definition(in.TaskDefinition)
	if err != nil {
		return nil, err
	}
	tags, err := tagMap(in.Tags)
	if err != nil {
		return nil, err
	}
	config, err := c.reg.mergeConfig(defaultConfig(), in.DeploymentConfiguration)
	if err != nil {
		return nil, err
	}
	if err := checkGrace(in.HealthCheckGracePeriodSeconds); err != nil {
		return nil, err
	}
	v := &service{
		c: c, name: *in.ServiceName, arn: r.ARN("ecs", "service/"+c.name+"/"+*in.ServiceName), status: statusActive, created: r.Now(), createdBy: r.Principal.ARN,
		tags: tags, desired: int(*in.DesiredCount), config: config, rebalancing: in.AvailabilityZoneRebalancing, grace: in.HealthCheckGracePeriodSeconds,
		exec: in.EnableExecuteCommand, managedTags: in.EnableECSManagedTags, propagate: in.PropagateTags,
		spec: spec{
			def: def, network: in.NetworkConfiguration, loadBalancers: in.LoadBalancers, connect: in.ServiceConnectConfiguration, platformVersion: aws.ToString(in.PlatformVersion),
			launchType: in.LaunchType, strategy: in.CapacityProviderStrategy, monitoring: in.Monitoring,
		},
	}
	if v.rebalancing == "" {
		v.rebalancing = defaultRebalancing(config)
	}
	if err := checkRebalancing(v.rebalancing, config); err != nil {
		return nil, err
	}
	if v.propagate == "" {
		v.propagate = types.PropagateTagsNone
	}
	if v.spec.launchType == "" && len(v.spec.strategy) == 0 {
		v.spec.strategy = c.strategy
		if len(c.strategy) == 0 {
			v.spec.launchType = types.LaunchTypeEc2
		}
	}
	v.launchedAs = types.LaunchTypeEc2
	if in.LaunchType != "" {
		v.launchedAs = in.LaunchType
	}
	if err := s.checkSpec(c, v.arn, &v.spec); err != nil {
		return nil, err
	}
	if err := checkStrategy(v.config, v.spec); err != nil {
		return nil, err
	}
	return v, nil
}

func refuseForms(controller *types.DeploymentController, scheduling types.SchedulingStrategy, placement, registries int) error {
	switch {
	case controller != nil && controller.Type != types.DeploymentControllerTypeEcs && controller.Type != "":
		return unsupported("the deployment controller " + string(controller.Type))
	case scheduling == types.SchedulingStrategyDaemon:
		return unsupported("the scheduling strategy DAEMON")
	case placement > 0:
		return unsupported("placementConstraints and placementStrategy")
	case registries > 0:
		return unsupported("serviceRegistries")
	}
	return nil
}

// checkGrace bounds the grace period by 2,147,483,647 seconds, which is all that int32 holds.
func checkGrace(seconds *int32) error {
	if seconds != nil && *seconds < 0 {
		return invalid("healthCheckGracePeriodSeconds can't be negative.")
	}
	return nil
}
