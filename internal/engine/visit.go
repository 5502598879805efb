package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// visit is one node's turn in Apply and Plan: resolve, observe, then create or diff and update.
func (w *walk) visit(ctx context.Context, n *graph.Node) NodeResult {
	missing := w.missing(n)
	n = w.named(n.Resolved(w.published))
	c := w.call(n)
	fp := fingerprint(n, c)
	if r, ok := w.carried(n, fp, len(missing) > 0); ok {
		return r
	}
	if ctx.Err() != nil {
		return w.remember(fp, w.base(n, Pending, ReasonWaiting, "the walk's time is used up; it goes on at the next"))
	}
	if len(missing) > 0 && w.Mode == Apply {
		return w.waiting(ctx, n, c, fp, missing)
	}
	c.Seen = w.onItsWay(n.ID, fp)
	live, err := w.observe(ctx, n, c)
	if err != nil {
		return w.remember(fp, w.failed(n, err))
	}
	c.Seen = nil
	return w.remember(fp, w.decide(ctx, n, c, live))
}

func (w *walk) observe(ctx context.Context, n *graph.Node, c graph.Call) (graph.Live, error) {
	if w.Blank {
		return graph.Live{Phase: graph.Absent}, nil
	}
	return n.Observe(ctx, c)
}

// onItsWay is the object as an earlier walk saw it on its way to what is still wanted, or nil.
func (w *walk) onItsWay(id graph.NodeID, fingerprint string) *graph.Live {
	m := w.memo(id)
	if w.Full || w.Mode == Plan || m == nil || m.fingerprint != fingerprint {
		return nil
	}
	if r := m.result; r.State != Pending || r.Fault != nil || r.Live.Phase != graph.Pending || r.Live.Owner != graph.Ours || len(r.Changes) > 0 {
		return nil
	}
	live := m.result.Live
	return &live
}

// carried answers the result of an earlier walk where that still stands: nothing that decides about
// the node has changed, and it isn't time to look again.
func (w *walk) carried(n *graph.Node, fingerprint string, blocked bool) (NodeResult, bool) {
	m := w.memo(n.ID)
	if w.Look[n.ID] || w.Mode == Plan || blocked || m == nil || m.fingerprint != fingerprint || w.Full && !w.spared(m) {
		return NodeResult{}, false
	}
	if (m.result.State != Ready || !m.result.Next.IsZero()) && m.due(w.now) {
		return NodeResult{}, false
	}
	r := m.result
	r.Action, r.Changes, r.Missing, r.Fresh = None, nil, false, false
	return r, true
}

// spared reports whether a node is left alone even by a full look: it isn't time to try again what failed. What a person
// mends is tried by a look before it is due, since that person should see the effect soon, but not by every one.
func (w *walk) spared(m *memo) bool {
	f := m.result.Fault
	if f == nil || w.Asked || m.due(w.now) {
		return false
	}
	switch f.Class {
	case graph.Denied, graph.Quota, graph.Invalid:
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.now.Sub(m.at) < time.Duration(1+w.Memory.companions(m))*mendedLook
	default:
		return true
	}
}

// waiting is the turn of a node whose inputs aren't there. What exists of it is still observed, so
// that status tells the truth about a service whose NAT gateway is being made again, and what concerns only
// that is done.
func (w *walk) waiting(ctx context.Context, n *graph.Node, c graph.Call, fp string, missing []graph.NodeID) NodeResult {
	r := w.base(n, Pending, ReasonWaiting, "waits for "+join(missing))
	for _, id := range missing {
		w.mu.Lock()
		up := w.results[id]
		w.mu.Unlock()
		if up != nil && severity[up.State] >= severity[Blocked] {
			r.State, r.Reason, r.Why = Blocked, ReasonBlocked, fmt.Sprintf("%s: %s", id, up.Why)
			break
		}
	}
	if m := w.memo(n.ID); m != nil && !w.Full && m.result.Live.Phase != "" && m.result.Live.Phase != graph.Pending {
		r.Live = m.result.Live
	} else if w.known(n.ID) {
		if live, err := n.Observe(ctx, c); err == nil && live.Owner != graph.Foreign {
			r.Live, r.Fresh = live, true
			if urgent := n.Urgent(c, live); len(urgent) > 0 {
				u := w.update(ctx, n, c, live, urgent)
				if u.Fault != nil {
					return w.remember(fp, u)
				}
				r.Live, r.Action, r.Changes = u.Live, u.Action, urgent
			}
		}
	}
	r.out = r.Live.Out
	w.mu.Lock()
	defer w.mu.Unlock()
	// No Next: it is looked at when what it waits for is.
	w.Memory.put(fp, r, w.now)
	return r
}

