package v1alpha1

import (
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// What absence means. A change here changes existing deployments when the operator is upgraded, so it
// belongs into the release notes. DefaultCIDR and DefaultZones can't change at all: they are also written
// out in the rules that keep the network as it was.
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
	DefaultRedisRepository   = "redis"
	DefaultRedisTag          = "7.2-alpine"
	DefaultRedisCPU          = "250m"
	DefaultRedisMemory       = "512Mi"
	DefaultLogRetentionDays  = 14
	// DefaultStopTimeout is also ECS's own default.
	DefaultStopTimeout = 30 * time.Second
	// DefaultDeregistrationDelay is shorter than AWS's five minutes, which every rollout would wait for.
	DefaultDeregistrationDelay = 60 * time.Second
)

// Resolved returns the spec with everything filled in that absence stands for, so that nobody else has to
// know a default or look out for nil. It is pure, and shares nothing with the receiver.
//
// Three things stay absent, because their absence says something: loadBalancer (none is wanted),
// gateway.replicas (whatever the service was scaled to) and capacity.ec2.ami.id (the recommended image).
func (g *PortkeyGateway) Resolved() PortkeyGatewaySpec {
	s := *g.Spec.DeepCopy()

	fill(&s.Mode, ModeGateway)
	fill(&s.ManagementPolicy, ManagementReconcile)
	fill(&s.DeletionPolicy, DeletionDelete)
	fill(&s.SyncInterval, &metav1.Duration{Duration: DefaultSyncInterval})
	fill(&s.NamePrefix, g.Name)

	// One-of blocks: absence of all branches is the first one. Branches that later versions add are looked
	// for here before that is done.
	vpc := block(&block(&s.Network).VPC)
	fill(&vpc.CIDR, DefaultCIDR)
	fill(&vpc.Zones, DefaultZones)
	fill(&vpc.NATGateways, NATGatewaysSingle)

	ec2 := block(&block(&s.Capacity).EC2)
	fill(&ec2.InstanceType, DefaultInstanceType)
	fill(&ec2.MinSize, ptr.To[int32](DefaultMinSize))
	fill(&ec2.MaxSize, DefaultMaxSize)
	fill(&ec2.InitialSize, ptr.To(min(max(DefaultInitialSize, *ec2.MinSize), ec2.MaxSize)))
	fill(&ec2.TargetPercent, DefaultTargetPercent)
	block(&ec2.AMI)

	gw := block(&s.Gateway)
	image(&gw.Image, DefaultGatewayRepository, DefaultGatewayTag)
	fill(&gw.Port, DefaultGatewayPort)
	resources(&gw.Resources, DefaultGatewayCPU, DefaultGatewayMemory)
	block(&gw.TaskRole)
	fill(&gw.LogRetentionDays, DefaultLogRetentionDays)
	fill(&gw.StopTimeout, &metav1.Duration{Duration: DefaultStopTimeout})
	breaker := block(&block(&gw.Rollout).CircuitBreaker)
	fill(&breaker.Enabled, ptr.To(true))
	fill(&breaker.Rollback, ptr.To(*breaker.Enabled))

	redis := block(&block(&s.Cache).BuiltIn)
	image(&redis.Image, DefaultRedisRepository, DefaultRedisTag)
	resources(&redis.Resources, DefaultRedisCPU, DefaultRedisMemory)

	fill(&s.Storage.Region, s.Region)

	if lb := s.LoadBalancer; lb != nil {
		fill(&lb.Type, LoadBalancerNetwork)
		fill(&lb.Scheme, LoadBalancerInternal)
		if len(lb.AllowedCIDRs) == 0 {
			lb.AllowedCIDRs = []string{vpc.CIDR}
		}
		fill(&lb.DeregistrationDelay, &metav1.Duration{Duration: DefaultDeregistrationDelay})
	}
	return s
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
