package plugin

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

var update = flag.Bool("update", false, "write testdata/pages, and the examples in docs/kubectl-plugin.md")

// now is when every page is looked at.
var now = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) metav1.Time { return metav1.NewTime(now.Add(-d)) }

func agoPtr(d time.Duration) *metav1.Time { return ptr.To(ago(d)) }

const (
	oldImage = "portkeyai/gateway_enterprise:2.16.0"
	newImage = "portkeyai/gateway_enterprise:2.17.0"
)

// serving is a gateway with nothing going on.
func serving() *v1alpha1.PortkeyGateway {
	gw := &v1alpha1.PortkeyGateway{
		ObjectMeta: metav1.ObjectMeta{Namespace: "prod", Name: "portkey-gateway", UID: "4b1d", Generation: 7, ResourceVersion: "1"},
		Spec: v1alpha1.PortkeyGatewaySpec{
			Mode: v1alpha1.ModeGateway, Region: "us-east-1", ManagementPolicy: v1alpha1.ManagementReconcile,
		},
		Status: v1alpha1.PortkeyGatewayStatus{
			ObservedGeneration: 7, AccountID: "123456789012", Version: "2.16.0", Tasks: "3/3", RolloutSummary: "Complete",
			LastSyncTime: agoPtr(3 * time.Minute),
			Endpoints: &v1alpha1.Endpoints{
				LoadBalancer: "portkey-gateway-1234567890.us-east-1.elb.amazonaws.com", Gateway: "https://gateway.example.com",
				Test: "https://gateway.example.com:8443",
			},
			Services: []v1alpha1.ServiceStatus{
				{Name: v1alpha1.ServiceGateway, Image: oldImage, Desired: 3, Running: 3, TaskDefinition: "portkey-gateway:12"},
				{Name: v1alpha1.ServiceDataService, Image: "portkeyai/data-service:1.7.0", Desired: 1, Running: 1, TaskDefinition: "portkey-gateway-data-service:4"},
				{Name: v1alpha1.ServiceRedis, Image: "redis:7.2-alpine", Desired: 1, Running: 1, TaskDefinition: "portkey-gateway-redis:2"},
			},
			History: []v1alpha1.RolloutRecord{
				{ID: "nJ5vGq8KcQ2", Revision: "portkey-gateway:12", Image: oldImage, Strategy: v1alpha1.RolloutCanary, Outcome: v1alpha1.RolloutSucceeded, StartedAt: agoPtr(50*time.Hour + 20*time.Minute), FinishedAt: agoPtr(50 * time.Hour)},
				{ID: "fT2mXe7RbW9", Revision: "portkey-gateway:11", Image: "portkeyai/gateway_enterprise:2.15.9", Strategy: v1alpha1.RolloutCanary, Outcome: v1alpha1.RolloutRolledBack, StartedAt: agoPtr(73 * time.Hour), FinishedAt: agoPtr(72*time.Hour + 48*time.Minute), Reason: "tasks failed to start: the circuit breaker was triggered"},
				{ID: "aQ1zLp4DyK6", Revision: "portkey-gateway:10", Image: "portkeyai/gateway_enterprise:2.15.2", Strategy: v1alpha1.RolloutRolling, Outcome: v1alpha1.RolloutSucceeded, StartedAt: agoPtr(30*24*time.Hour + 4*time.Minute), FinishedAt: agoPtr(30 * 24 * time.Hour)},
				{ID: "cH8sNu3VjE5", Revision: "portkey-gateway:9", Image: "portkeyai/gateway_enterprise:2.15.1", Strategy: v1alpha1.RolloutRolling, Outcome: v1alpha1.RolloutSucceeded, StartedAt: agoPtr(41*24*time.Hour + 4*time.Minute), FinishedAt: agoPtr(41 * 24 * time.Hour)},
			},
		},
	}
	set(gw, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReconciled, "", 50*time.Hour)
	set(gw, v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing, "", 41*24*time.Hour)
	set(gw, v1alpha1.ConditionRolloutHealthy, metav1.ConditionTrue, v1alpha1.ReasonRolloutComplete, "", 50*time.Hour)
	return gw
}

