package ecs

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// SetAlarm says in which state a CloudWatch alarm is from now on: OK, ALARM or INSUFFICIENT_DATA. An
// alarm that nothing is said of doesn't exist: CloudWatch's metrics aren't emulated.
func (s *Service) SetAlarm(scope core.Scope, name, state string) {
	s.region(scope).alarms[name] = state
	for _, c := range s.region(scope).clusters {
		s.pokeCluster(c)
	}
}

// DeleteAlarm takes an alarm away. Deployments that it watches go on without.
func (s *Service) DeleteAlarm(scope core.Scope, name string) { delete(s.region(scope).alarms, name) }

// Alarms are the states of the alarms, by name.
func (s *Service) Alarms(scope core.Scope) map[string]string { return s.region(scope).alarms }

// checkAlarms checks the alarms of a request.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentAlarms.html
func (r *region) checkAlarms(a *types.DeploymentAlarms) error {
	switch {
	case a == nil:
		return nil
	case a.Rollback && !a.Enable:
		return invalid("The deployment alarms' rollback can't be enabled while the deployment alarms are not.")
	case a.Enable && len(a.AlarmNames) == 0:
		return invalid("alarmNames can not be empty when deployment alarms are enabled.")
	}
	for _, name := range a.AlarmNames {
		if r.alarms[name] == "" {
			return invalid("The emulator knows no alarm %q: say in which state it is by POST /_emulator/alarms.", name)
		}
	}
	return nil
}

// alarming are the alarms of a configuration that are in ALARM.
func (r *region) alarming(a *types.DeploymentAlarms) []string {
	var out []string
	if a == nil || !a.Enable {
		return nil
	}
	for _, name := range a.AlarmNames {
		if r.alarms[name] == "ALARM" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// monitorAlarms is how a new deployment's alarms are watched: not at all when one of them is in ALARM
// already.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
func (r *region) monitorAlarms(a *types.DeploymentAlarms) types.ServiceDeploymentRollbackMonitorsStatus {
	if a == nil || !a.Enable || len(r.alarming(a)) > 0 {
		return types.ServiceDeploymentRollbackMonitorsStatusDisabled
	}
	return types.ServiceDeploymentRollbackMonitorsStatusMonitoring
}

// watchAlarms fails the deployment under way when one of its alarms goes off.
func (s *Service) watchAlarms(v *service) {
	d := v.primary()
	if d == nil || d.halted || d.rollout != types.DeploymentRolloutStateInProgress || d.record.rollback != nil || d.record.alarms != types.ServiceDeploymentRollbackMonitorsStatusMonitoring {
		return
	}
	triggered := v.c.reg.alarming(d.record.config.Alarms)
	if len(triggered) == 0 {
		return
	}
	d.record.alarms, d.record.triggered = types.ServiceDeploymentRollbackMonitorsStatusTriggered, triggered
	why := "because of triggered CloudWatch alarm(s): " + strings.Join(triggered, ", ") + "."
	if d.record.config.Alarms.Rollback {
		s.fail(v, d, "Service deployment rolled back "+why)
		return
	}
	d.halted, d.rollout, d.updated = true, types.DeploymentRolloutStateFailed, s.world.Clock.Now()
	d.reason = "ECS deployment " + d.id + " failed: alarm detected."
	s.event(v, "(service "+v.name+") (deployment "+d.id+") deployment failed: alarm detected.")
	s.stopRecord(d.record, "Service deployment stopped "+why)
}

// stopRecord ends a deployment's record that isn't rolled back.
func (s *Service) stopRecord(record *serviceDeployment, why string) {
	s.setStatus(record, types.ServiceDeploymentStatusStopRequested, why)
	s.world.Clock.After(deploymentRequestDelay, func() {
		if !record.terminal() {
			s.setStatus(record, types.ServiceDeploymentStatusStopped, record.reason)
		}
	})
}
