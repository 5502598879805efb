package kinds

import (
	"cmp"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// A service comes to another strategy in steps, since ECS changes the strategy only between
// deployments, shifts traffic only to and from revisions that know their pair of target groups, and
// leaves traffic where it is when a service is deployed by rolling:
//
//   - to shift traffic, the service first gets its pair by a rolling deployment of what runs; then the
//     strategy changes, and what is new is deployed by it;
//   - to roll, what is new is deployed by the old strategy once more if production isn't at the target
//     group that stays; then the strategy changes and the pair goes;
//   - to leave one load balancer for another that takes over under the same name, what runs stands behind both for a
//     while, by rolling, since only so one task can be behind two; then it gets the pair of the other.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-rolling-to-bluegreen.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-bluegreen-to-rolling.html

// move is the next step towards a spec.
type move struct {
	// revision is what is to run after it.
	revision serviceRevision
	// configures says that the strategy is to be the spec's after it, too: see deployedBy.
	configures bool
	// home says that a deployment is wanted even of what runs already, for the target group it brings
	// production to.
	home bool
}

// deployed are the changes that a move is about.
var deployed = []string{"taskDefinition", "subnets", "securityGroups", "targets", "connect.services", "connect.namespace", "providers", "deployment"}

func (s ServiceSpec) strategy() ecstypes.DeploymentStrategy {
	return cmp.Or(ecstypes.DeploymentStrategy(s.Strategy), ecstypes.DeploymentStrategyRolling)
}

// strategy is how the service is deployed; AWS's older services tell none.
func (s service) strategy() ecstypes.DeploymentStrategy {
	if s.DeploymentConfiguration == nil {
		return ecstypes.DeploymentStrategyRolling
	}
	return cmp.Or(s.DeploymentConfiguration.Strategy, ecstypes.DeploymentStrategyRolling)
}

// shifts reports whether a strategy shifts traffic between two target groups.
func shifts(strategy ecstypes.DeploymentStrategy) bool {
	return strategy != ecstypes.DeploymentStrategyRolling
}

// pairs are the target groups of load balancers that have two each.
func pairs(targets []ecstypes.LoadBalancer) bool {
	return slices.ContainsFunc(targets, func(t ecstypes.LoadBalancer) bool { return t.AdvancedConfiguration != nil })
}

// next is what to do now on the way to a spec.
func (s ServiceSpec) next(have service) move {
	is, all := have.revision(), move{revision: s.revision(), configures: true}
	from, to := have.strategy(), s.strategy()
	d := all.revision.differs(is)
	switch {
	case have.deploying() && from != to:
		if shifts(to) && !shifts(from) && pairs(is.targets) && !touches(d, "targets") && have.primary().FailedTasks == 0 {
			return move{revision: is} // the service gets its pair just now
		}
		if !fits(is.targets, all.revision.targets) {
			return move{revision: is} // what is new can't stand behind what is there
		}
		// The newest wish isn't kept waiting: what is under way may never end. The pair is.
		all.revision.targets, all.configures = withPorts(is.targets, all.revision.targets), false
		return all
	case shifts(to) && !shifts(from) && touches(d, "targets") && len(is.targets) > 0:
		if step := have.stays(all.revision); len(step.differs(is)) > 0 {
			return move{revision: step}
		}
		// It has its pair: what is left is another port, which comes with what is new.
	case !shifts(to) && have.elsewhere(all.revision.targets) && shared(is.targets, all.revision.targets) > 0:
		if !fits(is.targets, all.revision.targets) {
			return move{revision: is, home: true} // what runs comes home first: what is new can't stand behind all that is there
		}
		all.revision.targets, all.configures = withPorts(is.targets, all.revision.targets), false
		all.home = len(all.revision.differs(is)) == 0
		return all
	case s.Handover:
		return move{revision: have.stays(all.revision), configures: true}
	}
	return all
}

// stays is what runs, behind the load balancers of a wanted revision; or all of that revision, where nothing runs that
// works, or could stand there.
func (s service) stays(want serviceRevision) serviceRevision {
	step := s.revision()
	if s.primary().RolloutState == ecstypes.DeploymentRolloutStateFailed || !s.listens(want.targets) {
		step = want
	}
	step.targets = withPorts(want.targets, s.LoadBalancers)
	return step
}

// listens reports whether what runs has a port for every wanted target, as far as load balancers and peers know its ports.
func (s service) listens(wanted []ecstypes.LoadBalancer) bool {
	known := offered(s.connect())
	for _, t := range s.LoadBalancers {
		known = append(known, int(sdk.ToInt32(t.ContainerPort)))
	}
	return !slices.ContainsFunc(withPorts(wanted, s.LoadBalancers), func(t ecstypes.LoadBalancer) bool {
		return !slices.Contains(known, int(sdk.ToInt32(t.ContainerPort)))
	})
}

// elsewhere reports whether production is at the other target group of a pair of which one stays. Where a pair that goes
// has its production doesn't matter: it changes with every deployment, and never comes to a group that stays.
func (s service) elsewhere(want []ecstypes.LoadBalancer) bool {
	return slices.ContainsFunc(want, func(w ecstypes.LoadBalancer) bool {
		return slices.ContainsFunc(s.LoadBalancers, func(t ecstypes.LoadBalancer) bool {
			return shared([]ecstypes.LoadBalancer{t}, []ecstypes.LoadBalancer{w}) > 0 && slices.ContainsFunc(groupsOf(t), func(g string) bool {
				return g != sdk.ToString(w.TargetGroupArn) && slices.Contains(s.Serving, g)
			})
		})
	})
}

// shared counts the targets that have a target group in common with a wanted one. Another load balancer has
// none: there is no home to come to.
func shared(targets, wanted []ecstypes.LoadBalancer) int {
	n := 0
	for _, t := range targets {
		if slices.ContainsFunc(wanted, func(w ecstypes.LoadBalancer) bool {
			return slices.ContainsFunc(groupsOf(t), func(g string) bool { return slices.Contains(groupsOf(w), g) })
		}) {
			n++
		}
	}
	return n
}

// fits reports whether tasks made for the wanted targets can stand behind the present ones: each of these has
// a port of theirs.
func fits(targets, wanted []ecstypes.LoadBalancer) bool {
	return shared(targets, wanted) == len(targets)
}

// groupsOf are the target groups of a target: one, or a pair.
func groupsOf(t ecstypes.LoadBalancer) []string {
	out := []string{sdk.ToString(t.TargetGroupArn)}
	if a := t.AdvancedConfiguration; a != nil {
		out = append(out, sdk.ToString(a.AlternateTargetGroupArn))
	}
	return out
}

// withPorts are load balancers with the container ports that others have for the same target groups: a
// task definition and the ports of its containers change together.
func withPorts(targets, ports []ecstypes.LoadBalancer) []ecstypes.LoadBalancer {
	out := slices.Clone(targets)
	for i := range out {
		for _, p := range ports {
			if sdk.ToString(p.TargetGroupArn) == sdk.ToString(out[i].TargetGroupArn) {
				out[i].ContainerName, out[i].ContainerPort = p.ContainerName, p.ContainerPort
			}
		}
	}
	return out
}

// moves are the changes that can be made now on the way to a spec.
func (s service) moves(want ServiceSpec) difference {
	var d difference
	next := want.next(s)
	if s.RolledBack == nil { // what ECS took back isn't tried again
		d = next.revision.differs(s.revision())
		if next.home {
			d.text("targets.home", "", "production")
		}
	}
	d.deployment(s.DeploymentConfiguration, want.deployedBy(next, s))
	return d
}

// deployable are the differences that start deployments or change how they go, and none while they can't
// be made: then what is under way must end first.
func (s service) deployable(want ServiceSpec) difference {
	d := s.moves(want)
	if len(d) == 0 || s.RolledBack != nil {
		return d
	}
	// What is on the way there shows too: a plan tells the end.
	if !want.known() {
		var end difference
		end.deployment(s.DeploymentConfiguration, want)
		return append(d, slices.DeleteFunc(end, func(c graph.Change) bool { return touches(d, c.Path) })...)
	}
	all := want.revision().differs(s.revision())
	all.deployment(s.DeploymentConfiguration, want)
	return append(all, slices.DeleteFunc(slices.Clone(d), func(c graph.Change) bool { return touches(all, c.Path) })...)
}
