package ecs

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

const (
	attachmentsInProgress = "UPDATE_IN_PROGRESS"
	attachmentsComplete   = "UPDATE_COMPLETE"
)

// putClusterCapacityProviders replaces the cluster's capacity providers and default strategy. Both
// lists are required, and no second call is taken while one is at work.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html
func (s *Service) putClusterCapacityProviders(r *core.Request, in *api.PutClusterCapacityProvidersInput) (*api.PutClusterCapacityProvidersOutput, error) {
	if in.CapacityProviders == nil || in.DefaultCapacityProviderStrategy == nil {
		return nil, invalid("capacityProviders and defaultCapacityProviderStrategy are required.")
	}
	reg := s.region(r.Scope)
	c := reg.anyCluster(in.Cluster)
	if c == nil {
		return nil, core.Errorf("ClusterNotFoundException", "Cluster not found.")
	}
	if c.status != statusActive {
		return nil, clientError("Cluster was not ACTIVE")
	}
	if c.attachmentsStatus == attachmentsInProgress {
		return nil, core.Errorf("UpdateInProgressException", "The specified cluster is in a busy state. Cluster attachments must be in UPDATE_COMPLETE or UPDATE_FAILED state before they can be updated.")
	}
	if err := s.checkStrategy(reg, in.CapacityProviders, in.DefaultCapacityProviderStrategy); err != nil {
		return nil, err
	}
	for _, name := range c.providers {
		if !has(in.CapacityProviders, name) && c.uses(name) {
			return nil, core.Errorf("ResourceInUseException", "The specified capacity provider is in use and cannot be removed.")
		}
	}
	s.attach(c, in.CapacityProviders, in.DefaultCapacityProviderStrategy)
	return &api.PutClusterCapacityProvidersOutput{Cluster: s.clusterView(c, allClusterFields)}, nil
}

// attach is at work for a while when a provider with an Auto Scaling group comes or goes.
func (s *Service) attach(c *cluster, providers []string, strategy []types.CapacityProviderStrategyItem) {
	busy := false
	for _, name := range append(slices.Clone(providers), c.providers...) {
		if !isFargate(name) && has(providers, name) != has(c.providers, name) {
			busy = true
		}
	}
	for _, name := range providers {
		if !isFargate(name) && !has(c.providers, name) {
			c.attachments[name] = s.world.UUID()
			s.adopt(c.reg.providers[name])
		}
	}
	c.providers, c.strategy = slices.Clone(providers), slices.Clone(strategy)
	c.attachmentsStatus = attachmentsComplete
	if busy {
		c.attachmentsStatus = attachmentsInProgress
		s.world.Clock.After(attachDelay, func() {
			if c.status != statusInactive {
				c.attachmentsStatus = attachmentsComplete
			}
			s.pokeCluster(c)
		})
	}
	s.pokeCluster(c)
}

// uses reports whether a service's strategy names the provider, or a task still runs on it.
func (c *cluster) uses(provider string) bool {
	for _, v := range c.services {
		if v.status == statusInactive {
			continue
		}
		for _, d := range v.deployments {
			if slices.ContainsFunc(d.spec.strategy, func(i types.CapacityProviderStrategyItem) bool { return *i.CapacityProvider == provider }) {
				return true
			}
		}
	}
	for _, t := range c.tasks {
		if t.provider == provider && t.lastStatus != stateStopped {
			return true
		}
	}
	return false
}

// checkStrategy checks a list of providers and a strategy over them.
func (s *Service) checkStrategy(reg *region, providers []string, strategy []types.CapacityProviderStrategyItem) error {
	for i, name := range providers {
		if has(providers[:i], name) {
			return invalid("The capacity provider %s is specified more than once.", name)
		}
		if isFargate(name) {
			continue
		}
		if p := reg.providers[name]; p == nil || p.status == types.CapacityProviderStatusInactive {
			return clientError("The specified capacity provider '%s' does not exist. Specify a valid capacity provider and try again.", name)
		} else if p.status != types.CapacityProviderStatusActive {
			return clientError("The specified capacity provider '%s' is not in the ACTIVE state.", name)
		}
	}
	return checkItems(providers, strategy)
}

// checkItems checks a strategy against the providers of a cluster.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
func checkItems(associated []string, strategy []types.CapacityProviderStrategyItem) error {
	if len(strategy) > 20 {
		return invalid("A capacity provider strategy can contain a maximum of 20 capacity providers.")
	}
	bases, weights, fargate := 0, 0, 0
	for i, item := range strategy {
		name := aws.ToString(item.CapacityProvider)
		if !has(associated, name) {
			return invalid("The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. Associate the capacity provider with the cluster or specify a valid capacity provider and try again.")
		}
		for _, other := range strategy[:i] {
			if *other.CapacityProvider == name {
				return invalid("The capacity provider %s is specified more than once in the strategy.", name)
			}
		}
		if item.Weight < 0 || item.Weight > 1000 || item.Base < 0 || item.Base > 100000 {
			return invalid("The weight of a capacity provider must be between 0 and 1000 and its base between 0 and 100000.")
		}
		if item.Base > 0 {
			bases++
		}
		if item.Weight > 0 {
			weights++
		}
		if isFargate(name) {
			fargate++
		}
	}
	switch {
	case bases > 1:
		return invalid("Only one capacity provider in a capacity provider strategy can have a base defined.")
	case len(strategy) > 0 && weights == 0:
		return invalid("The capacity provider strategy must contain at least one capacity provider with a weight greater than 0.")
	case fargate > 0 && fargate < len(strategy):
		return invalid("A capacity provider strategy cannot contain a mix of capacity providers using Auto Scaling groups and Fargate providers. Specify one or the other and try again.")
	}
	return nil
}
