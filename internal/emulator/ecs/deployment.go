package ecs

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

const (
	deploymentPrimary = "PRIMARY"
	deploymentActive  = "ACTIVE"
)

// deployment is the service's move to a revision, as DescribeServices shows it.
type deployment struct {
	v                *service
	id               string
	status           string
	spec             spec
	rev              *revision
	record           *serviceDeployment
	rollout          types.DeploymentRolloutState
	reason           string
	created, updated time.Time
	failed           int // consecutive failures
	halted           bool
	stuck            bool // neither percent lets it go on, and that has been said
	bakeUntil        time.Time
	progress         progress // of one that shifts traffic
	// endpoints are the Service Connect endpoints that the deployment's tasks can resolve, with the
	// services that offered them: those that existed when it started. A service that is created again
	// offers new endpoints, whatever they are called.
	//
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html
	endpoints map[string]*service
}

// revision is an immutable record of what a deployment deploys.
type revision struct {
	arn     string
	spec    spec
	groups  []string // the target groups that its tasks register with, one for each load balancer
	created time.Time
}

// serviceDeployment is the record of a deployment with its outcome; it dies with the service.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
type serviceDeployment struct {
	arn                                         string
	v                                           *service
	target                                      *revision
	sources                                     []*revision
	config                                      types.DeploymentConfiguration
	status                                      types.ServiceDeploymentStatus
	reason                                      string
	created, started, finished, halted, updated time.Time
	rollback                                    *types.Rollback
	failures                                    int
	breaker                                     types.ServiceDeploymentRollbackMonitorsStatus
	stage                                       types.ServiceDeploymentLifecycleStage
	production, test                            *float64 // percent of the traffic that the target revision gets
	hooks                                       []*hook  // of the stage
	alarms                                      types.ServiceDeploymentRollbackMonitorsStatus
	triggered                                   []string // alarms
}

// terminal says that nothing changes the record any more.
func (r *serviceDeployment) terminal() bool {
	switch r.status {
	case types.ServiceDeploymentStatusSuccessful, types.ServiceDeploymentStatusStopped, types.ServiceDeploymentStatusRollbackSuccessful, types.ServiceDeploymentStatusRollbackFailed:
		return true
	}
	return false
}

func (s *Service) setStatus(r *serviceDeployment, status types.ServiceDeploymentStatus, reason string) {
	now := s.world.Clock.Now()
	r.status, r.reason, r.updated = status, reason, now
	if !r.terminal() {
		return
	}
	r.finished = now
	if status == types.ServiceDeploymentStatusStopped {
		r.halted = now
	}
	if r.breaker == types.ServiceDeploymentRollbackMonitorsStatusMonitoring {
		r.breaker = types.ServiceDeploymentRollbackMonitorsStatusMonitoringComplete
	}
	if r.alarms == types.ServiceDeploymentRollbackMonitorsStatusMonitoring {
		r.alarms = types.ServiceDeploymentRollbackMonitorsStatusMonitoringComplete
	}
}

