package aws

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestConcurrentReadersShareOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, calls := NewReads(), atomic.Int32{}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				got, err := Read(t.Context(), r, "vpcs", func(context.Context) (string, error) {
					calls.Add(1)
					time.Sleep(time.Second)
					return "all", nil
				})
				if err != nil || got != "all" {
					t.Errorf("got %q, %v", got, err)
				}
			})
		}
		wg.Wait()
		if calls.Load() != 1 {
			t.Fatalf("%d calls, want 1", calls.Load())
		}
	})
}

func TestFailedReadsAreNotKept(t *testing.T) {
	r, boom := NewReads(), errors.New("boom")
	fail := func(context.Context) (int, error) { return 7, boom }
	if got, err := Read(t.Context(), r, "k", fail); !errors.Is(err, boom) || got != 0 {
		t.Fatalf("got %d, %v", got, err)
	}
	if got, err := Read(t.Context(), r, "k", func(context.Context) (int, error) { return 1, nil }); err != nil || got != 1 {
		t.Fatalf("a failure is remembered: %d, %v", got, err)
	}
}

// TestTroubleIsKeptForAWalk: what AWS can't tell now isn't asked for by one node after the other.
func TestTroubleIsKeptForAWalk(t *testing.T) {
	r, trouble := NewReads(), &LimitedError{"EC2", "DescribeVpcs"}
	asked := 0
	for range 3 {
		if _, err := Read(t.Context(), r, "k", func(context.Context) (int, error) { asked++; return 0, trouble }); !errors.Is(err, trouble) {
			t.Fatal(err)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	r.Forget("k")
	if got, err := Read(t.Context(), r, "k", func(context.Context) (int, error) { return 1, nil }); err != nil || got != 1 {
		t.Fatalf("after it was forgotten: %d, %v", got, err)
	}
}

func TestForgottenReadsAreReadAgain(t *testing.T) {
	r := NewReads()
	n := 0
	read := func(key string) int {
		v, _ := Read(t.Context(), r, key, func(context.Context) (int, error) { n++; return n, nil })
		return v
	}
	read("ec2/subnets")
	read("ecs/services")
	r.Forget("ec2/")
	if read("ecs/services") != 2 || read("ec2/subnets") != 3 {
		t.Fatal("a prefix forgets its own entries and no others")
	}
}

// TestAnAnswerFromBeforeAMutationIsNotHandedOutAfterIt: a list that was under way when something was
// created mustn't be what the creator's neighbours are told afterwards.
func TestAnAnswerFromBeforeAMutationIsNotHandedOutAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewReads()
		var wg sync.WaitGroup
		wg.Go(func() {
			_, _ = Read(t.Context(), r, "k", func(context.Context) (string, error) { time.Sleep(time.Second); return "stale", nil })
		})
		synctest.Wait()
		r.Forget("k")
		got, _ := Read(t.Context(), r, "k", func(context.Context) (string, error) { return "fresh", nil })
		wg.Wait()
		again, _ := Read(t.Context(), r, "k", func(context.Context) (string, error) { return "asked again", nil })
		if got != "fresh" || again != "fresh" {
			t.Fatalf("got %q, then %q", got, again)
		}
	})
}

func TestWaitersGiveUpWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, done := NewReads(), make(chan struct{})
		go func() {
			_, _ = Read(t.Context(), r, "k", func(context.Context) (int, error) { <-done; return 1, nil })
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := Read(ctx, r, "k", func(context.Context) (int, error) { return 2, nil }); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		close(done)
	})
}

// TestAPanickingReadDoesNotHangItsWaiters: the walk ends, whatever becomes of the panic.
func TestAPanickingReadDoesNotHangItsWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewReads()
		var wg sync.WaitGroup
		wg.Go(func() {
			defer func() { _ = recover() }()
			_, _ = Read(t.Context(), r, "k", func(context.Context) (int, error) { time.Sleep(time.Second); panic("odd answer") })
		})
		synctest.Wait()
		if _, err := Read(t.Context(), r, "k", func(context.Context) (int, error) { return 2, nil }); !errors.Is(err, errUnread) {
			t.Fatalf("got %v", err)
		}
		wg.Wait()
		if got, err := Read(t.Context(), r, "k", func(context.Context) (int, error) { return 3, nil }); err != nil || got != 3 {
			t.Fatalf("the panic is remembered: %d, %v", got, err)
		}
	})
}

func TestCacheKeepsForItsTime(t *testing.T) {
	c := newClock()
	cache, calls := NewCache(c.now), 0
	get := func() (int, error) {
		return Keep(t.Context(), cache, "k", time.Minute, func(context.Context) (int, error) { calls++; return calls, nil })
	}
	for _, tt := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {59 * time.Second, 1}, {time.Second, 2}, {0, 2}} {
		c.pass(tt.after)
		if got, err := get(); err != nil || got != tt.want {
			t.Fatalf("after %s: %d, %v; want %d", tt.after, got, err, tt.want)
		}
	}
	if _, err := Keep(t.Context(), cache, "f", time.Minute, func(context.Context) (int, error) { return 0, errors.New("boom") }); err == nil {
		t.Fatal("no error")
	}
	if got, err := Keep(t.Context(), cache, "f", time.Minute, func(context.Context) (int, error) { return 5, nil }); err != nil || got != 5 {
		t.Fatalf("a failure is kept: %d, %v", got, err)
	}
}

func TestCacheIsBounded(t *testing.T) {
	cache := NewCache(newClock().now)
	for i := range 3 * maxCached {
		_, _ = Keep(t.Context(), cache, fmt.Sprint(i), time.Hour, func(context.Context) (int, error) { return i, nil })
		if len(cache.values) > maxCached {
			t.Fatalf("%d entries", len(cache.values))
		}
	}
}
