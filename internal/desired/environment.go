package desired

import (
	"maps"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// environment is what a service's container is told, and the secrets that ECS reads for it.
type environment struct {
	plain, secret map[string]graph.Value
	// secrets are the ARNs that the execution role must be able to read, and copies the versions of those among
	// them that the operator copied.
	secrets, copies []graph.Value
}

// environment puts together what the user gives and what ties the deployment together, which wins. defaults
// are what the user may override.
func (b *builder) environment(service string, defaults map[string]graph.Value, plain v1alpha1.Environment, secret v1alpha1.SecretEnvironment, cache cache) environment {
	e := environment{plain: maps.Clone(defaults), secret: map[string]graph.Value{}}
	read := func(s secretUse) {
		if !slices.ContainsFunc(e.secrets, func(v graph.Value) bool { return v.String() == s.arn.String() && s.arn.Known() }) {
			e.secrets = append(e.secrets, s.arn)
		}
		if !s.version.IsZero() {
			e.copies = append(e.copies, s.version)
		}
	}
	for k, v := range plain {
		e.plain[k] = graph.Lit(string(v))
	}
	license := b.license()
	read(license)
	read(b.registry())
	for _, k := range slices.Sorted(maps.Keys(secret)) {
		v := secret[k]
		delete(e.plain, k)
		s, key := use(v.SecretARN, v.SecretRef, environmentMirror(service, k)), v.Key
		if v.SecretRef != nil {
			key = k
		}
		e.secret[k] = secretKey(s.arn, key)
		read(s)
	}
	e.secret[clientAuthKey] = secretKey(license.arn, clientAuthKey)
	if len(b.spec.Organisations) > 0 {
		e.plain[organisationsKey] = graph.Lit(strings.Join(b.spec.Organisations, ","))
	} else {
		e.secret[organisationsKey] = secretKey(license.arn, organisationsKey)
	}
	maps.Copy(e.plain, cache.env)
	maps.Copy(e.secret, cache.secrets)
	for _, s := range cache.reads {
		read(s)
	}
	e.plain["LOG_STORE_REGION"] = graph.Lit(b.spec.Storage.Region)
	return e
}

// versions is a hash of the present versions of the user's secrets that a service's tasks read, and the versions of
// the operator's copies; nothing where rollouts don't follow them, or where one isn't known. A password that the
// operator makes is its own affair.
func (b *builder) versions(e environment) (known string, copies []graph.Value) {
	if !*b.spec.Gateway.Rollout.RestartOnSecretChange {
		return "", nil
	}
	var out []string
	for _, v := range e.secrets {
		if !v.Known() {
			continue
		}
		id := b.facts.SecretVersions[v.String()]
		if id == "" {
			return "", nil
		}
		out = append(out, v.String()+"@"+id)
	}
	if len(out) == 0 {
		return "", e.copies
	}
	slices.Sort(out)
	return kinds.VersionsHash(out), e.copies
}

// secretKey is how a task definition names one JSON key of a secret, or the whole of it
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html).
func secretKey(arn graph.Value, key string) graph.Value {
	switch {
	case key == "":
		return arn
	case arn.Known():
		return graph.Lit(arn.String() + ":" + key + "::")
	default:
		return graph.Format("%s:"+strings.ReplaceAll(key, "%", "%%")+"::", arn)
	}
}