func set(gw *v1alpha1.PortkeyGateway, kind string, status metav1.ConditionStatus, reason, message string, since time.Duration) {
	c := metav1.Condition{Type: kind, Status: status, Reason: reason, Message: message, LastTransitionTime: ago(since), ObservedGeneration: gw.Generation}
	for i := range gw.Status.Conditions {
		if gw.Status.Conditions[i].Type == kind {
			gw.Status.Conditions[i] = c
			return
		}
	}
	gw.Status.Conditions = append(gw.Status.Conditions, c)
}

// canary is a canary at a stage.
func canary(stage string, percent int32, summary string) *v1alpha1.PortkeyGateway {
	gw := serving()
	gw.Generation, gw.Status.ObservedGeneration = 8, 8
	gw.Status.RolloutSummary = summary
	gw.Status.Rollout = &v1alpha1.RolloutStatus{
		ID: "xW3kDb9TgM1", Strategy: v1alpha1.RolloutCanary, Stage: stage, TrafficPercent: ptr.To(percent),
		FromRevision: "portkey-gateway:12", FromImage: oldImage, ToRevision: "portkey-gateway:13", ToImage: newImage,
		StartedAt: agoPtr(12 * time.Minute),
	}
	set(gw, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonProgressing, "service/gateway: "+summary, 12*time.Minute)
	set(gw, v1alpha1.ConditionRolloutHealthy, metav1.ConditionTrue, v1alpha1.ReasonProgressing, "", 12*time.Minute)
	return gw
}

func awaiting() *v1alpha1.PortkeyGateway {
	gw := canary("PostTestTrafficShift", 0, "Canary 0% AwaitingApproval")
	gw.Status.Rollout.Awaiting = &v1alpha1.AwaitedHook{
		HookID: "pause-7Yh2", Stage: "PostTestTrafficShift", Since: agoPtr(4 * time.Minute),
		Until: ptr.To(metav1.NewTime(now.Add(24*time.Hour - 4*time.Minute))), OnTimeout: v1alpha1.TimeoutRollback,
	}
	return gw
}

func rolledBack() *v1alpha1.PortkeyGateway {
	gw := canary("", 0, "Canary RolledBack")
	r := gw.Status.Rollout
	r.TrafficPercent, r.Reason = nil, "ECS deployment circuit breaker: tasks failed to start"
	gw.Status.History = append([]v1alpha1.RolloutRecord{{
		ID: r.ID, Revision: r.ToRevision, Image: r.ToImage, Strategy: r.Strategy, Outcome: v1alpha1.RolloutRolledBack,
		StartedAt: r.StartedAt, FinishedAt: agoPtr(2 * time.Minute), Reason: r.Reason,
	}}, gw.Status.History...)
	why := "portkeyai/gateway_enterprise:2.17.0 was rolled back: " + r.Reason + ". See the tasks' logs, then change the spec; this revision isn't tried again"
	set(gw, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonRolledBack, why, 2*time.Minute)
	set(gw, v1alpha1.ConditionRolloutHealthy, metav1.ConditionFalse, v1alpha1.ReasonRolledBack, why, 2*time.Minute)
	return gw
}

// inbound is a gateway whose endpoint service waits for the record of its private DNS name.
func inbound() *v1alpha1.PortkeyGateway {
	gw := serving()
	const service = "vpce-svc-03a652496371dd649"
	gw.Status.ControlPlane = &v1alpha1.ControlPlaneStatus{Inbound: &v1alpha1.InboundStatus{
		ServiceName: "com.amazonaws.vpce.us-east-1." + service, DNSNames: []string{service + ".us-east-1.vpce.amazonaws.com"}, Region: "us-east-1", Port: 443,
		PrivateDNS: &v1alpha1.PrivateDNSStatus{
			Name: "gateway.example.com", Verification: "failed", RecordName: "_uivgqdjtb5uphe3dng7o.gateway.example.com", RecordType: "TXT", RecordValue: "vpce:OLZWBXHNSVH6QWKZNIQW",
		},
		Connections: []v1alpha1.InboundConnection{{EndpointID: "vpce-00154f4ffad1f7729", AccountID: v1alpha1.PortkeyAccount, Region: "us-east-1", State: "available"}},
	}}
	set(gw, v1alpha1.ConditionControlPlaneReady, metav1.ConditionFalse, v1alpha1.ReasonPrivateDNSUnverified,
		`create the TXT record _uivgqdjtb5uphe3dng7o.gateway.example.com with the value "vpce:OLZWBXHNSVH6QWKZNIQW" in the public DNS, which proves that gateway.example.com is yours (AWS says failed, and looks again every quarter of an hour)`, 3*time.Hour)
	return gw
}

