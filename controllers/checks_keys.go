package controllers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
)

// shapeTTL is how long the shape of a secret's version is kept. A version never changes, so it could be for ever.
const shapeTTL = 24 * time.Hour

// secretKeyChecks make sure that the secrets which a spec names by ARN have the keys that tasks read of them. That
// takes the right to read values that aren't the operator's, so that it is done only where an administrator asked for
// it; the values are seen by aws.ReadSecretShape and by nobody else.
func (r *PortkeyGatewayReconciler) secretKeyChecks(spec v1alpha1.PortkeyGatewaySpec, w *aws.World) []check {
	if !r.CheckSecretKeys {
		return nil
	}
	var out []check
	for _, use := range desired.SecretUses(spec) {
		what := fmt.Sprintf("keys %v of secret %s", use.Keys, use.ARN)
		out = append(out, check{what, func(ctx context.Context) *refusal { return checkSecretKeys(ctx, w, use) }})
	}
	return out
}

// checkSecretKeys reads a secret once for each of its versions. A secret without them is described anew each time, since
// somebody will mend it.
func checkSecretKeys(ctx context.Context, w *aws.World, use desired.SecretUse) *refusal {
	read, err := readSecret(ctx, w, use.ARN)
	if err != nil {
		return unusable(err, v1alpha1.ReasonSecretUnusable, fmt.Sprintf("%s: there is no secret %s: create it, or correct secretARN", use.Field, use.ARN))
	}
	present := func(ctx context.Context) (aws.SecretShape, error) {
		return aws.ReadSecretShape(ctx, w.Secrets, use.ARN)
	}
	var shape aws.SecretShape
	if read.denied { // so that nobody tells whether there is another version
		shape, err = aws.Read(ctx, w.Reads, "secret-shapes/"+use.ARN, present)
	} else {
		shape, err = aws.Keep(ctx, w.Forever, "secret-shapes/"+use.ARN+"/"+read.Version, shapeTTL, present)
	}
	if err != nil {
		return unusable(err, v1alpha1.ReasonSecretUnusable, fmt.Sprintf("%s: the secret %s has no value yet: store one in it, or name another", use.Field, use.ARN))
	}
	problem := misshapen(shape, use.Keys)
	if problem == "" {
		return nil
	}
	w.Forever.Forget(secretKey(use.ARN))
	return &refusal{reason: v1alpha1.ReasonSecretUnusable, message: fmt.Sprintf("%s: the secret %s %s, or name another", use.Field, use.ARN, problem)}
}

// misshapen says why tasks can't read keys of a secret; it names keys that the spec asks for, and nothing of the
// secret.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
func misshapen(shape aws.SecretShape, keys []string) string {
	missing := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return slices.Contains(shape.Keys, k) })
	switch {
	case shape.Binary:
		return "is binary, and ECS hands tasks text only: store it as text"
	case len(keys) > 0 && !shape.Object:
		return "is no JSON object: store one with the " + keysOf(keys)
	case len(missing) > 0:
		return fmt.Sprintf("has no value for the %s: add %s", keysOf(missing), them(missing))
	}
	return ""
}
