package awsevents

import (
	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

var (
	// received counts messages by what became of them: see Outcome.
	received = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "portkey_aws_events_total",
		Help: "Messages taken from the event queue, by outcome: acted, own, aws, foreign, refused or malformed.",
	}, []string{"outcome"})
	// reachable is 0 while a queue can't be read.
	reachable = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "portkey_aws_events_queue_readable",
		Help: "1 while the event queue can be read, 0 while it can't.",
	}, []string{"queue"})
)

func init() { metrics.Registry.MustRegister(received, reachable) }
