package plugin

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// deployment checks what the operator knows of AWS: it is in status.
func (v *verification) deployment() {
	v.condition("ready", v1alpha1.ConditionReady, "see "+v.again("status")+", or wait: kubectl wait --for=condition=Ready pkgw/"+v.gw.Name+" -n "+v.gw.Namespace+" --timeout=40m")
	// Where there is a load balancer, Available is what ELB says of its targets.
	v.condition("available", v1alpha1.ConditionAvailable, "see ServicesReady and RoutingReady in kubectl describe pkgw "+v.gw.Name+" -n "+v.gw.Namespace+", then the tasks' logs")
	v.revisions()
	v.controlPlane()
}

// condition checks that a condition is True for the newest spec.
func (v *verification) condition(name, kind, next string) {
	c := meta.FindStatusCondition(v.gw.Status.Conditions, kind)
	switch {
	case c == nil:
		v.failed(name, "the operator hasn't looked at this gateway yet", "see whether the operator runs")
	case c.ObservedGeneration < v.gw.Generation:
		v.failed(name, fmt.Sprintf("the newest spec (generation %d) hasn't been looked at yet", v.gw.Generation), next)
	case c.Status != metav1.ConditionTrue:
		v.failed(name, c.Reason+": "+c.Message, next)
	default:
		v.ok(name, c.Message)
	}
}

// revisions checks that the services run what is wanted of them, and all of it.
func (v *verification) revisions() {
	const name = "revisions in service"
	next := "see " + v.again("status")
	if c := meta.FindStatusCondition(v.gw.Status.Conditions, v1alpha1.ConditionRolloutHealthy); c == nil || c.Reason != v1alpha1.ReasonRolloutComplete {
		message := "the newest revision isn't in service"
		if c != nil && c.Message != "" {
			message = c.Reason + ": " + c.Message
		}
		v.failed(name, message, next)
		return
	}
	said := ""
	for _, s := range v.gw.Status.Services {
		if s.Running < s.Desired {
			v.failed(name, fmt.Sprintf("%d of %d tasks of %s run", s.Running, s.Desired, s.Name), next)
			return
		}
		if said != "" {
			said += ", "
		}
		said += fmt.Sprintf("%s %d/%d", s.TaskDefinition, s.Running, s.Desired)
	}
	v.ok(name, said)
}

func (v *verification) controlPlane() {
	const name = "control plane"
	c := meta.FindStatusCondition(v.gw.Status.Conditions, v1alpha1.ConditionControlPlaneReady)
	switch {
	case c == nil || c.Reason == v1alpha1.ReasonNotNeeded:
		v.skipped(name, "the tasks go over the internet, which status doesn't tell of", "if requests don't appear in Portkey's logs, look in the tasks' logs, and whether api.portkey.ai and albus.portkey.ai are let through")
	case c.Status != metav1.ConditionTrue:
		v.failed(name, c.Reason+": "+c.Message, "see kubectl describe pkgw "+v.gw.Name+" -n "+v.gw.Namespace)
	default:
		v.ok(name, c.Message)
	}
}
