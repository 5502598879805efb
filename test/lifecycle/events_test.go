package lifecycle

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/awsevents"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

const (
	// eventDelay is how long CloudTrail's events are under way in these tests, and promptly how soon after its event
	// something is put right.
	eventDelay = 30 * time.Second
	promptly   = 5 * time.Second
	// lookGap is the shortest time between two looks for events.
	lookGap = 30 * time.Second
)

// listeningSite is newSite with a manager that listens, and that otherwise compares once a day.
func listeningSite(t *testing.T, build func(*testing.T) *site) *site {
	t.Helper()
	s := build(t)
	s.h.Edit(s.key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.SyncInterval = &metav1.Duration{Duration: 24 * time.Hour} })
	s.h.Emulator.SetTrailDelay(eventDelay)
	s.h.Listen()
	settled(t, s.h, s.key)
	settle(t, s.h, s.key)
	s.calm(t)
	return s
}

// calm lets what was heard be looked at, until nothing is due for longer than an event makes it.
func (s *site) calm(t *testing.T) {
	t.Helper()
	for end := s.h.Clock.Now().Add(10 * time.Minute); s.h.Clock.Now().Before(end); {
		s.pass(t, time.Minute)
	}
}

// pass lets time pass with a manager that works whenever it is due.
func (s *site) pass(t *testing.T, d time.Duration) {
	t.Helper()
	if err := s.h.Pass(s.key, d); err != nil {
		t.Fatal(err)
	}
}

// full counts comparisons with everything since a mark: only they list what the gateway owns.
func full(calls []core.CallRecord) int {
	n := 0
	for _, c := range calls {
		if c.Service == "ec2" && c.Action == "DescribeVpcs" {
			n++
		}
	}
	return n
}

// openDoor lets the world into the gateway's security group.
func openDoor(t *testing.T, s *site) {
	t.Helper()
	if _, err := s.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: sdk.String(s.id("security-group/gateway")), IpPermissions: []ec2types.IpPermission{
		{IpProtocol: sdk.String("tcp"), FromPort: sdk.Int32(22), ToPort: sdk.Int32(22), IpRanges: []ec2types.IpRange{{CidrIp: sdk.String("0.0.0.0/0")}}},
	}}); err != nil {
		t.Fatal(err)
	}
}

// TestEventsBringRepairsForward: what somebody changes is put right seconds after its event, and told with whose
// change it was; without a queue it lasts until the sync.
func TestEventsBringRepairsForward(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why    string
		listen bool
		within time.Duration
		by     string
	}{
		{"with events", true, eventDelay + promptly, ", changed by arn:aws:iam::123456789012:user/admin with AuthorizeSecurityGroupIngress at "},
		{"without", false, syncs, "security-group-rules/gateway differed in"},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			var s *site
			if c.listen {
				s = listeningSite(t, newSite)
			} else {
				s = newSite(t)
			}
			before := picture(s.h)
			openDoor(t, s)
			at := s.h.Clock.Now()
			for changed(before, picture(s.h)) != "" {
				if s.h.Clock.Now().Sub(at) > 25*time.Hour {
					t.Fatal("it is never put right")
				}
				if err := s.h.Step(s.key); err != nil {
					t.Fatal(err)
				}
			}
			took := s.h.Clock.Now().Sub(at)
			if took > c.within || !c.listen && took < time.Minute {
				t.Errorf("put right after %s, want %s", took, c.within)
			}
			last := meta.FindStatusCondition(s.h.Get(s.key).Status.Conditions, v1alpha1.ConditionInSync)
			if last.Reason != v1alpha1.ReasonDriftCorrected || !strings.Contains(last.Message, c.by) {
				t.Errorf("InSync says %q, want %q", last.Message, c.by)
			}
			if e := s.h.Events.Events[len(s.h.Events.Events)-1]; !strings.HasPrefix(e, "Warning DriftCorrected ") || !strings.Contains(e, c.by) {
				t.Errorf("the event says %q, want %q", e, c.by)
			}
		})
	}
}

// heardKinds are the kinds of the minimal deployment that the shipped rules tell of.
var heardKinds = []string{
	"VPC", "VPCDefaults", "Subnet", "RouteTable", "SecurityGroup", "SecurityGroupRules", "InternetGateway", "NATGateway", "ElasticIP", "LaunchTemplate", "Role", "InstanceProfile",
	"Cluster", "ClusterCapacity", "CapacityProvider", "Service", "AutoScalingGroup", "GroupCapacity", "LoadBalancer", "Listener", "TargetGroup",
}

