package admission

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/test/manifests"
)

// applied is how kubectl and GitOps tools write: server-side apply, unknown fields are errors.
func applied(t *testing.T, c client.Client, object *unstructured.Unstructured) error {
	t.Helper()
	return c.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(object), client.FieldOwner("test"))
}

// strict refuses unknown fields, as kubectl does by default.
func strict(namespace string) client.Client {
	return client.WithFieldValidation(client.NewNamespacedClient(kube, namespace), metav1.FieldValidationStrict)
}

func TestInvalid(t *testing.T) {
	c := strict(namespace(t))
	seen := map[string]bool{}
	for _, tc := range manifests.Invalid {
		if seen[tc.Name] {
			t.Errorf("two cases are called %s", tc.Name)
		}
		seen[tc.Name] = true
		t.Run(tc.Name, func(t *testing.T) {
			t.Parallel()
			// Server-side apply looks at types and duplicates itself, and says so in other words.
			if err := applied(t, c, tc.Object()); err == nil {
				t.Error("server-side apply takes it")
			}
			err := c.Create(t.Context(), tc.Object())
			if !apierrors.IsInvalid(err) {
				t.Fatalf("want it refused as invalid, got %v", err)
			}
			if !strings.Contains(err.Error(), tc.Want) {
				t.Errorf("the message lacks %q:\n%s", tc.Want, err)
			}
			// An error inside of a rule tells the user nothing.
			for _, bad := range []string{"rule evaluation", "no such key", "no such overload", "message expression", "failed rule"} {
				if strings.Contains(err.Error(), bad) {
					t.Errorf("a rule itself failed:\n%s", err)
				}
			}
		})
	}
	if len(manifests.Invalid) < 250 {
		t.Errorf("only %d invalid manifests", len(manifests.Invalid))
	}
}

func TestValid(t *testing.T) {
	c := strict(namespace(t))
	for _, tc := range manifests.Valid {
		t.Run(tc.Name, func(t *testing.T) {
			t.Parallel()
			object := tc.Object()
			sent := object.DeepCopy()
			if err := applied(t, c, object); err != nil {
				t.Fatal(err)
			}
			// The documented schema defaults, and nothing else, are added to what was sent.
			want := sent.Object["spec"].(map[string]any)
			for field, value := range map[string]any{"mode": "Gateway", "managementPolicy": "Reconcile", "deletionPolicy": "Delete"} {
				if _, ok := want[field]; !ok {
					want[field] = value
				}
			}
			if diff := cmp.Diff(plain(t, want), plain(t, object.Object["spec"])); diff != "" {
				t.Errorf("stored spec differs from the one sent (-sent +stored):\n%s", diff)
			}

			// Applying the same again changes nothing. The first status is written here as the manager does
			// at once: until then the schema's default status, which kstatus needs, is stored by the next
			// write of any kind.
			first := []byte(`{"status":{"observedGeneration":1}}`)
			if err := c.Status().Patch(t.Context(), object, client.RawPatch(types.MergePatchType, first)); err != nil {
				t.Fatal(err)
			}
			before := object.GetResourceVersion()
			again := tc.Object()
			if err := applied(t, c, again); err != nil {
				t.Fatal(err)
			}
			if again.GetResourceVersion() != before {
				t.Error("applying it a second time changed it")
			}

			// Typed clients read it, resolve it, and can write it back.
			var typed v1alpha1.PortkeyGateway
			if err := c.Get(t.Context(), client.ObjectKeyFromObject(object), &typed); err != nil {
				t.Fatal(err)
			}
			if err := c.Update(t.Context(), &typed); err != nil {
				t.Errorf("a typed update without changes is refused: %v", err)
			}
			typed.Spec = typed.Resolved()
			typed.Spec.NamePrefix = "" // given by its absence, and can't be set afterwards
			if prefix, _, _ := unstructured.NestedString(sent.Object, "spec", "namePrefix"); prefix != "" {
				typed.Spec.NamePrefix = prefix
			}
			if err := c.Update(t.Context(), &typed); err != nil {
				t.Errorf("what absence means is itself refused: %v", err)
			}
		})
	}
	if len(manifests.Valid) < 30 {
		t.Errorf("only %d valid manifests", len(manifests.Valid))
	}
}

