package ecs

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// service is a service of a cluster. What a deployment deploys is in spec; the rest changes
// without one.
type service struct {
	c              *cluster
	name, arn      string
	status         string
	created        time.Time
	createdBy      string
	tags           map[string]string
	desired        int
	launchedAs     types.LaunchType // where an empty capacity provider strategy leads back to
	spec           spec
	config         types.DeploymentConfiguration
	rebalancing    types.AvailabilityZoneRebalancing
	grace          *int32
	exec           bool
	managedTags    bool
	propagate      types.PropagateTags
	deployments    []*deployment // PRIMARY first
	lastCompleted  *deployment   // what a rollback returns to
	history        []*serviceDeployment
	revisions      []*revision
	events         []types.ServiceEvent
	tasks          []*task // not yet STOPPED
	endpoints      []endpoint
	steady, poked  bool
	polled         bool      // a look at the targets is due
	nextLaunch     time.Time // the restart throttle
	failures       int       // rounds of launches that failed one after the other
	impaired       bool      // the throttle's event is out
	request, token string    // what it was created with
}

// spec is what a deployment deploys; changing any of it starts one.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
type spec struct {
	def             *taskDefinition
	network         *types.NetworkConfiguration
	loadBalancers   []types.LoadBalancer
	connect         *types.ServiceConnectConfiguration
	platformVersion string
	launchType      types.LaunchType
	strategy        []types.CapacityProviderStrategyItem
	monitoring      *types.MonitoringConfiguration
}

// takeCapacity moves what is deployed to what a service was updated to without a deployment: tasks that
// start from now on use it.
func (sp *spec) takeCapacity(o spec) {
	sp.strategy, sp.launchType, sp.platformVersion, sp.monitoring = o.strategy, o.launchType, o.platformVersion, o.monitoring
}

// live are the tasks that are to run.
func (v *service) live() []*task {
	return slices.DeleteFunc(slices.Clone(v.tasks), func(t *task) bool { return t.stopping })
}

func (v *service) primary() *deployment {
	if len(v.deployments) == 0 {
		return nil
	}
	return v.deployments[0]
}

// counts are the tasks of a deployment (nil: of the service) by what AWS counts.
func (v *service) counts(d *deployment) (pending, running int32) {
	for _, t := range v.tasks {
		if d != nil && t.dep != d {
			continue
		}
		switch t.lastStatus {
		case stateProvisioning, statePending, stateActivating:
			pending++
		case stateRunning:
			running++
		}
	}
	return pending, running
}

// computeKind is EC2 or Fargate, for a cluster's statistics.
func (v *service) computeKind() string {
	if v.spec.launchType == types.LaunchTypeFargate || (len(v.spec.strategy) > 0 && isFargate(aws.ToString(v.spec.strategy[0].CapacityProvider))) {
		return "Fargate"
	}
	return "EC2"
}

// maxEvents is how many service events are kept.
const maxEvents = 100

// event adds a service event; the newest is first.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
func (s *Service) event(v *service, message string) {
	e := types.ServiceEvent{Id: aws.String(s.world.UUID()), CreatedAt: aws.Time(s.world.Clock.Now()), Message: aws.String(message)}
	v.events = append([]types.ServiceEvent{e}, v.events...)
	if len(v.events) > maxEvents {
		v.events = v.events[:maxEvents]
	}
}

// poke lets the scheduler look at a service soon.
func (s *Service) poke(v *service) {
	if v.poked || v.status == statusInactive {
		return
	}
	v.poked = true
	s.world.Clock.After(schedulerDelay, func() {
		v.poked = false
		s.schedule(v)
	})
}

// pokeCluster lets the scheduler look at all services of a cluster and at its capacity.
func (s *Service) pokeCluster(c *cluster) {
	for _, v := range sorted(c.services) {
		s.poke(v)
	}
	for _, name := range c.providers {
		if p := c.reg.providers[name]; p != nil {
			s.tick(p)
		}
	}
}
