package lifecycle

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// picture prints what exists in AWS with all its settings and tags, a line for each field, with
// identifiers replaced by what they stand for: two pictures are equal when AWS is the same but for
// ids. What somebody made by hand isn't in it, nor how many instances there are: that is for ECS to
// say, which keeps one for as long as it has a task.
func picture(h *harness.Harness) []string {
	all := slices.DeleteFunc(h.Emulator.Server.Resources(false), func(r core.Resource) bool {
		return r.Kind == "LogStream" || strings.HasPrefix(r.Name, byHand)
	})
	labels, same, defaults := map[string]string{}, map[string]int{}, map[string]string{}
	for _, r := range all {
		if r.Kind == "LaunchTemplate" {
			defaults[r.ID] = fmt.Sprint(r.Settings["defaultVersionNumber"])
		}
		same[label(r)]++
		for _, id := range []string{r.ARN, r.ID} {
			// A capacity provider may come back under another name.
			if (identifier.MatchString(id) || r.Kind == "CapacityProvider") && !transient(r) {
				labels[id] = label(r)
			}
		}
	}
	var out []string
	running := map[string]int{}
	for _, r := range all {
		if transient(r) {
			if r.Kind == "Task" {
				running[r.State]++
			}
			continue
		}
		r.Settings = maps.Clone(r.Settings)
		delete(r.Settings, "desiredCapacity")
		if r.Kind == "VPCEndpoint" {
			delete(r.Settings, "networkInterfaceIdSet") // they come and go with its subnets
			delete(r.Settings, "dnsEntrySet")           // its names have chance in them
		}
		fields := map[string]any{"tags": r.Tags, "state": r.State, "settings": r.Settings}
		if actions, ok := r.Settings["actions"]; ok && r.Kind == "ListenerRule" {
			r.Settings["actions"] = pairs(actions, labels)
		}
		if template, ok := r.Settings["launchTemplate"].(string); ok && defaults[template] == r.Settings["launchTemplateVersion"] {
			r.Settings["launchTemplateVersion"] = "the default"
		}
		b, err := json.Marshal(fields)
		if err != nil {
			panic(err)
		}
		var v any
		if err := json.Unmarshal([]byte(anonymous(string(b), labels)), &v); err != nil {
			panic(err)
		}
		lines := flat("", v)
		if same[label(r)] > 1 { // their fields mustn't mix
			lines = []string{" " + strings.Join(lines, ", ")}
		}
		for _, l := range lines {
			out = append(out, label(r)+l)
		}
	}
	for what, n := range running {
		out = append(out, fmt.Sprintf("%d tasks %s", n, what))
	}
	slices.Sort(out)
	return out
}

// pairs prints the actions of a rule with a pair of target groups as one: which of them serves is ECS's to say.
func pairs(actions any, labels map[string]string) any {
	b, err := json.Marshal(actions)
	if err != nil {
		panic(err)
	}
	var parts []struct {
		Type, TargetGroupArn string
		ForwardConfig        struct {
			TargetGroups []struct{ TargetGroupArn string }
		}
	}
	if json.Unmarshal(b, &parts) != nil || len(parts) != 1 || parts[0].Type != "forward" {
		return actions
	}
	to := map[string]bool{}
	for _, g := range append(parts[0].ForwardConfig.TargetGroups, struct{ TargetGroupArn string }{parts[0].TargetGroupArn}) {
		if g.TargetGroupArn != "" {
			to[strings.ReplaceAll(cmp.Or(labels[g.TargetGroupArn], g.TargetGroupArn), "-green", "")] = true
		}
	}
	return "forward to " + strings.Join(slices.Sorted(maps.Keys(to)), ", ")
}

// byHand begins the names of what is made at the console.
const byHand = "by-hand"

// label says what an object is, without its id.
func label(r core.Resource) string {
	name := r.Name
	if identifier.MatchString(name) || r.Kind == "CapacityProvider" {
		name = ""
	}
	return revision.ReplaceAllString(fmt.Sprintf("%s %s(%s)", r.Kind, name, r.Tags[own.TagNode]), "$1:*")
}

// flat lists the leaves of a JSON value with their paths. The order of lists doesn't count.
func flat(path string, v any) []string {
	var out []string
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out = append(out, flat(path+"."+k, v[k])...)
		}
	case []any:
		for _, x := range v {
			out = append(out, path+"[] "+strings.Join(flat("", x), ", "))
		}
		slices.Sort(out)
	default:
		out = append(out, fmt.Sprintf("%s = %v", path, v))
	}
	return out
}

var (
	// identifier matches what AWS makes up: ids, the parts of ARNs that do, revisions and versions.
	identifier = regexp.MustCompile(`[0-9a-f]{16,}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]+|\bA[A-Z]{3}[0-9A-Z]{17}\b`)
	revision   = regexp.MustCompile(`(-(?:gateway|redis)):[0-9]+`)
	version    = regexp.MustCompile(`("(?:default|latest)VersionNumber":)[0-9]+`)
	address    = regexp.MustCompile(`\b[0-9]+(?:[.-][0-9]+){3}\b("|[.])`)
	free       = regexp.MustCompile(`"availableIpAddressCount":[0-9]+`)
)

// anonymous replaces identifiers in text: by their labels where they have one.
func anonymous(text string, labels map[string]string) string {
	text = eachToken(text, func(s string) string {
		if l, ok := labels[s]; ok {
			return l
		}
		if len(s) < shortest {
			return s
		}
		return identifier.ReplaceAllString(s, "*")
	})
	text = revision.ReplaceAllString(text, `$1:*`)
	text = version.ReplaceAllString(text, `$1"*"`)
	text = address.ReplaceAllString(text, `*$1`)
	return free.ReplaceAllString(text, `"availableIpAddressCount":"*"`)
}

// shortest is the length of the shortest identifier.
const shortest = 15

// eachToken replaces what words, ids, names and ARNs there are in a text.
func eachToken(text string, f func(string) string) string {
	var out strings.Builder
	for len(text) > 0 {
		n := strings.IndexFunc(text, func(r rune) bool { return !ofToken(r) })
		if n < 0 {
			n = len(text)
		}
		if n > 0 {
			out.WriteString(f(text[:n]))
			text = text[n:]
		}
		n = strings.IndexFunc(text, ofToken)
		if n < 0 {
			n = len(text)
		}
		out.WriteString(text[:n])
		text = text[n:]
	}
	return out.String()
}

func ofToken(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_:/.-", r)
}

// changed lists what is in only one of two pictures.
func changed(before, after []string) string {
	var out []string
	for _, d := range []struct {
		sign string
		a, b []string
	}{{"- ", before, after}, {"+ ", after, before}} {
		rest := slices.Clone(d.b)
		for _, line := range d.a {
			if i := slices.Index(rest, line); i >= 0 {
				rest = slices.Delete(rest, i, i+1)
			} else {
				out = append(out, d.sign+line)
			}
		}
	}
	return strings.Join(out, "\n")
}