// pages are the situations that a page is written for.
var pages = map[string]func() *v1alpha1.PortkeyGateway{
	"complete": serving,
	"inbound":  inbound,
	"scale-up": func() *v1alpha1.PortkeyGateway {
		gw := canary("ScaleUp", 0, "Canary 0% ScaleUp")
		gw.Status.Services[0].Running, gw.Status.Services[0].Pending = 4, 2
		return gw
	},
	"test-traffic":      func() *v1alpha1.PortkeyGateway { return canary("TestTrafficShift", 0, "Canary 0% TestTrafficShift") },
	"ten-percent":       func() *v1alpha1.PortkeyGateway { return canary("ProductionTrafficShift", 10, "Canary 10% Baking") },
	"awaiting-approval": awaiting,
	"awaiting-more": func() *v1alpha1.PortkeyGateway {
		gw := awaiting()
		r := gw.Status.Rollout
		r.Stage, r.Awaiting.Stage, r.TrafficPercent = "PreProductionTrafficShift", "PreProductionTrafficShift", ptr.To[int32](10)
		gw.Status.RolloutSummary = "Canary 10% AwaitingApproval"
		return gw
	},
	"rolling-back": func() *v1alpha1.PortkeyGateway {
		gw := rolledBack()
		gw.Status.History, gw.Status.RolloutSummary = gw.Status.History[1:], "RollingBack"
		return gw
	},
	"baking":      func() *v1alpha1.PortkeyGateway { return canary("BakeTime", 100, "Canary 100% Baking") },
	"rolled-back": rolledBack,
	"first-deployment": func() *v1alpha1.PortkeyGateway {
		gw := canary("", 0, "Canary Creating")
		gw.Generation, gw.Status.ObservedGeneration = 1, 1
		gw.Status.History, gw.Status.Tasks = nil, "0/3"
		r := gw.Status.Rollout
		r.FromRevision, r.FromImage, r.TrafficPercent, r.ToRevision, r.ToImage = "", "", nil, "portkey-gateway:1", oldImage
		gw.Status.Services = []v1alpha1.ServiceStatus{{Name: v1alpha1.ServiceGateway, Image: oldImage, Desired: 3, Pending: 3, TaskDefinition: "portkey-gateway:1"}}
		set(gw, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonCreating, "service/gateway: 0 of 3 tasks run", 9*time.Minute)
		set(gw, v1alpha1.ConditionAvailable, metav1.ConditionFalse, v1alpha1.ReasonNotServing, "no healthy task runs yet", 9*time.Minute)
		return gw
	},
	"paused": func() *v1alpha1.PortkeyGateway {
		gw := serving()
		gw.Spec.ManagementPolicy = v1alpha1.ManagementPaused
		for _, kind := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionAvailable, v1alpha1.ConditionRolloutHealthy} {
			set(gw, kind, metav1.ConditionUnknown, v1alpha1.ReasonPaused, "managementPolicy is Paused", 5*time.Hour)
		}
		return gw
	},
	"observe": func() *v1alpha1.PortkeyGateway {
		gw := serving()
		gw.Spec.ManagementPolicy = v1alpha1.ManagementObserve
		gw.Status.Plan = &v1alpha1.Plan{Summary: "1 to create, 1 to change, 0 to delete", Changes: []v1alpha1.PlannedChange{
			{Node: "task-definition/gateway", Kind: "TaskDefinition", Action: v1alpha1.PlanCreate},
			{Node: "service/gateway", Kind: "Service", Action: v1alpha1.PlanUpdate, Fields: []v1alpha1.FieldChange{{Path: "taskDefinition", Have: "portkey-gateway:12", Want: "(known later)"}}},
		}}
		set(gw, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonPlanPending, "1 to create, 1 to change, 0 to delete: see status.plan", time.Minute)
		return gw
	},
	"plan-awaiting-approval": func() *v1alpha1.PortkeyGateway {
		gw := serving()
		gw.Annotations = map[string]string{v1alpha1.AnnotationRequireApproval: "true"}
		gw.Status.Plan = dangerous.DeepCopy()
		gw.Status.Plan.Changes[2].Fields = gw.Status.Plan.Changes[2].Fields[:1]
		gw.Status.Plan.Problems = []string{"vpc/main: cidr can't be changed"}
		set(gw, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonPlanAwaitingApproval, gw.Status.Plan.Summary, time.Minute)
		return gw
	},
	"deleting": func() *v1alpha1.PortkeyGateway {
		gw := serving()
		gw.DeletionTimestamp, gw.Finalizers = agoPtr(6*time.Minute), []string{"ecs.portkey.ai/aws"}
		gw.Status.Services, gw.Status.Endpoints = nil, nil
		gw.Status.Resources = []v1alpha1.ResourceStatus{
			{Node: "service/gateway", Kind: "Service", Phase: v1alpha1.ResourceAbsent},
			{Node: "cluster/main", Kind: "Cluster", Phase: v1alpha1.ResourceReady},
			{Node: "load-balancer/main", Kind: "LoadBalancer", Phase: v1alpha1.ResourceDeleting, Why: "its network interfaces are being detached"},
		}
		set(gw, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonDeleting, "load-balancer/main: its network interfaces are being detached", 6*time.Minute)
		set(gw, v1alpha1.ConditionAvailable, metav1.ConditionFalse, v1alpha1.ReasonDeleting, "", 6*time.Minute)
		return gw
	},
	"names-by-hand": func() *v1alpha1.PortkeyGateway {
		gw := serving()
		gw.Status.DNSRecords = []v1alpha1.DNSRecord{
			{Name: "_0a1b2c3d.gateway.example.com", Type: "CNAME", Value: "_4e5f6a7b.jkddzztszm.acm-validations.aws", Purpose: v1alpha1.DNSRecordValidation},
			{Name: "gateway.example.com", Type: "CNAME", Value: "portkey-gateway-1234567890.us-east-1.elb.amazonaws.com", Purpose: v1alpha1.DNSRecordAddress},
		}
		set(gw, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonAwaitingDNSValidation, "42 of 48 objects ready; certificate/5f2c9a01: create these records, and leave them for its renewal: _0a1b2c3d.gateway.example.com CNAME _4e5f6a7b.jkddzztszm.acm-validations.aws", time.Hour)
		return gw
	},
	"new": func() *v1alpha1.PortkeyGateway {
		gw := serving()
		gw.Status = v1alpha1.PortkeyGatewayStatus{ObservedGeneration: -1}
		return gw
	},
	"rolling": func() *v1alpha1.PortkeyGateway {
		gw := canary("", 0, "Rolling")
		gw.Status.Rollout.Strategy, gw.Status.Rollout.TrafficPercent = v1alpha1.RolloutRolling, nil
		gw.Status.Services[0].Running, gw.Status.Services[0].Pending = 2, 1
		gw.Status.ObservedGeneration = 7
		return gw
	},
	"held": func() *v1alpha1.PortkeyGateway {
		gw := serving()
		gw.Status.Services[0].TaskDefinition = "portkey-gateway:10"
		gw.Annotations = map[string]string{v1alpha1.AnnotationRollback: "portkey-gateway:10@7", v1alpha1.AnnotationAbort: "nJ5vGq8KcQ2"}
		gw.Status.Actions = []v1alpha1.ActionStatus{
			{Name: "rollback", Value: "portkey-gateway:10@7", Result: v1alpha1.ActionDone, Message: "portkey-gateway:10 is deployed", At: agoPtr(time.Hour)},
			{Name: "promote", Value: "pause-1", Result: v1alpha1.ActionRefused, Message: "pause-1 isn't awaited", At: agoPtr(2 * time.Hour)},
			{Name: "retry", Value: "fT2mXe7RbW9", Result: v1alpha1.ActionDone, Message: "old news", At: agoPtr(48 * time.Hour)},
		}
		return gw
	},
}

