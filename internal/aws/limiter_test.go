package aws

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// clock is a clock that tests set.
type clock struct{ at time.Time }

func newClock() *clock { return &clock{time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time              { return c.at }
func (c *clock) pass(d time.Duration) *clock { c.at = c.at.Add(d); return c }

// allowed counts how many calls in a row pass.
func allowed(l *Limiter, service, operation string) int {
	for n := 0; ; n++ {
		if l.Allow(service, operation) != nil {
			return n
		}
	}
}

func TestBuckets(t *testing.T) {
	for _, tt := range []struct {
		service, operation string
		burst, perTenSecs  int
		why                string
	}{
		{"EC2", "DescribeVpcs", 80, 80, "80 is the bucket's size, which ten seconds fill again"},
		{"EC2", "CreateVpc", 40, 40, "mutations have a smaller bucket"},
		{"ECS", "RegisterTaskDefinition", 16, 8, "ECS counts these on their own"},
		{"Elastic Load Balancing v2", "CreateLoadBalancer", 8, 2, "creations are scarce"},
		{"STS", "GetCallerIdentity", 40, 40, "services that publish no rates"},
	} {
		t.Run(tt.operation, func(t *testing.T) {
			c := newClock()
			l := NewLimiter(c.now)
			if got := allowed(l, tt.service, tt.operation); got != tt.burst {
				t.Fatalf("burst of %d, want %d: %s", got, tt.burst, tt.why)
			}
			c.pass(10 * time.Second)
			if got := allowed(l, tt.service, tt.operation); got != tt.perTenSecs {
				t.Fatalf("%d after ten seconds, want %d: %s", got, tt.perTenSecs, tt.why)
			}
		})
	}
}

func TestBucketsAreIndependent(t *testing.T) {
	l := NewLimiter(newClock().now)
	allowed(l, "EC2", "CreateVpc")
	if err := l.Allow("EC2", "DescribeVpcs"); err != nil {
		t.Fatalf("writes starve reads: %v", err)
	}
	if err := l.Allow("EC2", "RevokeSecurityGroupIngress"); err != nil {
		t.Fatalf("writes starve rules: %v", err)
	}
	err := l.Allow("EC2", "CreateSubnet")
	var limited *LimitedError
	if !errors.As(err, &limited) || Classify(err).Class != graph.Throttled || Classify(err).Action != "ec2:CreateSubnet" {
		t.Fatalf("got %v (%+v), want a throttling that names the call", err, Classify(err))
	}
}

func TestThrottlingSlowsDownAndRecovers(t *testing.T) {
	c := newClock()
	l := NewLimiter(c.now)
	perSecond := func() int {
		allowed(l, "EC2", "DescribeVpcs")
		c.pass(time.Second)
		return allowed(l, "EC2", "DescribeVpcs")
	}
	if got := perSecond(); got != 16 {
		t.Fatalf("%d a second, want 16", got)
	}
	for range 20 { // a volley of calls that were under way together
		l.Throttled("EC2", "DescribeVpcs")
	}
	if got := perSecond(); got != 8 {
		t.Fatalf("%d a second after one volley of throttling, want half", got)
	}
	for range 20 {
		c.pass(2 * time.Second)
		l.Throttled("EC2", "DescribeVpcs")
	}
	if got := perSecond(); got < 1 {
		t.Fatal("lasting throttling stops the operator altogether")
	}
	for range 6 {
		c.pass(recovery + time.Second)
		perSecond()
	}
	if got := perSecond(); got != 16 {
		t.Fatalf("%d a second long after the throttling, want 16 again", got)
	}
}

func TestLimiterIsSafeForConcurrentUse(t *testing.T) {
	l := NewLimiter(newClock().now)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				_ = l.Allow("ECS", "DescribeServices")
				l.Throttled("ECS", "DescribeServices")
			}
		})
	}
	wg.Wait()
}
