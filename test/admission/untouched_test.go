package admission

import (
	"context"
	"net/http"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/controllers"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/test/manifests"
)

// TestRefusedManifestsDontReachAWS runs the controller next to the API server and lets it refuse every
// manifest and update of the tables: AWS isn't called once. What is updated is paused before and wouldn't be
// afterwards, so that an update that slips through does call.
func TestRefusedManifestsDontReachAWS(t *testing.T) {
	ns := namespace(t)
	c := strict(ns)
	emu := operate(t, ns)

	for _, tc := range manifests.Invalid {
		if err := c.Create(t.Context(), tc.Object()); !apierrors.IsInvalid(err) {
			t.Errorf("%s isn't refused as invalid: %v", tc.Name, err)
		}
	}
	for _, u := range manifests.Updates {
		if u.Want == "" {
			continue
		}
		object := paused(t, c, u.Before())
		after := u.After()
		after.SetResourceVersion(object.GetResourceVersion())
		if err := c.Update(t.Context(), after); !apierrors.IsInvalid(err) {
			t.Errorf("%s isn't refused as invalid: %v", u.Name, err)
		}
	}
	// Whatever was admitted before this one has been worked on when this one has.
	last := paused(t, c, manifests.Case{Name: "last"}.Object())
	if calls := emu.Server.Calls(0); len(calls) > 0 {
		t.Errorf("what is refused leads to %d calls of AWS, the first being %s:%s", len(calls), calls[0].Service, calls[0].Action)
	}

	if err := unstructured.SetNestedField(last.Object, string(v1alpha1.ManagementReconcile), "spec", "managementPolicy"); err != nil {
		t.Fatal(err)
	}
	if err := c.Update(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	eventually(t, "what is admitted reaches AWS", func(context.Context) bool { return len(emu.Server.Calls(0)) > 0 })
}

// paused creates a gateway that the controller may not act for, and waits until the controller has said so.
func paused(t *testing.T, c client.Client, object *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	if err := unstructured.SetNestedField(object.Object, string(v1alpha1.ManagementPaused), "spec", "managementPolicy"); err != nil {
		t.Fatal(err)
	}
	if err := c.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	eventually(t, object.GetName()+" is looked at", func(ctx context.Context) bool {
		var gw v1alpha1.PortkeyGateway
		if err := c.Get(ctx, client.ObjectKeyFromObject(object), &gw); err != nil {
			return false
		}
		ready := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionReady)
		return ready != nil && ready.Reason == v1alpha1.ReasonPaused
	})
	if err := c.Get(t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
		t.Fatal(err)
	}
	return object
}

func eventually(t *testing.T, what string, done func(context.Context) bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) { return done(ctx), nil })
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

type awsClient struct{ emu *emulator.Emulator }

func (c awsClient) Do(r *http.Request) (*http.Response, error) { return c.emu.Server.Do(r) }

// operate runs the controller for one namespace until the test ends.
func operate(t *testing.T, ns string) *emulator.Emulator {
	t.Helper()
	emu := emulator.New(emulator.Options{})
	emu.Seed("us-east-1")
	mgr, err := ctrl.NewManager(kubeConfig, ctrl.Options{
		Scheme: kube.Scheme(), Metrics: metricsserver.Options{BindAddress: "0"},
		Cache: cache.Options{DefaultNamespaces: map[string]cache.Config{ns: {}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &controllers.PortkeyGatewayReconciler{
		Client: mgr.GetClient(), Reader: mgr.GetAPIReader(), Cluster: "cluster-uid", Now: time.Now, SyncInterval: v1alpha1.DefaultSyncInterval,
		Events: mgr.GetEventRecorder("portkey-ecs-operator"),
		Worlds: aws.NewFactory(sdk.Config{
			Region: "us-east-1", BaseEndpoint: sdk.String("http://aws.invalid"), HTTPClient: awsClient{emu},
			Credentials: credentials.NewStaticCredentialsProvider(emulator.AccessKeyID, "secret", ""),
		}, time.Now),
	}
	if err := r.SetupWithManager(mgr, 1); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the manager ended: %v", err)
		}
	})
	return emu
}
