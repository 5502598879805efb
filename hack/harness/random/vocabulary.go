package random

import (
	"maps"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
)

// vocabulary is what the schema can't say: values of strings, by the path of their field (with [] for the items of a
// list, {} for the values of a map and {names} for its keys), of numbers where most of what the schema allows is no
// use, such as a thousand tasks, and of blocks whose fields depend on each other. An empty string is as good as
// none: templates render what isn't given like that.
func vocabulary(w World) map[string][]any {
	words := map[string][]any{
		"region":                                           {region},
		"accountID":                                        {"", emulator.Account},
		"organisations[]":                                  {"org_1", "org-2", "3fa85f64-5717-4562-b3fc-2c963f66afa6"},
		"syncInterval":                                     {"5m", "10m0s", "1h"},
		"namePrefix":                                       {"", "acme", "Portkey-prod"},
		"tags{names}":                                      {"team", "cost centre", "Environment"},
		"tags{}":                                           {"", "ai", "München / R+D"},
		"credentials.license.secretARN":                    {w.Seeded.LicenseSecret},
		"credentials.registry.secretARN":                   {w.Seeded.RegistrySecret},
		"credentials.license.secretRef.name":               {kubeSecret},
		"credentials.registry.secretRef.name":              {kubeSecret},
		"secrets.kmsKeyARN":                                {"", w.Key},
		"network.vpc.cidr":                                 {"10.0.0.0/16", "172.20.16.0/20"},
		"network.vpc.zones":                                {1, 2, 2, 3, 4},
		"network.existing.vpcID":                           {emulator.ExistingNetwork.VPCID},
		"network.existing.publicSubnetIDs[]":               list(emulator.ExistingNetwork.PublicSubnetIDs),
		"network.existing.privateSubnetIDs[]":              list(emulator.ExistingNetwork.PrivateSubnetIDs),
		"capacity.ec2.instanceType":                        {"t4g.xlarge", "m7g.xlarge", "m7i.xlarge", "t3.xlarge"},
		"capacity.ec2.minSize":                             {0, 1, 2},
		"capacity.ec2.maxSize":                             {10},
		"capacity.ec2.initialSize":                         {0, 1, 2, 3},
		"capacity.ec2.targetPercent":                       {100, 80, 50},
		"capacity.ec2.ami.id":                              {"", "", recommended("t4g.xlarge"), recommended("m7i.xlarge")},
		"capacity.ec2.instanceRefresh.instanceWarmup":      {"0s", "60s"},
		"capacity.fargate.spot.base":                       {0, 1, 2},
		"capacity.fargate.spot.weight":                     {0, 1, 4},
		"capacity.existing.cluster":                        {sharedCluster},
		"capacity.existing.capacityProvider":               {"FARGATE", "FARGATE_SPOT"},
		"mcp.port":                                         {8788, 9100, 3001},
		"mcp.baseURL":                                      {"", "https://mcp.example.com", "https://mcp.example.com:8443/base"},
		"cache.builtIn.image.repository":                   {"redis", "valkey/valkey"},
		"cache.builtIn.image.tag":                          {"7.2-alpine", "8.0-alpine"},
		"cache.elastiCache.endpoint.address":               {"prod-redis.xxxxx.cache.amazonaws.com:6379", "10.1.2.3:6380"},
		"cache.elastiCache.replicationGroupID":             {"", encryptedCache, tokenCache, iamCache},
		"cache.elastiCache.managed.engineVersion":          {"", "7.0", "7.1", "6.2", "7.2", "8.0", "8.1"},
		"cache.elastiCache.managed.nodeType":               {"", "cache.t4g.small", "cache.t4g.medium", "cache.r7g.large"},
		"cache.elastiCache.managed.shards":                 {1, 1, 2},
		"cache.elastiCache.managed.replicasPerShard":       {0, 1, 2},
		"cache.elastiCache.serverless.majorEngineVersion":  {"", "7", "8"},
		"cache.elastiCache.auth.secretARN":                 {"", w.CacheSecret},
		"cache.elastiCache.auth.secretRef.name":            {kubeSecret},
		"cache.elastiCache.auth.iam.userName":              {"", "portkey"},
		"cache.elastiCache.auth.iam.cacheName":             {"", "prod-redis"},
		"storage.logBucket":                                {emulator.LogBucket, emulator.ProductionLogBucket},
		"storage.exportBucket":                             {"", emulator.ProductionExportBucket},
		"storage.fineTuneBucket":                           {"", emulator.LogBucket},
		"storage.region":                                   {"", region},
		"bedrock.models[]":                                 {"anthropic.claude-sonnet-4-20250514-v1:0", "us.anthropic.*", "amazon.nova-lite-v1:0"},
		"bedrock.assumeRoleARNs[]":                         {"arn:aws:iam::210987654321:role/team/bedrock", "arn:aws:iam::210987654321:role/bedrock"},
		"loadBalancer.certificateARN":                      {"", w.Certificate},
		"loadBalancer.allowedCIDRs[]":                      {"10.0.0.0/8", "203.0.113.7/32", "0.0.0.0/0"},
		"loadBalancer.dns.hostedZoneID":                    {zoneID},
		"loadBalancer.deregistrationDelay":                 {"0s", "60s", "2m"},
		"loadBalancer.hosts.gateway":                       {"", gatewayHost, mcpHost},
		"loadBalancer.hosts.mcp":                           {"", mcpHost, gatewayHost},
		"loadBalancer.paths.gateway":                       {"", "/ai", "/same"},
		"loadBalancer.paths.mcp":                           {"", "/mcp", "/same"},
		"loadBalancer.accessLogs.bucket":                   {emulator.LogBucket, emulator.AccessLogBucket},
		"loadBalancer.accessLogs.prefix":                   {"", "portkey/prod"},
		"loadBalancer.idleTimeout":                         {"1s", "300s", "4000s"},
		"loadBalancer.wafWebACLARN":                        {"", w.WebACL},
		"gateway.rollout.bakeTime":                         {"0s", "1m", "5m"},
		"gateway.rollout.canary.percent":                   {1, 20, 99},
		"gateway.rollout.canary.bakeTime":                  {"0m", "2m"},
		"gateway.rollout.linear.stepPercent":               {25, 50, 99},
		"gateway.rollout.linear.stepBakeTime":              {"0m", "1m"},
		"gateway.rollout.alarms[]":                         list(alarms),
		"gateway.rollout.approvedImage":                    {"portkeyai/gateway_enterprise:2.17.0", "portkeyai/gateway_enterprise:2.16.0"},
		"gateway.rollout.hooks[].pause.timeout":            {"30m", "2h"},
		"gateway.rollout.hooks[].lambda.functionARN":       list(verdicts),
		"gateway.rollout.hooks[].lambda.roleARN":           {"", hookRole},
		"gateway.rollout.hooks[].lambda.timeout":           {"1m", "30m"},
		"gateway.rollout.hooks[].httpProbe.path":           {"", "/v1/health", "/v1/health?deep=true"},
		"gateway.rollout.hooks[].httpProbe.host":           {"", probeHost},
		"gateway.rollout.hooks[].httpProbe.expectedStatus": {200, 204},
		"gateway.rollout.hooks[].httpProbe.timeout":        {"1s", "5s"},
		"gateway.rollout.hooks[].httpProbe.retryFor":       {"0s", "1m"},
	}
	for service, more := range map[string]map[string][]any{
		"gateway": {
			"image.repository": {"portkeyai/gateway_enterprise", "registry.example.com:5000/team/gateway"},
			"image.tag":        {"2.16.0", "2.17.0", "v2.18.0-fips_1"},
			"port":             {8787, 8080, 3000},
		},
		"dataService": {
			"image.repository": {"portkeyai/data-service", "ghcr.io/portkey/data-service"},
			"image.tag":        {"1.9.0", "1.9.1", "1.6.0"},
		},
	} {
		for field, values := range more {
			words[service+"."+field] = values
		}
		for field, values := range serviceWords(w) {
			words[service+"."+field] = values
		}
	}
	words["cache.builtIn.resources"] = sizes[:3]
	maps.Copy(words, inboundWords)
	maps.Copy(words, outboundWords)
	return words
}

