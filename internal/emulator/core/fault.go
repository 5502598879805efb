package core

import (
	"net/http"
	"time"
)

// Fault is what an injected rule does to a call.
type Fault string

// The faults that POST /_emulator/faults takes.
const (
	// FaultThrottle answers the service's own throttling error.
	FaultThrottle Fault = "throttle"
	// FaultServerError answers HTTP 500.
	FaultServerError Fault = "500"
	// FaultTimeout breaks the connection before the call is applied.
	FaultTimeout Fault = "timeout"
	// FaultDenied answers the service's access-denied error.
	FaultDenied Fault = "denied"
	// FaultLost applies the call and loses the answer: the connection breaks.
	FaultLost Fault = "lost"
	// FaultError answers Code and Message of the rule.
	FaultError Fault = "error"
)

// FaultRule injects a fault into some calls.
type FaultRule struct {
	// Service and Action match the call log's names; empty or "*" match all.
	Service string `json:"service"`
	Action  string `json:"action"`
	// Nth hits only the nth matching call (from 1); Every hits every nth; neither hits all.
	Nth   int `json:"nth,omitempty"`
	Every int `json:"every,omitempty"`
	// Times bounds how often the rule hits; 0 is for ever.
	Times   int    `json:"times,omitempty"`
	Fault   Fault  `json:"fault"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`

	seen, hits int
}

type faultRules struct{ rules []*FaultRule }

func (f *faultRules) reset() { f.rules = nil }

// match finds the first rule that hits this call; every matching rule counts it.
func (f *faultRules) match(service, action string) *FaultRule {
	var hit *FaultRule
	for _, r := range f.rules {
		if !wild(r.Service, service) || !wild(r.Action, action) {
			continue
		}
		r.seen++
		due := (r.Nth == 0 && r.Every == 0) || r.seen == r.Nth || (r.Every > 0 && r.seen%r.Every == 0)
		if hit == nil && due && (r.Times == 0 || r.hits < r.Times) {
			r.hits++
			hit = r
		}
	}
	return hit
}

func wild(pattern, s string) bool { return pattern == "" || pattern == "*" || pattern == s }

// before is the error of faults that keep a call from being applied.
func (r *FaultRule) before(m *Mux, req *Request) error {
	if r == nil {
		return nil
	}
	switch r.Fault {
	case FaultThrottle:
		return m.throttled()
	case FaultServerError:
		return &Error{Code: "InternalFailure", Message: "The request processing has failed because of an unknown error, exception or failure.", Status: http.StatusInternalServerError}
	case FaultTimeout:
		return Errorf("RequestTimeout", "injected: the connection broke before the call was applied")
	case FaultDenied:
		return denied(m, req)
	case FaultError:
		return &Error{Code: r.Code, Message: r.Message}
	default:
		return nil
	}
}

// applied reports whether the fault strikes after the call, or breaks the connection.
func (r *FaultRule) applied() bool {
	return r != nil && (r.Fault == FaultTimeout || r.Fault == FaultLost)
}

func (r *FaultRule) after(_ *Mux, _ *Request, a *answer) {
	if r.applied() {
		a.drop = true
		a.latency += time.Millisecond
	}
}

// denied is the access-denied error as each protocol has it; it names the action as AWS does.
func denied(m *Mux, r *Request) *Error {
	return AccessDenied(m, "User: "+r.Principal.ARN+" is not authorized to perform: "+m.Service+":"+r.Action)
}

// AccessDenied is a service's error for what IAM doesn't allow: its code depends on the protocol.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func AccessDenied(m *Mux, what string) *Error {
	switch m.Protocol {
	case EC2Query:
		return Errorf("UnauthorizedOperation", "You are not authorized to perform this operation. %s", what).WithStatus(http.StatusForbidden)
	case Query, Rest, RestXML:
		return Errorf("AccessDenied", "%s", what).WithStatus(http.StatusForbidden)
	default:
		return Errorf("AccessDeniedException", "%s", what)
	}
}
