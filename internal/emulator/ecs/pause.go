package ecs

import (
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// pause is a hook at which a deployment waits for ContinueServiceDeployment. Each time that a
// deployment comes to it, it has another id.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
type pause struct {
	id      string
	status  types.DeploymentLifecycleHookStatus
	expires time.Time
	action  types.DeploymentLifecycleHookAction // when it times out
}

func (p *pause) view() types.DeploymentLifecycleHookDetail {
	return types.DeploymentLifecycleHookDetail{
		HookId: aws.String(p.id), TargetType: types.DeploymentLifecycleHookTargetTypePause, Status: p.status, ExpiresAt: aws.Time(p.expires), TimeoutAction: p.action,
	}
}

// over says that the deployment may go on as far as this hook is concerned.
func (p *pause) over() bool {
	return p.status == types.DeploymentLifecycleHookStatusSucceeded ||
		(p.status == types.DeploymentLifecycleHookStatusTimedOut && p.action == types.DeploymentLifecycleHookActionContinue)
}

// startPauses makes the hooks of a stage that a deployment has come to.
func (s *Service) startPauses(d *deployment, stage types.ServiceDeploymentLifecycleStage) []*pause {
	var out []*pause
	for _, h := range d.record.config.LifecycleHooks {
		if !slices.Contains(h.LifecycleStages, types.DeploymentLifecycleHookStage(stage)) {
			continue
		}
		wait := minutes(h.TimeoutConfiguration.TimeoutInMinutes)
		p := &pause{
			id: "ecs-pause-" + s.world.Hex(43), status: types.DeploymentLifecycleHookStatusAwaitingAction,
			expires: s.world.Clock.Now().Add(wait), action: h.TimeoutConfiguration.Action,
		}
		s.world.Clock.After(wait, func() { s.pauseExpired(d, p, stage) })
		out = append(out, p)
	}
	d.record.hooks = out
	return out
}

func (s *Service) pauseExpired(d *deployment, p *pause, stage types.ServiceDeploymentLifecycleStage) {
	if p.status != types.DeploymentLifecycleHookStatusAwaitingAction || d.v.primary() != d || d.halted {
		return
	}
	p.status = types.DeploymentLifecycleHookStatusTimedOut
	if p.action == types.DeploymentLifecycleHookActionRollback {
		s.fail(d.v, d, "Service deployment rolled back because "+string(stage)+" pause hook timed out.")
	}
	s.poke(d.v)
}

// pausesOver reports whether all hooks of a deployment's phase let it go on.
func (s *Service) pausesOver(_ *service, d *deployment) bool {
	return !slices.ContainsFunc(d.progress.hooks, func(p *pause) bool { return !p.over() })
}

var hookID = regexp.MustCompile(`^ecs-[a-z]+-[A-Za-z0-9_-]+$`)

// continueServiceDeployment lets a deployment go on that waits at a hook, or rolls it back.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContinueServiceDeployment.html
func (s *Service) continueServiceDeployment(r *core.Request, in *api.ContinueServiceDeploymentInput) (*api.ContinueServiceDeploymentOutput, error) {
	record := s.region(r.Scope).record(aws.ToString(in.ServiceDeploymentArn))
	id := aws.ToString(in.HookId)
	switch {
	case record == nil:
		return nil, core.Errorf("ServiceDeploymentNotFoundException", "The service deployment was not found.")
	case !hookID.MatchString(id):
		return nil, invalid("Invalid hookId: hookId must follow the format: ecs-{hookType}-{id}")
	case record.terminal():
		return nil, invalid("Continuing a service deployment is not allowed for service deployment in terminal states.")
	}
	d := record.v.primary()
	i := slices.IndexFunc(record.hooks, func(p *pause) bool { return p.id == id })
	if i < 0 || d == nil || d.record != record || record.status != types.ServiceDeploymentStatusInProgress || record.hooks[i].status != types.DeploymentLifecycleHookStatusAwaitingAction {
		return nil, invalid("Provided hookId is either completed, unavailable, or not associated with the given Resource ARN")
	}
	if in.Action == types.DeploymentLifecycleHookActionRollback {
		record.hooks[i].status = types.DeploymentLifecycleHookStatusFailed
		s.requestRollback(record.v, d)
	} else {
		record.hooks[i].status = types.DeploymentLifecycleHookStatusSucceeded
	}
	s.poke(record.v)
	return &api.ContinueServiceDeploymentOutput{ServiceDeploymentArn: aws.String(record.arn)}, nil
}
