package kinds

import (
	"slices"
	"strconv"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// Severity says how bad an interruption is.
type Severity int

// The severities, the worst last.
const (
	// Nothing is interrupted.
	Nothing Severity = iota
	// Tasks are replaced, with others in service meanwhile.
	Tasks
	// Traffic of clients, or of tasks to the outside, is interrupted.
	Traffic
	// Data is lost.
	Data
)

// Interruption is what a change interrupts, in words that people decide by.
type Interruption struct {
	Severity Severity
	Text     string
}

// interruption is a row of the table below.
type interruption struct {
	kind string
	// when says which changes the row is about.
	when func(removed bool, changes []graph.Change) bool
	Interruption
}

// interruptions is the table of what changes interrupt: of the rows of a kind, the first that fits counts. What isn't
// here interrupts nothing.
var interruptions = []interruption{
	{ReplicationGroup{}.Name(), goes, Interruption{Data, "the cache's contents are lost"}},
	{ReplicationGroup{}.Name(), at("shards"), Interruption{Tasks, "the cache moves its keys between shards, and is slower meanwhile"}},
	{ReplicationGroup{}.Name(), at("engineVersion", "nodeType", "transitEncryption"), Interruption{Traffic, "connections to the cache are cut when it fails over to changed nodes"}},
	{ServerlessCache{}.Name(), goes, Interruption{Data, "the cache's contents are lost"}},
	{ServerlessCache{}.Name(), at("engineVersion"), Interruption{Traffic, "connections to the cache are cut when its engine is upgraded"}},
	{LogGroup{}.Name(), goes, Interruption{Data, "its logs are lost"}},
	{LogGroup{}.Name(), shortens("retentionDays"), Interruption{Data, "older logs are lost"}},
	{LoadBalancer{}.Name(), goes, Interruption{Traffic, "clients that use the load balancer's DNS name are cut off"}},
	{LoadBalancer{}.Name(), at("subnets"), Interruption{Traffic, "connections through a zone that is taken away are cut"}},
	{Listener{}.Name(), goes, Interruption{Traffic, "clients that use its port are cut off"}},
	{Listener{}.Name(), at("port", "protocol"), Interruption{Traffic, "clients that use the old port or protocol are cut off"}},
	{ListenerRule{}.Name(), goes, Interruption{Traffic, "requests that it matches are answered by another rule, or not found"}},
	{ListenerRule{}.Name(), at("hosts", "paths"), Interruption{Traffic, "requests that it no longer matches are answered by another rule, or not found"}},
	{TargetGroup{}.Name(), replaced, Interruption{Traffic, "it has no targets until the tasks are registered anew"}},
	{Service{}.Name(), goes, Interruption{Traffic, "its tasks are stopped"}},
	{Service{}.Name(), func(_ bool, changes []graph.Change) bool {
		return Redeploys(changes) || touches(changes, "enableExec", "targets.home", "connect.peers", PathRetry)
	}, Interruption{Tasks, "its tasks are replaced by a deployment: connections that outlast the stop timeout are cut"}},
	{Service{}.Name(), shortens("desiredCount"), Interruption{Tasks, "tasks beyond the new number are stopped: connections that outlast the stop timeout are cut"}},
	{ServicePeers{}.Name(), at("connect.peers"), Interruption{Tasks, "its tasks are replaced by a deployment: connections that outlast the stop timeout are cut"}},
	{NATGateway{}.Name(), goes, Interruption{Traffic, "the tasks' outgoing connections through it are cut"}},
	{ElasticIP{}.Name(), goes, Interruption{Traffic, "a public address that others may allow is given back"}},
	{RouteTable{}.Name(), at("routes"), Interruption{Traffic, "connections that take the old route are cut"}},
	{SecurityGroupRules{}.Name(), revokes, Interruption{Traffic, "traffic that only the revoked rules allow is no longer let through"}},
	{AutoScalingGroup{}.Name(), goes, Interruption{Tasks, "its instances are terminated, and the tasks on them move"}},
	{AutoScalingGroup{}.Name(), at("refresh"), Interruption{Tasks, "its instances are replaced, and the tasks on them move"}},
	{GroupCapacity{}.Name(), shortens("maxSize"), Interruption{Tasks, "instances beyond the new maximum are terminated, and the tasks on them move"}},
	{VPC{}.Name(), goes, Interruption{Traffic, "nothing in it can be reached any more"}},
	{Subnet{}.Name(), goes, Interruption{Traffic, "nothing in it can be reached any more"}},
	{InternetGateway{}.Name(), goes, Interruption{Traffic, "the network loses its way to the internet"}},
	{HTTPNamespace{}.Name(), goes, Interruption{Traffic, "services no longer find each other by name"}},
	{Role{}.Name(), goes, Interruption{Traffic, "what only it allowed is denied"}},
	{Role{}.Name(), detaches, Interruption{Traffic, "what only the removed policies allowed is denied"}},
	{ScalableTarget{}.Name(), goes, Interruption{Tasks, "the service is no longer scaled by load"}},
	{WebACLAssociation{}.Name(), goes, Interruption{Traffic, "requests are no longer filtered by the web ACL"}},
}

// Interrupts is what a change of an object of that kind interrupts. removed says that the object goes; with changes,
// that another takes its place.
func Interrupts(kind string, removed bool, changes []graph.Change) Interruption {
	for _, row := range interruptions {
		if row.kind == kind && row.when(removed, changes) {
			return row.Interruption
		}
	}
	return Interruption{}
}

func goes(removed bool, _ []graph.Change) bool { return removed }

func replaced(removed bool, changes []graph.Change) bool { return removed && len(changes) > 0 }

// at fits changes at one of the paths.
func at(paths ...string) func(bool, []graph.Change) bool {
	return func(_ bool, changes []graph.Change) bool {
		return slices.ContainsFunc(changes, func(c graph.Change) bool {
			return touches([]graph.Change{c}, paths...) || slices.ContainsFunc(paths, func(p string) bool { return indexed(c.Path, p) })
		})
	}
}

// indexed reports whether a path is an element of a list: routes[0.0.0.0/0] of routes.
func indexed(path, list string) bool { return len(path) > len(list) && path[:len(list)+1] == list+"[" }

// shortens fits a number that becomes smaller; none at all is endless.
func shortens(path string) func(bool, []graph.Change) bool {
	return func(_ bool, changes []graph.Change) bool {
		return slices.ContainsFunc(changes, func(c graph.Change) bool {
			have, err1 := strconv.Atoi(c.Have)
			want, err2 := strconv.Atoi(c.Want)
			return c.Path == path && err1 == nil && err2 == nil && (want < have && want > 0 || have == 0 && path == "retentionDays")
		})
	}
}

func revokes(_ bool, changes []graph.Change) bool {
	return slices.ContainsFunc(changes, func(c graph.Change) bool { return c.Want == "absent" })
}

func detaches(_ bool, changes []graph.Change) bool {
	return slices.ContainsFunc(changes, func(c graph.Change) bool {
		return c.Want == "" && c.Have != "" && touches([]graph.Change{c}, "managedPolicies", "inline")
	})
}
