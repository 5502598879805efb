// Package secrets proves that no secret leaves the places that are made for it: lives of gateways run with values
// that are found again anywhere, and everything that the operator says and does is searched for them.
package secrets

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr/funcr"
	"github.com/prometheus/common/expfmt"
	"go.uber.org/goleak"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// logged is everything that was logged, at any verbosity.
var logged struct {
	sync.Mutex
	bytes.Buffer
}

func TestMain(m *testing.M) {
	// The first logger is the one that stays.
	ctrl.SetLogger(funcr.New(func(prefix, args string) {
		logged.Lock()
		defer logged.Unlock()
		logged.WriteString(prefix + " " + args + "\n")
	}, funcr.Options{Verbosity: 100}))
	goleak.VerifyTestMain(m)
}

// watch collects the secrets that there are, and what is said.
type watch struct {
	h   *harness.Harness
	key types.NamespacedName
	// values are what must be nowhere, each with whose it is.
	values map[string]string
	// said is what people and other systems can read, by place.
	said map[string]*bytes.Buffer
	// echoed are the operations that have been refused once with an answer that repeats the request.
	echoed map[string]bool
	// sent are the values that some request carried, and so AWS might repeat.
	sent map[string]bool
	// seen is the last call of AWS that was kept.
	seen int
}

const canary = "cAnArY"

func TestSecretsAppearNowhere(t *testing.T) {
	h := harness.New()
	scope := core.Scope{Account: emulator.Account, Region: "us-east-1"}
	w := &watch{h: h, values: map[string]string{}, said: map[string]*bytes.Buffer{}, echoed: map[string]bool{}, sent: map[string]bool{}}
	h.Reconciler.CheckSecretKeys = true // all of them are read, and two are refused at first
	h.Emulator.World.Lock()
	license := h.Emulator.SecretsManager.Add(scope, "c/license", `{"PORTKEY_CLIENT_AUTH":"`+canary+`-license-0000","`+canary+`-key-0000":"`+canary+`-orgs-0000"}`)
	registry := h.Emulator.SecretsManager.Add(scope, "c/registry", `{"username":"`+canary+`-user-0000","password":`+canary+`-registry-0000`)
	env := h.Emulator.SecretsManager.Add(scope, "c/env", `{"KEY":"`+canary+`-env-0001"}`)
	h.Emulator.World.Unlock()
	h.Transport = w.send

	gw := h.Minimal("gw")
	gw.Spec.Credentials.License.SecretARN, gw.Spec.Credentials.Registry.SecretARN = license, registry
	gw.Spec.Gateway = &v1alpha1.Gateway{SecretEnv: v1alpha1.SecretEnvironment{"MY_KEY": {SecretARN: env, Key: "KEY"}}}
	gw.Spec.Cache = &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{Managed: &v1alpha1.ManagedCache{}}}
	for what, value := range map[string]string{"license": "-license-0000", "license's key": "-key-0000", "registry": "-registry-0000"} {
		w.values[canary+value] = "the refused " + what
	}
	w.key = h.Create(gw)
	w.refused(t, "credentials.license")
	h.Emulator.World.Lock()
	h.Emulator.SecretsManager.Add(scope, "c/license", `{"PORTKEY_CLIENT_AUTH":"`+canary+`-license-0001","ORGANISATIONS_TO_SYNC":"`+canary+`-orgs-0001"}`)
	h.Emulator.World.Unlock()
	w.refused(t, "credentials.registry")
	h.Emulator.World.Lock()
	h.Emulator.SecretsManager.Add(scope, "c/registry", `{"username":"`+canary+`-user-0001","password":"`+canary+`-registry-0001"}`)
	h.Emulator.World.Unlock()
	w.until(t, "Ready", harness.Ready)
	if ours := w.generated(); len(ours) == 0 {
		t.Fatal("the operator made no password")
	}
	w.ask(t)
	// Others renew what lies in the secrets; tasks and cache follow.
	h.Emulator.World.Lock()
	h.Emulator.SecretsManager.Add(scope, "c/license", `{"PORTKEY_CLIENT_AUTH":"`+canary+`-license-0002","ORGANISATIONS_TO_SYNC":"`+canary+`-orgs-0002"}`)
	h.Emulator.World.Unlock()
	w.settle(t)
	for _, e := range []struct {
		what   string
		change func(*v1alpha1.PortkeyGatewaySpec)
	}{
		{"a serverless cache", func(s *v1alpha1.PortkeyGatewaySpec) {
			s.Cache.ElastiCache = &v1alpha1.ElastiCache{Serverless: &v1alpha1.ServerlessCache{}}
		}},
		{"no secret more", func(s *v1alpha1.PortkeyGatewaySpec) { s.Gateway.SecretEnv = nil }},
		{"a plan", func(s *v1alpha1.PortkeyGatewaySpec) {
			s.ManagementPolicy, s.Gateway.Image = v1alpha1.ManagementObserve, &v1alpha1.Image{Tag: "2.17.0"}
			s.Cache.ElastiCache = &v1alpha1.ElastiCache{Managed: &v1alpha1.ManagedCache{}}
		}},
	} {
		h.Edit(w.key, func(gw *v1alpha1.PortkeyGateway) { e.change(&gw.Spec) })
		if e.what == "a plan" {
			w.settle(t)
			w.ask(t)
			continue
		}
		w.until(t, e.what, harness.Ready)
	}
	h.Edit(w.key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ManagementPolicy = v1alpha1.ManagementReconcile })
	w.until(t, "the plan done", harness.Ready)
	h.Delete(w.key)
	w.until(t, "deletion", harness.Gone)
	w.collect(t)

	w.judge(t, 7, 2, "CreateSecret", "CreateReplicationGroup", "CreateUser")
}

