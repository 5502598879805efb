package pairs

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// past is what a gateway of a spec may keep of what it was before. Each is on purpose, and documented with its field:
// two worlds that differ in nothing else are the same.
type past struct {
	// counts are the names of services whose number of tasks is somebody else's: replicas isn't set, or AWS scales them.
	counts map[string]bool
	// pairs says that target groups that once took turns may both be there still: after a strategy that shifts traffic
	// either of them may be the one that serves, and a service that rolls leaves traffic where it is.
	pairs bool
	// unfollowed says that new versions of secrets start no rollout: restartOnSecretChange is false.
	unfollowed bool
	// crossed says that cross-zone load balancing may be on since PrivateLink was: it stays when that goes.
	crossed bool
}

func pastOf(s v1alpha1.PortkeyGatewaySpec) past {
	p := past{counts: map[string]bool{}, pairs: true}
	if s.Gateway == nil || s.Gateway.Replicas == nil || s.Gateway.Autoscaling != nil {
		p.counts["gateway"] = true
	}
	if s.DataService == nil || s.DataService.Replicas == nil || s.DataService.Autoscaling != nil {
		p.counts["data-service"] = true
	}
	p.crossed = s.ControlPlane == nil || s.ControlPlane.Inbound == nil || s.ControlPlane.Inbound.PrivateLink == nil
	if s.Gateway == nil || s.Gateway.Rollout == nil {
		return p
	}
	if r := s.Gateway.Rollout.RestartOnSecretChange; r != nil && !*r {
		p.unfollowed = true
	}
	if s.Gateway.Rollout.Strategy != "" && s.Gateway.Rollout.Strategy != v1alpha1.RolloutRolling {
		p.pairs = false
	}
	return p
}

// alternate is the id of a target group that takes turns with the one of the same name without "-green".
var alternate = regexp.MustCompile(`TargetGroup\(target-group/([a-z]+)-green-`)

// without leaves the past out of lines of a world at rest.
func (p past) without(world []string) []string {
	var out []string
	for _, line := range world {
		if p.pairs || strings.Contains(line, `"kind":"Listener`) { // which group is ahead depends on the number of deployments
			line = alternate.ReplaceAllString(line, "TargetGroup(target-group/$1-")
		}
		r := object(line)
		node, _ := r["tags"].(map[string]any)["ecs.portkey.ai/node"].(string)
		if p.pairs && r["kind"] == "TargetGroup" && alternate.MatchString("TargetGroup("+node) {
			continue
		}
		settings, _ := r["settings"].(map[string]any)
		switch r["kind"] {
		case "Service":
			if len(node) > len("service/") && p.counts[node[len("service/"):]] {
				delete(settings, "desiredCount")
			}
			// ECS tells of alarms that were switched off, and nothing where there were none.
			deployment, _ := settings["deploymentConfiguration"].(map[string]any)
			if a, _ := deployment["alarms"].(map[string]any); a["enable"] == false {
				delete(deployment, "alarms")
			}
		case "Listener", "ListenerRule":
			for _, key := range []string{"actions", "defaultActions"} {
				settings[key] = forwarding(settings[key])
			}
		case "TaskDefinition": // of secrets that aren't followed any more, the last version is remembered that was
			if tags := r["tags"].(map[string]any); p.unfollowed {
				delete(tags, "ecs.portkey.ai/secrets")
			}
		case "ServerlessCache": // a limit can't be taken away again, only raised to AWS's own
			limits, _ := settings["usageLimits"].(map[string]any)
			for name, most := range map[string]string{"DataStorage": "map[Maximum:5000 Unit:GB]", "ECPUPerSecond": "map[Maximum:1.5e+07 Unit:]"} {
				if fmt.Sprint(limits[name]) == most {
					delete(limits, name)
				}
			}
			if len(limits) == 0 {
				delete(settings, "usageLimits")
			}
		case "Subnet": // keeps its range when the number of zones changes, so that ranges follow the order in which zones came
			delete(settings, "cidrBlock")
		case "LoadBalancer": // where logs went that are switched off
			a, _ := settings["attributes"].(map[string]any)
			if a["access_logs.s3.enabled"] == "false" {
				delete(a, "access_logs.s3.bucket")
				delete(a, "access_logs.s3.prefix")
			}
			if p.crossed {
				delete(a, "load_balancing.cross_zone.enabled")
			}
		}
		text, err := json.Marshal(r)
		if err != nil {
			panic(err)
		}
		out = append(out, string(text))
	}
	return out
}

// forwarding is the target group that actions forward to, of one or of two that take turns.
func forwarding(actions any) any {
	text, err := json.Marshal(actions)
	if err != nil {
		panic(err)
	}
	groups := map[string]bool{}
	for _, g := range regexp.MustCompile(`TargetGroup\(target-group/[a-z-]+\)`).FindAllString(string(text), -1) {
		groups[g] = true
	}
	if len(groups) != 1 {
		return actions
	}
	return groups
}
