package plugin

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// front is a load balancer on this machine with a gateway behind it.
type front struct {
	address, caFile string
	// health is the status that the health check gets.
	health int
	// complete answers completions.
	complete http.HandlerFunc
	// seen are the completions that were asked for.
	seen []*http.Request
}

const (
	portkeyKey = "pk-s3cr3t"
	openAIKey  = "sk-s3cr3t"
)

// newFront starts a front: with TLS, and a certificate for the names, where there are any.
func newFront(t *testing.T, names ...string) *front {
	t.Helper()
	f := &front{health: http.StatusOK, complete: func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"choices":[{"message":{"content":"`+portkeyKey+`"}}]}`)
	}}
	s := httptest.NewUnstartedServer(http.HandlerFunc(f.answer))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	if len(names) > 0 {
		certificate, text := selfSigned(t, names)
		s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
		f.caFile = filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(f.caFile, text, 0o600); err != nil {
			t.Fatal(err)
		}
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	f.address = s.Listener.Addr().String()
	return f
}

func (f *front) answer(w http.ResponseWriter, r *http.Request) {
	host, _, _ := strings.Cut(r.Host, ":")
	switch {
	case r.TLS != nil && r.TLS.ServerName != host:
		w.WriteHeader(http.StatusMisdirectedRequest)
	case host != "gateway.example.com" && host != "mcp.example.com" && host != "127.0.0.1":
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodGet && r.URL.Path == "/v1/health":
		w.WriteHeader(f.health)
		_, _ = io.WriteString(w, "what nobody is to see")
	case r.Method == http.MethodPost && r.URL.Path == "/v1/chat/completions":
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		f.seen = append(f.seen, r)
		f.complete(w, r)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func selfSigned(t *testing.T, names []string) (certificate tls.Certificate, text []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, DNSNames: names, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(2099, 12, 31, 0, 0, 0, 0, time.UTC),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// verifying is a gateway with two hosts and no rollout.
func verifying() *v1alpha1.PortkeyGateway {
	gw := serving()
	gw.Spec.Mode = v1alpha1.ModeAll
	gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication, Scheme: v1alpha1.LoadBalancerInternetFacing}
	gw.Status.Endpoints.MCP, gw.Status.Endpoints.HostedZoneID = "https://mcp.example.com", "Z35SXDOTRQ7X7K"
	set(gw, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReconciled, "all 61 objects are as the spec asks", 50*time.Hour)
	set(gw, v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing, "3 of 3 gateway tasks run", 50*time.Hour)
	for _, service := range []string{"gateway", "data-service", "redis"} {
		gw.Status.Resources = append(gw.Status.Resources, v1alpha1.ResourceStatus{Node: "log-group/" + service, Name: "/ecs/portkey-gateway/" + service})
	}
	return gw
}

// zone are the addresses that DNS has in a test.
type zone map[string]string

func (n zone) lookup(_ context.Context, host string) ([]string, error) {
	if n[host] == "" {
		return nil, errors.New("no such host")
	}
	return strings.Split(n[host], " "), nil
}

// verify runs the plugin with what DNS and the environment have.
func (l *lab) verify(t *testing.T, dns zone, env map[string]string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e strings.Builder
	code = Run(t.Context(), append([]string{"kubectl-portkey", "verify", "portkey-gateway"}, args...), Environment{
		Out: &o, Err: &e, Version: "v1", Now: func() time.Time { return now },
		connect: func() (*cluster, error) {
			return &cluster{WithWatch: l, namespace: "prod", recheck: time.Millisecond}, nil
		},
		Logs: &l.logs, lookup: dns.lookup, getenv: func(name string) string { return env[name] }, newTrace: func() string { return "portkey-verify-3f2a90c1d4e5b687" },
	})
	return code, o.String(), e.String()
}

var bothKeys = map[string]string{"PORTKEY_API_KEY": portkeyKey, "OPENAI_API_KEY": openAIKey}

const balancerName = "portkey-gateway-1234567890.us-east-1.elb.amazonaws.com"

// verifications are the pages of the checklist, by name.
var verifications = map[string]func(t *testing.T) (code int, page string){
	"passed": func(t *testing.T) (int, string) {
		f := newFront(t, "*.example.com")
		code, out, _ := newLab(t, verifying()).verify(t, nil, bothKeys, "--connect-to", f.address, "--ca-file", f.caFile)
		return code, out
	},
	"no-dns-record": func(t *testing.T) (int, string) {
		gw := verifying()
		gw.Spec.Mode, gw.Status.Endpoints.MCP = v1alpha1.ModeGateway, ""
		gw.Status.Endpoints.LoadBalancer = balancerName
		code, out, _ := newLab(t, gw).verify(t, nil, nil)
		return code, out
	},
}

func TestVerifyPages(t *testing.T) {
	for name, make := range verifications {
		t.Run(name, func(t *testing.T) {
			_, page := make(t)
			golden(t, filepath.Join("testdata", "verify", name+".txt"), page)
		})
	}
}

// resultOf runs the checklist for machines.
func resultOf(t *testing.T, gw *v1alpha1.PortkeyGateway, dns zone, env map[string]string, args ...string) map[string]Check {
	t.Helper()
	return checked(t, newLab(t, gw), dns, env, args...)
}

// checked is resultOf in a laboratory of one's own.
func checked(t *testing.T, l *lab, dns zone, env map[string]string, args ...string) map[string]Check {
	t.Helper()
	code, out, errs := l.verify(t, dns, env, append(args, "-o", "json")...)
	var v Verified
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatalf("%v: %q %q", err, out, errs)
	}
	by := map[string]Check{}
	failed := false
	for _, c := range v.Checks {
		if _, twice := by[c.Name]; twice {
			t.Errorf("two checks are called %s", c.Name)
		}
		if c.Message == "" || c.Result == CheckFailed && c.Next == "" {
			t.Errorf("%s says too little: %+v", c.Name, c)
		}
		by[c.Name] = c
		failed = failed || c.Result == CheckFailed
	}
	if v.Passed == failed || (code == exitDone) == failed || code != exitDone && code != exitFailed {
		t.Errorf("code %d, passed %t, failed %t", code, v.Passed, failed)
	}
	for _, text := range []string{out, errs} {
		if strings.Contains(text, "s3cr3t") || strings.Contains(text, "nobody is to see") {
			t.Errorf("a key, or an answer's body, is shown: %s", text)
		}
	}
	return by
}

func TestVerify(t *testing.T) {
	balanced := zone{"gateway.example.com": "203.0.113.7", "mcp.example.com": "203.0.113.7", balancerName: "203.0.113.7 203.0.113.8"}
	for _, tt := range []struct {
		name  string
		spoil func(t *testing.T, gw *v1alpha1.PortkeyGateway, f *front)
		// want are results and parts of what is said, by check.
		want map[string][2]string
		env  map[string]string
		args []string
		// certificate are its names; without any the front speaks plain HTTP.
		certificate []string
		// sent is how many completions are asked for.
		sent int
	}{
		{name: "all is well", certificate: []string{"*.example.com"}, env: bothKeys, sent: 1, want: map[string][2]string{
			"ready": {"OK", "61 objects"}, "available": {"OK", "3 of 3"}, "revisions in service": {"OK", "portkey-gateway:12 3/3"},
			"gateway certificate": {"OK", "for gateway.example.com, by SNI; until 2099-12-31"}, "gateway health": {"OK", "GET https://gateway.example.com/v1/health: 200"},
			"mcp certificate": {"OK", "mcp.example.com"}, "mcp health": {"OK", "200"},
			"chat completion": {"OK", "gpt-4o-mini by openai: 200"}, "Portkey's logs": {"Skipped", "app.portkey.ai → Logs: the trace portkey-verify-"},
		}},
		{name: "without keys", certificate: []string{"*.example.com"}, want: map[string][2]string{"chat completion": {"Skipped", "doesn't have PORTKEY_API_KEY and OPENAI_API_KEY"}}},
		{name: "another provider", certificate: []string{"*.example.com"}, env: map[string]string{"PORTKEY_API_KEY": portkeyKey, "AZURE_OPENAI_API_KEY": openAIKey}, sent: 1,
			args: []string{"--provider", "azure-openai", "--model", "gpt-5"}, want: map[string][2]string{"chat completion": {"OK", "gpt-5 by azure-openai: 200"}}},
		{name: "a provider of Portkey's own catalogue", certificate: []string{"*.example.com"}, env: map[string]string{"PORTKEY_API_KEY": portkeyKey}, sent: 1,
			args: []string{"--model", "@prod/gpt-5"}, want: map[string][2]string{"chat completion": {"OK", "@prod/gpt-5: 200"}}},
		{name: "a wrong key", certificate: []string{"*.example.com"}, env: bothKeys, sent: 1, want: map[string][2]string{"chat completion": {"Failed", "PORTKEY_API_KEY must be"}},
			spoil: func(_ *testing.T, _ *v1alpha1.PortkeyGateway, f *front) {
				f.complete = func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(http.StatusUnauthorized)
					_, _ = io.WriteString(w, "not "+portkeyKey)
				}
			}},
		{name: "a wrong model", certificate: []string{"*.example.com"}, env: bothKeys, sent: 1, want: map[string][2]string{"chat completion": {"Failed", "correct --provider or --model"}},
			spoil: func(_ *testing.T, _ *v1alpha1.PortkeyGateway, f *front) {
				f.complete = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }
			}},
		{name: "limits", certificate: []string{"*.example.com"}, env: bothKeys, sent: 1, want: map[string][2]string{"chat completion": {"Failed", "limits are reached"}},
			spoil: func(_ *testing.T, _ *v1alpha1.PortkeyGateway, f *front) {
				f.complete = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }
			}},
		{name: "a provider that fails", certificate: []string{"*.example.com"}, env: bothKeys, sent: 1, want: map[string][2]string{"chat completion": {"Failed", "whether the tasks reach the provider"}},
			spoil: func(_ *testing.T, _ *v1alpha1.PortkeyGateway, f *front) {
				f.complete = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
			}},
		{name: "no completion", certificate: []string{"*.example.com"}, env: bothKeys, sent: 1, want: map[string][2]string{"chat completion": {"Failed", "is no completion"}},
			spoil: func(_ *testing.T, _ *v1alpha1.PortkeyGateway, f *front) {
				f.complete = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>"+portkeyKey) }
			}},
		{name: "a redirect with keys", certificate: []string{"*.example.com"}, env: bothKeys, sent: 1, want: map[string][2]string{"chat completion": {"Failed", "302"}},
			spoil: func(_ *testing.T, _ *v1alpha1.PortkeyGateway, f *front) {
				f.complete = func(w http.ResponseWriter, r *http.Request) {
					http.Redirect(w, r, "https://gateway.example.com/v1/chat/completions", http.StatusFound)
				}
			}},
		{name: "no healthy task", certificate: []string{"*.example.com"}, env: bothKeys, want: map[string][2]string{
			"gateway health": {"Failed", "has no healthy task behind it"}, "mcp health": {"Failed", "503"}, "chat completion": {"Skipped", "isn't healthy"}},
			spoil: func(_ *testing.T, _ *v1alpha1.PortkeyGateway, f *front) { f.health = http.StatusServiceUnavailable }},
		{name: "no rule", certificate: []string{"*.example.com"}, want: map[string][2]string{"gateway health": {"Failed", "no rule of the load balancer is for this host"}},
			spoil: func(_ *testing.T, _ *v1alpha1.PortkeyGateway, f *front) { f.health = http.StatusNotFound }},
		{name: "a login page", certificate: []string{"*.example.com"}, want: map[string][2]string{"gateway health": {"Failed", "401, and not 200"}},
			spoil: func(_ *testing.T, _ *v1alpha1.PortkeyGateway, f *front) { f.health = http.StatusUnauthorized }},
		{name: "a certificate for one host", certificate: []string{"gateway.example.com"}, env: bothKeys, sent: 1, want: map[string][2]string{
			"gateway health": {"OK", "200"}, "mcp certificate": {"Failed", "for gateway.example.com, and not for mcp.example.com"}, "mcp health": {"Skipped", ""}}},
		{name: "the load balancer's own name", certificate: []string{"gateway.example.com"}, want: map[string][2]string{"gateway certificate": {"Failed", "set loadBalancer.hosts"}},
			spoil: func(_ *testing.T, gw *v1alpha1.PortkeyGateway, _ *front) {
				gw.Spec.Mode, gw.Status.Endpoints.Gateway = v1alpha1.ModeGateway, "https://"+balancerName
			}},
		{name: "what clients call it", certificate: []string{"gateway.example.com"}, args: []string{"--gateway-url", "https://gateway.example.com"}, want: map[string][2]string{"gateway health": {"OK", "200"}},
			spoil: func(_ *testing.T, gw *v1alpha1.PortkeyGateway, _ *front) {
				gw.Spec.Mode, gw.Status.Endpoints.Gateway = v1alpha1.ModeGateway, "https://"+balancerName
			}},
		{name: "plain HTTP through a tunnel", env: bothKeys, sent: 1, want: map[string][2]string{"gateway certificate": {"Skipped", "plain HTTP"}, "chat completion": {"OK", "200"}},
			spoil: func(_ *testing.T, gw *v1alpha1.PortkeyGateway, _ *front) {
				gw.Spec.Mode, gw.Status.Endpoints.Gateway = v1alpha1.ModeGateway, "http://gateway.example.com"
			}},
		{name: "mode MCP", certificate: []string{"mcp.example.com"}, env: bothKeys, want: map[string][2]string{"mcp health": {"OK", "200"}, "chat completion": {"Skipped", "mode MCP has no AI gateway"}},
			spoil: func(_ *testing.T, gw *v1alpha1.PortkeyGateway, _ *front) {
				gw.Spec.Mode, gw.Status.Endpoints.Gateway = v1alpha1.ModeMCP, ""
			}},
		{name: "no load balancer", want: map[string][2]string{"gateway": {"Skipped", "spec.loadBalancer isn't set"}, "mcp": {"Skipped", "--mcp-url"}, "chat completion": {"Skipped", ""}},
			spoil: func(_ *testing.T, gw *v1alpha1.PortkeyGateway, _ *front) {
				gw.Spec.LoadBalancer, gw.Status.Endpoints = nil, nil
			}},
		{name: "no address yet", want: map[string][2]string{"gateway": {"Failed", "status.endpoints has no address yet"}},
			spoil: func(_ *testing.T, gw *v1alpha1.PortkeyGateway, _ *front) { gw.Status.Endpoints = nil }},
		{name: "new", want: map[string][2]string{"ready": {"Failed", "the operator hasn't looked"}, "available": {"Failed", ""}, "revisions in service": {"Failed", ""}},
			spoil: func(_ *testing.T, gw *v1alpha1.PortkeyGateway, _ *front) { gw.Status = v1alpha1.PortkeyGatewayStatus{} }},
		{name: "a newer spec", certificate: []string{"*.example.com"}, want: map[string][2]string{"ready": {"Failed", "the newest spec (generation 8) hasn't been looked at yet"}},
			spoil: func(_ *testing.T, gw *v1alpha1.PortkeyGateway, _ *front) { gw.Generation = 8 }},
		{name: "a task that is missing", certificate: []string{"*.example.com"}, want: map[string][2]string{"revisions in service": {"Failed", "2 of 3 tasks of gateway run"}},
			spoil: func(_ *testing.T, gw *v1alpha1.PortkeyGateway, _ *front) { gw.Status.Services[0].Running = 2 }},
		{name: "a rollout that was taken back", certificate: []string{"*.example.com"}, want: map[string][2]string{"revisions in service": {"Failed", "RolledBack: tasks failed"}},
			spoil: func(_ *testing.T, gw *v1alpha1.PortkeyGateway, _ *front) {
				set(gw, v1alpha1.ConditionRolloutHealthy, metav1.ConditionFalse, v1alpha1.ReasonRolledBack, "tasks failed", time.Minute)
			}},
		{name: "a way to the control plane", certificate: []string{"*.example.com"}, want: map[string][2]string{"control plane": {"OK", "the endpoint is available"}},
			spoil: func(_ *testing.T, gw *v1alpha1.PortkeyGateway, _ *front) {
				set(gw, v1alpha1.ConditionControlPlaneReady, metav1.ConditionTrue, "Reconciled", "the endpoint is available", time.Minute)
			}},
		{name: "no way to the control plane", certificate: []string{"*.example.com"}, want: map[string][2]string{"control plane": {"Failed", "Waiting: Portkey hasn't accepted"}},
			spoil: func(_ *testing.T, gw *v1alpha1.PortkeyGateway, _ *front) {
				set(gw, v1alpha1.ConditionControlPlaneReady, metav1.ConditionFalse, "Waiting", "Portkey hasn't accepted the endpoint yet", time.Minute)
			}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			gw, f := verifying(), newFront(t, tt.certificate...)
			if tt.spoil != nil {
				tt.spoil(t, gw, f)
			}
			args := append([]string{"--connect-to", f.address}, tt.args...)
			if f.caFile != "" {
				args = append(args, "--ca-file", f.caFile)
			}
			got := resultOf(t, gw, balanced, tt.env, args...)
			for name, want := range tt.want {
				if c := got[name]; string(c.Result) != want[0] || !strings.Contains(c.Message+" "+c.Next, want[1]) {
					t.Errorf("%s: %+v, want %q", name, c, want)
				}
			}
			if len(f.seen) != tt.sent {
				t.Fatalf("%d completions are asked for, want %d", len(f.seen), tt.sent)
			}
			for _, r := range f.seen {
				integrated := slices.Contains(tt.args, "@prod/gpt-5")
				if r.Header.Get("x-portkey-api-key") != portkeyKey || !strings.HasPrefix(r.Header.Get("x-portkey-trace-id"), "portkey-verify-") ||
					(r.Header.Get("Authorization") == "Bearer "+openAIKey) == integrated || (r.Header.Get("x-portkey-provider") == "") != integrated {
					t.Errorf("headers %v", r.Header)
				}
			}
		})
	}
}

// TestVerifyDNS connects where DNS says: to this machine.
func TestVerifyDNS(t *testing.T) {
	f := newFront(t)
	port := f.address[strings.LastIndex(f.address, ":"):]
	for _, tt := range []struct {
		name, url, balancer string
		dns                 zone
		result              CheckResult
		says                string
		// up says that the gateway is asked nevertheless, and answers.
		up bool
	}{
		{"the record is missing", "http://gateway.example.com" + port, "127.0.0.1", zone{"127.0.0.1": "127.0.0.1"}, CheckFailed, "create the DNS record gateway.example.com CNAME 127.0.0.1; in Route 53 an alias A record to it, of zone Z35SXDOTRQ7X7K", true},
		{"nothing resolves", "http://gateway.example.com", balancerName, nil, CheckFailed, "create the DNS record", false},
		{"an internal name from outside", "http://" + balancerName, balancerName, nil, CheckFailed, balancerName + " doesn't resolve here", false},
		{"an address", "http://127.0.0.1" + port, balancerName, nil, CheckSkipped, "is an address", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			gw := verifying()
			gw.Spec.Mode = v1alpha1.ModeGateway
			gw.Status.Endpoints.Gateway, gw.Status.Endpoints.LoadBalancer = tt.url, tt.balancer
			got := resultOf(t, gw, tt.dns, nil)
			if c := got["gateway name"]; c.Result != tt.result || !strings.Contains(c.Message+c.Next, tt.says) {
				t.Errorf("%+v", c)
			}
			if (got["gateway health"].Result == CheckOK) != tt.up {
				t.Errorf("%+v", got)
			}
		})
	}
	v := &verification{app: &app{Environment: Environment{}}, gw: verifying()}
	v.gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{DNS: &v1alpha1.LoadBalancerDNS{HostedZoneID: "Z0123456789ABCDEFGHIJ"}}
	if next := v.toResolve("gateway.example.com", balancerName); strings.Contains(next, "create") || !strings.Contains(next, "delegate") {
		t.Errorf("of a record that the operator makes: %s", next)
	}
	for _, tt := range []struct {
		dns    zone
		result CheckResult
		says   string
	}{
		{zone{"gateway.example.com": "203.0.113.7", balancerName: "203.0.113.8 203.0.113.7"}, CheckOK, "gateway.example.com leads to the load balancer"},
		{zone{"gateway.example.com": "203.0.113.9", balancerName: "203.0.113.7"}, CheckSkipped, "leads to 203.0.113.9, and the load balancer is at 203.0.113.7"},
		{zone{"gateway.example.com": "203.0.113.9"}, CheckSkipped, "the load balancer's own name isn't known here"},
	} {
		v.lookup, v.checks = tt.dns.lookup, nil
		e := &endpoint{name: "gateway", url: mustParse(t, "https://gateway.example.com")}
		if !v.named(t.Context(), e, "name") || v.checks[0].Result != tt.result || !strings.Contains(v.checks[0].Message, tt.says) || e.dial != "" {
			t.Errorf("%+v of %v", v.checks, tt.dns)
		}
	}
}

// TestKeysAreNotSentInTheClear: what answers at a public address by plain HTTP gets no keys.
func TestKeysAreNotSentInTheClear(t *testing.T) {
	v := &verification{app: &app{Environment: Environment{getenv: func(name string) string { return bothKeys[name] }}}, gw: verifying()}
	v.options = verifyOptions{model: "gpt-4o-mini", provider: "openai", keyFromEnv: "OPENAI_API_KEY"}
	// 192.0.2.1 is in nobody's network, and isn't private: a dial would fail by its timeout, and in other words.
	v.completion(t.Context(), &endpoint{name: "gateway", url: mustParse(t, "http://gateway.example.com"), dial: "192.0.2.1:80", up: true})
	if c := v.checks[0]; c.Result != CheckSkipped || c.Message != "keys aren't sent over plain HTTP to a public address" {
		t.Errorf("%+v", c)
	}
}

func TestVerifyFlags(t *testing.T) {
	l := newLab(t, verifying())
	noPEM := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(noPEM, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--connect-to", "localhost"}, exitUsage, "--connect-to is host:port"},
		{[]string{"--gateway-url", "gateway.example.com"}, exitUsage, "--gateway-url begins with http:// or https://"},
		{[]string{"--mcp-url", "https://user:pw@mcp.example.com"}, exitUsage, "--mcp-url begins with"},
		{[]string{"-o", "xml"}, exitUsage, "-o is json or yaml"},
		{[]string{"--ca-file", noPEM}, exitFailed, "has no certificate in PEM"},
		{[]string{"--ca-file", noPEM + "x"}, exitFailed, "no such file"},
		{[]string{"-n"}, exitUsage, "flag needs an argument"},
	} {
		if code, out, errs := l.verify(t, nil, nil, tt.args...); code != tt.code || out != "" || !strings.Contains(errs, tt.says) {
			t.Errorf("%v: %d %q %q", tt.args, code, out, errs)
		}
	}
}

func TestVerifyForMachines(t *testing.T) {
	l := newLab(t, verifying())
	f := newFront(t, "*.example.com")
	_, asJSON, _ := l.verify(t, nil, bothKeys, "--connect-to", f.address, "--ca-file", f.caFile, "-o", "json")
	_, asYAML, _ := l.verify(t, nil, bothKeys, "--connect-to", f.address, "--ca-file", f.caFile, "-o", "yaml")
	var a, b Verified
	if err := errors.Join(json.Unmarshal([]byte(asJSON), &a), yaml.Unmarshal([]byte(asYAML), &b)); err != nil || !reflect.DeepEqual(a, b) || !a.Passed {
		t.Error(err, a, b)
	}
	if code, page := verifications["passed"](t); code != exitDone || strings.Contains(page, "FAILED") {
		t.Error(code, page)
	}
	if code, page := verifications["no-dns-record"](t); code != exitFailed || !strings.Contains(page, "1 failed") {
		t.Error(code, page)
	}
	if fmt.Sprint(newTrace()) == newTrace() {
		t.Error("two traces are the same")
	}
}

func newTrace() string { return (&app{}).trace() }

func mustParse(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
