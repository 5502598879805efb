package ecs_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdkec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	sdkmap "github.com/aws/aws-sdk-go-v2/service/servicediscovery"
)

func connect(name string, port int32) func(*api.CreateServiceInput) {
	return func(in *api.CreateServiceInput) {
		in.ServiceConnectConfiguration = &types.ServiceConnectConfiguration{Enabled: true, Namespace: aws.String("portkey"), Services: []types.ServiceConnectService{{
			PortName: aws.String("http"), DiscoveryName: &name, ClientAliases: []types.ServiceConnectClientAlias{{DnsName: &name, Port: &port}},
		}}}
	}
}

func (r *rig) unreachable(service string) []string {
	r.server.World.Lock()
	defer r.server.World.Unlock()
	return r.s.UnreachablePeers(scope, "main", service)
}

func env(name, value string) func(*api.RegisterTaskDefinitionInput) {
	return func(in *api.RegisterTaskDefinitionInput) {
		in.ContainerDefinitions[0].Environment = append(in.ContainerDefinitions[0].Environment, types.KeyValuePair{Name: &name, Value: &value})
	}
}

// A client deployed before its peer can't resolve it until it is deployed again.
func TestEndpointsAreFrozen(t *testing.T) {
	r := fargateRig(t)
	gateway := r.register("gateway", "i:1", env("REDIS_URL", "redis://redis:6379"), env("OTHER", "https://albus.portkey.ai"), env("LOCAL", "http://localhost:1"))
	r.create("gateway", gateway, 1, fargate, connect("gateway", 8787))
	r.steady("gateway")
	r.create("redis", r.register("redis", "i:1"), 1, fargate, connect("redis", 6379))
	r.steady("redis")
	if got := r.unreachable("gateway"); !slices.Equal(got, []string{"redis:6379"}) {
		t.Fatalf("the endpoint is newer than the deployment: %v", got)
	}
	old := r.tasks("gateway", "RUNNING")[0].TaskArn
	must(r.StopTask(r.ctx, &api.StopTaskInput{Cluster: aws.String("main"), Task: old}))(t)
	r.steady("gateway")
	if got := r.unreachable("gateway"); len(got) != 1 {
		t.Fatalf("replacement tasks behave like the ones they replace: %v", got)
	}
	r.update("gateway", func(in *api.UpdateServiceInput) { in.ForceNewDeployment = true })
	r.steady("gateway")
	if got := r.unreachable("gateway"); len(got) != 0 {
		t.Fatalf("%v", got)
	}
	d := r.service("redis").Deployments[0]
	if len(d.ServiceConnectResources) != 1 || *d.ServiceConnectResources[0].DiscoveryName != "redis" || d.ServiceConnectResources[0].DiscoveryArn == nil || d.ServiceConnectConfiguration == nil {
		t.Errorf("%+v", d)
	}
	for _, x := range r.server.Resources(false) {
		if x.Kind == "Task" && x.Settings["unreachablePeers"] == nil {
			t.Errorf("%+v", x)
		}
	}
}

// A peer that is deleted and created again is another one: who knew the first doesn't find it.
func TestEndpointsOfARecreatedService(t *testing.T) {
	r := fargateRig(t)
	redis := r.register("redis", "i:1")
	r.create("redis", redis, 1, fargate, connect("redis", 6379))
	r.steady("redis")
	r.create("gateway", r.register("gateway", "i:1", env("REDIS_URL", "redis://redis:6379")), 1, fargate, connect("gateway", 8787))
	r.steady("gateway")
	r.update("redis", func(in *api.UpdateServiceInput) { in.ForceNewDeployment = true })
	r.steady("redis")
	if got := r.unreachable("gateway"); len(got) != 0 {
		t.Fatalf("a new deployment of a peer is behind the same endpoint: %v", got)
	}
	must(r.DeleteService(r.ctx, &api.DeleteServiceInput{Cluster: aws.String("main"), Service: aws.String("redis"), Force: aws.Bool(true)}))(t)
	r.until(5*time.Minute, "INACTIVE", func() bool { return *r.service("redis").Status == "INACTIVE" })
	r.create("redis", redis, 1, fargate, connect("redis", 6379), func(in *api.CreateServiceInput) { in.ClientToken = aws.String("again") })
	r.steady("redis")
	if got := r.unreachable("gateway"); !slices.Equal(got, []string{"redis:6379"}) {
		t.Fatalf("a peer made again has a new endpoint: %v", got)
	}
	r.update("gateway", func(in *api.UpdateServiceInput) { in.ForceNewDeployment = true })
	r.steady("gateway")
	if got := r.unreachable("gateway"); len(got) != 0 {
		t.Fatalf("%v", got)
	}
}

func TestSecurityGroupsBetweenPeers(t *testing.T) {
	r := fargateRig(t)
	closed := r.securityGroup("redis", "")
	r.create("redis", r.register("redis", "i:1"), 1, fargate, connect("redis", 6379), func(in *api.CreateServiceInput) {
		in.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups = []string{closed}
	})
	r.steady("redis")
	r.create("gateway", r.register("gateway", "i:1", env("REDIS_URL", "redis://redis:6379")), 1, fargate, connect("gateway", 8787))
	r.steady("gateway")
	if got := r.unreachable("gateway"); len(got) != 1 {
		t.Fatalf("the way is closed: %v", got)
	}
	must(r.ec2.AuthorizeSecurityGroupIngress(r.ctx, &sdkec2.AuthorizeSecurityGroupIngressInput{GroupId: &closed, IpPermissions: []ec2types.IpPermission{{
		IpProtocol: aws.String("tcp"), FromPort: aws.Int32(8787), ToPort: aws.Int32(8787), UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: &r.group}}}}}))(t)
	if got := r.unreachable("gateway"); len(got) != 0 {
		t.Fatalf("the container's port is open now: %v", got)
	}
}

// Cloud Map services come with the ECS service and go some time after it.
func TestCloudMapServices(t *testing.T) {
	r := fargateRig(t)
	r.create("redis", r.register("redis", "i:1"), 1, fargate, connect("redis", 6379))
	r.steady("redis")
	services := func() int { return len(must(r.cmap.ListServices(r.ctx, &sdkmap.ListServicesInput{}))(t).Services) }
	list := must(r.cmap.ListServices(r.ctx, &sdkmap.ListServicesInput{}))(t).Services
	if len(list) != 1 || *list[0].Name != "redis" || *list[0].InstanceCount != 1 {
		t.Fatalf("%+v", list)
	}
	_, err := r.CreateService(r.ctx, r.request("other", "redis", 1, fargate, connect("redis", 1)))
	wantError(t, err, "InvalidParameterException", "SC service is already used by")
	ns := must(r.cmap.ListNamespaces(r.ctx, &sdkmap.ListNamespacesInput{}))(t).Namespaces[0].Id
	must(r.DeleteService(r.ctx, &api.DeleteServiceInput{Cluster: aws.String("main"), Service: aws.String("redis"), Force: aws.Bool(true)}))(t)
	r.until(5*time.Minute, "INACTIVE", func() bool { return *r.service("redis").Status == "INACTIVE" })
	_, err = r.cmap.DeleteNamespace(r.ctx, &sdkmap.DeleteNamespaceInput{Id: ns})
	wantError(t, err, "ResourceInUse", "")
	r.until(5*time.Minute, "gone", func() bool { return services() == 0 })
	must(r.cmap.DeleteNamespace(r.ctx, &sdkmap.DeleteNamespaceInput{Id: ns}))(t)
}
