// Package harness runs the operator's controller against the emulator in one process and on one
// virtual clock: no waiting, no goroutines of its own, and the same run every time. Tests and
// benchmarks stand on it.
package harness

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	awsretry "github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/middleware"
	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/util/retry"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/controllers"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/reach"
)

// Start is when every virtual clock begins.
var Start = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// Harness is a Kubernetes API, an AWS, and the controller between them.
type Harness struct {
	Emulator *emulator.Emulator
	// Seeded is what a user has beforehand.
	Seeded emulator.Seeded
	Clock  *core.Clock
	Kube   client.WithWatch
	// Reconciler is the manager's; Restart makes another.
	Reconciler *controllers.PortkeyGatewayReconciler
	Events     *Recorder
	// Parallel bounds how many nodes a walk of the next manager handles at once; 0 is the operator's own bound, and 1
	// makes every run the same.
	Parallel int
	// Transport, when set, stands between the SDK and the emulator.
	Transport func(*http.Request) (*http.Response, error)
	// Answered, when set, is called with what AWS answered a call of the next manager, before that sees it.
	Answered func(output any)
	// Walking, when set, is the manager's: it ends when the manager is asked to.
	Walking context.Context
	// Watch, when set, is called after each event of the emulator and each call of Reconcile.
	Watch func()
	// Reconciles counts the calls of Reconcile.
	Reconciles int
	sync.Mutex // for transports
	// due is when each gateway asked to be reconciled next.
	due map[types.NamespacedName]time.Time
	// failures is how often each gateway's reconciliation has failed in a row.
	failures map[types.NamespacedName]int
	// listening is nil while nobody listens to events.
	listening *listening
	// network is nil while endpoints aren't asked; looks are what the manager does beside its walks.
	network func(reach.Question) *reach.Answer
	looks   []func()
}

// quiet silences controller-runtime once: its SetLogger races with itself, and harnesses are made in parallel.
var quiet = sync.OnceFunc(func() { ctrl.SetLogger(logr.Discard()) })

// New returns a harness with what a user would have before: credentials, secrets, a bucket.
func New() *Harness {
	clock := core.NewClock(Start)
	emu := emulator.New(emulator.Options{Clock: clock})
	seeded := emu.Seed("us-east-1")
	quiet()
	scheme := runtime.NewScheme()
	must(clientgoscheme.AddToScheme(scheme))
	must(v1alpha1.AddToScheme(scheme))
	h := &Harness{Emulator: emu, Seeded: seeded, Clock: clock, Events: &Recorder{}, due: map[types.NamespacedName]time.Time{}}
	h.Kube = newKube(scheme, clock.Now)
	h.Restart()
	return h
}

// Restart replaces the manager by a new one with an empty memory, and without a Mortal's end.
func (h *Harness) Restart() {
	h.failures = map[types.NamespacedName]int{}
	cfg := sdk.Config{
		Region: "us-east-1", HTTPClient: doer(h.do), BaseEndpoint: sdk.String("http://aws.invalid"),
		Retryer:     impatient,
		Credentials: credentials.NewStaticCredentialsProvider(emulator.AccessKeyID, "secret", ""),
	}
	if h.Answered != nil {
		cfg.APIOptions = append(cfg.APIOptions, h.answered)
	}
	h.Reconciler = &controllers.PortkeyGatewayReconciler{
		Client: h.Kube, Reader: h.Kube, Worlds: aws.NewFactory(cfg, h.Clock.Now), Cluster: "cluster-uid", Events: h.Events, Now: h.Clock.Now,
		SyncInterval: v1alpha1.DefaultSyncInterval, Parallel: h.Parallel,
	}
	h.Walking = context.Background()
	clear(h.due)
	h.listen()
	h.lookOut()
}

// impatient retries as the operator does, but doesn't wait: no real time passes in a harness.
func impatient() sdk.Retryer {
	return awsretry.NewStandard(func(o *awsretry.StandardOptions) {
		o.MaxAttempts, o.RateLimiter = 3, ratelimit.None
		o.Backoff = awsretry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	})
}

// answered has Answered called with every output.
func (h *Harness) answered(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Answered",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			out, meta, err := next.HandleInitialize(ctx, in)
			if err == nil {
				h.Answered(out.Result)
			}
			return out, meta, err
		}), middleware.After)
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

func (h *Harness) do(r *http.Request) (*http.Response, error) {
	if h.Transport != nil {
		return h.Transport(r)
	}
	return h.Emulator.Server.Do(r)
}

