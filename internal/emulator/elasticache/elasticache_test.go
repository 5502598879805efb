package elasticache_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdkec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	api "github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticache/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elasticache"
)

const account = "123456789012"

var scope = core.Scope{Account: account, Region: "us-east-1"}

// rig is ElastiCache with the real EC2 beside it: a VPC of three subnets, and a group.
type rig struct {
	*testing.T
	*api.Client
	ec2     *sdkec2.Client
	s       *elasticache.Service
	network *ec2.Service
	server  *core.Server
	subnets []string
	vpc, sg string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	w := core.NewWorld(core.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	w.AddKey("AKIATEST", core.AccountRoot(account))
	network := ec2.New(w)
	r := &rig{T: t, s: elasticache.New(w, network, nil), network: network, server: core.NewServer(w)}
	r.server.Register(network.Mux())
	r.server.Register(r.s.Mux())
	c := aws.Config{Region: scope.Region, BaseEndpoint: aws.String("http://emulator.test"), HTTPClient: r.server,
		Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret", ""), Retryer: func() aws.Retryer { return aws.NopRetryer{} }}
	r.Client, r.ec2 = api.NewFromConfig(c), sdkec2.NewFromConfig(c)
	ctx := t.Context()
	r.vpc = *must(r.ec2.CreateVpc(ctx, &sdkec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")}))(t).Vpc.VpcId
	r.server.Advance(time.Minute)
	for i, zone := range []string{"a", "b", "c"} {
		out := must(r.ec2.CreateSubnet(ctx, &sdkec2.CreateSubnetInput{VpcId: &r.vpc, AvailabilityZone: aws.String("us-east-1" + zone), CidrBlock: aws.String("10.0." + string(rune('0'+i)) + ".0/24")}))(t)
		r.subnets = append(r.subnets, *out.Subnet.SubnetId)
	}
	r.sg = r.group("cache")
	must(r.CreateCacheSubnetGroup(ctx, &api.CreateCacheSubnetGroupInput{CacheSubnetGroupName: aws.String("Main"), CacheSubnetGroupDescription: aws.String("d"), SubnetIds: r.subnets}))(t)
	return r
}

func (r *rig) group(name string) string {
	r.Helper()
	return *must(r.ec2.CreateSecurityGroup(r.Context(), &sdkec2.CreateSecurityGroupInput{VpcId: &r.vpc, GroupName: &name, Description: &name}))(r.T).GroupId
}

func must[T any](out T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// refused checks the code of an error, and a part of its message.
func refused[T any](t testing.TB, why, code, part string) func(T, error) {
	return func(_ T, err error) {
		t.Helper()
		var e smithy.APIError
		if !errors.As(err, &e) || e.ErrorCode() != code || !strings.Contains(e.ErrorMessage(), part) {
			t.Fatalf("%s: %v, want %s with %q", why, err, code, part)
		}
	}
}

// replicationGroup is a request that AWS takes.
func (r *rig) replicationGroup(change ...func(*api.CreateReplicationGroupInput)) *api.CreateReplicationGroupInput {
	in := &api.CreateReplicationGroupInput{
		ReplicationGroupId: aws.String("Prod-Redis"), ReplicationGroupDescription: aws.String("d"), Engine: aws.String("valkey"), EngineVersion: aws.String("8.0"),
		CacheNodeType: aws.String("cache.t4g.small"), NumNodeGroups: aws.Int32(1), ReplicasPerNodeGroup: aws.Int32(1), AutomaticFailoverEnabled: aws.Bool(true), MultiAZEnabled: aws.Bool(true),
		CacheSubnetGroupName: aws.String("main"), SecurityGroupIds: []string{r.sg}, TransitEncryptionEnabled: aws.Bool(true), AuthToken: aws.String("0123456789abcdef"),
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("ai")}},
	}
	for _, f := range change {
		f(in)
	}
	return in
}

func (r *rig) describe() types.ReplicationGroup {
	r.Helper()
	return must(r.DescribeReplicationGroups(r.Context(), &api.DescribeReplicationGroupsInput{ReplicationGroupId: aws.String("prod-redis")}))(r.T).ReplicationGroups[0]
}

func (r *rig) cluster(id string) types.CacheCluster {
	r.Helper()
	return must(r.DescribeCacheClusters(r.Context(), &api.DescribeCacheClustersInput{CacheClusterId: &id, ShowCacheNodeInfo: aws.Bool(true)}))(r.T).CacheClusters[0]
}

func TestReplicationGroup(t *testing.T) {
	r, ctx := newRig(t), t.Context()
	must(r.CreateReplicationGroup(ctx, r.replicationGroup()))(t)
	if g := r.describe(); *g.Status != "creating" || g.NodeGroups[0].PrimaryEndpoint != nil {
		t.Fatalf("%+v", g)
	}
	refused[*api.ModifyReplicationGroupOutput](t, "it is being created", "InvalidReplicationGroupState", "available")(
		r.ModifyReplicationGroup(ctx, &api.ModifyReplicationGroupInput{ReplicationGroupId: aws.String("prod-redis"), CacheNodeType: aws.String("cache.t4g.medium")}))
	r.server.Advance(10 * time.Minute)
	g := r.describe()
	if *g.Status != "available" || !strings.HasPrefix(*g.NodeGroups[0].PrimaryEndpoint.Address, "master.prod-redis.") || !strings.HasSuffix(*g.NodeGroups[0].ReaderEndpoint.Address, ".use1.cache.amazonaws.com") {
		t.Errorf("%+v", g.NodeGroups[0])
	}
	if g.ConfigurationEndpoint != nil || *g.ClusterEnabled || !*g.AuthTokenEnabled || !*g.AtRestEncryptionEnabled || g.TransitEncryptionMode != "required" || !slices.Equal(g.MemberClusters, []string{"prod-redis-001", "prod-redis-002"}) {
		t.Errorf("%+v", g)
	}
	c := r.cluster("prod-redis-001")
	if *c.EngineVersion != "8.0.1" || *c.SecurityGroups[0].SecurityGroupId != r.sg || *c.CacheParameterGroup.CacheParameterGroupName != "default.valkey8" || *c.CacheSubnetGroupName != "main" {
		t.Errorf("%+v", c)
	}
	tags := must(r.ListTagsForResource(ctx, &api.ListTagsForResourceInput{ResourceName: g.ARN}))(t)
	if len(tags.TagList) != 1 || *tags.TagList[0].Value != "ai" {
		t.Errorf("%+v", tags.TagList)
	}
	refused[*api.CreateReplicationGroupOutput](t, "a second one", "ReplicationGroupAlreadyExists", "")(r.CreateReplicationGroup(ctx, r.replicationGroup()))
	refused[*api.DeleteCacheSubnetGroupOutput](t, "it is in use", "CacheSubnetGroupInUse", "")(
		r.DeleteCacheSubnetGroup(ctx, &api.DeleteCacheSubnetGroupInput{CacheSubnetGroupName: aws.String("main")}))
	refused[*sdkec2.DeleteSecurityGroupOutput](t, "nodes have it", "DependencyViolation", "")(r.ec2.DeleteSecurityGroup(ctx, &sdkec2.DeleteSecurityGroupInput{GroupId: &r.sg}))
	refused[*sdkec2.DeleteSubnetOutput](t, "nodes are in it", "DependencyViolation", "")(r.ec2.DeleteSubnet(ctx, &sdkec2.DeleteSubnetInput{SubnetId: &r.subnets[0]}))

	must(r.DeleteReplicationGroup(ctx, &api.DeleteReplicationGroupInput{ReplicationGroupId: aws.String("PROD-redis")}))(t)
	if *r.describe().Status != "deleting" {
		t.Error("not deleting")
	}
	r.server.Advance(5 * time.Minute)
	refused[*api.DescribeReplicationGroupsOutput](t, "it is gone", "ReplicationGroupNotFoundFault", "")(
		r.DescribeReplicationGroups(ctx, &api.DescribeReplicationGroupsInput{ReplicationGroupId: aws.String("prod-redis")}))
	must(r.DeleteCacheSubnetGroup(ctx, &api.DeleteCacheSubnetGroupInput{CacheSubnetGroupName: aws.String("main")}))(t)
	must(r.ec2.DeleteSecurityGroup(ctx, &sdkec2.DeleteSecurityGroupInput{GroupId: &r.sg}))(t)
	must(r.ec2.DeleteSubnet(ctx, &sdkec2.DeleteSubnetInput{SubnetId: &r.subnets[0]}))(t)
}

func TestRefusedReplicationGroups(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		why        string
		change     func(*api.CreateReplicationGroupInput)
		code, part string
	}{
		{"a name with two hyphens", func(in *api.CreateReplicationGroupInput) { in.ReplicationGroupId = aws.String("a--b") }, "InvalidParameterValue", "identifier"},
		{"41 characters", func(in *api.CreateReplicationGroupInput) {
			in.ReplicationGroupId = aws.String("a" + strings.Repeat("b", 40))
		}, "InvalidParameterValue", "identifier"},
		{"a version there is none of", func(in *api.CreateReplicationGroupInput) { in.EngineVersion = aws.String("3.0") }, "InvalidParameterCombination", "Cannot find version 3.0 for valkey"},
		{"a node type there is none of", func(in *api.CreateReplicationGroupInput) { in.CacheNodeType = aws.String("cache.x9.large") }, "InvalidParameterValue", "CacheNodeType"},
		{"failover without a replica", func(in *api.CreateReplicationGroupInput) { in.ReplicasPerNodeGroup = aws.Int32(0) }, "InvalidParameterCombination", "less than 2 cache clusters"},
		{"Multi-AZ without failover", func(in *api.CreateReplicationGroupInput) { in.AutomaticFailoverEnabled = aws.Bool(false) }, "InvalidParameterCombination", "automatic failover"},
		{"six replicas", func(in *api.CreateReplicationGroupInput) { in.ReplicasPerNodeGroup = aws.Int32(6) }, "InvalidParameterValue", "within 0 and 5"},
		{"cluster mode with failover off", func(in *api.CreateReplicationGroupInput) {
			in.NumNodeGroups, in.AutomaticFailoverEnabled, in.MultiAZEnabled = aws.Int32(2), aws.Bool(false), aws.Bool(false)
		}, "InvalidParameterCombination", "auto failover"},
		{"shards with a parameter group of cluster mode off", func(in *api.CreateReplicationGroupInput) {
			in.NumNodeGroups, in.CacheParameterGroupName = aws.Int32(2), aws.String("default.valkey8")
		}, "InvalidParameterCombination", "cluster mode disabled"},
		{"another family's parameter group", func(in *api.CreateReplicationGroupInput) { in.CacheParameterGroupName = aws.String("default.redis7") }, "InvalidParameterCombination", "Expected a parameter group of family valkey8"},
		{"a token without TLS", func(in *api.CreateReplicationGroupInput) { in.TransitEncryptionEnabled = nil }, "InvalidParameterCombination", "in-transit encryption"},
		{"TLS without a subnet group", func(in *api.CreateReplicationGroupInput) { in.CacheSubnetGroupName = nil }, "CacheSubnetGroupNotFoundFault", "default"},
		{"a short token", func(in *api.CreateReplicationGroupInput) { in.AuthToken = aws.String("short") }, "InvalidParameterValue", "between 16 and 128"},
		{"a token with a slash", func(in *api.CreateReplicationGroupInput) { in.AuthToken = aws.String("0123456789abcde/") }, "InvalidParameterValue", "Invalid AuthToken"},
		{"a user group that isn't there", func(in *api.CreateReplicationGroupInput) { in.AuthToken, in.UserGroupIds = nil, []string{"none"} }, "UserGroupNotFound", ""},
		{"token and users", func(in *api.CreateReplicationGroupInput) { in.UserGroupIds = []string{"none"} }, "InvalidParameterCombination", "Both"},
		{"a security group that isn't there", func(in *api.CreateReplicationGroupInput) { in.SecurityGroupIds = []string{"sg-0123456789abcdef0"} }, "InvalidParameterValue", "security groups"},
		{"nodes counted twice", func(in *api.CreateReplicationGroupInput) { in.NumCacheClusters = aws.Int32(2) }, "InvalidParameterCombination", "NumCacheClusters"},
		{"what isn't served", func(in *api.CreateReplicationGroupInput) { in.SnapshotName = aws.String("s") }, "ValidationError", "SnapshotName"},
	} {
		refused[*api.CreateReplicationGroupOutput](t, c.why, c.code, c.part)(r.CreateReplicationGroup(t.Context(), r.replicationGroup(c.change)))
	}
	if left := len(r.server.Resources(false)); left > 20 {
		t.Errorf("refused requests left interfaces: %d objects", left)
	}
}

func TestModifyReplicationGroup(t *testing.T) {
	r, ctx := newRig(t), t.Context()
	must(r.CreateReplicationGroup(ctx, r.replicationGroup()))(t)
	r.server.Advance(10 * time.Minute)
	modify := func(change func(*api.ModifyReplicationGroupInput)) (*api.ModifyReplicationGroupOutput, error) {
		in := &api.ModifyReplicationGroupInput{ReplicationGroupId: aws.String("prod-redis"), ApplyImmediately: aws.Bool(true)}
		change(in)
		return r.ModifyReplicationGroup(ctx, in)
	}
	refused[*api.ModifyReplicationGroupOutput](t, "a downgrade", "InvalidParameterCombination", "downgrade")(modify(func(in *api.ModifyReplicationGroupInput) { in.EngineVersion = aws.String("7.2") }))
	refused[*api.ModifyReplicationGroupOutput](t, "back to Redis OSS", "InvalidParameterCombination", "downgrade")(modify(func(in *api.ModifyReplicationGroupInput) {
		in.Engine, in.EngineVersion = aws.String("redis"), aws.String("7.1")
	}))
	refused[*api.ModifyReplicationGroupOutput](t, "a token that wasn't rotated in", "InvalidParameterCombination", "rotated")(modify(func(in *api.ModifyReplicationGroupInput) {
		in.AuthToken, in.AuthTokenUpdateStrategy = aws.String("another-token-of-28-characters"), types.AuthTokenUpdateStrategyTypeSet
	}))
	for _, strategy := range []types.AuthTokenUpdateStrategyType{types.AuthTokenUpdateStrategyTypeRotate, types.AuthTokenUpdateStrategyTypeSet} {
		must(modify(func(in *api.ModifyReplicationGroupInput) {
			in.AuthToken, in.AuthTokenUpdateStrategy = aws.String("another-token-of-28-characters"), strategy
		}))(t)
		if g := r.describe(); *g.Status != "modifying" || g.PendingModifiedValues.AuthTokenStatus == "" {
			t.Errorf("%+v", g)
		}
		r.server.Advance(5 * time.Minute)
		if !r.s.AcceptsPassword(scope, "prod-redis", "another-token-of-28-characters") || r.s.AcceptsPassword(scope, "prod-redis", "0123456789abcdef") != (strategy == types.AuthTokenUpdateStrategyTypeRotate) {
			t.Errorf("after %s: wrong tokens", strategy)
		}
	}
	must(modify(func(in *api.ModifyReplicationGroupInput) {
		in.EngineVersion, in.CacheNodeType, in.SecurityGroupIds = aws.String("8.1"), aws.String("cache.m7g.large"), []string{r.group("other")}
	}))(t)
	r.server.Advance(10 * time.Minute)
	if c := r.cluster("prod-redis-002"); *c.EngineVersion != "8.1.0" || *c.CacheNodeType != "cache.m7g.large" || *c.SecurityGroups[0].SecurityGroupId == r.sg {
		t.Errorf("%+v", c)
	}
	t.Run("without ApplyImmediately it takes the maintenance window", func(t *testing.T) {
		must(modify(func(in *api.ModifyReplicationGroupInput) {
			in.CacheNodeType, in.ApplyImmediately = aws.String("cache.m7g.xlarge"), nil
		}))(t)
		if g := r.describe(); *g.Status != "available" || *g.CacheNodeType != "cache.m7g.large" {
			t.Errorf("%s %s", *g.Status, *g.CacheNodeType)
		}
		r.server.Advance(7 * 24 * time.Hour)
		if g := r.describe(); *g.CacheNodeType != "cache.m7g.xlarge" {
			t.Errorf("%s", *g.CacheNodeType)
		}
	})
	count := func(n int32, f func(id *string, n *int32, now *bool) error) error {
		return f(aws.String("prod-redis"), &n, aws.Bool(true))
	}
	more := func(id *string, n *int32, now *bool) error {
		_, err := r.IncreaseReplicaCount(ctx, &api.IncreaseReplicaCountInput{ReplicationGroupId: id, NewReplicaCount: n, ApplyImmediately: now})
		return err
	}
	fewer := func(id *string, n *int32, now *bool) error {
		_, err := r.DecreaseReplicaCount(ctx, &api.DecreaseReplicaCountInput{ReplicationGroupId: id, NewReplicaCount: n, ApplyImmediately: now})
		return err
	}
	refused[any](t, "as many", "NoOperationFault", "")(nil, count(1, more))
	must(0, count(3, more))(t)
	r.server.Advance(10 * time.Minute)
	if n := len(r.describe().MemberClusters); n != 4 {
		t.Errorf("%d members", n)
	}
	refused[any](t, "failover needs one", "InvalidParameterCombination", "less than 2")(nil, count(0, fewer))
	must(0, count(1, fewer))(t)
	r.server.Advance(10 * time.Minute)
	if n := len(r.describe().MemberClusters); n != 2 {
		t.Errorf("%d members", n)
	}
}

func TestClusterMode(t *testing.T) {
	r, ctx := newRig(t), t.Context()
	must(r.CreateReplicationGroup(ctx, r.replicationGroup(func(in *api.CreateReplicationGroupInput) { in.NumNodeGroups = aws.Int32(2) })))(t)
	r.server.Advance(10 * time.Minute)
	g := r.describe()
	if !*g.ClusterEnabled || g.ConfigurationEndpoint == nil || !strings.HasPrefix(*g.ConfigurationEndpoint.Address, "clustercfg.prod-redis.") || len(g.NodeGroups) != 2 || g.NodeGroups[0].PrimaryEndpoint != nil ||
		*g.NodeGroups[1].Slots != "8192-16383" || g.MemberClusters[2] != "prod-redis-0002-001" {
		t.Fatalf("%+v", g)
	}
	reshard := func(n int32, remove ...string) error {
		_, err := r.ModifyReplicationGroupShardConfiguration(ctx, &api.ModifyReplicationGroupShardConfigurationInput{ReplicationGroupId: aws.String("prod-redis"), NodeGroupCount: &n, ApplyImmediately: aws.Bool(true), NodeGroupsToRemove: remove})
		return err
	}
	must(0, reshard(3))(t)
	if g := r.describe(); g.PendingModifiedValues.Resharding == nil {
		t.Error("not resharding")
	}
	r.server.Advance(15 * time.Minute)
	refused[any](t, "which ones?", "InvalidParameterCombination", "NodeGroupsToRemove")(nil, reshard(1))
	must(0, reshard(1, "0001", "0002"))(t)
	r.server.Advance(15 * time.Minute)
	if g := r.describe(); len(g.NodeGroups) != 1 || *g.NodeGroups[0].NodeGroupId != "0003" || !slices.Equal(g.MemberClusters, []string{"prod-redis-0003-001", "prod-redis-0003-002"}) {
		t.Errorf("%+v", g)
	}
}

func TestUsers(t *testing.T) {
	r, ctx := newRig(t), t.Context()
	iam := &types.AuthenticationMode{Type: types.InputAuthenticationTypeIam}
	user := func(id, name, engine string, mode *types.AuthenticationMode) error {
		_, err := r.CreateUser(ctx, &api.CreateUserInput{UserId: &id, UserName: &name, Engine: &engine, AccessString: aws.String("on ~* &* +@all"), AuthenticationMode: mode})
		return err
	}
	refused[any](t, "names differ", "InvalidParameterCombination", "identical")(nil, user("portkey", "other", "valkey", iam))
	refused[any](t, "a short password", "InvalidParameterValue", "16-128")(nil, user("p", "p", "valkey", &types.AuthenticationMode{Type: types.InputAuthenticationTypePassword, Passwords: []string{"short"}}))
	must(0, user("portkey", "portkey", "valkey", iam))(t)
	must(0, user("main", "default", "valkey", &types.AuthenticationMode{Type: types.InputAuthenticationTypePassword, Passwords: []string{"0123456789abcdef"}}))(t)
	group := func(id, engine string, users ...string) error {
		_, err := r.CreateUserGroup(ctx, &api.CreateUserGroupInput{UserGroupId: &id, Engine: &engine, UserIds: users})
		return err
	}
	refused[any](t, "Redis OSS needs a default user", "DefaultUserRequired", "")(nil, group("g", "redis"))
	refused[any](t, "no Valkey user in a group of Redis OSS", "InvalidParameterCombination", "engine redis")(nil, group("g", "redis", "default", "portkey"))
	refused[any](t, "no user without a password in a group of Valkey", "InvalidParameterCombination", "no password")(nil, group("g", "valkey", "default"))
	must(0, group("g", "valkey", "portkey", "main"))(t)
	refused[any](t, "it is being made", "InvalidUserGroupState", "")(r.DeleteUserGroup(ctx, &api.DeleteUserGroupInput{UserGroupId: aws.String("g")}))
	r.server.Advance(time.Minute)
	must(r.CreateReplicationGroup(ctx, r.replicationGroup(func(in *api.CreateReplicationGroupInput) { in.AuthToken, in.UserGroupIds = nil, []string{"g"} })))(t)
	r.server.Advance(10 * time.Minute)
	if !r.s.AcceptsPassword(scope, "prod-redis", "0123456789abcdef") || r.s.AcceptsPassword(scope, "prod-redis", "") {
		t.Error("the default user's password")
	}
	refused[any](t, "a cache uses it", "InvalidUserGroupState", "prod-redis")(r.DeleteUserGroup(ctx, &api.DeleteUserGroupInput{UserGroupId: aws.String("g")}))
	out := must(r.DescribeUserGroups(ctx, &api.DescribeUserGroupsInput{UserGroupId: aws.String("g")}))(t).UserGroups[0]
	if !slices.Equal(out.UserIds, []string{"portkey", "main"}) || !slices.Equal(out.ReplicationGroups, []string{"prod-redis"}) {
		t.Errorf("%+v", out)
	}
	refused[any](t, "user group first", "InvalidParameterCombination", "Pass RemoveUserGroups")(r.ModifyReplicationGroup(ctx, &api.ModifyReplicationGroupInput{
		ReplicationGroupId: aws.String("prod-redis"), AuthToken: aws.String("0123456789abcdef"), AuthTokenUpdateStrategy: types.AuthTokenUpdateStrategyTypeSet}))
	must(r.ModifyReplicationGroup(ctx, &api.ModifyReplicationGroupInput{ReplicationGroupId: aws.String("prod-redis"), RemoveUserGroups: aws.Bool(true),
		AuthToken: aws.String("fedcba9876543210"), AuthTokenUpdateStrategy: types.AuthTokenUpdateStrategyTypeSet}))(t)
	r.server.Advance(10 * time.Minute)
	if !r.s.AcceptsPassword(scope, "prod-redis", "fedcba9876543210") {
		t.Error("from users to a token")
	}
	must(r.ModifyReplicationGroup(ctx, &api.ModifyReplicationGroupInput{ReplicationGroupId: aws.String("prod-redis"), UserGroupIdsToAdd: []string{"g"},
		AuthTokenUpdateStrategy: types.AuthTokenUpdateStrategyTypeDelete}))(t)
	r.server.Advance(10 * time.Minute)
	if g := r.describe(); *g.AuthTokenEnabled || !slices.Equal(g.UserGroupIds, []string{"g"}) {
		t.Errorf("from a token to users: %+v", g)
	}
}

func TestServerless(t *testing.T) {
	r, ctx := newRig(t), t.Context()
	in := &api.CreateServerlessCacheInput{ServerlessCacheName: aws.String("main"), Engine: aws.String("valkey"), MajorEngineVersion: aws.String("8"), SubnetIds: r.subnets[:1], SecurityGroupIds: []string{r.sg},
		CacheUsageLimits: &types.CacheUsageLimits{DataStorage: &types.DataStorage{Maximum: aws.Int32(10), Unit: types.DataStorageUnitGb}}}
	refused[any](t, "one subnet", "InvalidParameterValue", "2 or 3 subnets")(r.CreateServerlessCache(ctx, in))
	in.SubnetIds = r.subnets[:2]
	must(r.CreateServerlessCache(ctx, in))(t)
	describe := func() types.ServerlessCache {
		return must(r.DescribeServerlessCaches(ctx, &api.DescribeServerlessCachesInput{ServerlessCacheName: aws.String("main")}))(t).ServerlessCaches[0]
	}
	if c := describe(); *c.Status != "creating" || c.Endpoint != nil {
		t.Errorf("%+v", c)
	}
	r.server.Advance(time.Minute)
	c := describe()
	if *c.Status != "available" || !strings.Contains(*c.Endpoint.Address, ".serverless.use1.cache.amazonaws.com") || *c.Endpoint.Port != 6379 || *c.MajorEngineVersion != "8" || len(c.SubnetIds) != 2 || *c.CacheUsageLimits.DataStorage.Maximum != 10 {
		t.Errorf("%+v", c)
	}
	tasks := r.group("tasks")
	eni := must(r.network.CreateInterface(scope, ec2.InterfaceParams{SubnetID: r.subnets[2], SecurityGroupIDs: []string{tasks}}))(t)
	if r.s.Reaches(scope, eni.ID, *c.Endpoint.Address, 6379) {
		t.Error("a closed door")
	}
	must(r.ec2.AuthorizeSecurityGroupIngress(ctx, &sdkec2.AuthorizeSecurityGroupIngressInput{GroupId: &r.sg, IpPermissions: []ec2types.IpPermission{
		{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(6379), ToPort: aws.Int32(6379), UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: &tasks}}}}}))(t)
	if !r.s.Reaches(scope, eni.ID, *c.Endpoint.Address, 6379) || r.s.Reaches(scope, eni.ID, *c.Endpoint.Address, 6380) || r.s.Reaches(scope, eni.ID, "elsewhere", 6379) {
		t.Error("an open door")
	}
	must(r.DeleteServerlessCache(ctx, &api.DeleteServerlessCacheInput{ServerlessCacheName: aws.String("main")}))(t)
	r.server.Advance(time.Hour)
	refused[any](t, "it is gone", "ServerlessCacheNotFoundFault", "")(r.DescribeServerlessCaches(ctx, &api.DescribeServerlessCachesInput{ServerlessCacheName: aws.String("main")}))
}

