package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/controllers"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// elsewhere is another account than the seed's, and its access key.
const elsewhere, elsewhereKey = "999999999999", "AKIAELSEWHERE0000000"

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// moveOut gives the operator the credentials of another account, without restarting it.
func moveOut(h *harness.Harness) (moveBack func()) {
	h.Emulator.World.Lock()
	h.Emulator.World.AddKey(elsewhereKey, core.AccountRoot(elsewhere))
	h.Emulator.World.Unlock()
	home := h.Reconciler.Worlds
	h.Reconciler.Worlds = aws.NewFactory(sdk.Config{
		HTTPClient: doer(h.Emulator.Server.Do), BaseEndpoint: sdk.String("http://aws.invalid"), Retryer: func() sdk.Retryer { return sdk.NopRetryer{} },
		Credentials: credentials.NewStaticCredentialsProvider(elsewhereKey, "secret", ""),
	}, h.Clock.Now)
	return func() { h.Reconciler.Worlds = home }
}

// unpin takes the annotation off that says where the deployment was begun, as "kubectl replace" does.
func unpin(t *testing.T, h *harness.Harness, key types.NamespacedName) {
	t.Helper()
	gw := h.Get(key)
	delete(gw.Annotations, controllers.AnnotationPinned)
	if err := h.Kube.Update(t.Context(), gw); err != nil {
		t.Fatal(err)
	}
}

// TestAnotherAccountIsNeverTouched: there, everything would seem to be missing.
func TestAnotherAccountIsNeverTouched(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		do   func(*testing.T, *harness.Harness, types.NamespacedName)
	}{
		{"pinned", func(*testing.T, *harness.Harness, types.NamespacedName) {}},
		{"the pin lost", unpin},
		{"edited", func(_ *testing.T, h *harness.Harness, key types.NamespacedName) {
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Tags = map[string]v1alpha1.TagValue{"a": "b"} })
		}},
		{"deleted", func(_ *testing.T, h *harness.Harness, key types.NamespacedName) { h.Delete(key) }},
		{"deleted, and the pin lost", func(t *testing.T, h *harness.Harness, key types.NamespacedName) { unpin(t, h, key); h.Delete(key) }},
		{"deleted, and the status lost", func(t *testing.T, h *harness.Harness, key types.NamespacedName) {
			gw := h.Get(key)
			gw.Status = v1alpha1.PortkeyGatewayStatus{}
			if err := h.Kube.Status().Update(t.Context(), gw); err != nil {
				t.Fatal(err)
			}
			h.Delete(key)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := harness.New()
			before := h.Emulator.Server.Resources(false)
			key := h.Create(h.Minimal("gw"))
			ready(t, h, key)
			settle(t, h, key)
			recorded := len(h.Get(key).Status.Resources)
			home := moveOut(h)
			tt.do(t, h, key)
			kept := len(h.Get(key).Status.Resources)
			m := mark(h)
			for range 5 {
				if _, err := h.Reconcile(key); err != nil {
					t.Fatal(err)
				}
				h.Emulator.Server.Advance(time.Hour)
			}
			gw := h.Get(key)
			if gw == nil || reason(gw, v1alpha1.ConditionStalled) != v1alpha1.ReasonWrongAccount || len(gw.Status.Resources) != kept {
				t.Fatalf("%d resources, were %d\n%s", len(gw.Status.Resources), recorded, harness.Story(gw))
			}
			if calls := since(h, m); len(mutations(calls)) > 0 {
				t.Fatalf("wrote: %v", mutations(calls))
			}
			home()
			if !gw.DeletionTimestamp.IsZero() {
				gone(t, h, key, before)
				return
			}
			ready(t, h, key)
		})
	}
}

// unopened is an AWS that can't be talked to.
type unopened struct{ err error }

func (u unopened) World(context.Context, string) (*aws.World, error) { return nil, u.err }

