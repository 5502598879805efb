package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep/life"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// told proves that status names the node that a call fails for, the action and AWS's reason, and that all is done that
// doesn't hang on it. It knows what each node needs, also when all is to be deleted.
func told(l *life.Life, p life.PhaseReference, s site, needs map[string][]string, calls []core.CallRecord) error {
	gw := l.Get(l.Key)
	action, cause := s.iam(), ""
	for _, c := range calls {
		switch {
		case c.Service+":"+c.Action != s.Name:
		case c.Fault == core.FaultTimeout || c.Fault == core.FaultLost:
			cause = "EOF" // what the client sees of it
		case strings.HasPrefix(c.Action, "Head"):
			cause = "" // an answer to HEAD has no body: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
		default:
			cause = c.Message
		}
	}
	ready := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case !strings.Contains(ready.Message, action):
		return fmt.Errorf("the condition Ready doesn't name %s:\n%s", action, harness.Story(gw))
	case !strings.Contains(ready.Message, beginning(cause)):
		return fmt.Errorf("the condition Ready doesn't say %q:\n%s", cause, harness.Story(gw))
	}
	nodes := failing(gw, needs, s)
	switch {
	case len(nodes) == 0 && p.Deletes() && strings.Contains(ready.Message, "list/"): // the lists that prove that nothing is left
		return nil
	case len(nodes) == 0 && !slices.Contains(beforeAll, s.Name):
		return fmt.Errorf("status names no node that %s fails for:\n%s", action, harness.Story(gw))
	case len(nodes) > 0 && !slices.ContainsFunc(nodes, func(n string) bool { return strings.Contains(ready.Message, n) }):
		return fmt.Errorf("the condition Ready names none of %v, which fail:\n%s", nodes, harness.Story(gw))
	case len(nodes) == 0:
		return nil
	}
	return branches(gw, needs, nodes, p.Deletes())
}

// beforeAll are the calls that come before all nodes: who we are, what the spec names, what there is of ours.
var beforeAll = []string{
	"sts:GetCallerIdentity", "ec2:DescribeAvailabilityZones", "acm:DescribeCertificate", "secretsmanager:DescribeSecret", "s3:HeadBucket",
}

// beginning is as much of a message as has room in any condition; a broken connection has none.
func beginning(message string) string { return message[:min(len(message), 60)] }

// failing are the nodes that a site fails for, as status tells.
func failing(gw *v1alpha1.PortkeyGateway, needs map[string][]string, s site) []string {
	var out []string
	for _, r := range gw.Status.Resources {
		if strings.Contains(r.Why, s.iam()) {
			out = append(out, r.Node)
		}
	}
	for _, c := range gw.Status.Conditions {
		for node := range needs {
			if strings.Contains(c.Message, node+": "+s.iam()) && !slices.Contains(out, node) {
				out = append(out, node)
			}
		}
	}
	return out
}

// branches proves that whatever isn't Ready hangs on a node that fails, or on one of the same kind; and of what goes,
// that whatever is left is used by such a one.
func branches(gw *v1alpha1.PortkeyGateway, needs map[string][]string, nodes []string, goes bool) error {
	ready, failing := map[string]bool{}, map[string]bool{}
	for _, r := range gw.Status.Resources {
		ready[r.Node] = r.Phase == v1alpha1.ResourceReady
	}
	for _, n := range nodes {
		failing[kind(n)] = true
	}
	var left []string
	if goes {
		for node := range ready {
			if !failing[kind(node)] && !used(node, needs, failing) {
				left = append(left, node)
			}
		}
	} else {
		for node := range needs {
			if !ready[node] && !hangs(node, needs, failing) {
				left = append(left, node)
			}
		}
	}
	if len(left) > 0 {
		slices.Sort(left)
		return errors.New("not done, though nothing fails that they wait for: " + strings.Join(left, ", ") + "\n" + harness.Story(gw))
	}
	return nil
}

// used reports whether a node that fails needs another, or one that needs one that does.
func used(node string, needs map[string][]string, failing map[string]bool) bool {
	for user, of := range needs {
		if slices.Contains(of, node) && (failing[kind(user)] || used(user, needs, failing)) {
			return true
		}
	}
	return false
}

// hangs reports whether a node fails, or needs one that does, or one that needs one that does.
func hangs(node string, needs map[string][]string, failing map[string]bool) bool {
	return failing[kind(node)] || slices.ContainsFunc(needs[node], func(n string) bool { return hangs(n, needs, failing) })
}

// kind is the kind of a node.
func kind(node string) string {
	k, _, _ := strings.Cut(node, "/")
	return k
}

func tally(calls []core.CallRecord) string {
	n := map[string]int{}
	for _, c := range calls {
		n[c.Service+":"+c.Action+" "+c.Error]++
	}
	var out []string
	for a, k := range n {
		out = append(out, fmt.Sprintf("    %4d %s", k, a))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}
