package desired

import (
	"maps"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// environment is what a service's container is told, and the secrets that ECS reads for it.
type environment struct {
	plain, secret map[string]graph.Value
	// secrets are the ARNs that the execution role must be able to read.
	secrets []graph.Value
}

// environment puts together what the user gives and what ties the deployment together, which wins. defaults
// are what the user may override.
func (b *builder) environment(defaults map[string]graph.Value, plain v1alpha1.Environment, secret v1alpha1.SecretEnvironment, cache cache) environment {
	e := environment{plain: maps.Clone(defaults), secret: map[string]graph.Value{}}
	read := func(arn graph.Value) {
		if !slices.ContainsFunc(e.secrets, func(v graph.Value) bool { return v.String() == arn.String() && arn.Known() }) {
			e.secrets = append(e.secrets, arn)
		}
	}
	for k, v := range plain {
		e.plain[k] = graph.Lit(string(v))
	}
	license := b.spec.Credentials.License.SecretARN
	read(graph.Lit(license))
	read(graph.Lit(b.spec.Credentials.Registry.SecretARN))
	for _, k := range slices.Sorted(maps.Keys(secret)) {
		v := secret[k]
		delete(e.plain, k)
		e.secret[k] = secretKey(v.SecretARN, v.Key)
		read(graph.Lit(v.SecretARN))
	}
	e.secret["PORTKEY_CLIENT_AUTH"] = secretKey(license, "PORTKEY_CLIENT_AUTH")
	if len(b.spec.Organisations) > 0 {
		e.plain["ORGANISATIONS_TO_SYNC"] = graph.Lit(strings.Join(b.spec.Organisations, ","))
	} else {
		e.secret["ORGANISATIONS_TO_SYNC"] = secretKey(license, "ORGANISATIONS_TO_SYNC")
	}
	maps.Copy(e.plain, cache.env)
	maps.Copy(e.secret, cache.secrets)
	for _, arn := range cache.secretARNs {
		read(arn)
	}
	e.plain["LOG_STORE_REGION"] = graph.Lit(b.spec.Storage.Region)
	return e
}

// versions is a hash of the present versions of the user's secrets that a service's tasks read; empty where
// rollouts don't follow them, or where one isn't known. What the operator makes is its own affair.
func (b *builder) versions(secrets []graph.Value) string {
	if !*b.spec.Gateway.Rollout.RestartOnSecretChange {
		return ""
	}
	var out []string
	for _, v := range secrets {
		if !v.Known() {
			continue
		}
		id := b.facts.SecretVersions[v.String()]
		if id == "" {
			return ""
		}
		out = append(out, v.String()+"@"+id)
	}
	if len(out) == 0 {
		return ""
	}
	slices.Sort(out)
	return own.Digest(out)[:versionsLength]
}

// versionsLength is enough to tell versions apart, and short enough to be read in a plan.
const versionsLength = 12

// secretKey is how a task definition names one JSON key of a secret, or the whole of it
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html).
func secretKey(arn, key string) graph.Value {
	if key == "" {
		return graph.Lit(arn)
	}
	return graph.Lit(arn + ":" + key + "::")
}
