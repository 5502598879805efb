package desired_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

var facts = desired.Facts{Account: "123456789012", Region: "us-east-1", Partition: "aws", Zones: []string{"us-east-1a", "us-east-1b", "us-east-1c"}}

func gateway(name string) *v1alpha1.PortkeyGateway {
	return &v1alpha1.PortkeyGateway{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec: v1alpha1.PortkeyGatewaySpec{
			Region: "us-east-1", Storage: v1alpha1.Storage{LogBucket: "logs"}, LoadBalancer: &v1alpha1.LoadBalancer{},
		},
	}
}

func build(t *testing.T, gw *v1alpha1.PortkeyGateway) *graph.Graph {
	t.Helper()
	g, err := desired.Build(gw, own.Owner{Cluster: "c", Kind: "PortkeyGateway", Namespace: gw.Namespace, Name: gw.Name}, facts)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestBuildIsDeterministic(t *testing.T) {
	var first string
	for range 20 {
		b, err := json.Marshal(build(t, gateway("gw")))
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(b)
		}
		if string(b) != first {
			t.Fatal("two builds of one spec differ")
		}
	}
}

// TestDeletionOrderHasNoCircle proves that every graph can be taken down: the reversed edges and the
// Outlives edges together have an order.
func TestDeletionOrderHasNoCircle(t *testing.T) {
	g := build(t, gateway("gw"))
	before := map[graph.NodeID][]graph.NodeID{}
	for _, n := range g.Nodes() {
		for _, d := range g.Needs(n.ID) {
			before[d] = append(before[d], n.ID)
		}
		before[n.ID] = append(before[n.ID], n.Outlives...)
	}
	state := map[graph.NodeID]int{}
	var visit func(graph.NodeID)
	visit = func(id graph.NodeID) {
		if state[id] == 1 {
			t.Fatalf("%s must be deleted before itself", id)
		}
		if state[id] == 2 {
			return
		}
		state[id] = 1
		for _, b := range before[id] {
			visit(b)
		}
		state[id] = 2
	}
	for _, n := range g.Nodes() {
		visit(n.ID)
	}
}

// TestNames: unique to the owner, and within AWS's limits whatever the resource is called.
func TestNames(t *testing.T) {
	limits := map[string]int{"Role": 64, "InstanceProfile": 128, "LoadBalancer": 32, "TargetGroup": 32, "SecurityGroup": 255, "LaunchTemplate": 128, "LogGroup": 512, "AutoScalingGroup": 255, "Cluster": 255, "Service": 255, "TaskDefinition": 255, "CapacityProvider": 255}
	seen := map[string]string{}
	for _, name := range []string{"a", "gw", "portkey-gateway", strings.Repeat("x", 63), strings.Repeat("y", 20) + "-" + strings.Repeat("z", 40)} {
		for _, n := range build(t, gateway(name)).Nodes() {
			if limit := limits[n.Kind()]; limit > 0 && len(n.Name) > limit {
				t.Errorf("%s of %s: %q has %d characters, %d are allowed", n.ID, name, n.Name, len(n.Name), limit)
			}
			if n.Kind() == "LoadBalancer" || n.Kind() == "TargetGroup" {
				if strings.HasPrefix(n.Name, "-") || strings.HasSuffix(n.Name, "-") {
					t.Errorf("%s: %q begins or ends with a hyphen", n.ID, n.Name)
				}
			}
			if n.Name == "" {
				continue
			}
			key := n.Kind() + " " + n.Name
			if other, taken := seen[key]; taken {
				t.Errorf("%s of %s and %s share the name %q", n.ID, name, other, n.Name)
			}
			seen[key] = name
		}
	}
}

func TestArchitecture(t *testing.T) {
	for instanceType, want := range map[string]string{
		"t4g.medium": "arm64", "m7g.large": "arm64", "m6gd.xlarge": "arm64", "c7gn.large": "arm64", "a1.large": "arm64", "g5g.xlarge": "arm64", "im4gn.large": "arm64", "x2gd.large": "arm64",
		"t3.medium": "x86_64", "m7i.large": "x86_64", "g4dn.xlarge": "x86_64", "g5.xlarge": "x86_64", "m6a.large": "x86_64", "c5n.large": "x86_64", "m7i-flex.large": "x86_64", "gr6.4xlarge": "x86_64",
	} {
		if got := desired.Architecture(instanceType); got != want {
			t.Errorf("%s is %s, want %s", instanceType, got, want)
		}
	}
}

func TestTooFewZonesIsSaidClearly(t *testing.T) {
	gw := gateway("gw")
	gw.Spec.Network = &v1alpha1.Network{VPC: &v1alpha1.VPC{Zones: 5}}
	_, err := desired.Build(gw, own.Owner{}, facts)
	if err == nil || !strings.Contains(err.Error(), "has 3 availability zones") || !strings.Contains(err.Error(), "at most 3") {
		t.Fatal(err)
	}
}

// TestSubnets: disjoint, within the VPC, and where the Terraform module puts them.
func TestSubnets(t *testing.T) {
	want := map[graph.NodeID]string{
		"subnet/public-a": "10.0.0.0/20", "subnet/public-b": "10.0.16.0/20", "subnet/private-a": "10.0.32.0/20", "subnet/private-b": "10.0.48.0/20",
	}
	for _, n := range build(t, gateway("gw")).Nodes() {
		if c, ok := want[n.ID]; ok {
			b, _ := json.Marshal(n.Spec())
			if !strings.Contains(string(b), c) {
				t.Errorf("%s: %s, want %s", n.ID, b, c)
			}
		}
	}
}

// TestUserEnvironmentNeverWinsOverWhatTiesTheDeploymentTogether even if admission let it through.
func TestUserEnvironment(t *testing.T) {
	gw := gateway("gw")
	gw.Spec.Gateway = &v1alpha1.Gateway{Env: map[string]v1alpha1.EnvValue{"REDIS_URL": "redis://elsewhere", "SERVICE_NAME": "mine", "X": "y"}}
	b, err := json.Marshal(build(t, gw))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"REDIS_URL":"redis://redis:6379"`, `"SERVICE_NAME":"mine"`, `"X":"y"`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s in the graph", want)
		}
	}
}

// TestAnySpecGivesAValidGraph over random combinations of what may vary.
func TestAnySpecGivesAValidGraph(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		gw := gateway("gw")
		if rng.IntN(2) == 0 {
			gw.Spec.LoadBalancer = nil
		}
		replicas := int32(rng.IntN(5))
		gw.Spec.Gateway = &v1alpha1.Gateway{Port: int32(1024 + rng.IntN(9000)), EnableExec: rng.IntN(2) == 0}
		if rng.IntN(2) == 0 {
			gw.Spec.Gateway.Replicas = &replicas
		}
		gw.Spec.Network = &v1alpha1.Network{VPC: &v1alpha1.VPC{Zones: int32(2 + rng.IntN(2))}}
		gw.Spec.Organisations = []string{"a", "b"}[:rng.IntN(3)]
		build(t, gw)
	}
}
