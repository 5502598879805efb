package core

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Server is the HTTP front of a world: it routes signed AWS requests to the services and serves the
// control endpoints below /_emulator/.
type Server struct {
	World *World
	muxes map[string]*Mux
	// Authorize, when set, decides before anything is done whether a request's principal may make it.
	Authorize func(*Mux, *Request) error
	// controls are the control endpoints that services add, by "METHOD path".
	controls map[string]func(*http.Request) error
	calls    callLog
	faults   faultRules
	limits   buckets
	watchers []func(*Call)
}

// Call is a call that a service has answered, as an audit of the account's API calls sees it.
type Call struct {
	*Request
	Mux *Mux
	// Out is what a handler answered, or nil; Err is the error that it answered instead.
	Out any
	Err error
}

// OnCall registers who is told of every call that reached its service. It is called under the world's lock.
func (s *Server) OnCall(f func(*Call)) { s.watchers = append(s.watchers, f) }

// NewServer returns a server without services.
func NewServer(w *World) *Server {
	s := &Server{World: w, muxes: map[string]*Mux{}}
	w.OnReset(func() { s.calls.reset(); s.faults.reset(); s.limits.reset() })
	return s
}

// Register adds a service.
func (s *Server) Register(m *Mux) { s.muxes[m.Service] = m }

// Mux returns a registered service, or nil.
func (s *Server) Mux(service string) *Mux { return s.muxes[service] }

