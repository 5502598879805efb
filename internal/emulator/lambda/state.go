package lambda

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// begin has a function change: while it is Pending nothing can be done with it, and while an update is in
// progress its former code and configuration are called.
//
// https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
func (s *Service) begin(f *function, state types.State, d time.Duration) {
	if s.missing(f) {
		d += connecting
	}
	f.revision, f.modified = s.w.UUID(), s.w.Clock.Now()
	s.turn(f, state, d)
}

// turn has a function be in a state, with an update in progress, for so long.
func (s *Service) turn(f *function, state types.State, d time.Duration) {
	f.turns, f.used = f.turns+1, s.w.Clock.Now()
	f.state, f.stateCode, f.stateReason = state, "", ""
	f.update, f.updateCode, f.updateReason = types.LastUpdateStatusInProgress, "", ""
	if state == types.StatePending {
		f.stateCode, f.stateReason = types.StateReasonCodeCreating, "The function is being created."
	}
	turn := f.turns
	s.w.Clock.After(d, func() { s.finish(f, turn) })
}

// finish ends a change. What of the network can't be had then fails it.
func (s *Service) finish(f *function, turn int) {
	if f.gone || f.turns != turn {
		return
	}
	if err := s.connect(f); err != nil {
		f.update, f.updateCode, f.updateReason = types.LastUpdateStatusFailed, types.LastUpdateStatusReasonCodeInvalidSubnet, err.Error()
		if f.state == types.StatePending {
			f.state, f.stateCode, f.stateReason = types.StateFailed, types.StateReasonCodeInvalidSubnet, err.Error()
		}
		return
	}
	f.state, f.stateCode, f.stateReason = types.StateActive, "", ""
	f.update = types.LastUpdateStatusSuccessful
	s.idle(f)
}

// idle has a function that nobody calls become inactive, and lose its network interfaces.
func (s *Service) idle(f *function) {
	used := f.used
	s.w.Clock.After(used.Add(idleAfter).Sub(s.w.Clock.Now()), func() {
		if f.gone || !f.used.Equal(used) || f.state != types.StateActive || f.update == types.LastUpdateStatusInProgress {
			return
		}
		f.state, f.stateCode, f.stateReason = types.StateInactive, types.StateReasonCodeIdle, "The function is idle."
		for _, key := range f.interfaceKeys() {
			s.reclaim(f.scope, key)
		}
	})
}

// restore makes an inactive function pending, until its resources are there again.
func (s *Service) restore(f *function) {
	s.turn(f, types.StatePending, restoring)
	f.stateCode, f.stateReason = types.StateReasonCodeRestoring, "The function is being restored."
}
