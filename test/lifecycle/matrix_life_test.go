package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awsecs "github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
)

// theirAlarm is an alarm that all gateways of the matrix have.
const theirAlarm = "gateway-5xx"

// goodTag is the image's tag between rows.
const goodTag = "2.16.0"

// ecsNames are ECS's names of the strategies.
var ecsNames = map[v1alpha1.RolloutStrategy]string{
	v1alpha1.RolloutRolling: "ROLLING", v1alpha1.RolloutBlueGreen: "BLUE_GREEN", v1alpha1.RolloutCanary: "CANARY", v1alpha1.RolloutLinear: "LINEAR",
}

// life is a gateway that goes through rows of the matrix, one after the other.
type life struct {
	*testing.T
	h    *harness.Harness
	key  types.NamespacedName
	kind v1alpha1.LoadBalancerType
	from v1alpha1.RolloutStrategy
	*production
	cluster, service string
	row              row
	// newest is the tag that is wanted last.
	newest string
}

// wanting is the spec of a rollout by a strategy, with what all have in common.
func wanting(strategy v1alpha1.RolloutStrategy, tag string) func(*v1alpha1.PortkeyGateway) {
	return func(gw *v1alpha1.PortkeyGateway) {
		by(strategy)(gw)
		tagged(tag)(gw)
		gw.Spec.Gateway.Rollout.Alarms = []string{theirAlarm}
	}
}

// newLife makes a gateway that rolls out by a strategy, and watches it from then on.
func newLife(t *testing.T, kind v1alpha1.LoadBalancerType, from v1alpha1.RolloutStrategy) *life {
	t.Helper()
	l := &life{T: t, h: harness.New(), kind: kind, from: from, newest: goodTag}
	alarm(l.h, theirAlarm, "OK")
	gw := l.h.Minimal("gw")
	gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{Type: kind}
	wanting(from, goodTag)(gw)
	l.key = l.h.Create(gw)
	l.settled()
	settle(t, l.h, l.key)
	l.production = watchProduction(l.h, l.key)
	service, found := nodeOf(l.h.Emulator.Server.Resources(false), "service/gateway")
	if !found {
		t.Fatal("there is no service")
	}
	parts := strings.Split(service.ARN, "/")
	l.cluster, l.service = parts[1], parts[2]
	served, reconciles := l.h.Watch, l.h.Reconciles
	l.h.Watch = func() {
		served()
		if l.h.Reconciles > reconciles {
			reconciles = l.h.Reconciles
			l.look()
		}
	}
	return l
}

// look watches, after each call of Reconcile, what clients don't see: that status says that they are served, and
// that ECS has one thing to do at a time.
func (l *life) look() {
	if gw := l.h.Get(l.key); !meta.IsStatusConditionTrue(gw.Status.Conditions, v1alpha1.ConditionAvailable) {
		l.Errorf("not Available at %s:\n%s", l.h.Clock.Now().Format(time.TimeOnly), harness.Story(gw))
	}
	underway := 0
	for _, d := range l.deployments() {
		if d.Status == "IN_PROGRESS" || d.Status == "ROLLBACK_IN_PROGRESS" {
			underway++
		}
	}
	if underway > 1 {
		l.Errorf("%d deployments at once at %s: %+v", underway, l.h.Clock.Now().Format(time.TimeOnly), l.deployments())
	}
}

func (l *life) deployments() []ecs.Deployed {
	l.h.Emulator.World.Lock()
	defer l.h.Emulator.World.Unlock()
	return l.h.Emulator.ECS.Deployments(core.Scope{Account: emulator.Account, Region: "us-east-1"}, l.cluster, l.service)
}

// of are the deployments of an image.
func of(all []ecs.Deployed, tag string) []ecs.Deployed {
	return slices.DeleteFunc(slices.Clone(all), func(d ecs.Deployed) bool {
		return !slices.ContainsFunc(d.Images, func(image string) bool { return strings.HasSuffix(image, ":"+tag) })
	})
}

func (l *life) settled() {
	l.Helper()
	settled(l.T, l.h, l.key)
}

