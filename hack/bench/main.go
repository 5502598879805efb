// Command bench measures the operator on the deployments of sample manifests and prints JSON lines.
// Calls, mutations, objects and virtual time are exact; wall time and memory are this machine's.
// `make bench` runs it; docs/benchmarks.md explains the figures.
//
//	bench [--sandbox bin/sandbox [--gateways N]] [SAMPLE...]
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
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
	// Gateways is how many deployments the manager had, where that isn't one.
	Gateways int `json:"gateways,omitempty"`
	// Budget is what the phase may take at most.
	Budget *budget `json:"budget,omitempty"`
	// Terraform is what the Terraform module takes for the same, as measured in the baseline.
	Terraform map[string]int `json:"terraform,omitempty"`
}

// bound is the longest that any phase may take in virtual time.
const bound = 3 * time.Hour

func main() {
	sandbox := flag.String("sandbox", "", "also run this sandbox with the real manager, and measure its memory")
	gateways := flag.Int("gateways", 1, "how many deployments of each sample the real manager makes at once")
	flag.Parse()
	samples := flag.Args()
	if len(samples) == 0 {
		samples = []string{"config/samples/minimal.yaml"}
	}
	for _, sample := range samples {
		err := run(sample)
		if err == nil && *sandbox != "" {
			err = measureManager(*sandbox, sample, *gateways)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", sample, err)
			os.Exit(1)
		}
	}
}

func run(sample string) error {
	ideal, err := idealCreation(sample)
	if err != nil {
		return err
	}
	h := harness.New()
	gw, err := h.Manifest(sample, "gw")
	if err != nil {
		return err
	}
	before := len(h.Emulator.Server.Resources(false))
	objects := func() int { return len(h.Emulator.Server.Resources(false)) - before }
	key := h.Create(gw)
	known := terraform[deployment(sample)]
	emit := func(r result) error {
		r.Deployment = deployment(sample)
		return emit(r)
	}

	apply, err := measure(h, key, "apply", func() error { return h.Until(key, bound, "Ready", harness.Ready) })
	if err != nil {
		return err
	}
	apply.Objects, apply.IdealSeconds = objects(), ideal.Seconds()
	apply.Terraform, apply.Budget = known.apply, applyBudget(deployment(sample), apply.Objects)
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
		budget    *budget
		do        func() error
	}{
		{"no-op sync", known.noop, syncBudget(deployment(sample)), func() error {
			h.Emulator.Server.Advance(6 * time.Minute)
			_, err := h.Reconcile(key)
			return err
		}},
		{"no-op sync after a restart", nil, nil, func() error {
			h.Restart()
			_, err := h.Reconcile(key)
			return err
		}},
		{"image tag until the rollout has begun", known.image, imageBudget, func() error {
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
				if gw.Spec.Gateway == nil {
					gw.Spec.Gateway = &v1alpha1.Gateway{}
				}
				gw.Spec.Gateway.Image = &v1alpha1.Image{Tag: "2.17.0"}
			})
			_, err := h.Reconcile(key)
			return err
		}},
		{"image tag until Ready", nil, nil, func() error { return h.Until(key, bound, "Ready", harness.Ready) }},
		{"delete", known.destroy, nil, func() error {
			h.Delete(key)
			return h.Until(key, bound, "deletion", harness.Gone)
		}},
	} {
		r, err := measure(h, key, phase.name, phase.do)
		if err != nil {
			return err
		}
		r.Objects, r.Terraform, r.Budget = objects(), phase.terraform, phase.budget
		if err := emit(r); err != nil {
			return err
		}
	}
	return nil
}

// measureManager prints the line of the real manager.
func measureManager(sandbox, sample string, gateways int) error {
	start := time.Now()
	mib, err := managerMemory(sandbox, sample, gateways)
	if err != nil {
		return err
	}
	return emit(result{
		Deployment: deployment(sample), Phase: "real manager until Ready", Gateways: gateways,
		WallMillis: time.Since(start).Milliseconds(), PeakMiB: mib, Budget: &budget{PeakMiB: managerBudget(gateways)},
	})
}

// deployment is what a sample is called.
func deployment(sample string) string { return strings.TrimSuffix(filepath.Base(sample), ".yaml") }

// measure runs a phase and counts what it cost.
func measure(h *harness.Harness, _ types.NamespacedName, phase string, do func() error) (result, error) {
	seq := last(h)
	virtual, wall := h.Clock.Now(), time.Now()
	if err := do(); err != nil {
		return result{}, fmt.Errorf("%s: %w", phase, err)
	}
	calls := h.Emulator.Server.Calls(seq)
	return result{
		Phase: phase, Calls: len(calls), Mutations: harness.Mutations(calls),
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
func idealCreation(sample string) (time.Duration, error) {
	h := harness.New()
	h.Emulator.World.Settings = core.Settings{NoThrottling: true}
	gw, err := h.Manifest(sample, "gw")
	if err != nil {
		return 0, err
	}
	key := h.Create(gw)
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
