package ecs_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdkasg "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	sdklogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	sdkec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	sdkelb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	sdkiam "github.com/aws/aws-sdk-go-v2/service/iam"
	sdklambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	sdksecrets "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	sdkmap "github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/autoscaling"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/iam"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/lambda"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/logs"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/secretsmanager"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/servicediscovery"
)

const account = "123456789012"

var scope = core.Scope{Account: account, Region: "us-east-1"}

// rig is the emulator with the services that Amazon ECS needs, and clients of all of them.
type rig struct {
	*api.Client
	t      *testing.T
	ctx    context.Context
	server *core.Server
	s      *ecs.Service
	ec2    *sdkec2.Client
	elb    *sdkelb.Client
	asg    *sdkasg.Client
	iam    *sdkiam.Client
	logs   *sdklogs.Client
	cmap   *sdkmap.Client
	lambda *sdklambda.Client
	secret *sdksecrets.Client
	images *ec2.Service

	elbService *elbv2.Service

	vpc, group                       string
	subnets                          []string
	execRole, instanceRole, taskRole string
	credentials                      string // ARN of the registry's
}

// endpoint is never dialled: the server is the clients' HTTP client, since the tests poll a lot.
const endpoint = "http://emulator.test"

func newRig(t *testing.T) *rig {
	t.Helper()
	w := core.NewWorld(core.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	w.AddKey("AKIATEST", core.AccountRoot(account))
	w.Settings.NoThrottling = true
	computes, roles := ec2.New(w), iam.New(w)
	balancers, groups := elbv2.New(w, computes, roles), autoscaling.New(w, computes, roles)
	balancers.SetPath(computes.ReachableAddress)
	logGroups, namespaces, secrets := logs.New(w), servicediscovery.New(w), secretsmanager.New(w)
	functions := lambda.New(w, lambda.Deps{EC2: computes, IAM: roles, Logs: logGroups})
	s := ecs.New(w, ecs.Deps{EC2: computes, IAM: roles, ELB: balancers, AutoScaling: groups, Logs: logGroups, CloudMap: namespaces, Secrets: secrets, Functions: functions})
	functions.SetAnswer(s.NextAnswer)
	server := core.NewServer(w)
	for _, m := range []*core.Mux{computes.Mux(), roles.Mux(), balancers.Mux(), groups.Mux(), functions.Mux(), logGroups.Mux(), namespaces.Mux(), secrets.Mux(), s.Mux()} {
		server.Register(m)
	}
	c := aws.Config{
		Region: scope.Region, BaseEndpoint: aws.String(endpoint), HTTPClient: server, Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
	return &rig{
		t: t, ctx: t.Context(), server: server, s: s, Client: api.NewFromConfig(c), ec2: sdkec2.NewFromConfig(c), elb: sdkelb.NewFromConfig(c), asg: sdkasg.NewFromConfig(c),
		iam: sdkiam.NewFromConfig(c), logs: sdklogs.NewFromConfig(c), cmap: sdkmap.NewFromConfig(c), secret: sdksecrets.NewFromConfig(c), images: computes, elbService: balancers, lambda: sdklambda.NewFromConfig(c),
	}
}

func must[T any](out T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

func wantError(t testing.TB, err error, code, part string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code || !strings.Contains(e.ErrorMessage(), part) {
		t.Fatalf("error %v, want %s with %q", err, code, part)
	}
}

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"%"},"Action":"sts:AssumeRole"}]}`

func (r *rig) role(name, service string, policies ...string) string {
	r.t.Helper()
	out := must(r.iam.CreateRole(r.ctx, &sdkiam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(strings.Replace(trust, "%", service, 1))}))(r.t)
	for _, p := range policies {
		must(r.iam.AttachRolePolicy(r.ctx, &sdkiam.AttachRolePolicyInput{RoleName: &name, PolicyArn: aws.String("arn:aws:iam::aws:policy/service-role/" + p)}))(r.t)
	}
	return *out.Role.Arn
}

// world makes a VPC with a way out, roles, a log group and secrets.
func (r *rig) world() *rig {
	t := r.t
	t.Helper()
	r.vpc = *must(r.ec2.CreateVpc(r.ctx, &sdkec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")}))(t).Vpc.VpcId
	gateway := must(r.ec2.CreateInternetGateway(r.ctx, &sdkec2.CreateInternetGatewayInput{}))(t).InternetGateway.InternetGatewayId
	must(r.ec2.AttachInternetGateway(r.ctx, &sdkec2.AttachInternetGatewayInput{VpcId: &r.vpc, InternetGatewayId: gateway}))(t)
	table := must(r.ec2.CreateRouteTable(r.ctx, &sdkec2.CreateRouteTableInput{VpcId: &r.vpc}))(t).RouteTable.RouteTableId
	must(r.ec2.CreateRoute(r.ctx, &sdkec2.CreateRouteInput{RouteTableId: table, DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: gateway}))(t)
	r.server.Advance(time.Minute)
	for _, z := range []string{"a", "b"} {
		id := must(r.ec2.CreateSubnet(r.ctx, &sdkec2.CreateSubnetInput{VpcId: &r.vpc, AvailabilityZone: aws.String("us-east-1" + z), CidrBlock: aws.String("10.0." + map[string]string{"a": "1", "b": "2"}[z] + ".0/24")}))(t).Subnet.SubnetId
		r.subnets = append(r.subnets, *id)
		must(r.ec2.AssociateRouteTable(r.ctx, &sdkec2.AssociateRouteTableInput{RouteTableId: table, SubnetId: id}))(t)
	}
	r.group = r.securityGroup("tasks", "10.0.0.0/16")
	r.execRole = r.role("exec", "ecs-tasks.amazonaws.com", "AmazonECSTaskExecutionRolePolicy")
	must(r.iam.PutRolePolicy(r.ctx, &sdkiam.PutRolePolicyInput{RoleName: aws.String("exec"), PolicyName: aws.String("secrets"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"arn:aws:secretsmanager:us-east-1:123456789012:secret:portkey/*"}]}`)}))(t)
	r.taskRole = r.role("task", "ecs-tasks.amazonaws.com")
	r.instanceRole = r.role("instance", "ec2.amazonaws.com", "AmazonEC2ContainerServiceforEC2Role")
	must(r.iam.CreateInstanceProfile(r.ctx, &sdkiam.CreateInstanceProfileInput{InstanceProfileName: aws.String("instance")}))(t)
	must(r.iam.AddRoleToInstanceProfile(r.ctx, &sdkiam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String("instance"), RoleName: aws.String("instance")}))(t)
	must(r.logs.CreateLogGroup(r.ctx, &sdklogs.CreateLogGroupInput{LogGroupName: aws.String("/ecs/app")}))(t)
	r.credentials = *must(r.secret.CreateSecret(r.ctx, &sdksecrets.CreateSecretInput{Name: aws.String("portkey/docker"), SecretString: aws.String(`{"username":"u","password":"p"}`)}))(t).ARN
	must(r.cmap.CreateHttpNamespace(r.ctx, &sdkmap.CreateHttpNamespaceInput{Name: aws.String("portkey")}))(t)
	r.server.Advance(2 * time.Minute)
	return r
}

