package lifecycle

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
)

// course is a life of a sample with one edit after the other. Amendments count the calls of edits of the minimal
// deployment; here what counts is that larger deployments come through all edits, whatever came before.
type course struct {
	name, sample string
	edits        []courseEdit
}

type courseEdit struct {
	// fields are the fields of spec that it is about.
	fields []string
	edit   func(*v1alpha1.PortkeyGatewaySpec)
	// elsewhere says that clients find the gateway under another address, port or path afterwards.
	elsewhere bool
}

// gw and data are edits of a service that is there.
func gw(f func(*v1alpha1.Gateway)) func(*spec) {
	return func(s *spec) {
		if s.Gateway == nil {
			s.Gateway = &v1alpha1.Gateway{}
		}
		f(s.Gateway)
	}
}

func data(f func(*v1alpha1.DataService)) func(*spec) {
	return func(s *spec) { f(s.DataService) }
}

func rollouts(r v1alpha1.Rollout) func(*spec) {
	return gw(func(g *v1alpha1.Gateway) { g.Rollout = &r })
}

func cacheOf(e *v1alpha1.ElastiCache) func(*spec) {
	return func(s *spec) { s.Cache = &v1alpha1.Cache{ElastiCache: e} }
}

const otherCertificate = "arn:aws:acm:us-east-1:" + emulator.Account + ":certificate/" + emulator.HostCertificateID

