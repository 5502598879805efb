package kinds_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2api "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	cachetypes "github.com/aws/aws-sdk-go-v2/service/elasticache/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

var sandboxScope = core.Scope{Account: sandboxAccount, Region: sandboxRegion}

// passwordOf is what the secret's users read.
func (s *sandbox) passwordOf(arn string) string {
	s.Helper()
	out, err := s.clients.Secrets.GetSecretValue(s.Context(), &secretsmanager.GetSecretValueInput{SecretId: &arn})
	s.must(err)
	keys := map[string]string{}
	s.must(json.Unmarshal([]byte(*out.SecretString), &keys))
	return keys[kinds.PasswordKey]
}

var redisSecret = kinds.SecretSpec{Key: kinds.PasswordKey, Description: "d"}

func TestSecret(t *testing.T) {
	s := newSandbox(t)
	l := newLife(s, kinds.Secret{}, "secret/redis", "main-redis")
	l.run(redisSecret,
		edit{"scheduled for deletion", func(id string) {
			_, err := s.clients.Secrets.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: &id, RecoveryWindowInDays: sdk.Int64(7)})
			s.must(err)
		}, []string{"deletion"}},
		edit{"tags taken off", func(id string) {
			_, err := s.clients.Secrets.UntagResource(t.Context(), &secretsmanager.UntagResourceInput{SecretId: &id, TagKeys: []string{"team"}})
			s.must(err)
		}, []string{"tags.team"}})
}

// TestSecretIsNeverTold looks for the password in everything that the engine records, prints or logs.
func TestSecretIsNeverTold(t *testing.T) {
	s := newSandbox(t)
	l := newLife(s, kinds.Secret{}, "secret/redis", "main-redis")
	made := l.create(redisSecret)
	value := s.passwordOf(made.ID)
	if len(value) != 32 {
		t.Fatalf("a password of %d characters", len(value))
	}
	n, cache := s.cacheNetwork()
	g := newLife(s, kinds.ReplicationGroup{}, "replication-group/main", "main")
	spec := cache(n, graph.Lit(made.ID))
	creating := g.create(spec)
	s.server.Advance(10 * time.Minute)
	for _, live := range []graph.Live{made, l.observe(redisSecret), creating, g.ready(spec)} {
		b, err := json.Marshal([]any{live.Out, live.Facts, live.Why})
		s.must(err)
		if strings.Contains(string(b)+fmt.Sprintf("%+v", live), value) {
			t.Errorf("the password is told: %s", b)
		}
	}
	_, err := kinds.Secret{}.Create(t.Context(), l.call(), redisSecret)
	if err == nil || strings.Contains(err.Error(), value) {
		t.Errorf("a second creation: %v", err)
	}
	if again := s.passwordOf(made.ID); again != value {
		t.Error("the password changed")
	}
}

func TestCacheSubnetGroup(t *testing.T) {
	s := newSandbox(t)
	n := s.network()
	newLife(s, kinds.CacheSubnetGroup{}, "cache-subnet-group/main", "Main-abc").run(
		kinds.CacheSubnetGroupSpec{Description: "d", Subnets: graph.Lits(n.subnets[:2]...)},
		edit{"another subnet", func(id string) {
			_, err := s.clients.Cache.ModifyCacheSubnetGroup(t.Context(), &elasticache.ModifyCacheSubnetGroupInput{CacheSubnetGroupName: &id, SubnetIds: n.subnets})
			s.must(err)
		}, []string{"subnets"}})
}

func TestCacheParameterGroup(t *testing.T) {
	s := newSandbox(t)
	newLife(s, kinds.CacheParameterGroup{}, "cache-parameter-group/valkey8", "main-valkey8").run(
		kinds.CacheParameterGroupSpec{Family: "valkey8", Description: "d", Parameters: map[string]string{"maxmemory-policy": "volatile-lru", "cluster-enabled": "yes"}},
		edit{"another policy", func(id string) {
			_, err := s.clients.Cache.ModifyCacheParameterGroup(t.Context(), &elasticache.ModifyCacheParameterGroupInput{CacheParameterGroupName: &id,
				ParameterNameValues: []cachetypes.ParameterNameValue{{ParameterName: sdk.String("maxmemory-policy"), ParameterValue: sdk.String("noeviction")}}})
			s.must(err)
		}, []string{"parameters.maxmemory-policy"}})
}

