package ecs

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// describeServices reports unknown services as failures; tags come only when included.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html
func (s *Service) describeServices(r *core.Request, in *api.DescribeServicesInput) (*api.DescribeServicesOutput, error) {
	switch n := len(in.Services); {
	case n == 0:
		return nil, invalid("Services cannot be empty.")
	case n > 10:
		return nil, invalid("Services can have at most 10 items.")
	}
	c, err := s.region(r.Scope).cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	out := &api.DescribeServicesOutput{Services: []types.Service{}, Failures: []types.Failure{}}
	for _, ref := range in.Services {
		name, err := inCluster(c, "service", ref)
		if err != nil {
			return nil, err
		}
		v := c.services[name]
		if v == nil || !s.world.Visible(v.created) {
			out.Failures = append(out.Failures, failure(r.ARN("ecs", "service/"+c.name+"/"+name), "MISSING"))
			continue
		}
		out.Services = append(out.Services, *s.serviceView(v, has(in.Include, types.ServiceFieldTags)))
	}
	return out, nil
}

// listServices leaves out services that drain or are INACTIVE.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServices.html
func (s *Service) listServices(r *core.Request, in *api.ListServicesInput) (*api.ListServicesOutput, error) {
	if err := core.Only(in, "Cluster", "LaunchType", "MaxResults", "NextToken", "SchedulingStrategy"); err != nil {
		return nil, err
	}
	c, err := s.region(r.Scope).cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	arns := []string{}
	for _, v := range sorted(c.services) {
		if v.status == statusActive && s.world.Visible(v.created) && in.SchedulingStrategy != types.SchedulingStrategyDaemon &&
			(in.LaunchType == "" || strings.EqualFold(string(in.LaunchType), v.computeKind())) {
			arns = append(arns, v.arn)
		}
	}
	out, next, err := page(s, arns, func(a string) string { return a }, in.NextToken, in.MaxResults, 10)
	if err != nil {
		return nil, err
	}
	return &api.ListServicesOutput{ServiceArns: out, NextToken: next}, nil
}

// listServicesByNamespace lists the services of all clusters that use a namespace for Service
// Connect.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServicesByNamespace.html
func (s *Service) listServicesByNamespace(r *core.Request, in *api.ListServicesByNamespaceInput) (*api.ListServicesByNamespaceOutput, error) {
	ns, ok := s.deps.CloudMap.Namespace(r.Scope, aws.ToString(in.Namespace))
	if !ok {
		return nil, core.Errorf("NamespaceNotFoundException", "The specified namespace wasn't found.")
	}
	arns := []string{}
	for _, c := range s.region(r.Scope).clusters {
		for _, v := range c.services {
			if k := v.spec.connect; v.status == statusActive && k != nil && k.Enabled && (aws.ToString(k.Namespace) == ns.ARN || aws.ToString(k.Namespace) == ns.Name) {
				arns = append(arns, v.arn)
			}
		}
	}
	slices.Sort(arns)
	out, next, err := page(s, arns, func(a string) string { return a }, in.NextToken, in.MaxResults, 10)
	if err != nil {
		return nil, err
	}
	return &api.ListServicesByNamespaceOutput{ServiceArns: out, NextToken: next}, nil
}

// serviceView is a service as it is described. For the deployment controller ECS, AWS returns
// neither deploymentController nor taskSets; serviceConnectConfiguration is only in deployments.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html
func (s *Service) serviceView(v *service, tags bool) *types.Service {
	config := v.config
	out := &types.Service{
		ServiceName: aws.String(v.name), ServiceArn: aws.String(v.arn), ClusterArn: aws.String(v.c.arn), Status: aws.String(v.status),
		CreatedAt: aws.Time(v.created), CreatedBy: aws.String(v.createdBy), DesiredCount: int32(v.desired), DeploymentConfiguration: &config,
		AvailabilityZoneRebalancing: v.rebalancing, EnableECSManagedTags: v.managedTags, EnableExecuteCommand: v.exec, PropagateTags: v.propagate,
		SchedulingStrategy: types.SchedulingStrategyReplica, HealthCheckGracePeriodSeconds: v.grace,
		TaskDefinition: aws.String(v.spec.def.arn), NetworkConfiguration: v.spec.network, LaunchType: v.spec.launchType,
		CapacityProviderStrategy: v.spec.strategy, LoadBalancers: append([]types.LoadBalancer{}, v.spec.loadBalancers...),
		ServiceRegistries: []types.ServiceRegistry{}, PlacementConstraints: []types.PlacementConstraint{}, PlacementStrategy: []types.PlacementStrategy{},
		Events: append([]types.ServiceEvent{}, v.events...), Deployments: []types.Deployment{},
		RoleArn: aws.String("arn:" + v.c.reg.Partition() + ":iam::" + v.c.reg.Account + ":role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"),
	}
	if len(v.spec.loadBalancers) > 0 && v.grace == nil {
		out.HealthCheckGracePeriodSeconds = aws.Int32(0)
	}
	if v.spec.platformVersion != "" {
		out.PlatformVersion, out.PlatformFamily = aws.String(v.spec.platformVersion), aws.String("Linux")
	}
	out.PendingCount, out.RunningCount = v.counts(nil)
	for _, d := range v.deployments {
		out.Deployments = append(out.Deployments, s.deploymentView(d))
		pending, running := v.counts(d)
		out.CurrentServiceRevisions = append(out.CurrentServiceRevisions, types.ServiceCurrentRevisionSummary{
			Arn: aws.String(d.rev.arn), RequestedTaskCount: s.requested(d), PendingTaskCount: pending, RunningTaskCount: running,
		})
	}
	if p := v.primary(); p != nil {
		out.CurrentServiceDeployment = aws.String(p.record.arn)
	}
	if tags {
		out.Tags = tagList(v.tags)
	}
	return out
}

// requested is a deployment's desired count: the service's for the PRIMARY one, what is left for
// the others.
func (s *Service) requested(d *deployment) int32 {
	if d.status == deploymentPrimary {
		return int32(d.v.desired)
	}
	var n int32
	for _, t := range d.v.live() {
		if t.dep == d {
			n++
		}
	}
	return n
}

func (s *Service) deploymentView(d *deployment) types.Deployment {
	v := d.v
	out := types.Deployment{
		Id: aws.String(d.id), Status: aws.String(d.status), TaskDefinition: aws.String(d.spec.def.arn), CreatedAt: aws.Time(d.created), UpdatedAt: aws.Time(d.updated),
		DesiredCount: s.requested(d), FailedTasks: int32(d.failed), RolloutState: d.rollout, RolloutStateReason: aws.String(d.reason),
		NetworkConfiguration: d.spec.network, LaunchType: d.spec.launchType, CapacityProviderStrategy: d.spec.strategy, ServiceConnectConfiguration: d.spec.connect,
	}
	out.PendingCount, out.RunningCount = v.counts(d)
	if d.spec.platformVersion != "" {
		out.PlatformVersion, out.PlatformFamily = aws.String(d.spec.platformVersion), aws.String("Linux")
	}
	if d.spec.connect != nil && d.spec.connect.Enabled {
		for _, e := range v.endpoints {
			out.ServiceConnectResources = append(out.ServiceConnectResources, types.ServiceConnectServiceResource{
				DiscoveryName: aws.String(e.discovery), DiscoveryArn: aws.String(s.deps.CloudMap.ServiceARN(v.c.reg.Scope, e.mapID)),
			})
		}
	}
	return out
}