// plain evens out the number types of different decoders.
func plain(t *testing.T, v any) any {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestUpdates(t *testing.T) {
	c := strict(namespace(t))
	for _, tc := range manifests.Updates {
		t.Run(tc.Name, func(t *testing.T) {
			t.Parallel()
			if err := applied(t, c, tc.Before()); err != nil {
				t.Fatal(err)
			}
			after := tc.After()
			blocks := after.DeepCopy().Object["spec"].(map[string]any)
			err := applied(t, c, after)
			switch {
			case tc.Want == "" && err != nil:
				t.Errorf("want it accepted, got %v", err)
			case tc.Want == "":
				// An empty block says something, and must neither go nor keep what it had.
				for field, want := range blocks {
					stored, _, _ := unstructured.NestedFieldNoCopy(after.Object, "spec", field)
					if diff := cmp.Diff(plain(t, want), plain(t, stored)); diff != "" {
						t.Errorf("spec.%s was stored differently (-applied +stored):\n%s", field, diff)
					}
				}
			case tc.Want != "" && !apierrors.IsInvalid(err):
				t.Errorf("want it refused as invalid, got %v", err)
			case tc.Want != "" && !strings.Contains(err.Error(), tc.Want):
				t.Errorf("the message lacks %q:\n%s", tc.Want, err)
			}
		})
	}
}

// TestMemoryTable tries every cpu with every memory around its range, against ECS's table written anew.
func TestMemoryTable(t *testing.T) {
	c := strict(namespace(t))
	table := map[string]func(gib int) bool{
		"500m": func(g int) bool { return g >= 1 && g <= 4 },
		"1":    func(g int) bool { return g >= 2 && g <= 8 },
		"2":    func(g int) bool { return g >= 4 && g <= 16 },
		"4":    func(g int) bool { return g >= 8 && g <= 30 },
		"8":    func(g int) bool { return g >= 16 && g <= 60 && g%4 == 0 },
		"16":   func(g int) bool { return g >= 32 && g <= 120 && g%8 == 0 },
		"250m": func(g int) bool { return g == 1 || g == 2 },
	}
	for cpu, takes := range table {
		t.Run(cpu, func(t *testing.T) {
			t.Parallel()
			for gib := 1; gib <= 128; gib++ {
				memory := strconv.Itoa(gib) + "Gi"
				object := manifests.Case{Name: "pair", Patch: "spec: {gateway: {resources: {cpu: '" + cpu + "', memory: " + memory + "}}}"}.Object()
				err := c.Create(t.Context(), object, client.DryRunAll)
				if got := err == nil; got != takes(gib) {
					t.Errorf("%s CPU with %s: accepted is %v, want %v (%v)", cpu, memory, got, takes(gib), err)
				}
			}
		})
	}
}

// TestMinimalSample holds the base of all cases equal to what users copy.
func TestMinimalSample(t *testing.T) {
	base := unstructured.Unstructured{}
	if err := yaml.UnmarshalStrict([]byte(manifests.Minimal), &base.Object); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(base.Object, sample(t, "minimal.yaml").Object); diff != "" {
		t.Errorf("config/samples/minimal.yaml differs from manifests.Minimal:\n%s", diff)
	}
}

// TestSamples: the API server takes each sample as it is, and all of them side by side.
func TestSamples(t *testing.T) {
	c := strict(namespace(t))
	// Users copy the samples before anything else, so their cost in lines matters.
	longest := map[string]int{"minimal.yaml": 12, "production.yaml": 33}
	files, err := filepath.Glob("../../config/samples/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		name := filepath.Base(file)
		if name == "kustomization.yaml" {
			continue
		}
		found = append(found, name)
		if err := applied(t, c, sample(t, name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := 0
		for line := range strings.Lines(string(data)) {
			if !strings.HasPrefix(line, "#") {
				lines++
			}
		}
		if most, ok := longest[name]; ok && lines > most {
			t.Errorf("%s has %d lines, more than %d", name, lines, most)
		}
		delete(longest, name)
	}
	for name := range longest {
		t.Errorf("there is no %s", name)
	}
	var kustomization struct{ Resources []string }
	data, err := os.ReadFile("../../config/samples/kustomization.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(data, &kustomization); err != nil {
		t.Fatal(err)
	}
	listed := slices.Sorted(slices.Values(kustomization.Resources))
	if diff := cmp.Diff(found, listed); diff != "" {
		t.Errorf("kustomization.yaml lists others (-files +listed):\n%s", diff)
	}
}

func sample(t *testing.T, name string) *unstructured.Unstructured {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "config", "samples", name))
	if err != nil {
		t.Fatal(err)
	}
	var out unstructured.Unstructured
	if err := yaml.UnmarshalStrict(data, &out.Object); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return &out
}

// TestUnknownField: strict validation is the client's choice, and kubectl's default. These are what people write
// who know charts or the Terraform module.
func TestUnknownField(t *testing.T) {
	ns := namespace(t)
	for field, patch := range map[string]string{
		"spec.loadBalancer.alowedCIDRs":        `spec: {loadBalancer: {alowedCIDRs: [10.0.0.0/8]}}`,
		"spec.loadBalancer.internal":           `spec: {loadBalancer: {internal: true}}`,
		"spec.gateway.cpu":                     `spec: {gateway: {cpu: 1024}}`,
		"spec.gateway.replicaCount":            `spec: {gateway: {replicaCount: 2}}`,
		"spec.gateway.autoscaling.enabled":     `spec: {gateway: {autoscaling: {enabled: true, minReplicas: 1, maxReplicas: 2, targetCPUPercent: 70}}}`,
		"spec.network.cidr":                    `spec: {network: {vpc: {}, cidr: 10.0.0.0/16}}`,
		"spec.cache.elastiCache.endpoint.port": `spec: {cache: {elastiCache: {endpoint: {address: "a.example.com:6379", port: 6379}}}}`,
		"spec.environment":                     `spec: {environment: prod}`,
	} {
		tc := manifests.Case{Name: "typo", Patch: patch}
		if err := strict(ns).Create(t.Context(), tc.Object(), client.DryRunAll); err == nil || !strings.Contains(err.Error(), "unknown field \""+field+"\"") {
			t.Errorf("strict validation took the unknown field %s: %v", field, err)
		}
		object := tc.Object()
		if err := client.NewNamespacedClient(kube, ns).Create(t.Context(), object, client.DryRunAll); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := unstructured.NestedFieldNoCopy(object.Object, strings.Split(field, ".")...); found {
			t.Errorf("the unknown field %s was stored", field)
		}
	}
}

// TestKubectl goes the way of a person: apply, diff, get, explain.
func TestKubectl(t *testing.T) {
	ns := namespace(t)
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"test": {Server: kubeConfig.Host, CertificateAuthorityData: kubeConfig.CAData}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{"test": {ClientCertificateData: kubeConfig.CertData, ClientKeyData: kubeConfig.KeyData}},
		Contexts:       map[string]*clientcmdapi.Context{"test": {Cluster: "test", AuthInfo: "test", Namespace: ns}},
		CurrentContext: "test",
	}, kubeconfig); err != nil {
		t.Fatal(err)
	}
	kubectl := func(arguments ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), filepath.Join(assets, "kubectl"), arguments...)
		cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig, "HOME="+t.TempDir())
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	const sample = "../../config/samples/minimal.yaml"
	for _, mode := range []string{"--server-side=false", "--server-side=true"} {
		if out, err := kubectl("apply", mode, "--force-conflicts="+strings.TrimPrefix(mode, "--server-side="), "-f", sample); err != nil {
			t.Fatalf("%s: %v\n%s", mode, err, out)
		}
		if out, err := kubectl("diff", mode, "--force-conflicts="+strings.TrimPrefix(mode, "--server-side="), "-f", sample); err != nil {
			t.Errorf("%s: a second apply would change something: %v\n%s", mode, err, out)
		}
	}

	var gateway v1alpha1.PortkeyGateway
	if err := kube.Get(t.Context(), client.ObjectKey{Namespace: ns, Name: "portkey-gateway"}, &gateway); err != nil {
		t.Fatal(err)
	}
	gateway.Status = fullStatus(gateway.Generation)
	if err := kube.Status().Update(t.Context(), &gateway); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ arguments, want string }{
		{"get pkgw", `NAME +MODE +READY +ROLLOUT +VERSION +TASKS +ENDPOINT +AGE\nportkey-gateway +Gateway +True +Complete +2\.16\.0 +1/1 +http://internal.example +\S+\n`},
		{"get portkey -o wide", `MODE +READY +ROLLOUT +VERSION +TASKS +ENDPOINT +AGE +REGION +ACCOUNT +ORGS +REASON\nportkey-gateway .* +us-east-1 +123456789012 +Reconciled\n`},
		{"explain pkgw.spec.capacity.ec2.initialSize", `Not set: 2, or the nearest`},
	} {
		out, err := kubectl(strings.Fields(tc.arguments)...)
		if err != nil || !regexp.MustCompile(tc.want).MatchString(out) {
			t.Errorf("kubectl %s: %v; want %s in:\n%s", tc.arguments, err, tc.want, out)
		}
	}
	if out, err := kubectl("wait", "pkgw/portkey-gateway", "--for=condition=Ready", "--timeout=10s"); err != nil {
		t.Errorf("kubectl wait: %v\n%s", err, out)
	}
}

