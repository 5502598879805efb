package ecs

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// listServiceDeploymentsInput has the times as numbers, as they come.
type listServiceDeploymentsInput struct {
	Service    *string                         `json:"service"`
	Cluster    *string                         `json:"cluster"`
	CreatedAt  *createdAt                      `json:"createdAt"`
	MaxResults *int32                          `json:"maxResults"`
	NextToken  *string                         `json:"nextToken"`
	Status     []types.ServiceDeploymentStatus `json:"status"`
}

type createdAt struct {
	After  *float64 `json:"after"`
	Before *float64 `json:"before"`
}

// listServiceDeployments lists a service's deployments, the newest first.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html
func (s *Service) listServiceDeployments(r *core.Request, in *listServiceDeploymentsInput) (*api.ListServiceDeploymentsOutput, error) {
	c, err := s.region(r.Scope).cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	v, err := c.service(in.Service)
	if err != nil {
		return nil, err
	}
	found := []types.ServiceDeploymentBrief{}
	for _, d := range slices.Backward(v.history) {
		at := float64(d.created.UnixMilli()) / 1000
		if len(in.Status) > 0 && !has(in.Status, d.status) {
			continue
		}
		if t := in.CreatedAt; t != nil && ((t.After != nil && at < *t.After) || (t.Before != nil && at > *t.Before)) {
			continue
		}
		full := s.recordView(d)
		found = append(found, types.ServiceDeploymentBrief{
			ServiceDeploymentArn: full.ServiceDeploymentArn, ServiceArn: full.ServiceArn, ClusterArn: full.ClusterArn, CreatedAt: full.CreatedAt, StartedAt: full.StartedAt,
			FinishedAt: full.FinishedAt, Status: full.Status, StatusReason: full.StatusReason, TargetServiceRevisionArn: aws.String(d.target.arn),
		})
	}
	out, next, err := page(s, found, func(b types.ServiceDeploymentBrief) string { return *b.ServiceDeploymentArn }, in.NextToken, in.MaxResults, 20)
	if err != nil {
		return nil, err
	}
	return &api.ListServiceDeploymentsOutput{ServiceDeployments: out, NextToken: next}, nil
}

// findService finds the service that an ARN kind/cluster/service/id belongs to.
func (r *region) findService(kind, arn string) *service {
	scope, parts, ok := arnParts(arn)
	if !ok || scope != r.Scope || len(parts) != 4 || parts[0] != kind || r.clusters[parts[1]] == nil {
		return nil
	}
	return r.clusters[parts[1]].services[parts[2]]
}

func (r *region) record(arn string) *serviceDeployment {
	if v := r.findService("service-deployment", arn); v != nil {
		if i := slices.IndexFunc(v.history, func(d *serviceDeployment) bool { return d.arn == arn }); i >= 0 {
			return v.history[i]
		}
	}
	return nil
}

// describeServiceDeployments takes up to 20 ARNs.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceDeployments.html
func (s *Service) describeServiceDeployments(r *core.Request, in *api.DescribeServiceDeploymentsInput) (*api.DescribeServiceDeploymentsOutput, error) {
	if n := len(in.ServiceDeploymentArns); n == 0 || n > 20 {
		return nil, invalid("serviceDeploymentArns must have 1 to 20 items.")
	}
	out := &api.DescribeServiceDeploymentsOutput{ServiceDeployments: []types.ServiceDeployment{}, Failures: []types.Failure{}}
	for _, arn := range in.ServiceDeploymentArns {
		if !strings.Contains(arn, ":service-deployment/") {
			return nil, invalid("Invalid service deployment ARN: %s", arn)
		}
		if d := s.region(r.Scope).record(arn); d != nil {
			out.ServiceDeployments = append(out.ServiceDeployments, *s.recordView(d))
		} else {
			out.Failures = append(out.Failures, failure(arn, "MISSING"))
		}
	}
	return out, nil
}

// recordView is a service deployment as it is described.
func (s *Service) recordView(d *serviceDeployment) *types.ServiceDeployment {
	config := d.config
	out := &types.ServiceDeployment{
		ServiceDeploymentArn: aws.String(d.arn), ServiceArn: aws.String(d.v.arn), ClusterArn: aws.String(d.v.c.arn), CreatedAt: aws.Time(d.created), StartedAt: aws.Time(d.started),
		UpdatedAt: aws.Time(d.updated), Status: d.status, DeploymentConfiguration: &config, SourceServiceRevisions: []types.ServiceRevisionSummary{}, Rollback: d.rollback,
	}
	if d.reason != "" {
		out.StatusReason = aws.String(d.reason)
	}
	if !d.finished.IsZero() {
		out.FinishedAt = aws.Time(d.finished)
	}
	if !d.halted.IsZero() {
		out.StoppedAt = aws.Time(d.halted)
	}
	if d.breaker != types.ServiceDeploymentRollbackMonitorsStatusDisabled {
		out.DeploymentCircuitBreaker = &types.ServiceDeploymentCircuitBreaker{FailureCount: int32(d.failures), Status: d.breaker, Threshold: int32(threshold(d.config, d.v.desired))}
	}
	if a := d.config.Alarms; a != nil && a.Enable {
		out.Alarms = &types.ServiceDeploymentAlarms{AlarmNames: a.AlarmNames, Status: d.alarms, TriggeredAlarmNames: d.triggered}
	}
	summary := func(rev *revision) types.ServiceRevisionSummary {
		sum := types.ServiceRevisionSummary{Arn: aws.String(rev.arn)}
		for _, o := range d.v.deployments {
			if o.rev == rev {
				sum.RequestedTaskCount = s.requested(o)
				sum.PendingTaskCount, sum.RunningTaskCount = d.v.counts(o)
			}
		}
		return sum
	}
	target := summary(d.target)
	target.RequestedProductionTrafficWeight, target.RequestedTestTrafficWeight = d.production, d.test
	out.TargetServiceRevision = &target
	for _, rev := range d.sources {
		source := summary(rev)
		source.RequestedProductionTrafficWeight, source.RequestedTestTrafficWeight = remainder(d.production), remainder(d.test)
		out.SourceServiceRevisions = append(out.SourceServiceRevisions, source)
	}
	out.LifecycleStage = d.stage
	for _, p := range d.hooks {
		out.LifecycleHookDetails = append(out.LifecycleHookDetails, p.view())
	}
	return out
}

