// Package all lists the sweeps.
package all

import (
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep/crash"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep/fault"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep/hand"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep/lag"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep/leader"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep/pairs"
)

// Sweeps are all sweeps, in the order of the report.
func Sweeps() []sweep.Sweep {
	return []sweep.Sweep{crash.Kill(), fault.Once(), fault.Forever(), lag.Lag(), hand.Sweep(), leader.Sweep(), pairs.Pairs(), pairs.Fuzz()}
}
