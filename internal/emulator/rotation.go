package emulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/secretsmanager"
)

// SetRotator has a function of AWS Lambda, which need not have been made here, rotate secrets by AWS's template.
func (e *Emulator) SetRotator(functionARN string, r secretsmanager.Rotator) {
	e.World.Lock()
	defer e.World.Unlock()
	r.Values = slices.Clone(r.Values)
	e.Lambda.SetProgram(functionARN, func(event []byte) bool { return e.SecretsManager.Handle(&r, event) })
}

// controlRotators says what a rotation function does.
func (e *Emulator) controlRotators(h *http.Request) error {
	var in struct {
		Function string   `json:"function"`
		Values   []string `json:"values"`
		Fails    []string `json:"fails"`
	}
	if err := core.Strict(h, &in); err != nil {
		return err
	}
	if !strings.HasPrefix(in.Function, "arn:") {
		return fmt.Errorf("function is required: the ARN of a rotation function")
	}
	e.SetRotator(in.Function, secretsmanager.Rotator{Values: in.Values, Fails: in.Fails})
	return nil
}
