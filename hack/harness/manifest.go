package harness

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// What a sample can't know of the account that it is tried in: the last six characters of a secret's ARN
// are random, and so is a certificate's id.
var (
	sampleSecret      = regexp.MustCompile(`arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+`)
	sampleCertificate = regexp.MustCompile(`arn:[a-z-]+:acm:[a-z0-9-]+:[0-9]{12}:certificate/[a-z0-9-]+`)
)

// Manifest reads the gateway of a sample, with what the harness has seeded in the place of the secrets and
// the certificate that the sample names.
func (h *Harness) Manifest(path, name string) (*v1alpha1.PortkeyGateway, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	said := sampleSecret.ReplaceAllStringFunc(string(text), func(arn string) string {
		for _, seeded := range []string{h.Seeded.LicenseSecret, h.Seeded.RegistrySecret, h.Seeded.RedisSecret} {
			if arn[:strings.LastIndexByte(arn, '-')] == seeded[:strings.LastIndexByte(seeded, '-')] {
				return seeded
			}
		}
		return arn
	})
	said = sampleCertificate.ReplaceAllStringFunc(said, func(arn string) string {
		if arn == h.Seeded.HostCertificate {
			return arn
		}
		return h.Seeded.Certificate
	})
	for document := range strings.SplitSeq(said, "\n---") {
		gw := &v1alpha1.PortkeyGateway{}
		if err := yaml.Unmarshal([]byte(document), gw); err != nil || gw.Kind != "PortkeyGateway" {
			continue // a Secret or a ConfigMap beside it
		}
		if err := yaml.UnmarshalStrict([]byte(document), gw); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		gw.Namespace, gw.Name, gw.Generation, gw.UID = "default", name, 1, types.UID("uid-"+name)
		// What the API server's schema fills in.
		if gw.Spec.ManagementPolicy == "" {
			gw.Spec.ManagementPolicy = v1alpha1.ManagementReconcile
		}
		if gw.Spec.DeletionPolicy == "" {
			gw.Spec.DeletionPolicy = v1alpha1.DeletionDelete
		}
		return gw, nil
	}
	return nil, fmt.Errorf("%s has no PortkeyGateway", path)
}
