package ec2

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func templateTags(kind types.ResourceType, k, v string) types.LaunchTemplateTagSpecificationRequest {
	return types.LaunchTemplateTagSpecificationRequest{ResourceType: kind, Tags: []types.Tag{{Key: &k, Value: &v}}}
}

// data is a launch template as an ECS capacity provider has it.
func data(group string) *types.RequestLaunchTemplateData {
	return &types.RequestLaunchTemplateData{
		ImageId: aws.String(ECSOptimizedImage("us-east-1", arm, 1).ID), InstanceType: "t4g.medium",
		UserData:           aws.String(base64.StdEncoding.EncodeToString([]byte("#!/bin/bash\necho ECS_CLUSTER=c"))),
		SecurityGroupIds:   []string{group},
		IamInstanceProfile: &types.LaunchTemplateIamInstanceProfileSpecificationRequest{Name: aws.String("profile")},
		MetadataOptions:    &types.LaunchTemplateInstanceMetadataOptionsRequest{HttpTokens: "required", HttpPutResponseHopLimit: aws.Int32(1), HttpEndpoint: "enabled"},
		Monitoring:         &types.LaunchTemplatesMonitoringRequest{Enabled: aws.Bool(true)},
		BlockDeviceMappings: []types.LaunchTemplateBlockDeviceMappingRequest{{DeviceName: aws.String("/dev/xvda"),
			Ebs: &types.LaunchTemplateEbsBlockDeviceRequest{VolumeSize: aws.Int32(50), Encrypted: aws.Bool(true), VolumeType: "gp3"}}},
		TagSpecifications: []types.LaunchTemplateTagSpecificationRequest{templateTags("instance", "i", "1"), templateTags("volume", "v", "2"), templateTags("network-interface", "n", "3")},
	}
}

func (e *env) template(d *types.RequestLaunchTemplateData) string {
	e.Helper()
	return *must(e.CreateLaunchTemplate(e.ctx, &sdk.CreateLaunchTemplateInput{LaunchTemplateName: aws.String(fmt.Sprintf("t-%d", e.kinds(false)["LaunchTemplate"])), LaunchTemplateData: d}))(e).LaunchTemplate.LaunchTemplateId
}

func (e *env) run(p RunParams) (id string, err error) {
	e.locked(func() { id, err = e.svc.RunInstance(scope, p) })
	return id, err
}

