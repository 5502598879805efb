package desired

import (
	"maps"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// Source is a Kubernetes Secret as it was read.
type Source struct {
	// State changes with every write of the Secret.
	State string
	// Values are its values, by key.
	Values graph.Sealed
}

// Mirror is a Kubernetes Secret that the spec names, and what is copied of it.
type Mirror struct {
	Node graph.NodeID
	// Field is the field of the spec, and Secret the Secret's name.
	Field, Secret string
	// Keys are the copy's keys, each with that of the Secret: another one where a variable's name is its key. Those
	// that are Optional are copied where they are there.
	Keys     map[string]string
	Optional []string
	// Service is the one whose tasks read the copy; empty for both of Portkey's.
	Service string
	// suffix ends the copy's name.
	suffix string
}

// The keys of the credentials.
const (
	clientAuthKey    = "PORTKEY_CLIENT_AUTH"
	organisationsKey = "ORGANISATIONS_TO_SYNC"
)

const (
	licenseMirror  graph.NodeID = "mirrored-secret/license"
	registryMirror graph.NodeID = "mirrored-secret/registry"
	cacheMirror    graph.NodeID = "mirrored-secret/redis"
)

// Mirrors are the copies that a spec asks for. Each use has its own, which stays when another Secret or key is named:
// tasks of before, which may start again until the rollout is through, go on finding what they name.
func Mirrors(spec v1alpha1.PortkeyGatewaySpec) []Mirror {
	var out []Mirror
	add := func(m Mirror, ref *v1alpha1.SecretReference) {
		if ref != nil {
			m.Secret = ref.Name
			out = append(out, m)
		}
	}
	license := Mirror{Node: licenseMirror, Field: "credentials.license", Keys: same(clientAuthKey, organisationsKey), suffix: "license"}
	if len(spec.Organisations) > 0 {
		license.Optional = []string{organisationsKey}
	}
	add(license, spec.Credentials.License.SecretRef)
	add(Mirror{Node: registryMirror, Field: "credentials.registry", Keys: same("username", "password"), suffix: "registry"}, spec.Credentials.Registry.SecretRef)
	environment := func(service, field string, env v1alpha1.SecretEnvironment) {
		for _, name := range slices.Sorted(maps.Keys(env)) {
			// A name that ends with a hyphen and six characters could be taken for an ARN's end.
			add(Mirror{Node: environmentMirror(service, name), Field: field + "." + name, Keys: map[string]string{name: env[name].Key}, Service: service, suffix: service + "/" + name}, env[name].SecretRef)
		}
	}
	if spec.Gateway != nil {
		environment(gatewayService, "gateway.secretEnv", spec.Gateway.SecretEnv)
	}
	if d := spec.DataService; d != nil {
		environment(dataServiceService, "dataService.secretEnv", d.SecretEnv)
	}
	if c := spec.Cache; c != nil && c.ElastiCache != nil && c.ElastiCache.Auth != nil {
		add(Mirror{Node: cacheMirror, Field: "cache.elastiCache.auth", Keys: same(kinds.PasswordKey), suffix: "redis"}, c.ElastiCache.Auth.SecretRef)
	}
	return out
}

// readBy reports whether a service's tasks read the copy.
func (m Mirror) readBy(service string) bool {
	return m.Service == service || m.Service == "" && (service == gatewayService || service == dataServiceService)
}

func same(keys ...string) map[string]string {
	out := map[string]string{}
	for _, k := range keys {
		out[k] = k
	}
	return out
}

func environmentMirror(service, variable string) graph.NodeID {
	return graph.NodeID("mirrored-secret/" + service + "-env-" + variable)
}

// mirrorNameLimit is far below what Secrets Manager takes, and far above what the longest variable needs.
const mirrorNameLimit = 255

// mirrors adds the copies.
func (b *builder) mirrors() {
	for _, m := range Mirrors(b.spec) {
		source := b.facts.Sources[m.Node]
		area := v1alpha1.ConditionServicesReady
		if m.Node == cacheMirror {
			area = cacheArea
		}
		spec := kinds.MirroredSecretSpec{Source: m.Secret, Keys: slices.Sorted(maps.Keys(m.Keys)), State: source.State, KMSKey: b.kmsKey()}
		if !source.Values.Empty() {
			spec.Values = m.pick(source.Values)
		}
		add(b, area, m.Node, b.nameWithin(m.suffix, mirrorNameLimit), kinds.MirroredSecret{}, spec)
	}
}

// pick seals what is copied of a Secret.
func (m Mirror) pick(from graph.Sealed) graph.Sealed {
	values, all := map[string]string{}, from.Open()
	for key, source := range m.Keys {
		if v, ok := all[source]; ok {
			values[key] = v
		}
	}
	return graph.Seal(values)
}

// kmsKey is the key that encrypts the secrets that the operator makes.
func (b *builder) kmsKey() string {
	return b.spec.Secrets.KMSKeyARN
}

// secretUse is a secret that tasks read: its ARN, and the version of a copy.
type secretUse struct{ arn, version graph.Value }

// use is the user's own secret, or the copy that stands for it.
func use(arn string, ref *v1alpha1.SecretReference, mirror graph.NodeID) secretUse {
	if ref == nil {
		return secretUse{arn: graph.Lit(arn)}
	}
	return secretUse{arn: graph.Out(mirror, "arn"), version: graph.Out(mirror, "version")}
}

func (b *builder) license() secretUse {
	s := b.spec.Credentials.License
	return use(s.SecretARN, s.SecretRef, licenseMirror)
}

func (b *builder) registry() secretUse {
	s := b.spec.Credentials.Registry
	return use(s.SecretARN, s.SecretRef, registryMirror)
}

// copies are the copies that a service's tasks read, which outlast its use of them.
func (b *builder) copies(service string) []graph.Ref {
	var out []graph.Ref
	for _, m := range Mirrors(b.spec) {
		if m.readBy(service) {
			out = append(out, graph.Ref{Node: m.Node, Attr: "arn"})
		}
	}
	return out
}