// known reports whether an object of the node may exist.
func (w *walk) known(id graph.NodeID) bool {
	e := w.entry(id)
	return (e != nil && (e.ID != "" || !e.Intent.IsZero())) || !w.Inventory.Virgin
}

// decide acts on what was observed.
func (w *walk) decide(ctx context.Context, n *graph.Node, c graph.Call, live graph.Live) NodeResult {
	switch {
	case live.Phase == graph.Absent:
		return w.absent(ctx, n, c)
	case live.Owner == graph.Foreign:
		return w.foreign(n, live)
	case live.Phase == graph.Deleting:
		r := w.seen(n, live)
		r.State, r.Why, r.out = Pending, or(live.Why, "is being deleted; it is made again afterwards"), nil
		r.Action = planned(w.Mode, Create)
		return r
	case live.Phase == graph.Broken && n.Mendable():
		return w.remake(ctx, n, c, live, []graph.Change{{Path: "state", Have: or(live.Why, "broken"), Want: "working", Replace: true}})
	}
	changes := n.Diff(c, live)
	if len(changes) == 0 {
		return w.seen(n, live)
	}
	for _, ch := range changes {
		if !ch.Replace {
			continue
		}
		if n.Disposable() {
			return w.remake(ctx, n, c, live, changes)
		}
		if n.Succeeds() {
			return w.succeed(ctx, n, live, changes)
		}
		r := w.seen(n, live)
		r.State, r.Reason, r.Changes = Stalled, ReasonReplacementRequired, changes
		r.Why = fmt.Sprintf("%s can't be changed from %q to %q: that needs a new %s, which would interrupt what uses it; put the old value back", ch.Path, ch.Have, ch.Want, n.Kind())
		return r
	}
	return w.update(ctx, n, c, live, changes)
}

// wanted is the digest of a node's desired object, in a plan.
func (w *walk) wanted(n *graph.Node) string {
	if w.Mode != Plan {
		return ""
	}
	return own.Digest([]any{n.Spec(), w.Tags, n.Tags})
}

// absent handles an object proved not to exist.
func (w *walk) absent(ctx context.Context, n *graph.Node, c graph.Call) NodeResult {
	e := w.entry(n.ID)
	existed := e != nil && e.ID != ""
	if w.Mode == Plan {
		r := w.base(n, Pending, "", "")
		r.Action, r.Missing, r.Fresh, r.Wanted = Create, existed, true, w.wanted(n)
		return r
	}
	if why := w.tooSoon(e); why != "" {
		r := w.base(n, Pending, ReasonNotVisibleYet, why)
		if e != nil {
			r.out = e.Out // AWS answered the creation: others may use it
		}
		return r
	}
	// Incarnations are derived from what is recorded, so that a crash between the creation and its
	// record leads to the same client token again, and that to the same object.
	if existed {
		w.record(n, func(e *Entry) {
			*e = Entry{Node: e.Node, Kind: n.Kind(), Name: n.Name, Incarnation: "after " + e.ID, Needs: e.Needs}
		})
		c = w.call(n)
	}
	c.ID, c.Recorded = "", nil
	e = w.entry(n.ID)
	c.Again = e != nil && e.Incarnation != ""
	r := w.create(ctx, n, c)
	r.Missing = existed
	return r
}

// tooSoon says why an absent object isn't made yet: AWS may just not show it.
func (w *walk) tooSoon(e *Entry) string {
	switch {
	case e != nil && e.ID != "" && w.now.Sub(e.Created) < consistencyWindow:
		return fmt.Sprintf("%s was created at %s and doesn't show yet", e.ID, e.Created.UTC().Format(time.TimeOnly))
	case e != nil && e.ID == "" && !e.Intent.IsZero() && w.now.Sub(e.Intent) < consistencyWindow:
		return "its creation was begun but its outcome isn't known; looked for until AWS must show it"
	case (e == nil || e.ID == "") && w.Inventory.recovering(w.now):
		return "the record of what exists was lost; looked for until AWS must show it"
	}
	return ""
}

