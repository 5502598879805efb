package lifecycle

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// serving watches that a gateway that serves goes on serving, as its clients see it in AWS. It looks
// after every event of AWS, every call that changes something and every reconciliation.
type serving struct {
	h   *harness.Harness
	key types.NamespacedName
	// balanced and cached say that clients come through the load balancer, and that gateways need Redis.
	balanced, cached bool
	// broke are the interruptions, each once.
	broke []string
}

// watch begins to look.
func watch(h *harness.Harness, key types.NamespacedName) *serving {
	s := &serving{h: h, key: key, balanced: true, cached: true}
	h.Watch = s.look
	overhear(h, func(c core.CallRecord) {
		if !c.ReadOnly() {
			s.look()
		}
	})
	return s
}

// stop ends the watch.
func (s *serving) stop() { s.h.Watch, s.h.Transport = nil, nil }

func (s *serving) look() {
	problem := s.interruption()
	if gw := s.h.Get(s.key); problem == "" && gw != nil && len(gw.Status.Conditions) > 0 && !meta.IsStatusConditionTrue(gw.Status.Conditions, v1alpha1.ConditionAvailable) {
		problem = "the condition Available isn't True:\n" + harness.Story(gw)
	}
	if problem == "" || len(s.broke) > 0 && strings.HasSuffix(s.broke[len(s.broke)-1], problem) {
		return
	}
	s.broke = append(s.broke, s.h.Clock.Now().Format("15:04:05 ")+problem)
}

// interruption says what keeps clients from being served; empty when nothing does.
func (s *serving) interruption() string {
	w := s.h.Emulator.World
	w.Lock()
	defer w.Unlock()
	all := w.Resources(false)
	tasks := runningTasks(all, "service/gateway")
	if len(tasks) == 0 {
		return "no gateway task runs"
	}
	if s.balanced && !slices.ContainsFunc(tasks, func(t core.Resource) bool { return s.balances(all, t) }) {
		return "no gateway task is healthy and in reach of the load balancer"
	}
	if s.cached && !slices.ContainsFunc(tasks, func(t core.Resource) bool { return len(t.Settings["unreachablePeers"].([]any)) == 0 }) {
		return "no gateway task reaches Redis"
	}
	return ""
}

// balances reports whether the production listener leads to a task: its target is healthy, and the
// security groups let every address of the load balancer through.
func (s *serving) balances(all []core.Resource, task core.Resource) bool {
	scope := core.Scope{Account: emulator.Account, Region: task.Region}
	listener, found := nodeOf(all, "listener/production-network-internal")
	if !found {
		if listener, found = nodeOf(all, "listener/production-network-internet-facing"); !found {
			return false
		}
	}
	lb, found := s.h.Emulator.ELB.LoadBalancer(scope, listener.Settings["loadBalancer"].(string))
	if !found || lb.State != "active" {
		return false
	}
	ip, port := taskAddress(all, task), containerPort(all, task)
	for group, weight := range s.h.Emulator.ELB.RuleForwards(scope, listener.ARN) {
		if state, _ := s.h.Emulator.ELB.TargetState(scope, group, ip, port); weight == 0 || state != "healthy" {
			continue
		}
		if !slices.ContainsFunc(lb.InterfaceIDs, func(eni string) bool { return !s.h.Emulator.EC2.ReachableAddress(scope, eni, ip, port) }) {
			return true
		}
	}
	return false
}

// nodeOf finds the object of a node.
func nodeOf(all []core.Resource, node string) (core.Resource, bool) {
	i := slices.IndexFunc(all, func(r core.Resource) bool { return !r.AWSManaged && r.Tags["ecs.portkey.ai/node"] == node })
	if i < 0 {
		return core.Resource{}, false
	}
	return all[i], true
}

// runningTasks are the running tasks of a service.
func runningTasks(all []core.Resource, node string) []core.Resource {
	service, found := nodeOf(all, node)
	if !found {
		return nil
	}
	var out []core.Resource
	for _, r := range all {
		if r.Kind == "Task" && r.Name == service.Name && r.State == "RUNNING" {
			out = append(out, r)
		}
	}
	return out
}

// taskAddress is the private address of a task.
func taskAddress(all []core.Resource, task core.Resource) string {
	i := slices.IndexFunc(all, func(r core.Resource) bool {
		return r.Kind == "NetworkInterface" && r.ID == task.Settings["networkInterface"]
	})
	if i < 0 {
		return ""
	}
	return fmt.Sprint(all[i].Settings["privateIpAddress"])
}

// containerPort is the port on which a task listens.
func containerPort(all []core.Resource, task core.Resource) int {
	i := slices.IndexFunc(all, func(r core.Resource) bool {
		return r.Kind == "TaskDefinition" && r.ARN == task.Settings["taskDefinition"]
	})
	if i < 0 {
		return 0
	}
	containers := all[i].Settings["containerDefinitions"].([]any)
	mapping := containers[0].(map[string]any)["portMappings"].([]any)[0].(map[string]any)
	port, _ := strconv.Atoi(fmt.Sprint(mapping["containerPort"]))
	return port
}
