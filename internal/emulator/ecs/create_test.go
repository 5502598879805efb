package ecs_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdkec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestCreateServiceRefusals(t *testing.T) {
	r := fargateRig(t)
	r.register("app", "i:1")
	r.register("old", "i:1")
	must(r.DeregisterTaskDefinition(r.ctx, &api.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("old:1")}))(t)
	r.register("ec2only", "i:1", func(in *api.RegisterTaskDefinitionInput) {
		in.RequiresCompatibilities, in.Cpu, in.Memory = nil, nil, nil
		in.ContainerDefinitions[0].Memory = aws.Int32(128)
	})
	lonely, shared := r.targetGroup("lonely", false), r.targetGroup("shared", true)
	other := *must(r.ec2.CreateVpc(r.ctx, &sdkec2.CreateVpcInput{CidrBlock: aws.String("10.9.0.0/16")}))(t).Vpc.VpcId
	vpc := r.vpc
	r.vpc = other
	foreign := r.securityGroup("foreign", "")
	r.vpc = vpc
	type in = *api.CreateServiceInput
	lb := func(tg, container string, port int32) []types.LoadBalancer {
		return []types.LoadBalancer{{TargetGroupArn: &tg, ContainerName: &container, ContainerPort: &port}}
	}
	connect := func(edit func(*types.ServiceConnectService)) *types.ServiceConnectConfiguration {
		s := types.ServiceConnectService{PortName: aws.String("http"), ClientAliases: []types.ServiceConnectClientAlias{{Port: aws.Int32(8787)}}}
		edit(&s)
		return &types.ServiceConnectConfiguration{Enabled: true, Namespace: aws.String("portkey"), Services: []types.ServiceConnectService{s}}
	}
	for _, c := range []struct {
		why        string
		edit       func(in)
		code, part string
	}{
		{"cluster", func(i in) { i.Cluster = aws.String("none") }, "ClusterNotFoundException", "Cluster not found."},
		{"name", func(i in) { i.ServiceName = aws.String("a b") }, "InvalidParameterException", "Service name"},
		{"task definition", func(i in) { i.TaskDefinition = aws.String("none") }, "ClientException", "TaskDefinition not found."},
		{"INACTIVE task definition", func(i in) { i.TaskDefinition = aws.String("old:1") }, "ClientException", "TaskDefinition is inactive"},
		{"desired count", func(i in) { i.DesiredCount = nil }, "InvalidParameterException", "Desired count"},
		{"launch type and strategy", func(i in) {
			i.CapacityProviderStrategy = []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE"), Weight: 1}}
		}, "InvalidParameterException", "Specifying both a launch type and capacity provider strategy is not supported."},
		{"provider that isn't the cluster's", func(i in) {
			i.LaunchType = ""
			i.CapacityProviderStrategy = []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE"), Weight: 1}}
		}, "InvalidParameterException", "not associated with the cluster"},
		{"not for Fargate", func(i in) { i.TaskDefinition = aws.String("ec2only") }, "InvalidParameterException", "Task definition does not support launch_type FARGATE."},
		{"network configuration", func(i in) { i.NetworkConfiguration = nil }, "InvalidParameterException", "Network Configuration must be provided when networkMode 'awsvpc' is specified."},
		{"subnet", func(i in) { i.NetworkConfiguration.AwsvpcConfiguration.Subnets = []string{"subnet-1"} }, "InvalidParameterException", "InvalidSubnetID.NotFound"},
		{"security group", func(i in) { i.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups = []string{"sg-1"} }, "InvalidParameterException", "InvalidGroup.NotFound"},
		{"security group of another VPC", func(i in) { i.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups = []string{foreign} }, "InvalidParameterException", "same VPC"},
		{"public address on EC2", func(i in) { i.LaunchType = types.LaunchTypeEc2 }, "InvalidParameterException", "Assign public IP is not supported for this launch type."},
		{"target group without load balancer", func(i in) { i.LoadBalancers = lb(lonely, "app", 8787) }, "InvalidParameterException", "The target group with targetGroupArn " + lonely + " does not have an associated load balancer."},
		{"container", func(i in) { i.LoadBalancers = lb(shared, "none", 8787) }, "InvalidParameterException", "The container none does not exist in the task definition."},
		{"port", func(i in) { i.LoadBalancers = lb(shared, "app", 80) }, "InvalidParameterException", "The container app did not have a container port 80 defined."},
		{"twice", func(i in) { i.LoadBalancers = append(lb(shared, "app", 8787), lb(shared, "app", 8787)...) }, "InvalidParameterException", "Duplicate targetGroupArn found: "},
		{"advancedConfiguration of one", func(i in) {
			i.LoadBalancers = append(lb(shared, "app", 8787), lb(lonely, "app", 8787)...)
			i.LoadBalancers[0].AdvancedConfiguration = &types.AdvancedConfiguration{}
		}, "InvalidParameterException", "associated load balancer"},
		{"namespace", func(i in) {
			i.ServiceConnectConfiguration = connect(func(*types.ServiceConnectService) {})
			i.ServiceConnectConfiguration.Namespace = aws.String("none")
		}, "NamespaceNotFoundException", ""},
		{"no namespace", func(i in) { i.ServiceConnectConfiguration = &types.ServiceConnectConfiguration{Enabled: true} }, "InvalidParameterException", "Namespace"},
		{"port name", func(i in) {
			i.ServiceConnectConfiguration = connect(func(s *types.ServiceConnectService) { s.PortName = aws.String("none") })
		}, "InvalidParameterException", "portName"},
		{"alias", func(i in) {
			i.ServiceConnectConfiguration = connect(func(s *types.ServiceConnectService) { s.ClientAliases = nil })
		}, "InvalidParameterException", "client alias"},
		{"percents", func(i in) {
			i.DeploymentConfiguration = &types.DeploymentConfiguration{MaximumPercent: aws.Int32(50)}
		}, "InvalidParameterException", "maximumPercent"},
		{"rollback without breaker", func(i in) {
			i.DeploymentConfiguration = &types.DeploymentConfiguration{DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Rollback: true}}
		}, "InvalidParameterException", "circuit breaker"},
		{"daemon", func(i in) { i.SchedulingStrategy = types.SchedulingStrategyDaemon }, "InvalidParameterException", "DAEMON"},
		{"controller", func(i in) {
			i.DeploymentController = &types.DeploymentController{Type: types.DeploymentControllerTypeExternal}
		}, "InvalidParameterException", "EXTERNAL"},
		{"tags", func(i in) { i.Tags = []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("y")}} }, "InvalidParameterException", "tag"},
	} {
		_, err := r.CreateService(r.ctx, r.request("app", "app", 1, fargate, c.edit))
		t.Run(c.why, func(t *testing.T) { wantError(t, err, c.code, c.part) })
	}
}