// Minimal is the gateway of config/samples/minimal.yaml.
func (h *Harness) Minimal(name string) *v1alpha1.PortkeyGateway {
	return &v1alpha1.PortkeyGateway{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Generation: 1, UID: types.UID("uid-" + name)},
		Spec: v1alpha1.PortkeyGatewaySpec{
			Region: "us-east-1", ManagementPolicy: v1alpha1.ManagementReconcile, DeletionPolicy: v1alpha1.DeletionDelete,
			Credentials: v1alpha1.Credentials{
				License:  v1alpha1.SecretSource{SecretARN: h.Seeded.LicenseSecret},
				Registry: v1alpha1.SecretSource{SecretARN: h.Seeded.RegistrySecret},
			},
			Storage:      v1alpha1.Storage{LogBucket: emulator.LogBucket},
			LoadBalancer: &v1alpha1.LoadBalancer{},
		},
	}
}

// Create adds a gateway.
func (h *Harness) Create(gw *v1alpha1.PortkeyGateway) types.NamespacedName {
	must(h.Kube.Create(context.Background(), gw))
	return client.ObjectKeyFromObject(gw)
}

// Get reads a gateway; nil when it is gone.
func (h *Harness) Get(key types.NamespacedName) *v1alpha1.PortkeyGateway {
	gw := &v1alpha1.PortkeyGateway{}
	if err := h.Kube.Get(context.Background(), key, gw); err != nil {
		must(client.IgnoreNotFound(err))
		return nil
	}
	return gw
}

// Edit changes a gateway's spec as a user would: the generation counts up, and it is due at once.
func (h *Harness) Edit(key types.NamespacedName, change func(*v1alpha1.PortkeyGateway)) {
	h.update(key, func(gw *v1alpha1.PortkeyGateway) {
		change(gw)
		gw.Generation++
	})
	delete(h.due, key)
}

// Annotate sets an annotation; no value removes it. The gateway is due at once.
func (h *Harness) Annotate(key types.NamespacedName, name, value string) {
	h.update(key, func(gw *v1alpha1.PortkeyGateway) {
		if value == "" {
			delete(gw.Annotations, name)
			return
		}
		metav1.SetMetaDataAnnotation(&gw.ObjectMeta, name, value)
	})
	delete(h.due, key)
}

// update writes a gateway, again when a walk journalled meanwhile.
func (h *Harness) update(key types.NamespacedName, change func(*v1alpha1.PortkeyGateway)) {
	must(retry.RetryOnConflict(retry.DefaultRetry, func() error {
		gw := h.Get(key)
		change(gw)
		return h.Kube.Update(context.Background(), gw)
	}))
}

// LoseStatus empties a gateway's status, as a backup does that has none.
func (h *Harness) LoseStatus(key types.NamespacedName) {
	must(retry.RetryOnConflict(retry.DefaultRetry, func() error {
		gw := h.Get(key)
		gw.Status = v1alpha1.PortkeyGatewayStatus{}
		return h.Kube.Status().Update(context.Background(), gw)
	}))
}

// Delete deletes a gateway as a user would.
func (h *Harness) Delete(key types.NamespacedName) {
	must(h.Kube.Delete(context.Background(), h.Get(key)))
	delete(h.due, key)
}

// longestBackoff is how long the work queue waits at most before it tries again what has failed
// (k8s.io/client-go/util/workqueue, DefaultTypedControllerRateLimiter). It doubles from milliseconds on; here from a
// second on, since nothing happens in virtual milliseconds.
const longestBackoff = 1000 * time.Second

// Reconcile runs the controller once, as the work queue would, and remembers when it asked to be run
// again, or when the queue would do so after a failure.
func (h *Harness) Reconcile(key types.NamespacedName) (ctrl.Result, error) {
	h.Reconciles++
	res, err := h.Reconciler.Reconcile(h.Walking, ctrl.Request{NamespacedName: key})
	documented(h.Get(key))
	h.watch()
	after := res.RequeueAfter
	if err != nil {
		after = min(time.Second<<h.failures[key], longestBackoff)
		h.failures[key] = min(h.failures[key]+1, 10)
	} else {
		delete(h.failures, key)
	}
	if after == 0 {
		after = time.Hour // nothing asked for: the informer's own resync, at the earliest
	}
	h.due[key] = h.Clock.Now().Add(after)
	h.look()
	return res, err
}

