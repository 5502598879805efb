package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	emuec2 "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

// privately has the tasks reach the control plane by AWS PrivateLink.
func privately(s *spec) { out(v1alpha1.Outbound{Type: v1alpha1.OutboundPrivateLink})(s) }

// out sets the way to the control plane.
func out(o v1alpha1.Outbound) func(*spec) {
	return func(s *spec) {
		if s.ControlPlane == nil {
			s.ControlPlane = &v1alpha1.ControlPlane{}
		}
		s.ControlPlane.Outbound = &o
	}
}

// unasked has Portkey let endpoints in without being asked first.
func unasked(h *harness.Harness) {
	changeService(h, emuec2.ServiceChange{AcceptanceRequired: sdk.Bool(false)})
}

// otherControlPlane is an endpoint service beside Portkey's own, and lets endpoints in without being asked.
func otherControlPlane(h *harness.Harness) string {
	const id = "vpce-svc-0123456789abcdef0"
	locked(h, func() {
		h.Emulator.EC2.AddEndpointService(core.Scope{Account: emulator.PortkeyAccount, Region: "us-east-1"}, emuec2.GivenService{
			ID: id, PrivateDNSName: "cp.example.com", ZoneIDs: []string{"use1-az1", "use1-az2"}, Principals: []string{"*"},
		})
	})
	return "com.amazonaws.vpce.us-east-1." + id
}

func changeService(h *harness.Harness, c emuec2.ServiceChange) {
	if err := h.Emulator.ChangeEndpointService("", c); err != nil {
		panic(err)
	}
}

func decided(t *testing.T, h *harness.Harness, how string) {
	t.Helper()
	if err := h.Emulator.AnswerEndpoint("", "", how); err != nil {
		t.Fatal(err)
	}
}

// condition is a condition's status and reason, as True/Reconciled.
func conditionOf(h *harness.Harness, key types.NamespacedName, name string) (is, message string) {
	c := meta.FindStatusCondition(h.Get(key).Status.Conditions, name)
	if c == nil {
		return "", ""
	}
	return string(c.Status) + "/" + c.Reason, c.Message
}

// awaits runs the operator until only Portkey has something left to do.
func awaits(t *testing.T, h *harness.Harness, key types.NamespacedName) {
	t.Helper()
	if err := h.Until(key, creation, "waiting for acceptance", func(gw *v1alpha1.PortkeyGateway) bool {
		c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionReady)
		return c != nil && c.Reason == v1alpha1.ReasonAwaitingAcceptance && c.ObservedGeneration == gw.Generation
	}); err != nil {
		t.Fatal(err)
	}
}

// toldOf are the addresses of the control plane in the environment of a service's running tasks, sorted; the tasks of
// one service mustn't differ.
func toldOf(t *testing.T, h *harness.Harness, service string) string {
	t.Helper()
	all := h.Emulator.Server.Resources(true)
	var is []string
	for _, task := range runningTasks(all, "service/"+service) {
		is = append(is, strings.Join(addresses(all, task), " "))
	}
	slices.Sort(is)
	if is = slices.Compact(is); len(is) != 1 {
		t.Fatalf("tasks of %s are told %q", service, is)
	}
	return is[0]
}

func addresses(all []core.Resource, task core.Resource) []string {
	i := slices.IndexFunc(all, func(r core.Resource) bool {
		return r.Kind == "TaskDefinition" && r.ARN == task.Settings["taskDefinition"]
	})
	var out []string
	for _, e := range all[i].Settings["containerDefinitions"].([]any)[0].(map[string]any)["environment"].([]any) {
		name, value := fmt.Sprint(e.(map[string]any)["name"]), fmt.Sprint(e.(map[string]any)["value"])
		if strings.Contains(value, "aws-cp.portkey.ai") || strings.Contains(value, "cp.example.com") || strings.Contains(value, "albus.portkey.ai") {
			out = append(out, name+"="+value)
		}
	}
	slices.Sort(out)
	return out
}

