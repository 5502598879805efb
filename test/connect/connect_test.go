// Package connect proves that services find each other: the Service Connect endpoints of a task are
// frozen when its deployment starts, so whoever was deployed before a peer must be deployed again.
package connect

import (
	"context"
	"slices"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"go.uber.org/goleak"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// transition bounds how long anything here may take in virtual time.
const transition = 45 * time.Minute

// deployment is a gateway with its Redis, in AWS.
type deployment struct {
	*testing.T
	*harness.Harness
	key types.NamespacedName
	ecs *ecs.Client
	sm  *secretsmanager.Client
}

// deploy runs a gateway's first creation. Before it returns, and whenever the gateway becomes Ready
// after that, no task lacks a peer.
func deploy(t *testing.T) *deployment {
	t.Helper()
	h := harness.New()
	cfg := sdk.Config{
		Region: "us-east-1", HTTPClient: h.Emulator.Server, BaseEndpoint: sdk.String("http://aws.invalid"), Retryer: func() sdk.Retryer { return sdk.NopRetryer{} },
		Credentials: credentials.NewStaticCredentialsProvider(emulator.AccessKeyID, "secret", ""),
	}
	d := &deployment{t, h, h.Create(h.Minimal("gw")), ecs.NewFromConfig(cfg), secretsmanager.NewFromConfig(cfg)}
	d.ready()
	return d
}

// ready waits until the gateway is Ready, and proves that every task then reaches its peers.
func (d *deployment) ready() {
	d.Helper()
	if err := d.Until(d.key, transition, "Ready", harness.Ready); err != nil {
		d.Fatal(err)
	}
	d.connected()
}

func (d *deployment) connected() {
	d.Helper()
	tasks := d.tasks("service/gateway")
	if len(tasks) == 0 {
		d.Fatal("no gateway task runs")
	}
	for _, task := range tasks {
		if !slices.Contains(task.Settings["knownEndpoints"].([]any), "redis:6379") {
			d.Errorf("%s knows only %v", task.ID, task.Settings["knownEndpoints"])
		}
		if lacks := task.Settings["unreachablePeers"].([]any); len(lacks) > 0 {
			d.Errorf("%s can't reach %v", task.ID, lacks)
		}
	}
}

// severed reports whether every gateway task lacks Redis.
func (d *deployment) severed() bool {
	return !slices.ContainsFunc(d.tasks("service/gateway"), func(r core.Resource) bool { return len(r.Settings["unreachablePeers"].([]any)) == 0 })
}

// tasks are the running tasks of a service.
func (d *deployment) tasks(node string) []core.Resource {
	name := d.node(node).Name
	return slices.DeleteFunc(d.Emulator.Server.Resources(false), func(r core.Resource) bool {
		return r.Kind != "Task" || r.Name != name || r.State != "RUNNING"
	})
}

// deployments counts the deployments that a service has had since it was created.
func (d *deployment) deployments(node string) int {
	name, n := d.node(node).Name, 0
	for _, r := range d.Emulator.Server.Resources(true) {
		if r.Kind == "ServiceDeployment" && r.Name == name {
			n++
		}
	}
	return n
}

func (d *deployment) node(id string) v1alpha1.ResourceStatus {
	d.Helper()
	for _, r := range d.Get(d.key).Status.Resources {
		if r.Node == id {
			return r
		}
	}
	d.Fatalf("status doesn't list %s", id)
	return v1alpha1.ResourceStatus{}
}

// deleteRedis deletes the Redis service at the console, and waits until it has drained.
func (d *deployment) deleteRedis() {
	d.Helper()
	redis, cluster := d.node("service/redis"), d.node("cluster/main")
	if _, err := d.ecs.DeleteService(d.Context(), &ecs.DeleteServiceInput{Cluster: &cluster.Name, Service: &redis.Name, Force: sdk.Bool(true)}); err != nil {
		d.Fatal(err)
	}
	d.Emulator.Advance(5 * time.Minute)
	if !d.severed() {
		d.Fatal("without Redis its clients lack nothing")
	}
}

// drift lets time pass until everything is compared with AWS again.
func (d *deployment) drift() {
	d.Emulator.Advance(v1alpha1.DefaultSyncInterval + v1alpha1.DefaultSyncInterval/5)
}

// sync lets time pass until the next drift check, and makes it.
func (d *deployment) sync() {
	d.Helper()
	d.drift()
	if _, err := d.Reconcile(d.key); err != nil {
		d.Fatal(err)
	}
}

// rests proves that the operator changes nothing any more, and that ECS deploys nothing.
func (d *deployment) rests() {
	d.Helper()
	n := d.deployments("service/gateway") + d.deployments("service/redis")
	calls := d.Emulator.Server.Calls(0)
	for range 5 {
		d.sync()
	}
	for _, c := range d.Emulator.Server.Calls(calls[len(calls)-1].Seq) {
		if !c.ReadOnly() {
			d.Errorf("%s:%s in a steady state", c.Service, c.Action)
		}
	}
	if got := d.deployments("service/gateway") + d.deployments("service/redis"); got != n {
		d.Errorf("%d deployments, %d before", got, n)
	}
}

func TestFirstCreation(t *testing.T) {
	d := deploy(t)
	if n := d.deployments("service/gateway"); n != 1 {
		t.Errorf("the gateway was deployed %d times", n)
	}
	d.rests()
	d.connected()
}

func TestRedisDeletedByHand(t *testing.T) {
	d := deploy(t)
	for again := range 2 {
		d.deleteRedis()
		d.sync()
		d.ready()
		if n := d.deployments("service/gateway"); n != 2+again {
			t.Errorf("the gateway was deployed %d times, want %d", n, 2+again)
		}
		d.rests()
		d.connected()
	}
}

// TestRedisRestarted: an endpoint stays the same when the tasks behind it change.
func TestRedisRestarted(t *testing.T) {
	d := deploy(t)
	redis, cluster := d.node("service/redis"), d.node("cluster/main")
	if _, err := d.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &cluster.Name, Service: &redis.Name, ForceNewDeployment: true}); err != nil {
		t.Fatal(err)
	}
	d.sync()
	d.ready()
	if n := d.deployments("service/gateway"); n != 1 {
		t.Errorf("the gateway was deployed %d times", n)
	}
}

