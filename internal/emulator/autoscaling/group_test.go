package autoscaling

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	asg "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

func TestGroupLaunchesItsInstances(t *testing.T) {
	e := start(t)
	var heard []string
	e.service.OnInstanceInService(func(_ core.Scope, g, id string) { heard = append(heard, g+"/"+id) })
	in := input(2)
	in.NewInstancesProtectedFromScaleIn = aws.Bool(true)
	in.Tags = []types.Tag{{Key: aws.String("Name"), Value: aws.String("n"), PropagateAtLaunch: aws.Bool(true)}, {Key: aws.String("Own"), Value: aws.String("o"), PropagateAtLaunch: aws.Bool(false)}}
	must[*asg.CreateAutoScalingGroupOutput](t)(e.CreateAutoScalingGroup(t.Context(), in))
	e.expect(0, "")
	e.expect(reaction, "i-1=Pending i-2=Pending")
	if a := e.newest(); a.StatusCode != "InProgress" || !strings.Contains(*a.Cause, "changing the desired capacity from 0 to 2") {
		t.Fatalf("%+v", a)
	}
	e.expect(boot, "i-1=Pending i-2=Pending")
	e.expect(intoService, "i-1=InService i-2=InService")
	if a := e.newest(); a.StatusCode != "Successful" || *a.Description != "Launching a new EC2 instance: i-2" {
		t.Fatalf("%+v", a)
	}
	g := e.describe()
	if z := strings.Join(g.AvailabilityZones, " "); z != "us-east-1a us-east-1b" || *g.Instances[0].AvailabilityZone == *g.Instances[1].AvailabilityZone {
		t.Fatal(z)
	}
	if !*g.Instances[0].ProtectedFromScaleIn || *g.Instances[0].LaunchTemplate.Version != "1" || *g.LaunchTemplate.Version != "$Latest" || *g.LaunchTemplate.LaunchTemplateName != "template" {
		t.Fatalf("%+v", g)
	}
	if tags := e.compute.runs[0].Tags; tags["Name"] != "n" || len(tags) != 1 || e.compute.runs[0].AutoScalingGroup != "g" {
		t.Fatal(tags)
	}
	if strings.Join(heard, " ") != "g/i-1 g/i-2" {
		t.Fatal(heard)
	}
	if !strings.Contains(*g.AutoScalingGroupARN, ":autoScalingGroupName/g") || *g.HealthCheckType != "EC2" || *g.DefaultCooldown != 300 {
		t.Fatalf("%+v", g)
	}
	d := must[*asg.DescribeAutoScalingInstancesOutput](t)(e.DescribeAutoScalingInstances(t.Context(), &asg.DescribeAutoScalingInstancesInput{InstanceIds: []string{"i-1"}}))
	if len(d.AutoScalingInstances) != 1 || *d.AutoScalingInstances[0].LifecycleState != "InService" || *d.AutoScalingInstances[0].AutoScalingGroupName != "g" {
		t.Fatalf("%+v", d)
	}
	e.world.Lock()
	defer e.world.Unlock()
	info, ok := e.service.Group(here, *g.AutoScalingGroupARN)
	if !ok || len(info.InstanceIDs) != 2 || info.Desired != 2 || !info.NewInstancesProtected {
		t.Fatalf("%+v", info)
	}
}

