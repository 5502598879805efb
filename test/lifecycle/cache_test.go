package lifecycle

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
)

// theirs is a replication group of somebody else's in the given network, with AUTH token "their-own-token-0",
// and the secret with it.
type theirs struct {
	w             *aws.World
	group, secret string
	endpoint      string
}

func theirCache(t *testing.T, h *harness.Harness) theirs {
	t.Helper()
	ctx := context.Background()
	w, err := h.Reconciler.Worlds.World(ctx, "us-east-1")
	if err != nil {
		t.Fatal(err)
	}
	out := theirs{w: w}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	vpc := emulator.ExistingNetwork.VPCID
	group, err := w.EC2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: &vpc, GroupName: sdk.String("theirs"), Description: sdk.String("theirs")})
	must(err)
	out.group = *group.GroupId
	_, err = w.Cache.CreateCacheSubnetGroup(ctx, &elasticache.CreateCacheSubnetGroupInput{CacheSubnetGroupName: sdk.String("theirs"), CacheSubnetGroupDescription: sdk.String("d"), SubnetIds: emulator.ExistingNetwork.PrivateSubnetIDs})
	must(err)
	_, err = w.Cache.CreateReplicationGroup(ctx, &elasticache.CreateReplicationGroupInput{
		ReplicationGroupId: sdk.String("prod-redis"), ReplicationGroupDescription: sdk.String("d"), Engine: sdk.String("valkey"), EngineVersion: sdk.String("8.0"), CacheNodeType: sdk.String("cache.t4g.small"),
		NumNodeGroups: sdk.Int32(2), ReplicasPerNodeGroup: sdk.Int32(1), AutomaticFailoverEnabled: sdk.Bool(true), CacheSubnetGroupName: sdk.String("theirs"), SecurityGroupIds: []string{out.group},
		TransitEncryptionEnabled: sdk.Bool(true), AuthToken: sdk.String("their-own-token-0"),
	})
	must(err)
	secret, err := w.Secrets.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: sdk.String("theirs"), SecretString: sdk.String(`{"REDIS_PASSWORD":"their-own-token-0"}`)})
	must(err)
	out.secret = *secret.ARN
	h.Emulator.Server.Advance(15 * time.Minute)
	found, err := aws.FindCache(ctx, w.Cache, "prod-redis")
	must(err)
	out.endpoint = found.Address
	return out
}

// rules are the ingress rules of their security group.
func (c theirs) rules(t *testing.T) int {
	t.Helper()
	out, err := c.w.EC2.DescribeSecurityGroupRules(context.Background(), &ec2.DescribeSecurityGroupRulesInput{Filters: []ec2types.Filter{{Name: sdk.String("group-id"), Values: []string{c.group}}}})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range out.SecurityGroupRules {
		if !*r.IsEgress {
			n++
		}
	}
	return n
}

// connected checks that every task of Portkey's reaches the cache that it is told of, and no other is there.
func connected(t *testing.T, h *harness.Harness, why, address string) {
	t.Helper()
	tasks := 0
	for _, r := range h.Emulator.Server.Resources(false) {
		if r.Kind != "Task" || r.State != "RUNNING" || !strings.Contains(r.Settings["service"].(string), "gateway") && !strings.Contains(r.Settings["service"].(string), "data-service") {
			continue
		}
		tasks++
		if left := list(r.Settings["unreachablePeers"]); len(left) > 0 {
			t.Errorf("%s: %s doesn't reach %v", why, r.ID, left)
		}
		caches := list(r.Settings["caches"])
		if address == "" && len(caches) != 0 || address != "" && (len(caches) != 1 || !strings.Contains(caches[0], address)) {
			t.Errorf("%s: %s is told of %v, want one with %q", why, r.ID, caches, address)
		}
	}
	if tasks == 0 {
		t.Errorf("%s: no task runs", why)
	}
}

func list(v any) []string {
	switch v := v.(type) {
	case []string:
		return v
	case []any:
		var out []string
		for _, x := range v {
			out = append(out, x.(string))
		}
		return out
	}
	return nil
}

