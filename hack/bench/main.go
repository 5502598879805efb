// Command bench measures the operator on the minimal deployment and prints JSON lines. Calls,
// mutations, objects and virtual time are exact and the same in every run; wall time and memory are
// this machine's. `make bench` runs it; docs/benchmarks.md explains the figures.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// result is one line.
type result struct {
	Deployment string `json:"deployment"`
	Phase      string `json:"phase"`
	Calls      int    `json:"calls,omitempty"`
	Mutations  int    `json:"mutations"`
	Objects    int    `json:"objects"`
	// VirtualSeconds passed in the emulated AWS, IdealSeconds would have with a look every second.
	VirtualSeconds float64 `json:"virtualSeconds"`
	IdealSeconds   float64 `json:"idealSeconds,omitempty"`
	WallMillis     int64   `json:"wallMillis"`
	// PeakMiB is the high-water mark of resident memory: of this process, operator and emulator
	// together, or of the manager alone.
	PeakMiB int `json:"peakMiB,omitempty"`
	// Terraform is what the Terraform module takes for the same, as measured in the baseline.
	Terraform map[string]int `json:"terraform,omitempty"`
}

// bound is the longest that any phase may take in virtual time.
const bound = 3 * time.Hour

func main() {
	sandbox := flag.String("sandbox", "", "also run this sandbox with the real manager, and measure its memory")
	sample := flag.String("sample", "config/samples/minimal.yaml", "what the sandbox deploys")
	flag.Parse()
	err := run()
	if err == nil && *sandbox != "" {
		err = measureManager(*sandbox, *sample)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	ideal, err := idealCreation()
	if err != nil {
		return err
	}
	h := harness.New()
	before := len(h.Emulator.Server.Resources(false))
	objects := func() int { return len(h.Emulator.Server.Resources(false)) - before }
	key := h.Create(h.Minimal("gw"))

	apply, err := measure(h, key, "apply", func() error { return h.Until(key, bound, "Ready", harness.Ready) })
	if err != nil {
		return err
	}
	apply.Objects, apply.IdealSeconds = objects(), ideal.Seconds()
	apply.Terraform = map[string]int{"calls": 261, "mutations": 87}
	if err := emit(apply); err != nil {
		return err
	}
	for range 3 { // let AWS finish what it does by itself
		h.Emulator.Server.Advance(6 * time.Minute)
		if _, err := h.Reconcile(key); err != nil {
			return err
		}
	}
	for _, phase := range []struct {
		name      string
		terraform map[string]int
		do        func() error
	}{
		{"no-op sync", map[string]int{"calls": 114}, func() error {
			h.Emulator.Server.Advance(6 * time.Minute)
			_, err := h.Reconcile(key)
			return err
		}},
		{"no-op sync after a restart", nil, func() error {
			h.Restart()
			_, err := h.Reconcile(key)
			return err
		}},
		{"image tag until the rollout has begun", map[string]int{"calls": 121, "mutations": 3}, func() error {
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
				gw.Spec.Gateway = &v1alpha1.Gateway{Image: &v1alpha1.Image{Tag: "2.17.0"}}
			})
			_, err := h.Reconcile(key)
			return err
		}},
		{"image tag until Ready", nil, func() error { return h.Until(key, bound, "Ready", harness.Ready) }},
		{"delete", map[string]int{"calls": 243, "mutations": 68}, func() error {
			h.Delete(key)
			return h.Until(key, bound, "deletion", harness.Gone)
		}},
	} {
		r, err := measure(h, key, phase.name, phase.do)
		if err != nil {
			return err
		}
		r.Objects, r.Terraform = objects(), phase.terraform
		if err := emit(r); err != nil {
			return err
		}
	}
	return nil
}

// measureManager prints the line of the real manager.
func measureManager(sandbox, sample string) error {
	start := time.Now()
	mib, err := managerMemory(sandbox, sample)
	if err != nil {
		return err
	}
	return emit(result{Deployment: "minimal", Phase: "real manager until Ready", WallMillis: time.Since(start).Milliseconds(), PeakMiB: mib})
}

// measure runs a phase and counts what it cost.
func measure(h *harness.Harness, _ types.NamespacedName, phase string, do func() error) (result, error) {
	seq := last(h)
	virtual, wall := h.Clock.Now(), time.Now()
	if err := do(); err != nil {
		return result{}, fmt.Errorf("%s: %w", phase, err)
	}
	calls := h.Emulator.Server.Calls(seq)
	return result{
		Deployment: "minimal", Phase: phase, Calls: len(calls), Mutations: harness.Mutations(calls),
		VirtualSeconds: h.Clock.Now().Sub(virtual).Seconds(), WallMillis: time.Since(wall).Milliseconds(), PeakMiB: peak(),
	}, nil
}

func last(h *harness.Harness) int {
	calls := h.Emulator.Server.Calls(0)
	if len(calls) == 0 {
		return 0
	}
	return calls[len(calls)-1].Seq
}

// idealCreation is the critical path of the emulated AWS: how long creation takes with a full look
// every second, and with no request limits in the way.
func idealCreation() (time.Duration, error) {
	h := harness.New()
	h.Emulator.World.Settings = core.Settings{NoThrottling: true}
	key := h.Create(h.Minimal("gw"))
	start := h.Clock.Now()
	for !harness.Ready(h.Get(key)) {
		if h.Clock.Since(start) > bound {
			return 0, fmt.Errorf("not ready within %s:\n%s", bound, harness.Story(h.Get(key)))
		}
		h.Restart()
		if _, err := h.Reconcile(key); err != nil {
			return 0, err
		}
		h.Emulator.Server.Advance(time.Second)
	}
	return h.Clock.Since(start), nil
}

// peak reads the high-water mark of resident memory, on Linux.
func peak() int {
	if runtime.GOOS != "linux" {
		return 0
	}
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	return highWater(string(b))
}

func emit(r result) error { return json.NewEncoder(os.Stdout).Encode(r) }
