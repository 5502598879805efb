package kinds_test

import (
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	sdtypes "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

func logGroupEdits(s *sandbox) []edit {
	ctx := s.Context()
	return []edit{
		{"another retention", func(id string) {
			_, err := s.clients.Logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &id, RetentionInDays: sdk.Int32(30)})
			s.must(err)
		}, []string{"retentionDays"}},
		{"tags taken off", func(id string) {
			_, err := s.clients.Logs.UntagResource(ctx, &cloudwatchlogs.UntagResourceInput{
				ResourceArn: sdk.String("arn:aws:logs:" + sandboxRegion + ":" + sandboxAccount + ":log-group:" + id), TagKeys: []string{"team"},
			})
			s.must(err)
		}, []string{"tags.team"}},
	}
}

func TestLogGroup(t *testing.T) {
	for _, c := range []struct {
		why   string
		fault string
	}{{"with the tagging API", ""}, {"without the tagging API", "GetResources"}} {
		t.Run(c.why, func(t *testing.T) {
			s := newSandbox(t)
			if c.fault != "" {
				s.server.Inject(core.FaultRule{Service: "tagging", Action: c.fault, Fault: core.FaultDenied})
			}
			newLife(s, kinds.LogGroup{}, "loggroup/gateway", "/ecs/main/gateway").run(kinds.LogGroupSpec{RetentionDays: 14, Prefix: "/ecs/main/"}, logGroupEdits(s)...)
		})
	}
}

func TestLogGroupKeepsForever(t *testing.T) {
	s := newSandbox(t)
	l := newLife(s, kinds.LogGroup{}, "loggroup/gateway", "/ecs/main/gateway")
	l.create(kinds.LogGroupSpec{RetentionDays: 14})
	l.put(kinds.LogGroupSpec{})
}

func TestLogGroupsShareOneRead(t *testing.T) {
	s := newSandbox(t)
	names := []string{"gateway", "redis"}
	spec := kinds.LogGroupSpec{RetentionDays: 14, Prefix: "/ecs/main/"}
	for _, n := range names {
		newLife(s, kinds.LogGroup{}, graph.NodeID("loggroup/"+n), "/ecs/main/"+n).create(spec)
	}
	w := s.call("", "", "").World
	actions := s.calls(func() {
		for _, n := range names {
			c := s.call(graph.NodeID("loggroup/"+n), "/ecs/main/"+n, "/ecs/main/"+n)
			c.World = w
			live, err := kinds.LogGroup{}.Observe(t.Context(), c, spec)
			s.must(err)
			if d := (kinds.LogGroup{}).Diff(c, spec, live); len(d) > 0 {
				t.Errorf("%s differs: %v", n, d)
			}
		}
	})
	if got := count(actions); got != "DescribeLogGroups GetResources" {
		t.Errorf("called %s", got)
	}
}

func TestHTTPNamespace(t *testing.T) {
	s := newSandbox(t)
	ctx := t.Context()
	l := newLife(s, kinds.HTTPNamespace{}, "namespace/main", "main-abc")
	arn := func(id string) *string {
		return sdk.String("arn:aws:servicediscovery:" + sandboxRegion + ":" + sandboxAccount + ":namespace/" + id)
	}
	l.run(kinds.HTTPNamespaceSpec{Description: "of the test"},
		edit{"another description", func(id string) {
			_, err := s.clients.SD.UpdateHttpNamespace(ctx, &servicediscovery.UpdateHttpNamespaceInput{
				Id: &id, Namespace: &sdtypes.HttpNamespaceChange{Description: sdk.String("else")}})
			s.must(err)
			s.server.Advance(60e9)
		}, []string{"description"}},
		edit{"tags taken off", func(id string) {
			_, err := s.clients.SD.UntagResource(ctx, &servicediscovery.UntagResourceInput{ResourceARN: arn(id), TagKeys: []string{"team"}})
			s.must(err)
		}, []string{"tags.team"}},
	)
}

func TestHTTPNamespaceCreationTwice(t *testing.T) {
	s := newSandbox(t)
	l := newLife(s, kinds.HTTPNamespace{}, "namespace/main", "main-abc")
	first := l.create(kinds.HTTPNamespaceSpec{})
	if first.Phase != graph.Pending || first.Out != nil {
		t.Errorf("a namespace that isn't there yet is %s with %v", first.Phase, first.Out)
	}
	l.id = "" // the record was lost
	if again := l.create(kinds.HTTPNamespaceSpec{}); again.ID != first.ID {
		t.Errorf("made twice: %s and %s", first.ID, again.ID)
	}
	l.ready(kinds.HTTPNamespaceSpec{})
	actions := s.calls(func() { l.observe(kinds.HTTPNamespaceSpec{}) })
	if got := count(actions); got != "GetNamespace GetResources" {
		t.Errorf("called %s", got)
	}
}