// kinds counts the objects of ElastiCache and Secrets Manager that the deployment has.
func cacheObjects(h *harness.Harness) []string {
	var out []string
	for _, r := range h.Emulator.Server.Resources(false) {
		if r.Tags["ecs.portkey.ai/owner"] != "" && (r.Service == "elasticache" || r.Service == "secretsmanager" || strings.HasPrefix(r.Tags["ecs.portkey.ai/node"], "security-group-opening/")) {
			out = append(out, r.Kind)
		}
	}
	slices.Sort(out)
	return out
}

// TestCaches takes a gateway from one cache to the next, in one edit each. After each, all tasks reach the new
// cache, nothing is left of the old, and another sync writes nothing.
func TestCaches(t *testing.T) {
	t.Parallel()
	h := shared(t)
	their := theirCache(t, h)
	before := h.Emulator.Server.Resources(false)
	gw := h.Minimal("gw")
	inExisting(&gw.Spec)
	gw.Spec.DataService = &v1alpha1.DataService{}
	steps := []struct {
		why     string
		cache   *v1alpha1.Cache
		address string
		objects []string
		opened  int
	}{
		{"built in", nil, "", nil, 0},
		{"managed", elasti(v1alpha1.ElastiCache{Managed: &v1alpha1.ManagedCache{}}), "master.gw-", []string{"CacheParameterGroup", "CacheSubnetGroup", "ReplicationGroup", "Secret"}, 0},
		{"three shards", elasti(v1alpha1.ElastiCache{Managed: &v1alpha1.ManagedCache{Shards: 3}}), "clustercfg.gw-", []string{"CacheParameterGroup", "CacheSubnetGroup", "ReplicationGroup", "Secret"}, 0},
		{"serverless", elasti(v1alpha1.ElastiCache{Serverless: &v1alpha1.ServerlessCache{}}), ".serverless.", []string{"CacheUser", "CacheUserGroup", "Secret", "ServerlessCache"}, 0},
		{"existing by its ID", elasti(v1alpha1.ElastiCache{ReplicationGroupID: "Prod-Redis", Auth: &v1alpha1.CacheAuth{SecretARN: their.secret}}), "clustercfg.prod-redis.", []string{"SecurityGroupRule", "SecurityGroupRule"}, 2},
		{"managed, with IAM", elasti(v1alpha1.ElastiCache{Managed: &v1alpha1.ManagedCache{Engine: v1alpha1.CacheEngineRedis}, Auth: &v1alpha1.CacheAuth{IAM: &v1alpha1.CacheIAM{}}}), "master.gw-",
			[]string{"CacheParameterGroup", "CacheSubnetGroup", "CacheUser", "CacheUser", "CacheUserGroup", "ReplicationGroup"}, 0},
		{"existing by its ID again", elasti(v1alpha1.ElastiCache{ReplicationGroupID: "prod-redis", Auth: &v1alpha1.CacheAuth{SecretARN: their.secret}}), "clustercfg.prod-redis.", []string{"SecurityGroupRule", "SecurityGroupRule"}, 2},
	}
	var key types.NamespacedName
	for i, step := range steps {
		if i == 0 {
			gw.Spec.Cache = step.cache
			key = h.Create(gw)
		} else {
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Cache = step.cache })
		}
		if err := h.Until(key, 2*time.Hour, step.why, harness.Ready); err != nil {
			t.Fatal(err)
		}
		settle(t, h, key)
		connected(t, h, step.why, step.address)
		if got := cacheObjects(h); !slices.Equal(got, step.objects) {
			t.Errorf("%s: there are %v, want %v", step.why, got, step.objects)
		}
		if got := their.rules(t); got != step.opened {
			t.Errorf("%s: their group has %d rules, want %d", step.why, got, step.opened)
		}
		m := mark(h)
		h.Emulator.Server.Advance(6 * time.Minute)
		if _, err := h.Reconcile(key); err != nil {
			t.Fatal(err)
		}
		if got := mutations(since(h, m)); len(got) > 0 {
			t.Errorf("%s: another sync writes %v", step.why, got)
		}
	}
	h.Delete(key)
	gone(t, h, key, before)
	if n := their.rules(t); n != 0 {
		t.Errorf("%d rules are left in their group", n)
	}
}

func elasti(e v1alpha1.ElastiCache) *v1alpha1.Cache { return &v1alpha1.Cache{ElastiCache: &e} }

