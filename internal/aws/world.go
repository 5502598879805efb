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
	// Account, Region and Partition are where the clients point ("aws", "aws-us-gov", "aws-cn").
	Account, Region, Partition string
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
