package controllers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// secretTTL is how long what was read of a secret is believed. A rotation is news of the quarter of an hour, not
// of the minute: tasks hold the old value for hours before it, and a shared read costs no sync a call. Whoever
// can't wait asks for a full comparison.
// It is read again in thirds.
const secretTTL = 15 * time.Minute

// secretField is a field of the spec that names a secret.
type secretField struct{ field, arn string }

// secretFields are the secrets that the spec names, each once, by the first field that does.
func secretFields(spec v1alpha1.PortkeyGatewaySpec) []secretField {
	var out []secretField
	add := func(field, arn string) {
		if arn != "" && !slices.ContainsFunc(out, func(s secretField) bool { return s.arn == arn }) {
			out = append(out, secretField{field, arn})
		}
	}
	add("credentials.license", spec.Credentials.License.SecretARN)
	add("credentials.registry", spec.Credentials.Registry.SecretARN)
	environment := func(field string, env v1alpha1.SecretEnvironment) {
		for _, name := range slices.Sorted(maps.Keys(env)) {
			add(field+"."+name, env[name].SecretARN)
		}
	}
	environment("gateway.secretEnv", spec.Gateway.SecretEnv)
	if d := spec.DataService; d != nil {
		environment("dataService.secretEnv", d.SecretEnv)
	}
	if e := spec.Cache.ElastiCache; e != nil && e.Auth != nil {
		add("cache.elastiCache.auth", e.Auth.SecretARN)
	}
	return out
}

// secretRead is what was read of a secret: never its value.
type secretRead struct {
	aws.SecretState
	// denied says that the operator may not look.
	denied bool
}

func secretKey(arn string) string { return "secrets/" + arn }

// errLeaving is that a secret is scheduled for deletion.
var errLeaving = errors.New("the secret is scheduled for deletion")

// readSecret describes a secret, for the preflight and for rollouts. What isn't as it should be is read again
// the next time, since somebody will mend it.
func readSecret(ctx context.Context, w *aws.World, arn string) (secretRead, error) {
	return aws.Keep(ctx, w.Forever, secretKey(arn), secretTTL, func(ctx context.Context) (secretRead, error) {
		state, err := aws.Read(ctx, w.Reads, secretKey(arn), func(ctx context.Context) (aws.SecretState, error) {
			return aws.DescribeSecret(ctx, w.Secrets, arn)
		})
		switch {
		case err != nil && aws.Classify(err).Class == graph.Denied:
			return secretRead{denied: true}, nil
		case err == nil && state.Leaving:
			err = errLeaving
		}
		return secretRead{SecretState: state}, err
	})
}

// secretFacts writes what the graph must know of the user's own secrets: the present versions of those that the spec
// names, which rollouts follow, and their keys. Where one can't be read, the last that was known stands: it must not look
// like a new one.
func (r *PortkeyGatewayReconciler) secretFacts(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World, facts *desired.Facts) {
	spec := gw.Resolved()
	s := r.sessions.of(gw)
	s.unfollowed, s.unkeyed = "", ""
	if !gw.DeletionTimestamp.IsZero() {
		return
	}
	fields := secretFields(spec)
	versions, keys := map[string]string{}, map[string]string{}
	var denied, unkeyed []string
	later := laterSecrets(w, fields, r.Now())
	var trouble error
	for _, x := range fields {
		read, err := later[x.arn], error(nil)
		if _, ok := later[x.arn]; !ok && trouble == nil {
			read, err = readSecret(ctx, w, x.arn)
		} else if !ok {
			err = trouble // who doesn't answer for one secret isn't asked for the next
		}
		if unavailableNow(err) {
			trouble = err
		}
		switch known := err == nil && !read.denied; {
		case known && read.Version != "":
			versions[x.arn] = read.Version
		case s.versions[x.arn] != "":
			versions[x.arn] = s.versions[x.arn]
		}
		if read.denied {
			denied = append(denied, x.arn)
		}
		key, err := secretKeyARN(ctx, w, x.arn, read, err)
		if before, ok := s.keys[x.arn]; ok && err != nil {
			key, err = before, nil
		} else if ok && key != before {
			s.rekey(r.Now(), before, key)
		}
		switch {
		case err == nil:
			keys[x.arn] = key
		case aws.Classify(err).Class == graph.NotFound: // nobody can read it any more
		default:
			facts.UnknownKeys = append(facts.UnknownKeys, x.arn)
			if !read.denied && aws.Classify(err).Class == graph.Denied {
				unkeyed = append(unkeyed, fmt.Sprintf("%s (the key %s)", x.arn, read.KMSKey))
			}
		}
	}
	follows := *spec.Gateway.Rollout.RestartOnSecretChange
	if len(denied) > 0 && follows {
		s.unfollowed = "secretsmanager:DescribeSecret is denied for " + strings.Join(denied, ", ") +
			", so that new versions of secrets start no rollout, and tasks aren't allowed to use a key of yours that encrypts them: allow it, or set gateway.rollout.restartOnSecretChange to false"
	}
	if len(unkeyed) > 0 {
		s.unkeyed = "kms:DescribeKey is denied, so that tasks aren't allowed to decrypt " + strings.Join(unkeyed, ", ") +
			": allow it (config/iam/secrets-key.json), or encrypt the secret with the key by its ARN"
	}
	s.versions, s.keys = versions, keys
	if follows {
		facts.SecretVersions = versions
	}
	facts.SecretKeys, facts.Rekeyed = keys, s.newKeys(r.Now())
}