func (r *rig) securityGroup(name, from string) string {
	id := must(r.ec2.CreateSecurityGroup(r.ctx, &sdkec2.CreateSecurityGroupInput{GroupName: &name, Description: &name, VpcId: &r.vpc}))(r.t).GroupId
	if from != "" {
		must(r.ec2.AuthorizeSecurityGroupIngress(r.ctx, &sdkec2.AuthorizeSecurityGroupIngressInput{GroupId: id, IpPermissions: []ec2types.IpPermission{{
			IpProtocol: aws.String("-1"), IpRanges: []ec2types.IpRange{{CidrIp: &from}}}}}))(r.t)
	}
	return *id
}

// capacity makes a cluster with an attached capacity provider over an Auto Scaling group that
// starts empty.
func (r *rig) capacity(instanceType string, edit ...func(*types.AutoScalingGroupProvider)) {
	t := r.t
	t.Helper()
	must(r.CreateCluster(r.ctx, &api.CreateClusterInput{ClusterName: aws.String("main")}))(t)
	r.autoScalingGroup("main", instanceType)
	p := &types.AutoScalingGroupProvider{
		AutoScalingGroupArn: aws.String("main"), ManagedTerminationProtection: types.ManagedTerminationProtectionEnabled, ManagedDraining: types.ManagedDrainingEnabled,
		ManagedScaling: &types.ManagedScaling{Status: types.ManagedScalingStatusEnabled, TargetCapacity: aws.Int32(100), MinimumScalingStepSize: aws.Int32(1), MaximumScalingStepSize: aws.Int32(2)},
	}
	for _, f := range edit {
		f(p)
	}
	must(r.CreateCapacityProvider(r.ctx, &api.CreateCapacityProviderInput{Name: aws.String("primary"), AutoScalingGroupProvider: p}))(t)
	r.server.Advance(time.Minute)
	must(r.PutClusterCapacityProviders(r.ctx, &api.PutClusterCapacityProvidersInput{Cluster: aws.String("main"), CapacityProviders: []string{"primary"},
		DefaultCapacityProviderStrategy: []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("primary"), Weight: 100}}}))(t)
	r.server.Advance(time.Minute)
}

func (r *rig) autoScalingGroup(name, instanceType string) {
	r.t.Helper()
	r.images.AddImage(scope, "ami-00000000000000001", "ecs", map[bool]string{true: "arm64", false: "x86_64"}[strings.Contains(strings.SplitN(instanceType, ".", 2)[0], "g")])
	userData := "#!/bin/bash\necho ECS_CLUSTER=main >> /etc/ecs/ecs.config\n"
	lt := must(r.ec2.CreateLaunchTemplate(r.ctx, &sdkec2.CreateLaunchTemplateInput{LaunchTemplateName: &name, LaunchTemplateData: &ec2types.RequestLaunchTemplateData{
		ImageId: aws.String("ami-00000000000000001"), InstanceType: ec2types.InstanceType(instanceType), SecurityGroupIds: []string{r.group},
		IamInstanceProfile: &ec2types.LaunchTemplateIamInstanceProfileSpecificationRequest{Name: aws.String("instance")},
		UserData:           aws.String(base64.StdEncoding.EncodeToString([]byte(userData))),
	}}))(r.t).LaunchTemplate.LaunchTemplateId
	must(r.asg.CreateAutoScalingGroup(r.ctx, &sdkasg.CreateAutoScalingGroupInput{
		AutoScalingGroupName: &name, MinSize: aws.Int32(0), MaxSize: aws.Int32(6), DesiredCapacity: aws.Int32(0), NewInstancesProtectedFromScaleIn: aws.Bool(true),
		LaunchTemplate:    &asgtypes.LaunchTemplateSpecification{LaunchTemplateId: lt, Version: aws.String("$Latest")},
		VPCZoneIdentifier: aws.String(strings.Join(r.subnets, ",")),
	}))(r.t)
}

func (r *rig) desiredInstances() int {
	r.t.Helper()
	return int(*must(r.asg.DescribeAutoScalingGroups(r.ctx, &sdkasg.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{"main"}}))(r.t).AutoScalingGroups[0].DesiredCapacity)
}