const (
	private = "ALBUS_BASEPATH=https://aws-cp.portkey.ai/albus CONFIG_READER_PATH=https://aws-cp.portkey.ai/api/model-configs " +
		"CONTROL_PLANE_BASEPATH=https://aws-cp.portkey.ai/api/v1 SOURCE_SYNC_API_BASEPATH=https://aws-cp.portkey.ai/api/v1/sync"
	privateData = "ALBUS_BASEPATH=https://aws-cp.portkey.ai/albus ALBUS_ENDPOINT=https://aws-cp.portkey.ai/albus CONFIG_READER_PATH=https://aws-cp.portkey.ai/api/model-configs " +
		"CONTROL_PLANE_BASEPATH=https://aws-cp.portkey.ai/api/v1 SOURCE_SYNC_API_BASEPATH=https://aws-cp.portkey.ai/api/v1/sync"
	publicData = "ALBUS_ENDPOINT=https://albus.portkey.ai"
)

// endpoint is the deployment's endpoint; false when there is none, or one that goes.
func endpoint(h *harness.Harness) (core.Resource, bool) {
	return nodeOf(h.Emulator.Server.Resources(false), "vpc-endpoint/control-plane")
}

// TestOutboundPrivateLink takes a deployment from the internet to PrivateLink and back: everything works while Portkey
// takes three days to accept the endpoint, the tasks are told of it when its name works, and it goes when no task is
// told of it any more.
func TestOutboundPrivateLink(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	before := harness.New().Emulator.Server.Resources(false)
	h, key := begun(t, set(func(s *spec) { s.DataService, s.SyncInterval = &v1alpha1.DataService{}, seconds(4*3600) }))
	s := watch(h, key)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { privately(&gw.Spec) })
	awaits(t, h, key)

	id := func() string { e, _ := endpoint(h); return e.ID }()
	is, message := conditionOf(h, key, v1alpha1.ConditionControlPlaneReady)
	if is != "False/AwaitingAcceptance" {
		t.Errorf("ControlPlaneReady is %s: %s", is, message)
	}
	for _, part := range []string{"please accept the VPC endpoint " + id, "account " + emulator.Account, "us-east-1", emulator.ControlPlaneService} {
		if !strings.Contains(message, part) {
			t.Errorf("the message doesn't say %q: %s", part, message)
		}
	}
	if is, _ := conditionOf(h, key, v1alpha1.ConditionReconciling); is != "True/AwaitingAcceptance" {
		t.Errorf("Reconciling is %s", is)
	}
	if is, _ := conditionOf(h, key, v1alpha1.ConditionInSync); !strings.HasPrefix(is, "True/") {
		t.Errorf("InSync is %s", is)
	}
	if got := toldOf(t, h, "gateway"); got != "" {
		t.Errorf("before it is accepted, the gateway is told %s", got)
	}
	if got := toldOf(t, h, "data-service"); got != publicData {
		t.Errorf("before it is accepted, the data service is told %s", got)
	}
	plansTo(t, h, key, "0 to create, 0 to change, 0 to delete")
	awaits(t, h, key)

	m := mark(h)
	for end := h.Clock.Now().Add(72 * time.Hour); h.Clock.Now().Before(end); {
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
		if meta.IsStatusConditionTrue(h.Get(key).Status.Conditions, v1alpha1.ConditionStalled) {
			t.Fatalf("patience ended:\n%s", harness.Story(h.Get(key)))
		}
	}
	calls := since(h, m)
	if got := mutations(calls); len(got) > 0 {
		t.Errorf("while it waits, AWS is changed: %v", got)
	}
	looks := 0
	for _, c := range calls {
		if c.Action == "DescribeVpcEndpoints" {
			looks++
		}
	}
	if looks < 72 || looks > 72*5 || len(calls) > 72*5+18*45 { // four an hour, and a full look every four hours
		t.Errorf("three days of waiting took %d calls, and %d looks at the endpoint:\n%s", len(calls), looks, actions(calls))
	}

	decided(t, h, emuec2.AcceptEndpoint)
	ready(t, h, key)
	if got := toldOf(t, h, "gateway"); got != private {
		t.Errorf("the gateway is told %s", got)
	}
	if got := toldOf(t, h, "data-service"); got != privateData {
		t.Errorf("the data service is told %s", got)
	}
	e, _ := endpoint(h)
	if e.ID != id || e.State != "available" || e.Settings["privateDnsEnabled"] != true || len(e.Settings["subnetIdSet"].([]any)) != 2 {
		t.Errorf("the endpoint is %s, %+v", e.State, e.Settings)
	}
	if o := h.Get(key).Status.Outputs.ControlPlaneEndpoint; o == nil || o.ID != id || !slices.Contains(o.DNSNames, "aws-cp.portkey.ai") {
		t.Errorf("outputs: %+v", o)
	}
	if !reaches(h, e) {
		t.Error("the tasks don't get through the endpoint's security group")
	}
	settle(t, h, key)
	quiet(t, h, key)
	unplanned(t, h, key)

	loseStatus(t, h, key)
	m = mark(h)
	ready(t, h, key)
	if got := mutations(since(h, m)); len(got) > 0 {
		t.Errorf("after status was lost, AWS is changed: %v", got)
	}

	left := false
	look := h.Watch
	h.Watch = func() {
		look()
		if _, there := endpoint(h); !there && !left {
			left = true
		}
		if e, there := endpoint(h); there && e.State == "deleting" {
			all := h.Emulator.Server.Resources(true)
			for _, service := range []string{"gateway", "data-service"} {
				for _, task := range runningTasks(all, "service/"+service) {
					if got := strings.Join(addresses(all, task), " "); strings.Contains(got, "aws-cp") {
						t.Fatalf("the endpoint goes while a task of %s is told %s", service, got)
					}
				}
			}
		}
	}
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ControlPlane = nil })
	ready(t, h, key)
	if !left || toldOf(t, h, "gateway") != "" || toldOf(t, h, "data-service") != publicData {
		t.Errorf("back on the internet: endpoint gone %t, told %s and %s", left, toldOf(t, h, "gateway"), toldOf(t, h, "data-service"))
	}
	if is, _ := conditionOf(h, key, v1alpha1.ConditionControlPlaneReady); is != "True/NotNeeded" {
		t.Errorf("ControlPlaneReady is %s", is)
	}
	if o := h.Get(key).Status.Outputs.ControlPlaneEndpoint; o != nil {
		t.Errorf("outputs: %+v", o)
	}
	settle(t, h, key)
	quiet(t, h, key)
	s.stop()
	for _, b := range s.broke {
		t.Errorf("clients weren't served at %s", b)
	}
	h.Delete(key)
	gone(t, h, key, before)
}

