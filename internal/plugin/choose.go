package plugin

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// action is a verb that sets an annotation. choose finds the annotation's value, or says in an error why there
// is none and what to do instead.
type action struct {
	name, annotation string
	short, long      string
	choose           func(gw *v1alpha1.PortkeyGateway, to string) (string, error)
}

// actions are in the order in which a rollout may need them.
var actions = []action{{
	name: "promote", annotation: v1alpha1.AnnotationPromote, choose: promotion,
	short: "Approve the rollout that awaits it",
	long: "Lets the rollout go on that waits at a pause. It names this one pause: if the rollout has meanwhile\n" +
		"gone on or another one has begun, the operator refuses it.",
}, {
	name: "abort", annotation: v1alpha1.AnnotationAbort, choose: abortion,
	short: "Have ECS roll back the rollout under way",
	long: "Has ECS stop the rollout under way and roll it back. The revision isn't tried again until the spec\n" +
		"changes, or until retry.",
}, {
	name: "rollback", annotation: v1alpha1.AnnotationRollback, choose: rollback,
	short: "Deploy an earlier revision, and hold it until the spec changes",
	long: "Deploys an earlier revision that has succeeded before: the newest in history that isn't the present one,\n" +
		"or --to. During a rollout that is the revision that it started from. The revision is held until the\n" +
		"spec changes.",
}, {
	name: "retry", annotation: v1alpha1.AnnotationRetry, choose: retrial,
	short: "Try the last rollout again that was rolled back or aborted",
	long: "Tries the last rollout again, though the spec hasn't changed: for when what was in its way is mended, and\n" +
		"was none of the spec's.",
}, {
	name: "approve", annotation: v1alpha1.AnnotationApprove, choose: approval,
	short: "Approve the plan of a new spec",
	long: "Approves the plan of this very hash, which status.plan has, for the spec as it is now. If the plan has\n" +
		"changed meanwhile, the operator refuses it.",
}}

// ready says why the operator wouldn't act on any annotation.
func ready(gw *v1alpha1.PortkeyGateway) error {
	switch {
	case gw.DeletionTimestamp != nil:
		return fmt.Errorf("%s is being deleted: there is nothing to act on", gw.Name)
	case gw.Spec.ManagementPolicy == v1alpha1.ManagementPaused || gw.Spec.ManagementPolicy == v1alpha1.ManagementObserve:
		return fmt.Errorf("managementPolicy of %s is %s, with which the operator changes nothing in AWS: set spec.managementPolicy to Reconcile first", gw.Name, gw.Spec.ManagementPolicy)
	case len(gw.Status.Conditions) == 0:
		return fmt.Errorf("the operator hasn't looked at %s yet: see whether it runs", gw.Name)
	}
	return nil
}

// approval is the hash of the plan that awaits approval, for this spec only.
func approval(gw *v1alpha1.PortkeyGateway, hash string) (string, error) {
	p := gw.Status.Plan
	waits := gw.Annotations[v1alpha1.AnnotationRequireApproval] == "true"
	switch {
	case !waits:
		return "", fmt.Errorf("plans of %s need no approval: that takes the annotation %s=true", gw.Name, v1alpha1.AnnotationRequireApproval)
	case gw.Status.ObservedGeneration < gw.Generation:
		if hash == "" {
			return "", fmt.Errorf("the newest spec of %s isn't planned yet: look again with %s status %s", gw.Name, programName, gw.Name)
		}
	case p == nil || gw.Status.Approval != nil && gw.Status.Approval.Generation == gw.Generation:
		return "", fmt.Errorf("no plan of %s awaits approval", gw.Name)
	case p.Hash == "":
		return "", fmt.Errorf("the plan of %s isn't complete, since something couldn't be read: %s", gw.Name, strings.Join(p.Problems, "; "))
	case hash == "":
		return "", fmt.Errorf("name the plan that you have looked at: now it is --plan %s (%s)", p.Hash, p.Summary)
	case hash != p.Hash:
		return "", fmt.Errorf("the plan of %s is %s now (%s), and not %s: look at it again with %s status %s", gw.Name, p.Hash, p.Summary, hash, programName, gw.Name)
	}
	return at(hash, gw), nil
}

func promotion(gw *v1alpha1.PortkeyGateway, _ string) (string, error) {
	r := gw.Status.Rollout
	switch {
	case !underWay(gw):
		return "", fmt.Errorf("no rollout of %s awaits approval: none is under way", gw.Name)
	case r.Awaiting == nil && r.Stage != "":
		return "", fmt.Errorf("the rollout of %s doesn't await approval: it is at %s; look again with %s status %s", gw.Name, r.Stage, programName, gw.Name)
	case r.Awaiting == nil:
		return "", fmt.Errorf("the rollout of %s doesn't await approval; look again with %s status %s", gw.Name, programName, gw.Name)
	}
	return r.Awaiting.HookID, nil
}

