package desired

import (
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// Interrupts is what the change of an object interrupts: what its kind knows of it, and what its place in the
// deployment makes of it. removed says that the object goes; with changes, that another takes its place.
func Interrupts(node graph.NodeID, kind string, removed bool, changes []graph.Change) kinds.Interruption {
	if node == "service/"+redisService && (removed || kinds.Redeploys(changes)) {
		return kinds.Interruption{Severity: kinds.Data, Text: "the cache will be emptied: the built-in Redis keeps its data in its one task"}
	}
	return kinds.Interrupts(kind, removed, changes)
}
