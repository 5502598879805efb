package harness

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// given matches what AWS appends to names: revisions of task definitions, the ends of secrets' ARNs, what tells the
// addresses of caches and of load balancers apart; and identifiers that no object of ours has, such as those of rules and
// associations.
var given = regexp.MustCompile(`(-(?:gateway|redis|data-service)):[0-9]+\b|(:secret:[A-Za-z0-9/_+=.@!-]+?)-[A-Za-z0-9]{6}\b|[.-][0-9a-f]{6}(\.(?:serverless\.)?[a-z0-9]+\.cache\.)|-[0-9]{6,12}(\.[a-z0-9-]+\.elb\.)|[0-9a-f]{16,}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]+|\bA[A-Z]{3}[0-9A-Z]{17}\b`)

// AtRest prints every object of AWS with what a user has a say in: identifiers by the objects that they
// stand for, lists as sets, and nothing that follows the load. Two deployments of the same spec print the same,
// whatever came before them. What one of but reports is left out; it may also change what it is given.
func (h *Harness) AtRest(but ...func(*core.Resource) bool) []string {
	all := h.Emulator.Server.Resources(false)
	var names []string
	for _, r := range all {
		for _, id := range []string{r.ARN, r.ID} {
			if node := r.Tags[own.TagNode]; node != "" && given.MatchString(id) {
				names = append(names, id, r.Kind+"("+node+")")
			}
		}
	}
	for _, r := range all {
		if ip, _ := r.Settings["publicIp"].(string); r.Kind == "ElasticIP" && ip != "" { // in rules for the probe
			names = append(names, ip+"/32", "ElasticIP("+r.Tags[own.TagNode]+")")
		}
	}
	known := strings.NewReplacer(names...)
	var out []string
	for _, r := range all {
		if r.Kind == "SecurityGroupRule" {
			r.AWSManaged = false // the rule that every group begins with is as any other
		}
		if r.AWSManaged || r.Kind == "Instance" || r.Kind == "Volume" || r.Kind == "NetworkInterface" || r.Kind == "LogStream" {
			continue
		}
		r.Tags = maps.Clone(r.Tags)
		if slices.ContainsFunc(but, func(f func(*core.Resource) bool) bool { return f(&r) }) {
			continue
		}
		if r.Kind == "ListenerRule" && strings.Contains(r.Tags[own.TagNode], "-test-") {
			delete(r.Settings, "actions") // where ECS has left it, after one deployment or several
		}
		if r.Kind == "VPCEndpoint" {
			delete(r.Settings, "dnsEntrySet") // its names have chance in them
		}
		if r.Tags[kinds.TagSecrets] != "" {
			r.Tags[kinds.TagSecrets] = "*" // of the ids of secrets' versions, which are chance
		}
		b, _ := json.Marshal(r)
		var v any
		if err := json.Unmarshal([]byte(given.ReplaceAllString(known.Replace(string(b)), "$1$2*$3$4")), &v); err != nil {
			panic(err)
		}
		b, _ = json.Marshal(unordered(v))
		out = append(out, string(b))
	}
	return out
}

// unordered sorts lists, and drops what follows the load or the past, what AWS picks or shifts by itself, and
// what is empty. A policy is what it says, however it is spelt.
func unordered(v any) any {
	switch v := v.(type) {
	case string:
		var policy map[string]any
		if strings.HasPrefix(v, `{"Version":`) && json.Unmarshal([]byte(v), &policy) == nil {
			return unordered(policy)
		}
	case map[string]any:
		for _, k := range []string{"desiredCapacity", "instances", "runningCount", "availableIpAddressCount", "launchTemplateVersion", "defaultVersionNumber", "latestVersionNumber", "version", "creationDate",
			"privateIpAddress", "privateIp", "publicIp", "Weight", "objects"} {
			delete(v, k)
		}
		for k := range v {
			v[k] = unordered(v[k])
			if s, list := v[k].([]string); v[k] == nil || v[k] == 0.0 || list && len(s) == 0 {
				delete(v, k)
			}
		}
	case []any:
		text := make([]string, len(v))
		for i := range v {
			b, _ := json.Marshal(unordered(v[i]))
			text[i] = string(b)
		}
		slices.Sort(text)
		return text
	}
	return v
}

// Missing lists the lines of a that b lacks.
func Missing(a, b []string) []string {
	rest := slices.Clone(b)
	var out []string
	for _, line := range a {
		if i := slices.Index(rest, line); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
		} else {
			out = append(out, line)
		}
	}
	return out
}
