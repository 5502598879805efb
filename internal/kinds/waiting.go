package kinds

import (
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// waitingAttr is since when an object has waited, and for what, where AWS doesn't tell.
const waitingAttr graph.Attr = "waiting"

// waited notes what an object waits for, and answers for how long it has. Another thing to wait for begins anew.
func waited(call graph.Call, l *graph.Live, what string) time.Duration {
	since := call.Now
	if at, of, _ := strings.Cut(call.Recorded[waitingAttr], " "); of == what {
		if began, err := time.Parse(time.RFC3339, at); err == nil {
			since = began
		}
	}
	l.Out[waitingAttr] = since.UTC().Format(time.RFC3339) + " " + what
	return call.Now.Sub(since)
}
