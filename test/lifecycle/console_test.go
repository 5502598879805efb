package lifecycle

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	cachetypes "github.com/aws/aws-sdk-go-v2/service/elasticache/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	smtypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	sdtypes "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// console is somebody in the same account who may do everything and knows nothing of us.
type console struct {
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
}

func newConsole(h *harness.Harness) *console {
	cfg := sdk.Config{
		Region: "us-east-1", HTTPClient: h.Emulator.Server, BaseEndpoint: sdk.String("http://aws.invalid"), Retryer: func() sdk.Retryer { return sdk.NopRetryer{} },
		Credentials: credentials.NewStaticCredentialsProvider(emulator.AccessKeyID, "secret", ""),
	}
	return &console{
		ec2.NewFromConfig(cfg), ecs.NewFromConfig(cfg), elbv2.NewFromConfig(cfg), iam.NewFromConfig(cfg),
		autoscaling.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg), servicediscovery.NewFromConfig(cfg),
		&rarer{
			elasticache.NewFromConfig(cfg), secretsmanager.NewFromConfig(cfg), s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
			wafv2.NewFromConfig(cfg), applicationautoscaling.NewFromConfig(cfg), awslambda.NewFromConfig(cfg),
		},
	}
}

// tag sets tags of an object and takes others off.
func (c *console) tag(ctx context.Context, r core.Resource, set map[string]string, unset ...string) error {
	if len(set) > 0 {
		if err := c.setTags(ctx, r, set); err != nil {
			return err
		}
	}
	if len(unset) > 0 {
		return c.unsetTags(ctx, r, unset)
	}
	return nil
}

func (c *console) setTags(ctx context.Context, r core.Resource, set map[string]string) (err error) {
	keys := slices.Sorted(maps.Keys(set))
	switch r.Service {
	case "ec2":
		var tags []ec2types.Tag
		for _, k := range keys {
			tags = append(tags, ec2types.Tag{Key: sdk.String(k), Value: sdk.String(set[k])})
		}
		_, err = c.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{r.ID}, Tags: tags})
	case "ecs":
		var tags []ecstypes.Tag
		for _, k := range keys {
			tags = append(tags, ecstypes.Tag{Key: sdk.String(k), Value: sdk.String(set[k])})
		}
		_, err = c.ecs.TagResource(ctx, &ecs.TagResourceInput{ResourceArn: &r.ARN, Tags: tags})
	case "elasticloadbalancing":
		var tags []elbtypes.Tag
		for _, k := range keys {
			tags = append(tags, elbtypes.Tag{Key: sdk.String(k), Value: sdk.String(set[k])})
		}
		_, err = c.elb.AddTags(ctx, &elbv2.AddTagsInput{ResourceArns: []string{r.ARN}, Tags: tags})
	case "iam":
		var tags []iamtypes.Tag
		for _, k := range keys {
			tags = append(tags, iamtypes.Tag{Key: sdk.String(k), Value: sdk.String(set[k])})
		}
		if r.Kind == "Role" {
			_, err = c.iam.TagRole(ctx, &iam.TagRoleInput{RoleName: &r.Name, Tags: tags})
		} else {
			_, err = c.iam.TagInstanceProfile(ctx, &iam.TagInstanceProfileInput{InstanceProfileName: &r.Name, Tags: tags})
		}
	case "autoscaling":
		var tags []asgtypes.Tag
		for _, k := range keys {
			tags = append(tags, groupTag(r.Name, k, set[k]))
		}
		_, err = c.asg.CreateOrUpdateTags(ctx, &autoscaling.CreateOrUpdateTagsInput{Tags: tags})
	case "logs":
		_, err = c.logs.TagResource(ctx, &cloudwatchlogs.TagResourceInput{ResourceArn: &r.ARN, Tags: set})
	case "lambda":
		_, err = c.lambda.TagResource(ctx, &awslambda.TagResourceInput{Resource: &r.ARN, Tags: set})
	case "servicediscovery":
		var tags []sdtypes.Tag
		for _, k := range keys {
			tags = append(tags, sdtypes.Tag{Key: sdk.String(k), Value: sdk.String(set[k])})
		}
		_, err = c.sd.TagResource(ctx, &servicediscovery.TagResourceInput{ResourceARN: &r.ARN, Tags: tags})
	case "elasticache":
		var tags []cachetypes.Tag
		for _, k := range keys {
			tags = append(tags, cachetypes.Tag{Key: sdk.String(k), Value: sdk.String(set[k])})
		}
		_, err = c.cache.AddTagsToResource(ctx, &elasticache.AddTagsToResourceInput{ResourceName: &r.ARN, Tags: tags})
	case "secretsmanager":
		var tags []smtypes.Tag
		for _, k := range keys {
			tags = append(tags, smtypes.Tag{Key: sdk.String(k), Value: sdk.String(set[k])})
		}
		_, err = c.secrets.TagResource(ctx, &secretsmanager.TagResourceInput{SecretId: &r.ARN, Tags: tags})
	case "application-autoscaling":
		_, err = c.scaling.TagResource(ctx, &applicationautoscaling.TagResourceInput{ResourceARN: &r.ARN, Tags: set})
	case "s3":
		all := maps.Clone(r.Tags)
		maps.Copy(all, set)
		err = c.tagBucket(ctx, r.Name, all)
	default:
		err = fmt.Errorf("nobody knows how to tag a %s", r.Kind)
	}
	return err
}

