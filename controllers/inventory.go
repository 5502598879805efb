package controllers

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// pin is what AnnotationPinned says.
type pin struct {
	account, region string
	since           time.Time
}

func (p pin) String() string {
	return strings.Join([]string{p.account, p.region, p.since.UTC().Format(time.RFC3339)}, "/")
}

// pinned reads AnnotationPinned; ok is false when there is none.
func pinned(gw *v1alpha1.PortkeyGateway) (p pin, ok bool) {
	parts := strings.Split(gw.Annotations[AnnotationPinned], "/")
	if len(parts) != 3 {
		return pin{}, false
	}
	since, err := time.Parse(time.RFC3339, parts[2])
	if err != nil {
		return pin{}, false
	}
	return pin{parts[0], parts[1], since}, true
}

// inventory reads the engine's inventory out of status. One whose beginning isn't that of the pin
// was begun after an earlier one was lost.
func inventory(gw *v1alpha1.PortkeyGateway, now time.Time) *engine.Inventory {
	p, _ := pinned(gw)
	since := now
	if s := gw.Status.InventorySince; s != nil {
		since = s.Time
	}
	entries := make([]engine.Entry, 0, len(gw.Status.Resources))
	for _, res := range gw.Status.Resources {
		e := engine.Entry{
			Node: graph.NodeID(res.Node), Kind: res.Kind, Name: res.Name, ID: res.ID, Why: res.Why, Incarnation: res.Incarnation,
			Created: ptr.Deref(res.CreatedAt, metav1.Time{}).Time, Intent: ptr.Deref(res.IntentAt, metav1.Time{}).Time,
		}
		for _, n := range res.Needs {
			e.Needs = append(e.Needs, graph.NodeID(n))
		}
		for k, v := range res.Out {
			if e.Out == nil {
				e.Out = map[graph.Attr]string{}
			}
			e.Out[graph.Attr(k)] = v
		}
		entries = append(entries, e)
	}
	return engine.NewInventory(since, since.Equal(p.since), entries...)
}

// begin writes the beginning of an inventory into status, before anything that it would record.
func (r *PortkeyGatewayReconciler) begin(ctx context.Context, gw *v1alpha1.PortkeyGateway, inv *engine.Inventory) error {
	s := r.sessions.of(gw)
	err := r.report(ctx, gw, func(gw *v1alpha1.PortkeyGateway, _ time.Time) {
		inv.Since = inv.Since.Truncate(time.Second) // as it is stored
		if p, ok := pinned(gw); ok && s.fresh {
			inv.Since, inv.Virgin = p.since, true
		}
		gw.Status.InventorySince = &metav1.Time{Time: inv.Since}
	})
	if err == nil {
		// Only this once: a status that is lost later is one that something was recorded in.
		s.fresh = false
	}
	return err
}

// record writes the engine's inventory into status.
func record(gw *v1alpha1.PortkeyGateway, inv *engine.Inventory, res *engine.Result) {
	gw.Status.Resources = gw.Status.Resources[:0:0]
	for _, e := range inv.Entries() {
		phase := v1alpha1.ResourcePending
		if n := res.Node(e.Node); n != nil {
			phase = phaseOf(n)
		}
		gw.Status.Resources = append(gw.Status.Resources, resource(e, phase))
	}
	if len(gw.Status.Resources) > v1alpha1.MaxResources {
		gw.Status.Resources = gw.Status.Resources[:v1alpha1.MaxResources]
	}
}

// phaseOf says how far a recorded object is; what the walk couldn't look at stays Pending.
func phaseOf(n *engine.NodeResult) v1alpha1.ResourcePhase {
	switch {
	case n.State == engine.Ready:
		return v1alpha1.ResourceReady
	case n.Live.Phase == graph.Deleting:
		return v1alpha1.ResourceDeleting
	case n.Live.Phase == graph.Broken:
		return v1alpha1.ResourceBroken
	case n.Live.Phase == graph.Absent:
		return v1alpha1.ResourceAbsent
	default:
		return v1alpha1.ResourcePending
	}
}

func resource(e engine.Entry, phase v1alpha1.ResourcePhase) v1alpha1.ResourceStatus {
	out := v1alpha1.ResourceStatus{
		Node: string(e.Node), Kind: e.Kind, ID: e.ID, Name: e.Name, Phase: phase, Why: shorten(e.Why),
		CreatedAt: timeOrNil(e.Created), IntentAt: timeOrNil(e.Intent), Incarnation: e.Incarnation,
	}
	for _, n := range e.Needs {
		out.Needs = append(out.Needs, string(n))
	}
	for k, v := range e.Out {
		if out.Out == nil {
			out.Out = map[string]string{}
		}
		out.Out[string(k)] = v
	}
	return out
}

func timeOrNil(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	return &metav1.Time{Time: t}
}

// journal persists single entries while a walk goes on. It is refused when anybody has changed the gateway since this
// walk read it: of two managers that take themselves for the leader, only one makes what AWS can't tell from its double.
func (r *PortkeyGatewayReconciler) journal(gw *v1alpha1.PortkeyGateway) engine.Journal {
	var mu sync.Mutex
	written := map[string]v1alpha1.ResourceStatus{}
	return func(ctx context.Context, e engine.Entry) error {
		mu.Lock()
		defer mu.Unlock()
		written[string(e.Node)] = resource(e, v1alpha1.ResourcePending)
		err := r.write(ctx, gw, func(gw *v1alpha1.PortkeyGateway, _ time.Time) {
			var keep []v1alpha1.ResourceStatus
			for _, res := range gw.Status.Resources {
				if _, ok := written[res.Node]; !ok {
					keep = append(keep, res)
				}
			}
			for _, node := range slices.Sorted(maps.Keys(written)) {
				keep = append(keep, written[node])
			}
			gw.Status.Resources = keep
		}, func(base client.Object) client.Patch {
			return client.MergeFromWithOptions(base, client.MergeFromWithOptimisticLock{})
		})
		if err != nil {
			return fmt.Errorf("writing %s into status: %w", e.Node, err)
		}
		return nil
	}
}
