package probe_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/internal/probe"
)

// TestArchive: it holds the handler, readable for everybody as AWS Lambda wants it, and nothing that changes.
func TestArchive(t *testing.T) {
	z, err := zip.NewReader(bytes.NewReader(probe.Archive()), int64(len(probe.Archive())))
	if err != nil {
		t.Fatal(err)
	}
	if len(z.File) != 1 || z.File[0].Name != "handler.py" || z.File[0].Mode().Perm() != 0o644 || z.File[0].Method != zip.Store {
		t.Fatalf("%+v", z.File[0].FileHeader)
	}
	f, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("handler.py")
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("the archive isn't the handler: %v", err)
	}
	file, function, _ := strings.Cut(probe.Handler, ".")
	if z.File[0].Name != file+".py" || !bytes.Contains(want, []byte("def "+function+"(event, context):")) {
		t.Errorf("%s isn't in the archive", probe.Handler)
	}
	if len(probe.SHA256()) != 44 {
		t.Error(probe.SHA256())
	}
}

// python is the interpreter that the handler is run with.
func python(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("the handler is run with python3, which isn't installed here")
	}
	return path
}

// call is one call of the handler: its answer, and what it logged.
type call struct {
	HookStatus    string         `json:"hookStatus"`
	CallBackDelay int            `json:"callBackDelay"`
	HookDetails   map[string]any `json:"hookDetails"`
	Awake         bool           `json:"awake"`
	log           string
}

// ask runs the handler with an event and an environment.
func ask(t *testing.T, event string, env map[string]string) call {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), python(t), "-c", `import sys, json, handler
answer = handler.handle(json.load(sys.stdin), None)
print("\x00" + json.dumps(answer))`)
	cmd.Env = []string{"PYTHONPATH=" + ".", "PYTHONDONTWRITEBYTECODE=1"}
	for k, v := range env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	cmd.Stdin = strings.NewReader(event)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the handler raised: %v %s", err, out)
	}
	log, answer, _ := strings.Cut(string(out), "\x00")
	c := call{log: log}
	if err := json.Unmarshal([]byte(answer), &c); err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
	return c
}

const event = `{"executionId":"e","lifecycleStage":"POST_TEST_TRAFFIC_SHIFT","resourceArn":"arn:d","executionDetails":{}}`

// server answers with the status that the path names, and remembers host and server name.
type server struct {
	*httptest.Server
	mu                     sync.Mutex
	host, serverName, path string
	authority              string
}