func TestCacheUsersAndTheirGroup(t *testing.T) {
	s := newSandbox(t)
	iam := kinds.CacheUserSpec{Engine: "valkey", UserName: "portkey", Access: "on ~* &* +@all", Authentication: kinds.CacheUserIAM}
	newLife(s, kinds.CacheUser{}, "cache-user/main", "portkey").run(iam,
		edit{"less access", func(id string) {
			_, err := s.clients.Cache.ModifyUser(t.Context(), &elasticache.ModifyUserInput{UserId: &id, AccessString: sdk.String("off ~* +@all")})
			s.must(err)
			s.server.Advance(time.Minute)
		}, []string{"access"}})

	user := newLife(s, kinds.CacheUser{}, "cache-user/main", "portkey")
	user.create(iam)
	newLife(s, kinds.CacheUserGroup{}, "cache-user-group/main", "main-abc").run(kinds.CacheUserGroupSpec{Engine: "valkey", Users: graph.Lits("portkey")},
		edit{"nobody in it", func(id string) {
			_, err := s.clients.Cache.ModifyUserGroup(t.Context(), &elasticache.ModifyUserGroupInput{UserGroupId: &id, UserIdsToRemove: []string{"portkey"}})
			s.must(err)
			s.server.Advance(time.Minute)
		}, []string{"users"}})
}

// cacheNetwork answers what a replication group needs, and how one is specified.
func (s *sandbox) cacheNetwork() (network, func(network, graph.Value) kinds.ReplicationGroupSpec) {
	s.Helper()
	n := s.network()
	newLife(s, kinds.CacheSubnetGroup{}, "cache-subnet-group/main", "main").create(kinds.CacheSubnetGroupSpec{Description: "d", Subnets: graph.Lits(n.subnets[:2]...)})
	for family, on := range map[string]string{"valkey8": "no", "valkey9": "no", "redis7": "no", "valkey8-cluster": "yes"} {
		name, _, _ := strings.Cut(family, "-")
		newLife(s, kinds.CacheParameterGroup{}, graph.NodeID("cache-parameter-group/"+family), family).create(
			kinds.CacheParameterGroupSpec{Family: name, Description: "d", Parameters: map[string]string{"maxmemory-policy": "volatile-lru", "cluster-enabled": on}})
	}
	return n, func(n network, password graph.Value) kinds.ReplicationGroupSpec {
		return kinds.ReplicationGroupSpec{Description: "d", Engine: "valkey", EngineVersion: "8.0", NodeType: "cache.t4g.small", Shards: 1, Replicas: 1, MultiAZ: true,
			SubnetGroup: graph.Lit("main"), ParameterGroup: graph.Lit("valkey8"), SecurityGroups: graph.Lits(n.group), Password: password}
	}
}

// bring applies a change as the walks do: one step after another until nothing differs.
func (l *life[S]) bring(spec S) graph.Live {
	l.Helper()
	for range 20 {
		live := l.ready(spec)
		changes := l.kind.Diff(l.call(), spec, live)
		if len(changes) == 0 {
			return live
		}
		after, err := l.kind.Update(l.Context(), l.call(), spec, live, changes)
		l.must(err)
		l.record(after)
		l.server.Advance(11 * time.Minute)
	}
	l.Fatalf("%s never came to rest", l.name)
	return graph.Live{}
}

func (s *sandbox) secret(name string) string {
	s.Helper()
	return newLife(s, kinds.Secret{}, graph.NodeID("secret/"+name), name).create(redisSecret).ID
}