// TestStatusRoundTrip: what the operator writes is what it reads back, every field of it.
func TestStatusRoundTrip(t *testing.T) {
	ns := namespace(t)
	c := strict(ns)
	if err := c.Create(t.Context(), manifests.Case{Name: "status"}.Object()); err != nil {
		t.Fatal(err)
	}
	var gateway v1alpha1.PortkeyGateway
	key := client.ObjectKey{Namespace: ns, Name: "status"}
	if err := c.Get(t.Context(), key, &gateway); err != nil {
		t.Fatal(err)
	}
	want := fullStatus(gateway.Generation)
	if v := reflect.ValueOf(want); true {
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("the test leaves status.%s empty", v.Type().Field(i).Name)
			}
		}
	}
	gateway.Status = want
	if err := c.Status().Update(t.Context(), &gateway); err != nil {
		t.Fatal(err)
	}
	if err := c.Get(t.Context(), key, &gateway); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, gateway.Status); diff != "" {
		t.Errorf("status came back differently:\n%s", diff)
	}
}

func fullStatus(generation int64) v1alpha1.PortkeyGatewayStatus {
	at := metav1.NewTime(time.Now().Truncate(time.Second))
	return v1alpha1.PortkeyGatewayStatus{
		ObservedGeneration: generation,
		Conditions: []metav1.Condition{{
			Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonReconciled,
			Message: "all objects are as the spec asks", LastTransitionTime: at, ObservedGeneration: generation,
		}},
		AccountID: "123456789012",
		Version:   "2.16.0",
		Tasks:     "1/1",
		Approval:  &v1alpha1.Approval{Generation: generation, SpecDigest: "6d2c", Plan: "fb6593440b697dfe", At: at},
		Endpoints: &v1alpha1.Endpoints{LoadBalancer: "internal.example", HostedZoneID: "Z26RNL4JYFTOTI", Gateway: "http://internal.example"},
		Services: []v1alpha1.ServiceStatus{
			{Name: v1alpha1.ServiceGateway, Image: "portkeyai/gateway_enterprise:2.16.0", Desired: 1, Running: 1, TaskDefinition: "gateway:1"},
			{Name: v1alpha1.ServiceRedis},
		},
		Rollout: &v1alpha1.RolloutStatus{ID: "ecs-svc/1", FromRevision: "gateway:1", ToRevision: "gateway:2", StartedAt: &at, Reason: "1 of 2 tasks run the new revision",
			FromImage: "a:1", ToImage: "a:2", Awaiting: &v1alpha1.AwaitedHook{HookID: "ecs-pause-1", Stage: "PostScaleUp", Since: &at, Until: &at, OnTimeout: v1alpha1.TimeoutRollback}},
		RolloutSummary: "Complete",
		History:        []v1alpha1.RolloutRecord{{ID: "1", Revision: "gateway:1", Image: "a:1", Strategy: v1alpha1.RolloutCanary, Outcome: v1alpha1.RolloutSucceeded, StartedAt: &at, FinishedAt: &at, Reason: "none"}},
		Actions:        []v1alpha1.ActionStatus{{Name: "abort", Value: "1", Result: v1alpha1.ActionDone, Message: "it is taken back", At: &at}},
		Outputs: &v1alpha1.Outputs{
			VPCID: "vpc-1", PublicSubnetIDs: []string{"subnet-1"}, PrivateSubnetIDs: []string{"subnet-2"}, NATAddresses: []string{"203.0.113.7"},
			ClusterName: "portkey-gateway", TaskRoleARNs: map[string]string{"gateway": "arn"}, SecurityGroupIDs: map[string]string{"gateway": "sg-1"},
		},
		DNSRecords: []v1alpha1.DNSRecord{{Name: "ai.example.com", Type: "CNAME", Value: "lb.example", Purpose: v1alpha1.DNSRecordAddress}},
		ControlPlane: &v1alpha1.ControlPlaneStatus{Inbound: &v1alpha1.InboundStatus{
			ServiceName: "com.amazonaws.vpce.us-east-1.vpce-svc-1", DNSNames: []string{"vpce-svc-1.us-east-1.vpce.amazonaws.com"}, Region: "us-east-1", Port: 443,
			PrivateDNS:  &v1alpha1.PrivateDNSStatus{Name: "gw.acme.example", Verification: "verified", RecordName: "_1.gw.acme.example", RecordType: "TXT", RecordValue: "vpce:1"},
			Connections: []v1alpha1.InboundConnection{{EndpointID: "vpce-1", AccountID: "299329113195", Region: "us-east-1", State: "available"}},
		}},
		Plan: &v1alpha1.Plan{Summary: "1 to create, 0 to change, 0 to delete", Changes: []v1alpha1.PlannedChange{{
			Node: "vpc", Kind: "VPC", Action: v1alpha1.PlanUpdate, Fields: []v1alpha1.FieldChange{{Path: "enableDnsSupport", Have: "false", Want: "true"}},
		}}},
		Resources: []v1alpha1.ResourceStatus{{
			Node: "subnet/private-a", Kind: "Subnet", ID: "subnet-2", Name: "portkey-gateway-private-a", Phase: v1alpha1.ResourcePending, Why: "is being made",
			CreatedAt: &at, Incarnation: "1", IntentAt: &at, Needs: []string{"vpc"}, Out: map[string]string{"id": "subnet-2"},
		}},
		InventorySince:         &at,
		LastHandledReconcileAt: "2026-01-05T09:00:00Z",
		LastSyncTime:           &at,
	}
}
