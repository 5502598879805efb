package pairs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// differences tells how two worlds at rest differ: objects that only one has, and the settings of those that both
// have. What a gateway keeps of its past on purpose is left out; see past.
func differences(alone, moved []string, p past) []string {
	alone, moved = p.without(alone), p.without(moved)
	var out []string
	lacks, more := harness.Missing(alone, moved), harness.Missing(moved, alone)
	for _, line := range lacks {
		have := object(line)
		i := closest(have, more)
		if i < 0 {
			out = append(out, "alone there would be "+line)
			continue
		}
		out = append(out, fmt.Sprintf("%v %v:", have["kind"], have["name"]))
		settings(have, object(more[i]), "", func(path string, alone, moved any) {
			out = append(out, fmt.Sprintf("  %s would be %v and is %v", path, alone, moved))
		})
		more = slices.Delete(more, i, i+1)
	}
	for _, line := range more {
		switch object(line)["kind"] {
		case "Bucket": // stays with what is in it
		default:
			out = append(out, "alone there wouldn't be "+line)
		}
	}
	return out
}

func object(line string) map[string]any {
	var out map[string]any
	if err := json.Unmarshal([]byte(line), &out); err != nil {
		panic(err)
	}
	return out
}

func same(a, b map[string]any) bool {
	return a["kind"] == b["kind"] && a["name"] == b["name"] && fmt.Sprint(a["tags"].(map[string]any)["ecs.portkey.ai/node"]) == fmt.Sprint(b["tags"].(map[string]any)["ecs.portkey.ai/node"])
}

// closest is the index of the same object in another world, of revisions the one that differs least; -1 where there
// is none.
func closest(have map[string]any, among []string) int {
	best, least := -1, 0
	for i, line := range among {
		if other := object(line); same(have, other) {
			n := 0
			settings(have, other, "", func(string, any, any) { n++ })
			if best < 0 || n < least {
				best, least = i, n
			}
		}
	}
	return best
}

// settings visits what differs between two values.
func settings(a, b any, path string, see func(path string, a, b any)) {
	x, is := a.(map[string]any)
	y, too := b.(map[string]any)
	if !is || !too {
		if fmt.Sprint(a) != fmt.Sprint(b) {
			see(path, a, b)
		}
		return
	}
	names := maps.Clone(x)
	maps.Copy(names, y)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		settings(x[name], y[name], strings.TrimPrefix(path+"."+name, "."), see)
	}
}

// superseded reports revisions of task definitions that no service has: they are kept to go back to, and a gateway that
// came a longer way has others.
func superseded(h *harness.Harness) func(*core.Resource) bool {
	serving := map[any]bool{}
	for _, r := range h.Emulator.Server.Resources(false) {
		if r.Kind == "Service" {
			serving[r.Settings["taskDefinition"]] = true
		}
	}
	return func(r *core.Resource) bool { return r.Kind == "TaskDefinition" && !serving[r.ARN] }
}
