package lifecycle

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/awsevents"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

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
