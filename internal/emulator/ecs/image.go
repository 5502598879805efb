package ecs

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Tags that say how containers fare: an image whose tag is one of these, or ends in it.
const (
	// ImageNeverHealthy runs, but passes no check: neither the container's own nor a load balancer's.
	ImageNeverHealthy = "broken-never-healthy"
	// ImageCrash30s runs for 30 seconds, then the container exits with code 1.
	ImageCrash30s = "broken-crash-30s"
	// ImageUnhealthyTarget runs and passes the container's own check, but no load balancer's.
	ImageUnhealthyTarget = "broken-unhealthy-target"
	// ImageNoPull can't be pulled (CannotPullContainerError).
	ImageNoPull = "broken-no-pull"
)

// Behaviour is how the containers of an image fare.
type Behaviour string

// The behaviours.
const (
	BehaviourHealthy         Behaviour = "healthy"
	BehaviourUnhealthy       Behaviour = "unhealthy"
	BehaviourUnhealthyTarget Behaviour = "unhealthyTarget"
	BehaviourExit            Behaviour = "exit"
	BehaviourNoPull          Behaviour = "noPull"
)

var behaviours = []Behaviour{BehaviourHealthy, BehaviourUnhealthy, BehaviourUnhealthyTarget, BehaviourExit, BehaviourNoPull}

// ImageRule is what becomes of the containers of an image. Until After has passed since their start they
// are healthy.
type ImageRule struct {
	Behaviour Behaviour
	After     time.Duration
}

// builtIn are the rules of the tags that every emulator knows.
var builtIn = map[string]ImageRule{
	ImageNeverHealthy:    {Behaviour: BehaviourUnhealthy},
	ImageCrash30s:        {Behaviour: BehaviourExit, After: 30 * time.Second},
	ImageUnhealthyTarget: {Behaviour: BehaviourUnhealthyTarget},
	ImageNoPull:          {Behaviour: BehaviourNoPull},
}

// DeclareImage says how the containers of an image (repository:tag), or of all images whose tag is the
// given one or ends in it, fare in tasks that are started from now on.
func (s *Service) DeclareImage(imageOrTag string, r ImageRule) error {
	switch {
	case imageOrTag == "":
		return fmt.Errorf("either image or tag is required")
	case !slices.Contains(behaviours, r.Behaviour):
		return fmt.Errorf("behaviour is one of %v, got %q", behaviours, r.Behaviour)
	case r.After < 0:
		return fmt.Errorf("afterSeconds is 0 or more, got %v", r.After.Seconds())
	case r.After > 0 && (r.Behaviour == BehaviourHealthy || r.Behaviour == BehaviourNoPull):
		return fmt.Errorf("afterSeconds goes with unhealthy, unhealthyTarget and exit, not with %s", r.Behaviour)
	}
	s.images[imageOrTag] = r
	return nil
}

// imageRule is how an image's containers fare: by what is declared for just this image, else by the longest
// tag that is known.
func (s *Service) imageRule(image string) ImageRule {
	image, _, _ = strings.Cut(image, "@")
	if r, ok := s.images[image]; ok {
		return r
	}
	tag := imageTag(image)
	for _, rules := range []map[string]ImageRule{s.images, builtIn} {
		longest := slices.SortedFunc(maps.Keys(rules), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
		for _, known := range longest {
			if tag != "" && strings.HasSuffix(tag, known) {
				return rules[known]
			}
		}
	}
	return ImageRule{Behaviour: BehaviourHealthy}
}

// imageTag is the tag of repository:tag; the port of a registry isn't one.
func imageTag(image string) string {
	name := image[strings.LastIndex(image, "/")+1:]
	_, tag, _ := strings.Cut(name, ":")
	return tag
}

// fares reports whether one of a task's containers fares like that, and after how long.
func (t *task) fares(b Behaviour) (time.Duration, bool) {
	for _, c := range t.containers {
		if c.rule.Behaviour == b {
			return c.rule.After, true
		}
	}
	return 0, false
}