// walk goes through a row, and back.
func (l *life) walk(r row) {
	l.row, l.newest = r, fmt.Sprintf("3.%d.0", r.number)
	if len(r.suffix) > 0 {
		l.newest += "-" + r.suffix[r.number%len(r.suffix)]
	}
	before, events, home := len(l.deployments()), len(l.h.Events.Events), l.route().Groups()
	if r.before != nil {
		r.before(l)
	}
	l.h.Edit(l.key, func(gw *v1alpha1.PortkeyGateway) {
		wanting(r.to, l.newest)(gw)
		if r.edit != nil {
			r.edit(gw, r.stage)
		}
	})
	if r.act != nil {
		l.catch(r.stage)
		r.act(l)
	}
	if r.reason == "" {
		l.settled()
		l.succeeded(before, events)
	} else {
		l.takenBack(before, events, home)
	}
	if l.Failed() {
		return
	}
	alarm(l.h, theirAlarm, "OK")
	l.h.Edit(l.key, wanting(l.from, goodTag))
	l.settled()
	if got := l.h.Get(l.key).Status.Version; got != goodTag {
		l.Errorf("version %s", got)
	}
	for _, b := range l.broke {
		l.Errorf("production wasn't served at %s", b)
	}
	l.broke = nil
}

// catch waits for the new image's rollout to be at a stage.
func (l *life) catch(stage string) {
	l.Helper()
	err := l.h.Catch(l.key, longest, "the stage "+stage, func() bool {
		all := of(l.deployments(), l.newest)
		if len(all) == 0 {
			return false
		}
		d := all[len(all)-1]
		return d.Status == "IN_PROGRESS" && (stage == unstaged || d.Stage == stage)
	})
	if err != nil {
		l.Fatal(err)
	}
}

// supersede wants another image still.
func (l *life) supersede() {
	l.newest = fmt.Sprintf("4.%d.0", l.row.number)
	l.h.Edit(l.key, tagged(l.newest))
}

// stop rolls back what is under way at ECS's console.
func (l *life) stop() {
	l.Helper()
	all := l.deployments()
	_, err := newConsole(l.h).ecs.StopServiceDeployment(l.Context(), &awsecs.StopServiceDeploymentInput{
		ServiceDeploymentArn: sdk.String(all[len(all)-1].ARN), StopType: ecstypes.StopServiceDeploymentStopTypeRollback,
	})
	if err != nil {
		l.Fatal(err)
	}
}

// abort takes back what is under way by the annotation, at this very moment.
func (l *life) abort() {
	l.Helper()
	all := l.deployments()
	arn := all[len(all)-1].ARN
	l.h.Annotate(l.key, v1alpha1.AnnotationAbort, arn[strings.LastIndexByte(arn, '/')+1:])
	if _, err := l.h.Reconcile(l.key); err != nil {
		l.Fatal(err)
	}
	if a := l.h.Get(l.key).Status.Actions; len(a) != 1 || a[0].Result != v1alpha1.ActionDone || !strings.HasSuffix(arn, "/"+a[0].Value) {
		l.Errorf("answered: %+v", a)
	}
}

// waits is what is to be seen while a rollout waits at a pause.
func (l *life) waits(action v1alpha1.TimeoutAction) {
	l.Helper()
	err := l.h.Until(l.key, 3*time.Minute, "the pause", func(gw *v1alpha1.PortkeyGateway) bool {
		return gw.Status.Rollout != nil && gw.Status.Rollout.Awaiting != nil
	})
	if err != nil {
		l.Fatal(err)
	}
	gw := l.h.Get(l.key)
	told(l.T, gw, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonAwaitingApproval)
	told(l.T, gw, v1alpha1.ConditionRolloutHealthy, metav1.ConditionTrue, v1alpha1.ReasonAwaitingApproval)
	r := gw.Status.Rollout
	if r.Awaiting.HookID == "" || r.Awaiting.Stage != string(stageNames[l.row.stage]) || r.Awaiting.OnTimeout != action {
		l.Errorf("the rollout is %+v", r)
		return
	}
	if left := r.Awaiting.Until.Sub(l.h.Clock.Now()); left <= 3*time.Minute || left > 7*time.Minute {
		l.Errorf("a pause of 7 minutes that has begun three minutes ago at most lasts another %s", left)
	}
}

