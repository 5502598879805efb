package lifecycle

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/console"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// at is somebody in the same account who may do everything and knows nothing of us.
type at struct {
	ec2  *ec2.Client
	ecs  *ecs.Client
	elb  *elbv2.Client
	iam  *iam.Client
	asg  *autoscaling.Client
	logs *cloudwatchlogs.Client
	sd   *servicediscovery.Client
	*rarer
}

// rarer are the services that only some deployments use.
type rarer struct {
	cache   *elasticache.Client
	secrets *secretsmanager.Client
	s3      *s3.Client
	waf     *wafv2.Client
	scaling *applicationautoscaling.Client
	lambda  *awslambda.Client
	tag     func(ctx context.Context, r core.Resource, set map[string]string, unset ...string) error
}

func newConsole(h *harness.Harness) *at {
	c := console.New(h.Emulator.Server, emulator.AccessKeyID)
	return &at{c.EC2, c.ECS, c.ELB, c.IAM, c.AutoScaling, c.Logs, c.CloudMap, &rarer{c.Cache, c.Secrets, c.S3, c.WAF, c.AppScaling, c.Lambda, c.Tag}}
}

// site is a deployment that is Ready, and somebody at the console.
type site struct {
	*at
	h   *harness.Harness
	key types.NamespacedName
}

// newSite deploys a gateway with a tag of the user's, on one instance from the beginning: which of two ECS gives
// back, and with it which subnet is empty, is chance.
func newSite(t *testing.T) *site {
	t.Helper()
	return build(t, func(h *harness.Harness) *v1alpha1.PortkeyGateway {
		gw := h.Minimal("gw")
		gw.Spec.Capacity = &v1alpha1.Capacity{EC2: &v1alpha1.EC2Capacity{InitialSize: ptr.To(int32(1))}}
		return gw
	})
}

// newProduction deploys what production.yaml does, with everything beside it that the operator can make.
func newProduction(t *testing.T) *site {
	t.Helper()
	return build(t, func(h *harness.Harness) *v1alpha1.PortkeyGateway {
		gw := h.Sample("production")
		gw.Name, gw.UID = "gw", "uid-gw"
		gw.Spec.Mode = v1alpha1.ModeAll
		gw.Spec.Cache = &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{Managed: &v1alpha1.ManagedCache{ReplicasPerShard: &two, Shards: 2}}}
		gw.Spec.Storage = v1alpha1.Storage{LogBucket: "acme-portkey-logs", Create: true}
		gw.Spec.LoadBalancer.Hosts = &v1alpha1.Hosts{Gateway: "gw." + emulator.CertificateDomain, MCP: "mcp." + emulator.CertificateDomain}
		locked(h, func() {
			gw.Spec.LoadBalancer.WAFWebACLARN = h.Emulator.WAF.Add(core.Scope{Account: emulator.Account, Region: gw.Spec.Region}, "acl")
			h.Emulator.WAF.Add(core.Scope{Account: emulator.Account, Region: gw.Spec.Region}, "another-acl")
		})
		return gw
	})
}

// newServerless deploys on Fargate, with a serverless cache that tasks log in to with their role.
func newServerless(t *testing.T) *site {
	t.Helper()
	return build(t, func(h *harness.Harness) *v1alpha1.PortkeyGateway {
		gw := h.Minimal("gw")
		gw.Spec.Capacity = &v1alpha1.Capacity{Fargate: &v1alpha1.FargateCapacity{}}
		gw.Spec.LoadBalancer = nil
		gw.Spec.Cache = &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{
			Serverless: &v1alpha1.ServerlessCache{}, Auth: &v1alpha1.CacheAuth{IAM: &v1alpha1.CacheIAM{}},
		}}
		return gw
	})
}

// newProbed deploys a gateway whose rollouts are probed, on one instance.
func newProbed(t *testing.T) *site {
	t.Helper()
	return build(t, func(h *harness.Harness) *v1alpha1.PortkeyGateway {
		gw := h.Minimal("gw")
		gw.Spec.Capacity = &v1alpha1.Capacity{EC2: &v1alpha1.EC2Capacity{InitialSize: ptr.To(int32(1))}}
		gw.Spec.Gateway = &v1alpha1.Gateway{Rollout: held(probing(v1alpha1.HTTPProbe{}))}
		answer(h, probeOf(v1alpha1.HTTPProbe{}), "SUCCEEDED")
		return gw
	})
}

// newLinked deploys what Portkey's control plane reaches through PrivateLink, behind an Application Load Balancer.
func newLinked(t *testing.T) *site {
	t.Helper()
	return build(t, func(h *harness.Harness) *v1alpha1.PortkeyGateway {
		gw := h.Minimal("gw")
		gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication}
		gw.Spec.ControlPlane = byLink(v1alpha1.InboundEndpointService{})
		return gw
	})
}

// newGiven deploys into a network with a cache that are there already.
func newGiven(t *testing.T) *site {
	t.Helper()
	return build(t, func(h *harness.Harness) *v1alpha1.PortkeyGateway {
		gw := h.Sample("existing-network")
		gw.Name, gw.UID = "gw", "uid-gw"
		theirs := theirCache(t, h)
		gw.Spec.LoadBalancer = nil
		gw.Spec.Cache = &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{ReplicationGroupID: "prod-redis", Auth: &v1alpha1.CacheAuth{SecretARN: theirs.secret}}}
		return gw
	})
}

func build(t *testing.T, spec func(*harness.Harness) *v1alpha1.PortkeyGateway) *site {
	t.Helper()
	h := harness.New()
	gw := spec(h)
	gw.Spec.Tags = map[string]v1alpha1.TagValue{"team": "ai"}
	s := &site{newConsole(h), h, h.Create(gw)}
	settled(t, h, s.key)
	settle(t, h, s.key)
	return s
}

// wait lets time pass in AWS while the manager isn't looking.
func (s *site) wait(d time.Duration) { s.h.Emulator.Server.Advance(d) }

// resources is the deployment's inventory, as status lists it.
func (s *site) resources() []v1alpha1.ResourceStatus { return s.h.Get(s.key).Status.Resources }

// node is an object of the deployment as status lists it.
func (s *site) node(id string) v1alpha1.ResourceStatus {
	for _, r := range s.resources() {
		if r.Node == id {
			return r
		}
	}
	panic("status doesn't list " + id)
}

func (s *site) id(node string) string   { return s.node(node).ID }
func (s *site) name(node string) string { return s.node(node).Name }

// owned are AWS's objects that carry the deployment's tags, without what AWS makes and ends by itself.
func (s *site) owned() []core.Resource {
	var out []core.Resource
	for _, r := range s.h.Emulator.Server.Resources(false) {
		if r.Tags[own.TagOwner] == "PortkeyGateway/"+s.key.String() && !transient(r) {
			out = append(out, r)
		}
	}
	return out
}

// transient are objects that AWS makes, tags and ends by itself as tasks and instances come and go.
func transient(r core.Resource) bool {
	return slices.Contains([]string{"Task", "NetworkInterface", "Instance", "Volume", "ContainerInstance", "LogStream"}, r.Kind)
}
