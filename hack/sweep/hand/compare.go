package hand

import (
	"fmt"
	"slices"
	"strings"
)

// compare prints the lines that are there and those that should be, of pairs only where they part.
func compare(is, should []string) string {
	var out []string
	for _, a := range is {
		i := slices.IndexFunc(should, func(b string) bool { return object(a) == object(b) })
		if i < 0 {
			out = append(out, "there is "+a)
			continue
		}
		b := should[i]
		should = slices.Delete(slices.Clone(should), i, i+1)
		from := 0
		for from < min(len(a), len(b)) && a[from] == b[from] {
			from++
		}
		from = max(0, from-60)
		out = append(out, fmt.Sprintf("%s: …%s… instead of …%s…", object(a), a[from:min(len(a), from+200)], b[from:min(len(b), from+200)]))
	}
	for _, b := range should {
		out = append(out, "there is no "+b)
	}
	return strings.Join(out, "\n    ")
}

// object is what a line is of.
func object(line string) string {
	_, kind, _ := strings.Cut(line, `"kind":`)
	kind, _, _ = strings.Cut(kind, `,"region"`)
	_, node, _ := strings.Cut(line, `"ecs.portkey.ai/node":`)
	node, _, _ = strings.Cut(node, ",")
	return kind + " " + node
}