// ended proves that the history begins with a rollout of an image.
func (l *life) ended(outcome v1alpha1.RolloutOutcome, tag, reason string) {
	l.Helper()
	history := l.h.Get(l.key).Status.History
	if len(history) == 0 || history[0].Outcome != outcome || !strings.HasSuffix(history[0].Image, ":"+tag) || !strings.Contains(history[0].Reason, reason) || history[0].FinishedAt == nil {
		l.Errorf("the history doesn't begin with %s of %s (%s): %+v", outcome, tag, reason, history)
	}
}

// succeeded is what is to be seen of a rollout that went well.
func (l *life) succeeded(before, events int) {
	gw := l.h.Get(l.key)
	told(l.T, gw, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReconciled)
	told(l.T, gw, v1alpha1.ConditionRolloutHealthy, metav1.ConditionTrue, v1alpha1.ReasonRolloutComplete)
	told(l.T, gw, v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
	if gw.Status.Version != l.newest || gw.Status.Rollout != nil {
		l.Errorf("version %s, want %s; rollout %+v", gw.Status.Version, l.newest, gw.Status.Rollout)
	}
	heard := l.h.Events.Events[events:]
	if last := heard[len(heard)-1]; !strings.HasPrefix(last, "Normal Reconciled") {
		l.Errorf("the last event is %s", last)
	}
	if i := slices.IndexFunc(heard, func(e string) bool { return strings.HasPrefix(e, "Warning") }); i >= 0 {
		l.Errorf("a warning: %s", heard[i])
	}
	deployed := of(l.deployments()[before:], l.newest)
	last := deployed[len(deployed)-1]
	if last.Status != "SUCCESSFUL" || last.Strategy != ecsNames[l.row.to] {
		l.Errorf("deployed by %+v", deployed)
	}
	// A service that is to roll, and whose production is at the other target group, is deployed by the old
	// strategy first.
	if len(deployed) > 2 || len(deployed) == 2 && l.row.to != v1alpha1.RolloutRolling {
		l.Errorf("%s was deployed %d times: %+v", l.newest, len(deployed), deployed)
	}
	l.runs(l.newest)
	l.ended(v1alpha1.RolloutSucceeded, l.newest, "")
	if first := fmt.Sprintf("3.%d.0", l.row.number); first != l.newest { // another took its place
		want := v1alpha1.RolloutSuperseded
		if l.row.stage == "CLEAN_UP" { // it has succeeded but for its old tasks
			want = v1alpha1.RolloutSucceeded
		}
		i := slices.IndexFunc(gw.Status.History, func(r v1alpha1.RolloutRecord) bool { return strings.HasSuffix(r.Image, ":"+first) })
		if i < 0 || gw.Status.History[i].Outcome != want {
			l.Errorf("the history tells nothing of %s: %+v", first, gw.Status.History)
		}
	}
	if l.row.to == v1alpha1.RolloutRolling && l.from != v1alpha1.RolloutRolling {
		// Either group of the pair may be the one that serves, so both stay; what ECS needs besides goes.
		if got := have(l.h, "listener/"); got != "production-"+l.variant() {
			l.Errorf("listeners: %s", got)
		}
		return
	}
	if l.row.edit == nil { // hooks are a service's too
		l.likeNew()
	}
}

// takenBack is what is to be seen of a rollout that ECS took back: now, and after some syncs.
func (l *life) takenBack(before, events int, home []string) {
	err := l.h.Until(l.key, longest, v1alpha1.ReasonRolledBack, func(gw *v1alpha1.PortkeyGateway) bool {
		c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionReady)
		return c.Reason == v1alpha1.ReasonRolledBack && c.ObservedGeneration == gw.Generation
	})
	if err != nil {
		l.Error(err)
		return
	}
	l.h.AdvanceTo(l.h.Clock.Now().Add(15 * time.Minute)) // the failed tasks go
	if _, err := l.h.Reconcile(l.key); err != nil {
		l.Fatal(err)
	}
	m, deployments := mark(l.h), len(l.deployments())
	for range 2 {
		if err := l.h.Step(l.key); err != nil {
			l.Fatal(err)
		}
	}
	if got := mutations(since(l.h, m)); len(got) > 0 || len(l.deployments()) != deployments {
		l.Errorf("what was rolled back is tried again: %v", got)
	}
	reason := l.row.reason
	if strings.Contains(reason, "%s") {
		reason = fmt.Sprintf(reason, l.row.stage)
	}
	gw := l.h.Get(l.key)
	for _, c := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionServicesReady, v1alpha1.ConditionRolloutHealthy} {
		if message := told(l.T, gw, c, metav1.ConditionFalse, v1alpha1.ReasonRolledBack); !strings.Contains(message, "portkeyai/gateway_enterprise:"+l.newest) || !strings.Contains(message, reason) {
			l.Errorf("%s names neither image nor reason (%s): %s", c, reason, message)
		}
	}
	told(l.T, gw, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonRolledBack)
	told(l.T, gw, v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
	if r := gw.Status.Rollout; gw.Status.Version != goodTag || r == nil || r.ID == "" || !strings.Contains(r.Reason, reason) {
		l.Errorf("version %s, rollout %+v", gw.Status.Version, gw.Status.Rollout)
	}
	warnings := slices.DeleteFunc(slices.Clone(l.h.Events.Events[events:]), func(e string) bool { return strings.HasPrefix(e, "Normal") })
	if len(warnings) != 1 || !strings.HasPrefix(warnings[0], "Warning RolledBack") || !strings.Contains(warnings[0], l.newest) {
		l.Errorf("warnings: %q", warnings)
	}
	deployed := of(l.deployments()[before:], l.newest)
	if len(deployed) != 1 || deployed[0].Status != "ROLLBACK_SUCCESSFUL" || l.row.to != v1alpha1.RolloutRolling && deployed[0].Strategy != ecsNames[l.row.to] {
		l.Errorf("deployed by %+v", deployed)
	}
	if after := l.route().Groups(); !slices.Equal(home, after) {
		l.Errorf("production went from %v to %v", home, after)
	}
	l.runs(goodTag)
	l.ended(v1alpha1.RolloutRolledBack, l.newest, reason)
}

