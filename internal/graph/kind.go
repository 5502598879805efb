package graph

import (
	"context"
	"time"
)

// Phase says how far an observed object is.
type Phase string

// The phases of an object.
const (
	// Absent: proved not to exist (see Kind.Observe).
	Absent Phase = "Absent"
	// Pending: exists and is on its way to Ready without our help, or waits for something outside.
	Pending Phase = "Pending"
	// Ready: exists and does its work.
	Ready Phase = "Ready"
	// Deleting: exists and is on its way out.
	Deleting Phase = "Deleting"
	// Broken: exists in a state that it can't leave; the engine deletes it and makes another when
	// its kind is disposable, and reports it otherwise.
	Broken Phase = "Broken"
)

// Proof is what an observed object says of its owner.
type Proof string

// The answers to "whose is it?".
const (
	// Ours: it carries the tags (or the hashed name) that Call describes.
	Ours Proof = "Ours"
	// Foreign: it belongs to somebody else, or to nobody. It is never written to.
	Foreign Proof = "Foreign"
)

// Live is an object as it was observed.
type Live struct {
	// ID is AWS's identifier: what the recorded id will be at the next walk.
	ID    string
	Phase Phase
	Owner Proof
	// Out is published to the nodes that refer to it: an attribute is there as soon as others may
	// use it, and not before (a load balancer's ARN at once, a NAT gateway's id when available).
	Out map[Attr]string
	// Parts are identifiers of parts of the object that calls to AWS name without naming the object.
	Parts []string
	// Raw is the kind's own reading of the object, for its Diff, Update and Delete.
	Raw any
	// Why says, for people, why the phase isn't Ready.
	Why string
	// Reason classifies Why where the CRD's documented reasons have a word for it.
	Reason string
	// Recheck is when another look is worth a call; zero leaves it to the engine. A Ready object that has one waits for
	// something that somebody else does, and that isn't asked for by the spec.
	Recheck time.Duration
	// Facts are what people and status want to know (counts, DNS names), not inputs of other nodes.
	Facts any
}

// Change is one difference between what is wanted and what is.
type Change struct {
	Path string `json:"path"`
	Have string `json:"have"`
	Want string `json:"want"`
	// Replace marks a field that the object can't change: it needs a new object.
	Replace bool `json:"replace,omitempty"`
	// News marks that something outside of the spec is another than before, and not the object: it differs
	// from what is wanted now, but nobody changed it.
	News bool `json:"-"`
	// Unlocks marks a change without which the object can't be deleted, as lifting the deletion
	// protection that the spec no longer asks for.
	Unlocks bool `json:"-"`
}

// Call is what every method of a kind gets besides its spec. Kinds never invent any of it.
type Call struct {
	// World holds the clients; the kinds know its type, the engine doesn't.
	World any
	Node  NodeID
	// Name is the object's deterministic name; it carries the owner's hash where AWS bounds it.
	Name string
	// Tags are all tags the object must carry: ownership, the user's, and Name.
	Tags map[string]string
	// Owner is the subset of Tags that proves ownership.
	Owner map[string]string
	// Token is the client token for creation: a hash of owner, node, parameters and incarnation.
	Token string
	// ID is the recorded id, empty when nothing is recorded.
	ID string
	// Recorded are the outputs of the last walk that saw the object, for finding it without its
	// inputs.
	Recorded map[Attr]string
	// Taken says that creation was just refused because the name is taken: a bulk list that doesn't
	// show the object is no proof now, it must be asked for by name.
	Taken bool
	// Again says of a creation that the object existed before: what others made of it may still be there.
	Again bool
	// Seen is the object as it was seen before, when it was on its way then and this is another look:
	// what doesn't change on the way need not be read again. Nil where everything is to be read.
	Seen *Live
	// Planning says that what differs is asked for to be told, not to be done now: what is done in several steps is
	// one change then.
	Planning bool
	// Now is the time by the clock that the walk runs on.
	Now time.Time
}