// heardSample is how many edits share one that TestEveryEditIsHeard makes; all were made when this was written.
const heardSample = 16

// TestEveryEditIsHeard makes edits of EditsByHand and DeletionsByHand that the rules tell of, and has each put right
// by its event alone: that tells whose edit it was.
func TestEveryEditIsHeard(t *testing.T) {
	t.Parallel()
	i := 0
	var s *site
	for n, table := range []map[string][]edit{edits, removals} {
		for _, r := range newSite(t).resources() {
			for _, e := range rowsOf(table, r) {
				if e.refused != "" || e.delegated || !slices.Contains(heardKinds, r.Kind) {
					continue
				}
				if i++; i%heardSample != 0 || !harness.Sample(i/heardSample) {
					continue
				}
				t.Run(r.Node+" "+e.what, func(t *testing.T) {
					if s == nil || n > 0 { // what is deleted may leave traces that AWS minds
						s = listeningSite(t, newSite)
					}
					if !hearsOf(t, s, r.Node, e) {
						s = nil
					}
				})
			}
		}
	}
}

// hearsOf makes an edit, and reports whether the deployment is whole again for the next.
func hearsOf(t *testing.T, s *site, node string, e edit) bool {
	before, told := picture(s.h), len(s.h.Events.Events)
	if err := e.do(t.Context(), s, s.node(node)); err != nil {
		t.Fatalf("at the console: %v", err)
	}
	if len(changed(before, picture(s.h))) == 0 {
		t.Fatal("the edit doesn't show in AWS")
	}
	says := func() bool {
		return slices.ContainsFunc(s.h.Events.Events[told:], func(e string) bool {
			return strings.HasPrefix(e, "Warning DriftCorrected ") && strings.Contains(e, node+" ") && strings.Contains(e, "changed by arn:aws:iam::123456789012:user/admin with ")
		})
	}
	for end := s.h.Clock.Now().Add(eventDelay + lookGap + promptly); !says() && s.h.Clock.Now().Before(end); {
		if err := s.h.Step(s.key); err != nil {
			t.Fatal(err)
		}
	}
	if !says() {
		t.Errorf("nobody tells who changed %s:\n%s\noutcomes %v", node, strings.Join(s.h.Events.Events[told:], "\n"), s.h.Outcomes())
		return false
	}
	settled(t, s.h, s.key)
	s.calm(t)
	return e.history == "" && changed(before, picture(s.h)) == ""
}

// TestOwnCallsAreNotNews: neither creation nor a rollout nor idle time makes the manager look for what it did
// itself. Only what ECS tells of services is looked at, and costs but their reads.
func TestOwnCallsAreNotNews(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	s := listeningSite(t, newSite)
	s.h.Edit(s.key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Tags["team"] = "platform" }) // touches every object
	settled(t, s.h, s.key)
	m := mark(s.h)
	s.calm(t)
	if n := full(since(s.h, m)); n > 0 {
		t.Errorf("%d full comparisons for the manager's own doing", n)
	}
	if o := s.h.Outcomes(); o[awsevents.Own] < 20 || o[awsevents.Malformed] > 0 {
		t.Errorf("outcomes are %v", o)
	}
	m = mark(s.h)
	s.pass(t, 6*time.Hour)
	if calls := reads(since(s.h, m)); len(calls) > 0 {
		t.Errorf("six idle hours cost %v", calls)
	}
}

// reads are the calls that aren't of the queue.
func reads(calls []core.CallRecord) []string {
	var out []string
	for _, c := range calls {
		if c.Service != "sqs" {
			out = append(out, c.Service+":"+c.Action)
		}
	}
	return out
}

// TestANewManagerHears: a manager that starts knows the gateways by their status, and takes over the queue.
func TestANewManagerHears(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	s := listeningSite(t, newSite)
	s.h.Restart()
	s.pass(t, time.Minute)
	before := picture(s.h)
	openDoor(t, s)
	s.pass(t, eventDelay+lookGap+promptly)
	if d := changed(before, picture(s.h)); d != "" {
		t.Errorf("not put right:\n%s", d)
	}
}