// runs proves that all tasks of the gateway run an image.
func (l *life) runs(tag string) {
	l.Helper()
	all := l.h.Emulator.Server.Resources(false)
	for _, task := range runningTasks(all, "service/gateway") {
		i := slices.IndexFunc(all, func(r core.Resource) bool {
			return r.Kind == "TaskDefinition" && r.ARN == task.Settings["taskDefinition"]
		})
		image := fmt.Sprint(all[i].Settings["containerDefinitions"].([]any)[0].(map[string]any)["image"])
		if !strings.HasSuffix(image, ":"+tag) {
			l.Errorf("a task runs %s, and not %s", image, tag)
		}
	}
}

// variant is the load balancer in the ids of nodes.
func (l *life) variant() string { return strings.ToLower(string(l.kind)) + "-internal" }

// likeNew proves that AWS is as if the gateway had been made by the strategy that it has now.
func (l *life) likeNew() {
	l.Helper()
	edited := l.h.AtRest()
	for i := range edited {
		edited[i] = strings.ReplaceAll(edited[i], ":"+l.newest, ":"+goodTag)
	}
	made := madeNew(l.T, l.kind, l.row.to)
	for _, line := range harness.Missing(made, edited) {
		l.Errorf("had it been made like that, there would be\n%s", line)
	}
	for _, line := range harness.Missing(edited, made) {
		if !strings.Contains(line, `"kind":"TaskDefinition"`) { // earlier revisions are kept, to go back to
			l.Errorf("had it been made like that, there wouldn't be\n%s", line)
		}
	}
}

// made is what AWS has of gateways that were made by a strategy, each made once.
var made sync.Map

func madeNew(t *testing.T, kind v1alpha1.LoadBalancerType, strategy v1alpha1.RolloutStrategy) []string {
	t.Helper()
	key := string(kind) + string(strategy)
	if world, ok := made.Load(key); ok {
		return world.([]string)
	}
	l := newLife(t, kind, strategy)
	world := l.h.AtRest()
	made.Store(key, world)
	return world
}