func TestParameterGroup(t *testing.T) {
	r, ctx := newRig(t), t.Context()
	name := aws.String("main-valkey8")
	must(r.CreateCacheParameterGroup(ctx, &api.CreateCacheParameterGroupInput{CacheParameterGroupName: name, CacheParameterGroupFamily: aws.String("valkey8"), Description: aws.String("d")}))(t)
	set := func(group *string, parameter, value string) error {
		_, err := r.ModifyCacheParameterGroup(ctx, &api.ModifyCacheParameterGroupInput{CacheParameterGroupName: group, ParameterNameValues: []types.ParameterNameValue{{ParameterName: &parameter, ParameterValue: &value}}})
		return err
	}
	refused[any](t, "no such policy", "InvalidParameterValue", "maxmemory-policy")(nil, set(name, "maxmemory-policy", "random"))
	refused[any](t, "a default group", "InvalidParameterValue", "cannot be modified")(nil, set(aws.String("default.valkey8"), "maxmemory-policy", "noeviction"))
	must(0, set(name, "maxmemory-policy", "noeviction"))(t)
	got := must(r.DescribeCacheParameters(ctx, &api.DescribeCacheParametersInput{CacheParameterGroupName: name, Source: aws.String("user")}))(t).Parameters
	if len(got) != 1 || *got[0].ParameterValue != "noeviction" {
		t.Errorf("%+v", got)
	}
	must(r.CreateReplicationGroup(ctx, r.replicationGroup(func(in *api.CreateReplicationGroupInput) { in.CacheParameterGroupName = name })))(t)
	refused[any](t, "a cache uses it", "InvalidCacheParameterGroupState", "")(r.DeleteCacheParameterGroup(ctx, &api.DeleteCacheParameterGroupInput{CacheParameterGroupName: name}))
	refused[any](t, "a cache uses it", "InvalidCacheParameterGroupState", "cluster-enabled")(nil, set(name, "cluster-enabled", "yes"))
	versions := must(r.DescribeCacheEngineVersions(ctx, &api.DescribeCacheEngineVersionsInput{Engine: aws.String("valkey"), CacheParameterGroupFamily: aws.String("valkey8")}))(t).CacheEngineVersions
	if len(versions) != 3 {
		t.Errorf("%+v", versions)
	}
}