func TestLaunchTemplateVersions(t *testing.T) {
	e := newEnv(t)
	in := &sdk.CreateLaunchTemplateInput{LaunchTemplateName: aws.String("ecs-lt"), ClientToken: aws.String("t"), LaunchTemplateData: data("sg-1"), TagSpecifications: tags("launch-template", "Name", "x"), VersionDescription: aws.String("one")}
	made := must(e.CreateLaunchTemplate(e.ctx, in))(t).LaunchTemplate
	again := must(e.CreateLaunchTemplate(e.ctx, in))(t).LaunchTemplate
	if *made.LaunchTemplateId != *again.LaunchTemplateId || *made.LatestVersionNumber != 1 || *made.DefaultVersionNumber != 1 {
		t.Fatalf("got %+v and %+v", made, again)
	}
	in.VersionDescription = aws.String("other")
	_, err := e.CreateLaunchTemplate(e.ctx, in)
	wantCode(t, err, "IdempotentParameterMismatch")
	in.ClientToken = nil
	_, err = e.CreateLaunchTemplate(e.ctx, in)
	wantCode(t, err, "InvalidLaunchTemplateName.AlreadyExistsException")
	id := made.LaunchTemplateId

	v2 := must(e.CreateLaunchTemplateVersion(e.ctx, &sdk.CreateLaunchTemplateVersionInput{LaunchTemplateId: id, SourceVersion: aws.String("1"), LaunchTemplateData: &types.RequestLaunchTemplateData{InstanceType: "m7g.large"}}))(t).LaunchTemplateVersion
	if *v2.VersionNumber != 2 || *v2.DefaultVersion || v2.LaunchTemplateData.InstanceType != "m7g.large" || *v2.LaunchTemplateData.UserData != *in.LaunchTemplateData.UserData {
		t.Fatalf("got %+v", v2)
	}
	latest := must(e.DescribeLaunchTemplateVersions(e.ctx, &sdk.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: id, Versions: []string{"$Latest", "$Default"}}))(t).LaunchTemplateVersions
	if len(latest) != 2 || *latest[0].VersionNumber != 2 || *latest[1].VersionNumber != 1 {
		t.Fatalf("got %+v", latest)
	}
	d := latest[1].LaunchTemplateData
	if *d.MetadataOptions.HttpPutResponseHopLimit != 1 || d.MetadataOptions.HttpTokens != "required" || !*d.Monitoring.Enabled || len(d.TagSpecifications) != 3 ||
		*d.BlockDeviceMappings[0].Ebs.VolumeSize != 50 || d.SecurityGroupIds[0] != "sg-1" || *d.IamInstanceProfile.Name != "profile" {
		t.Fatalf("got %+v", d)
	}
	all := must(e.DescribeLaunchTemplateVersions(e.ctx, &sdk.DescribeLaunchTemplateVersionsInput{LaunchTemplateName: aws.String("ecs-lt")}))(t).LaunchTemplateVersions
	if len(all) != 2 || *all[0].VersionNumber != 2 {
		t.Fatalf("the newest comes first: %+v", all)
	}
	must(e.ModifyLaunchTemplate(e.ctx, &sdk.ModifyLaunchTemplateInput{LaunchTemplateId: id, DefaultVersion: aws.String("2")}))(t)
	e.locked(func() {
		if n, ok := e.svc.LaunchTemplateVersion(scope, *id, "$Default"); n != 2 || !ok {
			t.Errorf("got %d %v", n, ok)
		}
		if got, _ := e.svc.LaunchTemplateByName(scope, "ecs-lt"); got != *id {
			t.Errorf("got %s", got)
		}
	})
	deleted := must(e.DeleteLaunchTemplateVersions(e.ctx, &sdk.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: id, Versions: []string{"1", "2", "7"}}))(t)
	if len(deleted.SuccessfullyDeletedLaunchTemplateVersions) != 1 || len(deleted.UnsuccessfullyDeletedLaunchTemplateVersions) != 2 {
		t.Fatalf("the default version stays: %+v", deleted)
	}
	_, err = e.DescribeLaunchTemplateVersions(e.ctx, &sdk.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: id, Versions: []string{"1"}})
	wantCode(t, err, "InvalidLaunchTemplateId.VersionNotFound")
	must(e.DeleteLaunchTemplate(e.ctx, &sdk.DeleteLaunchTemplateInput{LaunchTemplateId: id}))(t)
	_, err = e.DescribeLaunchTemplates(e.ctx, &sdk.DescribeLaunchTemplatesInput{LaunchTemplateIds: []string{*id}})
	wantCode(t, err, "InvalidLaunchTemplateId.NotFound")
	_, err = e.DescribeLaunchTemplates(e.ctx, &sdk.DescribeLaunchTemplatesInput{LaunchTemplateNames: []string{"ecs-lt"}})
	wantCode(t, err, "InvalidLaunchTemplateName.NotFoundException")
}

func TestLaunchTemplateRefusals(t *testing.T) {
	e := newEnv(t)
	for _, c := range []struct {
		why    string
		name   string
		change func(*types.RequestLaunchTemplateData)
		code   string
	}{
		{"short name", "x", func(*types.RequestLaunchTemplateData) {}, "InvalidLaunchTemplateName.MalformedException"},
		{"user data isn't base64", "abc", func(d *types.RequestLaunchTemplateData) { d.UserData = aws.String("#!") }, "InvalidUserData.Malformed"},
		{"tokens", "abc", func(d *types.RequestLaunchTemplateData) { d.MetadataOptions.HttpTokens = "maybe" }, "InvalidParameterValue"},
		{"tags of a type it can't tag", "abc", func(d *types.RequestLaunchTemplateData) {
			d.TagSpecifications = append(d.TagSpecifications, templateTags("vpc", "a", "b"))
		}, "InvalidParameterValue"},
		{"not emulated", "abc", func(d *types.RequestLaunchTemplateData) { d.KernelId = aws.String("k") }, "UnknownParameter"},
	} {
		d := data("sg-1")
		c.change(d)
		_, err := e.CreateLaunchTemplate(e.ctx, &sdk.CreateLaunchTemplateInput{LaunchTemplateName: &c.name, LaunchTemplateData: d})
		t.Run(c.why, func(t *testing.T) { wantCode(t, err, c.code) })
	}
}

