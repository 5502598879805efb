package parity

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// object is one object of ours in AWS.
type object struct {
	core.Resource
	all *inventory
}

// inventory is what the operator made of the seed's example.
type inventory struct {
	objects []*object
	// labels are what ids, ARNs and names stand for.
	labels *strings.Replacer
	// image is the machine image that Parameter Store recommends.
	image string
}

// seedExample is the seed's "Minimal Development Deployment" as a PortkeyGateway, with the seed's own
// sizes where our defaults are others.
func seedExample(h *harness.Harness) *v1alpha1.PortkeyGateway {
	gw := h.Minimal("portkey-gateway")
	gw.Spec.Network = &v1alpha1.Network{VPC: &v1alpha1.VPC{CIDR: "10.0.0.0/16", Zones: 2, NATGateways: v1alpha1.NATGatewaysSingle}}
	gw.Spec.Capacity = &v1alpha1.Capacity{EC2: &v1alpha1.EC2Capacity{
		InstanceType: "t4g.medium", MinSize: ptr.To[int32](1), MaxSize: 2, InitialSize: ptr.To[int32](1),
	}}
	gw.Spec.Gateway = &v1alpha1.Gateway{
		Port: 8787, Replicas: ptr.To[int32](1),
		Resources: &v1alpha1.Resources{CPU: resource.MustParse("250m"), Memory: resource.MustParse("1Gi")},
		Env:       map[string]v1alpha1.EnvValue{"SERVICE_NAME": "gateway", "ANALYTICS_STORE": "control_plane", "LOG_STORE": "s3_assume"},
	}
	gw.Spec.Cache = &v1alpha1.Cache{BuiltIn: &v1alpha1.BuiltInCache{
		Resources: &v1alpha1.Resources{CPU: resource.MustParse("250m"), Memory: resource.MustParse("512Mi")},
	}}
	gw.Spec.Tags = map[string]v1alpha1.TagValue{"Environment": "dev"}
	gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{
		Type: v1alpha1.LoadBalancerNetwork, Scheme: v1alpha1.LoadBalancerInternal, AllowedCIDRs: []string{"10.0.0.0/16"},
	}
	return gw
}

// deploy deploys the seed's example and lists what there is then.
func deploy(t *testing.T) *inventory {
	t.Helper()
	h := harness.New()
	key := h.Create(seedExample(h))
	if err := h.Until(key, creation, "Ready", harness.Ready); err != nil {
		t.Fatal(err)
	}
	inv := &inventory{image: recommended(t, h)}
	pairs := []string{
		h.Seeded.LicenseSecret, "{license secret}", h.Seeded.RegistrySecret, "{registry secret}", emulator.LogBucket, "{log bucket}",
	}
	var made []core.Resource
	printed, err := json.Marshal(h.Emulator.Made(false))
	if err == nil {
		err = json.Unmarshal(printed, &made) // as a client of the control endpoint gets it
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range made {
		inv.objects = append(inv.objects, &object{r, inv})
		node := r.Tags[own.TagNode]
		if node == "" || r.AWSManaged || passing(r) {
			continue
		}
		for _, id := range []string{r.ARN, r.ID} {
			if id != "" {
				pairs = append(pairs, id, "{"+node+"}")
			}
		}
		if named(r) {
			pairs = append(pairs, r.Name, "{"+node+"}")
		}
	}
	inv.labels = strings.NewReplacer(byLength(pairs)...)
	return inv
}

// recommended is the machine image that Parameter Store recommends.
func recommended(t *testing.T, h *harness.Harness) string {
	t.Helper()
	client := ssm.NewFromConfig(sdk.Config{
		Region: "us-east-1", HTTPClient: h.Emulator.Server, BaseEndpoint: sdk.String("http://aws.invalid"),
		Credentials: credentials.NewStaticCredentialsProvider(emulator.AccessKeyID, "secret", ""),
	})
	out, err := client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: sdk.String("/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id")})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Parameter.Value
}

// named are objects that others refer to by their name.
func named(r core.Resource) bool {
	return slices.Contains([]string{"Cluster", "CapacityProvider", "LogGroup", "Role", "HTTPNamespace"}, r.Kind)
}

// passing are objects that come and go as AWS starts and ends tasks and instances.
func passing(r core.Resource) bool {
	return slices.Contains([]string{"Task", "Instance", "Volume", "NetworkInterface", "ContainerInstance", "LogStream"}, r.Kind)
}

// byLength orders pairs so that no name hides a longer one that begins with it.
func byLength(pairs []string) []string {
	var list [][2]string
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, [2]string{pairs[i], pairs[i+1]})
	}
	slices.SortStableFunc(list, func(a, b [2]string) int { return len(b[0]) - len(a[0]) })
	var out []string
	for _, p := range list {
		out = append(out, p[0], p[1])
	}
	return out
}

// node finds the object of a kind that was made for a node.
func (inv *inventory) node(kind, node string) *object {
	return inv.only(kind+" of "+node, func(o *object) bool { return o.Kind == kind && o.Tags[own.TagNode] == node })
}

// only finds the one object that is meant.
func (inv *inventory) only(what string, is func(*object) bool) *object {
	var found []*object
	for _, o := range inv.objects {
		if is(o) {
			found = append(found, o)
		}
	}
	if len(found) != 1 {
		panic(fmt.Sprintf("%d objects are the %s", len(found), what))
	}
	return found[0]
}

// get finds a setting by its path, as "metadataOptions.httpTokens" or "attachmentSet.0.vpcId"; nil where
// it isn't set.
func (o *object) get(path string) any {
	var at any = o.Settings
	for step := range strings.SplitSeq(path, ".") {
		switch v := at.(type) {
		case map[string]any:
			at = v[step]
		case []any:
			i := int(step[0] - '0')
			if i >= len(v) {
				return nil
			}
			at = v[i]
		default:
			return nil
		}
	}
	return at
}

// at prints a setting, with identifiers replaced by what they stand for.
func (o *object) at(path string) string {
	if v := o.get(path); v != nil {
		return o.all.labels.Replace(text(v))
	}
	return ""
}

// list prints a setting that is a list of texts, in no order.
func (o *object) list(path string) string {
	elements, _ := o.get(path).([]any)
	var out []string
	for _, e := range elements {
		out = append(out, o.all.labels.Replace(e.(string)))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}
