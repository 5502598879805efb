package kinds

import (
	"maps"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// TagKeys is the tag that names the user's tags on an object, so that one which the user no longer
// wants is told from a tag that somebody else put there. Its value is UserTagKeys.
const TagKeys = "ecs.portkey.ai/tags"

// maxTagValue is AWS's limit for a tag's value.
const maxTagValue = 256

// escape makes room for the separator within a key. Tags allow few special characters, and "%" isn't
// one of them in every service.
var escape, unescape = strings.NewReplacer("=", "=e", "/", "=s"), strings.NewReplacer("=e", "=", "=s", "/")

// UserTagKeys returns the value of TagKeys for a user's tags: their keys, sorted and joined by "/".
// Keys beyond the limit of a tag's value are left out: those tags stay when they are no longer wanted.
func UserTagKeys(tags map[string]string) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		k = escape.Replace(k)
		if b.Len()+1+len(k) > maxTagValue {
			break
		}
		if b.Len() > 0 {
			b.WriteByte('/')
		}
		b.WriteString(k)
	}
	return b.String()
}

// tagPatch says which tags to set and which to remove. Others' tags stay: only what we set ourselves
// and no longer want is removed.
func tagPatch(want, live map[string]string) (set map[string]string, remove []string) {
	set = map[string]string{}
	for k, v := range want {
		if have, ok := live[k]; !ok || have != v {
			set[k] = v
		}
	}
	for k := range strings.SplitSeq(live[TagKeys], "/") {
		k = unescape.Replace(k)
		_, wanted := want[k]
		_, there := live[k]
		if !wanted && there && !reserved(k) {
			remove = append(remove, k)
		}
	}
	for _, k := range []string{TagKeys, TagZones} { // of our own, those that not every object has
		if _, wanted := want[k]; !wanted && live[k] != "" {
			remove = append(remove, k)
		}
	}
	slices.Sort(remove)
	return set, slices.Compact(remove)
}

// reserved keys are never a user's, whatever a list edited by hand says.
func reserved(key string) bool {
	return strings.HasPrefix(key, "ecs.portkey.ai/") || strings.HasPrefix(key, "aws:")
}

// diffTags is the difference that tagPatch would put right.
func diffTags(want, live map[string]string) []graph.Change {
	set, remove := tagPatch(want, live)
	var out []graph.Change
	for _, k := range slices.Sorted(maps.Keys(set)) {
		// Which zones have records follows from what was done: nobody changed that.
		out = append(out, graph.Change{Path: "tags." + k, Have: live[k], Want: set[k], News: k == TagZones})
	}
	for _, k := range remove {
		out = append(out, graph.Change{Path: "tags." + k, Have: live[k], News: k == TagZones})
	}
	return out
}

// retagged is live after the patch was applied.
func retagged(want, live map[string]string) map[string]string {
	set, remove := tagPatch(want, live)
	out := maps.Clone(live)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, set)
	for _, k := range remove {
		delete(out, k)
	}
	return out
}

// proof says whose an object is by its tags. One whose id we recorded is ours even when somebody took
// its tags off, unless they name another owner now; one that was only found needs the whole proof.
func proof(call graph.Call, id string, tags map[string]string) graph.Proof {
	if own.Proves(tags, call.Owner) {
		return graph.Ours
	}
	if id == "" || id != call.ID {
		return graph.Foreign
	}
	for _, k := range []string{own.TagCluster, own.TagOwner} {
		if v, ok := tags[k]; ok && v != call.Owner[k] {
			return graph.Foreign
		}
	}
	return graph.Ours
}
