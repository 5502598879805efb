package acm_test

import (
	"encoding/json"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/acm"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func TestReads(t *testing.T) {
	w := core.NewWorld(core.NewClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)))
	w.AddKey("AKIATEST000000000000", core.AccountRoot("123456789012"))
	srv := core.NewServer(w)
	s := acm.New(w)
	srv.Register(s.Mux())
	scope := core.Scope{Account: "123456789012", Region: "eu-west-1"}
	w.Lock()
	good := s.Add(scope, "1", "ISSUED", "a.example.com", "*.example.com")
	bad := s.Add(scope, "2", "PENDING_VALIDATION", "b.example.com")
	w.Unlock()
	call := func(action, body string) (int, map[string]any) {
		t.Helper()
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", "CertificateManager."+action)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIATEST000000000000/20261123/eu-west-1/acm/aws4_request")
		res, err := srv.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]any{}
		if err := json.Unmarshal(b, &out); err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, out
	}
	if status, out := call("DescribeCertificate", `{"CertificateArn":"`+good+`"}`); status != 200 || out["Certificate"].(map[string]any)["Status"] != "ISSUED" ||
		len(out["Certificate"].(map[string]any)["SubjectAlternativeNames"].([]any)) != 2 {
		t.Error(status, out)
	}
	if _, out := call("DescribeCertificate", `{"CertificateArn":"`+good+`9"}`); out["__type"] != "ResourceNotFoundException" {
		t.Error(out)
	}
	if _, out := call("DescribeCertificate", `{"CertificateArn":"x"}`); out["__type"] != "InvalidArnException" {
		t.Error(out)
	}
	if _, out := call("ListCertificates", `{"CertificateStatuses":["ISSUED"]}`); len(out["CertificateSummaryList"].([]any)) != 1 {
		t.Error(out)
	}
	if _, out := call("ListTagsForCertificate", `{"CertificateArn":"`+bad+`"}`); len(out["Tags"].([]any)) != 0 {
		t.Error(out)
	}
	for arn, want := range map[string][2]bool{good: {true, true}, bad: {true, false}, good + "9": {false, false}} {
		if found, usable := s.Certificate(scope, arn); [2]bool{found, usable} != want {
			t.Error(arn, found, usable)
		}
	}
}
