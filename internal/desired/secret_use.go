package desired

import (
	"maps"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// SecretUse is a secret of the user's own in Secrets Manager, and what tasks read of it.
type SecretUse struct {
	// Field is the field of the spec that names it by its ARN.
	Field, ARN string
	// Keys are the JSON keys that it must have, sorted; none where tasks take the whole of it.
	Keys []string
}

// SecretUses are the uses that a spec makes of the secrets which it names by ARN.
func SecretUses(spec v1alpha1.PortkeyGatewaySpec) []SecretUse {
	var out []SecretUse
	add := func(field, arn string, keys ...string) {
		if arn != "" {
			slices.Sort(keys)
			out = append(out, SecretUse{field, arn, keys})
		}
	}
	license := []string{clientAuthKey, organisationsKey}
	if len(spec.Organisations) > 0 {
		license = license[:1]
	}
	add("credentials.license", spec.Credentials.License.SecretARN, license...)
	add("credentials.registry", spec.Credentials.Registry.SecretARN, "username", "password")
	environment := func(field string, env v1alpha1.SecretEnvironment) {
		for _, name := range slices.Sorted(maps.Keys(env)) {
			var keys []string
			if key := env[name].Key; key != "" {
				keys = []string{key}
			}
			add(field+"."+name, env[name].SecretARN, keys...)
		}
	}
	if spec.Gateway != nil {
		environment("gateway.secretEnv", spec.Gateway.SecretEnv)
	}
	if d := spec.DataService; d != nil {
		environment("dataService.secretEnv", d.SecretEnv)
	}
	if c := spec.Cache; c != nil && c.ElastiCache != nil && c.ElastiCache.Auth != nil {
		add("cache.elastiCache.auth", c.ElastiCache.Auth.SecretARN, kinds.PasswordKey)
	}
	return out
}
