package emulator

import (
	"fmt"
	"net/http"
	"slices"
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
func (e *Emulator) txt(name string) []string {
	return slices.Concat(e.records[strings.ToLower(name)], e.Route53.Lookup(name, "TXT"))
}

// controlDNS publishes a record.
func (e *Emulator) controlDNS(h *http.Request) error {
	var in struct {
		Name  string   `json:"name"`
		TXT   []string `json:"txt"`
		CNAME string   `json:"cname"`
	}
	if err := core.Strict(h, &in); err != nil {
		return err
	}
	if in.Name == "" || strings.HasSuffix(in.Name, ".") {
		return fmt.Errorf("name is required, without a dot at its end")
	}
	if in.CNAME != "" {
		e.World.Lock()
		e.Route53.AddElsewhere(in.Name, "CNAME", in.CNAME)
		e.World.Unlock()
		return nil
	}
	e.SetTXT(in.Name, in.TXT...)
	return nil
}