func TestInstanceLife(t *testing.T) {
	e := newEnv(t)
	vpc := e.vpc("10.0.0.0/16")
	subnet, group := e.subnet(vpc, "10.0.0.0/24", "us-east-1a"), e.group(vpc, "ecs")
	template := e.template(data(group))
	usable, states := false, []string{}
	e.svc.SetProfileUsable(func(a, name string) bool { return usable && a == account && name == "profile" })
	e.svc.OnInstanceState(func(_ core.Scope, _, state string) { states = append(states, state) })
	p := RunParams{LaunchTemplateID: template, Version: "$Latest", SubnetID: subnet, Tags: map[string]string{"g": "4"}, AutoScalingGroup: "asg"}
	_, err := e.run(p)
	if err == nil || err.Error() != "InvalidParameterValue: Value (profile) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name" {
		t.Fatalf("got %v", err)
	}
	usable = true
	id := must(e.run(p))(t)
	e.locked(func() {
		i, _ := e.svc.Instance(scope, id)
		if i.State != "pending" || i.Architecture != arm || i.VCPU != 2 || i.MemoryMiB != 4096 || i.MaxInterfaces != 3 || i.UserData != "#!/bin/bash\necho ECS_CLUSTER=c" ||
			i.Tags["g"] != "4" || i.Tags["i"] != "1" || i.Tags["aws:autoscaling:groupName"] != "asg" || i.InstanceProfileARN != "arn:aws:iam::123456789012:instance-profile/profile" ||
			i.LaunchTemplateVersion != "1" || i.PrivateIP != "10.0.0.4" || i.AvailabilityZone != "us-east-1a" {
			t.Errorf("got %+v", i)
		}
	})
	e.server.Advance(instancePending)
	got := must(e.DescribeInstances(e.ctx, &sdk.DescribeInstancesInput{Filters: append(where("instance-state-name", "running"), where("tag:aws:autoscaling:groupName", "asg")...)}))(t).Reservations[0].Instances[0]
	if *got.InstanceId != id || *got.MetadataOptions.HttpPutResponseHopLimit != 1 || len(got.NetworkInterfaces) != 1 || len(got.BlockDeviceMappings) != 1 || got.Monitoring.State != "enabled" {
		t.Fatalf("got %+v", got)
	}
	nic := must(e.DescribeNetworkInterfaces(e.ctx, &sdk.DescribeNetworkInterfacesInput{Filters: where("attachment.instance-id", id)}))(t).NetworkInterfaces[0]
	if *nic.TagSet[0].Key != "n" || *nic.Groups[0].GroupId != group {
		t.Errorf("got %+v", nic)
	}
	volume := must(e.DescribeVolumes(e.ctx, &sdk.DescribeVolumesInput{Filters: where("attachment.instance-id", id)}))(t).Volumes[0]
	if *volume.Tags[0].Key != "v" || *volume.Size != 50 || !*volume.Encrypted || *volume.Iops != 3000 {
		t.Errorf("got %+v", volume)
	}
	_, err = e.DeleteSecurityGroup(e.ctx, &sdk.DeleteSecurityGroupInput{GroupId: &group})
	wantCode(t, err, "DependencyViolation")
	change := must(e.TerminateInstances(e.ctx, &sdk.TerminateInstancesInput{InstanceIds: []string{id}}))(t).TerminatingInstances[0]
	if change.CurrentState.Name != "shutting-down" || change.PreviousState.Name != "running" {
		t.Errorf("got %+v", change)
	}
	must(e.TerminateInstances(e.ctx, &sdk.TerminateInstancesInput{InstanceIds: []string{id}}))(t)
	_, err = e.DeleteSubnet(e.ctx, &sdk.DeleteSubnetInput{SubnetId: &subnet})
	wantCode(t, err, "DependencyViolation")
	e.server.Advance(instanceShuttingDown)
	if k := e.kinds(false); k["Instance"]+k["Volume"]+k["NetworkInterface"] != 0 {
		t.Errorf("left: %v", k)
	}
	must(e.DeleteSubnet(e.ctx, &sdk.DeleteSubnetInput{SubnetId: &subnet}))(t)
	if gone := must(e.DescribeInstances(e.ctx, &sdk.DescribeInstancesInput{InstanceIds: []string{id}}))(t).Reservations[0].Instances[0]; gone.State.Name != "terminated" || gone.VpcId != nil {
		t.Errorf("got %+v", gone)
	}
	e.server.Advance(instanceRemembered)
	_, err = e.DescribeInstances(e.ctx, &sdk.DescribeInstancesInput{InstanceIds: []string{id}})
	wantCode(t, err, "InvalidInstanceID.NotFound")
	if !slices.Equal(states, []string{"running", "shutting-down", "terminated"}) {
		t.Errorf("got %v", states)
	}
}

