package emulator

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// SetTXT publishes a TXT record as somebody whose DNS isn't in Route 53 would; no values withdraw it. Names have no dot
// at their end.
func (e *Emulator) SetTXT(name string, values ...string) {
	e.World.Lock()
	defer e.World.Unlock()
	e.records[strings.ToLower(name)] = values
}

// txt are the TXT records of a name in the public DNS. The caller holds the world's lock.
func (e *Emulator) txt(name string) []string { return e.records[strings.ToLower(name)] }

// controlDNS publishes a record.
func (e *Emulator) controlDNS(h *http.Request) error {
	var in struct {
		Name string   `json:"name"`
		TXT  []string `json:"txt"`
	}
	if err := core.Strict(h, &in); err != nil {
		return err
	}
	if in.Name == "" || strings.HasSuffix(in.Name, ".") {
		return fmt.Errorf("name is required, without a dot at its end")
	}
	e.SetTXT(in.Name, in.TXT...)
	return nil
}
