package fault

import (
	"net/http"

	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep/life"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// striker stands between a life's manager and AWS, and makes the emulator fail calls: a whole call, all attempts that
// the SDK makes of it, since a fault that a second attempt mends is none to the operator.
type striker struct {
	*life.Life
	// due decides what happens to a call; nil lets all pass.
	due func(service, action string) (core.FaultRule, bool)
	// struck counts the calls that a fault hit.
	struck int
	// call is the one under way.
	call string
}

// strike puts the striker before the present manager and all that follow it.
func strike(l *life.Life) *striker {
	s := &striker{Life: l}
	l.Transport = s.pass
	return s
}

func (s *striker) pass(r *http.Request) (*http.Response, error) {
	s.Lock()
	defer s.Unlock()
	server := s.Emulator.Server
	service, action, err := server.Operation(r)
	if err != nil {
		return nil, err
	}
	if call := r.Header.Get("Amz-Sdk-Invocation-Id"); call != s.call {
		s.call = call
		server.ClearFaults()
		if s.due != nil {
			if rule, hit := s.due(service, action); hit {
				s.struck++
				server.Inject(rule)
			}
		}
	}
	response, err := server.Do(r)
	s.Made(action)
	return response, err
}
