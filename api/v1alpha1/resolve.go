package v1alpha1

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// What absence means. A change here changes existing deployments when the operator is upgraded, so it
// belongs into the release notes, and into the rules that write it out. DefaultCIDR can't change at all: a
// rule keeps the network as it was.
const (
	DefaultSyncInterval      = 5 * time.Minute
	DefaultCIDR              = "10.0.0.0/16"
	DefaultZones             = 2
	DefaultInstanceType      = "t4g.medium"
	DefaultMinSize           = 1
	DefaultMaxSize           = 3
	DefaultInitialSize       = 2
	DefaultTargetPercent     = 100
	DefaultGatewayRepository = "portkeyai/gateway_enterprise"
	DefaultGatewayTag        = "2.16.0"
	DefaultGatewayPort       = 8787
	DefaultGatewayCPU        = "1"
	DefaultGatewayMemory     = "2Gi"
	DefaultMCPPort           = 8788
	// DataServicePort is fixed: the gateway looks for the data service there.
	DataServicePort              = 8081
	DefaultDataServiceRepository = "portkeyai/data-service"
	DefaultDataServiceTag        = "1.9.0"
	DefaultDataServiceCPU        = "500m"
	DefaultDataServiceMemory     = "1Gi"
	DefaultRedisRepository       = "redis"
	DefaultRedisTag              = "7.2-alpine"
	DefaultRedisCPU              = "250m"
	DefaultRedisMemory           = "512Mi"
	DefaultLogRetentionDays      = 14
	// DefaultStopTimeout is also ECS's own default.
	DefaultStopTimeout = 30 * time.Second
	// DefaultDeregistrationDelay is shorter than AWS's five minutes, which every rollout would wait for.
	DefaultDeregistrationDelay = 60 * time.Second
	// DefaultIdleTimeout is longer than AWS's minute, which cuts streams that pause.
	DefaultIdleTimeout    = 300 * time.Second
	DefaultBakeTime       = time.Minute
	DefaultCanaryPercent  = 10
	DefaultCanaryBakeTime = 5 * time.Minute
	DefaultStepPercent    = 10
	DefaultStepBakeTime   = 5 * time.Minute
	// DefaultHookTimeout and DefaultBreakerPercent are also ECS's own.
	DefaultHookTimeout      = 24 * time.Hour
	DefaultBreakerPercent   = 50
	DefaultProbePath        = "/v1/health"
	DefaultProbeStatus      = 200
	DefaultProbeTimeout     = 5 * time.Second
	DefaultProbeRetryFor    = time.Minute
	DefaultScaleInCooldown  = 120 * time.Second
	DefaultScaleOutCooldown = 60 * time.Second
	// The three of an instance refresh are the Terraform module's.
	DefaultRefreshMinHealthyPercent = 50
	DefaultRefreshMaxHealthyPercent = 100
	DefaultRefreshWarmup            = 300 * time.Second
	DefaultCacheNodeType            = "cache.t4g.small"
	DefaultValkeyVersion            = "8.0"
	DefaultRedisVersion             = "7.1"
	DefaultCacheReplicas            = 1
)