// reaches reports whether a gateway task gets through to each network interface of the endpoint.
func reaches(h *harness.Harness, e core.Resource) bool {
	w := h.Emulator.World
	w.Lock()
	defer w.Unlock()
	scope := core.Scope{Account: emulator.Account, Region: e.Region}
	for _, task := range runningTasks(w.Resources(false), "service/gateway") {
		for _, eni := range e.Settings["networkInterfaceIdSet"].([]any) {
			if !h.Emulator.EC2.Reachable(scope, fmt.Sprint(task.Settings["networkInterface"]), fmt.Sprint(eni), 443) {
				return false
			}
		}
	}
	return true
}

// plansTo looks at the plan of the present spec, and goes back to doing it.
func plansTo(t *testing.T, h *harness.Harness, key types.NamespacedName, summary string) {
	t.Helper()
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ManagementPolicy = v1alpha1.ManagementObserve })
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	if p := h.Get(key).Status.Plan; p == nil || p.Summary != summary {
		t.Errorf("plan: %+v", p)
	}
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ManagementPolicy = v1alpha1.ManagementReconcile })
}

// TestOutboundFromTheBeginning makes a deployment with PrivateLink: it is made and serves before anybody accepts
// anything, plans say what will come, and a deletion in the middle of the wait leaves nothing.
func TestOutboundFromTheBeginning(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	for _, accepted := range []bool{true, false} {
		h := harness.New()
		before := h.Emulator.Server.Resources(false)
		gw := h.Minimal("gw")
		privately(&gw.Spec)
		key := h.Create(gw)
		awaits(t, h, key)
		if err := h.Until(key, creation, "Available", func(gw *v1alpha1.PortkeyGateway) bool {
			return meta.IsStatusConditionTrue(gw.Status.Conditions, v1alpha1.ConditionAvailable) && gw.Status.LastSyncTime != nil
		}); err != nil {
			t.Fatal(err)
		}
		if accepted {
			decided(t, h, emuec2.AcceptEndpoint)
			if err := h.Catch(key, time.Hour, "the private name", func() bool {
				e, _ := endpoint(h)
				return e.Settings["privateDnsEnabled"] == true
			}); err != nil {
				t.Fatal(err)
			}
			plansTo(t, h, key, "0 to create, 2 to change, 0 to delete")
			if p := h.Get(key).Status.Plan; p == nil || len(p.Changes) != 2 || p.Changes[0].Node != "service/gateway" || p.Changes[1].Node != "task-definition/gateway" {
				t.Errorf("plan: %+v", p)
			}
			ready(t, h, key)
		}
		h.Delete(key)
		gone(t, h, key, before)
	}
}