func TestReplicationGroup(t *testing.T) {
	s := newSandbox(t)
	n, spec := s.cacheNetwork()
	secret := s.secret("redis")
	want := spec(n, graph.Lit(secret))
	l := newLife(s, kinds.ReplicationGroup{}, "replication-group/main", "Main-abc")
	if l.observe(want).Phase != graph.Absent {
		t.Fatal("there before it is made")
	}
	made := l.create(want)
	if made.Phase != graph.Pending || made.Out["address"] != "" || made.Out["arn"] == "" {
		t.Errorf("just made: %s %v", made.Phase, made.Out)
	}
	s.server.Advance(10 * time.Minute)
	live := l.ready(want)
	l.equal(want, live)
	if !strings.HasPrefix(live.Out["address"], "master.main-abc.") || !strings.HasSuffix(live.Out["address"], ":6379") {
		t.Errorf("%v", live.Out)
	}
	if !s.Cache.AcceptsPassword(sandboxScope, "main-abc", s.passwordOf(secret)) {
		t.Error("another password than the secret's")
	}
	other := s.group(n.vpc, "other")
	for _, c := range []struct {
		why    string
		change func(*kinds.ReplicationGroupSpec)
		paths  []string
	}{
		{"another version", func(x *kinds.ReplicationGroupSpec) { x.EngineVersion = "8.1" }, []string{"engineVersion"}},
		{"another family", func(x *kinds.ReplicationGroupSpec) {
			x.EngineVersion, x.ParameterGroup = "9.0", graph.Lit("valkey9")
		}, []string{"engineVersion", "parameterGroup"}},
		{"another node type", func(x *kinds.ReplicationGroupSpec) { x.NodeType = "cache.m7g.large" }, []string{"nodeType"}},
		{"other security groups", func(x *kinds.ReplicationGroupSpec) { x.SecurityGroups = graph.Lits(other) }, []string{"securityGroups"}},
		{"no replica: failover goes first", func(x *kinds.ReplicationGroupSpec) { x.Replicas, x.MultiAZ = 0, false }, []string{"replicas", "automaticFailover", "multiAZ"}},
		{"three replicas: failover comes last", func(x *kinds.ReplicationGroupSpec) { x.Replicas, x.MultiAZ = 3, true }, []string{"replicas", "automaticFailover", "multiAZ"}},
	} {
		c.change(&want)
		if got := l.diff(want, l.observe(want)); !slices.Equal(got, c.paths) {
			t.Errorf("%s: differs in %v, want %v", c.why, got, c.paths)
		}
		l.bring(want)
	}
	for _, c := range []struct {
		why    string
		change func(*kinds.ReplicationGroupSpec)
	}{
		{"a downgrade", func(x *kinds.ReplicationGroupSpec) { x.EngineVersion = "8.0" }},
		{"back to Redis OSS", func(x *kinds.ReplicationGroupSpec) { x.Engine, x.EngineVersion = "redis", "7.1" }},
		{"cluster mode", func(x *kinds.ReplicationGroupSpec) { x.ClusterMode = true }},
	} {
		x := want
		c.change(&x)
		if d := l.kind.Diff(l.call(), x, l.observe(x)); !slices.ContainsFunc(d, func(c graph.Change) bool { return c.Replace }) {
			t.Errorf("%s: %+v", c.why, d)
		}
	}
	l.tags(want)
	l.foreign(want)
	l.remove(want)
}

func TestReplicationGroupInClusterMode(t *testing.T) {
	s := newSandbox(t)
	n, spec := s.cacheNetwork()
	want := spec(n, graph.Lit(s.secret("redis")))
	want.Shards, want.ClusterMode, want.ParameterGroup = 2, true, graph.Lit("valkey8-cluster")
	l := newLife(s, kinds.ReplicationGroup{}, "replication-group/main", "main-abc")
	l.create(want)
	s.server.Advance(10 * time.Minute)
	if live := l.ready(want); !strings.HasPrefix(live.Out["address"], "clustercfg.main-abc.") {
		t.Errorf("%v", live.Out)
	}
	want.Shards = 3
	l.bring(want)
	want.Shards, want.Replicas, want.MultiAZ = 1, 0, false
	l.bring(want)
	l.remove(want)
}

