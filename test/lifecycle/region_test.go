package lifecycle

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// TestARegionThatIsNone: its endpoints don't resolve. That may pass, where it is the cluster's DNS, so it is asked again;
// until then Accepted says what it may be, nothing is written, and the gateway can be deleted.
func TestARegionThatIsNone(t *testing.T) {
	h := harness.New()
	before := h.Emulator.Server.Resources(false)
	h.Transport = func(r *http.Request) (*http.Response, error) {
		if strings.Contains(r.Header.Get("Authorization"), "/us-est-1/") {
			return nil, &net.DNSError{Err: "no such host", Name: "sts.us-est-1.amazonaws.com", IsNotFound: true}
		}
		return h.Emulator.Server.Do(r)
	}
	gw := h.Minimal("gw")
	gw.Spec.Region = "us-est-1"
	m := mark(h)
	key := h.Create(gw)
	for range 3 {
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []string{v1alpha1.ConditionAccepted, v1alpha1.ConditionReady} {
		message := told(t, h.Get(key), c, metav1.ConditionUnknown, v1alpha1.ReasonRetrying)
		for _, part := range []string{"sts.us-est-1.amazonaws.com doesn't resolve", "or spec.region is no region of AWS", "create another PortkeyGateway with the right one"} {
			if !strings.Contains(message, part) {
				t.Errorf("%s lacks %q: %s", c, part, message)
			}
		}
	}
	if got := mutations(since(h, m)); len(got) > 0 {
		t.Errorf("written: %v", got)
	}
	h.Delete(key)
	if err := h.Until(key, time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
	if left := difference(h.Emulator.Server.Resources(false), before); len(left) > 0 {
		t.Errorf("left: %v", left)
	}

	// Where it was the cluster's DNS, it passes by itself.
	dns := true
	h.Transport = func(r *http.Request) (*http.Response, error) {
		if dns {
			return nil, &net.DNSError{Err: "no such host", Name: "sts.us-east-1.amazonaws.com", IsNotFound: true}
		}
		return h.Emulator.Server.Do(r)
	}
	h.Restart()
	key = h.Create(h.Minimal("other"))
	if err := h.Step(key); err != nil {
		t.Fatal(err)
	}
	told(t, h.Get(key), v1alpha1.ConditionAccepted, metav1.ConditionUnknown, v1alpha1.ReasonRetrying)
	dns = false
	ready(t, h, key)
	told(t, h.Get(key), v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
}

// TestARegionThatIsNotEnabled: a region that the account must enable first knows none of its credentials, and AWS says
// so in the words that it has for wrong ones. Accepted names both; enabling the region is enough.
func TestARegionThatIsNotEnabled(t *testing.T) {
	const region = "eu-south-2"
	h := harness.New()
	gw := h.Minimal("gw")
	gw.Spec.Region = region
	m := mark(h)
	key := h.Create(gw)
	for range 3 {
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
	}
	isRefused(t, h.Get(key), v1alpha1.ReasonCredentialsUnavailable, []string{
		"the operator can't find out whose AWS credentials it has: The security token included in the request is invalid",
		"or spec.region isn't enabled in the account: enable it there", "create another PortkeyGateway for another region",
	})
	if got := mutations(since(h, m)); len(got) > 0 {
		t.Errorf("written: %v", got)
	}
	// It is enabled, and so are what the spec names in it.
	seeded := h.Emulator.Seed(region)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Credentials.License.SecretARN, gw.Spec.Credentials.Registry.SecretARN = seeded.LicenseSecret, seeded.RegistrySecret
		gw.Spec.Storage.Region = "us-east-1"
	})
	ready(t, h, key)
	told(t, h.Get(key), v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
}
