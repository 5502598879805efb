package parity

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// object is one object of ours in AWS.
type object struct {
	core.Resource
	// node is that of the graph which it was made for.
	node string
	all  *inventory
}

// inventory is what the operator made of an example.
type inventory struct {
	objects []*object
	// labels are what ids, ARNs and names stand for.
	labels *strings.Replacer
	// image is the machine image that Parameter Store recommends.
	image string
}

// deploy deploys an example and lists what there is then.
func (e example) deploy(t *testing.T) *inventory {
	t.Helper()
	h := harness.New()
	gw, err := e.manifest(h)
	if err != nil {
		t.Fatal(err)
	}
	if region := gw.Spec.Region; region != "us-east-1" {
		h.Emulator.Seed(region)
	}
	if n := gw.Spec.Network; n != nil && n.Existing != nil {
		h.Emulator.SeedNetwork(gw.Spec.Region)
	}
	h.Emulator.World.Lock()
	h.Emulator.ECS.AnswerHooks(hookFunction, ecs.HookAnswer{Status: "SUCCEEDED"}) // which the user has made
	h.Emulator.World.Unlock()
	named := given(gw.Spec)
	if err := h.Until(h.Create(gw), creation, "Ready", harness.Ready); err != nil {
		t.Fatal(err)
	}
	inv := &inventory{image: recommended(t, h, gw.Spec.Region)}
	var made []core.Resource
	printed, err := json.Marshal(h.Emulator.Made(false))
	if err == nil {
		err = json.Unmarshal(printed, &made) // as a client of the control endpoint gets it
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range made {
		node := balanced(r.Tags[own.TagNode], gw.Spec.LoadBalancer)
		inv.objects = append(inv.objects, &object{r, node, inv})
		if node == "" || r.AWSManaged || passing(r) {
			continue
		}
		for _, name := range []string{r.ARN, r.ID} {
			if name != "" {
				named[name] = "{" + node + "}"
			}
		}
		if hasName(r) {
			named[r.Name] = "{" + node + "}"
		}
	}
	inv.labels = labels(named)
	return inv
}

// balanced leaves out of a node what kind of load balancer it belongs to: each kind has nodes of its own, so that
// one can take another's place.
func balanced(node string, lb *v1alpha1.LoadBalancer) string {
	if lb == nil {
		return node
	}
	kind := strings.ToLower(string(cmp.Or(lb.Type, v1alpha1.LoadBalancerNetwork))) + "-"
	if lb.Scheme == v1alpha1.LoadBalancerInternetFacing {
		kind += "internet-facing"
	} else {
		kind += "internal"
	}
	return strings.TrimSuffix(strings.Replace(node, "load-balancer/"+kind, "load-balancer/main", 1), "-"+kind)
}

// recommended is the machine image that Parameter Store recommends.
func recommended(t *testing.T, h *harness.Harness, region string) string {
	t.Helper()
	client := ssm.NewFromConfig(sdk.Config{
		Region: region, HTTPClient: h.Emulator.Server, BaseEndpoint: sdk.String("http://aws.invalid"),
		Credentials: credentials.NewStaticCredentialsProvider(emulator.AccessKeyID, "secret", ""),
	})
	out, err := client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: sdk.String("/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id")})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Parameter.Value
}

// hasName reports whether others refer to an object by its name.
func hasName(r core.Resource) bool {
	return slices.Contains([]string{"Cluster", "CapacityProvider", "LogGroup", "Role", "HTTPNamespace", "Service"}, r.Kind)
}

// passing are objects that come and go as AWS starts and ends tasks and instances.
func passing(r core.Resource) bool {
	return slices.Contains([]string{"Task", "Instance", "Volume", "NetworkInterface", "ContainerInstance", "LogStream"}, r.Kind)
}

// only finds the one object that is meant.
func (inv *inventory) only(what string, is func(*object) bool) (*object, error) {
	var found []*object
	for _, o := range inv.objects {
		if is(o) {
			found = append(found, o)
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%d objects are the %s", len(found), what)
	}
	return found[0], nil
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

// length is how many elements a list has.
func (o *object) length(path string) int {
	elements, _ := o.get(path).([]any)
	return len(elements)
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