func TestReplicationGroupsPasswordRotates(t *testing.T) {
	s := newSandbox(t)
	n, spec := s.cacheNetwork()
	secret := s.Secrets.Add(sandboxScope, "mine", `{"REDIS_PASSWORD":"first-password-0"}`)
	want := spec(n, graph.Lit(secret))
	l := newLife(s, kinds.ReplicationGroup{}, "replication-group/main", "main-abc")
	l.create(want)
	s.server.Advance(10 * time.Minute)
	accepts := func(first, second bool, why string) {
		t.Helper()
		if s.Cache.AcceptsPassword(sandboxScope, "main-abc", "first-password-0") != first || s.Cache.AcceptsPassword(sandboxScope, "main-abc", "second-password-") != second {
			t.Errorf("%s: wrong passwords", why)
		}
	}
	accepts(true, false, "before")
	s.Secrets.Add(sandboxScope, "mine", `{"REDIS_PASSWORD":"second-password-"}`)
	live := l.ready(want)
	if got := l.diff(want, live); !slices.Equal(got, []string{"password"}) {
		t.Fatalf("differs in %v", got)
	}
	after, err := l.kind.Update(t.Context(), l.call(), want, live, l.kind.Diff(l.call(), want, live))
	s.must(err)
	l.record(after)
	s.server.Advance(3 * time.Minute)
	l.equal(want, l.ready(want))
	accepts(true, true, "rotated")
	s.server.Advance(time.Hour)
	l.bring(want)
	accepts(false, true, "set")

	t.Run("a failed rotation is begun again", func(t *testing.T) {
		s.Secrets.Add(sandboxScope, "mine", `{"REDIS_PASSWORD":"first-password-0"}`)
		s.server.Inject(core.FaultRule{Service: "elasticache", Action: "ModifyReplicationGroup", Fault: core.FaultThrottle, Times: 1})
		live := l.ready(want)
		if _, err := l.kind.Update(t.Context(), l.call(), want, live, l.kind.Diff(l.call(), want, live)); err == nil {
			t.Fatal("no error")
		}
		l.bring(want)
		accepts(true, true, "rotated")
	})
	t.Run("to users", func(t *testing.T) {
		s.server.Advance(time.Hour)
		user := newLife(s, kinds.CacheUser{}, "cache-user/main", "portkey")
		user.create(kinds.CacheUserSpec{Engine: "valkey", UserName: "portkey", Access: "on ~* &* +@all", Authentication: kinds.CacheUserIAM})
		group := newLife(s, kinds.CacheUserGroup{}, "cache-user-group/main", "main-abc")
		groupSpec := kinds.CacheUserGroupSpec{Engine: "valkey", Users: graph.Lits("portkey")}
		group.create(groupSpec)
		group.ready(groupSpec)
		users := want
		users.Password, users.UserGroup = graph.Value{}, graph.Lit("main-abc")
		l.bring(users)
		accepts(false, false, "users")
		l.bring(want)
		accepts(true, false, "and back")
		l.remove(want)
	})
}

func TestServerlessCache(t *testing.T) {
	s := newSandbox(t)
	n := s.network()
	secret := s.Secrets.Add(sandboxScope, "mine", `{"REDIS_PASSWORD":"first-password-0"}`)
	userSpec := kinds.CacheUserSpec{Engine: "valkey", UserName: "default", Access: "on ~* &* +@all", Authentication: kinds.CacheUserPassword, Password: graph.Lit(secret)}
	user := newLife(s, kinds.CacheUser{}, "cache-user/main", "main-abc")
	user.create(userSpec)
	user.equal(userSpec, user.ready(userSpec))
	groupSpec := kinds.CacheUserGroupSpec{Engine: "valkey", Users: graph.Lits("main-abc")}
	group := newLife(s, kinds.CacheUserGroup{}, "cache-user-group/main", "main-abc")
	group.create(groupSpec)
	group.ready(groupSpec)
	spec := kinds.ServerlessCacheSpec{Description: "d", Engine: "valkey", MajorVersion: "8", Subnets: graph.Lits(n.subnets...), SecurityGroups: graph.Lits(n.group), UserGroup: graph.Lit("main-abc"), MaxStorageGB: 10}
	l := newLife(s, kinds.ServerlessCache{}, "serverless-cache/main", "main-abc")
	l.create(spec)
	if live := l.ready(spec); !strings.Contains(live.Out["address"], ".serverless.") {
		t.Errorf("%v", live.Out)
	}
	if !s.Cache.AcceptsPassword(sandboxScope, "main-abc", "first-password-0") {
		t.Error("the password isn't the secret's")
	}
	spec.MaxStorageGB, spec.MaxECPU = 0, 5000
	l.bring(spec)
	spec.MaxStorageGB, spec.MaxECPU = 5000, 15_000_000 // AWS's own bounds, written out
	l.bring(spec)
	spec.MajorVersion = "9"
	l.bring(spec)
	t.Run("the default user's password rotates", func(t *testing.T) {
		s.Secrets.Add(sandboxScope, "mine", `{"REDIS_PASSWORD":"second-password-"}`)
		user.bring(userSpec)
		for _, p := range []string{"first-password-0", "second-password-"} {
			if !s.Cache.AcceptsPassword(sandboxScope, "main-abc", p) {
				t.Errorf("%s isn't accepted", p)
			}
		}
		s.server.Advance(time.Hour)
		user.bring(userSpec)
		if s.Cache.AcceptsPassword(sandboxScope, "main-abc", "first-password-0") {
			t.Error("the old password is still accepted")
		}
	})
	l.tags(spec)
	l.foreign(spec)
	l.remove(spec)
	group.remove(groupSpec)
	user.remove(userSpec)
}

