package elasticache

import (
	"maps"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// page is how most lists are asked for: MaxRecords is between 20 and 100, and 100 when not given.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeReplicationGroups.html
type page struct {
	Marker     string
	MaxRecords *int
}

const (
	minRecords = 20
	maxRecords = 100
)

func paginate[T any](q *core.Request, p page, items []T, key func(T) string) ([]T, string, error) {
	size := maxRecords
	if p.MaxRecords != nil {
		if size = *p.MaxRecords; size < minRecords || size > maxRecords {
			return nil, "", invalidValue("Invalid value %d for MaxRecords. Must be between %d and %d", size, minRecords, maxRecords)
		}
	}
	out, next, ok := core.Page(q.World, items, key, p.Marker, size, maxRecords)
	if !ok {
		return nil, "", invalidValue("The value %s for Marker is not valid.", p.Marker)
	}
	return out, next, nil
}

// listed are the objects of a table that reads show, by name.
func listed[T interface{ base() *object }](q *core.Request, table map[string]T) []T {
	out := []T{}
	for _, id := range slices.Sorted(maps.Keys(table)) {
		if o := table[id].base(); o.builtIn || q.World.Visible(o.created) {
			out = append(out, table[id])
		}
	}
	return out
}

// seen finds an object that reads show.
func seen[T interface{ base() *object }](q *core.Request, table map[string]T, id string) (T, bool) {
	v, ok := table[id]
	if ok && !v.base().builtIn && !q.World.Visible(v.base().created) {
		var none T
		return none, false
	}
	return v, ok
}

func idOf[T interface{ base() *object }](v T) string { return v.base().id }
