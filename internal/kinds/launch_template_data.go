package kinds

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// launchTemplateData is the content of a version as far as it is ours.
type launchTemplateData struct {
	image string
	// parameter is where the image came from, kept as the version's description.
	parameter    string
	instanceType string
	userData     string
	profile      string
	groups       []string
	monitoring   bool
	// Instances take metadata only with a session token, and no further than themselves: a container
	// can't get at the instance's role.
	tokens, endpoint string
	hops             int32
	// tags are those of everything that a launch makes, by type of resource.
	tags map[types.ResourceType]map[string]string
}

// launched are the types of resources that a launch makes and that can be tagged.
var launched = []types.ResourceType{types.ResourceTypeInstance, types.ResourceTypeVolume, types.ResourceTypeNetworkInterface}

// wantedLaunchTemplate is the content that a spec asks for; image is the one to use where it comes
// from a parameter.
func wantedLaunchTemplate(call graph.Call, spec LaunchTemplateSpec, image string) launchTemplateData {
	d := launchTemplateData{
		image: image, parameter: spec.AMIParameter, instanceType: spec.InstanceType, userData: spec.UserData.String(),
		profile: spec.InstanceProfileARN.String(), groups: slices.Sorted(slices.Values(graph.Strings(spec.SecurityGroups))), monitoring: spec.Monitoring,
		tokens: string(types.LaunchTemplateHttpTokensStateRequired), endpoint: string(types.LaunchTemplateInstanceMetadataEndpointStateEnabled), hops: 1,
		tags: map[types.ResourceType]map[string]string{},
	}
	if spec.AMI != "" {
		d.image, d.parameter = spec.AMI, ""
	}
	tags := maps.Clone(call.Tags)
	// The owner's UID proves nothing, and a restored owner's new one is no reason to replace instances.
	delete(tags, own.TagUID)
	for _, r := range launched {
		d.tags[r] = tags
	}
	return d
}

// readLaunchTemplate is the content of a version as AWS has it.
func readLaunchTemplate(v types.LaunchTemplateVersion) launchTemplateData {
	r := v.LaunchTemplateData
	d := launchTemplateData{
		image: sdk.ToString(r.ImageId), parameter: sdk.ToString(v.VersionDescription), instanceType: string(r.InstanceType),
		groups: slices.Sorted(slices.Values(r.SecurityGroupIds)), tags: map[types.ResourceType]map[string]string{},
	}
	if plain, err := base64.StdEncoding.DecodeString(sdk.ToString(r.UserData)); err == nil {
		d.userData = string(plain)
	}
	if r.IamInstanceProfile != nil {
		d.profile = sdk.ToString(r.IamInstanceProfile.Arn)
	}
	if r.Monitoring != nil {
		d.monitoring = sdk.ToBool(r.Monitoring.Enabled)
	}
	if m := r.MetadataOptions; m != nil {
		d.tokens, d.endpoint, d.hops = string(m.HttpTokens), string(m.HttpEndpoint), sdk.ToInt32(m.HttpPutResponseHopLimit)
	}
	for _, s := range r.TagSpecifications {
		d.tags[s.ResourceType] = tagsOfEC2(s.Tags)
	}
	return d
}

func (d launchTemplateData) request() *types.RequestLaunchTemplateData {
	r := &types.RequestLaunchTemplateData{
		ImageId:          &d.image,
		InstanceType:     types.InstanceType(d.instanceType),
		SecurityGroupIds: d.groups,
		Monitoring:       &types.LaunchTemplatesMonitoringRequest{Enabled: &d.monitoring},
		MetadataOptions: &types.LaunchTemplateInstanceMetadataOptionsRequest{
			HttpTokens:              types.LaunchTemplateHttpTokensState(d.tokens),
			HttpEndpoint:            types.LaunchTemplateInstanceMetadataEndpointState(d.endpoint),
			HttpPutResponseHopLimit: &d.hops,
		},
	}
	if d.profile != "" {
		r.IamInstanceProfile = &types.LaunchTemplateIamInstanceProfileSpecificationRequest{Arn: &d.profile}
	}
	if d.userData != "" {
		r.UserData = sdk.String(base64.StdEncoding.EncodeToString([]byte(d.userData)))
	}
	for _, t := range launched {
		r.TagSpecifications = append(r.TagSpecifications, types.LaunchTemplateTagSpecificationRequest{ResourceType: t, Tags: ec2Tags(d.tags[t])})
	}
	return r
}

// content prints the data, for its digest.
func (d launchTemplateData) content() []any {
	return []any{d.parameter, d.request()}
}

// diff lists what a new version would change. User data is long: its digest stands for it.
func (d launchTemplateData) diff(want launchTemplateData) []graph.Change {
	var out difference
	out.text("imageId", d.image, want.image)
	out.text("amiParameter", d.parameter, want.parameter)
	out.text("instanceType", d.instanceType, want.instanceType)
	out.text("userData", digest(d.userData), digest(want.userData))
	out.text("instanceProfileARN", d.profile, want.profile)
	out.set("securityGroups", d.groups, want.groups)
	out.flag("monitoring", d.monitoring, want.monitoring)
	out.text("metadataOptions.httpTokens", d.tokens, want.tokens)
	out.text("metadataOptions.httpEndpoint", d.endpoint, want.endpoint)
	out.number("metadataOptions.httpPutResponseHopLimit", int(d.hops), int(want.hops))
	for _, r := range launched {
		have, want := d.tags[r], want.tags[r]
		keys := map[string]bool{}
		for k := range have {
			keys[k] = true
		}
		for k := range want {
			keys[k] = true
		}
		for _, k := range slices.Sorted(maps.Keys(keys)) {
			out.text(string(r)+".tags."+k, have[k], want[k])
		}
	}
	return out
}

func digest(s string) string {
	switch {
	case s == "":
		return ""
	case strings.Contains(s, graph.KnownAfterApply):
		return graph.KnownAfterApply
	}
	return "sha256:" + own.Digest(s)[:12]
}

// readImage reads an image's id from a public parameter.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html
func readImage(ctx context.Context, c aws.SSM, name string) (string, error) {
	out, err := c.GetParameter(ctx, &ssm.GetParameterInput{Name: &name})
	if err != nil {
		return "", err
	}
	value := ""
	if out.Parameter != nil {
		value = sdk.ToString(out.Parameter.Value)
	}
	id, ok := imageIn(value)
	if !ok {
		return "", fmt.Errorf("parameter %s names no image: neither an id nor JSON with image_id", name)
	}
	return id, nil
}

// imageIn is the id of the image that a parameter's value names.
func imageIn(value string) (id string, ok bool) {
	if strings.HasPrefix(value, "ami-") {
		return value, true
	}
	var image struct {
		ID string `json:"image_id"`
	}
	if json.Unmarshal([]byte(value), &image) != nil {
		return "", false
	}
	return image.ID, image.ID != ""
}
