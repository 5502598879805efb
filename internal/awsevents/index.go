package awsevents

import (
	"slices"
	"sync"
	"time"
)

// linger is how long a name is still known after its object got another one: CloudTrail tells of a deletion
// minutes later, when what was deleted may have been made again.
const linger = 15 * time.Minute

// Object is something whose events matter: K is the deployment that it belongs to.
type Object[K comparable] struct {
	Key K
	// Node is the object's place in its deployment.
	Node string
	// Kind is the kind of object.
	Kind string
}

// Index finds the deployments that an event concerns, by account and by what the event mentions. Regions don't
// count: identifiers differ between them, and calls of a global service are told by one region for all.
type Index[K comparable] struct {
	mu     sync.Mutex
	byName map[place]map[Object[K]]time.Time // until when it is known; zero: as long as it is recorded
	of     map[K][]place
}

type place struct{ account, name string }

// NewIndex returns an index without anything in it.
func NewIndex[K comparable]() *Index[K] {
	return &Index[K]{byName: map[place]map[Object[K]]time.Time{}, of: map[K][]place{}}
}

// Put replaces what is known of a deployment's objects: the names that each is mentioned by.
func (x *Index[K]) Put(key K, account string, objects map[Object[K]][]string, now time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	var places []place
	for _, p := range x.of[key] {
		for o, until := range x.byName[p] {
			switch {
			case o.Key != key:
			case until.IsZero():
				x.byName[p][o] = now.Add(linger)
			case !now.Before(until):
				delete(x.byName[p], o)
			}
		}
		places = append(places, p)
	}
	for o, names := range objects {
		for _, name := range names {
			if name == "" {
				continue
			}
			p := place{account, name}
			if x.byName[p] == nil {
				x.byName[p] = map[Object[K]]time.Time{}
			}
			x.byName[p][o] = time.Time{}
			places = append(places, p)
		}
	}
	x.of[key] = x.tidy(key, places)
}

// tidy drops places where nothing of a deployment is known any more, and repetitions.
func (x *Index[K]) tidy(key K, places []place) []place {
	seen := map[place]bool{}
	return slices.DeleteFunc(places, func(p place) bool {
		if seen[p] {
			return true
		}
		seen[p] = true
		if len(x.byName[p]) == 0 {
			delete(x.byName, p)
			return true
		}
		for o := range x.byName[p] {
			if o.Key == key {
				return false
			}
		}
		return true
	})
}

// Drop forgets a deployment.
func (x *Index[K]) Drop(key K) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, p := range x.of[key] {
		for o := range x.byName[p] {
			if o.Key == key {
				delete(x.byName[p], o)
			}
		}
		if len(x.byName[p]) == 0 {
			delete(x.byName, p)
		}
	}
	delete(x.of, key)
}

// Find lists the objects that a notice mentions, by deployment.
func (x *Index[K]) Find(n Notice) map[K][]Object[K] {
	x.mu.Lock()
	defer x.mu.Unlock()
	var out map[K][]Object[K]
	for _, name := range n.Names {
		for o := range x.byName[place{n.Account, name}] {
			if out == nil {
				out = map[K][]Object[K]{}
			}
			if !slices.Contains(out[o.Key], o) {
				out[o.Key] = append(out[o.Key], o)
			}
		}
	}
	return out
}