var courses = []course{
	{"production: services", "production", []courseEdit{
		{fields: []string{"gateway.secretEnv"}, edit: gw(func(g *v1alpha1.Gateway) {
			g.SecretEnv = v1alpha1.SecretEnvironment{"MY_KEY": {SecretARN: "arn:aws:secretsmanager:us-east-1:" + emulator.Account + ":secret:portkey/redis-AbCdEf", Key: "REDIS_PASSWORD"}}
		})},
		{fields: []string{"gateway.availabilityZoneRebalancing"}, edit: gw(func(g *v1alpha1.Gateway) { g.AvailabilityZoneRebalancing = v1alpha1.AZRebalancingDisabled })},
		{fields: []string{"dataService.image.tag", "dataService.image.repository"}, edit: data(func(d *v1alpha1.DataService) {
			d.Image = &v1alpha1.Image{Repository: "ghcr.io/portkey/data-service", Tag: "1.9.1"}
		})},
		{fields: []string{"dataService.replicas"}, edit: data(func(d *v1alpha1.DataService) { d.Replicas = ptr.To[int32](1) })},
		{fields: []string{"dataService.resources.cpu", "dataService.resources.memory"}, edit: data(func(d *v1alpha1.DataService) { d.Resources = size("1", "2Gi") })},
		{fields: []string{"dataService.env", "dataService.secretEnv"}, edit: data(func(d *v1alpha1.DataService) {
			d.Env = v1alpha1.Environment{"HYBRID_DEPLOYMENT": "OFF"}
			d.SecretEnv = v1alpha1.SecretEnvironment{"WHOLE": {SecretARN: "arn:aws:secretsmanager:us-east-1:" + emulator.Account + ":secret:portkey/redis-AbCdEf"}}
		})},
		{fields: []string{"dataService.taskRole.policyARNs", "dataService.enableExec", "dataService.logRetentionDays"}, edit: data(func(d *v1alpha1.DataService) {
			d.TaskRole, d.EnableExec, d.LogRetentionDays = &v1alpha1.TaskRole{PolicyARNs: []string{sessions}}, true, 30
		})},
		{fields: []string{"dataService.stopTimeout", "dataService.availabilityZoneRebalancing"}, edit: data(func(d *v1alpha1.DataService) {
			d.StopTimeout, d.AvailabilityZoneRebalancing = seconds(60), v1alpha1.AZRebalancingDisabled
		})},
		{fields: []string{"dataService.rollout.circuitBreaker.enabled", "dataService.rollout.circuitBreaker.rollback"}, edit: data(func(d *v1alpha1.DataService) {
			d.Rollout = &v1alpha1.ServiceRollout{CircuitBreaker: &v1alpha1.CircuitBreaker{Enabled: &yes, Rollback: &no}}
		})},
		{fields: []string{
			"dataService.rollout.circuitBreaker.threshold.type", "dataService.rollout.circuitBreaker.threshold.value", "dataService.rollout.circuitBreaker.resetOnHealthyTask",
		}, edit: data(func(d *v1alpha1.DataService) {
			d.Rollout.CircuitBreaker.Threshold, d.Rollout.CircuitBreaker.ResetOnHealthyTask = threshold(v1alpha1.ThresholdUnboundedPercent, 20), &no
		})},
		{fields: []string{"dataService.autoscaling.minReplicas", "dataService.autoscaling.maxReplicas", "dataService.autoscaling.targetCPUPercent"}, edit: data(func(d *v1alpha1.DataService) {
			d.Autoscaling = &v1alpha1.Autoscaling{MinReplicas: 1, MaxReplicas: 3, TargetCPUPercent: ptr.To[int32](50)}
		})},
		{fields: []string{"dataService.autoscaling.targetMemoryPercent", "dataService.autoscaling.scaleInCooldown", "dataService.autoscaling.scaleOutCooldown"}, edit: data(func(d *v1alpha1.DataService) {
			d.Autoscaling.TargetMemoryPercent, d.Autoscaling.ScaleInCooldown, d.Autoscaling.ScaleOutCooldown = ptr.To[int32](60), seconds(300), seconds(30)
		})},
		{edit: func(s *spec) { s.DataService = nil }},
		{edit: func(s *spec) { s.DataService = &v1alpha1.DataService{} }},
	}},
	{"production: rollouts", "production", []courseEdit{
		{edit: gw(func(g *v1alpha1.Gateway) { g.Image = &v1alpha1.Image{Tag: "2.17.0"} })},
		{fields: []string{"gateway.rollout.strategy", "gateway.rollout.canary.percent", "gateway.rollout.canary.bakeTime"}, edit: rollouts(v1alpha1.Rollout{
			Strategy: v1alpha1.RolloutCanary, Canary: &v1alpha1.Canary{Percent: 20, BakeTime: seconds(120)},
		})},
		{edit: gw(func(g *v1alpha1.Gateway) { g.Image = &v1alpha1.Image{Tag: "2.18.0"} })},
		{fields: []string{"gateway.rollout.linear.stepPercent", "gateway.rollout.linear.stepBakeTime", "gateway.rollout.bakeTime"}, edit: rollouts(v1alpha1.Rollout{
			Strategy: v1alpha1.RolloutLinear, BakeTime: seconds(180), Linear: &v1alpha1.Linear{StepPercent: 50, StepBakeTime: seconds(60)},
		})},
		{edit: gw(func(g *v1alpha1.Gateway) { g.Image = &v1alpha1.Image{Tag: "2.19.0"} })},
		{edit: rollouts(v1alpha1.Rollout{})},
		{edit: gw(func(g *v1alpha1.Gateway) { g.Image = &v1alpha1.Image{Tag: "2.20.0"} })},
		{fields: []string{"gateway.autoscaling.targetRequestsPerTask"}, edit: gw(func(g *v1alpha1.Gateway) { g.Autoscaling.TargetRequestsPerTask = ptr.To[int32](1000) })},
		{edit: gw(func(g *v1alpha1.Gateway) { g.Autoscaling = nil })},
		{edit: rollouts(v1alpha1.Rollout{Strategy: v1alpha1.RolloutBlueGreen})},
		{edit: gw(func(g *v1alpha1.Gateway) { g.Replicas = ptr.To[int32](2) })},
	}},
	{"production: routing and storage", "production", []courseEdit{
		{fields: []string{"loadBalancer.idleTimeout"}, edit: func(s *spec) { s.LoadBalancer.IdleTimeout = seconds(600) }},
		{fields: []string{"loadBalancer.accessLogs.bucket", "loadBalancer.accessLogs.prefix"}, edit: func(s *spec) {
			s.LoadBalancer.AccessLogs = &v1alpha1.AccessLogs{Bucket: emulator.LogBucket, Prefix: "alb"}
		}},
		{edit: func(s *spec) { s.LoadBalancer.AccessLogs = nil }},
		{fields: []string{"loadBalancer.certificateARN", "loadBalancer.hosts.gateway"}, elsewhere: true, edit: func(s *spec) {
			s.LoadBalancer.CertificateARN, s.LoadBalancer.Hosts = otherCertificate, &v1alpha1.Hosts{Gateway: "gateway.example.com"}
		}},
		{edit: func(s *spec) { s.LoadBalancer.DeregistrationDelay = seconds(30) }},
		{fields: []string{"storage.exportBucket", "storage.fineTuneBucket"}, edit: func(s *spec) { s.Storage.ExportBucket, s.Storage.FineTuneBucket = "", emulator.LogBucket }},
		{fields: []string{"bedrock.models", "bedrock.assumeRoleARNs"}, edit: func(s *spec) {
			s.Bedrock = &v1alpha1.Bedrock{Models: []string{"amazon.nova-lite-v1:0"}, AssumeRoleARNs: []string{"arn:aws:iam::210987654321:role/bedrock"}}
		}},
		{edit: func(s *spec) { s.Bedrock = nil }},
		{fields: []string{"cache.elastiCache.auth.secretRef.name"}, edit: func(s *spec) { s.Cache.ElastiCache.Auth = &v1alpha1.CacheAuth{SecretRef: ref(kubeRedis)} }},
		{fields: []string{"cache.elastiCache.auth.secretARN"}, edit: func(s *spec) { s.Cache.ElastiCache.Auth = nil }},
		{fields: []string{"cache.elastiCache.endpoint.address", "cache.elastiCache.endpoint.tls", "cache.elastiCache.endpoint.clusterMode"}, edit: cacheOf(&v1alpha1.ElastiCache{
			Endpoint: &v1alpha1.CacheEndpoint{Address: "other.xxxxx.cache.amazonaws.com:6380", TLS: &no},
		})},
		{edit: func(s *spec) { s.LoadBalancer = nil }, elsewhere: true},
	}},
	{"caches", "minimal", []courseEdit{
		{fields: []string{"cache.elastiCache.managed.engine", "cache.elastiCache.managed.engineVersion", "cache.elastiCache.managed.nodeType", "cache.elastiCache.managed.shards", "cache.elastiCache.managed.replicasPerShard"},
			edit: cacheOf(&v1alpha1.ElastiCache{Managed: &v1alpha1.ManagedCache{Engine: v1alpha1.CacheEngineRedis, EngineVersion: "7.0", NodeType: "cache.t4g.medium", Shards: 1, ReplicasPerShard: ptr.To[int32](2)}})},
		{edit: func(s *spec) { s.Cache.ElastiCache.Managed.EngineVersion = "7.1" }},
		{edit: func(s *spec) { s.Cache.ElastiCache.Managed.NodeType = "cache.t4g.small" }},
		{edit: func(s *spec) { s.Cache.ElastiCache.Managed.ReplicasPerShard = ptr.To[int32](1) }},
		{fields: []string{"cache.elastiCache.auth.iam.userName"}, edit: cacheOf(&v1alpha1.ElastiCache{
			Serverless: &v1alpha1.ServerlessCache{}, Auth: &v1alpha1.CacheAuth{IAM: &v1alpha1.CacheIAM{UserName: "portkey"}},
		})},
		{fields: []string{"cache.elastiCache.serverless.maxDataStorageGB", "cache.elastiCache.serverless.maxECPUPerSecond"}, edit: func(s *spec) {
			s.Cache.ElastiCache.Serverless.MaxDataStorageGB, s.Cache.ElastiCache.Serverless.MaxECPUPerSecond = 10, 5000
		}},
		{fields: []string{"cache.elastiCache.serverless.engine", "cache.elastiCache.serverless.majorEngineVersion"}, edit: cacheOf(&v1alpha1.ElastiCache{
			Serverless: &v1alpha1.ServerlessCache{Engine: v1alpha1.CacheEngineValkey, MajorEngineVersion: "8", MaxDataStorageGB: 10, MaxECPUPerSecond: 5000},
		})},
		{edit: func(s *spec) { s.Cache = nil }},
	}},
	{"both gateways", "gateway-mcp", []courseEdit{
		{fields: []string{"mcp.baseURL"}, edit: func(s *spec) { s.MCP = &v1alpha1.MCP{BaseURL: "https://mcp.example.com"} }},
		{fields: []string{"mcp.port"}, edit: func(s *spec) { s.MCP = &v1alpha1.MCP{Port: 9100} }},
		{fields: []string{"mode"}, elsewhere: true, edit: func(s *spec) {
			s.Mode, s.LoadBalancer.Hosts = v1alpha1.ModeGateway, &v1alpha1.Hosts{Gateway: "gateway.example.com"}
		}},
		{elsewhere: true, edit: func(s *spec) {
			s.Mode, s.LoadBalancer.Hosts = v1alpha1.ModeMCP, &v1alpha1.Hosts{MCP: "mcp.example.com"}
		}},
		{elsewhere: true, fields: []string{"loadBalancer.hosts.mcp"}, edit: func(s *spec) {
			s.Mode, s.LoadBalancer.Hosts = v1alpha1.ModeAll, &v1alpha1.Hosts{Gateway: "mcp.example.com", MCP: "gateway.example.com"}
		}},
		{elsewhere: true, fields: []string{"loadBalancer.paths.mcp", "loadBalancer.paths.gateway"}, edit: func(s *spec) {
			s.LoadBalancer.Hosts, s.LoadBalancer.Paths = &v1alpha1.Hosts{Gateway: "gateway.example.com"}, &v1alpha1.Paths{Gateway: "/ai", MCP: "/mcp"}
		}},
		{edit: rollouts(v1alpha1.Rollout{Strategy: v1alpha1.RolloutBlueGreen})},
		{edit: gw(func(g *v1alpha1.Gateway) { g.Image = &v1alpha1.Image{Tag: "2.17.0"} })},
		{elsewhere: true, fields: []string{"loadBalancer.replacementPolicy"}, edit: func(s *spec) {
			s.Mode, s.LoadBalancer = v1alpha1.ModeGateway, &v1alpha1.LoadBalancer{ReplacementPolicy: v1alpha1.ReplacementParallel}
			s.Gateway.Rollout = nil
		}},
	}},
}