func TestRunRefusals(t *testing.T) {
	e := newEnv(t)
	vpc := e.vpc("10.0.0.0/16")
	subnet, old, group := e.subnet(vpc, "10.0.0.0/24", "us-east-1a"), e.subnet(vpc, "10.0.1.0/24", "us-east-1e"), e.group(vpc, "g")
	for _, c := range []struct {
		why    string
		change func(*types.RequestLaunchTemplateData)
		p      RunParams
		code   string
	}{
		{"no such image", func(d *types.RequestLaunchTemplateData) { d.ImageId = aws.String("ami-0abc") }, RunParams{}, "InvalidAMIID.NotFound"},
		{"no such type", func(d *types.RequestLaunchTemplateData) { d.InstanceType = "x.y" }, RunParams{}, "InvalidParameterValue"},
		{"another architecture", func(d *types.RequestLaunchTemplateData) { d.InstanceType = "t3.medium" }, RunParams{}, "InvalidParameterValue"},
		{"no such version", func(*types.RequestLaunchTemplateData) {}, RunParams{Version: "7"}, "InvalidLaunchTemplateId.VersionNotFound"},
		{"no such subnet", func(*types.RequestLaunchTemplateData) {}, RunParams{SubnetID: "subnet-0abc"}, "InvalidSubnetID.NotFound"},
		{"no such group", func(d *types.RequestLaunchTemplateData) { d.SecurityGroupIds = []string{"sg-0abc"} }, RunParams{}, "InvalidGroup.NotFound"},
		{"type not in the zone", func(*types.RequestLaunchTemplateData) {}, RunParams{SubnetID: old}, "Unsupported"},
		{"groups in two places", func(d *types.RequestLaunchTemplateData) {
			d.NetworkInterfaces = []types.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest{{DeviceIndex: aws.Int32(0), Groups: []string{group}}}
		}, RunParams{}, "InvalidParameterCombination"},
	} {
		t.Run(c.why, func(t *testing.T) {
			d := data(group)
			c.change(d)
			c.p.LaunchTemplateID = e.template(d)
			if c.p.SubnetID == "" {
				c.p.SubnetID = subnet
			}
			_, err := e.run(c.p)
			if got, ok := errors.AsType[*core.Error](err); !ok || got.Code != c.code {
				t.Errorf("got %v, want %s", err, c.code)
			}
		})
	}
	if k := e.kinds(false); k["Instance"]+k["NetworkInterface"]+k["Volume"] != 0 {
		t.Errorf("a refused launch leaves nothing: %v", k)
	}
}

