package controllers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// check is something of the spec that the API server can't check.
type check struct {
	// what names it together with all that it depends on.
	what string
	ask  func(context.Context) *refusal
}

// passedTTL is how long a passed check is believed: what a deployment uses rarely goes, and asking for
// everything again at each edit would cost more calls than the edit.
const passedTTL = time.Hour

// admit builds the desired graph, and makes the checks that haven't been passed lately.
func (r *PortkeyGatewayReconciler) admit(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World, s *session) (*graph.Graph, *refusal) {
	ctx, cancel := context.WithTimeout(ctx, preflightTimeout)
	defer cancel()
	g, err := r.build(ctx, gw, w)
	if err != nil {
		return nil, unbuilt(err)
	}
	if s.admitted == gw.Generation {
		return g, nil
	}
	spec := gw.Resolved()
	if stop := checkVersions(spec); stop != nil {
		return nil, stop
	}
	now, passed := r.Now(), map[string]time.Time{}
	for _, c := range slices.Concat(checks(spec, w, r.owner(gw)), r.bucketChecks(gw, spec, w), r.secretKeyChecks(spec, w), r.outboundChecks(gw, spec, w), inboundChecks(spec, w)) {
		at, ok := s.passed[c.what]
		if !ok || now.Sub(at) >= passedTTL {
			if stop := c.ask(ctx); stop != nil {
				return nil, stop
			}
			at = now
		}
		passed[c.what] = at
	}
	s.admitted, s.passed, s.warning = gw.Generation, passed, room(ctx, w, gw)
	return g, nil
}

// checks are what is asked of AWS before anything is written.
func checks(spec v1alpha1.PortkeyGatewaySpec, w *aws.World, owner own.Owner) []check {
	var out []check
	for _, x := range secretFields(spec) {
		out = append(out, check{"secret " + x.arn, func(ctx context.Context) *refusal { return checkSecret(ctx, w, x.field, x.arn) }})
	}

	if arn := spec.Secrets.KMSKeyARN; arn != "" {
		out = append(out, check{"key " + arn, func(ctx context.Context) *refusal { return checkKey(ctx, w, arn) }})
	}
	out = append(out, balancerChecks(spec, w, owner)...)
	if n := spec.Network.Existing; n != nil {
		what := "network " + own.Digest(n) + fmt.Sprintf(" for %v", placements(spec))
		out = append(out, check{what, func(ctx context.Context) *refusal { return checkNetwork(ctx, w, spec) }})
	}
	if c := spec.Capacity.Existing; c != nil {
		out = append(out, check{fmt.Sprintf("capacity %+v", *c), func(ctx context.Context) *refusal { return checkCapacity(ctx, w, spec) }})
	}
	if names := spec.Gateway.Rollout.Alarms; len(names) > 0 {
		out = append(out, check{fmt.Sprintf("alarms %q", names), func(ctx context.Context) *refusal { return checkAlarms(ctx, w, names) }})
	}
	for i, h := range spec.Gateway.Rollout.Hooks {
		if h.Lambda != nil {
			out = append(out, check{"function " + h.Lambda.FunctionARN, func(ctx context.Context) *refusal { return checkFunction(ctx, w, i, h.Lambda.FunctionARN) }})
		}
	}
	if e := spec.Cache.ElastiCache; e != nil && (e.Endpoint != nil || e.ReplicationGroupID != "") {
		out = append(out, check{"cache " + own.Digest(e), func(ctx context.Context) *refusal { return checkCache(ctx, w, e) }})
	}
	return out
}

// checkSecret makes sure that a secret exists and has a value, which is none of the operator's business.
func checkSecret(ctx context.Context, w *aws.World, field, arn string) *refusal {
	read, err := readSecret(ctx, w, arn)
	if errors.Is(err, errLeaving) {
		return &refusal{reason: v1alpha1.ReasonSecretUnusable, message: fmt.Sprintf("%s: the secret %s is scheduled for deletion: restore it, or name another", field, arn)}
	}
	if err != nil {
		return unusable(err, v1alpha1.ReasonSecretUnusable, fmt.Sprintf("%s: there is no secret %s: create it, or correct secretARN", field, arn))
	}
	if read.Version == "" && !read.denied {
		w.Forever.Forget(secretKey(arn)) // it may get one at any moment
		return &refusal{reason: v1alpha1.ReasonSecretUnusable, message: fmt.Sprintf("%s: the secret %s has no value yet: store one in it, or name another", field, arn)}
	}
	return checkKeyOf(ctx, w, field, arn, read)
}

// unusable turns a failed check into a refusal where it proves something. A check that the operator
// may not make proves nothing: the tasks have rights of their own.
func unusable(err error, reason, message string) *refusal {
	switch f := aws.Classify(err); f.Class {
	case graph.NotFound:
		return &refusal{reason: reason, message: message}
	case graph.Throttled, graph.Transient, graph.NotYet:
		return unavailable(err)
	default:
		return nil
	}
}
