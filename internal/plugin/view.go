package plugin

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// Status is what `status` shows of a gateway, to people as a page and to machines as it is here. Fields may
// be added, and none is renamed or given another meaning.
type Status struct {
	// Namespace and Name are the gateway's.
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Mode, Region and ManagementPolicy are the spec's.
	Mode             v1alpha1.Mode             `json:"mode"`
	Region           string                    `json:"region"`
	ManagementPolicy v1alpha1.ManagementPolicy `json:"managementPolicy"`
	// AccountID, Version and Tasks are the status's.
	AccountID string `json:"accountID,omitempty"`
	Version   string `json:"version,omitempty"`
	Tasks     string `json:"tasks,omitempty"`
	// Generation is the spec's, ObservedGeneration the one that everything else here speaks of.
	Generation         int64 `json:"generation"`
	ObservedGeneration int64 `json:"observedGeneration"`
	// DeletingSince is when the gateway's deletion was asked for.
	DeletingSince *metav1.Time `json:"deletingSince,omitempty"`
	// LastSyncTime is when AWS was last compared with the spec.
	LastSyncTime *metav1.Time `json:"lastSyncTime,omitempty"`
	// Ready, Available and RolloutHealthy are the conditions of that name, null as long as there is none.
	Ready          *Condition `json:"ready"`
	Available      *Condition `json:"available"`
	RolloutHealthy *Condition `json:"rolloutHealthy"`
	// Services are the ECS services.
	Services []Service `json:"services"`
	// Rollout is the rollout under way, or the last one where it didn't succeed.
	Rollout *Rollout `json:"rollout,omitempty"`
	// RolloutSummary is the rollout in a few words.
	RolloutSummary string `json:"rolloutSummary,omitempty"`
	// Held is the revision that a manual rollback holds until the spec changes.
	Held string `json:"held,omitempty"`
	// Actions are the answers to promote, abort, rollback, retry and approve, and what isn't answered yet.
	Actions []Action `json:"actions"`
	// Endpoints are the addresses.
	Endpoints *v1alpha1.Endpoints `json:"endpoints,omitempty"`
	// ControlPlaneReady is the condition of that name, and ControlPlane how the control plane is connected; absent where
	// the spec asks for nothing of the kind.
	ControlPlaneReady *Condition                   `json:"controlPlaneReady,omitempty"`
	ControlPlane      *v1alpha1.ControlPlaneStatus `json:"controlPlane,omitempty"`
	// DNSRecords are records for somebody to create.
	DNSRecords []v1alpha1.DNSRecord `json:"dnsRecords,omitempty"`
	// Plan is what would change: with managementPolicy Observe, and while a spec awaits approval.
	Plan *Plan `json:"plan,omitempty"`
	// Remaining are the AWS objects that are left of a gateway that is being deleted.
	Remaining []Remaining `json:"remaining,omitempty"`
	// Events are the last events, the newest first; null where they may not be read.
	Events []Event `json:"events"`
	// History are the last rollouts that came to an end, the newest first.
	History []v1alpha1.RolloutRecord `json:"history"`
}

// Condition is a condition without its type.
type Condition struct {
	// Status is True, False or Unknown; Reason is one of docs/conditions.md.
	Status  metav1.ConditionStatus `json:"status"`
	Reason  string                 `json:"reason"`
	Message string                 `json:"message,omitempty"`
	// Since is when it became so.
	Since metav1.Time `json:"since"`
}

// Service is an ECS service.
type Service struct {
	// Name is gateway, data-service or redis.
	Name  string `json:"name"`
	Image string `json:"image,omitempty"`
	// Running, Desired and Pending are tasks: those that run, should run, and are starting.
	Running int32 `json:"running"`
	Desired int32 `json:"desired"`
	Pending int32 `json:"pending"`
	// Revision is the task definition, as family:number.
	Revision string `json:"revision,omitempty"`
}

// Rollout is a rollout as status.rollout has it, and whether it goes on.
type Rollout struct {
	// The fields of status.rollout: id, strategy, stage, trafficPercent, fromRevision, toRevision, fromImage,
	// toImage, startedAt, awaiting (hookID, stage, since, until, onTimeout) and reason.
	v1alpha1.RolloutStatus `json:",inline"`
	// UnderWay says whether it goes on.
	UnderWay bool `json:"underWay"`
	// Outcome and FinishedAt are those of a rollout that came to an end, as far as they are known.
	Outcome    v1alpha1.RolloutOutcome `json:"outcome,omitempty"`
	FinishedAt *metav1.Time            `json:"finishedAt,omitempty"`
}

// Action is an annotation that acts, and the answer to it.
type Action struct {
	// Name is promote, abort, rollback, retry or approve, Value what the annotation says.
	Name  string `json:"name"`
	Value string `json:"value"`
	// Result, Message and At are the answer; Result is empty as long as there is none.
	Result  v1alpha1.ActionResult `json:"result,omitempty"`
	Message string                `json:"message,omitempty"`
	At      *metav1.Time          `json:"at,omitempty"`
}

// Plan is a plan without the values, which status.plan has.
type Plan struct {
	// Summary counts the changes; Hash is what approve names.
	Summary string   `json:"summary"`
	Hash    string   `json:"hash,omitempty"`
	Changes []Change `json:"changes"`
	// Problems are what couldn't be planned, or won't be done.
	Problems []string `json:"problems,omitempty"`
	// Awaits says that the plan is done when somebody approves it.
	Awaits bool `json:"awaits,omitempty"`
}

// Change is what is going to happen to an object.
type Change struct {
	// Node is the object's place in the deployment; Action is Create, Update, Replace or Delete.
	Node   string              `json:"node"`
	Action v1alpha1.PlanAction `json:"action"`
	// Interrupts is what the change interrupts; empty where that is nothing.
	Interrupts string `json:"interrupts,omitempty"`
	// Fields are the paths that differ.
	Fields []string `json:"fields,omitempty"`
}

