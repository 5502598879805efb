package aws

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/smithy-go/middleware"
	"golang.org/x/time/rate"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// Limiter keeps the operator below AWS's documented request rates, per service and kind of call,
// for one account and region, or for one account where a service is global. It never waits: a call that would have to wait fails as throttled,
// and its node is looked at again shortly. AWS's own throttling halves the bucket, which then
// recovers over time.
type Limiter struct {
	now     func() time.Time
	mu      sync.Mutex
	buckets map[string]*limit
}

type limit struct {
	*rate.Limiter
	full   rate.Limit
	halved time.Time
}

// NewLimiter returns full buckets that refill by the time that now tells.
func NewLimiter(now func() time.Time) *Limiter {
	return &Limiter{now: now, buckets: map[string]*limit{}}
}

// LimitedError says that the operator held a call back.
type LimitedError struct{ Service, Operation string }

// Error implements error.
func (e *LimitedError) Error() string {
	return fmt.Sprintf("%s %s: held back to stay below AWS's request rate", e.Service, e.Operation)
}

// recovery is how long after AWS's last throttling a halved bucket is doubled again.
const recovery = 30 * time.Second

// Allow takes a token for a call, or answers a LimitedError.
func (l *Limiter) Allow(service, operation string) error {
	b := l.bucket(service, operation)
	now := l.now()
	l.mu.Lock()
	if b.Limit() < b.full && now.Sub(b.halved) > recovery {
		b.SetLimitAt(now, min(b.full, b.Limit()*2))
		b.halved = now
	}
	l.mu.Unlock()
	if !b.AllowN(now, 1) {
		return &LimitedError{service, operation}
	}
	return nil
}

// volley is how long the throttled answers to calls that went out together keep coming.
const volley = time.Second

// Throttled halves the bucket of a call that AWS throttled: once for all calls that went out together,
// since they were one mistake.
func (l *Limiter) Throttled(service, operation string) {
	b := l.bucket(service, operation)
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if b.Limit() < b.full && now.Sub(b.halved) < volley {
		return
	}
	b.SetLimitAt(now, max(b.Limit()/2, b.full/16))
	b.halved = now
}

func (l *Limiter) bucket(service, operation string) *limit {
	name, burst, refill := rateOf(service, operation)
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[name]
	if b == nil {
		b = &limit{Limiter: rate.NewLimiter(rate.Limit(refill), burst), full: rate.Limit(refill)}
		l.buckets[name] = b
	}
	return b
}

// limited puts limiters in front of every attempt, so that retries count too: of selects the one for
// a service.
func limited(of func(service string) *Limiter) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error { return insertLimiter(stack, of) }
}

func insertLimiter(stack *middleware.Stack, of func(service string) *Limiter) error {
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("PortkeyLimiter",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			service, operation := awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)
			l := of(service)
			if err := l.Allow(service, operation); err != nil {
				return middleware.FinalizeOutput{}, middleware.Metadata{}, err
			}
			out, meta, err := next.HandleFinalize(ctx, in)
			if err != nil && classify(service, operation, err).Class == graph.Throttled {
				l.Throttled(service, operation)
			}
			if err != nil {
				err = undecided(service, operation, err)
			}
			return out, meta, err
		}), "Retry", middleware.After)
}