func TestCreateErrors(t *testing.T) {
	for name, c := range map[string]struct {
		change     func(*asg.CreateAutoScalingGroupInput)
		code, part string
	}{
		"name taken":   {func(in *asg.CreateAutoScalingGroupInput) { in.AutoScalingGroupName = aws.String("taken") }, "AlreadyExists", "A group with the name taken already exists"},
		"colon":        {func(in *asg.CreateAutoScalingGroupInput) { in.AutoScalingGroupName = aws.String("a:b") }, "ValidationError", "autoScalingGroupName"},
		"no template":  {func(in *asg.CreateAutoScalingGroupInput) { in.LaunchTemplate = nil }, "ValidationError", "must contain either LaunchTemplate"},
		"gone":         {func(in *asg.CreateAutoScalingGroupInput) { in.LaunchTemplate.LaunchTemplateId = aws.String("lt-2") }, "ValidationError", "You must use a valid fully-formed launch template. The specified launch template, with template ID lt-2, does not exist"},
		"gone version": {func(in *asg.CreateAutoScalingGroupInput) { in.LaunchTemplate.Version = aws.String("7") }, "ValidationError", "version 7"},
		"both": {func(in *asg.CreateAutoScalingGroupInput) {
			in.LaunchTemplate.LaunchTemplateName = aws.String("template")
		}, "ValidationError", "either"},
		"no subnets":   {func(in *asg.CreateAutoScalingGroupInput) { in.VPCZoneIdentifier = nil }, "ValidationError", "At least one Availability Zone or VPC Subnet is required."},
		"gone subnet":  {func(in *asg.CreateAutoScalingGroupInput) { in.VPCZoneIdentifier = aws.String("subnet-x") }, "ValidationError", "The subnet ID 'subnet-x' does not exist"},
		"desired":      {func(in *asg.CreateAutoScalingGroupInput) { in.DesiredCapacity = aws.Int32(11) }, "ValidationError", "Desired capacity:11 must be between the specified min size:0 and max size:10"},
		"bounds":       {func(in *asg.CreateAutoScalingGroupInput) { in.MinSize = aws.Int32(11) }, "ValidationError", "Max bound, 10"},
		"unknown":      {func(in *asg.CreateAutoScalingGroupInput) { in.TargetGroupARNs = []string{"arn"} }, "ValidationError", "TargetGroupARNs"},
		"elb checks":   {func(in *asg.CreateAutoScalingGroupInput) { in.HealthCheckType = aws.String("ELB") }, "ValidationError", "ELB"},
		"reserved tag": {func(in *asg.CreateAutoScalingGroupInput) { in.Tags = []types.Tag{{Key: aws.String("aws:x")}} }, "ValidationError", "aws:"},
	} {
		t.Run(name, func(t *testing.T) {
			e := start(t)
			e.create(0, func(in *asg.CreateAutoScalingGroupInput) { in.AutoScalingGroupName = aws.String("taken") })
			in := input(1)
			c.change(in)
			_, err := e.CreateAutoScalingGroup(t.Context(), in)
			fails(t, err, c.code, c.part)
		})
	}
}

// checkedCompute tells of a bad launch beforehand.
type checkedCompute struct{ *testCompute }

func (c checkedCompute) CheckLaunch(core.Scope, ec2.RunParams) error { return c.launchError }

func TestInstanceProfileThatIsNotThereYet(t *testing.T) {
	e := start(t)
	e.compute.launchError = core.Errorf("InvalidParameterValue", "Value (p) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name")
	e.service.compute = checkedCompute{e.compute}
	_, err := e.CreateAutoScalingGroup(t.Context(), input(1))
	fails(t, err, "ValidationError", "You must use a valid fully-formed launch template. Value (p) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name")
}

func TestFailedLaunchIsRetried(t *testing.T) {
	e := start(t)
	e.compute.launchError = core.Errorf("InvalidParameterValue", "Invalid IAM Instance Profile name")
	e.create(2)
	if a := e.newest(); a.StatusCode != "Failed" || !strings.Contains(*a.StatusMessage, "Invalid IAM Instance Profile name Launching EC2 instance failed.") {
		t.Fatalf("%+v", a)
	}
	e.compute.launchError = nil
	e.expect(2*time.Minute, "i-1=InService i-2=InService")
}

func TestScaling(t *testing.T) {
	e := start(t)
	e.create(1)
	fails(t, e.desire(11), "ValidationError", "New SetDesiredCapacity value 11 is above max value 10")
	if err := e.desire(3); err != nil {
		t.Fatal(err)
	}
	e.expect(time.Minute, "i-1=InService i-2=InService i-3=InService")
	_, err := e.SetDesiredCapacity(t.Context(), &asg.SetDesiredCapacityInput{AutoScalingGroupName: aws.String("g"), DesiredCapacity: aws.Int32(4), HonorCooldown: aws.Bool(true)})
	fails(t, err, "ScalingActivityInProgress", "blocks this action")
	if err := e.desire(2); err != nil {
		t.Fatal(err)
	}
	// subnet-a has two: the older of them goes.
	e.expect(reaction, "i-1=Terminating i-2=InService i-3=InService")
	e.expect(shutDown, "i-2=InService i-3=InService")
	update := func(in *asg.UpdateAutoScalingGroupInput) error {
		in.AutoScalingGroupName = aws.String("g")
		_, err := e.UpdateAutoScalingGroup(t.Context(), in)
		return err
	}
	if err := update(&asg.UpdateAutoScalingGroupInput{MaxSize: aws.Int32(1)}); err != nil || *e.describe().DesiredCapacity != 1 {
		t.Fatal(err)
	}
	fails(t, update(&asg.UpdateAutoScalingGroupInput{DesiredCapacity: aws.Int32(2)}), "ValidationError", "must be between")
	fails(t, update(&asg.UpdateAutoScalingGroupInput{PlacementGroup: aws.String("p")}), "ValidationError", "PlacementGroup")
	if err := update(&asg.UpdateAutoScalingGroupInput{MinSize: aws.Int32(3), MaxSize: aws.Int32(5)}); err != nil || *e.describe().DesiredCapacity != 3 {
		t.Fatal(err)
	}
}