// TestMirroredSecretsAppearNowhere runs the life of a gateway whose secrets are Kubernetes Secrets: all that can be
// named, with values that have to be quoted; refused, rotated, put right, restored, planned and deleted.
func TestMirroredSecretsAppearNowhere(t *testing.T) {
	h := harness.New()
	w := &watch{h: h, values: map[string]string{}, said: map[string]*bytes.Buffer{}, echoed: map[string]bool{}, sent: map[string]bool{}}
	h.Transport = w.send
	write := func(name string, data map[string]string) {
		for key, value := range data {
			w.values[value] = "the Secret " + name + "'s " + key
		}
		h.WriteSecret(name, data)
	}
	value := func(what string, version int) string {
		return fmt.Sprintf("%s-%s\n\"<&>%%ü\\-%04d", canary, what, version)
	}
	write("license", map[string]string{"PORTKEY_CLIENT_AUTH": value("license", 1), "unread": value("unread", 1)}) // lacks a key
	write("registry", map[string]string{"username": value("user", 1), "password": value("registry", 1)})
	write("keys", map[string]string{"openai": value("openai", 1), "other": value("other", 1), "binary": canary + "-binary-\xff\xfe-0001"})
	write("redis", map[string]string{"REDIS_PASSWORD": value("redis", 1)})
	ref := func(name string) *v1alpha1.SecretReference { return &v1alpha1.SecretReference{Name: name} }
	gw := h.Minimal("gw")
	gw.Spec.Credentials = v1alpha1.Credentials{License: v1alpha1.SecretSource{SecretRef: ref("license")}, Registry: v1alpha1.SecretSource{SecretRef: ref("registry")}}
	gw.Spec.Gateway = &v1alpha1.Gateway{SecretEnv: v1alpha1.SecretEnvironment{"MY_KEY": {SecretRef: ref("keys"), Key: "binary"}}}
	gw.Spec.DataService = &v1alpha1.DataService{SecretEnv: v1alpha1.SecretEnvironment{"MY_OTHER": {SecretRef: ref("keys"), Key: "other"}}}
	gw.Spec.Cache = &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{Endpoint: &v1alpha1.CacheEndpoint{Address: "10.1.2.3:6379"}, Auth: &v1alpha1.CacheAuth{SecretRef: ref("redis")}}}
	w.key = h.Create(gw)
	w.settle(t)
	license := func(version int) {
		write("license", map[string]string{"PORTKEY_CLIENT_AUTH": value("license", version), "ORGANISATIONS_TO_SYNC": value("orgs", version), "unread": value("unread", version)})
	}
	license(1)
	w.settle(t)
	w.edit(t, "Ready", func(s *v1alpha1.PortkeyGatewaySpec) {
		s.Gateway.SecretEnv["MY_KEY"] = v1alpha1.SecretKey{SecretRef: ref("keys"), Key: "openai"}
	})
	license(2)
	w.settle(t)
	w.until(t, "rotated", harness.Ready)
	h.ChangeSecret("license", func(s *corev1.Secret) { s.Labels = map[string]string{"a": "b"} }) // the copy is read
	w.settle(t)
	w.ask(t)
	for _, r := range h.Emulator.Server.Resources(false) { // somebody writes into a copy
		if r.Kind == "Secret" && strings.HasSuffix(r.Name, "-license") {
			h.Emulator.World.Lock()
			h.Emulator.SecretsManager.Add(core.Scope{Account: r.Account, Region: r.Region}, r.Name, `{"PORTKEY_CLIENT_AUTH":"`+canary+`-by-hand-0001"}`)
			h.Emulator.World.Unlock()
		}
	}
	w.values[canary+"-by-hand-0001"] = "somebody's by hand"
	w.settle(t)
	w.until(t, "put right", harness.Ready)
	w.edit(t, "encrypted", func(s *v1alpha1.PortkeyGatewaySpec) {
		s.Secrets = &v1alpha1.Secrets{KMSKeyARN: "arn:aws:kms:us-east-1:" + emulator.Account + ":key/" + emulator.KeyID}
	})
	h.Edit(w.key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.ManagementPolicy, gw.Spec.Gateway.SecretEnv["MORE"] = v1alpha1.ManagementObserve, v1alpha1.SecretKey{SecretRef: ref("keys"), Key: "other"}
	})
	license(3)
	w.settle(t) // a plan
	w.ask(t)
	w.edit(t, "the plan done", func(s *v1alpha1.PortkeyGatewaySpec) { s.ManagementPolicy = v1alpha1.ManagementReconcile })
	write("license", map[string]string{"PORTKEY_CLIENT_AUTH": value("license", 4)})
	w.settle(t) // which can't be copied
	h.Restart()
	h.Transport = w.send
	w.settle(t) // nor accepted
	license(5)
	w.settle(t)
	w.until(t, "mended", harness.Ready)
	h.Delete(w.key)
	w.until(t, "deletion", harness.Gone)
	w.collect(t)
	w.judge(t, 20, 12, "CreateSecret", "PutSecretValue")
	for place, text := range w.said {
		if i := bytes.Index(text.Bytes(), []byte(canary)); i >= 0 {
			t.Errorf("%s: a part of a value is in: …%s…", place, text.Bytes()[max(0, i-300):min(text.Len(), i+60)])
		}
	}
}