// Resolved returns the spec with everything filled in that absence stands for, so that nobody else has to
// know a default or look out for nil. It is pure, and shares nothing with the receiver.
//
// Of a one-of block exactly one branch is set. What stays absent says something by that: loadBalancer,
// dataService, bedrock and autoscaling (none is wanted), replicas (whatever the service was scaled to),
// capacity.ec2.ami.id (the recommended image), instanceRefresh (running instances stay), cache.elastiCache.auth
// (each cache has its own way then), and loadBalancer.allowedCIDRs of an existing VPC, whose range the
// spec doesn't say, and of an internet-facing load balancer for the control plane alone. Nor is anything filled in that the API refuses: a Network Load Balancer's idleTimeout,
// the containerInsights of a cluster that isn't ours.
func (g *PortkeyGateway) Resolved() PortkeyGatewaySpec {
	s := *g.Spec.DeepCopy()

	fill(&s.Mode, ModeGateway)
	fill(&s.ManagementPolicy, ManagementReconcile)
	fill(&s.DeletionPolicy, DeletionDelete)
	fill(&s.SyncInterval, &metav1.Duration{Duration: DefaultSyncInterval})
	fill(&s.NamePrefix, g.Name)
	block(&s.Secrets)

	s.resolveNetwork()
	s.resolveCapacity()
	if block(&s.Cluster); s.Capacity.Existing == nil {
		fill(&s.Cluster.ContainerInsights, ContainerInsightsEnabled)
	}
	s.resolveGateway()
	fill(&block(&s.MCP).Port, DefaultMCPPort)
	if s.DataService != nil {
		s.DataService.resolve()
	}
	s.resolveCache()
	fill(&s.Storage.ExportBucket, s.Storage.LogBucket)
	fill(&s.Storage.FineTuneBucket, s.Storage.LogBucket)
	fill(&s.Storage.Region, s.Region)
	s.resolveInbound()
	s.resolveOutbound()
	s.resolveLoadBalancer()
	s.resolveProbe()
	return s
}

// One-of blocks: absence of all branches is the first one.

func (s *PortkeyGatewaySpec) resolveNetwork() {
	if block(&s.Network).Existing != nil {
		return
	}
	vpc := block(&s.Network.VPC)
	fill(&vpc.CIDR, DefaultCIDR)
	fill(&vpc.Zones, DefaultZones)
	fill(&vpc.NATGateways, NATGatewaysSingle)
}

func (s *PortkeyGatewaySpec) resolveCapacity() {
	c := block(&s.Capacity)
	switch {
	case c.Fargate != nil:
		fill(&c.Fargate.Architecture, ArchitectureARM64)
		block(&c.Fargate.Spot)
		return
	case c.Existing != nil:
		fill(&c.Existing.Architecture, ArchitectureARM64)
		return
	}
	ec2 := block(&c.EC2)
	fill(&ec2.InstanceType, DefaultInstanceType)
	fill(&ec2.MinSize, ptr.To[int32](DefaultMinSize))
	fill(&ec2.MaxSize, DefaultMaxSize)
	fill(&ec2.InitialSize, ptr.To(min(max(DefaultInitialSize, *ec2.MinSize), ec2.MaxSize)))
	fill(&ec2.TargetPercent, DefaultTargetPercent)
	fill(&block(&ec2.AMI).UpdatePolicy, AMIPinned)
	if r := ec2.InstanceRefresh; r != nil {
		fill(&r.MinHealthyPercent, ptr.To[int32](DefaultRefreshMinHealthyPercent))
		fill(&r.MaxHealthyPercent, DefaultRefreshMaxHealthyPercent)
		fill(&r.InstanceWarmup, &metav1.Duration{Duration: DefaultRefreshWarmup})
	}
}

func (s *PortkeyGatewaySpec) resolveGateway() {
	gw := block(&s.Gateway)
	image(&gw.Image, DefaultGatewayRepository, DefaultGatewayTag)
	fill(&gw.Port, DefaultGatewayPort)
	resources(&gw.Resources, DefaultGatewayCPU, DefaultGatewayMemory)
	autoscaling(gw.Autoscaling)
	fill(&gw.AvailabilityZoneRebalancing, AZRebalancingEnabled)
	block(&gw.TaskRole)
	fill(&gw.LogRetentionDays, DefaultLogRetentionDays)
	fill(&gw.StopTimeout, &metav1.Duration{Duration: DefaultStopTimeout})
	rollout := block(&gw.Rollout)
	fill(&rollout.Strategy, RolloutRolling)
	fill(&rollout.BakeTime, &metav1.Duration{Duration: DefaultBakeTime})
	breaker(&rollout.CircuitBreaker)
	fill(&rollout.RestartOnSecretChange, ptr.To(true))
	switch rollout.Strategy {
	case RolloutCanary:
		c := block(&rollout.Canary)
		fill(&c.Percent, DefaultCanaryPercent)
		fill(&c.BakeTime, &metav1.Duration{Duration: DefaultCanaryBakeTime})
	case RolloutLinear:
		l := block(&rollout.Linear)
		fill(&l.StepPercent, DefaultStepPercent)
		fill(&l.StepBakeTime, &metav1.Duration{Duration: DefaultStepBakeTime})
	case RolloutRolling, RolloutBlueGreen: // have no block of their own
	}
	for i := range rollout.Hooks {
		rollout.Hooks[i].resolve()
	}
}

