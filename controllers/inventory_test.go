package controllers

import (
	"reflect"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

func TestPins(t *testing.T) {
	good := pin{"123456789012", "us-east-1", noon}
	for _, tt := range []struct {
		annotation string
		want       pin
		ok         bool
		why        string
	}{
		{good.String(), good, true, "as it is written"},
		{"", pin{}, false, "there is none"},
		{"123456789012/us-east-1", pin{}, false, "an incomplete one is none"},
		{"123456789012/us-east-1/yesterday", pin{}, false, "a time that can't be read"},
		{"a/b/c/d", pin{}, false, "too many parts"},
	} {
		gw := &v1alpha1.PortkeyGateway{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{AnnotationPinned: tt.annotation}}}
		if got, ok := pinned(gw); got != tt.want || ok != tt.ok {
			t.Errorf("%q: %+v, %v: %s", tt.annotation, got, ok, tt.why)
		}
	}
}

// TestEveryFieldOfAnEntrySurvivesStatus: a field that doesn't is one that a restart forgets.
func TestEveryFieldOfAnEntrySurvivesStatus(t *testing.T) {
	e := engine.Entry{
		Node: "vpc/main", Kind: "VPC", Name: "gw", ID: "vpc-1", Why: "because", Created: noon, Intent: noon.Add(time.Second),
		Incarnation: "after vpc-0", Needs: []graph.NodeID{"a", "b"}, Out: map[graph.Attr]string{"id": "vpc-1"},
	}
	for i := range reflect.TypeFor[engine.Entry]().NumField() {
		if f := reflect.ValueOf(e).Field(i); f.IsZero() && reflect.TypeFor[engine.Entry]().Field(i).Name != "State" { // a walk's own
			t.Errorf("the test doesn't set %s", reflect.TypeFor[engine.Entry]().Field(i).Name)
		}
	}
	gw := &v1alpha1.PortkeyGateway{Status: v1alpha1.PortkeyGatewayStatus{Resources: []v1alpha1.ResourceStatus{resource(e, v1alpha1.ResourceReady)}}}
	if got := inventory(gw, noon).Entry("vpc/main"); !reflect.DeepEqual(*got, e) {
		t.Errorf("got  %+v\nwant %+v", *got, e)
	}
}

// TestOnlyAnInventoryAsOldAsThePinIsComplete: any other was begun after one was lost, and AWS may show
// what it lacks only later.
func TestOnlyAnInventoryAsOldAsThePinIsComplete(t *testing.T) {
	at := func(x time.Time) *metav1.Time { return &metav1.Time{Time: x} }
	for _, tt := range []struct {
		pin   string
		since *metav1.Time
		want  bool
		why   string
	}{
		{pin{"a", "r", noon}.String(), at(noon), true, "begun together"},
		{pin{"a", "r", noon}.String(), at(noon.Add(time.Hour)), false, "the status was lost"},
		{pin{"a", "r", noon}.String(), nil, false, "the status is lost"},
		{"", at(noon), false, "the pin was lost"},
		{"", nil, false, "both were"},
		{pin{"a", "r", time.Time{}}.String(), at(noon), false, "the pin was made again"},
	} {
		gw := &v1alpha1.PortkeyGateway{Status: v1alpha1.PortkeyGatewayStatus{InventorySince: tt.since}}
		gw.Annotations = map[string]string{AnnotationPinned: tt.pin}
		if got := inventory(gw, noon.Add(2*time.Hour)).Virgin; got != tt.want {
			t.Errorf("pin %q, since %v: complete %v: %s", tt.pin, tt.since, got, tt.why)
		}
	}
}

func TestWaits(t *testing.T) {
	for _, tt := range []struct {
		a, b time.Duration
		want time.Duration
		why  string
	}{
		{time.Minute, time.Hour, time.Minute, "the earlier"},
		{time.Hour, time.Minute, time.Minute, "the earlier"},
		{-time.Hour, time.Hour, time.Second, "what is overdue never makes a hot loop"},
		{0, 0, time.Second, "nor what is due now"},
	} {
		if got := wait(noon, noon.Add(tt.a), noon.Add(tt.b)); got != tt.want {
			t.Errorf("%s and %s: %s, want %s: %s", tt.a, tt.b, got, tt.want, tt.why)
		}
	}
	if got := wait(noon, time.Time{}, noon.Add(time.Hour)); got != time.Hour {
		t.Errorf("no time at all counts: %s", got)
	}
}

func TestSessionsEndWithTheirObject(t *testing.T) {
	var s sessions
	gw := &v1alpha1.PortkeyGateway{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "gw", UID: "1"}}
	one := s.of(gw)
	if s.of(gw) != one {
		t.Fatal("a session isn't kept")
	}
	gw.UID = "2"
	if s.of(gw) == one || len(s.by) != 1 {
		t.Fatalf("an object of the same name inherits a session; %d sessions", len(s.by))
	}
}