// TestOutboundInAGivenNetwork puts the endpoint into somebody else's subnets, of a zone that the service is in.
func TestOutboundInAGivenNetwork(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h := shared(t)
	unasked(h)
	changeService(h, emuec2.ServiceChange{ZoneIDs: []string{"use1-az2"}})
	before := h.Emulator.Server.Resources(false)
	gw := h.Minimal("gw")
	inExisting(&gw.Spec)
	privately(&gw.Spec)
	key := h.Create(gw)
	ready(t, h, key)
	e, _ := endpoint(h)
	if got := fmt.Sprint(e.Settings["subnetIdSet"]); got != "["+emulator.ExistingNetwork.PrivateSubnetIDs[1]+"]" {
		t.Errorf("the endpoint is in %s", got)
	}
	// Another zone of the service is taken when it is known.
	changeService(h, emuec2.ServiceChange{ZoneIDs: []string{"use1-az1", "use1-az2"}})
	h.AdvanceTo(h.Clock.Now().Add(70 * time.Minute))
	if err := h.Until(key, 2*time.Hour, "both zones", func(gw *v1alpha1.PortkeyGateway) bool {
		e, _ := endpoint(h)
		return len(e.Settings["subnetIdSet"].([]any)) == 2 && harness.Ready(gw)
	}); err != nil {
		t.Fatal(err)
	}
	h.Delete(key)
	gone(t, h, key, before)
}

// TestOutboundAcrossRegions connects from a region that the service supports to that which it lies in, and is refused
// from one that it doesn't.
func TestOutboundAcrossRegions(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h := harness.New()
	unasked(h)
	seeded := h.Emulator.Seed("eu-west-1")
	in := func(region string) *v1alpha1.PortkeyGateway {
		gw := h.Minimal("gw")
		gw.Spec.Region = region
		gw.Spec.Credentials.License.SecretARN, gw.Spec.Credentials.Registry.SecretARN = seeded.LicenseSecret, seeded.RegistrySecret
		gw.Spec.Storage.Region = "us-east-1"
		privately(&gw.Spec)
		return gw
	}
	changeService(h, emuec2.ServiceChange{Regions: []string{"us-west-2"}})
	before := h.Emulator.Server.Resources(false)
	m := mark(h)
	key := h.Create(in("eu-west-1"))
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	if got := mutations(since(h, m)); len(got) > 0 {
		t.Errorf("written: %v", got)
	}
	isRefused(t, h.Get(key), v1alpha1.ReasonEndpointServiceUnusable, []string{"can't be reached from eu-west-1. Send Portkey: please add the Region eu-west-1"})
	changeService(h, emuec2.ServiceChange{Regions: []string{"eu-west-1"}})
	ready(t, h, key)
	e, _ := endpoint(h)
	if e.Region != "eu-west-1" || e.Settings["serviceRegion"] != "us-east-1" {
		t.Errorf("the endpoint: %s %+v", e.Region, e.Settings)
	}
	if got := toldOf(t, h, "gateway"); got != private {
		t.Errorf("the gateway is told %s", got)
	}
	h.Delete(key)
	gone(t, h, key, before)
}