// create makes the object, on a context that a shutdown doesn't cut.
func (w *walk) create(ctx context.Context, n *graph.Node, c graph.Call) NodeResult {
	ctx, cancel := detached(ctx)
	defer cancel()
	c.Token = w.token(n)
	if n.WriteAhead() {
		e := w.record(n, func(e *Entry) { e.Intent = w.now })
		if err := w.Journal(ctx, e); err != nil {
			w.record(n, func(e *Entry) { e.Intent = time.Time{} })
			return w.failed(n, fmt.Errorf("recording the intent to create %s: %w", n.ID, err))
		}
	}
	live, err := n.Create(ctx, c)
	if live.ID != "" {
		e := w.record(n, func(e *Entry) {
			e.ID, e.Name, e.Created, e.Intent, e.Out = live.ID, n.Name, w.now, time.Time{}, live.Out
		})
		if n.WriteAhead() {
			// A failure costs a search by tags at the next walk, no more: the intent stands.
			_ = w.Journal(ctx, e)
		}
	}
	if err != nil {
		f := w.Classify(err)
		if f.Class == graph.Conflict && live.ID == "" {
			return w.taken(ctx, n, c, err)
		}
		if live.ID == "" && refused(f.Class) {
			w.record(n, func(e *Entry) { e.Intent = time.Time{} }) // nothing was made: there is nothing to look for
		}
		r := w.failed(n, err)
		if live.ID != "" {
			r.Live, r.out, r.Action = live, live.Out, Create
		}
		return r
	}
	r := w.seen(n, live)
	r.Action = Create
	return r
}

// refused reports whether a fault says that the call did nothing: AWS's own failure and a lost answer leave that open.
func refused(c graph.Class) bool { return c != graph.Transient && c != graph.Unknown }

// taken looks again after a creation was refused because the object exists: with our proof that is
// success.
func (w *walk) taken(ctx context.Context, n *graph.Node, c graph.Call, refused error) NodeResult {
	w.Refresh()
	c.Taken = true
	live, err := n.Observe(ctx, c)
	switch {
	case err != nil:
		return w.failed(n, err)
	case live.Phase == graph.Absent:
		return w.failed(n, refused) // a Conflict that AWS doesn't show yet
	case live.Owner == graph.Foreign:
		return w.foreign(n, live)
	default:
		r := w.seen(n, live)
		if changes := n.Diff(c, live); len(changes) > 0 && r.State == Ready {
			r.State, r.Reason, r.Why, r.Changes = Pending, ReasonWaiting, "found; its differences are put right next", changes
		}
		return r
	}
}

// update applies changes that need no new object.
func (w *walk) update(ctx context.Context, n *graph.Node, c graph.Call, live graph.Live, changes []graph.Change) NodeResult {
	if w.Mode == Plan && (w.Permit == nil || !w.Permit(n.ID, changes)) {
		r := w.seen(n, live)
		r.Action, r.Changes = Update, changes
		r.out = maps.Clone(live.Out)
		for _, a := range n.Renews(changes) {
			delete(r.out, a)
		}
		return r
	}
	w.recordSeen(n, live)
	ctx, cancel := detached(ctx)
	defer cancel()
	c.Token = w.token(n)
	after, err := n.Update(ctx, c, live, changes)
	if err != nil {
		r := w.failed(n, err)
		r.Live, r.out, r.Changes = live, maps.Clone(live.Out), changes
		if after.ID == live.ID { // the kind says what others may use of it as it is now
			r.out = maps.Clone(after.Out)
		}
		for _, a := range n.Renews(changes) { // what is there isn't what others are to use
			delete(r.out, a)
		}
		return r
	}
	r := w.seen(n, after)
	r.Action, r.Changes = Update, changes
	return r
}