var someEvents = []Event{
	{At: ago(4 * time.Minute), Type: corev1.EventTypeNormal, Reason: "Progressing", Message: "service/gateway: a new revision replaces the old one", Count: 1},
	{At: ago(12 * time.Minute), Type: corev1.EventTypeNormal, Reason: "Updated", Message: "service/gateway (taskDefinition)", Count: 1},
	{At: ago(45 * time.Minute), Type: corev1.EventTypeWarning, Reason: "DriftCorrected", Message: "security-group-rules/gateway: ingress; put right", Count: 3},
}

func page1(gw *v1alpha1.PortkeyGateway, colours bool) string {
	v := view(gw)
	v.Events = someEvents
	return pageOf(v, now, colours, func(verb string) string { return programName + " " + verb + " " + gw.Name + " -n prod" })
}

func TestPages(t *testing.T) {
	for name, make := range pages {
		t.Run(name, func(t *testing.T) {
			golden(t, filepath.Join("testdata", "pages", name+".txt"), page1(make(), false))
		})
	}
	files, err := filepath.Glob(filepath.Join("testdata", "pages", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if pages[strings.TrimSuffix(filepath.Base(f), ".txt")] == nil {
			t.Errorf("%s belongs to no page", f)
		}
	}
}

func golden(t *testing.T, path, have string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(have), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err, ": run go test ./internal/plugin -update")
	}
	if have != string(want) {
		t.Errorf("%s differs: have\n%s\nwant\n%s", path, have, want)
	}
}

