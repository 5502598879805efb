package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// oracle is a planner that remembers what it was asked.
type oracle struct {
	plan    v1alpha1.Plan
	err     error
	asked   *v1alpha1.PortkeyGateway
	cluster string
	offline bool
}

func (o *oracle) Plan(_ context.Context, gw *v1alpha1.PortkeyGateway, cluster string) (*Foreseen, error) {
	o.asked, o.cluster, o.offline = gw, cluster, false
	return &Foreseen{Plan: &o.plan, AccountID: "123456789012", Warnings: []string{"instances without room"}}, o.err
}

func (o *oracle) Offline(_ context.Context, gw *v1alpha1.PortkeyGateway) (*Foreseen, error) {
	o.asked, o.offline = gw, true
	return &Foreseen{Plan: &o.plan, Assumptions: []string{"nothing of it exists yet"}}, o.err
}

// dangerous is a plan with one change of each sort.
var dangerous = v1alpha1.Plan{
	Summary: "1 to create, 1 to change, 1 to replace, 1 to delete", Hash: "3f2a90c1d4e5b687",
	Changes: []v1alpha1.PlannedChange{
		{Node: "replication-group/main", Kind: "ReplicationGroup", Action: v1alpha1.PlanDelete, Interrupts: "the cache's contents are lost"},
		{Node: "target-group/gateway", Kind: "TargetGroup", Action: v1alpha1.PlanReplace, Fields: []v1alpha1.FieldChange{{Path: "port", Have: "8787", Want: "9000"}}},
		{Node: "service/gateway", Kind: "Service", Action: v1alpha1.PlanUpdate, Fields: []v1alpha1.FieldChange{
			{Path: "taskDefinition", Have: strings.Repeat("a", 90), Want: "(known after apply)"}, {Path: "env.\x1b[2J", Want: "set"},
		}},
		{Node: "log-group/mcp", Kind: "LogGroup", Action: v1alpha1.PlanCreate},
	},
}

const manifestText = `apiVersion: v1
kind: ConfigMap
metadata: {name: beside}
---
apiVersion: ecs.portkey.ai/v1alpha1
kind: PortkeyGateway
metadata:
  name: portkey-gateway
  annotations: {team: ai}
spec:
  region: eu-west-1
`

func (l *lab) plan(t *testing.T, o *oracle, manifest, line string) (code int, out, errs string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "gateway.yaml")
	if err := os.WriteFile(file, []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	env := Environment{
		In: strings.NewReader(manifest), Out: &stdout, Err: &stderr, Now: func() time.Time { return now },
		connect: func() (*cluster, error) { return &cluster{WithWatch: l, namespace: "prod"}, nil },
	}
	if o != nil {
		env.Planner = o
	}
	code = Run(t.Context(), append([]string{"kubectl-portkey", "plan"}, strings.Fields(strings.ReplaceAll(line, "FILE", file))...), env)
	return code, stdout.String(), stderr.String()
}

func TestPlanOfAManifest(t *testing.T) {
	kube := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "kube-system", UID: "cluster-uid"}}
	there := serving()
	there.Annotations = map[string]string{"ecs.portkey.ai/pinned": "123456789012/us-east-1/2026-01-01T00:00:00Z"}
	for name, tt := range map[string]struct {
		objects  []client.Object
		manifest string
		line     string
		plan     v1alpha1.Plan
		err      error
		code     int
		says     string
	}{
		"changes":             {objects: []client.Object{kube, there}, line: "-f FILE", plan: dangerous, code: 2},
		"standard input":      {objects: []client.Object{kube, there}, line: "-f -", plan: dangerous, code: 2},
		"new":                 {objects: []client.Object{kube}, line: "-f FILE", plan: dangerous, code: 2},
		"no changes":          {objects: []client.Object{kube, there}, line: "-f FILE", plan: v1alpha1.Plan{Hash: "0"}, code: 0, says: "No changes"},
		"incomplete":          {objects: []client.Object{kube, there}, line: "-f FILE", plan: v1alpha1.Plan{Problems: []string{"vpc/main: ec2:DescribeVpcs: denied"}}, code: 1, says: "ec2:DescribeVpcs"},
		"refused":             {objects: []client.Object{kube, there}, line: "-f FILE", err: errors.New("WrongAccount: another account"), code: 1, says: "WrongAccount"},
		"no rights":           {line: "-f FILE", code: 1, says: "--cluster-name"},
		"a name of its own":   {line: "-f FILE --cluster-name blue", plan: dangerous, code: 2},
		"offline":             {line: "-f FILE --offline", plan: dangerous, code: 2, says: "nothing of it exists yet"},
		"no file":             {line: "", code: 1, says: "-f FILE"},
		"unknown flag":        {line: "--bogus", code: 1, says: "bogus"},
		"unknown output":      {line: "-f FILE -o xml", code: 1, says: "json or yaml"},
		"unknown field":       {manifest: manifestText + "  colour: blue\n", line: "-f FILE --offline", code: 1, says: "colour"},
		"nothing in it":       {manifest: "kind: ConfigMap\n", line: "-f FILE --offline", code: 1, says: "has no PortkeyGateway"},
		"two in it":           {manifest: manifestText + "---\n" + manifestText, line: "-f FILE --offline", code: 1, says: "more than one"},
		"no YAML":             {manifest: "a: [", line: "-f FILE --offline", code: 1, says: "gateway.yaml"},
		"for machines":        {objects: []client.Object{kube, there}, line: "-f FILE -o json", plan: dangerous, code: 2},
		"for machines, empty": {objects: []client.Object{kube, there}, line: "-f FILE -o yaml", plan: v1alpha1.Plan{Hash: "0"}, code: 0},
	} {
		t.Run(name, func(t *testing.T) {
			l, o := newLab(t, tt.objects...), &oracle{plan: tt.plan, err: tt.err}
			if tt.manifest == "" {
				tt.manifest = manifestText
			}
			code, out, errs := l.plan(t, o, tt.manifest, tt.line)
			if code != tt.code || !strings.Contains(out+errs, tt.says) {
				t.Fatalf("%d, want %d: %q %q", code, tt.code, out, errs)
			}
			if len(l.patches) > 0 {
				t.Error("a plan writes")
			}
			if code != 2 {
				return
			}
			if strings.Contains(tt.line, "json") {
				planned := &Planned{}
				if err := json.Unmarshal([]byte(out), planned); err != nil || planned.Plan.Hash != dangerous.Hash || len(planned.Plan.Changes) != 4 || !planned.Exists || planned.AccountID == "" {
					t.Fatalf("%v: %s", err, out)
				}
			}
			if o.asked.Spec.Region != "eu-west-1" || o.asked.Annotations["team"] != "ai" {
				t.Errorf("asked about %+v", o.asked)
			}
			if exists := len(tt.objects) > 1; exists != (o.asked.Annotations["ecs.portkey.ai/pinned"] != "") || exists != (len(o.asked.Status.Services) > 0) {
				t.Errorf("asked about %v with %d services", o.asked.Annotations, len(o.asked.Status.Services))
			}
			if want := map[bool]string{true: "blue", false: "cluster-uid"}[strings.Contains(tt.line, "blue")]; !o.offline && o.cluster != want {
				t.Errorf("for the cluster %q", o.cluster)
			}
		})
	}
	l := newLab(t, kube)
	if code, _, errs := l.plan(t, nil, manifestText, "-f FILE"); code != 1 || !strings.Contains(errs, "can't plan") {
		t.Errorf("without a planner: %d %s", code, errs)
	}
}

