package desired_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

func TestCaches(t *testing.T) {
	const secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:redis-AbCdEf"
	token := &v1alpha1.CacheAuth{SecretARN: secret}
	iam := &v1alpha1.CacheAuth{IAM: &v1alpha1.CacheIAM{}}
	at := func(tls *bool, cluster bool) *v1alpha1.CacheEndpoint {
		return &v1alpha1.CacheEndpoint{Address: "prod.abc.use1.cache.amazonaws.com:6379", TLS: tls, ClusterMode: cluster}
	}
	for _, c := range []struct {
		why   string
		cache v1alpha1.ElastiCache
		want  []string
		not   []string
	}{
		{"an address with TLS", v1alpha1.ElastiCache{Endpoint: at(nil, true)},
			[]string{`"REDIS_URL":"prod.abc.use1.cache.amazonaws.com:6379"`, `"REDIS_TLS_ENABLED":"true"`, `"REDIS_MODE":"cluster"`, `"CACHE_STORE":"aws-elastic-cache"`},
			[]string{"REDIS_PASSWORD", "security-group/cache", "security-group/redis", "service/redis", "ReplicationGroup"}},
		{"an address without TLS", v1alpha1.ElastiCache{Endpoint: at(ptr.To(false), false), Auth: token},
			[]string{`"REDIS_TLS_ENABLED":"false"`, `"REDIS_MODE":"standalone"`, `"REDIS_PASSWORD":"` + secret + `:REDIS_PASSWORD::"`}, nil},
		{"an address, by IAM", v1alpha1.ElastiCache{Endpoint: at(nil, false), Auth: &v1alpha1.CacheAuth{IAM: &v1alpha1.CacheIAM{UserName: "portkey", CacheName: "prod"}}},
			[]string{`"AWS_REDIS_AUTH_MODE":"iam"`, `"AWS_REDIS_CLUSTER_NAME":"prod"`, `"AWS_REDIS_REGION":"us-east-1"`, `"REDIS_USERNAME":"portkey"`, "elasticache:Connect",
				"arn:aws:elasticache:us-east-1:123456789012:replicationgroup:prod", "arn:aws:elasticache:us-east-1:123456789012:user:portkey"}, []string{"REDIS_PASSWORD"}},
		{"given by its ID", v1alpha1.ElastiCache{ReplicationGroupID: "prod", Auth: token},
			[]string{`"REDIS_URL":"found:6390"`, `"REDIS_MODE":"cluster"`, "security-group-opening/gateway", `"group":"sg-theirs"`, `"port":6390`}, []string{"security-group/cache"}},
		{"managed", v1alpha1.ElastiCache{Managed: &v1alpha1.ManagedCache{}},
			[]string{`"REDIS_URL":"${replication-group/cache.address}"`, `"REDIS_MODE":"standalone"`, `"REDIS_PASSWORD":"${secret/cache-password.arn}:REDIS_PASSWORD::"`,
				`"family":"valkey8"`, `"maxmemory-policy":"volatile-lru"`, `"engineVersion":"8.0"`, `"multiAZ":true`, `"password":"${secret/cache-password.arn}"`}, []string{"cluster-enabled", "CacheUser"}},
		{"managed with shards", v1alpha1.ElastiCache{Managed: &v1alpha1.ManagedCache{Engine: "redis", Shards: 3, ReplicasPerShard: ptr.To(int32(0))}, Auth: token},
			[]string{`"REDIS_MODE":"cluster"`, `"family":"redis7"`, `"cluster-enabled":"yes"`, `"multiAZ":false`, `"password":"` + secret + `"`, "replication-group/cluster"}, []string{`"Secret"`}},
		{"managed, by IAM", v1alpha1.ElastiCache{Managed: &v1alpha1.ManagedCache{}, Auth: iam},
			[]string{`"authentication":"iam"`, `"userGroup":"${cache-user-group/iam.id}"`, "elasticache:Connect"}, []string{"REDIS_PASSWORD", `"Secret"`, "cache-user/nobody"}},
		{"of Redis OSS, by IAM, the default user is shut out", v1alpha1.ElastiCache{Managed: &v1alpha1.ManagedCache{Engine: "redis"}, Auth: iam},
			[]string{"cache-user/nobody", `"access":"off ~* -@all"`}, nil},
		{"serverless", v1alpha1.ElastiCache{Serverless: &v1alpha1.ServerlessCache{}},
			[]string{`"REDIS_MODE":"cluster"`, `"userName":"default"`, `"majorVersion":"8"`, `"REDIS_URL":"${serverless-cache/main.address}"`}, []string{"CacheSubnetGroup"}},
	} {
		gw := gateway("gw")
		gw.Spec.Cache = &v1alpha1.Cache{ElastiCache: &c.cache}
		f := facts
		if c.cache.ReplicationGroupID != "" {
			f.Cache = &desired.ExistingCache{Name: "prod", Address: "found:6390", SecurityGroup: "sg-theirs", TLS: true, ClusterMode: true}
		}
		g, err := desired.Build(gw, own.Owner{Cluster: "c", Kind: "PortkeyGateway", Namespace: gw.Namespace, Name: gw.Name}, f)
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		b, err := json.Marshal(g)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range c.want {
			if !strings.Contains(strings.ReplaceAll(string(b), `\"`, ""), strings.ReplaceAll(part, `\"`, "")) {
				t.Errorf("%s: no %s in the graph", c.why, part)
			}
		}
		for _, part := range c.not {
			if strings.Contains(string(b), part) {
				t.Errorf("%s: %s is in the graph", c.why, part)
			}
		}
	}
}