func TestSecurityGroupOpening(t *testing.T) {
	s := newSandbox(t)
	n := s.network()
	theirs, second := s.group(n.vpc, "theirs"), s.group(n.vpc, "second")
	rules := func(group string) []string {
		out, err := s.ec2.DescribeSecurityGroupRules(t.Context(), &ec2api.DescribeSecurityGroupRulesInput{Filters: []ec2types.Filter{{Name: sdk.String("group-id"), Values: []string{group}}}})
		s.must(err)
		var ids []string
		for _, r := range out.SecurityGroupRules {
			if !*r.IsEgress {
				ids = append(ids, *r.SecurityGroupRuleId)
			}
		}
		return ids
	}
	spec := kinds.SecurityGroupOpeningSpec{Group: graph.Lit(theirs), Source: graph.Lit(n.group), Port: 6379, Description: "Redis"}
	by := func(group string) *ec2api.AuthorizeSecurityGroupIngressInput {
		return &ec2api.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: []ec2types.IpPermission{{IpProtocol: sdk.String("tcp"), FromPort: sdk.Int32(6379), ToPort: sdk.Int32(6379),
			UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: &n.group}}}}}
	}
	t.Run("one rule of ours among others", func(t *testing.T) {
		l := newLife(s, kinds.SecurityGroupOpening{}, "security-group-opening/gateway", "opening")
		_, err := s.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2api.AuthorizeSecurityGroupIngressInput{GroupId: &theirs, CidrIp: sdk.String("10.9.0.0/16"), IpProtocol: sdk.String("tcp"), FromPort: sdk.Int32(6379), ToPort: sdk.Int32(6379)})
		s.must(err)
		l.create(spec)
		l.equal(spec, l.ready(spec))
		moved := spec
		moved.Group = graph.Lit(second)
		l.put(moved)
		if len(rules(theirs)) != 1 || len(rules(second)) != 1 {
			t.Errorf("%v %v", rules(theirs), rules(second))
		}
		found := map[graph.NodeID]graph.Live{}
		all, err := kinds.SecurityGroupOpening{}.List(t.Context(), l.call())
		s.must(err)
		maps.Copy(found, all)
		if len(found) != 1 || found["security-group-opening/gateway"].ID != l.id {
			t.Errorf("%v", found)
		}
		l.tags(moved)
		l.remove(moved)
		if len(rules(theirs)) != 1 || len(rules(second)) != 0 {
			t.Errorf("%v %v", rules(theirs), rules(second))
		}
	})
	t.Run("somebody has let us in already", func(t *testing.T) {
		_, err := s.ec2.AuthorizeSecurityGroupIngress(t.Context(), by(second))
		s.must(err)
		l := newLife(s, kinds.SecurityGroupOpening{}, "security-group-opening/gateway", "opening")
		given := spec
		given.Group = graph.Lit(second)
		if _, err := l.kind.Create(t.Context(), l.call(), given); err == nil {
			t.Fatal("made twice")
		}
		c := l.call()
		c.Taken = true
		live, err := l.kind.Observe(t.Context(), c, given)
		s.must(err)
		l.record(live)
		l.equal(given, l.ready(given))
		gone, err := l.kind.Delete(t.Context(), l.call(), live)
		s.must(err)
		if !gone || len(rules(second)) != 1 {
			t.Error("somebody else's rule was touched")
		}
	})
}