func TestInstanceTypeChanged(t *testing.T) {
	d := deploy(t)
	d.Edit(d.key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Capacity = &v1alpha1.Capacity{EC2: &v1alpha1.EC2Capacity{InstanceType: "m7g.large"}}
	})
	d.ready()
	for range 6 {
		d.sync()
	}
	d.ready()
	d.rests()
	d.connected()
}

// TestImageAndRedisTogether: a rollout that starts after Redis is back needs no other one after it.
func TestImageAndRedisTogether(t *testing.T) {
	d := deploy(t)
	d.deleteRedis()
	d.Edit(d.key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Gateway = &v1alpha1.Gateway{Image: &v1alpha1.Image{Tag: "2.17.0"}}
	})
	d.sync()
	d.ready()
	if n := d.deployments("service/gateway"); n != 2 {
		t.Errorf("the gateway was deployed %d times", n)
	}
	d.rests()
}

// TestKilledManagers kills the manager at every fifth of its calls while it mends a deployment whose Redis was
// deleted; half of the calls still take effect.
func TestKilledManagers(t *testing.T) {
	step := 5
	if !harness.Sample(0) {
		step = 30 // see harness.Sample
	}
	for at := 1; ; at += step {
		d := deploy(t)
		d.deleteRedis()
		died := d.dieAt(at)
		d.sync()
		d.ready()
		if n := d.deployments("service/gateway"); n != 2 {
			t.Errorf("killed at call %d: the gateway was deployed %d times", at, n)
		}
		d.rests()
		if !died {
			if at < 20 {
				t.Errorf("mending takes only %d calls", at)
			}
			return
		}
	}
}

