package main

import (
	"regexp"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
)

// The last six characters of a secret's ARN are random: no sample can know them.
var (
	secretARN      = regexp.MustCompile(`^(arn:[^:]+:secretsmanager:[^:]+:[0-9]{12}:secret:.+)-[A-Za-z0-9]{6}$`)
	certificateARN = regexp.MustCompile(`^arn:[^:]+:acm:`)
)

// localise puts what the sandbox has seeded in the place of a manifest's examples: secrets of the same
// name, the log bucket, the certificate. It returns what it replaced by what.
func (c *cloud) localise(objects []*unstructured.Unstructured) [][2]string {
	l := localiser{exists: map[string]bool{}, secrets: map[string]string{}, bucket: emulator.LogBucket, certificate: c.seeded.Certificate}
	for _, r := range c.Server.Resources(false) {
		l.exists[r.ID] = true
	}
	for _, arn := range []string{c.seeded.LicenseSecret, c.seeded.RegistrySecret} {
		if m := secretARN.FindStringSubmatch(arn); m != nil {
			l.secrets[m[1]] = arn
		}
	}
	l.objects(objects)
	return l.replaced
}

type localiser struct {
	exists              map[string]bool
	secrets             map[string]string // by ARN without the random characters
	bucket, certificate string
	replaced            [][2]string
}

func (l *localiser) objects(all []*unstructured.Unstructured) {
	for _, o := range all {
		if o.GetKind() == "PortkeyGateway" {
			l.value("", o.Object["spec"])
		}
	}
}

// value replaces strings in maps and lists, and returns what is to stand in the place of v.
func (l *localiser) value(field string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = l.value(k, x)
		}
	case []any:
		for i, x := range v {
			v[i] = l.value(field, x)
		}
	case string:
		if instead := l.instead(field, v); instead != "" && instead != v && !l.exists[v] {
			l.replaced = append(l.replaced, [2]string{v, instead})
			return instead
		}
	}
	return v
}

func (l *localiser) instead(field, v string) string {
	if m := secretARN.FindStringSubmatch(v); m != nil {
		return l.secrets[m[1]]
	}
	switch {
	case certificateARN.MatchString(v):
		return l.certificate
	case field == "logBucket":
		return l.bucket
	}
	return ""
}