// TestObserveSeesDriftSoon: with managementPolicy Observe an event brings the plan up to date, and changes nothing.
func TestObserveSeesDriftSoon(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	s := listeningSite(t, newSite)
	s.h.Edit(s.key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ManagementPolicy = v1alpha1.ManagementObserve })
	s.pass(t, 2*time.Minute)
	openDoor(t, s)
	m := mark(s.h)
	s.pass(t, eventDelay+lookGap+promptly)
	c := meta.FindStatusCondition(s.h.Get(s.key).Status.Conditions, v1alpha1.ConditionInSync)
	if c.Status != metav1.ConditionFalse || c.Reason != v1alpha1.ReasonPlanPending {
		t.Errorf("InSync is %s %s: %s", c.Status, c.Reason, c.Message)
	}
	for _, call := range since(s.h, m) {
		if !call.ReadOnly() && call.Service != "sqs" {
			t.Errorf("Observe made %s:%s", call.Service, call.Action)
		}
	}
}

// TestEveryGatewayHearsItsOwn: of two gateways in an account only the one that is meddled with is looked at.
func TestEveryGatewayHearsItsOwn(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	s := listeningSite(t, newSite)
	other := s.h.Create(s.h.Minimal("other"))
	settled(t, s.h, other)
	for range 6 {
		if err := s.h.Pass(other, 5*time.Minute); err != nil {
			t.Fatal(err)
		}
		s.pass(t, time.Minute)
	}
	reconciled := s.h.Due(other)
	openDoor(t, s)
	s.pass(t, eventDelay+promptly)
	if s.h.Due(other).Before(reconciled) {
		t.Error("the other gateway is due because of it")
	}
	if got := full(since(s.h, 0)); got == 0 {
		t.Error("the gateway itself wasn't looked at")
	}
}

// TestADeploymentThatFailsIsToldAtOnce: ECS's own events bring the look at a service forward, and cost its reads
// alone.
func TestADeploymentThatFailsIsToldAtOnce(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	s := listeningSite(t, newSite)
	s.h.Edit(s.key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Gateway = &v1alpha1.Gateway{Image: &v1alpha1.Image{Tag: "2.17.0-broken-crash-30s"}}
	})
	scope := core.Scope{Account: emulator.Account, Region: "us-east-1"}
	failed := func() bool {
		var all []string
		locked(s.h, func() {
			for _, d := range s.h.Emulator.ECS.Deployments(scope, s.name("cluster/main"), s.name("service/gateway")) {
				all = append(all, d.Status)
			}
		})
		return strings.HasPrefix(all[len(all)-1], "ROLLBACK")
	}
	await := func(what string, most time.Duration, done func() bool) {
		t.Helper()
		for end := s.h.Clock.Now().Add(most); !done(); s.pass(t, time.Second) {
			if s.h.Clock.Now().After(end) {
				t.Fatalf("%s: not within %s\n%s", what, most, harness.Story(s.h.Get(s.key)))
			}
		}
	}
	await("ECS gives up", time.Hour, failed)
	m := mark(s.h)
	await("it is told", lookGap+promptly, func() bool {
		return meta.IsStatusConditionFalse(s.h.Get(s.key).Status.Conditions, v1alpha1.ConditionRolloutHealthy)
	})
	for _, c := range since(s.h, m) {
		if c.Service != "ecs" && c.Service != "sqs" && c.Service != "elasticloadbalancing" {
			t.Errorf("a look at a service calls %s:%s", c.Service, c.Action)
		}
	}
}

// tell puts a message into the event queue, as EventBridge would.
func (s *site) tell(t *testing.T, body any) {
	t.Helper()
	text, ok := body.(string)
	if !ok {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	s.h.Emulator.World.Lock()
	defer s.h.Emulator.World.Unlock()
	if !s.h.Emulator.SQS.Send("arn:aws:sqs:us-east-1:"+emulator.Account+":portkey-ecs-operator-events", "AIDATEST", text) {
		t.Fatal("there is no queue")
	}
}

// forged is an event of a call that never was.
func forged(user, call, service string, at time.Time, parameters map[string]any) map[string]any {
	return map[string]any{
		"version": "0", "detail-type": "AWS API Call via CloudTrail", "source": "aws." + service, "account": emulator.Account, "region": "us-east-1", "time": at.UTC().Format(time.RFC3339),
		"detail": map[string]any{
			"eventName": call, "eventTime": at.UTC().Format(time.RFC3339), "requestParameters": parameters, "userAgent": "console.amazonaws.com",
			"userIdentity": map[string]any{"type": "IAMUser", "arn": "arn:aws:iam::" + emulator.Account + ":user/" + user},
		},
	}
}