// Step lets virtual time pass until the gateway is due, and runs the controller once.
func (h *Harness) Step(key types.NamespacedName) error {
	h.attend(key)
	_, err := h.Reconcile(key)
	return err
}

// AdvanceTo lets virtual time pass until a moment: event by event when somebody watches.
func (h *Harness) AdvanceTo(end time.Time) {
	for h.Watch != nil {
		at, ok := h.Clock.Next()
		if !ok || at.After(end) {
			break
		}
		h.Emulator.Server.Advance(max(0, at.Sub(h.Clock.Now())))
		h.watch()
	}
	if now := h.Clock.Now(); end.After(now) {
		h.Emulator.Server.Advance(end.Sub(now))
	}
}

func (h *Harness) watch() {
	if h.Watch != nil {
		h.Watch()
	}
}

// documented panics when a condition has a status or reason that its documentation doesn't know:
// whatever a test is about, users are never told in words that aren't explained.
func documented(gw *v1alpha1.PortkeyGateway) {
	if gw == nil {
		return
	}
	for _, c := range gw.Status.Conditions {
		if !v1alpha1.Documented(c.Type, string(c.Status), c.Reason) {
			panic(fmt.Sprintf("the condition %s=%s %s (%s) isn't documented in api/v1alpha1/conditions.go", c.Type, c.Status, c.Reason, c.Message))
		}
	}
}

// Until runs the controller in virtual time until the condition holds. It answers an error when that
// takes longer than bound.
func (h *Harness) Until(key types.NamespacedName, bound time.Duration, what string, done func(*v1alpha1.PortkeyGateway) bool) error {
	end := h.Clock.Now().Add(bound)
	for {
		if gw := h.Get(key); done(gw) {
			return nil
		}
		if h.Clock.Now().After(end) {
			return fmt.Errorf("%s didn't come about within %s:\n%s", what, bound, Story(h.Get(key)))
		}
		if err := h.Step(key); err != nil {
			return err
		}
	}
}

// Catch is Until for moments that the controller may miss: it looks after each event of AWS, and stops there.
func (h *Harness) Catch(key types.NamespacedName, bound time.Duration, what string, done func() bool) error {
	for end := h.Clock.Now().Add(bound); !done(); {
		if h.Clock.Now().After(end) {
			return fmt.Errorf("%s didn't come about within %s:\n%s", what, bound, Story(h.Get(key)))
		}
		if at, ok := h.Clock.Next(); ok && at.Before(h.due[key]) {
			h.Emulator.Server.Advance(max(0, at.Sub(h.Clock.Now())))
			h.watch()
			continue
		}
		if err := h.Step(key); err != nil {
			return err
		}
	}
	return nil
}

// Ready reports whether a gateway is Ready for its present generation.
func Ready(gw *v1alpha1.PortkeyGateway) bool {
	if gw == nil {
		return false
	}
	for _, c := range gw.Status.Conditions {
		if c.Type == v1alpha1.ConditionReady {
			return c.Status == metav1.ConditionTrue && c.ObservedGeneration == gw.Generation
		}
	}
	return false
}

// Gone reports whether a gateway is gone.
func Gone(gw *v1alpha1.PortkeyGateway) bool { return gw == nil }

// Story prints a gateway's conditions and unfinished objects, for failures.
func Story(gw *v1alpha1.PortkeyGateway) string {
	if gw == nil {
		return "the gateway is gone"
	}
	out := ""
	for _, c := range gw.Status.Conditions {
		out += fmt.Sprintf("  %s=%s %s: %s\n", c.Type, c.Status, c.Reason, c.Message)
	}
	for _, r := range gw.Status.Resources {
		if r.Phase != v1alpha1.ResourceReady {
			out += fmt.Sprintf("    %s %s %s: %s\n", r.Node, r.ID, r.Phase, r.Why)
		}
	}
	return out
}

// Mutations counts calls that write.
func Mutations(calls []core.CallRecord) int {
	n := 0
	for _, c := range calls {
		if !c.ReadOnly() {
			n++
		}
	}
	return n
}

// Recorder keeps events.
type Recorder struct {
	mu     sync.Mutex
	Events []string
}

// Eventf implements events.EventRecorder.
func (r *Recorder) Eventf(_, _ runtime.Object, kind, reason, _, format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Events = append(r.Events, kind+" "+reason+" "+fmt.Sprintf(format, args...))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
