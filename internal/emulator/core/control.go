package core

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// control serves the emulator's own endpoints; docs/emulator.md describes them.
func (s *Server) control(w http.ResponseWriter, h *http.Request) {
	var err error
	switch h.Method + " " + h.URL.Path {
	case "GET /_emulator/calls":
		after, _ := strconv.Atoi(h.URL.Query().Get("after"))
		w.Header().Set("Content-Type", "application/x-ndjson")
		enc := json.NewEncoder(w)
		for _, c := range s.Calls(after) {
			if err = enc.Encode(c); err != nil {
				return
			}
		}
		return
	case "GET /_emulator/resources":
		writeJSON(w, s.Resources(h.URL.Query().Get("all") == "1"))
		return
	case "GET /_emulator/clock":
		writeJSON(w, map[string]any{"now": s.World.Clock.Now()})
		return
	case "POST /_emulator/clock":
		err = s.controlClock(h)
	case "POST /_emulator/faults":
		err = s.controlFaults(h)
	case "DELETE /_emulator/faults":
		s.ClearFaults()
	case "POST /_emulator/settings":
		err = s.controlSettings(h)
	case "POST /_emulator/accounts":
		err = s.controlAccounts(h)
	case "POST /_emulator/reset":
		s.World.Lock()
		s.World.Reset()
		s.World.Unlock()
	default:
		if f := s.controls[h.Method+" "+h.URL.Path]; f != nil {
			err = f(h)
			break
		}
		http.Error(w, "no such control endpoint: "+h.Method+" "+h.URL.Path, http.StatusNotFound)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	writeJSON(w, map[string]any{"ok": true, "now": s.World.Clock.Now()})
}

// Control adds a control endpoint, "POST /_emulator/name", that decodes its body by Strict.
func (s *Server) Control(endpoint string, f func(*http.Request) error) {
	if s.controls == nil {
		s.controls = map[string]func(*http.Request) error{}
	}
	s.controls[endpoint] = f
}

// Resources lists every object; all includes what AWS only remembers.
func (s *Server) Resources(all bool) []Resource {
	s.World.Lock()
	defer s.World.Unlock()
	return s.World.Resources(all)
}

func (s *Server) controlClock(h *http.Request) error {
	var in struct {
		Advance string   `json:"advance"`
		Scale   *float64 `json:"scale"`
	}
	if err := Strict(h, &in); err != nil {
		return err
	}
	if in.Scale != nil {
		if *in.Scale < 0 {
			return fmt.Errorf("scale is 0 (stepped) or more, got %v", *in.Scale)
		}
		s.World.Clock.SetScale(*in.Scale)
	}
	if in.Advance != "" {
		d, err := time.ParseDuration(in.Advance)
		if err != nil || d < 0 {
			return fmt.Errorf(`advance is a duration such as "10m", got %q`, in.Advance)
		}
		s.Advance(d)
	}
	return nil
}

// Advance moves the world's time forward and runs what falls due.
func (s *Server) Advance(d time.Duration) {
	s.World.Clock.Advance(d)
	s.World.Lock()
	s.World.Unlock() //nolint:staticcheck,gocritic // taking the lock runs what is due
}

// controlFaults takes one rule or a list of rules. A misspelt member would make a rule that hits
// everything, so it is refused.
func (s *Server) controlFaults(h *http.Request) error {
	body, err := io.ReadAll(h.Body)
	if err != nil {
		return err
	}
	if body = bytes.TrimSpace(body); len(body) == 0 || body[0] != '[' {
		body = slices.Concat([]byte("["), body, []byte("]"))
	}
	var rules []FaultRule
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&rules); err != nil {
		return err
	}
	if len(rules) == 0 {
		return fmt.Errorf("no rule")
	}
	for _, r := range rules {
		switch r.Fault {
		case FaultThrottle, FaultServerError, FaultTimeout, FaultDenied, FaultLost:
		case FaultError:
			if r.Code == "" {
				return fmt.Errorf("fault error needs a code")
			}
		default:
			return fmt.Errorf("fault is throttle, 500, timeout, denied, lost or error, got %q", r.Fault)
		}
	}
	for _, r := range rules {
		s.Inject(r)
	}
	return nil
}

func (s *Server) controlSettings(h *http.Request) error {
	in := struct {
		PageSize   *int    `json:"pageSize"`
		Latency    *string `json:"latency"`
		ReadLag    *string `json:"readLag"`
		Throttling *bool   `json:"throttling"`
	}{}
	if err := Strict(h, &in); err != nil {
		return err
	}
	s.World.Lock()
	defer s.World.Unlock()
	set := &s.World.Settings
	if in.PageSize != nil {
		set.PageSize = *in.PageSize
	}
	if in.Throttling != nil {
		set.NoThrottling = !*in.Throttling
	}
	for _, d := range []struct {
		in *string
		to *time.Duration
	}{{in.Latency, &set.Latency}, {in.ReadLag, &set.ReadLag}} {
		if d.in == nil {
			continue
		}
		v, err := time.ParseDuration(*d.in)
		if err != nil || v < 0 {
			return fmt.Errorf(`a duration is written as "200ms", got %q`, *d.in)
		}
		*d.to = v
	}
	return nil
}

// controlAccounts lets an access key id act for an account.
func (s *Server) controlAccounts(h *http.Request) error {
	var in struct {
		AccessKeyID string `json:"accessKeyID"`
		Account     string `json:"account"`
	}
	if err := Strict(h, &in); err != nil {
		return err
	}
	if in.AccessKeyID == "" || len(in.Account) != 12 {
		return fmt.Errorf("accessKeyID and a 12-digit account are required")
	}
	s.World.Lock()
	defer s.World.Unlock()
	s.World.AddKey(in.AccessKeyID, AccountRoot(in.Account))
	return nil
}

// AccountRoot is the administrator of an account, as the emulator's own keys act.
func AccountRoot(account string) Principal {
	return Principal{Account: account, ARN: "arn:aws:iam::" + account + ":user/admin", UserID: "AIDAEMULATORADMIN" + account[8:]}
}

// Strict decodes the body of a control request and refuses members that aren't known.
func Strict(h *http.Request, in any) error {
	dec := json.NewDecoder(h.Body)
	dec.DisallowUnknownFields()
	return dec.Decode(in)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(v)
}