func (c *console) unsetTags(ctx context.Context, r core.Resource, keys []string) (err error) {
	switch r.Service {
	case "ec2":
		var tags []ec2types.Tag
		for _, k := range keys {
			tags = append(tags, ec2types.Tag{Key: sdk.String(k)})
		}
		_, err = c.ec2.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{r.ID}, Tags: tags})
	case "ecs":
		_, err = c.ecs.UntagResource(ctx, &ecs.UntagResourceInput{ResourceArn: &r.ARN, TagKeys: keys})
	case "elasticloadbalancing":
		_, err = c.elb.RemoveTags(ctx, &elbv2.RemoveTagsInput{ResourceArns: []string{r.ARN}, TagKeys: keys})
	case "iam":
		if r.Kind == "Role" {
			_, err = c.iam.UntagRole(ctx, &iam.UntagRoleInput{RoleName: &r.Name, TagKeys: keys})
		} else {
			_, err = c.iam.UntagInstanceProfile(ctx, &iam.UntagInstanceProfileInput{InstanceProfileName: &r.Name, TagKeys: keys})
		}
	case "autoscaling":
		var tags []asgtypes.Tag
		for _, k := range keys {
			tags = append(tags, groupTag(r.Name, k, r.Tags[k]))
		}
		_, err = c.asg.DeleteTags(ctx, &autoscaling.DeleteTagsInput{Tags: tags})
	case "logs":
		_, err = c.logs.UntagResource(ctx, &cloudwatchlogs.UntagResourceInput{ResourceArn: &r.ARN, TagKeys: keys})
	case "lambda":
		_, err = c.lambda.UntagResource(ctx, &awslambda.UntagResourceInput{Resource: &r.ARN, TagKeys: keys})
	case "servicediscovery":
		_, err = c.sd.UntagResource(ctx, &servicediscovery.UntagResourceInput{ResourceARN: &r.ARN, TagKeys: keys})
	case "elasticache":
		_, err = c.cache.RemoveTagsFromResource(ctx, &elasticache.RemoveTagsFromResourceInput{ResourceName: &r.ARN, TagKeys: keys})
	case "secretsmanager":
		_, err = c.secrets.UntagResource(ctx, &secretsmanager.UntagResourceInput{SecretId: &r.ARN, TagKeys: keys})
	case "application-autoscaling":
		_, err = c.scaling.UntagResource(ctx, &applicationautoscaling.UntagResourceInput{ResourceARN: &r.ARN, TagKeys: keys})
	case "s3":
		rest := maps.Clone(r.Tags)
		maps.DeleteFunc(rest, func(k, _ string) bool { return slices.Contains(keys, k) })
		err = c.tagBucket(ctx, r.Name, rest)
	default:
		err = fmt.Errorf("nobody knows how to take tags off a %s", r.Kind)
	}
	return err
}

// tagBucket writes all tags of a bucket, as S3 has it.
func (c *console) tagBucket(ctx context.Context, name string, tags map[string]string) error {
	var set []s3types.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		set = append(set, s3types.Tag{Key: sdk.String(k), Value: sdk.String(tags[k])})
	}
	_, err := c.s3.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: &name, Tagging: &s3types.Tagging{TagSet: set}})
	return err
}

func groupTag(group, key, value string) asgtypes.Tag {
	return asgtypes.Tag{Key: &key, Value: &value, PropagateAtLaunch: sdk.Bool(true), ResourceId: &group, ResourceType: sdk.String("auto-scaling-group")}
}

// site is a deployment that is Ready, and somebody at the console.
type site struct {
	*console
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
