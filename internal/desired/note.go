package desired

import (
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// Note is what comes of changing an object besides the change itself, where that would surprise people; empty
// where nothing does. changes answers what differs in an object; one that goes has no changes.
func Note(node graph.NodeID, changes func(graph.NodeID) []graph.Change) string {
	if node != "service/"+redisService {
		return ""
	}
	service, definition := changes(node), changes("task-definition/"+redisService)
	gone := len(service) == 0
	if len(definition) > 0 && !kinds.Redeploys(definition) {
		// A plan takes every change of the task definition for a new revision.
		service = slices.DeleteFunc(slices.Clone(service), func(c graph.Change) bool { return c.Path == "taskDefinition" })
	}
	if !gone && !kinds.Redeploys(service) {
		return ""
	}
	return "the cache will be emptied: the built-in Redis keeps its data in its one task"
}