// Remaining is an AWS object that isn't gone yet.
type Remaining struct {
	// Node, Phase and Why are as in status.resources.
	Node  string                 `json:"node"`
	Phase v1alpha1.ResourcePhase `json:"phase,omitempty"`
	Why   string                 `json:"why,omitempty"`
}

// Event is an event about the gateway.
type Event struct {
	// At is when it happened last, Count how often it did.
	At      metav1.Time `json:"at"`
	Type    string      `json:"type"`
	Reason  string      `json:"reason"`
	Message string      `json:"message"`
	Count   int32       `json:"count"`
}

// view is everything that is shown of a gateway but its events.
func view(gw *v1alpha1.PortkeyGateway) *Status {
	st := &gw.Status
	v := &Status{
		Namespace: gw.Namespace, Name: gw.Name,
		Mode: gw.Spec.Mode, Region: gw.Spec.Region, ManagementPolicy: gw.Spec.ManagementPolicy,
		AccountID: st.AccountID, Version: st.Version, Tasks: st.Tasks,
		Generation: gw.Generation, ObservedGeneration: st.ObservedGeneration,
		DeletingSince: gw.DeletionTimestamp, LastSyncTime: st.LastSyncTime,
		Ready: condition(gw, v1alpha1.ConditionReady), Available: condition(gw, v1alpha1.ConditionAvailable),
		RolloutHealthy: condition(gw, v1alpha1.ConditionRolloutHealthy),
		Services:       []Service{}, RolloutSummary: st.RolloutSummary, Held: held(gw), Actions: []Action{},
		Endpoints: st.Endpoints, ControlPlane: st.ControlPlane, DNSRecords: st.DNSRecords, History: append([]v1alpha1.RolloutRecord{}, st.History...),
	}
	if c := condition(gw, v1alpha1.ConditionControlPlaneReady); c != nil && c.Reason != v1alpha1.ReasonNotNeeded {
		v.ControlPlaneReady = c
	}
	for _, s := range st.Services {
		v.Services = append(v.Services, Service{Name: s.Name, Image: s.Image, Running: s.Running, Desired: s.Desired, Pending: s.Pending, Revision: s.TaskDefinition})
	}
	if r := st.Rollout; r != nil {
		v.Rollout = &Rollout{RolloutStatus: *r, UnderWay: underWay(gw)}
		if rec := record(gw, r.ID); rec != nil {
			v.Rollout.Outcome, v.Rollout.FinishedAt = rec.Outcome, rec.FinishedAt
		} else if h := v.RolloutHealthy; !v.Rollout.UnderWay && h != nil {
			v.Rollout.Outcome = outcomes[h.Reason]
		}
	}
	for _, action := range actions {
		value, answer := gw.Annotations[action.annotation], answerOf(gw, action.name, "")
		switch {
		case value != "" && (answer == nil || answer.Value != value):
			v.Actions = append(v.Actions, Action{Name: action.name, Value: value})
		case answer != nil:
			v.Actions = append(v.Actions, Action{Name: answer.Name, Value: answer.Value, Result: answer.Result, Message: answer.Message, At: answer.At})
		}
	}
	if p := st.Plan; p != nil {
		v.Plan = &Plan{
			Summary: p.Summary, Hash: p.Hash, Problems: p.Problems, Changes: []Change{},
			Awaits: v.Ready != nil && v.Ready.Reason == v1alpha1.ReasonPlanAwaitingApproval,
		}
		for _, c := range p.Changes {
			change := Change{Node: c.Node, Action: c.Action, Interrupts: c.Interrupts}
			for _, f := range c.Fields {
				change.Fields = append(change.Fields, f.Path)
			}
			v.Plan.Changes = append(v.Plan.Changes, change)
		}
	}
	if gw.DeletionTimestamp != nil {
		for _, r := range st.Resources {
			if r.Phase != v1alpha1.ResourceAbsent {
				v.Remaining = append(v.Remaining, Remaining{Node: r.Node, Phase: r.Phase, Why: r.Why})
			}
		}
	}
	return v
}

func condition(gw *v1alpha1.PortkeyGateway, kind string) *Condition {
	c := meta.FindStatusCondition(gw.Status.Conditions, kind)
	if c == nil {
		return nil
	}
	return &Condition{Status: c.Status, Reason: c.Reason, Message: c.Message, Since: c.LastTransitionTime}
}

// outcomes are what the reasons of RolloutHealthy say of a rollout.
var outcomes = map[string]v1alpha1.RolloutOutcome{
	v1alpha1.ReasonRolledBack: v1alpha1.RolloutRolledBack,
	v1alpha1.ReasonFailed:     v1alpha1.RolloutFailed,
}

// record is what history has of a rollout.
func record(gw *v1alpha1.PortkeyGateway, id string) *v1alpha1.RolloutRecord {
	i := slices.IndexFunc(gw.Status.History, func(r v1alpha1.RolloutRecord) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return &gw.Status.History[i]
}

// underWay says whether the rollout in status goes on: it stays there when it didn't succeed.
func underWay(gw *v1alpha1.PortkeyGateway) bool {
	r := gw.Status.Rollout
	if r == nil || record(gw, r.ID) != nil {
		return false
	}
	return !meta.IsStatusConditionFalse(gw.Status.Conditions, v1alpha1.ConditionRolloutHealthy)
}

// present is the revision that the gateway's service has.
func present(gw *v1alpha1.PortkeyGateway) string {
	for _, s := range gw.Status.Services {
		if s.Name == v1alpha1.ServiceGateway {
			return s.TaskDefinition
		}
	}
	return ""
}
