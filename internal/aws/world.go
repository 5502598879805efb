package aws

import (
	"context"
	"sync"
	"time"
)

// World is what a kind's methods get as their call's World: the clients, where they point, and the
// reads of this walk.
type World struct {
	*Clients
	Reads *Reads
	// Forever keeps across walks what can't change: a launch template's version, a task
	// definition's content, a region's zones.
	Forever *Cache
	// Renewed says that this walk has already asked AWS for something that is kept across walks: what else is
	// to be asked again, and can wait, waits for the next.
	Renewed bool
	// Account, Region and Partition are where the clients point ("aws", "aws-us-gov", "aws-cn").
	Account, Region, Partition string
	// Caller is the ARN of the identity that calls.
	Caller string
}

// ARN builds an ARN in the world's partition. Region and account are left empty where AWS does.
func (w *World) ARN(service, region, account, resource string) string {
	return "arn:" + w.Partition + ":" + service + ":" + region + ":" + account + ":" + resource
}

// Cache keeps values across walks, each for a bounded time.
type Cache struct {
	mu     sync.Mutex
	now    func() time.Time
	values map[string]cached
}

type cached struct {
	value any
	until time.Time
}

// maxCached bounds a cache; what is dropped is read again.
const maxCached = 4096

// NewCache returns an empty cache that reads the time from now.
func NewCache(now func() time.Time) *Cache { return &Cache{now: now, values: map[string]cached{}} }

// Kept answers the last value of a key and until when it is believed, also when that is over.
func Kept[T any](c *Cache, key string) (value T, until time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.values[key]
	if !ok {
		return value, until, false
	}
	return v.value.(T), v.until, true
}

// Forget drops a value, so that it is read again.
func (c *Cache) Forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.values, key)
}

// Keep answers the cached value of key, or runs f and keeps its answer for ttl. Failures aren't kept.
func Keep[T any](ctx context.Context, c *Cache, key string, ttl time.Duration, f func(context.Context) (T, error)) (T, error) {
	c.mu.Lock()
	v, ok := c.values[key]
	c.mu.Unlock()
	if ok && c.now().Before(v.until) {
		return v.value.(T), nil
	}
	value, err := f(ctx)
	if err != nil {
		return value, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.values) >= maxCached {
		clear(c.values)
	}
	c.values[key] = cached{value, c.now().Add(ttl)}
	return value, nil
}