func TestCatalogue(t *testing.T) {
	e := newEnv(t)
	zones := must(e.DescribeAvailabilityZones(e.ctx, &sdk.DescribeAvailabilityZonesInput{Filters: where("state", "available")}))(t).AvailabilityZones
	if len(zones) != 6 || *zones[0].ZoneId != "use1-az1" || *zones[5].ZoneName != "us-east-1f" {
		t.Errorf("got %+v", zones)
	}
	for region, id := range map[string]string{"eu-central-1": "euc1-az1", "ap-southeast-2": "apse2-az1", "us-gov-west-1": "usgw1-az1"} {
		if regionZones(region)[0].id != id {
			t.Errorf("%s: got %s", region, regionZones(region)[0].id)
		}
	}
	kinds := must(e.DescribeInstanceTypes(e.ctx, &sdk.DescribeInstanceTypesInput{InstanceTypes: []types.InstanceType{"t4g.medium", "c7g.16xlarge"}}))(t).InstanceTypes
	if len(kinds) != 2 || *kinds[0].MemoryInfo.SizeInMiB != 4096 || *kinds[1].VCpuInfo.DefaultVCpus != 64 || *kinds[1].NetworkInfo.MaximumNetworkInterfaces != 15 || kinds[0].ProcessorInfo.SupportedArchitectures[0] != "arm64" {
		t.Errorf("got %+v", kinds)
	}
	_, err := e.DescribeInstanceTypes(e.ctx, &sdk.DescribeInstanceTypesInput{InstanceTypes: []types.InstanceType{"x.y"}})
	wantCode(t, err, "InvalidInstanceType")
	n := 0
	for p := sdk.NewDescribeInstanceTypesPaginator(e.Client, &sdk.DescribeInstanceTypesInput{}); p.HasMorePages(); {
		n += len(must(p.NextPage(e.ctx))(t).InstanceTypes)
	}
	if n != len(instanceTypes) || n < 100 {
		t.Errorf("got %d of %d", n, len(instanceTypes))
	}
	offers := must(e.DescribeInstanceTypeOfferings(e.ctx, &sdk.DescribeInstanceTypeOfferingsInput{LocationType: "availability-zone", Filters: where("instance-type", "t4g.medium")}))(t).InstanceTypeOfferings
	if len(offers) != 5 {
		t.Errorf("got %+v", offers)
	}
	images := must(e.DescribeImages(e.ctx, &sdk.DescribeImagesInput{Owners: []string{"amazon"}, Filters: append(where("name", "al2023-ami-ecs-hvm-*"), where("architecture", "x86_64")...)}))(t).Images
	if len(images) != 1 || *images[0].BlockDeviceMappings[0].Ebs.VolumeSize != 30 {
		t.Errorf("got %+v", images)
	}
	if got := must(e.DescribeImages(e.ctx, &sdk.DescribeImagesInput{ImageIds: []string{ECSOptimizedImage("us-east-1", arm, 9).ID}}))(t).Images; len(got) != 1 {
		t.Errorf("got %+v", got)
	}
	_, err = e.DescribeImages(e.ctx, &sdk.DescribeImagesInput{ImageIds: []string{"ami-0abc"}})
	wantCode(t, err, "InvalidAMIID.NotFound")
	if got := must(e.DescribeRegions(e.ctx, &sdk.DescribeRegionsInput{RegionNames: []string{"eu-west-1"}}))(t).Regions; len(got) != 1 {
		t.Errorf("got %+v", got)
	}
	optIn := func(all bool, names ...string) []types.Region {
		return must(e.DescribeRegions(e.ctx, &sdk.DescribeRegionsInput{AllRegions: &all, RegionNames: names, Filters: where("opt-in-status", "opted-in", "not-opted-in")}))(t).Regions
	}
	if got := optIn(false); len(got) != 0 {
		t.Errorf("not enabled: %+v", got)
	}
	if got := optIn(true, "eu-south-2"); len(got) != 1 || *got[0].OptInStatus != "not-opted-in" {
		t.Errorf("not enabled: %+v", got)
	}
	e.server.World.EnableRegion(core.Scope{Account: account, Region: "eu-south-2"})
	if got := optIn(false); len(got) != 1 || *got[0].RegionName != "eu-south-2" || *got[0].OptInStatus != "opted-in" {
		t.Errorf("enabled: %+v", got)
	}
	if got := must(e.DescribeAccountAttributes(e.ctx, &sdk.DescribeAccountAttributesInput{AttributeNames: []types.AccountAttributeName{"default-vpc"}}))(t).AccountAttributes; *got[0].AttributeValues[0].AttributeValue != "none" {
		t.Errorf("got %+v", got)
	}
}

func TestInventoryAndReset(t *testing.T) {
	e := newEnv(t)
	n := e.network()
	template := e.template(data(e.group(n.vpc, "g")))
	must(e.run(RunParams{LaunchTemplateID: template, SubnetID: n.private}))(t)
	want := map[string]int{"VPC": 1, "Subnet": 2, "InternetGateway": 1, "ElasticIP": 1, "NATGateway": 1, "RouteTable": 3, "RouteTableAssociation": 3,
		"SecurityGroup": 2, "SecurityGroupRule": 3, "NetworkACL": 1, "NetworkInterface": 2, "LaunchTemplate": 1, "Instance": 1, "Volume": 1}
	if got := e.kinds(false); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	for _, r := range e.server.Resources(false) {
		if r.Kind == "LaunchTemplate" && r.Settings["launchTemplateData"].(map[string]any)["instanceType"] != "t4g.medium" {
			t.Errorf("settings: %v", r.Settings)
		}
		if (r.ARN == "") != (r.Kind == "RouteTableAssociation") || r.ID == "" {
			t.Errorf("got %+v", r)
		}
	}
	e.locked(func() {
		if got := e.svc.world.Tagged(scope)["arn:aws:ec2:us-east-1:123456789012:vpc/"+n.vpc]; got["Name"] != "v" {
			t.Errorf("got %v", got)
		}
		e.svc.world.Reset()
	})
	if left := e.server.Resources(true); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
}