func TestColoursAreWordsInPaint(t *testing.T) {
	for name, make := range pages {
		painted, bare := page1(make(), true), page1(make(), false)
		if !strings.Contains(painted, "\x1b[") {
			t.Errorf("%s has no colours", name)
		}
		for _, c := range []colour{bold, dim, red, green, yellow, "0"} {
			painted = strings.ReplaceAll(painted, "\x1b["+string(c)+"m", "")
		}
		if trimmed := trimLines(painted); trimmed != trimLines(bare) {
			t.Errorf("%s: have\n%s\nwant\n%s", name, trimmed, bare)
		}
	}
}

func trimLines(s string) string {
	var out []string
	for l := range strings.SplitSeq(s, "\n") {
		out = append(out, strings.TrimRight(l, " "))
	}
	return strings.Join(out, "\n")
}

func TestClocksMayDiffer(t *testing.T) {
	gw := awaiting()
	gw.Status.Rollout.StartedAt, gw.Status.Rollout.Awaiting.Since = agoPtr(-time.Hour), agoPtr(-time.Hour)
	gw.Status.Rollout.Awaiting.Until = agoPtr(time.Minute)
	gw.Status.History[0].FinishedAt = agoPtr(-time.Hour)
	set(gw, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonProgressing, "", -time.Hour)
	text := page1(gw, false) + historyPage(historyOf(gw), now, false, "")
	for _, want := range []string{"Progressing, for 0s", "started   2026-11-26 13:00:00 UTC\n", "since 2026-11-26 13:00:00 UTC\n", "(now), then it is rolled back"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(text, "<invalid>") {
		t.Error(text)
	}
}

func TestBarNeverRoundsToAllOrNothing(t *testing.T) {
	for percent := range int32(101) {
		full, empty := bar(percent, barWidth)
		f, e := len([]rune(full)), len([]rune(empty))
		if f+e != barWidth || (f == 0) != (percent == 0) || (e == 0) != (percent == 100) {
			t.Errorf("%d %%: %d full, %d empty", percent, f, e)
		}
	}
}

func TestWhatOthersWriteDoesNotSteerTheTerminal(t *testing.T) {
	gw := rolledBack()
	evil := "a\x1b[2Jb\r\nc\u202ed\a"
	gw.Status.Rollout.Reason, gw.Status.Rollout.ToImage, gw.Status.RolloutSummary = evil, evil, evil
	gw.Status.History[0].Reason = evil
	set(gw, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonRolledBack, evil, 0)
	v := view(gw)
	v.Events = []Event{{Type: evil, Reason: evil, Message: evil}}
	text := pageOf(v, now, false, func(string) string { return "" }) + historyPage(historyOf(gw), now, false, "")
	for _, r := range text {
		if r < ' ' && r != '\n' || r == '\u202e' {
			t.Fatalf("%U is printed:\n%q", r, text)
		}
	}
}
