package applicationautoscaling_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	api "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	sdkec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	sdkecs "github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	sdkelb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

const resource = "service/main/app"

var scope = core.Scope{Account: emulator.Account, Region: "us-east-1"}

// rig is an emulator with a service on Fargate, app in the cluster main.
type rig struct {
	*api.Client
	t       *testing.T
	e       *emulator.Emulator
	ecs     *sdkecs.Client
	elb     *sdkelb.Client
	ec2     *sdkec2.Client
	vpc     string
	subnets []string
}

func newRig(t *testing.T, desired int32) *rig {
	t.Helper()
	e := emulator.New(emulator.Options{})
	e.Seed(scope.Region)
	e.World.Settings.NoThrottling = true
	c := aws.Config{Region: scope.Region, BaseEndpoint: aws.String("http://emulator.test"), HTTPClient: e.Server,
		Credentials: credentials.NewStaticCredentialsProvider(emulator.AccessKeyID, "any", ""), Retryer: func() aws.Retryer { return aws.NopRetryer{} }}
	r := &rig{Client: api.NewFromConfig(c), t: t, e: e, ecs: sdkecs.NewFromConfig(c), elb: sdkelb.NewFromConfig(c), ec2: sdkec2.NewFromConfig(c)}
	ctx := t.Context()
	r.vpc = *must(r.ec2.CreateVpc(ctx, &sdkec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")}))(t).Vpc.VpcId
	gateway := must(r.ec2.CreateInternetGateway(ctx, &sdkec2.CreateInternetGatewayInput{}))(t).InternetGateway.InternetGatewayId
	must(r.ec2.AttachInternetGateway(ctx, &sdkec2.AttachInternetGatewayInput{VpcId: &r.vpc, InternetGatewayId: gateway}))(t)
	table := must(r.ec2.CreateRouteTable(ctx, &sdkec2.CreateRouteTableInput{VpcId: &r.vpc}))(t).RouteTable.RouteTableId
	must(r.ec2.CreateRoute(ctx, &sdkec2.CreateRouteInput{RouteTableId: table, DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: gateway}))(t)
	e.Advance(time.Minute)
	for zone, cidr := range map[string]string{"us-east-1a": "10.0.1.0/24", "us-east-1b": "10.0.2.0/24"} {
		id := must(r.ec2.CreateSubnet(ctx, &sdkec2.CreateSubnetInput{VpcId: &r.vpc, AvailabilityZone: &zone, CidrBlock: &cidr}))(t).Subnet.SubnetId
		must(r.ec2.AssociateRouteTable(ctx, &sdkec2.AssociateRouteTableInput{RouteTableId: table, SubnetId: id}))(t)
		r.subnets = append(r.subnets, *id)
	}
	must(r.ecs.CreateCluster(ctx, &sdkecs.CreateClusterInput{ClusterName: aws.String("main")}))(t)
	r.deploy(desired, "i:1")
	return r
}

// deploy makes the service, or updates it to another image.
func (r *rig) deploy(desired int32, image string) {
	r.t.Helper()
	def := must(r.ecs.RegisterTaskDefinition(r.t.Context(), &sdkecs.RegisterTaskDefinitionInput{
		Family: aws.String("app"), NetworkMode: ecstypes.NetworkModeAwsvpc, Cpu: aws.String("256"), Memory: aws.String("512"), RequiresCompatibilities: []ecstypes.Compatibility{ecstypes.CompatibilityFargate},
		ContainerDefinitions: []ecstypes.ContainerDefinition{{Name: aws.String("app"), Image: &image, PortMappings: []ecstypes.PortMapping{{ContainerPort: aws.Int32(80)}}}},
	}))(r.t).TaskDefinition.TaskDefinitionArn
	if image != "i:1" {
		must(r.ecs.UpdateService(r.t.Context(), &sdkecs.UpdateServiceInput{Cluster: aws.String("main"), Service: aws.String("app"), TaskDefinition: def}))(r.t)
		return
	}
	must(r.ecs.CreateService(r.t.Context(), &sdkecs.CreateServiceInput{Cluster: aws.String("main"), ServiceName: aws.String("app"), TaskDefinition: def, DesiredCount: &desired, LaunchType: ecstypes.LaunchTypeFargate,
		NetworkConfiguration: &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{Subnets: r.subnets, AssignPublicIp: ecstypes.AssignPublicIpEnabled}}}))(r.t)
}

func (r *rig) desired() int32 {
	r.t.Helper()
	return must(r.ecs.DescribeServices(r.t.Context(), &sdkecs.DescribeServicesInput{Cluster: aws.String("main"), Services: []string{"app"}}))(r.t).Services[0].DesiredCount
}

func (r *rig) register(edit ...func(*api.RegisterScalableTargetInput)) error {
	in := &api.RegisterScalableTargetInput{ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(resource), ScalableDimension: types.ScalableDimensionECSServiceDesiredCount}
	for _, f := range edit {
		f(in)
	}
	_, err := r.RegisterScalableTarget(r.t.Context(), in)
	return err
}

func between(lo, hi int32) func(*api.RegisterScalableTargetInput) {
	return func(in *api.RegisterScalableTargetInput) { in.MinCapacity, in.MaxCapacity = &lo, &hi }
}

func (r *rig) put(name string, metric types.MetricType, edit ...func(*types.TargetTrackingScalingPolicyConfiguration)) (*api.PutScalingPolicyOutput, error) {
	c := &types.TargetTrackingScalingPolicyConfiguration{TargetValue: aws.Float64(70), ScaleInCooldown: aws.Int32(120), ScaleOutCooldown: aws.Int32(60),
		PredefinedMetricSpecification: &types.PredefinedMetricSpecification{PredefinedMetricType: metric}}
	for _, f := range edit {
		f(c)
	}
	return r.PutScalingPolicy(r.t.Context(), &api.PutScalingPolicyInput{ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(resource), PolicyName: &name,
		ScalableDimension: types.ScalableDimensionECSServiceDesiredCount, PolicyType: types.PolicyTypeTargetTrackingScaling, TargetTrackingScalingPolicyConfiguration: c})
}

func (r *rig) load(metric types.MetricType, total float64) {
	r.t.Helper()
	if err := r.e.SetLoad(scope, resource, string(metric), total); err != nil {
		r.t.Fatal(err)
	}
}

// requests is a load balancer whose target group gets the service's requests, as a resource label.
func (r *rig) requests(listener bool) string {
	r.t.Helper()
	ctx := r.t.Context()
	lb := must(r.elb.CreateLoadBalancer(ctx, &sdkelb.CreateLoadBalancerInput{Name: aws.String("app"), Subnets: r.subnets}))(r.t).LoadBalancers[0].LoadBalancerArn
	tg := must(r.elb.CreateTargetGroup(ctx, &sdkelb.CreateTargetGroupInput{Name: aws.String("app"), Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(80), VpcId: &r.vpc, TargetType: elbtypes.TargetTypeEnumIp}))(r.t).TargetGroups[0].TargetGroupArn
	if listener {
		must(r.elb.CreateListener(ctx, &sdkelb.CreateListenerInput{LoadBalancerArn: lb, Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(80),
			DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: tg}}}))(r.t)
	}
	_, balancer, _ := strings.Cut(*lb, "loadbalancer/")
	return balancer + "/" + (*tg)[strings.LastIndex(*tg, ":")+1:]
}

func (r *rig) targets() []types.ScalableTarget {
	r.t.Helper()
	return must(r.DescribeScalableTargets(r.t.Context(), &api.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceEcs, ResourceIds: []string{resource}}))(r.t).ScalableTargets
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
		t.Errorf("error %v, want %s with %q", err, code, part)
	}
}
