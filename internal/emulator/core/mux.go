package core

import (
	"net/http"
	"net/url"
	"time"
)

// Request is one call as a handler sees it. Handlers run under the world's lock.
type Request struct {
	World *World
	Scope
	// SigningRegion is the region of the credential scope: that of the client, even where a global
	// service sees Region "".
	SigningRegion string
	Principal     Principal
	Service       string
	Action        string
	RequestID     string
	// Since is when the request came in; a handler that lets its caller wait is asked more than once.
	Since time.Time
	// HTTP and Body are for REST services; the body has been read.
	HTTP *http.Request
	Body []byte
	// Params are the decoded parameters, for the call log.
	Params any
	form   url.Values
}

// Form are the parameters of a query protocol's request; empty for the others.
func (r *Request) Form() url.Values { return r.form }

// Now returns the world's time.
func (r *Request) Now() time.Time { return r.World.Clock.Now() }

// Mux is one service's actions and protocol.
type Mux struct {
	// Service is the signing name, by which requests are routed ("ec2").
	Service string
	// LogName is the name in the call log where it differs from Service.
	LogName  string
	Protocol Protocol
	// Namespace is the XML namespace, or the X-Amz-Target prefix of JSON services.
	Namespace string
	// LowerCamel says that a JSON service's keys begin in lower case.
	LowerCamel bool
	// Global services keep their state per account: their handlers see Region "".
	Global bool
	// Throttled is the error of this service's request throttling.
	Throttled Error
	// Bucket names the token bucket of an action with its size and refill per second; nil or a
	// zero size means no documented limit.
	Bucket func(action string) (name string, size, refill float64)
	// Rest handles everything of a REST service: it answers status, headers and body.
	Rest func(*Request) (RestResponse, error)
	// RestAction names the action of a REST request before it is handled.
	RestAction func(*http.Request) string

	actions map[string]action
}

// RestResponse is a REST service's answer.
type RestResponse struct {
	Status int
	Header map[string]string
	Body   []byte
}

type action func(*Request) (any, error)

// Handle registers an action. In is a struct that lists every parameter the emulator understands:
// whatever else a request carries is refused before the handler runs. Out is encoded as the
// protocol wants it; nil answers an empty result.
func Handle[In, Out any](m *Mux, name string, f func(*Request, *In) (*Out, error)) {
	if m.actions == nil {
		m.actions = map[string]action{}
	}
	m.actions[name] = func(r *Request) (any, error) {
		in := new(In)
		if err := m.Protocol.decode(m, r, in); err != nil {
			return nil, err
		}
		out, err := f(r, in)
		if err != nil {
			return nil, err
		}
		if out == nil {
			return nil, nil
		}
		return out, nil
	}
}

// Actions lists the registered actions.
func (m *Mux) Actions() []string {
	out := make([]string, 0, len(m.actions))
	for a := range m.actions {
		out = append(out, a)
	}
	return out
}

// Empty is the input or output of actions that have none.
type Empty struct{}

// Encode writes a handler's answer as the service's protocol has it.
func (m *Mux) Encode(r *Request, out any) ([]byte, error) { return m.Protocol.encode(m, r, out) }