// TestCourses takes each course. While clients know the address they are served; after each edit there is
// nothing left to do; and at the end AWS is as if the last spec had been the first.
func TestCourses(t *testing.T) {
	for i, c := range courses {
		if !harness.Sample(3 * i) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := harness.New()
			h.WriteSecret(kubeRedis, map[string]string{"REDIS_PASSWORD": "emulated-password"})
			object := h.Sample(c.sample)
			before := h.Emulator.Server.Resources(false)
			key := h.Create(object)
			ready(t, h, key)
			settle(t, h, key)
			for i, e := range c.edits {
				s := &patrons{h: h, key: key}
				if !e.elsewhere {
					h.Watch = s.look
				}
				h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { e.edit(&gw.Spec) })
				if err := h.Until(key, 3*time.Hour, "Ready", harness.Ready); err != nil {
					t.Fatalf("edit %d %v: %v", i, e.fields, err)
				}
				h.AdvanceTo(h.Clock.Now().Add(20 * time.Minute))
				h.Watch = nil
				for _, b := range s.broke {
					t.Errorf("edit %d %v: clients weren't served at %s", i, e.fields, b)
				}
				quiet(t, h, key)
			}
			unplanned(t, h, key)
			other := harness.New()
			fresh := other.Sample(c.sample)
			fresh.Spec = *h.Get(key).Spec.DeepCopy()
			equalToNew(t, h, other, fresh)
			h.Delete(key)
			gone(t, h, key, before)
		})
	}
}