func TestProtectionKeepsInstances(t *testing.T) {
	e := start(t)
	e.create(2, protected)
	_ = e.desire(0)
	e.expect(time.Hour, "i-1=InService i-2=InService")
	if a := e.newest(); !strings.Contains(*a.Description, "Could not scale to desired capacity because all remaining instances are protected from scale-in.") {
		t.Fatalf("%+v", a)
	}
	protect := func(ids ...string) error {
		_, err := e.SetInstanceProtection(t.Context(), &asg.SetInstanceProtectionInput{AutoScalingGroupName: aws.String("g"), InstanceIds: ids, ProtectedFromScaleIn: aws.Bool(false)})
		return err
	}
	fails(t, protect("i-9"), "ValidationError", "The instance i-9 is not part of Auto Scaling group g.")
	if err := protect("i-2"); err != nil {
		t.Fatal(err)
	}
	e.expect(reaction, "i-1=InService i-2=Terminating")
	fails(t, protect("i-2"), "ValidationError", "is not in InService")
	e.world.Lock()
	e.service.SetProtection(here, "g", "i-1", false)
	e.world.Unlock()
	e.expect(time.Minute, "")
}

func TestDeadInstanceIsReplaced(t *testing.T) {
	e := start(t)
	e.create(1, protected)
	e.world.Lock()
	e.compute.TerminateInstance(here, "i-1")
	e.world.Unlock()
	if h := *e.describe().Instances[0].HealthStatus; h != "Unhealthy" {
		t.Fatal(h)
	}
	e.expect(healthCheck+reaction, "i-2=Pending")
	e.expect(time.Minute, "i-2=InService")
}

func TestTerminateInstance(t *testing.T) {
	e := start(t)
	e.create(1, protected)
	_, err := e.UpdateAutoScalingGroup(t.Context(), &asg.UpdateAutoScalingGroupInput{AutoScalingGroupName: aws.String("g"), MinSize: aws.Int32(1)})
	if err != nil {
		t.Fatal(err)
	}
	terminate := func(id string, decrement bool) (*asg.TerminateInstanceInAutoScalingGroupOutput, error) {
		return e.TerminateInstanceInAutoScalingGroup(t.Context(), &asg.TerminateInstanceInAutoScalingGroupInput{InstanceId: &id, ShouldDecrementDesiredCapacity: &decrement})
	}
	_, err = terminate("i-9", false)
	fails(t, err, "ValidationError", "No managed instance found for instance ID i-9")
	_, err = terminate("i-1", true)
	fails(t, err, "ValidationError", "violate group's min size constraint")
	out := must[*asg.TerminateInstanceInAutoScalingGroupOutput](t)(terminate("i-1", false))
	if !strings.Contains(*out.Activity.Description, "Terminating EC2 instance: i-1") {
		t.Fatalf("%+v", out.Activity)
	}
	e.expect(time.Minute, "i-2=InService")
}

func TestDelete(t *testing.T) {
	e := start(t)
	e.create(1)
	del := func(force bool) error {
		_, err := e.DeleteAutoScalingGroup(t.Context(), &asg.DeleteAutoScalingGroupInput{AutoScalingGroupName: aws.String("g"), ForceDelete: &force})
		return err
	}
	fails(t, del(false), "ResourceInUse", "You cannot delete an AutoScalingGroup while there are instances")
	must[*asg.UpdateAutoScalingGroupOutput](t)(e.UpdateAutoScalingGroup(t.Context(), &asg.UpdateAutoScalingGroupInput{AutoScalingGroupName: aws.String("g"), DeletionProtection: "prevent-force-deletion"}))
	fails(t, del(true), "ValidationError", "deletion protection")
	must[*asg.UpdateAutoScalingGroupOutput](t)(e.UpdateAutoScalingGroup(t.Context(), &asg.UpdateAutoScalingGroupInput{AutoScalingGroupName: aws.String("g"), DeletionProtection: "none"}))
	must[*asg.PutLifecycleHookOutput](t)(e.PutLifecycleHook(t.Context(), &asg.PutLifecycleHookInput{AutoScalingGroupName: aws.String("g"), LifecycleHookName: aws.String("h"), LifecycleTransition: aws.String(terminatingTransition)}))
	if err := del(true); err != nil {
		t.Fatal(err)
	}
	e.expect(0, "i-1=Terminating") // the hook isn't asked
	if s := e.describe().Status; s == nil || *s != "Delete in progress" {
		t.Fatal(s)
	}
	_, err := e.CreateAutoScalingGroup(t.Context(), input(1))
	fails(t, err, "AlreadyExists", "already exists")
	fails(t, del(false), "ScalingActivityInProgress", "You cannot delete")
	fails(t, e.desire(1), "ScalingActivityInProgress", "pending delete")
	e.server.Advance(shutDown + deletion)
	if e.describe() != nil {
		t.Fatal("still there")
	}
	fails(t, del(true), "ValidationError", "AutoScalingGroup name not found")
}

