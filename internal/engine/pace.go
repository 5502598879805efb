package engine

import (
	"hash/fnv"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// Every budget of the engine, with its reason. All run on the engine's clock but MutationTimeout
// and walkBudget, which bound real work and run on wall time.
const (
	// consistencyWindow is how long after a create AWS's lists may not show the object yet.
	consistencyWindow = 2 * time.Minute
	// notYetDeadline is how long a propagation or a passing state may take before it is a failure:
	// IAM documents seconds, and is known to take up to two minutes.
	notYetDeadline = 5 * time.Minute
	// inUseDeadline is how long a deletion may be held up before a person should look: Elastic Load
	// Balancing and ECS keep network interfaces for some minutes, AWS Lambda for up to twenty.
	inUseDeadline = 30 * time.Minute
	// proofAge is how long the proof that an object is ours is good for its deletion.
	proofAge = 5 * time.Minute
	// MutationTimeout bounds one node's mutation and the journal of it. It runs detached from the
	// manager's context, and must end before another manager can become the leader (cmd/manager).
	MutationTimeout = 15 * time.Second
	// walkBudget bounds a walk; what hasn't started by then is Pending.
	walkBudget = 2 * time.Minute

	firstRecheck = 2 * time.Second
	maxRecheck   = 15 * time.Second
	// elapsedShare: another look after a sixth of the time it has taken already delays the end by
	// at most a sixth, and takes a number of looks that grows only with the logarithm.
	elapsedShare = 6

	// earlyShare: a look that another walk makes possible may come early by this share of its delay.
	earlyShare = 10

	transientFirst, transientMax = 5 * time.Second, 6 * time.Minute
	deniedFirst, deniedMax       = time.Minute, 10 * time.Minute
	// throttledMax: who has been throttled for ten minutes on end isn't served by asking more often. As with transientMax,
	// three attempts of the SDK and the reads around them stay below 60 calls an hour.
	throttledFirst, throttledMax = time.Second, 6 * time.Minute
	overdueMax                   = 10 * time.Minute
	inUseMax                     = 90 * time.Second
	// mendedLook is how old a failure that a person mends must be for a look for drift to try again.
	mendedLook = 5 * time.Minute
	// lasting is how many attempts of a node have failed alike when it takes turns with others that fail for the same cause.
	lasting = 5
	// stalledRecheck is the long timer of what only a person or a new spec can mend.
	stalledRecheck = 10 * time.Minute
)

// pending is the delay before another look at something that has been on its way for elapsed.
func pending(elapsed time.Duration) time.Duration {
	return min(max(elapsed/elapsedShare, firstRecheck), maxRecheck)
}

// backoff doubles first with every earlier attempt, up to limit.
func backoff(first, limit time.Duration, attempts int) time.Duration {
	d := first
	for range min(attempts, 16) {
		d = min(2*d, limit)
	}
	return d
}

// retry is the delay after a fault; attempts counts the earlier ones in a row.
func retry(class graph.Class, node graph.NodeID, attempts int, elapsed time.Duration) time.Duration {
	switch class {
	case graph.NotYet, graph.NotFound, graph.Conflict:
		if elapsed > notYetDeadline { // no longer something that passes by itself
			return min(elapsed/elapsedShare, overdueMax)
		}
		return pending(elapsed)
	case graph.InUse:
		if elapsed >= inUseDeadline { // somebody has to do something
			return stalledRecheck
		}
		return min(max(elapsed/elapsedShare, 5*time.Second), inUseMax)
	case graph.Throttled:
		return jitter(backoff(throttledFirst, throttledMax, attempts), node, attempts)
	case graph.Denied:
		return backoff(deniedFirst, deniedMax, attempts)
	case graph.Quota, graph.Invalid:
		return stalledRecheck
	default:
		return jitter(backoff(transientFirst, transientMax, attempts), node, attempts)
	}
}

// deadline is how long a fault that should pass may last.
func deadline(class graph.Class) time.Duration {
	if class == graph.InUse {
		return inUseDeadline
	}
	return notYetDeadline
}

// overdue is the state of a fault that should have passed by now.
func overdue(class graph.Class) State {
	if class == graph.Conflict || class == graph.InUse {
		return Stalled
	}
	return Failed
}

// jitter spreads d over [d, 1.5 d) by node and attempt: reproducible, and different for neighbours.
func jitter(d time.Duration, node graph.NodeID, attempts int) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(node))
	_, _ = h.Write([]byte{byte(attempts)})
	return d + time.Duration(h.Sum32()%500)*d/1000
}