// patrons are clients of the addresses in status.
type patrons struct {
	h     *harness.Harness
	key   types.NamespacedName
	broke []string
}

func (p *patrons) look() {
	gw := p.h.Get(p.key)
	if gw == nil || gw.Spec.LoadBalancer == nil || gw.Status.Endpoints == nil {
		return
	}
	w := p.h.Emulator.World
	w.Lock()
	defer w.Unlock()
	s := gw.Resolved()
	lb := s.LoadBalancer
	ask := func(host v1alpha1.HostName, path v1alpha1.PathPrefix) {
		q := elbv2.ClientRequest{DNS: gw.Status.Endpoints.LoadBalancer, Port: 80, Source: "10.0.0.10", Host: string(host), Path: string(path) + "/v1/health"}
		if lb.Scheme == v1alpha1.LoadBalancerInternetFacing {
			q.Source = "203.0.113.10"
		}
		if lb.CertificateARN != "" {
			q.TLS, q.Port = true, 443
		}
		if q.Host == "" {
			q.Host = "gw." + emulator.CertificateDomain
		}
		out := p.h.Emulator.ELB.Route(q)
		if out.Problem == "" && out.Path != "/v1/health" {
			out.Problem = "the tasks see the path " + out.Path
		}
		if out.Problem != "" && len(p.broke) < 3 {
			p.broke = append(p.broke, p.h.Clock.Now().Format("15:04:05 ")+q.Host+string(path)+": "+out.Problem)
		}
	}
	if s.Mode != v1alpha1.ModeMCP {
		ask(lb.Hosts.Gateway, lb.Paths.Gateway)
	}
	if s.Mode != v1alpha1.ModeGateway && lb.Type == v1alpha1.LoadBalancerApplication {
		host := lb.Hosts.MCP
		if host == "" {
			host = lb.Hosts.Gateway
		}
		ask(host, lb.Paths.MCP)
	}
}