// TestCacheNames: as ElastiCache takes them, whatever the resource is called.
func TestCacheNames(t *testing.T) {
	pattern := regexp.MustCompile(`^[a-z]([a-z0-9]|-[a-z0-9])*$`)
	kinds := map[string]bool{"ReplicationGroup": true, "ServerlessCache": true, "CacheSubnetGroup": true, "CacheParameterGroup": true, "CacheUser": true, "CacheUserGroup": true}
	for _, name := range []string{"a", "gw", "1st.gateway", "a--b", strings.Repeat("x", 63), "9" + strings.Repeat("y", 62)} {
		for _, cache := range []v1alpha1.ElastiCache{
			{Managed: &v1alpha1.ManagedCache{Engine: "redis", EngineVersion: "6.2"}, Auth: &v1alpha1.CacheAuth{IAM: &v1alpha1.CacheIAM{}}}, {Serverless: &v1alpha1.ServerlessCache{}},
		} {
			gw := gateway(name)
			gw.ObjectMeta = metav1.ObjectMeta{Namespace: "default", Name: name}
			gw.Spec.Cache = &v1alpha1.Cache{ElastiCache: &cache}
			for _, n := range build(t, gw).Nodes() {
				if kinds[n.Kind()] && (len(n.Name) > 40 || !pattern.MatchString(n.Name)) {
					t.Errorf("%s of %s: %q", n.ID, name, n.Name)
				}
			}
		}
	}
}

func TestACacheThatCantBeBuiltIsSaidClearly(t *testing.T) {
	for _, c := range []struct {
		why, part string
		change    func(*v1alpha1.PortkeyGatewaySpec)
	}{
		{"serverless in one zone", "two availability zones", func(s *v1alpha1.PortkeyGatewaySpec) {
			s.Network = &v1alpha1.Network{VPC: &v1alpha1.VPC{Zones: 1}}
			s.Cache = &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{Serverless: &v1alpha1.ServerlessCache{}}}
		}},
		{"a group of which nothing is known", "replicationGroupID", func(s *v1alpha1.PortkeyGatewaySpec) {
			s.Cache = &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{ReplicationGroupID: "prod"}}
		}},
	} {
		gw := gateway("gw")
		c.change(&gw.Spec)
		if _, err := desired.Build(gw, own.Owner{}, facts); err == nil || !strings.Contains(err.Error(), c.part) {
			t.Errorf("%s: %v", c.why, err)
		}
	}
}
