package lifecycle

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
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

// TestStormsAreBounded: however many events there are, repeated and in any order, a gateway is compared at most
// once in thirty seconds, and in the end is as it should be.
func TestStormsAreBounded(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	s := listeningSite(t, newSite)
	rng := rand.New(rand.NewPCG(1, 1))
	s.h.Emulator.World.Lock()
	s.h.Emulator.Events.Delay = func() time.Duration { return time.Duration(rng.Int64N(int64(90 * time.Second))) }
	s.h.Emulator.World.Unlock()
	before := picture(s.h)
	m, begin := mark(s.h), s.h.Clock.Now()
	vpc := s.id("vpc/main")
	for i := range 300 {
		if _, err := s.ec2.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{vpc}, Tags: []ec2types.Tag{{Key: sdk.String("team"), Value: sdk.String(fmt.Sprint(i))}}}); err != nil {
			t.Fatal(err)
		}
		s.pass(t, time.Second)
	}
	s.pass(t, 5*time.Minute)
	took := s.h.Clock.Now().Sub(begin)
	calls := since(s.h, m)
	if n, most := full(calls), int(took/lookGap)+1; n > most || n < 5 {
		t.Errorf("%d full comparisons in %s, want at most %d", n, took, most)
	}
	if o := s.h.Outcomes(); o[awsevents.Acted] < 300 {
		t.Errorf("outcomes are %v", o)
	}
	if d := changed(before, picture(s.h)); d != "" {
		t.Errorf("AWS isn't as it was:\n%s", d)
	}
}

// TestMessagesThatComeAgain: an event that is delivered twice, or later than a newer one, changes nothing, and the
// newest change is the one that is told.
func TestMessagesThatComeAgain(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	s := listeningSite(t, newSite)
	group := s.id("security-group/gateway")
	now := s.h.Clock.Now()
	openDoor(t, s)
	for _, e := range []struct {
		who string
		at  time.Time
	}{{"bob", now.Add(-time.Minute)}, {"carol", now.Add(time.Second)}, {"dave", now.Add(-2 * time.Minute)}, {"carol", now.Add(time.Second)}} {
		s.tell(t, forged(e.who, "AuthorizeSecurityGroupIngress", "ec2", e.at, map[string]any{"groupId": group}))
	}
	told := len(s.h.Events.Events)
	s.pass(t, 5*time.Minute)
	var drifts []string
	for _, e := range s.h.Events.Events[told:] {
		if strings.Contains(e, "DriftCorrected") {
			drifts = append(drifts, e)
		}
	}
	if len(drifts) != 1 || !strings.Contains(drifts[0], "user/carol with AuthorizeSecurityGroupIngress") {
		t.Errorf("told: %v", drifts)
	}
	m := mark(s.h)
	s.pass(t, 5*time.Minute)
	if calls := reads(since(s.h, m)); len(calls) > 0 {
		t.Errorf("and then: %v", calls)
	}
}

// TestTellsLaterWhoItWas: what was put right before CloudTrail told of it is told of once more.
func TestTellsLaterWhoItWas(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	s := listeningSite(t, newSite)
	s.h.Emulator.SetTrailDelay(4 * time.Minute)
	openDoor(t, s)
	s.h.Annotate(s.key, "reconcile.fluxcd.io/requestedAt", "now")
	s.pass(t, time.Minute)
	says := func() string {
		return meta.FindStatusCondition(s.h.Get(s.key).Status.Conditions, v1alpha1.ConditionInSync).Message
	}
	if m := says(); !strings.HasPrefix(m, "security-group-rules/gateway differed in") || strings.Contains(m, "changed by") {
		t.Fatalf("InSync says %q", m)
	}
	m := mark(s.h)
	s.pass(t, 5*time.Minute)
	const who = "security-group-rules/gateway was changed by arn:aws:iam::123456789012:user/admin with AuthorizeSecurityGroupIngress at "
	if m := says(); !strings.Contains(m, who) {
		t.Errorf("InSync says %q, want %q", m, who)
	}
	if e := s.h.Events.Events[len(s.h.Events.Events)-1]; !strings.Contains(e, "what was put right of security-group-rules/gateway had been changed by arn:aws:iam::123456789012:user/admin") {
		t.Errorf("the last event is %q", e)
	}
	if n := full(since(s.h, m)); n > 1 {
		t.Errorf("%d full comparisons for it", n)
	}
}

