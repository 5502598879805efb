package core

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// Scope is one region of one account, the key of nearly all state. Global services use Region "".
type Scope struct{ Account, Region string }

// Partition returns the ARN partition of the scope's region.
func (s Scope) Partition() string {
	switch {
	case strings.HasPrefix(s.Region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(s.Region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}

// ARN builds arn:partition:service:region:account:resource.
func (s Scope) ARN(service, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", s.Partition(), service, s.Region, s.Account, resource)
}

// World is everything that exists: shared by all services of one emulator.
type World struct {
	mu       sync.Mutex
	Clock    *Clock
	Settings Settings

	keys        map[string]Principal // by access key id
	enabled     map[Scope]bool       // regions that aren't so by default
	inventories []func(all bool) []Resource
	resets      []func()
	taggers     map[string]Tagger
	rng         *rand.Rand
}

// Settings change how the world answers, for tests and the control endpoints.
type Settings struct {
	// PageSize, when positive, is the largest page of any paginated answer.
	PageSize int
	// Latency is added to each answer, in wall time.
	Latency time.Duration
	// ReadLag is how long after a create lists and describes of eventually consistent services
	// don't show the object yet, in world time.
	ReadLag time.Duration
	// EnforceIAM has each call of an assumed role decided by the role's policies. Without it whoever holds a
	// known access key may do everything.
	EnforceIAM bool
	// Propagation, when positive, is how long other services can't use a new or changed role or instance profile of
	// IAM yet, in world time; otherwise it takes as long as it mostly does.
	Propagation time.Duration
	// NoThrottling turns the documented request token buckets off.
	NoThrottling bool
}

// Principal is who signed a request.
type Principal struct {
	Account string
	ARN     string
	UserID  string
	// RoleARN is set for assumed roles.
	RoleARN string
}

// Resource is one live object as GET /_emulator/resources lists it.
type Resource struct {
	Service string            `json:"service"`
	Kind    string            `json:"kind"`
	ID      string            `json:"id"`
	Name    string            `json:"name"`
	ARN     string            `json:"arn,omitempty"`
	Account string            `json:"account"`
	Region  string            `json:"region"`
	Tags    map[string]string `json:"tags"`
	State   string            `json:"state"`
	// Taggable is false for objects that AWS can't tag.
	Taggable bool `json:"taggable"`
	// AWSManaged marks what AWS makes by itself (a VPC's default group, a load balancer's ENI).
	AWSManaged bool `json:"awsManaged,omitempty"`
	// Settings are what the object's own describe call would tell, for golden comparisons.
	Settings map[string]any `json:"settings,omitempty"`
}

// Tagger reads the tags of one service's objects by ARN, for the tagging API.
type Tagger func(Scope) map[string]map[string]string

// NewWorld returns an empty world on the given clock.
func NewWorld(clock *Clock) *World {
	w := &World{Clock: clock, keys: map[string]Principal{}, enabled: map[Scope]bool{}, taggers: map[string]Tagger{}}
	w.seed()
	return w
}

func (w *World) seed() { w.rng = rand.New(rand.NewPCG(1, 2)) }

// Lock gives the caller the world, with every due event run.
func (w *World) Lock() {
	w.mu.Lock()
	w.Clock.Settle()
}

// Unlock gives it back.
func (w *World) Unlock() { w.mu.Unlock() }

// AddKey lets an access key id act as a principal.
func (w *World) AddKey(accessKeyID string, p Principal) { w.keys[accessKeyID] = p }

// OnReset registers what a service does to forget all its state.
func (w *World) OnReset(f func()) { w.resets = append(w.resets, f) }

// AddInventory registers a service's list of live objects; all includes what AWS only remembers.
func (w *World) AddInventory(f func(all bool) []Resource) { w.inventories = append(w.inventories, f) }

// AddTagger registers a service's tags for the tagging API.
func (w *World) AddTagger(service string, t Tagger) { w.taggers[service] = t }

// Tagged returns the tags of every object of the scope by ARN.
func (w *World) Tagged(s Scope) map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, t := range w.taggers {
		for arn, tags := range t(s) {
			out[arn] = tags
		}
	}
	return out
}

// Resources lists every object, sorted by account, region, kind, name and id.
func (w *World) Resources(all bool) []Resource {
	out := []Resource{}
	for _, f := range w.inventories {
		out = append(out, f(all)...)
	}
	for i := range out {
		if out[i].Tags == nil {
			out[i].Tags = map[string]string{}
		}
	}
	slices.SortFunc(out, func(a, b Resource) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// Reset forgets every object and event. Time goes on, and settings and access keys stay; sessions of
// roles end with them.
func (w *World) Reset() {
	w.Clock.clear()
	maps.DeleteFunc(w.keys, func(_ string, p Principal) bool { return p.RoleARN != "" })
	w.seed()
	for _, f := range w.resets {
		f()
	}
}

// Visible reports whether an object made at created shows in reads of eventually consistent
// services.
func (w *World) Visible(created time.Time) bool {
	return w.Settings.ReadLag == 0 || w.Clock.Since(created) >= w.Settings.ReadLag
}

// Hex returns n random hexadecimal digits, the same ones in every run.
func (w *World) Hex(n int) string { return w.pick("0123456789abcdef", n) }

// Digits returns n random decimal digits, the first of which isn't 0.
func (w *World) Digits(n int) string { return w.pick("123456789", 1) + w.pick("0123456789", n-1) }

// Alnum returns n random letters and digits in upper case, as IAM's unique ids have.
func (w *World) Alnum(n int) string { return w.pick("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", n) }

func (w *World) pick(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[w.rng.IntN(len(alphabet))]
	}
	return string(b)
}

// ID returns an identifier as EC2 makes them: prefix-0123456789abcdef0.
func (w *World) ID(prefix string) string { return prefix + "-0" + w.Hex(16) }

// UUID returns a random UUID (version 4 in form).
func (w *World) UUID() string {
	return w.Hex(8) + "-" + w.Hex(4) + "-4" + w.Hex(3) + "-a" + w.Hex(3) + "-" + w.Hex(12)
}