// remake deletes a disposable object so that the next walk makes a new one.
func (w *walk) remake(ctx context.Context, n *graph.Node, c graph.Call, live graph.Live, changes []graph.Change) NodeResult {
	r := w.seen(n, live)
	r.State, r.Action, r.Changes, r.out = Pending, Replace, changes, nil
	r.Why = or(live.Why, "differs in what AWS can't change") + "; it is made again"
	if w.Mode == Plan {
		return r
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	gone, err := n.Delete(ctx, c, live)
	if err != nil {
		f := w.failed(n, err)
		f.Changes = changes
		return f
	}
	if gone {
		w.record(n, func(e *Entry) { e.ID, e.Created, e.Incarnation, e.Out = "", time.Time{}, "after "+live.ID, nil })
	}
	return r
}

// seen is the result of a node whose object is ours.
func (w *walk) seen(n *graph.Node, live graph.Live) NodeResult {
	r := w.base(n, Ready, live.Reason, live.Why)
	r.Wanted = w.wanted(n)
	r.Live, r.out, r.Fresh = live, live.Out, true
	if live.Phase != graph.Ready {
		r.State = Pending
		if live.Phase == graph.Broken {
			r.State = Failed
		}
	}
	if w.Mode != Plan {
		w.recordSeen(n, live)
	}
	return r
}

func (w *walk) recordSeen(n *graph.Node, live graph.Live) {
	w.record(n, func(e *Entry) {
		e.Kind, e.ID, e.Intent = n.Kind(), live.ID, time.Time{}
		if n.Name != "" {
			e.Name = n.Name
		}
		if len(live.Out) > 0 {
			e.Out = live.Out
		}
		for _, need := range w.needs(n.ID) {
			if !contains(e.Needs, need) {
				e.Needs = append(e.Needs, need)
			}
		}
	})
}

// needs are the nodes whose deletion must come after this one's.
func (w *walk) needs(id graph.NodeID) []graph.NodeID {
	if w.Graph.Node(id) == nil {
		return nil
	}
	return append(w.Graph.Needs(id), w.Graph.Node(id).Keeps...)
}

func (w *walk) foreign(n *graph.Node, live graph.Live) NodeResult {
	r := w.base(n, Stalled, ReasonConflict, fmt.Sprintf("%s %s exists but carries no ownership tags of this resource; it is not touched. Rename this resource, or remove that object", n.Kind(), or(live.ID, n.Name)))
	if e := w.entry(n.ID); e != nil && e.ID != "" && e.ID == live.ID {
		var tags []string
		for k, v := range w.Owner.Proof(string(n.ID)) {
			tags = append(tags, k+"="+v)
		}
		slices.Sort(tags)
		r.Why = fmt.Sprintf("somebody gave %s %s, which was made for this resource, other ownership tags; it is not touched any more. Give it back its tags %s, or remove it", n.Kind(), live.ID, strings.Join(tags, ", "))
	}
	r.Fresh = true
	return r
}

// failed is the result of a node whose call failed.
func (w *walk) failed(n *graph.Node, err error) NodeResult {
	f := w.Classify(err)
	r := w.base(n, Failed, string(f.Class), f.Message)
	r.Fault, r.Fresh = &f, true
	switch f.Class {
	case graph.NotYet, graph.Throttled, graph.Conflict, graph.NotFound, graph.InUse:
		r.State = Pending
	case graph.Quota, graph.Invalid:
		r.State = Stalled
	case graph.Denied, graph.Transient, graph.Unknown:
	}
	if f.Action != "" {
		r.Why = f.Action + ": " + f.Message
	}
	// What was known stays known: a throttled read is no news about the object.
	if m := w.memo(n.ID); m != nil {
		r.Live = m.result.Live
	}
	if r.Live.Out != nil {
		r.out = r.Live.Out
	} else if e := w.entry(n.ID); e != nil {
		r.out = e.Out
	}
	return r
}

func (w *walk) base(n *graph.Node, s State, reason, why string) NodeResult {
	return NodeResult{Node: n.ID, Kind: n.Kind(), Name: n.Name, Area: n.Area, State: s, Reason: reason, Why: why}
}

// detached returns a context that a shutdown doesn't end, with a deadline of its own.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), MutationTimeout)
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func join(ids []graph.NodeID) string {
	out := make([]string, len(ids))
	for i := range ids {
		out[i] = string(ids[i])
	}
	return strings.Join(out, ", ")
}

func contains(ids []graph.NodeID, id graph.NodeID) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}