// TestNoMessageComesBack: whatever is in the queue is taken out of it once.
func TestNoMessageComesBack(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	s := listeningSite(t, newSite)
	group := s.id("security-group/gateway")
	refused := forged("bob", "DeleteSecurityGroup", "ec2", s.h.Clock.Now(), map[string]any{"groupId": group})
	refused["detail"].(map[string]any)["errorCode"] = "DependencyViolation"
	byAWS := forged("", "SetInstanceProtection", "autoscaling", s.h.Clock.Now(), map[string]any{"autoScalingGroupName": s.id("auto-scaling-group/main")})
	byAWS["detail"].(map[string]any)["userIdentity"] = map[string]any{"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForECS/ecs-service-scheduler"}
	elsewhere := forged("bob", "DeleteSecurityGroup", "ec2", s.h.Clock.Now(), map[string]any{"groupId": group})
	elsewhere["account"] = "210987654321"
	before := s.h.Outcomes()
	was := map[awsevents.Outcome]int{}
	for k, v := range before {
		was[k] = v
	}
	m := mark(s.h)
	for _, body := range []any{
		"not JSON {", "", 42, []any{}, map[string]any{"Type": "Notification", "Message": "{}"}, map[string]any{"account": "123456789012", "detail-type": "EC2 Spot Instance Interruption Warning"},
		map[string]any{"account": "123456789012", "detail-type": "AWS API Call via CloudTrail", "detail": "text"}, refused, byAWS, elsewhere,
		forged("bob", "CreateVpc", "ec2", s.h.Clock.Now(), map[string]any{"cidrBlock": "10.9.0.0/16"}),
	} {
		s.tell(t, body)
	}
	s.pass(t, 5*time.Minute)
	for outcome, want := range map[awsevents.Outcome]int{awsevents.Malformed: 7, awsevents.Refused: 1, awsevents.ByAWS: 1, awsevents.Foreign: 2, awsevents.Acted: 0} {
		if got := s.h.Outcomes()[outcome] - was[outcome]; got != want {
			t.Errorf("%d messages were %s, want %d", got, outcome, want)
		}
	}
	if calls := reads(since(s.h, m)); len(calls) > 0 {
		t.Errorf("they cost %v", calls)
	}
	s.pass(t, time.Hour)
	if n := s.h.Emulator.Waiting("https://sqs.us-east-1.amazonaws.com/123456789012/portkey-ecs-operator-events-dead-letters"); n > 0 {
		t.Errorf("%d dead letters", n)
	}
}

// TestTheQueueMayFail: without the queue drift is found at the sync, and with it again at once, also what
// happened meanwhile.
func TestTheQueueMayFail(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	s := listeningSite(t, newSite)
	s.h.Edit(s.key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.SyncInterval = nil })
	settled(t, s.h, s.key)
	s.calm(t)
	for _, fault := range []core.Fault{core.FaultDenied, core.FaultTimeout, core.FaultServerError} {
		s.h.Emulator.Server.Inject(core.FaultRule{Service: "sqs", Fault: fault})
		before := picture(s.h)
		openDoor(t, s)
		s.pass(t, syncs)
		if d := changed(before, picture(s.h)); d != "" {
			t.Errorf("%s: not put right at the sync:\n%s", fault, d)
		}
		openDoor(t, s)
		s.h.Emulator.Server.ClearFaults()
		s.pass(t, eventDelay+lookGap+promptly)
		if d := changed(before, picture(s.h)); d != "" {
			t.Errorf("%s: not put right after the outage:\n%s", fault, d)
		}
	}
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