func serve(t *testing.T, tls bool) *server {
	s := &server{}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.host, s.path = r.Host, r.URL.String()
		if r.TLS != nil {
			s.serverName = r.TLS.ServerName
		}
		switch r.URL.Path {
		case "/moved":
			w.Header().Set("Location", "/ok")
			w.WriteHeader(http.StatusMovedPermanently)
		case "/down":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/slow":
			<-r.Context().Done()
		}
	})
	s.Server = httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes are meant to fail here
	if tls {
		s.StartTLS() // with a certificate for example.com
		s.authority = filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(s.authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
			t.Fatal(err)
		}
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// env is a configuration that passes.
func (s *server) env(change ...string) map[string]string {
	out := map[string]string{probe.URL: strings.Replace(s.URL, "127.0.0.1", "localhost", 1) + "/ok?deep=1", probe.Host: "example.com", probe.Status: "200",
		probe.Timeout: "5", probe.RetryFor: "60", "SSL_CERT_FILE": s.authority}
	for i := 0; i < len(change); i += 2 {
		out[change[i]] = change[i+1]
	}
	return out
}

func TestPasses(t *testing.T) {
	for _, tls := range []bool{false, true} {
		s := serve(t, tls)
		if c := ask(t, event, s.env()); c.HookStatus != "SUCCEEDED" || !strings.Contains(c.log, "SUCCEEDED at POST_TEST_TRAFFIC_SHIFT of arn:d") {
			t.Errorf("TLS %v: %+v", tls, c)
		}
		if s.host != "example.com" || s.path != "/ok?deep=1" || tls && s.serverName != "example.com" {
			t.Errorf("TLS %v: asked for %s %s, by the server name %q", tls, s.host, s.path, s.serverName)
		}
		if c := ask(t, event, s.env(probe.URL, s.URL+"/moved", probe.Status, "301")); c.HookStatus != "SUCCEEDED" {
			t.Errorf("TLS %v: a redirect is an answer: %+v", tls, c)
		}
	}
}

func TestFails(t *testing.T) {
	plain, tls := serve(t, false), serve(t, true)
	closed := serve(t, false)
	closed.Close()
	for _, c := range []struct {
		why, log string
		env      map[string]string
	}{
		{"another status", "answered 503, expected is 200", plain.env(probe.URL, plain.URL+"/down")},
		{"nobody there", "ConnectionRefusedError", closed.env()},
		{"no answer in time", "imeout", plain.env(probe.URL, plain.URL+"/slow", probe.Timeout, "0.2")},
		{"a certificate for another name", "CERTIFICATE_VERIFY_FAILED", tls.env(probe.Host, "gateway.example.org")},
		{"a certificate that nobody vouches for", "CERTIFICATE_VERIFY_FAILED", tls.env("SSL_CERT_FILE", "/dev/null")},
		{"no TLS there", "SSLError", plain.env(probe.URL, strings.Replace(plain.URL, "http:", "https:", 1))},
		{"TLS there", "expected is 200", tls.env(probe.URL, strings.Replace(tls.URL, "https:", "http:", 1))},
	} {
		if got := ask(t, event, c.env); got.HookStatus != "IN_PROGRESS" || !strings.Contains(got.log, c.log) || got.CallBackDelay != 10 || got.HookDetails["since"] == nil {
			t.Errorf("%s: %+v", c.why, got)
		}
		c.env[probe.RetryFor] = "0"
		if got := ask(t, event, c.env); got.HookStatus != "FAILED" || !strings.Contains(got.log, c.log) || got.HookDetails != nil {
			t.Errorf("%s, at once: %+v", c.why, got)
		}
	}
}

// TestPatience: a try goes on from call to call by what ECS hands on, and begins anew at another stage.
func TestPatience(t *testing.T) {
	s := serve(t, false)
	env := s.env(probe.URL, s.URL+"/down", probe.RetryFor, "4")
	first := ask(t, event, env)
	if first.HookStatus != "IN_PROGRESS" || first.CallBackDelay < 3 || first.CallBackDelay > 4 {
		t.Fatalf("%+v", first)
	}
	with := func(change map[string]any) string {
		details := map[string]any{}
		for k, v := range first.HookDetails {
			details[k] = v
		}
		for k, v := range change {
			details[k] = v
		}
		b, err := json.Marshal(map[string]any{"lifecycleStage": "POST_TEST_TRAFFIC_SHIFT", "resourceArn": "arn:d", "hookDetails": details})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	since := first.HookDetails["since"].(float64)
	for _, c := range []struct {
		why, want string
		change    map[string]any
	}{
		{"the same try", "IN_PROGRESS", nil},
		{"long enough", "FAILED", map[string]any{"since": since - 10}},
		{"another stage", "IN_PROGRESS", map[string]any{"since": since - 10, "stage": "PRE_PRODUCTION_TRAFFIC_SHIFT of arn:d"}},
		{"a try long ago", "IN_PROGRESS", map[string]any{"since": since - 1000, "last": since - 900}},
		{"nonsense", "IN_PROGRESS", map[string]any{"since": "yesterday"}},
	} {
		if got := ask(t, with(c.change), env); got.HookStatus != c.want {
			t.Errorf("%s: %+v", c.why, got)
		}
	}
}

// TestNeverRaises: whatever the event and the configuration, there is an answer and a reason.
func TestNeverRaises(t *testing.T) {
	s := serve(t, false)
	for _, e := range []string{`null`, `[]`, `"text"`, `{}`, `{"hookDetails":"text"}`} {
		if c := ask(t, e, s.env()); c.HookStatus != "SUCCEEDED" {
			t.Errorf("%s: %+v", e, c)
		}
	}
	for _, env := range []map[string]string{{}, s.env(probe.Status, "fine"), s.env(probe.URL, "http://localhost:99999/"), s.env(probe.Timeout, "")} {
		if c := ask(t, event, env); c.HookStatus != "FAILED" || !strings.Contains(c.log, "FAILED: ") {
			t.Errorf("%v: %+v", env, c)
		}
	}
	// A name that doesn't resolve may do so later.
	if c := ask(t, event, s.env(probe.URL, "http://nowhere.invalid/")); c.HookStatus != "IN_PROGRESS" || !strings.Contains(c.log, "gaierror") {
		t.Errorf("%+v", c)
	}
	if c := ask(t, `{"wake":true}`, nil); !c.Awake || c.HookStatus != "" {
		t.Errorf("%+v", c)
	}
}
