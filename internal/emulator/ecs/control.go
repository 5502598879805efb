package ecs

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Control adds the control endpoints: how the containers of images fare, what functions answer to
// lifecycle hooks, and in which state alarms are. No container and no function runs, and CloudWatch isn't
// emulated.
func (s *Service) Control(server *core.Server) {
	server.Control("POST /_emulator/images", func(h *http.Request) error {
		var in struct {
			Image        string    `json:"image"`
			Tag          string    `json:"tag"`
			Behaviour    Behaviour `json:"behaviour"`
			AfterSeconds float64   `json:"afterSeconds"`
		}
		if err := core.Strict(h, &in); err != nil {
			return err
		}
		switch {
		case (in.Image == "") == (in.Tag == ""):
			return fmt.Errorf("either image (repository:tag) or tag is required")
		case in.Image != "" && imageTag(in.Image) == "":
			return fmt.Errorf("image is written as repository:tag, got %q", in.Image)
		case strings.ContainsAny(in.Tag, ":/@"):
			return fmt.Errorf("tag is what follows the colon of an image, got %q", in.Tag)
		}
		s.world.Lock()
		defer s.world.Unlock()
		return s.DeclareImage(in.Image+in.Tag, ImageRule{Behaviour: in.Behaviour, After: time.Duration(in.AfterSeconds * float64(time.Second))})
	})
	server.Control("POST /_emulator/hooks", func(h *http.Request) error {
		var in struct {
			FunctionARN string       `json:"functionARN"`
			Answers     []HookAnswer `json:"answers"`
		}
		if err := core.Strict(h, &in); err != nil {
			return err
		}
		if in.FunctionARN == "" {
			return fmt.Errorf("functionARN is required")
		}
		s.world.Lock()
		defer s.world.Unlock()
		s.AnswerHooks(in.FunctionARN, in.Answers...)
		return nil
	})
	server.Control("POST /_emulator/alarms", func(h *http.Request) error {
		var in struct {
			Account string `json:"account"`
			Region  string `json:"region"`
			Name    string `json:"name"`
			State   string `json:"state"`
		}
		if err := core.Strict(h, &in); err != nil {
			return err
		}
		if in.Account == "" || in.Region == "" || in.Name == "" || !slices.Contains([]string{"OK", "ALARM", "INSUFFICIENT_DATA"}, in.State) {
			return fmt.Errorf("account, region, name and a state (OK, ALARM or INSUFFICIENT_DATA) are required")
		}
		s.world.Lock()
		defer s.world.Unlock()
		s.SetAlarm(core.Scope{Account: in.Account, Region: in.Region}, in.Name, in.State)
		return nil
	})
}