func abortion(gw *v1alpha1.PortkeyGateway, _ string) (string, error) {
	if !underWay(gw) {
		return "", fmt.Errorf("no rollout of %s is under way: to return to an earlier revision, use %s rollback %s", gw.Name, programName, gw.Name)
	}
	return gw.Status.Rollout.ID, nil
}

func rollback(gw *v1alpha1.PortkeyGateway, to string) (string, error) {
	candidates := earlier(gw)
	if to != "" {
		revision, err := find(gw, to, candidates)
		if err != nil {
			return "", err
		}
		return at(revision, gw), nil
	}
	if underWay(gw) && gw.Status.Rollout.FromRevision == "" {
		return "", fmt.Errorf("this is the first rollout of %s: there is no earlier revision to return to", gw.Name)
	}
	if len(candidates) == 0 {
		return "", fmt.Errorf("%s has no earlier revision that succeeded: see %s history %s", gw.Name, programName, gw.Name)
	}
	return at(candidates[0], gw), nil
}

// at is the annotation's value: it holds for this spec only, however late it is read.
func at(revision string, gw *v1alpha1.PortkeyGateway) string {
	return revision + "@" + strconv.FormatInt(gw.Generation, 10)
}

// earlier are the revisions that can be returned to, the likeliest first: what a rollout under way started
// from, and what has succeeded before and isn't there now.
func earlier(gw *v1alpha1.PortkeyGateway) []string {
	now := present(gw)
	var out []string
	if underWay(gw) {
		now = gw.Status.Rollout.ToRevision
		if from := gw.Status.Rollout.FromRevision; from != "" {
			out = append(out, from)
		}
	}
	for _, r := range gw.Status.History {
		if r.Outcome == v1alpha1.RolloutSucceeded && r.Revision != "" && r.Revision != now && !slices.Contains(out, r.Revision) {
			out = append(out, r.Revision)
		}
	}
	return out
}

// find looks up what people write for a revision: family:number, or the number alone.
func find(gw *v1alpha1.PortkeyGateway, to string, candidates []string) (string, error) {
	same := func(revision string) bool { return revision == to || strings.HasSuffix(revision, ":"+to) }
	if i := slices.IndexFunc(candidates, same); i >= 0 {
		return candidates[i], nil
	}
	choice := "there is none that succeeded before"
	if len(candidates) > 0 {
		choice = "choose one of " + strings.Join(candidates, ", ")
	}
	if now := present(gw); now != "" && same(now) && !underWay(gw) {
		return "", fmt.Errorf("%s is the present revision: %s", now, choice)
	}
	for _, r := range gw.Status.History {
		if r.Revision != "" && same(r.Revision) {
			return "", fmt.Errorf("%s hasn't succeeded before (%s): %s", r.Revision, r.Outcome, choice)
		}
	}
	return "", fmt.Errorf("there is no revision %s in the history of %s: %s", to, gw.Name, choice)
}

func retrial(gw *v1alpha1.PortkeyGateway, _ string) (string, error) {
	switch r := gw.Status.Rollout; {
	case underWay(gw):
		return "", fmt.Errorf("a rollout of %s is under way: wait for its end, or use %s abort %s", gw.Name, programName, gw.Name)
	case r != nil && (record(gw, r.ID) == nil || failed(record(gw, r.ID).Outcome)):
		return r.ID, nil
	case len(gw.Status.History) > 0 && failed(gw.Status.History[0].Outcome):
		return gw.Status.History[0].ID, nil
	}
	return "", fmt.Errorf("there is nothing to try again: the last rollout of %s didn't fail", gw.Name)
}

func failed(o v1alpha1.RolloutOutcome) bool {
	return o == v1alpha1.RolloutRolledBack || o == v1alpha1.RolloutFailed
}

// held is the revision that a manual rollback holds: it was done, and the spec is still the same.
func held(gw *v1alpha1.PortkeyGateway) string {
	value := gw.Annotations[v1alpha1.AnnotationRollback]
	revision, generation, _ := strings.Cut(value, "@")
	answer := answerOf(gw, "rollback", value)
	if answer == nil || answer.Result != v1alpha1.ActionDone || generation != strconv.FormatInt(gw.Generation, 10) {
		return ""
	}
	return revision
}

// answerOf is the operator's answer to an action: the last one, or with a value the one to that.
func answerOf(gw *v1alpha1.PortkeyGateway, name, value string) *v1alpha1.ActionStatus {
	for i := range gw.Status.Actions {
		if a := &gw.Status.Actions[i]; a.Name == name && (value == "" || a.Value == value) {
			return a
		}
	}
	return nil
}
