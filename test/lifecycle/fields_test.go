package lifecycle

import (
	"maps"
	"os"
	"slices"
	"testing"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// fixed are the fields of spec that no edit is about, and why.
var fixed = map[string]string{
	"capacity.existing.architecture":                  "is what the cluster has: TestGivenNetworkAndCapacity",
	"capacity.existing.capacityProvider":              "is what the cluster has: TestGivenNetworkAndCapacity",
	"capacity.existing.cluster":                       "immutable: another cluster is another PortkeyGateway",
	"network.existing.privateSubnetIDs":               "needs other subnets: TestOutboundSubnetsChange",
	"network.existing.publicSubnetIDs":                "is what the VPC has: TestGivenNetworkAndCapacity",
	"network.existing.vpcID":                          "immutable: manifests.Updates has it refused",
	"region":                                          "immutable: manifests.Updates has it refused",
	"namePrefix":                                      "immutable: manifests.Updates has it refused",
	"network.vpc.cidr":                                "immutable: manifests.Updates has it refused",
	"loadBalancer.certificate.request":                "takes DNS: TestDNS",
	"loadBalancer.dns.hostedZoneID":                   "needs a hosted zone: TestDNS",
	"loadBalancer.wafWebACLARN":                       "needs a web ACL: TestWebACL",
	"storage.create":                                  "makes a bucket: TestOwnBucket",
	"dataService.autoscaling.targetRequestsPerTask":   "no load balancer counts its requests: manifests.Invalid has it refused",
	"cache.elastiCache.replicationGroupID":            "needs somebody's replication group: TestCaches",
	"cache.elastiCache.auth.iam.cacheName":            "needs somebody's cache: TestCacheByEndpoint",
	"loadBalancer.type":                               "takes another load balancer: TestParallel",
	"loadBalancer.scheme":                             "takes another load balancer: TestParallel",
	"controlPlane.inbound.privateLink.privateDNSName": "needs a record in the public DNS: TestInboundPrivateDNSName",
}

// TestEveryFieldIsEdited keeps the table of edits complete: a field that lands in the CRD needs a row, or
// a reason why it has none.
func TestEveryFieldIsEdited(t *testing.T) {
	fields := specFields(t)
	edited := map[string]bool{}
	table := slices.Clone(amendments)
	for _, m := range moves {
		table = append(table, amendment{name: m.name, fields: m.fields})
	}
	for _, a := range table {
		for _, f := range a.fields {
			edited[f] = true
			if !slices.Contains(fields, f) {
				t.Errorf("%s: the CRD has no field %s", a.name, f)
			}
		}
	}
	for _, c := range courses {
		for _, e := range c.edits {
			for _, f := range e.fields {
				edited[f] = true
				if !slices.Contains(fields, f) {
					t.Errorf("%s: the CRD has no field %s", c.name, f)
				}
			}
		}
	}
	for _, f := range fields {
		switch {
		case !edited[f] && fixed[f] == "":
			t.Errorf("no edit changes spec.%s", f)
		case edited[f] && fixed[f] != "":
			t.Errorf("spec.%s is edited, although it %s", f, fixed[f])
		}
	}
	for _, f := range slices.Sorted(maps.Keys(fixed)) {
		if !slices.Contains(fields, f) {
			t.Errorf("the CRD has no field %s", f)
		}
	}
}

// specFields lists the leaves of spec in the CRD: lists and maps of values are leaves.
func specFields(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile("../../config/crd/bases/ecs.portkey.ai_portkeygateways.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var crd apiextensions.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(raw, &crd); err != nil {
		t.Fatal(err)
	}
	spec := crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
	var out []string
	var walk func(path string, s apiextensions.JSONSchemaProps)
	walk = func(path string, s apiextensions.JSONSchemaProps) {
		for name, p := range s.Properties {
			if len(p.Properties) > 0 {
				walk(path+name+".", p)
			} else {
				out = append(out, path+name)
			}
		}
	}
	walk("", spec)
	slices.Sort(out)
	return out
}