// refused waits until the spec is refused for a field's secret.
func (w *watch) refused(t *testing.T, field string) {
	t.Helper()
	w.until(t, field+" is refused", func(gw *v1alpha1.PortkeyGateway) bool {
		c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionAccepted)
		return c != nil && c.Reason == v1alpha1.ReasonSecretUnusable && strings.HasPrefix(c.Message, field+": ")
	})
}

// edit changes the spec, and waits until the gateway is Ready with it.
func (w *watch) edit(t *testing.T, what string, change func(*v1alpha1.PortkeyGatewaySpec)) {
	t.Helper()
	w.h.Edit(w.key, func(gw *v1alpha1.PortkeyGateway) { change(&gw.Spec) })
	w.until(t, what, harness.Ready)
}

// judge looks for the values in everything that was said.
func (w *watch) judge(t *testing.T, values, sent int, echoed ...string) {
	t.Helper()
	for _, operation := range echoed {
		if !w.echoed[operation] {
			t.Errorf("no answer to %s repeated the request", operation)
		}
	}
	if len(w.values) < values || len(w.sent) < sent {
		t.Errorf("only %d secrets were looked for, of which %d were sent", len(w.values), len(w.sent))
	}
	for _, place := range []string{"log", "event", "status", "metrics", "AWS", "call", "plugin"} {
		text := w.said[place]
		if text == nil || text.Len() == 0 {
			t.Errorf("nothing was said in any %s", place)
			continue
		}
		for value, whose := range w.values {
			if i := bytes.Index(text.Bytes(), []byte(value)); i >= 0 {
				t.Errorf("%s: %s is in: …%s…", place, whose, text.Bytes()[max(0, i-300):min(text.Len(), i+60)])
			}
		}
	}
}

func (w *watch) until(t *testing.T, what string, done func(*v1alpha1.PortkeyGateway) bool) {
	t.Helper()
	for end := w.h.Clock.Now().Add(3 * time.Hour); !done(w.h.Get(w.key)); {
		if err := w.h.Step(w.key); err != nil {
			t.Fatal(err)
		}
		w.collect(t)
		if w.h.Clock.Now().After(end) {
			t.Fatalf("%s didn't come about:\n%s", what, harness.Story(w.h.Get(w.key)))
		}
	}
}

func (w *watch) settle(t *testing.T) {
	t.Helper()
	for range 3 {
		w.h.Emulator.Server.Advance(6 * time.Minute)
		if _, err := w.h.Reconcile(w.key); err != nil {
			t.Fatal(err)
		}
		w.collect(t)
	}
}