// TestBegunIsWhatHasAFinalizer: before account and region are known for good, nothing holds a
// resource back that its author wants to be rid of.
func TestBegunIsWhatHasAFinalizer(t *testing.T) {
	denied := errors.New("no EC2 IMDS role found")
	for _, tt := range []struct {
		name    string
		spec    func(*v1alpha1.PortkeyGateway)
		err     error
		reason  string
		stalled bool
	}{
		{"another account than spec.accountID", func(gw *v1alpha1.PortkeyGateway) { gw.Spec.AccountID = elsewhere }, nil, v1alpha1.ReasonWrongAccount, true},
		{"no credentials", nil, &aws.CredentialsError{Err: denied}, v1alpha1.ReasonCredentialsUnavailable, true},
		{"a region that isn't", nil, fmt.Errorf("sts: %w", &net.DNSError{Err: "no such host", Name: "sts.us-nowhere-9.amazonaws.com", IsNotFound: true}), v1alpha1.ReasonRetrying, false},
		{"a network that fails", nil, fmt.Errorf("sts: %w", context.DeadlineExceeded), v1alpha1.ReasonRetrying, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := harness.New()
			gw := h.Minimal("gw")
			if tt.spec != nil {
				tt.spec(gw)
			}
			if tt.err != nil {
				h.Reconciler.Worlds = unopened{tt.err}
			}
			key := h.Create(gw)
			m := mark(h)
			for range 3 {
				res, err := h.Reconcile(key)
				if err != nil || res.RequeueAfter < 10*time.Second || res.RequeueAfter > 5*time.Minute {
					t.Fatalf("again after %s, %v", res.RequeueAfter, err)
				}
			}
			got := h.Get(key)
			if reason(got, v1alpha1.ConditionReady) != tt.reason || (status(got, v1alpha1.ConditionStalled) == "True") != tt.stalled {
				t.Fatalf("want %s:\n%s", tt.reason, harness.Story(got))
			}
			if len(got.Finalizers) > 0 || len(mutations(since(h, m))) > 0 {
				t.Fatalf("finalizers %v, mutations %v", got.Finalizers, mutations(since(h, m)))
			}
			h.Delete(key)
			if _, err := h.Reconcile(key); err != nil || h.Get(key) != nil {
				t.Fatalf("%v\n%s", err, harness.Story(h.Get(key)))
			}
		})
	}
}

// TestALostPinLosesNothing: the annotation goes, alone or together with the status, and what exists is
// neither made again nor left behind.
func TestALostPinLosesNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status, deleted bool
		lag             time.Duration
	}{
		{false, false, 0}, {true, false, 0}, {false, true, 0}, {true, true, 0}, {true, false, time.Minute}, {true, true, time.Minute},
	} {
		t.Run(fmt.Sprintf("%+v", tt), func(t *testing.T) {
			h := harness.New()
			before := h.Emulator.Server.Resources(false)
			h.Emulator.World.Settings.ReadLag = tt.lag
			key := h.Create(h.Minimal("gw"))
			for range 2 {
				if err := h.Step(key); err != nil {
					t.Fatal(err)
				}
			}
			unpin(t, h, key)
			if tt.status {
				loseStatus(t, h, key)
			}
			if !tt.deleted {
				if err := h.Until(key, slowCreation, "Ready", harness.Ready); err != nil {
					t.Fatal(err)
				}
				if n := len(h.Get(key).Finalizers); n != 1 {
					t.Fatalf("%d finalizers", n)
				}
				if got := ids(h, "VPC"); len(got) > len("vpc-0123456789abcdef0") {
					t.Fatalf("doubled: %s", got)
				}
			}
			h.Delete(key)
			if err := h.Until(key, 3*time.Hour, "deletion", harness.Gone); err != nil {
				t.Fatal(err)
			}
			h.Emulator.Server.Advance(time.Hour)
			gone(t, h, key, before)
		})
	}
}