func TestDescribePagesFiltersAndTags(t *testing.T) {
	e := start(t)
	for _, n := range []string{"a", "b", "c"} {
		in := input(0)
		in.AutoScalingGroupName = &n
		in.Tags = []types.Tag{{Key: aws.String("name"), Value: &n, PropagateAtLaunch: aws.Bool(true)}}
		must[*asg.CreateAutoScalingGroupOutput](t)(e.CreateAutoScalingGroup(t.Context(), in))
	}
	e.world.Settings.PageSize = 2
	var names []string
	p := asg.NewDescribeAutoScalingGroupsPaginator(e.Client, &asg.DescribeAutoScalingGroupsInput{Filters: []types.Filter{{Name: aws.String("tag-key"), Values: []string{"name"}}}})
	for p.HasMorePages() {
		for _, g := range must[*asg.DescribeAutoScalingGroupsOutput](t)(p.NextPage(t.Context())).AutoScalingGroups {
			names = append(names, *g.AutoScalingGroupName)
		}
	}
	if strings.Join(names, "") != "abc" {
		t.Fatal(names)
	}
	one := must[*asg.DescribeAutoScalingGroupsOutput](t)(e.DescribeAutoScalingGroups(t.Context(), &asg.DescribeAutoScalingGroupsInput{Filters: []types.Filter{{Name: aws.String("tag:name"), Values: []string{"b"}}}}))
	if len(one.AutoScalingGroups) != 1 {
		t.Fatal(len(one.AutoScalingGroups))
	}
	_, err := e.DescribeAutoScalingGroups(t.Context(), &asg.DescribeAutoScalingGroupsInput{NextToken: aws.String("!")})
	fails(t, err, "InvalidNextToken", "!")
	_, err = e.DescribeAutoScalingGroups(t.Context(), &asg.DescribeAutoScalingGroupsInput{MaxRecords: aws.Int32(101)})
	fails(t, err, "ValidationError", "MaxRecords")
	tag := types.Tag{Key: aws.String("k"), Value: aws.String("v"), ResourceId: aws.String("a"), ResourceType: aws.String("auto-scaling-group"), PropagateAtLaunch: aws.Bool(false)}
	must[*asg.CreateOrUpdateTagsOutput](t)(e.CreateOrUpdateTags(t.Context(), &asg.CreateOrUpdateTagsInput{Tags: []types.Tag{tag}}))
	tags := must[*asg.DescribeTagsOutput](t)(e.DescribeTags(t.Context(), &asg.DescribeTagsInput{Filters: []types.Filter{{Name: aws.String("auto-scaling-group"), Values: []string{"a"}}}}))
	if len(tags.Tags) != 2 {
		t.Fatalf("%+v", tags.Tags)
	}
	must[*asg.DeleteTagsOutput](t)(e.DeleteTags(t.Context(), &asg.DeleteTagsInput{Tags: []types.Tag{tag}}))
	for _, r := range e.server.Resources(false) {
		if r.Kind != "AutoScalingGroup" || r.Tags["name"] != r.Name || len(r.Tags) != 1 {
			t.Fatalf("%+v", r)
		}
	}
	out := must[*asg.DescribePoliciesOutput](t)(e.DescribePolicies(t.Context(), &asg.DescribePoliciesInput{AutoScalingGroupName: aws.String("a")}))
	if len(out.ScalingPolicies) != 0 {
		t.Fatal(out)
	}
	_, err = e.AttachInstances(t.Context(), &asg.AttachInstancesInput{AutoScalingGroupName: aws.String("a")})
	fails(t, err, "InvalidAction", "AttachInstances")
}