func (h *RolloutHook) resolve() {
	if p := h.Pause; p != nil {
		fill(&p.Timeout, &metav1.Duration{Duration: DefaultHookTimeout})
		fill(&p.OnTimeout, TimeoutRollback)
	}
	if l := h.Lambda; l != nil {
		fill(&l.Timeout, &metav1.Duration{Duration: DefaultHookTimeout})
		fill(&l.OnTimeout, TimeoutRollback)
	}
}

// resolveProbe fills in what follows from the load balancer: the gateway that is probed is the AI gateway,
// and in mode MCP the MCP gateway.
func (s *PortkeyGatewaySpec) resolveProbe() {
	var host HostName
	var prefix PathPrefix
	if lb := s.LoadBalancer; lb != nil {
		host, prefix = lb.Hosts.Gateway, lb.Paths.Gateway
		if s.Mode == ModeMCP {
			host, prefix = lb.Hosts.MCP, lb.Paths.MCP
		}
	}
	for i := range s.Gateway.Rollout.Hooks {
		p := s.Gateway.Rollout.Hooks[i].HTTPProbe
		if p == nil {
			continue
		}
		fill(&p.Path, string(prefix)+DefaultProbePath)
		fill(&p.Host, host)
		fill(&p.ExpectedStatus, DefaultProbeStatus)
		fill(&p.Timeout, &metav1.Duration{Duration: DefaultProbeTimeout})
		fill(&p.RetryFor, &metav1.Duration{Duration: DefaultProbeRetryFor})
	}
}

func (d *DataService) resolve() {
	image(&d.Image, DefaultDataServiceRepository, DefaultDataServiceTag)
	resources(&d.Resources, DefaultDataServiceCPU, DefaultDataServiceMemory)
	autoscaling(d.Autoscaling)
	fill(&d.AvailabilityZoneRebalancing, AZRebalancingEnabled)
	block(&d.TaskRole)
	fill(&d.LogRetentionDays, DefaultLogRetentionDays)
	fill(&d.StopTimeout, &metav1.Duration{Duration: DefaultStopTimeout})
	breaker(&block(&d.Rollout).CircuitBreaker)
}

func (s *PortkeyGatewaySpec) resolveCache() {
	e := block(&s.Cache).ElastiCache
	if e == nil {
		redis := block(&s.Cache.BuiltIn)
		image(&redis.Image, DefaultRedisRepository, DefaultRedisTag)
		resources(&redis.Resources, DefaultRedisCPU, DefaultRedisMemory)
		return
	}
	if e.Endpoint != nil {
		fill(&e.Endpoint.TLS, ptr.To(true))
	}
	if m := e.Managed; m != nil {
		fill(&m.Engine, CacheEngineValkey)
		fill(&m.EngineVersion, map[CacheEngine]string{CacheEngineValkey: DefaultValkeyVersion, CacheEngineRedis: DefaultRedisVersion}[m.Engine])
		fill(&m.NodeType, DefaultCacheNodeType)
		fill(&m.Shards, 1)
		fill(&m.ReplicasPerShard, ptr.To[int32](DefaultCacheReplicas))
	}
	if m := e.Serverless; m != nil {
		fill(&m.Engine, CacheEngineValkey)
		fill(&m.MajorEngineVersion, map[CacheEngine]string{CacheEngineValkey: "8", CacheEngineRedis: "7"}[m.Engine])
	}
}