// ReasonWaiting is why something is Pending that waits for other nodes.
const ReasonWaiting = "Waiting"

// Kind is everything the engine needs to know of one sort of AWS object. S is its desired state;
// it arrives with every Value resolved, or reading KnownAfterApply in plans and in reads of nodes
// whose inputs are missing (mutating methods never see that, but for Urgent).
//
// No method blocks or sleeps. Errors are AWS's, wrapped with the operation.
type Kind[S any] interface {
	// Name is the kind's name in status, plans and events: AWS's noun, as "NATGateway".
	Name() string
	// Observe reads. Absent is a proof, never an assumption: a typed NotFound by recorded id and a
	// complete empty list by tag or name. Anything less is an error. A kind whose Create refuses a
	// taken name may answer Absent from a list, since Create then is the proof.
	// Where the spec's inputs are KnownAfterApply the object is looked for by id, name or tags.
	Observe(ctx context.Context, call Call, spec S) (Live, error)
	// Diff is pure; empty means equal. Delegated fields never show in it.
	Diff(call Call, want S, live Live) []Change
	// Create makes the object with all its tags, and answers with it as created: it isn't read again.
	Create(ctx context.Context, call Call, spec S) (Live, error)
	// Update applies the changes that need no replacement, each step idempotent. It answers with
	// the object as it now is, its outputs included.
	Update(ctx context.Context, call Call, spec S, live Live, changes []Change) (Live, error)
	// Delete takes one idempotent step towards absence. gone says that AWS's answer proves the
	// object absent; otherwise the engine observes again until it is.
	Delete(ctx context.Context, call Call, live Live) (gone bool, err error)
}

// Disposable is implemented by kinds whose objects may be deleted and made again without asking,
// when they are Broken or differ in what AWS can't change.
type Disposable interface{ Disposable() bool }

// Mendable is implemented by kinds whose objects are deleted and made again without asking only when
// they are Broken: then nobody can be using them.
type Mendable interface{ Mendable() bool }

// Successor is implemented by kinds whose objects are replaced without asking by a new one beside
// them: under another name, to which the users are repointed before the old one is pruned. Call.Name
// tells the successors' names apart.
type Successor interface{ Succeeds() bool }

// WriteAhead is implemented by kinds whose Create has neither a unique name nor a client token:
// the intent is recorded before the call and the object is found again by its tags.
type WriteAhead interface{ WriteAhead() bool }

// Lister is implemented by kinds that can list every object of the owner without a spec, so that
// what is no longer desired is found even when the inventory is lost.
type Lister interface {
	// List answers each object with the node it was made for.
	List(ctx context.Context, call Call) (map[NodeID]Live, error)
}

// Apart is implemented by listers whose list is a call that nothing else needs: while the inventory is as
// old as the deployment, only a plan and a deletion ask it.
type Apart interface{ Apart() bool }

// Attached is implemented by listers whose objects go with others, which are listed themselves: a deletion needn't
// know them, nor does anything else while the inventory is as old as the deployment.
type Attached interface{ Attached() bool }

// Last is implemented by kinds whose objects are what people know a deployment by: one that is no longer wanted is pruned
// only when all that is wanted is Ready.
type Last interface{ Last() bool }

// Lingerer is implemented by kinds whose objects take a while to go once they are deleted.
type Lingerer interface {
	// Lingers is when the first look for the object's absence is worth a call.
	Lingers() time.Duration
}

// Urgent is implemented by kinds of which some changes don't wait for inputs that are missing: they concern what
// is there, and not what is to come.
type Urgent[S any] interface {
	// Urgent is Diff for these alone. The spec's missing inputs are KnownAfterApply, in the Update that follows too.
	Urgent(call Call, want S, live Live) []Change
}

// Renewer is implemented by kinds of which some updates give outputs a new value (a new revision has a
// new ARN): plans show those as known after apply.
type Renewer interface {
	Renews(changes []Change) []Attr
}
