package core

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestControl(t *testing.T) {
	s := fixture()
	s.World.AddInventory(func(all bool) []Resource {
		out := []Resource{{Kind: "VPC", Name: "b"}, {Kind: "Subnet", Name: "a"}}
		if all {
			out = append(out, Resource{Kind: "NATGateway", State: "deleted"})
		}
		return out
	})
	control := func(method, path, body string) (int, string) {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(method, "/_emulator/"+path, strings.NewReader(body)))
		return w.Code, w.Body.String()
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "clock", "", 200, `"2026-11-23T12:00:00Z"`},
		{"POST", "clock", `{"advance":"10m"}`, 200, "12:10:00"},
		{"POST", "clock", `{"advance":"ten"}`, 400, "duration"},
		{"POST", "clock", `{"advance":"-1s"}`, 400, "duration"},
		{"POST", "clock", `{"forward":"1s"}`, 400, "unknown field"},
		{"POST", "clock", `{"scale":-1}`, 400, "scale"},
		{"POST", "settings", `{"pageSize":2,"latency":"5ms","readLag":"1s","throttling":false}`, 200, "ok"},
		{"POST", "settings", `{"latency":"5"}`, 400, "duration"},
		{"POST", "settings", `{"pagesize2":1}`, 400, "unknown field"},
		{"POST", "accounts", `{"accessKeyID":"AKIANEW","account":"210987654321"}`, 200, "ok"},
		{"POST", "accounts", `{"accessKeyID":"AKIANEW","account":"1"}`, 400, "12-digit"},
		{"POST", "faults", `{"fault":"throttle","nth":1}`, 200, "ok"},
		{"POST", "faults", `[{"fault":"500","service":"ec2"},{"fault":"error","code":"X"}]`, 200, "ok"},
		{"POST", "faults", `{"fault":"explode"}`, 400, "explode"},
		{"POST", "faults", `{"fault":"error"}`, 400, "code"},
		{"POST", "faults", `{"fault":"denied","servce":"ec2"}`, 400, "unknown field"},
		{"POST", "faults", `[]`, 400, "no rule"},
		{"DELETE", "faults", "", 200, "ok"},
		{"GET", "nothing", "", 404, "no such control endpoint"},
		{"POST", "calls", "", 404, "no such control endpoint"},
	} {
		if status, body := control(c.method, c.path, c.body); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.body, status, body)
		}
	}
	if set := s.World.Settings; set.PageSize != 2 || set.Latency != 5*time.Millisecond || set.ReadLag != time.Second || !set.NoThrottling {
		t.Errorf("%+v", set)
	}
	r := request("ec2", "n")
	r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "AKIATEST", "AKIANEW", 1))
	if status, body := do(t, s, r); status != 200 {
		t.Error(status, body)
	}
	_, body := control("GET", "calls?after=0", "")
	var c CallRecord
	if err := json.Unmarshal([]byte(body), &c); err != nil || c.Account != "210987654321" {
		t.Error(body, err)
	}
	for path, want := range map[string][]string{"resources": {"Subnet", "VPC"}, "resources?all=1": {"NATGateway", "Subnet", "VPC"}} {
		_, body := control("GET", path, "")
		var list []Resource
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, r := range list {
			kinds = append(kinds, r.Kind)
			if r.Tags == nil {
				t.Error("tags are never null")
			}
		}
		if fmt.Sprint(kinds) != fmt.Sprint(want) {
			t.Errorf("%s: %v", path, kinds)
		}
	}
	if status, _ := control("POST", "reset", ""); status != 200 || len(s.Calls(0)) != 0 {
		t.Error("reset keeps calls")
	}
}