// send refuses the first call of each operation that carries a secret, with an answer that repeats all of it.
func (w *watch) send(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	w.h.Lock()
	defer w.h.Unlock()
	w.secrets()
	plain, err := url.QueryUnescape(string(body))
	if err != nil {
		plain = string(body)
	}
	operation, answer := "", ""
	if _, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); name == "CreateSecret" || name == "PutSecretValue" {
		operation = name
		var in struct{ SecretString string }
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, err
		}
		w.note(in.SecretString, "a password of the operator's")
		var values map[string]string
		if err := json.Unmarshal([]byte(in.SecretString), &values); err != nil {
			return nil, err
		}
		for v := range maps.Values(values) {
			w.sent[v] = true
		}
		text, err := json.Marshal(map[string]string{"__type": "InternalServiceError", "message": fmt.Sprintf("we don't like %s of %s, that is %v", in.SecretString, body, values)})
		if err != nil {
			return nil, err
		}
		answer = string(text)
	}
	for v := range w.values {
		if !strings.Contains(plain, v) {
			continue
		}
		w.sent[v] = true
		if action := regexp.MustCompile(`(?:^|&)Action=(\w+)`).FindStringSubmatch(plain); action != nil {
			operation = action[1]
			answer = `<ErrorResponse><Error><Type>Sender</Type><Code>InvalidReplicationGroupState</Code><Message>we don't like ` + v + ` of ` + string(bytes.ReplaceAll(body, []byte("&"), []byte(" "))) + `</Message></Error><RequestId>1</RequestId></ErrorResponse>`
		}
	}
	if operation == "" || w.echoed[operation] {
		return w.h.Emulator.Server.Do(r)
	}
	w.echoed[operation] = true
	return &http.Response{StatusCode: http.StatusBadRequest, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
}

// secrets notes all values that lie in AWS Secrets Manager now.
func (w *watch) secrets() {
	for _, r := range w.h.Emulator.Server.Resources(false) {
		if r.Kind != "Secret" {
			continue
		}
		w.h.Emulator.World.Lock()
		text, ok := w.h.Emulator.SecretsManager.Value(core.Scope{Account: r.Account, Region: r.Region}, r.ARN)
		w.h.Emulator.World.Unlock()
		if ok {
			w.note(text, r.Name)
		}
	}
}

func (w *watch) note(text, whose string) {
	var in map[string]string
	if json.Unmarshal([]byte(text), &in) != nil {
		return
	}
	for _, v := range in {
		// What Seed makes has words that are everybody's: the canaries and the generated ones are looked for.
		if len(v) >= 16 && (strings.HasPrefix(v, canary) || !strings.Contains(v, "emulated")) && v != "portkeyenterprise" {
			w.values[v] = whose
		}
	}
}

// generated are the passwords that the operator made.
func (w *watch) generated() []string {
	var out []string
	for v, whose := range w.values {
		if !strings.HasPrefix(v, canary) {
			out = append(out, whose)
		}
	}
	slices.Sort(out)
	return out
}

func (w *watch) into(place string) *bytes.Buffer {
	if w.said[place] == nil {
		w.said[place] = &bytes.Buffer{}
	}
	return w.said[place]
}

// allowedIn are the parameters in which ElastiCache and Secrets Manager are told a secret.
var allowedIn = regexp.MustCompile(`"(AuthToken|SecretString|AuthenticationMode\.Passwords\.member\.\d+)":"(?:[^"\\]|\\.)*"`)

// collect keeps what is said at this moment.
func (w *watch) collect(t *testing.T) {
	t.Helper()
	logged.Lock()
	w.into("log").Write(logged.Bytes())
	logged.Reset()
	logged.Unlock()
	for _, e := range w.h.Events.Events {
		_, _ = fmt.Fprintln(w.into("event"), e)
	}
	w.h.Events.Events = nil
	keep := func(place string, v any) {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		w.into(place).Write(append(b, '\n'))
	}
	if gw := w.h.Get(w.key); gw != nil {
		keep("status", gw)
	}
	if families, err := metrics.Registry.Gather(); err != nil {
		t.Fatal(err)
	} else {
		for _, f := range families {
			if _, err := expfmt.MetricFamilyToText(w.into("metrics"), f); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, r := range w.h.Emulator.Server.Resources(true) {
		keep("AWS", r)
	}
	calls := w.h.Emulator.Server.Calls(w.lastCall())
	for _, c := range calls {
		b, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		w.into("call").Write(append(allowedIn.ReplaceAll(b, []byte(`"$1":"…"`)), '\n'))
	}
}

// lastCall is the last call that was kept before.
func (w *watch) lastCall() int {
	last := w.seen
	w.seen = w.h.Emulator.Server.LastCall()
	return last
}
