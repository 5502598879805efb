package emulator

import (
	"fmt"
	"net/http"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// controlLoad gives the scaling policies of a service something to do.
func (e *Emulator) controlLoad(h *http.Request) error {
	in := struct {
		Account  string   `json:"account"`
		Region   string   `json:"region"`
		Resource string   `json:"resource"`
		Metric   string   `json:"metric"`
		Total    *float64 `json:"total"`
	}{Account: Account}
	if err := core.Strict(h, &in); err != nil {
		return err
	}
	if in.Region == "" || in.Total == nil {
		return fmt.Errorf("region and total are required")
	}
	return e.SetLoad(core.Scope{Account: in.Account, Region: in.Region}, in.Resource, in.Metric, *in.Total)
}

// SetLoad says what all tasks of a service have to do together; see applicationautoscaling.Service.SetLoad.
func (e *Emulator) SetLoad(scope core.Scope, resource, metric string, total float64) error {
	e.World.Lock()
	defer e.World.Unlock()
	return e.AppScaling.SetLoad(scope, resource, metric, total)
}