// maxBody bounds a request; the largest AWS takes here is a Lambda archive.
const maxBody = 64 << 20

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, h *http.Request) {
	if strings.HasPrefix(h.URL.Path, "/_emulator/") {
		s.control(w, h)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, h.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	a := s.answer(h, body)
	if a.latency > 0 {
		select {
		case <-time.After(a.latency):
		case <-h.Context().Done():
		}
	}
	if a.drop {
		// The client must see a broken connection, not an HTTP answer.
		panic(http.ErrAbortHandler)
	}
	for k, v := range a.header {
		w.Header().Set(k, v)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

type answer struct {
	status  int
	header  map[string]string
	body    []byte
	latency time.Duration
	drop    bool
}

// answer runs one request under the world's lock and writes it into the log.
func (s *Server) answer(h *http.Request, body []byte) answer {
	s.World.Lock()
	defer s.World.Unlock()

	r := &Request{World: s.World, HTTP: h, Body: body, RequestID: s.World.UUID(), Since: s.World.Clock.Now()}
	m, err := s.route(r)
	if m == nil {
		return answer{status: http.StatusBadRequest, header: map[string]string{"Content-Type": "text/plain"}, body: []byte(err.Error()), latency: s.World.Settings.Latency}
	}
	var out any
	fault := s.faults.match(logName(m), r.Action)
	if err == nil {
		err = s.limits.take(m, r)
	}
	if err == nil {
		err = fault.before(m, r)
	}
	if err == nil && s.Authorize != nil {
		err = s.Authorize(m, r)
	}
	if err == nil {
		out, err = s.handle(m, r)
		for wait, ok := errors.AsType[*Wait](err); ok; wait, ok = errors.AsType[*Wait](err) {
			if !s.World.await(h.Context(), wait.Until) {
				return answer{drop: true}
			}
			out, err = s.handle(m, r)
		}
		for _, f := range s.watchers {
			f(&Call{Request: r, Mux: m, Out: out, Err: err})
		}
	}
	a := s.encode(m, r, out, err)
	a.latency = s.World.Settings.Latency
	if err == nil || fault.applied() {
		fault.after(m, r, &a)
	}
	s.calls.add(m, r, a.status, err, fault)
	return a
}

// Authorized decides on a request without doing anything of it: nil, or the error that its principal would get.
func (s *Server) Authorized(h *http.Request, body []byte) error {
	s.World.Lock()
	defer s.World.Unlock()
	r := &Request{World: s.World, HTTP: h, Body: body}
	m, err := s.route(r)
	if err != nil || s.Authorize == nil {
		return err
	}
	return s.Authorize(m, r)
}

func (s *Server) handle(m *Mux, r *Request) (any, error) {
	if m.Rest != nil {
		return m.Rest(r)
	}
	f := m.actions[r.Action]
	if f == nil {
		return nil, unknownAction(m, r.Action)
	}
	return f(r)
}

func unknownAction(m *Mux, action string) *Error {
	switch m.Protocol {
	case EC2Query, Query:
		return Errorf("InvalidAction", "The action %s is not valid for this web service.", action)
	default:
		return Errorf("UnknownOperationException", "The emulator does not support %s of %s.", action, m.Service)
	}
}

func (s *Server) encode(m *Mux, r *Request, out any, err error) answer {
	a := answer{status: http.StatusOK, header: map[string]string{"Content-Type": m.Protocol.contentType(), "x-amzn-RequestId": r.RequestID}}
	if m.Protocol == CBOR {
		a.header["smithy-protocol"] = "rpc-v2-cbor"
	}
	if err == nil && m.Rest != nil {
		rest := out.(RestResponse)
		a.status, a.body = rest.Status, rest.Body
		for k, v := range rest.Header {
			a.header[k] = v
		}
		return a
	}
	if err == nil {
		if a.body, err = m.Protocol.encode(m, r, out); err == nil {
			return a
		}
	}
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Code: "InternalFailure", Message: err.Error(), Status: http.StatusInternalServerError}
	}
	a.status, a.body = e.status(), m.Protocol.encodeError(r.RequestID, e)
	if m.Protocol == RestJSON { // which has the error's code in a header
		a.header["x-amzn-ErrorType"] = e.Code
	}
	if e.QueryCode != "" {
		a.header["x-amzn-query-error"] = e.QueryCode + ";Sender"
	}
	if r.HTTP.Method == http.MethodHead {
		a.body = nil
	}
	return a
}

var scopePattern = regexp.MustCompile(`Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request`)

// route finds service, action, account and region. The signature itself is not verified: the
// emulator has no secret worth guarding. A mux comes back with an error where it should shape it.
func (s *Server) route(r *Request) (*Mux, error) {
	auth := r.HTTP.Header.Get("Authorization")
	if auth == "" && r.HTTP.URL.Query().Get("X-Amz-Credential") != "" {
		auth = "Credential=" + r.HTTP.URL.Query().Get("X-Amz-Credential")
	}
	if strings.HasPrefix(r.HTTP.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		form, err := url.ParseQuery(string(r.Body))
		if err != nil {
			return nil, err
		}
		r.form, r.Action = form, form.Get("Action")
	}
	match := scopePattern.FindStringSubmatch(auth)
	if match == nil {
		if r.Action == "AssumeRoleWithWebIdentity" { // the one call that isn't signed
			m := s.muxes["sts"]
			r.Service = "sts"
			return m, nil
		}
		return nil, errors.New("the request is not signed: the emulator routes by the credential scope of AWS Signature Version 4")
	}
	r.Service = match[3]
	m := s.muxes[r.Service]
	if m == nil {
		return nil, errors.New("the emulator has no service " + r.Service)
	}
	r.SigningRegion = match[2]
	if !m.Global {
		r.Region = r.SigningRegion
	}
	switch {
	case m.RestAction != nil:
		r.Action = m.RestAction(r.HTTP)
	case m.Protocol == JSON10 || m.Protocol == JSON11:
		target := r.HTTP.Header.Get("X-Amz-Target")
		prefix, action, _ := strings.Cut(target, ".")
		r.Action = action
		if prefix != m.Namespace {
			return m, unknownAction(m, target)
		}
	}
	if m.Protocol == CBOR {
		var service string
		var err error
		service, r.Action = operationOf(r.HTTP)
		if service != m.Namespace {
			return m, unknownAction(m, r.Action)
		}
		if r.Body, err = cborToJSON(r.Body); err != nil {
			return m, err
		}
	}
	p, ok := s.World.keys[match[1]]
	if !ok || !s.World.Enabled(Scope{p.Account, r.Region}) {
		return m, invalidKey(m)
	}
	r.Principal, r.Account = p, p.Account
	return m, nil
}

// invalidKey is the error for an access key that is unknown, or unknown in a region that its account hasn't enabled: its
// code depends on the protocol.
func invalidKey(m *Mux) *Error {
	const message = "The security token included in the request is invalid."
	switch m.Protocol {
	case EC2Query:
		return Errorf("AuthFailure", "AWS was not able to validate the provided access credentials").WithStatus(http.StatusUnauthorized)
	case Query, RestXML:
		return Errorf("InvalidClientTokenId", message).WithStatus(http.StatusForbidden)
	case Rest:
		return Errorf("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.").WithStatus(http.StatusForbidden)
	default:
		return Errorf("UnrecognizedClientException", message)
	}
}

// logName is the service's name in the call log.
func logName(m *Mux) string {
	if m.LogName != "" {
		return m.LogName
	}
	return m.Service
}

// Operation tells which service and action a request calls, by their names in the call log, and doesn't run it. Both
// are empty for what isn't a request to AWS.
func (s *Server) Operation(h *http.Request) (service, action string, err error) {
	r := &Request{World: s.World, HTTP: h}
	if h.Body != nil {
		if r.Body, err = io.ReadAll(h.Body); err != nil {
			return "", "", err
		}
		h.Body = io.NopCloser(bytes.NewReader(r.Body))
	}
	s.World.Lock()
	defer s.World.Unlock()
	m, _ := s.route(r)
	if m == nil {
		return "", "", nil
	}
	return logName(m), r.Action, nil
}

// Do implements the SDK's HTTP client without a network: in the caller's goroutine, for tests that
// want speed and order. It isn't a second protocol: the same bytes go through the same code.
func (s *Server) Do(h *http.Request) (*http.Response, error) {
	var body []byte
	if h.Body != nil {
		var err error
		if body, err = io.ReadAll(h.Body); err != nil {
			return nil, err
		}
	}
	if err := h.Context().Err(); err != nil {
		return nil, err
	}
	a := s.answer(h, body)
	if err := h.Context().Err(); err != nil && a.drop {
		return nil, err
	}
	if a.drop {
		return nil, io.ErrUnexpectedEOF
	}
	header := http.Header{}
	for k, v := range a.header {
		header.Set(k, v)
	}
	return &http.Response{
		Status: http.StatusText(a.status), StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)), Request: h,
	}, nil
}