// deploy starts a deployment of the service's spec; one that is under way is stopped.
func (s *Service) deploy(v *service) {
	now := s.world.Clock.Now()
	if p := v.primary(); p != nil && p.rollout == types.DeploymentRolloutStateInProgress && p.record.stage == cleanUp {
		s.complete(v, p) // nothing but old tasks is left of it
	}
	prefix := v.c.name + "/" + v.name + "/"
	rev := &revision{
		arn: v.c.reg.ARN("ecs", "service-revision/"+prefix+s.world.Digits(19)), spec: v.spec, groups: s.resolveGroups(v, v.spec, v.config.Strategy), created: now,
	}
	record := &serviceDeployment{
		arn: v.c.reg.ARN("ecs", "service-deployment/"+prefix+s.world.Hex(21)), v: v, target: rev, config: v.config, created: now, started: now, updated: now,
		status: types.ServiceDeploymentStatusInProgress, breaker: types.ServiceDeploymentRollbackMonitorsStatusDisabled,
	}
	record.alarms = v.c.reg.monitorAlarms(v.config.Alarms)
	if b := v.config.DeploymentCircuitBreaker; b != nil && b.Enable {
		record.breaker = types.ServiceDeploymentRollbackMonitorsStatusMonitoring
	}
	for _, d := range v.deployments {
		d.status, d.updated = deploymentActive, now
		if _, running := v.counts(d); running > 0 && !slices.Contains(record.sources, d.rev) {
			record.sources = append(record.sources, d.rev)
		}
		if old := d.record; !old.terminal() && old.status != types.ServiceDeploymentStatusStopRequested {
			s.setStatus(old, types.ServiceDeploymentStatusStopRequested, "")
			s.world.Clock.After(deploymentRequestDelay, func() {
				if !old.terminal() {
					s.setStatus(old, types.ServiceDeploymentStatusStopped, "Service deployment was stopped because a newer service deployment started.")
				}
			})
		}
	}
	d := &deployment{
		v: v, id: "ecs-svc/" + s.world.Digits(19), status: deploymentPrimary, spec: v.spec, rev: rev, record: record, created: now, updated: now,
		rollout: types.DeploymentRolloutStateInProgress,
	}
	d.reason = "ECS deployment " + d.id + " in progress."
	v.revisions = append(v.revisions, rev)
	v.history = append(v.history, record)
	v.deployments = append([]*deployment{d}, v.deployments...)
	v.nextLaunch, v.failures, v.impaired, v.steady = time.Time{}, 0, false, false
	s.connect(v)
	d.endpoints = s.knownEndpoints(v)
	s.deploymentChanged(d, eventInfo, "SERVICE_DEPLOYMENT_IN_PROGRESS")
	s.poke(v)
}

// complete ends the PRIMARY deployment well.
func (s *Service) complete(v *service, d *deployment) {
	d.rollout, d.reason, d.updated = types.DeploymentRolloutStateCompleted, "ECS deployment "+d.id+" completed.", s.world.Clock.Now()
	v.lastCompleted = d
	switch r := d.record; r.status {
	case types.ServiceDeploymentStatusRollbackInProgress, types.ServiceDeploymentStatusRollbackRequested:
		s.setStatus(r, types.ServiceDeploymentStatusRollbackSuccessful, r.reason)
	case types.ServiceDeploymentStatusInProgress:
		s.setStatus(r, types.ServiceDeploymentStatusSuccessful, "")
	}
	s.event(v, fmt.Sprintf("(service %s) (deployment %s) deployment completed.", v.name, d.id))
	s.deploymentChanged(d, eventInfo, "SERVICE_DEPLOYMENT_COMPLETED")
}

// rollBack returns to the deployment that completed last: it is PRIMARY again and the failed one's
// tasks are replaced. Without a completed deployment the service stalls.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
func (s *Service) rollBack(v *service, why, rolloutReason string) {
	failed, now := v.primary(), s.world.Clock.Now()
	failed.halted, failed.updated = true, now
	back := v.lastCompleted
	if back == nil || back == failed {
		s.setStatus(failed.record, types.ServiceDeploymentStatusRollbackFailed, why+" There is no completed service deployment to roll back to.")
		return
	}
	failed.status = deploymentActive
	record := failed.record
	record.rollback = &types.Rollback{Reason: aws.String(why), StartedAt: aws.Time(now), ServiceRevisionArn: aws.String(back.rev.arn)}
	s.setStatus(record, types.ServiceDeploymentStatusRollbackInProgress, why)
	v.deployments = slices.DeleteFunc(v.deployments, func(d *deployment) bool { return d == back })
	v.deployments = append([]*deployment{back}, v.deployments...)
	v.spec = back.spec
	back.status, back.record, back.halted, back.failed, back.bakeUntil, back.updated = deploymentPrimary, record, false, 0, time.Time{}, now
	back.progress = progress{}
	back.rollout, back.reason = types.DeploymentRolloutStateInProgress, rolloutReason+back.id+"."
	v.nextLaunch, v.failures, v.impaired, v.steady = time.Time{}, 0, false, false
	s.connect(v)
	s.event(v, fmt.Sprintf("(service %s) rolling back to deployment %s.", v.name, back.id))
	s.deploymentChanged(back, eventInfo, "SERVICE_DEPLOYMENT_IN_PROGRESS")
	s.poke(v)
}
