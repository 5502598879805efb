package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"k8s.io/client-go/rest"
)

// The leader's lease. Two leaders never write at once: a leader that can't renew gives up lostAfter its last renewal
// and exits, nobody else leads before leaseDuration after it, and what lies between is longer than what a leader may have
// begun runs on for (controllers.WritesEnd).
const (
	leaseDuration = 60 * time.Second
	renewDeadline = 20 * time.Second
	retryPeriod   = 5 * time.Second
	// lostAfter is how long after its last renewal a leader may still begin something: it tries the next one
	// retryPeriod later, and goes on trying for renewDeadline.
	lostAfter = retryPeriod + renewDeadline
	// shutdownTimeout lets walks that are under way record what they did. The lease is kept until then.
	shutdownTimeout = 40 * time.Second
)

// errLeaseLost keeps a manager from giving back a lease that it lost.
var errLeaseLost = errors.New("the lease was lost while walks were under way; it runs out by itself")

// keeper lets the lease be given back only by a manager that was asked to end, whose walks have ended then. client-go
// gives it back also when it can't be renewed: then another manager would lead at once, while this one's calls are
// still in flight. https://pkg.go.dev/k8s.io/client-go/tools/leaderelection#LeaderElectionConfig (ReleaseOnCancel)
type keeper struct {
	http.RoundTripper
	// ending is done when the manager was asked to end.
	ending context.Context
}

// leaseConfig is the configuration of the clients that keep the lease.
func leaseConfig(ctx context.Context, cfg *rest.Config) *rest.Config {
	c := rest.CopyConfig(cfg)
	c.ContentType = "application/json" // which keeper reads
	c.Wrap(func(next http.RoundTripper) http.RoundTripper { return &keeper{next, ctx} })
	return c
}

// RoundTrip implements http.RoundTripper.
func (k *keeper) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPut || !strings.Contains(r.URL.Path, "/leases/") || r.Body == nil || k.ending.Err() != nil {
		return k.RoundTripper.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_ = r.Body.Close()
	if bytes.Contains(body, []byte(`"holderIdentity":""`)) || !bytes.Contains(body, []byte(`"holderIdentity":`)) {
		return nil, errLeaseLost
	}
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	return k.RoundTripper.RoundTrip(again)
}
