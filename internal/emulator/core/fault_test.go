package core

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestThrottling(t *testing.T) {
	s := fixture()
	statuses := func(n int) (out []int) {
		for range n {
			status, _ := do(t, s, request("ecs", "n"))
			out = append(out, status)
		}
		return out
	}
	if got := fmt.Sprint(statuses(5)); got != "[200 200 200 400 400]" {
		t.Error(got)
	}
	s.World.Clock.Advance(2 * time.Second)
	if got := fmt.Sprint(statuses(3)); got != "[200 200 400]" {
		t.Error(got)
	}
	if _, body := do(t, s, request("ecs", "n")); !strings.Contains(body, "ThrottlingException") {
		t.Error(body)
	}
	s.World.Settings.NoThrottling = true
	if got := fmt.Sprint(statuses(3)); got != "[200 200 200]" {
		t.Error(got)
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		rule FaultRule
		want string // status per call
	}{
		{FaultRule{Service: "ec2", Fault: FaultThrottle, Nth: 2}, "[200 503 200 200]"},
		{FaultRule{Service: "ec2", Fault: FaultServerError, Every: 2}, "[200 500 200 500]"},
		{FaultRule{Service: "*", Action: "Echo", Fault: FaultDenied, Times: 2}, "[403 403 200 200]"},
		{FaultRule{Fault: FaultError, Code: "VpcLimitExceeded", Nth: 1}, "[400 200 200 200]"},
		{FaultRule{Service: "ecs", Fault: FaultDenied}, "[200 200 200 200]"},
		{FaultRule{Action: "Other", Fault: FaultDenied}, "[200 200 200 200]"},
		{FaultRule{Service: "ec2", Fault: FaultTimeout, Nth: 1}, "[0 200 200 200]"},
		{FaultRule{Service: "ec2", Fault: FaultLost, Nth: 3}, "[200 200 0 200]"},
	} {
		s := fixture()
		applied := 0
		Handle(s.Mux("ec2"), "Echo", func(*Request, *echoIn) (*echoOut, error) { applied++; return &echoOut{}, nil })
		s.Inject(c.rule)
		var got []int
		for range 4 {
			status, _ := do(t, s, request("ec2", "n"))
			got = append(got, status)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%+v: got %v, want %s", c.rule, got, c.want)
		}
		struck := 0
		for i, call := range s.Calls(0) {
			if call.Fault != "" {
				struck++
			}
			if call.Fault == FaultLost && call.Error != "" || call.Fault == FaultTimeout && call.Error == "" {
				t.Errorf("call %d: %+v", i, call)
			}
		}
		want := 4 - struck
		if c.rule.Fault == FaultLost {
			want = 4 // applied, and the answer lost
		}
		if applied != want {
			t.Errorf("%+v: %d calls were applied, want %d", c.rule, applied, want)
		}
	}
	s := fixture()
	s.Inject(FaultRule{Service: "containers", Fault: FaultDenied})
	if _, body := do(t, s, request("ecs", "n")); !strings.Contains(body, "AccessDeniedException") || !strings.Contains(body, "ecs:Echo") {
		t.Error("rules go by the log's names:", body)
	}
}

func TestBrokenConnections(t *testing.T) {
	s := fixture()
	h := httptest.NewServer(s)
	defer h.Close()
	s.Inject(FaultRule{Fault: FaultLost, Nth: 1})
	for i, broken := range []bool{true, false} {
		r := request("ec2", "n")
		r.RequestURI, r.URL.Scheme, r.URL.Host = "", "http", strings.TrimPrefix(h.URL, "http://")
		res, err := h.Client().Do(r)
		if (err != nil) != broken {
			t.Errorf("call %d: %v", i, err)
		}
		if err == nil {
			res.Body.Close()
		}
	}
}
