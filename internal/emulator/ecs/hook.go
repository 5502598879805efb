package ecs

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// hook is what a deployment waits for at a stage: ContinueServiceDeployment, or a function's verdict.
// Each time that a deployment comes to it, it has another id.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
type hook struct {
	id             string
	stage          types.ServiceDeploymentLifecycleStage
	function, role string // of a Lambda hook
	status         types.DeploymentLifecycleHookStatus
	expires        time.Time
	action         types.DeploymentLifecycleHookAction // when it times out
}

func (h *hook) view() types.DeploymentLifecycleHookDetail {
	out := types.DeploymentLifecycleHookDetail{
		HookId: aws.String(h.id), TargetType: types.DeploymentLifecycleHookTargetTypePause, Status: h.status, ExpiresAt: aws.Time(h.expires), TimeoutAction: h.action,
	}
	if h.function != "" {
		out.TargetType, out.TargetArn = types.DeploymentLifecycleHookTargetTypeAwsLambda, aws.String(h.function)
	}
	return out
}

// waits says that the hook has neither been answered nor timed out.
func (h *hook) waits() bool {
	return h.status == types.DeploymentLifecycleHookStatusAwaitingAction || h.status == types.DeploymentLifecycleHookStatusInProgress
}

// over says that the deployment may go on as far as this hook is concerned.
func (h *hook) over() bool {
	return h.status == types.DeploymentLifecycleHookStatusSucceeded ||
		(h.status == types.DeploymentLifecycleHookStatusTimedOut && h.action == types.DeploymentLifecycleHookActionContinue)
}

// startHooks makes the hooks of a stage that a deployment has come to; those of a stage run at once.
func (s *Service) startHooks(d *deployment, stage types.ServiceDeploymentLifecycleStage) []*hook {
	var out []*hook
	for _, c := range d.record.config.LifecycleHooks {
		if !slices.Contains(c.LifecycleStages, types.DeploymentLifecycleHookStage(stage)) {
			continue
		}
		wait := minutes(c.TimeoutConfiguration.TimeoutInMinutes)
		h := &hook{
			id: "ecs-pause-" + s.world.Hex(43), stage: stage, status: types.DeploymentLifecycleHookStatusAwaitingAction,
			expires: s.world.Clock.Now().Add(wait), action: c.TimeoutConfiguration.Action,
		}
		if c.TargetType == types.DeploymentLifecycleHookTargetTypeAwsLambda {
			h.id, h.status = "ecs-lambda-"+s.world.Hex(43), types.DeploymentLifecycleHookStatusInProgress
			h.function, h.role = *c.HookTargetArn, *c.RoleArn
			s.world.Clock.After(invokeDelay, func() { s.invoke(d, h) })
		}
		s.world.Clock.After(wait, func() { s.hookExpired(d, h) })
		out = append(out, h)
	}
	d.record.hooks = out
	return out
}

// current says that a hook still matters to the service.
func (h *hook) current(d *deployment) bool {
	return h.waits() && d.v.primary() == d && !d.halted && d.v.status == statusActive
}

func (s *Service) hookExpired(d *deployment, h *hook) {
	if !h.current(d) {
		return
	}
	h.status = types.DeploymentLifecycleHookStatusTimedOut
	if h.action == types.DeploymentLifecycleHookActionRollback {
		kind := " pause hook timed out."
		if h.function != "" {
			kind = " lifecycle hook(s) timed out."
		}
		s.fail(d.v, d, "Service deployment rolled back because "+string(h.stage)+kind)
	}
	s.poke(d.v)
}

// HookAnswer is what a function answers to a lifecycle hook.
type HookAnswer struct {
	// Status is SUCCEEDED, FAILED or IN_PROGRESS; anything else can't be parsed.
	Status string `json:"hookStatus"`
	// CallBackDelay is after how many seconds a function is called again that is in progress: 30 unless
	// it says otherwise.
	CallBackDelay int `json:"callBackDelay"`
}

// HookCall is one call of a function.
type HookCall struct {
	Function, Stage, Deployment, TargetRevision string
	// Production and Test are the percent of the traffic that the target revision has.
	Production, Test float64
}

// AnswerHooks says what a function answers from now on: one answer after the other, and the last one
// for good. A function that nothing is said of, or no longer, crashes if AWS Lambda has it, and else doesn't exist.
func (s *Service) AnswerHooks(function string, answers ...HookAnswer) {
	s.functions[function] = answers
}

// Answers reports whether something was said of what a function answers.
func (s *Service) Answers(function string) bool { return len(s.functions[function]) > 0 }