func TestCreateServiceIsIdempotent(t *testing.T) {
	r := fargateRig(t)
	r.register("app", "i:1")
	token := func(in *api.CreateServiceInput) { in.ClientToken = aws.String("token") }
	first := r.create("app", "app", 1, fargate, token)
	again := r.create("app", "app", 1, fargate, token)
	if *first.CurrentServiceDeployment != *again.CurrentServiceDeployment {
		t.Error("a repeated request starts nothing")
	}
	_, err := r.CreateService(r.ctx, r.request("app", "app", 2, fargate, token))
	wantError(t, err, "InvalidParameterException", "inconsistent with arguments used in previous request(s)")
	_, err = r.CreateService(r.ctx, r.request("app", "app", 2, fargate))
	wantError(t, err, "InvalidParameterException", "Creation of service was not idempotent.")
	r.create("app", "app", 1, fargate) // the same parameters
	must(r.DeleteService(r.ctx, &api.DeleteServiceInput{Cluster: aws.String("main"), Service: first.ServiceArn, Force: aws.Bool(true)}))(t)
	r.until(5*time.Minute, "INACTIVE", func() bool { return *r.service("app").Status == "INACTIVE" })
	_, err = r.DeleteService(r.ctx, &api.DeleteServiceInput{Cluster: aws.String("main"), Service: aws.String("app")})
	wantError(t, err, "ServiceNotFoundException", "Service not found.")
	out := must(r.DescribeServiceDeployments(r.ctx, &api.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{*first.CurrentServiceDeployment}}))(t)
	if len(out.Failures) != 1 {
		t.Error("service deployments die with the service")
	}
	r.create("app", "app", 1, fargate) // the name is free again
	r.steady("app")
}

func TestDescribeAndListServices(t *testing.T) {
	r := fargateRig(t)
	r.register("app", "i:1")
	for _, n := range []string{"a", "b", "c", "d", "e"} {
		r.create(n, "app", 0, fargate, func(in *api.CreateServiceInput) {
			in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}
			if n == "e" {
				in.ServiceConnectConfiguration = &types.ServiceConnectConfiguration{Enabled: true, Namespace: aws.String("portkey")}
			}
		})
	}
	r.server.World.Settings.PageSize = 2
	n := 0
	for p := api.NewListServicesPaginator(r.Client, &api.ListServicesInput{Cluster: aws.String("main"), LaunchType: types.LaunchTypeFargate}); p.HasMorePages(); {
		n += len(must(p.NextPage(r.ctx))(t).ServiceArns)
	}
	if n != 5 {
		t.Errorf("%d services", n)
	}
	if got := must(r.ListServicesByNamespace(r.ctx, &api.ListServicesByNamespaceInput{Namespace: aws.String("portkey")}))(t).ServiceArns; len(got) != 1 {
		t.Errorf("%v", got)
	}
	out := must(r.DescribeServices(r.ctx, &api.DescribeServicesInput{Cluster: aws.String("main"), Services: []string{"a", "none"}}))(t)
	v := out.Services[0]
	if len(out.Failures) != 1 || *out.Failures[0].Reason != "MISSING" || v.Tags != nil || v.DeploymentController != nil || v.TaskSets != nil {
		t.Errorf("%+v", out)
	}
	c := v.DeploymentConfiguration
	if *c.MaximumPercent != 200 || *c.MinimumHealthyPercent != 100 || c.Strategy != types.DeploymentStrategyRolling || c.DeploymentCircuitBreaker.Enable || v.AvailabilityZoneRebalancing != types.AvailabilityZoneRebalancingEnabled {
		t.Errorf("defaults: %+v", v)
	}
	_, err := r.DescribeServices(r.ctx, &api.DescribeServicesInput{Cluster: aws.String("main"), Services: []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"}})
	wantError(t, err, "InvalidParameterException", "10")
	_, err = r.DescribeServices(r.ctx, &api.DescribeServicesInput{Cluster: aws.String("main"), Services: []string{"arn:aws:ecs:us-east-1:123456789012:service/other/a"}})
	wantError(t, err, "InvalidParameterException", "Identifier is for other. Your cluster is main")
}
