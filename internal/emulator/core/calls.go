package core

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// CallRecord is one line of GET /_emulator/calls.
type CallRecord struct {
	Seq     int       `json:"seq"`
	Time    time.Time `json:"time"`
	Account string    `json:"account"`
	Region  string    `json:"region"`
	Service string    `json:"service"`
	Action  string    `json:"action"`
	Params  any       `json:"params,omitempty"`
	Status  int       `json:"status"`
	// Error is the AWS error code of a failed call.
	Error   string `json:"error,omitempty"`
	Message string `json:"message,omitempty"`
	// Fault names the injected fault that struck the call.
	Fault     Fault  `json:"fault,omitempty"`
	Principal string `json:"principal,omitempty"`
}

type callLog struct {
	records []CallRecord // without gaps: the first has number 1
	seq     int
}

func (l *callLog) reset() { l.records, l.seq = nil, 0 }

func (l *callLog) add(m *Mux, r *Request, status int, err error, f *FaultRule) {
	l.seq++
	c := CallRecord{Seq: l.seq, Time: r.Now(), Account: r.Account, Region: r.Region, Service: logName(m), Action: r.Action,
		Params: r.Params, Status: status, Principal: r.Principal.ARN}
	var e *Error
	if errors.As(err, &e) {
		c.Error, c.Message = e.Code, e.Message
	} else if err != nil {
		c.Error, c.Message = "InternalFailure", err.Error()
	}
	if f != nil {
		c.Fault = f.Fault
	}
	l.records = append(l.records, c)
}

// Calls returns the log from record number after on.
func (s *Server) Calls(after int) []CallRecord {
	s.World.Lock()
	defer s.World.Unlock()
	return slices.Clone(s.calls.records[min(max(after, 0), len(s.calls.records)):])
}

// LastCall returns the number of the newest record, from which on Calls tells what follows.
func (s *Server) LastCall() int {
	s.World.Lock()
	defer s.World.Unlock()
	return s.calls.seq
}

// Inject adds a fault rule.
func (s *Server) Inject(r FaultRule) {
	s.World.Lock()
	defer s.World.Unlock()
	s.faults.rules = append(s.faults.rules, &r)
}

// ClearFaults removes all fault rules.
func (s *Server) ClearFaults() {
	s.World.Lock()
	defer s.World.Unlock()
	s.faults.reset()
}

// ReadOnly reports whether the call can't have changed anything.
func (c CallRecord) ReadOnly() bool {
	for _, p := range []string{"Describe", "List", "Get", "Head", "AssumeRole"} {
		if strings.HasPrefix(c.Action, p) {
			return true
		}
	}
	return false
}