// NextAnswer takes the next declared answer of a function.
func (s *Service) NextAnswer(function string) (payload []byte, ok bool) {
	answers := s.functions[function]
	if len(answers) == 0 {
		return nil, false
	}
	if len(answers) > 1 {
		s.functions[function] = answers[1:]
	}
	payload, err := json.Marshal(answers[0])
	return payload, err == nil
}

// ask calls a function that AWS Lambda has, or takes the answer of one that was only declared.
func (s *Service) ask(function string) (a HookAnswer, problem string) {
	var payload []byte
	if s.known(function) {
		called, err := s.deps.Functions.Invoke(function)
		if err != nil {
			return a, "ECS was unable to invoke hook target " + function + ": " + err.Error()
		}
		payload = called.Payload
	} else if declared, ok := s.NextAnswer(function); ok {
		payload = declared
	} else {
		return a, "ECS was unable to invoke hook target " + function + ": Function not found."
	}
	if json.Unmarshal(payload, &a) != nil {
		a = HookAnswer{}
	}
	return a, ""
}

// known reports whether AWS Lambda has a function.
func (s *Service) known(function string) bool {
	return s.deps.Functions != nil && s.deps.Functions.Exists(function)
}

// HookCalls are all calls of functions, the oldest first.
func (s *Service) HookCalls() []HookCall { return slices.Clone(s.hookCalls) }

// invoke calls a hook's function.
func (s *Service) invoke(d *deployment, h *hook) {
	if !h.current(d) {
		return
	}
	reg := d.v.c.reg
	var a HookAnswer
	var problem string
	switch {
	case !s.deps.IAM.CanAssume(reg.Account, h.role, infrastructurePrincipal, s.world.Clock.Now()):
		problem = "ECS was unable to assume role " + h.role + "."
	case !s.deps.IAM.Allows(reg.Account, h.role, "lambda:InvokeFunction", h.function):
		problem = "ECS was unable to invoke hook target " + h.function + " due to missing permissions."
	default:
		if a, problem = s.ask(h.function); problem != "" {
			break
		}
		s.hookCalls = append(s.hookCalls, HookCall{
			Function: h.function, Stage: string(h.stage), Deployment: d.record.arn, TargetRevision: d.record.target.arn,
			Production: aws.ToFloat64(d.record.production), Test: aws.ToFloat64(d.record.test),
		})
		switch a.Status {
		case "SUCCEEDED":
			h.status = types.DeploymentLifecycleHookStatusSucceeded
		case "IN_PROGRESS":
			wait := callBackDelay
			if a.CallBackDelay > 0 {
				wait = time.Duration(a.CallBackDelay) * time.Second
			}
			s.world.Clock.After(wait, func() { s.invoke(d, h) })
		case "FAILED":
			problem = "Lifecycle hook target " + h.function + " returned FAILED status."
		default:
			problem = "ECS was unable to parse the response from " + h.function + " due to HookStatus must not be null."
		}
	}
	if problem != "" {
		h.status = types.DeploymentLifecycleHookStatusFailed
		s.fail(d.v, d, "Service deployment rolled back because "+string(h.stage)+" lifecycle hook(s) failed. "+problem)
	}
	s.poke(d.v)
}

// callAgain calls the functions of the stages that shift traffic once more, since a rollback shifts it
// too: with the target revision that failed, and its weights of 0. What they answer changes nothing.
func (s *Service) callAgain(back *deployment) {
	record := back.record
	for _, h := range record.config.LifecycleHooks {
		for _, stage := range unpausable {
			if h.TargetType == types.DeploymentLifecycleHookTargetTypeAwsLambda && slices.Contains(h.LifecycleStages, stage) && (len(s.functions[*h.HookTargetArn]) > 0 || s.known(*h.HookTargetArn)) {
				s.hookCalls = append(s.hookCalls, HookCall{Function: *h.HookTargetArn, Stage: string(stage), Deployment: record.arn, TargetRevision: record.target.arn})
			}
		}
	}
}

// hooksOver reports whether all hooks of a deployment's phase let it go on.
func (d *deployment) hooksOver() bool {
	return !slices.ContainsFunc(d.progress.hooks, func(h *hook) bool { return !h.over() })
}

var hookID = regexp.MustCompile(`^ecs-[a-z]+-[A-Za-z0-9_-]+$`)

// continueServiceDeployment lets a deployment go on that waits at a pause hook, or rolls it back.
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
	i := slices.IndexFunc(record.hooks, func(h *hook) bool { return h.id == id && strings.HasPrefix(id, "ecs-pause-") })
	if i < 0 || d == nil || d.record != record || record.status != types.ServiceDeploymentStatusInProgress || !record.hooks[i].waits() {
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
