package lifecycle

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// TestKilledWhileCopying kills the manager at each of its writes to Secrets Manager in a life with copies, before and
// after it took effect, and sometimes loses status with it: the life goes on as if nothing had been, with no version
// and no secret too many.
func TestKilledWhileCopying(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	spared := copyingLife(t, 0, false, false)
	if spared.writes < 12 {
		t.Fatalf("a life has %d writes: %v", spared.writes, spared.made)
	}
	for at := 1; at <= spared.writes; at++ {
		for _, lost := range []bool{false, true} {
			if !harness.Sample(2 * at) {
				continue
			}
			t.Run(fmt.Sprintf("%s, which is write %d, took effect: %t", spared.made[at-1], at, lost), func(t *testing.T) {
				t.Parallel()
				killed := copyingLife(t, at, lost, at%3 == 0)
				if killed.versions != spared.versions {
					t.Errorf("the license has %d versions, and %d without the kill", killed.versions, spared.versions)
				}
			})
		}
	}
}

// copied is what a life with copies came to.
type copied struct {
	writes, versions int
	made             []string
}

// copyingLife makes, rotates, encrypts, tags, restores, prunes and deletes copies. The manager dies at its at-th write
// to Secrets Manager; 0 is never.
func copyingLife(t *testing.T, at int, lost, forgetful bool) copied {
	h := harness.New()
	before := h.Emulator.Server.Resources(false)
	var out copied
	m := &mortal{left: 1}
	h.Transport = func(r *http.Request) (*http.Response, error) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		if h.Lock(); m.dead {
			h.Unlock()
			return nil, errDead
		}
		if !strings.HasPrefix(r.Header.Get("X-Amz-Target"), "secretsmanager.") || (core.CallRecord{Action: operation}).ReadOnly() || operation == "GetSecretValue" {
			h.Unlock()
			return h.Emulator.Server.Do(r)
		}
		defer h.Unlock()
		out.made = append(out.made, operation)
		if out.writes++; out.writes == at {
			m.dead = true
			if lost {
				_, _ = h.Emulator.Server.Do(r)
			}
			return nil, errDead
		}
		return h.Emulator.Server.Do(r)
	}
	h.Reconciler.Client = m.kube(h.Kube)
	gw := referring(h)
	gw.Spec.DataService, gw.Spec.Credentials.Registry = nil, h.Minimal("gw").Spec.Credentials.Registry
	key := h.Create(gw)
	reach := func(what string, done func(*v1alpha1.PortkeyGateway) bool) {
		t.Helper()
		for end := h.Clock.Now().Add(3 * time.Hour); !done(h.Get(key)); {
			if err := h.Step(key); err != nil && !m.dead {
				t.Fatal(err)
			}
			if m.dead {
				revive(t, h, key, m, forgetful)
			}
			if h.Clock.Now().After(end) {
				t.Fatalf("%s didn't come about:\n%s", what, harness.Story(h.Get(key)))
			}
		}
	}
	settles := func(what string) {
		t.Helper()
		for range 2 {
			h.AdvanceTo(h.Clock.Now().Add(6 * time.Minute))
			if _, err := h.Reconcile(key); err != nil && !m.dead {
				t.Fatal(err)
			}
			if m.dead {
				revive(t, h, key, m, forgetful)
			}
		}
		reach(what, harness.Ready)
	}
	edit := func(what string, change func(*spec)) {
		t.Helper()
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { change(&gw.Spec) })
		reach(what, harness.Ready)
	}
	reach("Ready", harness.Ready)
	h.WriteSecret(kubeLicense, map[string]string{"PORTKEY_CLIENT_AUTH": "license-2", "ORGANISATIONS_TO_SYNC": "org-1"})
	settles("rotated")
	edit("encrypted", func(s *spec) {
		s.Secrets = &v1alpha1.Secrets{KMSKeyARN: "arn:aws:kms:us-east-1:" + emulator.Account + ":key/" + emulator.KeyID}
	})
	edit("tagged", func(s *spec) { s.Tags = map[string]v1alpha1.TagValue{"team": "ai"} })
	edit("untagged", func(s *spec) { s.Tags = nil })
	if _, err := secrets(h).DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: sdk.String(copyOf(t, h, "license").ARN)}); err != nil {
		t.Fatal(err)
	}
	settles("restored")
	edit("a variable less", func(s *spec) { s.Gateway.SecretEnv = nil })
	settles("pruned")
	if got := copies(t, h); len(got) != 1 || got["mirrored-secret/license"]["PORTKEY_CLIENT_AUTH"] != "license-2" {
		t.Errorf("the copies are %v", got)
	}
	versions, err := secrets(h).ListSecretVersionIds(t.Context(), &secretsmanager.ListSecretVersionIdsInput{SecretId: sdk.String(copyOf(t, h, "license").ARN), IncludeDeprecated: sdk.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	out.versions = len(versions.Versions)
	h.Delete(key)
	reach("deletion", harness.Gone)
	if left := difference(h.Emulator.Server.Resources(false), before); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	return out
}

// revive starts another manager after one has died.
func revive(t *testing.T, h *harness.Harness, key types.NamespacedName, m *mortal, forgetful bool) {
	t.Helper()
	m.dead = false
	transport := h.Transport
	h.Restart()
	h.Transport = transport
	if gw := h.Get(key); forgetful && gw != nil {
		h.LoseStatus(key)
	}
}
