package elbv2

import "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"

// The states of targets:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
const (
	targetInitial   = "initial"
	targetHealthy   = "healthy"
	targetUnhealthy = "unhealthy"
	targetUnused    = "unused"
	targetDraining  = "draining"
)

// target is a registered target. Its health is a chain of events; life tells which chain is the
// current one.
type target struct {
	// ID is an address, an instance's id or a load balancer's ARN.
	ID   string
	Port int
	// Zone is the Availability Zone that the registration named, "all" or empty.
	Zone                       string
	State, Reason, Description string
	passed, failed             int
	life                       int
}

func (t *target) become(state, reason, description string) {
	t.State, t.Reason, t.Description = state, reason, description
}

// restart begins a new chain of events and returns its number.
func (t *target) restart() int {
	t.life++
	t.passed, t.failed = 0, 0
	return t.life
}

func (tg *targetGroup) find(id string, port int) *target {
	for _, t := range tg.targets {
		if t.ID == id && t.Port == port {
			return t
		}
	}
	return nil
}

func (tg *targetGroup) drop(t *target) {
	for i := range tg.targets {
		if tg.targets[i] == t {
			tg.targets = append(tg.targets[:i:i], tg.targets[i+1:]...)
			t.life++
			return
		}
	}
}

// register adds a target, or brings one back that drains.
func (s *Service) register(scope core.Scope, tg *targetGroup, id string, port int, zone string) {
	t := tg.find(id, port)
	if t == nil {
		t = &target{ID: id, Port: port, Zone: zone}
		tg.targets = append(tg.targets, t)
		t.become(targetUnused, "", "")
	}
	if t.State == targetDraining {
		t.become(targetUnused, "", "")
	}
	if t.State == targetUnused {
		s.begin(scope, tg, t)
	}
}

// deregister drains a target for the deregistration delay; one that no load balancer uses is gone
// at once:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
func (s *Service) deregister(scope core.Scope, tg *targetGroup, t *target) {
	delay := tg.deregistrationDelay()
	if t.State == targetDraining {
		return
	}
	if t.State == targetUnused || delay == 0 {
		tg.drop(t)
		return
	}
	life := t.restart()
	t.become(targetDraining, "Target.DeregistrationInProgress", "Target deregistration is in progress")
	s.world.Clock.After(delay, func() {
		if tg, t := s.current(scope, tg.ARN, t.ID, t.Port, life); t != nil {
			tg.drop(t)
		}
	})
}

// current finds a target by name for an event, nil when the event's chain has ended.
func (s *Service) current(scope core.Scope, tgARN, id string, port, life int) (*targetGroup, *target) {
	tg, ok := s.region(scope).targetGroups.get(tgARN)
	if !ok {
		return nil, nil
	}
	t := tg.find(id, port)
	if t == nil || t.life != life {
		return nil, nil
	}
	return tg, t
}

// engage begins the health checks of all targets that aren't checked yet.
func (s *Service) engage(scope core.Scope, tg *targetGroup) {
	for _, t := range tg.targets {
		if t.State == targetUnused || t.State == targetInitial {
			s.begin(scope, tg, t)
		}
	}
}

// disengage ends the health checks when no rule uses the group any more.
func (s *Service) disengage(tg *targetGroup) {
	for _, t := range tg.targets {
		if t.State != targetDraining {
			t.restart()
			t.become(targetUnused, "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer")
		}
	}
}

// begin puts a target into the state in which its load balancer's health checks start.
func (s *Service) begin(scope core.Scope, tg *targetGroup, t *target) {
	life := t.restart()
	lbs := tg.loadBalancers()
	if len(lbs) == 0 {
		t.become(targetUnused, "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer")
		return
	}
	lb, _ := s.region(scope).loadBalancers.get(lbs[0])
	if z := s.zoneOf(scope, tg, t); z != "" && !lb.serves(z) {
		t.become(targetUnused, "Target.NotInUse", "Target is in an Availability Zone that is not enabled for the load balancer")
		return
	}
	t.become(targetInitial, "Elb.RegistrationInProgress", "Target registration is in progress")
	if lb.State != stateActive {
		return // activate comes back
	}
	delay := registerALB
	if lb.Type == network {
		delay = registerNLB
	}
	s.world.Clock.After(delay, func() {
		tg, t := s.current(scope, tg.ARN, t.ID, t.Port, life)
		if t == nil {
			return
		}
		t.become(targetInitial, "Elb.InitialHealthChecking", "Initial health checks in progress")
		s.check(scope, tg, t, life)
	})
}

// rezone looks again at the zones of a load balancer's targets after its subnets changed.
func (s *Service) rezone(scope core.Scope, lbARN string) {
	lb, _ := s.region(scope).loadBalancers.get(lbARN)
	for _, tg := range s.region(scope).targetGroups.all() {
		if !tg.usedBy(lbARN) {
			continue
		}
		for _, t := range tg.targets {
			z := s.zoneOf(scope, tg, t)
			if out := z != "" && !lb.serves(z); t.State != targetDraining && out != (t.State == targetUnused) {
				s.begin(scope, tg, t)
			}
		}
	}
}

// zoneOf is the target's Availability Zone, empty where every zone's nodes may use it.
func (s *Service) zoneOf(scope core.Scope, tg *targetGroup, t *target) string {
	if tg.TargetType == "instance" {
		i, _ := s.net.Instance(scope, t.ID)
		return i.AvailabilityZone
	}
	if t.Zone == "all" || tg.TargetType == albTarget {
		return ""
	}
	return t.Zone
}