func (s *PortkeyGatewaySpec) resolveInbound() {
	in := block(&block(&s.ControlPlane).Inbound)
	fill(&in.Type, InboundNone)
	switch in.Type {
	case InboundPrivateLink:
		l := block(&in.PrivateLink)
		fill(&l.Acceptance, AcceptPortkey)
		if len(l.AllowedPrincipals) == 0 {
			l.AllowedPrincipals = []string{"arn:aws:iam::" + PortkeyAccount + ":root"}
		}
	case InboundAllowList:
		if l := block(&in.AllowList); len(l.CIDRs) == 0 {
			l.CIDRs = slices.Clone(controlPlaneCIDRs)
		}
	case InboundNone: // has no block of its own
	}
}

func (s *PortkeyGatewaySpec) resolveLoadBalancer() {
	lb := s.LoadBalancer
	if lb == nil {
		return
	}
	fill(&lb.Type, LoadBalancerNetwork)
	fill(&lb.Scheme, LoadBalancerInternal)
	if len(lb.AllowedCIDRs) == 0 && lb.Scheme == LoadBalancerInternal && s.Network.VPC != nil {
		lb.AllowedCIDRs = []string{s.Network.VPC.CIDR}
	}
	block(&lb.Hosts)
	block(&lb.Paths)
	if lb.Type == LoadBalancerApplication {
		fill(&lb.IdleTimeout, &metav1.Duration{Duration: DefaultIdleTimeout})
	}
	fill(&lb.DeregistrationDelay, &metav1.Duration{Duration: DefaultDeregistrationDelay})
	fill(&lb.ReplacementPolicy, ReplacementRefuse)
}

// Ports are the ports that the gateway's tasks listen on, of a resolved spec.
func (s *PortkeyGatewaySpec) Ports() []int32 {
	switch s.Mode {
	case ModeMCP:
		return []int32{s.MCP.Port}
	case ModeAll:
		return []int32{s.Gateway.Port, s.MCP.Port}
	default:
		return []int32{s.Gateway.Port}
	}
}

// MCPBaseURL is the address that clients of the MCP gateway use, of a resolved spec; empty when nothing says it.
func (s *PortkeyGatewaySpec) MCPBaseURL() string {
	lb := s.LoadBalancer
	if s.MCP.BaseURL != "" || lb == nil {
		return s.MCP.BaseURL
	}
	host := lb.Hosts.MCP
	if host == "" {
		host = lb.Hosts.Gateway
	}
	if host == "" {
		return ""
	}
	return lb.Protocol() + "://" + string(host) + string(lb.Paths.MCP)
}

// Protocol is what clients speak to the load balancer: http or https.
func (lb *LoadBalancer) Protocol() string {
	if lb.TLS() {
		return "https"
	}
	return "http"
}

// fill sets what is absent.
func fill[T comparable](field *T, value T) {
	var absent T
	if *field == absent {
		*field = value
	}
}

// block returns the block, made where it is absent.
func block[T any](field **T) *T {
	if *field == nil {
		*field = new(T)
	}
	return *field
}

func image(field **Image, repository, tag string) {
	i := block(field)
	fill(&i.Repository, repository)
	fill(&i.Tag, tag)
}

// resources fills the pair only as a whole: half of it is refused by the API server.
func resources(field **Resources, cpu, memory string) {
	if *field == nil {
		*field = &Resources{CPU: resource.MustParse(cpu), Memory: resource.MustParse(memory)}
	}
}

func autoscaling(a *Autoscaling) {
	if a != nil {
		fill(&a.ScaleInCooldown, &metav1.Duration{Duration: DefaultScaleInCooldown})
		fill(&a.ScaleOutCooldown, &metav1.Duration{Duration: DefaultScaleOutCooldown})
	}
}

func breaker(field **CircuitBreaker) {
	b := block(field)
	fill(&b.Enabled, ptr.To(true))
	fill(&b.Rollback, ptr.To(*b.Enabled))
	if *b.Enabled {
		fill(&b.Threshold, &BreakerThreshold{Type: ThresholdBoundedPercent, Value: DefaultBreakerPercent})
		fill(&b.ResetOnHealthyTask, ptr.To(true))
	}
}