// TestCacheByEndpoint uses a cache that is given by its address, whose owner has let the tasks in.
func TestCacheByEndpoint(t *testing.T) {
	h := shared(t)
	their := theirCache(t, h)
	_, err := their.w.EC2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &their.group, IpPermissions: []ec2types.IpPermission{
		{IpProtocol: sdk.String("tcp"), FromPort: sdk.Int32(6379), ToPort: sdk.Int32(6379), IpRanges: []ec2types.IpRange{{CidrIp: sdk.String("10.0.0.0/8")}}}}})
	if err != nil {
		t.Fatal(err)
	}
	before := h.Emulator.Server.Resources(false)
	gw := h.Minimal("gw")
	inExisting(&gw.Spec)
	at := v1alpha1.CacheEndpoint{Address: their.endpoint, ClusterMode: true}
	gw.Spec.Cache = elasti(v1alpha1.ElastiCache{Endpoint: &at, Auth: &v1alpha1.CacheAuth{SecretARN: their.secret}})
	key := h.Create(gw)
	ready(t, h, key)
	connected(t, h, "by endpoint", "clustercfg.prod-redis.")
	if got := cacheObjects(h); got != nil {
		t.Errorf("%v was made", got)
	}
	settle(t, h, key)
	m := mark(h)
	h.Emulator.Server.Advance(6 * time.Minute)
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	for _, c := range since(h, m) {
		if !c.ReadOnly() || c.Service == "elasticache" {
			t.Errorf("another sync calls %s:%s", c.Service, c.Action)
		}
	}
	h.Delete(key)
	gone(t, h, key, before)
}

// TestCachesThatDontFit: nothing is written, and the message says what to do.
func TestCachesThatDontFit(t *testing.T) {
	h := shared(t)
	their := theirCache(t, h)
	auth := &v1alpha1.CacheAuth{SecretARN: their.secret}
	for _, c := range []struct {
		why, reason, message string
		cache                v1alpha1.ElastiCache
	}{
		{"no such group", v1alpha1.ReasonCacheUnusable, "there is no replication group nobodys", v1alpha1.ElastiCache{ReplicationGroupID: "nobodys"}},
		{"without its token", v1alpha1.ReasonCacheUnusable, "write secretARN", v1alpha1.ElastiCache{ReplicationGroupID: "prod-redis"}},
		{"IAM where it wants a token", v1alpha1.ReasonCacheUnusable, "excludes IAM", v1alpha1.ElastiCache{ReplicationGroupID: "prod-redis", Auth: &v1alpha1.CacheAuth{IAM: &v1alpha1.CacheIAM{UserName: "portkey"}}}},
		{"no such secret", v1alpha1.ReasonSecretUnusable, "cache.elastiCache.auth", v1alpha1.ElastiCache{ReplicationGroupID: "prod-redis", Auth: &v1alpha1.CacheAuth{SecretARN: their.secret[:len(their.secret)-6] + "AAAAAA"}}},
		{"another mode", v1alpha1.ReasonCacheUnusable, "write clusterMode: true", v1alpha1.ElastiCache{Endpoint: &v1alpha1.CacheEndpoint{Address: their.endpoint}, Auth: auth}},
		{"without TLS", v1alpha1.ReasonCacheUnusable, "write tls: true", v1alpha1.ElastiCache{Endpoint: &v1alpha1.CacheEndpoint{Address: their.endpoint, ClusterMode: true, TLS: ptr.To(false)}, Auth: auth}},
	} {
		gw := h.Minimal("gw-" + strings.ReplaceAll(strings.ToLower(c.why), " ", "-"))
		inExisting(&gw.Spec)
		gw.Spec.Cache = elasti(c.cache)
		m := mark(h)
		key := h.Create(gw)
		if _, err := h.Reconcile(key); err != nil {
			t.Fatal(err)
		}
		accepted := meta.FindStatusCondition(h.Get(key).Status.Conditions, v1alpha1.ConditionAccepted)
		if accepted == nil || accepted.Reason != c.reason || !strings.Contains(accepted.Message, c.message) {
			t.Errorf("%s: %+v, want %s with %q", c.why, accepted, c.reason, c.message)
		}
		if got := mutations(since(h, m)); len(got) > 0 {
			t.Errorf("%s: %v", c.why, got)
		}
	}
}
