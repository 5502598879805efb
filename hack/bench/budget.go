package main

import "math"

// budget is what a phase may take at most.
type budget struct {
	Calls     int `json:"calls,omitempty"`
	Mutations int `json:"mutations,omitempty"`
	PeakMiB   int `json:"peakMiB,omitempty"`
}

// applyBudget bounds a first apply: 1.3 mutating calls for each object that comes of it, and for the
// samples that are compared with Terraform a number of calls in all.
func applyBudget(deployment string, objects int) *budget {
	b := &budget{Mutations: int(math.Floor(1.3 * float64(objects)))}
	switch deployment {
	case "minimal":
		b.Calls = 125
	case "production":
		b.Calls = 170
	}
	return b
}

// syncBudget bounds a comparison of everything that finds nothing to do.
func syncBudget(deployment string) *budget {
	switch deployment {
	case "minimal":
		return &budget{Calls: 29}
	case "production":
		return &budget{Calls: 37}
	default:
		return nil
	}
}

// imageBudget bounds a changed image until its deployment has begun.
var imageBudget = &budget{Calls: 15, Mutations: 3}

// managerBudget bounds the manager's resident memory, in MiB.
func managerBudget(gateways int) int {
	if gateways > 1 {
		return 250
	}
	return 100
}

// baseline is what the Terraform module takes for the same deployment.
type baseline struct{ apply, noop, image, destroy map[string]int }

// terraform has the measured baselines by deployment; see docs/benchmarks.md.
var terraform = map[string]baseline{
	"minimal": {
		apply: map[string]int{"calls": 261, "mutations": 87}, noop: map[string]int{"calls": 114},
		image: map[string]int{"calls": 121, "mutations": 3}, destroy: map[string]int{"calls": 243, "mutations": 68},
	},
	"production": {
		apply: map[string]int{"calls": 339}, noop: map[string]int{"calls": 148}, image: map[string]int{"calls": 121, "mutations": 3},
	},
}
