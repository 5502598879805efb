package controllers

import (
	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
)

// driftCorrected counts the objects that were put right after somebody else had changed or deleted them. Its labels
// are as many as there are kinds, twice: which gateway it was, events and InSync tell.
var driftCorrected = prometheus.NewCounterVec(prometheus.CounterOpts{
	Name: "portkey_drift_corrected_total",
	Help: "AWS objects put right after another hand had changed or deleted them, by kind and what had happened: changed or deleted.",
}, []string{"kind", "drift"})

func init() { metrics.Registry.MustRegister(driftCorrected) }

// countDrift counts a correction that a walk made.
func countDrift(n *engine.NodeResult) {
	drift := "changed"
	if n.Missing {
		drift = "deleted"
	}
	driftCorrected.WithLabelValues(n.Kind, drift).Inc()
}