func TestPlanPages(t *testing.T) {
	p := &Planned{Namespace: "prod", Name: "portkey-gateway", Region: "us-east-1", AccountID: "123456789012", Exists: true, Plan: &dangerous}
	golden(t, filepath.Join("testdata", "plans", "dangerous.txt"), planPage(p, false))
	if painted := planPage(p, true); !strings.Contains(painted, "\x1b[31m-/+ ") || strings.Contains(painted, "\x1b[2J") {
		t.Errorf("%q", painted)
	}
	p.Offline, p.Assumptions = true, []string{"nothing of it exists yet"}
	if page := planPage(p, false); strings.Contains(page, "Hash:") || !strings.Contains(page, "nothing of it exists yet") {
		t.Error(page)
	}
}

func TestApprovalNamesThePlan(t *testing.T) {
	waiting := func() *v1alpha1.PortkeyGateway {
		gw := serving()
		gw.Annotations = map[string]string{v1alpha1.AnnotationRequireApproval: "true"}
		gw.Status.ObservedGeneration, gw.Status.Plan = gw.Generation, dangerous.DeepCopy()
		return gw
	}
	hash := dangerous.Hash
	for name, tt := range map[string]struct {
		change func(*v1alpha1.PortkeyGateway)
		line   string
		code   int
		says   string
	}{
		"the plan":        {line: "--plan " + hash, says: "approve of " + hash + "@7 is done"},
		"no plan named":   {code: 1, says: "--plan " + hash},
		"another":         {line: "--plan 0123456789abcdef", code: 1, says: "is " + hash + " now"},
		"no need":         {change: func(gw *v1alpha1.PortkeyGateway) { gw.Annotations = nil }, line: "--plan " + hash, code: 1, says: "need no approval"},
		"none waits":      {change: func(gw *v1alpha1.PortkeyGateway) { gw.Status.Plan = nil }, line: "--plan " + hash, code: 1, says: "no plan"},
		"approved before": {change: func(gw *v1alpha1.PortkeyGateway) { gw.Status.Approval = &v1alpha1.Approval{Generation: gw.Generation} }, line: "--plan " + hash, code: 1, says: "no plan"},
		"incomplete":      {change: func(gw *v1alpha1.PortkeyGateway) { gw.Status.Plan.Hash = "" }, line: "--plan " + hash, code: 1, says: "isn't complete"},
		"not planned yet": {change: func(gw *v1alpha1.PortkeyGateway) { gw.Status.ObservedGeneration-- }, line: "--plan 1111111111111111", says: "1111111111111111@7"},
		"observed only":   {change: func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ManagementPolicy = v1alpha1.ManagementObserve }, line: "--plan " + hash, code: 1, says: "managementPolicy"},
	} {
		t.Run(name, func(t *testing.T) {
			gw := waiting()
			if tt.change != nil {
				tt.change(gw)
			}
			l := newLab(t, gw)
			l.answer = agrees
			code, out, errs := l.run(t.Context(), "approve portkey-gateway "+tt.line)
			if code != tt.code || !strings.Contains(out+errs, tt.says) {
				t.Errorf("%d: %q %q", code, out, errs)
			}
		})
	}
}
