package main

import (
	"regexp"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

// The last six characters of a secret's ARN are random: no sample can know them.
var (
	secretARN      = regexp.MustCompile(`^(arn:[^:]+:secretsmanager:[^:]+:[0-9]{12}:secret:.+)-[A-Za-z0-9]{6}$`)
	certificateARN = regexp.MustCompile(`^arn:[^:]+:acm:`)
)

// localise puts what the sandbox has seeded in the place of a manifest's examples: secrets of the same
// name, buckets, the certificate, the VPC and its subnets. What exists stays: config/samples name what is
// seeded. It returns what it replaced by what.
func (c *cloud) localise(objects []*unstructured.Unstructured) [][2]string {
	l := localiser{
		exists: map[string]bool{}, secrets: map[string]string{}, bucket: emulator.LogBucket, certificate: c.seeded.Certificate,
		network: emulator.ExistingNetwork,
	}
	for _, r := range c.Server.Resources(false) {
		l.exists[r.ID] = true
	}
	for _, arn := range []string{c.seeded.LicenseSecret, c.seeded.RegistrySecret, c.seeded.RedisSecret} {
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
	network             ec2.Network
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
			if k == "logBucket" && v["create"] == true {
				continue // is made by that name
			}
			v[k] = l.value(k, x)
		}
	case []any:
		for i, x := range v {
			if id, ok := x.(string); ok {
				v[i] = l.replace(id, l.subnet(field, i))
			} else {
				v[i] = l.value(field, x)
			}
		}
	case string:
		return l.replace(v, l.instead(field, v))
	}
	return v
}

func (l *localiser) replace(v, instead string) string {
	if instead == "" || instead == v || l.exists[v] {
		return v
	}
	l.replaced = append(l.replaced, [2]string{v, instead})
	return instead
}

func (l *localiser) instead(field, v string) string {
	if v == "" {
		return ""
	}
	if m := secretARN.FindStringSubmatch(v); m != nil {
		return l.secrets[m[1]]
	}
	switch {
	case certificateARN.MatchString(v):
		return l.certificate
	case field == "logBucket" || field == "exportBucket" || field == "fineTuneBucket" || field == "bucket":
		return l.bucket
	case field == "vpcID":
		return l.network.VPCID
	}
	return ""
}

// subnet is what stands in the place of the list's ith subnet.
func (l *localiser) subnet(field string, i int) string {
	seeded := map[string][]string{"publicSubnetIDs": l.network.PublicSubnetIDs, "privateSubnetIDs": l.network.PrivateSubnetIDs}[field]
	if i < len(seeded) {
		return seeded[i]
	}
	return ""
}