// TestRedeploymentTakenBack: when ECS rolls the redeployment back, what ran goes on running, the
// gateway says so, and nobody tries for ever.
func TestRedeploymentTakenBack(t *testing.T) {
	t.Run("told by service deployments", func(t *testing.T) { takenBack(deploy(t)) })
	t.Run("told by the service alone", func(t *testing.T) {
		d := deploy(t)
		d.Emulator.Server.Inject(core.FaultRule{Service: "ecs", Action: "ListServiceDeployments", Fault: core.FaultDenied})
		takenBack(d)
	})
}

func takenBack(d *deployment) {
	t := d.T
	d.deleteRedis()
	// New tasks don't start without their secret; running ones keep what they have.
	if _, err := d.sm.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: &d.Seeded.LicenseSecret, RecoveryWindowInDays: sdk.Int64(30)}); err != nil {
		t.Fatal(err)
	}
	d.sync()
	taken := func(gw *v1alpha1.PortkeyGateway) bool {
		c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionServicesReady)
		return c != nil && c.Status == "False" && c.Reason == "RolledBack"
	}
	if err := d.Until(d.key, 3*time.Hour, "the rollback", taken); err != nil {
		t.Fatal(err)
	}
	d.Emulator.Advance(time.Hour)
	if harness.Ready(d.Get(d.key)) || len(d.tasks("service/gateway")) == 0 {
		t.Error("what ran doesn't run, or counts as good")
	}
	d.rests()
	if n := d.deployments("service/gateway"); n != 2 {
		t.Errorf("the gateway was deployed %d times", n)
	}
	// What was missing is back: a deployment that somebody starts finds Redis, and all is well.
	if _, err := d.sm.RestoreSecret(t.Context(), &secretsmanager.RestoreSecretInput{SecretId: &d.Seeded.LicenseSecret}); err != nil {
		t.Fatal(err)
	}
	gateway, cluster := d.node("service/gateway"), d.node("cluster/main")
	if _, err := d.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &cluster.Name, Service: &gateway.Name, ForceNewDeployment: true}); err != nil {
		t.Fatal(err)
	}
	d.sync()
	d.ready()
	d.rests()
}

// TestDeletedNamesAreNotPeers: what the emulator says of peers isn't empty talk: a client that was
// deployed first lacks its peer.
func TestDeletedNamesAreNotPeers(t *testing.T) {
	d := deploy(t)
	d.deleteRedis()
	ctx := context.Background()
	redis, cluster := d.node("service/redis"), d.node("cluster/main")
	list, err := d.ecs.ListTaskDefinitions(ctx, &ecs.ListTaskDefinitionsInput{FamilyPrefix: &redis.Name})
	if err != nil || len(list.TaskDefinitionArns) == 0 {
		t.Fatal(list, err)
	}
	namespace, gateway := d.node("http-namespace/main"), d.service(ctx, "service/gateway")
	if _, err := d.ecs.CreateService(ctx, &ecs.CreateServiceInput{
		Cluster: &cluster.Name, ServiceName: sdk.String("by-hand"), TaskDefinition: &list.TaskDefinitionArns[0], DesiredCount: sdk.Int32(1),
		NetworkConfiguration: gateway.NetworkConfiguration,
		ServiceConnectConfiguration: &ecstypes.ServiceConnectConfiguration{Enabled: true, Namespace: &namespace.Name, Services: []ecstypes.ServiceConnectService{{
			PortName: sdk.String("redis"), DiscoveryName: sdk.String("redis"),
			ClientAliases: []ecstypes.ServiceConnectClientAlias{{DnsName: sdk.String("redis"), Port: sdk.Int32(6379)}},
		}}},
	}); err != nil {
		t.Fatal(err)
	}
	d.Emulator.Advance(10 * time.Minute)
	if !d.severed() {
		t.Error("a Redis that came later is found")
	}
}

func (d *deployment) service(ctx context.Context, node string) ecstypes.Service {
	d.Helper()
	s, cluster := d.node(node), d.node("cluster/main")
	out, err := d.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &cluster.Name, Services: []string{s.Name}})
	if err != nil || len(out.Services) != 1 {
		d.Fatalf("%+v, %v", out, err)
	}
	return out.Services[0]
}
