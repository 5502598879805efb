package ecs

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Scalable is what Application Auto Scaling knows of a service.
type Scalable struct {
	Desired, Running int
	// Deploying says that a deployment is in progress.
	Deploying bool
	// TwoTargetGroups says that deployments switch between target groups: the service's strategy isn't
	// rolling.
	TwoTargetGroups bool
}

// Scalable returns an ACTIVE service.
func (s *Service) Scalable(scope core.Scope, cluster, name string) (Scalable, bool) {
	v := s.activeService(scope, cluster, name)
	if v == nil {
		return Scalable{}, false
	}
	_, running := v.counts(nil)
	out := Scalable{Desired: v.desired, Running: int(running), TwoTargetGroups: v.config.Strategy != types.DeploymentStrategyRolling}
	for _, d := range v.deployments {
		out.Deploying = out.Deploying || d.rollout == types.DeploymentRolloutStateInProgress
	}
	return out, true
}

// SetDesired sets a service's desired count.
func (s *Service) SetDesired(scope core.Scope, cluster, name string, n int) {
	if v := s.activeService(scope, cluster, name); v != nil {
		v.desired = n
		s.poke(v)
	}
}

// OnServiceInactive registers who is told of services that are deleted and drained.
func (s *Service) OnServiceInactive(f func(scope core.Scope, cluster, service string)) {
	s.onInactive = append(s.onInactive, f)
}

func (s *Service) activeService(scope core.Scope, cluster, name string) *service {
	c := s.region(scope).clusters[cluster]
	if c == nil || c.services[name] == nil || c.services[name].status != statusActive {
		return nil
	}
	return c.services[name]
}

// Deployed is a deployment of a service as it stands.
type Deployed struct {
	ARN string
	// Status is the service deployment's, Stage its stage, and Strategy the one that it began with.
	Status, Stage, Strategy string
	// Images are those of the revision that is deployed.
	Images []string
}

// Deployments are all deployments of an ACTIVE service, the oldest first.
func (s *Service) Deployments(scope core.Scope, cluster, name string) []Deployed {
	v := s.activeService(scope, cluster, name)
	if v == nil {
		return nil
	}
	var out []Deployed
	for _, r := range v.history {
		d := Deployed{ARN: r.arn, Status: string(r.status), Stage: string(r.stage), Strategy: string(r.config.Strategy)}
		for i := range r.target.spec.def.view.ContainerDefinitions {
			d.Images = append(d.Images, aws.ToString(r.target.spec.def.view.ContainerDefinitions[i].Image))
		}
		out = append(out, d)
	}
	return out
}
