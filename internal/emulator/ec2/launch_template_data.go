package ec2

import (
	"encoding/base64"
	"reflect"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// templateData is what a launch template version says of an instance. It is stored and told as it
// was given: "Launch template parameters are not fully validated when you create the launch template",
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-launch-template.html
type templateData struct {
	ImageID           string              `q:"ImageId" xml:"imageId,omitempty"`
	InstanceType      string              `q:"InstanceType" xml:"instanceType,omitempty"`
	KeyName           string              `q:"KeyName" xml:"keyName,omitempty"`
	UserData          string              `q:"UserData" xml:"userData,omitempty"`
	EBSOptimized      *bool               `q:"EbsOptimized" xml:"ebsOptimized"`
	APITermination    *bool               `q:"DisableApiTermination" xml:"disableApiTermination"`
	ShutdownBehavior  string              `q:"InstanceInitiatedShutdownBehavior" xml:"instanceInitiatedShutdownBehavior,omitempty"`
	SecurityGroupIDs  []string            `q:"SecurityGroupId" xml:"securityGroupIdSet>item"`
	Profile           *templateProfile    `q:"IamInstanceProfile" xml:"iamInstanceProfile"`
	Metadata          *metadataOptions    `q:"MetadataOptions" xml:"metadataOptions"`
	Monitoring        *monitoring         `q:"Monitoring" xml:"monitoring"`
	Credit            *creditSpec         `q:"CreditSpecification" xml:"creditSpecification"`
	NetworkInterfaces []templateInterface `q:"NetworkInterface" xml:"networkInterfaceSet>item"`
	BlockDevices      []blockDevice       `q:"BlockDeviceMapping" xml:"blockDeviceMappingSet>item"`
	TagSpecs          []tagSpecification  `q:"TagSpecification" xml:"tagSpecificationSet>item"`
}

type templateProfile struct {
	ARN  string `q:"Arn" xml:"arn,omitempty"`
	Name string `q:"Name" xml:"name,omitempty"`
}

type metadataOptions struct {
	Endpoint     string `q:"HttpEndpoint" xml:"httpEndpoint,omitempty"`
	HopLimit     *int   `q:"HttpPutResponseHopLimit" xml:"httpPutResponseHopLimit"`
	Tokens       string `q:"HttpTokens" xml:"httpTokens,omitempty"`
	IPv6         string `q:"HttpProtocolIpv6" xml:"httpProtocolIpv6,omitempty"`
	InstanceTags string `q:"InstanceMetadataTags" xml:"instanceMetadataTags,omitempty"`
}

type monitoring struct {
	Enabled bool `q:"Enabled" xml:"enabled"`
}

type creditSpec struct {
	CPU string `q:"CpuCredits" xml:"cpuCredits"`
}

type templateInterface struct {
	PublicIP            *bool    `q:"AssociatePublicIpAddress" xml:"associatePublicIpAddress"`
	DeleteOnTermination *bool    `q:"DeleteOnTermination" xml:"deleteOnTermination"`
	Description         string   `q:"Description" xml:"description,omitempty"`
	DeviceIndex         *int     `q:"DeviceIndex" xml:"deviceIndex"`
	Groups              []string `q:"SecurityGroupId" xml:"groupSet>groupId"`
	SubnetID            string   `q:"SubnetId" xml:"subnetId,omitempty"`
}

type blockDevice struct {
	Name string          `q:"DeviceName" xml:"deviceName,omitempty"`
	EBS  *ebsBlockDevice `q:"Ebs" xml:"ebs"`
}

type ebsBlockDevice struct {
	DeleteOnTermination *bool  `q:"DeleteOnTermination" xml:"deleteOnTermination"`
	Encrypted           *bool  `q:"Encrypted" xml:"encrypted"`
	IOPS                *int   `q:"Iops" xml:"iops"`
	KMSKeyID            string `q:"KmsKeyId" xml:"kmsKeyId,omitempty"`
	Throughput          *int   `q:"Throughput" xml:"throughput"`
	Size                *int   `q:"VolumeSize" xml:"volumeSize"`
	Type                string `q:"VolumeType" xml:"volumeType,omitempty"`
}

// templateTagTypes are the resource types that a launch template can tag, of those emulated; the
// instance types only AWS has are accepted and have no effect,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateTagSpecificationRequest.html
var templateTagTypes = []string{"instance", "volume", "network-interface", "spot-instances-request"}

// maxUserData bounds user data before it is encoded: 16 KB,
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
const maxUserData = 16 << 10

// check refuses what isn't valid whatever the other parameters are.
func (d *templateData) check() error {
	raw, err := base64.StdEncoding.DecodeString(d.UserData)
	if err != nil {
		return core.Errorf("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data")
	}
	if len(raw) > maxUserData {
		return invalidValue("User data is limited to %d bytes", maxUserData)
	}
	for _, spec := range d.TagSpecs {
		if !slices.Contains(templateTagTypes, spec.ResourceType) {
			return invalidValue("'%s' is not a valid taggable resource type.", spec.ResourceType)
		}
		if err := checkTags(tagMap(spec.Tags), nil); err != nil {
			return err
		}
	}
	if p := d.Profile; p != nil && p.ARN != "" && p.Name != "" {
		return core.Errorf("InvalidParameterCombination", "The parameter 'IamInstanceProfile.Name' may not be used in combination with 'IamInstanceProfile.Arn'")
	}
	for _, e := range []struct {
		param, value string
		valid        []string
	}{
		{"InstanceInitiatedShutdownBehavior", d.ShutdownBehavior, []string{"stop", "terminate"}},
		{"HttpEndpoint", d.metadata().Endpoint, []string{"enabled", "disabled"}},
		{"HttpTokens", d.metadata().Tokens, []string{"optional", "required"}},
		{"HttpProtocolIpv6", d.metadata().IPv6, []string{"enabled", "disabled"}},
		{"InstanceMetadataTags", d.metadata().InstanceTags, []string{"enabled", "disabled"}},
	} {
		if e.value != "" && !slices.Contains(e.valid, e.value) {
			return invalidValue("Value (%s) for parameter %s is invalid.", e.value, e.param)
		}
	}
	if h := d.metadata().HopLimit; h != nil && (*h < 1 || *h > 64) {
		return invalidValue("Value (%d) for parameter HttpPutResponseHopLimit is invalid. Expecting a value between 1 and 64.", *h)
	}
	return nil
}

func (d *templateData) metadata() metadataOptions {
	if d.Metadata == nil {
		return metadataOptions{}
	}
	return *d.Metadata
}

// over returns d's parameters on top of a source version's: "any parameters specified in the new
// version override the values of the source version",
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
func (d templateData) over(source templateData) templateData {
	out, in := reflect.ValueOf(&source).Elem(), reflect.ValueOf(d)
	for i := range in.NumField() {
		if !in.Field(i).IsZero() {
			out.Field(i).Set(in.Field(i))
		}
	}
	return source
}

// tagsFor returns the tags a launch puts on a type of resource.
func (d *templateData) tagsFor(k *kind) map[string]string {
	out := map[string]string{}
	for _, spec := range d.TagSpecs {
		if spec.ResourceType == k.resourceType {
			for _, t := range spec.Tags {
				out[t.Key] = t.Value
			}
		}
	}
	return out
}

// groups are the security groups of a launch, in either of the two places.
func (d *templateData) groups() []string {
	if len(d.NetworkInterfaces) > 0 {
		return d.NetworkInterfaces[0].Groups
	}
	return d.SecurityGroupIDs
}