// rekeyedTTL is how long it is news that a secret is encrypted with another key: long enough to act on it.
const rekeyedTTL = time.Hour

// rekey notes that a secret left a key and came to another; either may be AWS's own, which is empty.
func (s *session) rekey(now time.Time, keys ...string) {
	if s.rekeyed == nil {
		s.rekeyed = map[string]time.Time{}
	}
	for _, key := range keys {
		s.rekeyed[key] = now
	}
}

// newKeys are the keys that secrets came to or left lately.
func (s *session) newKeys(now time.Time) []string {
	maps.DeleteFunc(s.rekeyed, func(key string, at time.Time) bool { return key == "" || now.Sub(at) >= rekeyedTTL })
	return slices.Sorted(maps.Keys(s.rekeyed))
}

// keyTTL is how long it is believed which key an alias leads to.
const keyTTL = time.Hour

// errUnseen is that it can't be told which key encrypts a secret, since the operator may not describe it.
var errUnseen = errors.New("the secret may not be described")

// secretKeyARN is the ARN of the key that encrypts a secret as it was read, empty where that is AWS's own.
func secretKeyARN(ctx context.Context, w *aws.World, arn string, read secretRead, err error) (string, error) {
	switch {
	case err != nil && !errors.Is(err, errLeaving):
		return "", err
	case read.denied:
		return "", errUnseen
	case read.KMSKey == "":
		return "", nil
	}
	return aws.Keep(ctx, w.Forever, "kms/key-of/"+arn+"/"+read.KMSKey, keyTTL, func(ctx context.Context) (string, error) {
		return aws.SecretKeyARN(ctx, w.KMS, arn, read.KMSKey)
	})
}

// unavailableNow reports whether an error is AWS's own, and so says nothing about what was asked for.
func unavailableNow(err error) bool {
	if err == nil {
		return false
	}
	c := aws.Classify(err).Class
	return c == graph.Throttled || c == graph.Transient
}

// laterSecrets are those whose reads are past their time, but of which others are longer: a third of all is read
// again in one walk, so that a sync costs no more calls for it than another.
func laterSecrets(w *aws.World, fields []secretField, now time.Time) map[string]secretRead {
	type old struct {
		arn   string
		until time.Time
		read  secretRead
	}
	var due []old
	for _, x := range fields {
		if read, until, ok := aws.Kept[secretRead](w.Forever, secretKey(x.arn)); ok && !now.Before(until) {
			due = append(due, old{x.arn, until, read})
		}
	}
	slices.SortStableFunc(due, func(a, b old) int { return a.until.Compare(b.until) })
	third := (len(fields) + 2) / 3
	if w.Renewed {
		third = 0
	}
	out := map[string]secretRead{}
	for _, x := range due[min(len(due), third):] {
		out[x.arn] = x.read
	}
	return out
}

// forgetSecrets has the secrets read again, where somebody asked for a full comparison.
func forgetSecrets(gw *v1alpha1.PortkeyGateway, w *aws.World) {
	for _, x := range secretFields(gw.Resolved()) {
		w.Forever.Forget(secretKey(x.arn))
	}
}
