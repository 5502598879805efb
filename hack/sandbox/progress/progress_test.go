package progress

import (
	"bytes"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// The start of a deployment, as the operator reports it, and then a rollout, drift and deletion.
func TestLines(t *testing.T) {
	const (
		ready   = v1alpha1.ResourceReady
		absent  = v1alpha1.ResourceAbsent
		waiting = v1alpha1.ResourcePending
	)
	steps := []struct {
		why    string
		change func(*v1alpha1.PortkeyGateway)
		want   string
	}{{
		why:    "nothing has happened yet",
		change: func(*v1alpha1.PortkeyGateway) {},
	}, {
		why: "objects of one kind share a line, what doesn't exist yet has none, and nor has a condition that begins False",
		change: func(g *v1alpha1.PortkeyGateway) {
			inventory(g, "VPC vpc/main", ready, "Subnet subnet/private-a", ready, "Subnet subnet/private-b", ready, "NATGateway nat-gateway/main", waiting, "Service service/redis", absent)
			g.Status.Resources[3].Why = "AWS is creating it"
			condition(g, "Ready", "False", "Creating", "3 of 9 objects ready; nat-gateway/main: AWS is creating it")
			condition(g, "Reconciling", "True", "Creating", "3 of 9 objects ready; nat-gateway/main: AWS is creating it")
			condition(g, "NetworkReady", "False", "Creating", "3 of 5 objects ready; nat-gateway/main: AWS is creating it")
			condition(g, "CacheReady", "True", "NotNeeded", "the spec asks for nothing of the kind")
		},
		want: `
   1.0s      3/9  VPC                  ready: main
   1.0s      3/9  Subnet               ready: private-a, private-b
   1.0s      3/9  NATGateway           pending: main (AWS is creating it)
   1.0s      3/9  CacheReady           NotNeeded: the spec asks for nothing of the kind
`,
	}, {
		why:    "the same again says nothing",
		change: func(*v1alpha1.PortkeyGateway) {},
	}, {
		why: "a condition that becomes True, a service that comes up, the endpoint",
		change: func(g *v1alpha1.PortkeyGateway) {
			inventory(g, "VPC vpc/main", ready, "Subnet subnet/private-a", ready, "Subnet subnet/private-b", ready, "NATGateway nat-gateway/main", ready, "Service service/redis", waiting)
			condition(g, "Ready", "False", "Creating", "5 of 9 objects ready; service/redis: 0 of 1 tasks run")
			condition(g, "NetworkReady", "True", "Reconciled", "all 5 objects are as the spec asks")
			g.Status.Services = []v1alpha1.ServiceStatus{{Name: "redis", Desired: 1, Pending: 1, Image: "redis:7.2-alpine"}}
			g.Status.Endpoints = &v1alpha1.Endpoints{Gateway: "http://lb.example"}
		},
		want: `
   3.0s      5/9  NATGateway           ready: main
   3.0s      5/9  Service              pending: redis
   3.0s      5/9  tasks                redis: 0 of 1 run, 1 start, redis:7.2-alpine
   3.0s      5/9  endpoint             http://lb.example
   3.0s      5/9  NetworkReady         Reconciled: all 5 objects are as the spec asks
`,
	}, {
		why: "Ready",
		change: func(g *v1alpha1.PortkeyGateway) {
			g.Status.Resources[4].Phase = ready
			g.Status.Services[0].Running, g.Status.Services[0].Pending = 1, 0
			condition(g, "Ready", "True", "Reconciled", "all 9 objects are as the spec asks")
			condition(g, "InSync", "True", "InSync", "AWS is as the operator left it")
			g.Status.Conditions = without(g.Status.Conditions, "Reconciling")
		},
		want: `
   4.0s      9/9  Service              ready: redis
   4.0s      9/9  tasks                redis: 1 of 1 run
   4.0s      9/9  Ready                Reconciled: all 9 objects are as the spec asks
   4.0s      9/9  InSync               InSync: AWS is as the operator left it
`,
	}, {
		why: "a rollout is told once, not by every condition that it touches",
		change: func(g *v1alpha1.PortkeyGateway) {
			g.Generation++
			g.Status.Rollout = &v1alpha1.RolloutStatus{ID: "1", FromRevision: "gw:1", ToRevision: "gw:2", Reason: "0 of 2 new tasks run"}
			condition(g, "Ready", "False", "Progressing", "8 of 9 objects ready; service/gateway: 0 of 2 new tasks run")
			condition(g, "ServicesReady", "False", "Progressing", "2 of 3 objects ready; service/gateway: 0 of 2 new tasks run")
			condition(g, "RolloutHealthy", "True", "Progressing", "0 of 2 new tasks run")
			condition(g, "InSync", "False", "Progressing", "service/gateway: 0 of 2 new tasks run")
		},
		want: `
   5.0s      8/9  spec                 changed, generation 2
   5.0s      8/9  rollout              gw:1 to gw:2: 0 of 2 new tasks run
   5.0s      8/9  Ready                Progressing: 8 of 9 objects ready; service/gateway: 0 of 2 new tasks run
`,
	}, {
		why: "drift, each time anew",
		change: func(g *v1alpha1.PortkeyGateway) {
			g.Status.Rollout = nil
			condition(g, "Ready", "True", "Reconciled", "all 9 objects are as the spec asks")
			condition(g, "ServicesReady", "True", "Reconciled", "all 3 objects are as the spec asks")
			condition(g, "InSync", "True", "DriftCorrected", "log-group/gateway had been deleted")
		},
		want: `
   6.0s      9/9  Ready                Reconciled: all 9 objects are as the spec asks
   6.0s      9/9  InSync               DriftCorrected: log-group/gateway had been deleted
   6.0s      9/9  ServicesReady        Reconciled: all 3 objects are as the spec asks
`,
	}, {
		why: "another drift has the same reason, and an object in another's place the same phase",
		change: func(g *v1alpha1.PortkeyGateway) {
			g.Status.Resources[3].ID = "nat-2"
			condition(g, "InSync", "True", "DriftCorrected", "nat-gateway/main had been deleted")
		},
		want: `
   7.0s      9/9  NATGateway           ready: main
   7.0s      9/9  InSync               DriftCorrected: nat-gateway/main had been deleted
`,
	}, {
		why: "what stalls is told once, where it is told best",
		change: func(g *v1alpha1.PortkeyGateway) {
			condition(g, "Ready", "False", "AccessDenied", "8 of 9 objects ready; role/task: not allowed iam:GetRole")
			condition(g, "Stalled", "True", "AccessDenied", "8 of 9 objects ready; role/task: not allowed iam:GetRole")
			condition(g, "IdentityReady", "False", "AccessDenied", "1 of 2 objects ready; role/task: not allowed iam:GetRole")
		},
		want: `
   8.0s      8/9  Stalled              AccessDenied: 8 of 9 objects ready; role/task: not allowed iam:GetRole
`,
	}, {
		why: "and when it is over",
		change: func(g *v1alpha1.PortkeyGateway) {
			condition(g, "Ready", "True", "Reconciled", "all 9 objects are as the spec asks")
			g.Status.Conditions = without(g.Status.Conditions, "Stalled")
		},
		want: `
   9.0s      9/9  Ready                Reconciled: all 9 objects are as the spec asks
   9.0s      9/9  Stalled              no longer
`,
	}, {
		why: "deletion counts down",
		change: func(g *v1alpha1.PortkeyGateway) {
			g.DeletionTimestamp = &metav1.Time{Time: time.Unix(0, 0)}
			g.Status.Resources = g.Status.Resources[:2]
			g.Status.Resources[0].Phase = waiting
			g.Status.Resources[1].Phase = absent
			condition(g, "Ready", "False", "Deleting", "vpc/main: subnet/private-a has to go first")
		},
		want: `
  10.0s   1 left  deletion             asked for
  10.0s   1 left  Subnet               deleted: private-a, private-b
  10.0s   1 left  NATGateway           deleted: main
  10.0s   1 left  Service              deleted: redis
  10.0s   1 left  Ready                Deleting: vpc/main: subnet/private-a has to go first
`,
	}}
	var out bytes.Buffer
	now := time.Unix(1000, 0)
	p := &Printer{Out: &out, Now: func() time.Time { return now }, Start: now}
	gw := &v1alpha1.PortkeyGateway{ObjectMeta: metav1.ObjectMeta{Generation: 1}}
	for _, s := range steps {
		s.change(gw)
		p.Observe(gw)
		if got, want := out.String(), strings.TrimPrefix(s.want, "\n"); got != want {
			t.Errorf("%s: got\n%swant\n%s", s.why, got, want)
		}
		out.Reset()
		now = now.Add(time.Second)
	}
	p.Gone("nothing is left")
	p.Gone("nothing is left")
	if got, want := out.String(), "  11.0s           deletion             done: the resource is gone, and nothing is left\n"; got != want {
		t.Errorf("at the end: got\n%swant\n%s", got, want)
	}
}

func TestIdle(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(1000, 0)
	p := &Printer{Out: &out, Now: func() time.Time { return now }, Start: now}
	p.Idle() // before anything was seen
	gw := &v1alpha1.PortkeyGateway{}
	p.Observe(gw)
	tick := func(d time.Duration) { now = now.Add(d); p.Idle() }
	tick(quiet - time.Second)
	tick(time.Second)
	tick(time.Second)
	condition(gw, "Ready", "False", "Creating", "1 of 2 objects ready; "+strings.Repeat("x ", 200))
	p.Observe(gw)
	tick(quiet)
	condition(gw, "Ready", "True", "Reconciled", "fine")
	p.Observe(gw)
	tick(10 * quiet)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	want := []string{"waiting              for the manager", "1/2  waiting", "Ready                Reconciled: fine"}
	if len(lines) != len(want) {
		t.Fatalf("got\n%s", out.String())
	}
	for i, l := range lines {
		if !strings.Contains(l, want[i]) || len([]rune(l)) > 200 {
			t.Errorf("got %q, want %q in it, in a line of bearable length", l, want[i])
		}
	}
}

func TestColorAndMany(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(1000, 0)
	p := &Printer{Out: &out, Now: func() time.Time { return now }, Start: now, Color: true}
	gw := &v1alpha1.PortkeyGateway{}
	for _, n := range "abcdefg" {
		gw.Status.Resources = append(gw.Status.Resources, v1alpha1.ResourceStatus{Node: "role/" + string(n), Kind: "Role", ID: "x", Phase: v1alpha1.ResourceReady})
	}
	p.Observe(gw)
	if got, want := out.String(), "   0.0s      7/7  \x1b[32mRole                \x1b[0m ready: a, b, c, d, e, 2 more\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// inventory sets the inventory from pairs of "Kind node" and phase.
func inventory(g *v1alpha1.PortkeyGateway, pairs ...any) {
	g.Status.Resources = nil
	for i := 0; i < len(pairs); i += 2 {
		kind, node, _ := strings.Cut(pairs[i].(string), " ")
		r := v1alpha1.ResourceStatus{Kind: kind, Node: node, Phase: pairs[i+1].(v1alpha1.ResourcePhase)}
		if r.Phase != v1alpha1.ResourceAbsent {
			r.ID = "id-of-" + node
		}
		g.Status.Resources = append(g.Status.Resources, r)
	}
}

func condition(g *v1alpha1.PortkeyGateway, kind, status, reason, message string) {
	c := metav1.Condition{Type: kind, Status: metav1.ConditionStatus(status), Reason: reason, Message: message}
	for i := range g.Status.Conditions {
		if g.Status.Conditions[i].Type == kind {
			g.Status.Conditions[i] = c
			return
		}
	}
	g.Status.Conditions = append(g.Status.Conditions, c)
}

func without(all []metav1.Condition, kind string) []metav1.Condition {
	var out []metav1.Condition
	for _, c := range all {
		if c.Type != kind {
			out = append(out, c)
		}
	}
	return out
}
