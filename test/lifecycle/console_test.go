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
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	sdtypes "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
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
}

func newConsole(h *harness.Harness) *console {
	cfg := sdk.Config{
		Region: "us-east-1", HTTPClient: h.Emulator.Server, BaseEndpoint: sdk.String("http://aws.invalid"), Retryer: func() sdk.Retryer { return sdk.NopRetryer{} },
		Credentials: credentials.NewStaticCredentialsProvider(emulator.AccessKeyID, "secret", ""),
	}
	return &console{
		ec2.NewFromConfig(cfg), ecs.NewFromConfig(cfg), elbv2.NewFromConfig(cfg), iam.NewFromConfig(cfg),
		autoscaling.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg), servicediscovery.NewFromConfig(cfg),
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
	case "servicediscovery":
		var tags []sdtypes.Tag
		for _, k := range keys {
			tags = append(tags, sdtypes.Tag{Key: sdk.String(k), Value: sdk.String(set[k])})
		}
		_, err = c.sd.TagResource(ctx, &servicediscovery.TagResourceInput{ResourceARN: &r.ARN, Tags: tags})
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
	case "servicediscovery":
		_, err = c.sd.UntagResource(ctx, &servicediscovery.UntagResourceInput{ResourceARN: &r.ARN, TagKeys: keys})
	default:
		err = fmt.Errorf("nobody knows how to take tags off a %s", r.Kind)
	}
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

// newSite deploys a gateway with a tag of the user's.
func newSite(t *testing.T) *site {
	t.Helper()
	h := harness.New()
	gw := h.Minimal("gw")
	gw.Spec.Tags = map[string]v1alpha1.TagValue{"team": "ai"}
	// One instance from the beginning: which of two ECS gives back, and with it which subnet is empty, is chance.
	gw.Spec.Capacity = &v1alpha1.Capacity{EC2: &v1alpha1.EC2Capacity{InitialSize: ptr.To(int32(1))}}
	s := &site{newConsole(h), h, h.Create(gw)}
	ready(t, h, s.key)
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