// remainder is the share of the traffic that the other revision gets.
func remainder(weight *float64) *float64 {
	if weight == nil {
		return nil
	}
	return aws.Float64(100 - *weight)
}

// describeServiceRevisions takes up to 20 ARNs.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceRevisions.html
func (s *Service) describeServiceRevisions(r *core.Request, in *api.DescribeServiceRevisionsInput) (*api.DescribeServiceRevisionsOutput, error) {
	if n := len(in.ServiceRevisionArns); n == 0 || n > 20 {
		return nil, invalid("serviceRevisionArns must have 1 to 20 items.")
	}
	out := &api.DescribeServiceRevisionsOutput{ServiceRevisions: []types.ServiceRevision{}, Failures: []types.Failure{}}
	for _, arn := range in.ServiceRevisionArns {
		if !strings.Contains(arn, ":service-revision/") {
			return nil, invalid("Invalid service revision ARN: %s", arn)
		}
		v := s.region(r.Scope).findService("service-revision", arn)
		i := -1
		if v != nil {
			i = slices.IndexFunc(v.revisions, func(rev *revision) bool { return rev.arn == arn })
		}
		if i < 0 {
			out.Failures = append(out.Failures, failure(arn, "MISSING"))
			continue
		}
		out.ServiceRevisions = append(out.ServiceRevisions, revisionView(v, v.revisions[i]))
	}
	return out, nil
}

func revisionView(v *service, rev *revision) types.ServiceRevision {
	sp := rev.spec
	out := types.ServiceRevision{
		ServiceRevisionArn: aws.String(rev.arn), ServiceArn: aws.String(v.arn), ClusterArn: aws.String(v.c.arn), CreatedAt: aws.Time(rev.created), TaskDefinition: aws.String(sp.def.arn),
		NetworkConfiguration: sp.network, LoadBalancers: sp.loadBalancers, LaunchType: sp.launchType, CapacityProviderStrategy: sp.strategy, ServiceConnectConfiguration: sp.connect, Monitoring: sp.monitoring,
	}
	if sp.platformVersion != "" {
		out.PlatformVersion, out.PlatformFamily = aws.String(sp.platformVersion), aws.String("Linux")
	}
	for _, c := range sp.def.view.ContainerDefinitions {
		out.ContainerImages = append(out.ContainerImages, types.ContainerImage{ContainerName: c.Name, Image: c.Image, ImageDigest: aws.String(digest(*c.Image))})
	}
	if len(sp.loadBalancers) > 0 {
		out.ResolvedConfiguration = &types.ResolvedConfiguration{}
		for i, lb := range sp.loadBalancers {
			resolved := types.ServiceRevisionLoadBalancer{TargetGroupArn: aws.String(rev.groups[i])}
			if a := lb.AdvancedConfiguration; a != nil {
				resolved.ProductionListenerRule = a.ProductionListenerRule
			}
			out.ResolvedConfiguration.LoadBalancers = append(out.ResolvedConfiguration.LoadBalancers, resolved)
		}
	}
	return out
}

// stopServiceDeployment rolls a deployment back (the default), or aborts it: then it launches no
// more tasks and the service stays between its revisions.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopServiceDeployment.html
func (s *Service) stopServiceDeployment(r *core.Request, in *api.StopServiceDeploymentInput) (*api.StopServiceDeploymentOutput, error) {
	record := s.region(r.Scope).record(aws.ToString(in.ServiceDeploymentArn))
	if record == nil {
		return nil, core.Errorf("ServiceDeploymentNotFoundException", "The service deployment was not found.")
	}
	v := record.v
	d := v.primary()
	if d == nil || d.record != record || record.status != types.ServiceDeploymentStatusInProgress {
		return nil, core.Errorf("ConflictException", "The service deployment can't be stopped in the status %s.", record.status)
	}
	out := &api.StopServiceDeploymentOutput{ServiceDeploymentArn: aws.String(record.arn)}
	if in.StopType == types.StopServiceDeploymentStopTypeAbort {
		d.halted, d.rollout, d.reason = true, types.DeploymentRolloutStateFailed, "ECS deployment "+d.id+" was stopped by a user request."
		s.stopRecord(record, "Service deployment was stopped because of a user request.")
		return out, nil
	}
	if v.lastCompleted == nil {
		return nil, invalid("There is no completed service deployment to roll back to.")
	}
	s.requestRollback(v, d)
	return out, nil
}

// requestRollback rolls a deployment back because somebody asks for it.
func (s *Service) requestRollback(v *service, d *deployment) {
	record := d.record
	d.halted = true
	s.setStatus(record, types.ServiceDeploymentStatusRollbackRequested, "")
	s.world.Clock.After(deploymentRequestDelay, func() {
		if v.primary() == d && record.status == types.ServiceDeploymentStatusRollbackRequested {
			d.rollout, d.reason = types.DeploymentRolloutStateFailed, "ECS deployment "+d.id+" was rolled back by a user request."
			s.rollBack(v, "Service deployment rolled back because of a user request.", "ECS deployment stopped: rolling back to deploymentId ")
		}
	})
}
