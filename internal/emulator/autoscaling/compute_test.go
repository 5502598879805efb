package autoscaling_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	asg "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/autoscaling"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/iam"
)

// A group's instances are those of EC2: launched from its template, tagged, replaced when somebody
// terminates them.
func TestGroupOfRealInstances(t *testing.T) {
	w := core.NewWorld(core.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	w.Settings.NoThrottling = true
	w.AddKey("AKIATEST", core.AccountRoot("123456789012"))
	scope := core.Scope{Account: "123456789012", Region: "us-east-1"}
	compute := ec2.New(w)
	compute.AddImage(scope, "ami-0123456789abcdef0", "test", "arm64")
	server := core.NewServer(w)
	server.Register(compute.Mux())
	server.Register(autoscaling.New(w, compute, iam.New(w)).Mux())
	endpoint := "http://aws.test" // without a network: see core.Server.Do
	config := aws.Config{Region: "us-east-1", BaseEndpoint: &endpoint, HTTPClient: server, RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret", "")}
	ec, as, ctx := ec2sdk.NewFromConfig(config), asg.NewFromConfig(config), t.Context()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	vpc, err := ec.CreateVpc(ctx, &ec2sdk.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	ok(err)
	server.Advance(time.Minute)
	subnet, err := ec.CreateSubnet(ctx, &ec2sdk.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String("10.0.0.0/24"), AvailabilityZone: aws.String("us-east-1a")})
	ok(err)
	lt, err := ec.CreateLaunchTemplate(ctx, &ec2sdk.CreateLaunchTemplateInput{LaunchTemplateName: aws.String("hosts"),
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: aws.String("ami-0123456789abcdef0"), InstanceType: "t4g.large"}})
	ok(err)
	_, err = as.CreateAutoScalingGroup(ctx, &asg.CreateAutoScalingGroupInput{AutoScalingGroupName: aws.String("g"), MinSize: aws.Int32(1), MaxSize: aws.Int32(2),
		VPCZoneIdentifier: subnet.Subnet.SubnetId, LaunchTemplate: &asgtypes.LaunchTemplateSpecification{LaunchTemplateName: aws.String("hosts")}})
	ok(err)
	server.Advance(2 * time.Minute)
	serving := func() asgtypes.Instance {
		t.Helper()
		out, err := as.DescribeAutoScalingGroups(ctx, &asg.DescribeAutoScalingGroupsInput{})
		ok(err)
		g := out.AutoScalingGroups[0]
		if *g.LaunchTemplate.LaunchTemplateId != *lt.LaunchTemplate.LaunchTemplateId || *g.LaunchTemplate.Version != "$Default" {
			t.Fatalf("%+v", g.LaunchTemplate)
		}
		if len(g.Instances) != 1 || g.Instances[0].LifecycleState != "InService" || *g.Instances[0].InstanceType != "t4g.large" {
			t.Fatalf("%+v", g.Instances)
		}
		return g.Instances[0]
	}
	first := serving()
	_, err = ec.TerminateInstances(ctx, &ec2sdk.TerminateInstancesInput{InstanceIds: []string{*first.InstanceId}})
	ok(err)
	server.Advance(5 * time.Minute)
	second := serving()
	if *second.InstanceId == *first.InstanceId {
		t.Fatal("not replaced")
	}
	w.Lock()
	i, _ := compute.Instance(scope, *second.InstanceId)
	w.Unlock()
	if i.Tags["aws:autoscaling:groupName"] != "g" {
		t.Fatal(i.Tags)
	}
	_, err = as.DeleteAutoScalingGroup(ctx, &asg.DeleteAutoScalingGroupInput{AutoScalingGroupName: aws.String("g"), ForceDelete: aws.Bool(true)})
	ok(err)
	server.Advance(5 * time.Minute)
	out, err := as.DescribeAutoScalingGroups(ctx, &asg.DescribeAutoScalingGroupsInput{})
	ok(err)
	if len(out.AutoScalingGroups) != 0 {
		t.Fatal(out.AutoScalingGroups)
	}
}