// sizes of tasks are few enough that instances of the vocabulary have room for them, and in several spellings.
var sizes = []any{
	map[string]any{"cpu": "250m", "memory": "512Mi"}, map[string]any{"cpu": "0.5", "memory": "1Gi"}, map[string]any{"cpu": "250m", "memory": "1Gi"},
	map[string]any{"cpu": 1, "memory": "2048Mi"}, map[string]any{"cpu": "1000m", "memory": "4Gi"},
}

// serviceWords are those of both services.
func serviceWords(w World) map[string][]any {
	return map[string][]any{
		"replicas":                               {0, 1, 2, 3},
		"resources":                              sizes,
		"env{names}":                             {"LOG_LEVEL", "_x", "SERVICE_NAME"},
		"env{}":                                  {"", "debug", "a.example.com,b.example.com"},
		"secretEnv{names}":                       {"MY_KEY", "WHOLE"},
		"secretEnv{}.secretARN":                  {w.Seeded.RedisSecret, w.CacheSecret},
		"secretEnv{}.secretRef.name":             {kubeSecret},
		"secretEnv{}.key":                        {"", "REDIS_PASSWORD"},
		"autoscaling.minReplicas":                {0, 1, 2},
		"autoscaling.maxReplicas":                {2, 3, 4},
		"autoscaling.targetCPUPercent":           {50, 70},
		"autoscaling.targetMemoryPercent":        {60, 100},
		"autoscaling.targetRequestsPerTask":      {1000},
		"autoscaling.scaleInCooldown":            {"0s", "2m", "1h"},
		"autoscaling.scaleOutCooldown":           {"0s", "90s"},
		"taskRole.policyARNs[]":                  {"arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore", "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"},
		"stopTimeout":                            {"2s", "30s", "2m"},
		"rollout.circuitBreaker.threshold.value": {1, 3, 100},
	}
}

func list[T any](values []T) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}
