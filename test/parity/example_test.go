package parity

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// examples is a set of the seed's examples.
type examples int

// The seed's examples.
const (
	minimal examples = 1 << iota
	production
	gatewayMCP

	all = minimal | production | gatewayMCP
)

// example is one of the seed's examples: a plan of Terraform's in testdata, and the sample of ours that stands
// for the same deployment.
type example struct {
	is examples
	// name is that of both files, title what the seed calls it.
	name, title string
	// seeds is merged into the sample: the seed's own values where the sample has others. varied comes after it.
	seeds, varied string
	// zones are the network's.
	zones int
	// instead replaces a text everywhere in the plan.
	instead [2]string
	// more are rows for what only a variant of the example has.
	more map[string]row
	// named are what both deployments are given: its name in the plan, and what it is.
	named map[string]string
}

var seedExamples = []example{
	{is: minimal, name: "minimal", title: "Minimal Development Deployment", zones: 2, seeds: `
spec:
  tags: {Environment: dev}
  capacity: {ec2: {instanceType: t4g.medium, minSize: 1, maxSize: 2, initialSize: 1}}
  gateway: {replicas: 1, resources: {cpu: 250m, memory: 1Gi}}
`, named: map[string]string{
		secret("dev/client-org"):         "{license secret}",
		secret("dev/docker-credentials"): "{registry secret}",
		"portkey-dev-logs":               "{log bucket}",
	}},
	{is: production, name: "production", title: "Production Deployment with ALB, ElastiCache, and Data Service", zones: 3, seeds: `
spec:
  tags: {Environment: prod}
`, named: map[string]string{
		secret("prod/client-org"):                                    "{license secret}",
		secret("prod/docker-credentials"):                            "{registry secret}",
		secret("prod/redis-auth"):                                    "{cache secret}",
		"prod-redis.abc123.clustercfg.use1.cache.amazonaws.com:6379": "{cache}",
		"portkey-prod-logs":                                          "{log bucket}",
		"portkey-prod-exports":                                       "{export bucket}",
		"portkey-alb-access-logs":                                    "{access log bucket}",
		"arn:aws:acm:us-east-1:123456789012:certificate/9938e647-0c83-42e4-bb7e-ccfe3adc1cd6": "{certificate}",
	}},
	{is: gatewayMCP, name: "gateway-mcp", title: "Gateway + MCP Deployment", zones: 2, seeds: `
spec:
  tags: {Environment: prod}
`, named: map[string]string{
		secret("prod/client-org"):         "{license secret}",
		secret("prod/docker-credentials"): "{registry secret}",
		"portkey-logs":                    "{log bucket}",
		"arn:aws:acm:us-east-1:123456789012:certificate/29b0f913-3113-4a73-b643-b0d4fa9516e3": "{certificate}",
	}},
}

// secret is a secret of the seed's.
func secret(name string) string {
	return "arn:aws:secretsmanager:us-east-1:123456789012:secret:portkey-gateway/" + name
}

// String names the examples of a set.
func (e examples) String() string {
	if e == all {
		return "all"
	}
	var out []string
	for _, x := range seedExamples {
		if e&x.is != 0 {
			out = append(out, x.name)
		}
	}
	return strings.Join(out, ", ")
}

// manifest is our sample with the seed's values.
func (e example) manifest(h *harness.Harness) (*v1alpha1.PortkeyGateway, error) {
	gw := h.Sample(e.name)
	for _, part := range []string{e.seeds, e.varied} {
		if err := yaml.UnmarshalStrict([]byte(part), gw); err != nil {
			return nil, err
		}
	}
	return gw, nil
}

// given are what both deployments are given: its name in our manifest, and what it is.
func given(spec v1alpha1.PortkeyGatewaySpec) map[string]string {
	out := map[string]string{
		spec.Credentials.License.SecretARN: "{license secret}", spec.Credentials.Registry.SecretARN: "{registry secret}",
		spec.Storage.LogBucket: "{log bucket}",
	}
	if b := spec.Storage.ExportBucket; b != "" {
		out[b] = "{export bucket}"
	}
	if lb := spec.LoadBalancer; lb != nil && lb.CertificateARN != "" {
		out[lb.CertificateARN] = "{certificate}"
	}
	if lb := spec.LoadBalancer; lb != nil && lb.AccessLogs != nil {
		out[lb.AccessLogs.Bucket] = "{access log bucket}"
	}
	if c := spec.Cache; c != nil && c.ElastiCache != nil {
		out[c.ElastiCache.Endpoint.Address] = "{cache}"
		if a := c.ElastiCache.Auth; a != nil {
			out[a.SecretARN] = "{cache secret}"
		}
	}
	if n := spec.Network; n != nil && n.Existing != nil {
		out[n.Existing.VPCID] = "{vpc/main}"
		for kind, ids := range map[string][]string{"public": n.Existing.PublicSubnetIDs, "private": n.Existing.PrivateSubnetIDs} {
			for zone, id := range ids {
				out[id] = fmt.Sprintf("{subnet/%s-%c}", kind, 'a'+zone)
			}
		}
	}
	return out
}

// labels replaces names by what they name; longer names first, so that none hides one that begins with it.
func labels(named map[string]string) *strings.Replacer {
	names := slices.SortedFunc(maps.Keys(named), func(a, b string) int {
		return cmp.Or(len(b)-len(a), strings.Compare(a, b))
	})
	var pairs []string
	for _, name := range names {
		pairs = append(pairs, name, named[name])
	}
	return strings.NewReplacer(pairs...)
}
