package controllers

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// cacheTTL is how long what was found out about somebody else's cache is believed: walks follow each other
// closely while things come up, and an endpoint doesn't change.
const cacheTTL = time.Minute

// cacheError is that the graph can't be built for a replication group that isn't there, or can't be read.
type cacheError struct {
	id  string
	err error
}

// Error implements error.
func (e *cacheError) Error() string {
	return "reading the replication group " + e.id + ": " + e.err.Error()
}

// Unwrap gives AWS's error.
func (e *cacheError) Unwrap() error { return e.err }

// refusal says what to do about it.
func (e *cacheError) refusal() *refusal {
	const field = "cache.elastiCache.replicationGroupID"
	switch f := aws.Classify(e.err); f.Class {
	case graph.NotFound:
		return &refusal{reason: v1alpha1.ReasonCacheUnusable, message: fmt.Sprintf("%s: there is no replication group %s in this account and region: create it, or correct the ID", field, e.id)}
	case graph.Denied:
		return &refusal{reason: v1alpha1.ReasonAccessDenied, message: f.Action + ": " + f.Message}
	default:
		return unavailable(e.err)
	}
}

// cacheNotReady is that a cache has no endpoint yet, as while it is being created.
type cacheNotReady struct{ id, status string }

// Error implements error.
func (e *cacheNotReady) Error() string {
	return fmt.Sprintf("cache.elastiCache.replicationGroupID: the replication group %s has no endpoint yet, its status is %s: the deployment begins when it has", e.id, e.status)
}

// foundCache answers the replication group that the spec names; nil when it names none.
func foundCache(ctx context.Context, w *aws.World, spec v1alpha1.PortkeyGatewaySpec) (*desired.ExistingCache, error) {
	if spec.Cache == nil || spec.Cache.ElastiCache == nil || spec.Cache.ElastiCache.ReplicationGroupID == "" {
		return nil, nil //nolint:nilnil // none is wanted
	}
	id := strings.ToLower(spec.Cache.ElastiCache.ReplicationGroupID)
	c, err := findCache(ctx, w, id)
	switch {
	case err != nil:
		return nil, &cacheError{id, err}
	case c.Address == "":
		return nil, &cacheNotReady{id, c.Status}
	}
	found := &desired.ExistingCache{Name: c.Name, Address: c.Address, TLS: c.TLS, ClusterMode: c.ClusterMode}
	if len(c.SecurityGroups) > 0 {
		found.SecurityGroup = c.SecurityGroups[0] // one open door is enough
	}
	return found, nil
}

func findCache(ctx context.Context, w *aws.World, id string) (aws.ExistingCache, error) {
	return aws.Keep(ctx, w.Forever, "elasticache/"+id, cacheTTL, func(ctx context.Context) (aws.ExistingCache, error) { return aws.FindCache(ctx, w.Cache, id) })
}

// checkCache makes sure that the tasks can talk to somebody else's cache as the spec says. Of an endpoint
// that no cache of this account and region has, nothing is known.
func checkCache(ctx context.Context, w *aws.World, e *v1alpha1.ElastiCache) *refusal {
	if e.ReplicationGroupID != "" {
		id := strings.ToLower(e.ReplicationGroupID)
		c, err := findCache(ctx, w, id)
		if err != nil {
			return (&cacheError{id, err}).refusal()
		}
		return mismatch(&c, e.Auth)
	}
	host, _, err := net.SplitHostPort(e.Endpoint.Address)
	if err != nil {
		return nil //nolint:nilerr // the API server admits no address that doesn't parse
	}
	c, ok, err := aws.CacheAt(ctx, w.Cache, host)
	switch {
	case err != nil:
		return unusable(err, v1alpha1.ReasonCacheUnusable, "")
	case !ok:
		return nil
	}
	const field = "cache.elastiCache.endpoint"
	switch tls := *e.Endpoint.TLS; {
	case tls && !c.TLS:
		return cacheUnusable("%s.tls: %s isn't encrypted in transit: write tls: false, or turn encryption on in ElastiCache", field, c.Name)
	case !tls && c.TLS && !c.TLSOptional:
		return cacheUnusable("%s.tls: %s takes encrypted connections only: write tls: true", field, c.Name)
	case c.ClusterMode && !e.Endpoint.ClusterMode:
		return cacheUnusable("%s.clusterMode: %s runs in cluster mode: write clusterMode: true", field, c.Name)
	case !c.ClusterMode && e.Endpoint.ClusterMode:
		return cacheUnusable("%s.clusterMode: %s doesn't run in cluster mode: write clusterMode: false", field, c.Name)
	}
	return mismatch(&c, e.Auth)
}

// mismatch refuses a way to log in that the cache doesn't have.
func mismatch(c *aws.ExistingCache, auth *v1alpha1.CacheAuth) *refusal {
	const field = "cache.elastiCache.auth"
	iam, secret := auth != nil && auth.IAM != nil, auth != nil && (auth.SecretARN != "" || auth.SecretRef != nil)
	switch {
	case c.Token && iam:
		return cacheUnusable("%s: %s wants an AUTH token, which excludes IAM: write secretARN or secretRef, with the token as the key REDIS_PASSWORD", field, c.Name)
	case c.Token && !secret:
		return cacheUnusable("%s: %s wants an AUTH token: write secretARN, the ARN of a secret with the token as its JSON key REDIS_PASSWORD, or secretRef, a Secret with that key", field, c.Name)
	case iam && !c.TLS:
		return cacheUnusable("%s.iam: %s isn't encrypted in transit, without which IAM can't be used: turn it on in ElastiCache, or use another way to log in", field, c.Name)
	case iam && len(c.UserGroups) == 0:
		return cacheUnusable("%s.iam: %s has no user group: give it one in ElastiCache that holds the user %s", field, c.Name, auth.IAM.UserName)
	}
	return nil
}

func cacheUnusable(format string, args ...any) *refusal {
	return &refusal{reason: v1alpha1.ReasonCacheUnusable, message: fmt.Sprintf(format, args...)}
}
