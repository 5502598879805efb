package ecs_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdkasg "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	sdkiam "github.com/aws/aws-sdk-go-v2/service/iam"
)

func TestClusterLife(t *testing.T) {
	r := newRig(t).world()
	in := &api.CreateClusterInput{
		ClusterName: aws.String("main"), Settings: []types.ClusterSetting{{Name: types.ClusterSettingNameContainerInsights, Value: aws.String("enhanced")}},
		Configuration: &types.ClusterConfiguration{ExecuteCommandConfiguration: &types.ExecuteCommandConfiguration{Logging: types.ExecuteCommandLoggingOverride,
			LogConfiguration: &types.ExecuteCommandLogConfiguration{CloudWatchLogGroupName: aws.String("/aws/ecs/main")}}},
		Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}},
	}
	first := must(r.CreateCluster(r.ctx, in))(t).Cluster
	if again := must(r.CreateCluster(r.ctx, in))(t).Cluster; *again.ClusterArn != *first.ClusterArn {
		t.Error("CreateCluster is idempotent by name")
	}
	_, err := r.CreateCluster(r.ctx, &api.CreateClusterInput{ClusterName: aws.String("main")})
	wantError(t, err, "InvalidParameterException", "Arguments on this idempotent request are inconsistent")
	must(r.iam.GetRole(r.ctx, &sdkiam.GetRoleInput{RoleName: aws.String("AWSServiceRoleForECS")}))(t)

	out := must(r.DescribeClusters(r.ctx, &api.DescribeClustersInput{Clusters: []string{"main", "none"}}))(t)
	if c := out.Clusters[0]; len(c.Settings) != 0 || c.Configuration != nil || len(c.Tags) != 0 || len(out.Failures) != 1 || *out.Failures[0].Reason != "MISSING" {
		t.Errorf("settings, configuration and tags only when included: %+v %+v", c, out.Failures)
	}
	c := must(r.DescribeClusters(r.ctx, &api.DescribeClustersInput{Clusters: []string{*first.ClusterArn}, Include: types.ClusterField("").Values()}))(t).Clusters[0]
	if *c.Settings[0].Value != "enhanced" || *c.Configuration.ExecuteCommandConfiguration.LogConfiguration.CloudWatchLogGroupName != "/aws/ecs/main" || len(c.Tags) != 1 || len(c.Statistics) == 0 {
		t.Errorf("%+v", c)
	}
	must(r.UpdateClusterSettings(r.ctx, &api.UpdateClusterSettingsInput{Cluster: aws.String("main"), Settings: []types.ClusterSetting{{Name: types.ClusterSettingNameContainerInsights, Value: aws.String("disabled")}}}))(t)
	up := must(r.UpdateCluster(r.ctx, &api.UpdateClusterInput{Cluster: aws.String("main"), ServiceConnectDefaults: &types.ClusterServiceConnectDefaultsRequest{Namespace: aws.String("portkey")}}))(t).Cluster
	if *up.Settings[0].Value != "disabled" || !strings.Contains(*up.ServiceConnectDefaults.Namespace, ":namespace/ns-") {
		t.Errorf("%+v", up)
	}
	_, err = r.UpdateCluster(r.ctx, &api.UpdateClusterInput{Cluster: aws.String("none")})
	wantError(t, err, "ClusterNotFoundException", "Cluster not found.")
	must(r.DeleteCluster(r.ctx, &api.DeleteClusterInput{Cluster: aws.String("main")}))(t)
	if c := must(r.DescribeClusters(r.ctx, &api.DescribeClustersInput{Clusters: []string{"main"}}))(t).Clusters[0]; *c.Status != "INACTIVE" {
		t.Errorf("a deleted cluster is described as INACTIVE: %s", *c.Status)
	}
	_, err = r.DeleteCluster(r.ctx, &api.DeleteClusterInput{Cluster: aws.String("main")})
	wantError(t, err, "ClusterNotFoundException", "inactive")
	if l := must(r.ListClusters(r.ctx, &api.ListClustersInput{}))(t).ClusterArns; len(l) != 0 {
		t.Errorf("%v", l)
	}
	must(r.CreateCluster(r.ctx, &api.CreateClusterInput{ClusterName: aws.String("main")}))(t)
}

// The whole teardown, with what AWS refuses on the way.
func TestTeardownOrder(t *testing.T) {
	r := newRig(t).world()
	r.capacity("m6g.large")
	r.create("app", r.register("app", "i:1"), 1)
	r.steady("app")
	main := aws.String("main")
	del := func() error {
		_, err := r.DeleteCluster(r.ctx, &api.DeleteClusterInput{Cluster: main})
		return err
	}
	put := func(names ...string) error {
		_, err := r.PutClusterCapacityProviders(r.ctx, &api.PutClusterCapacityProvidersInput{Cluster: main, CapacityProviders: append([]string{}, names...), DefaultCapacityProviderStrategy: []types.CapacityProviderStrategyItem{}})
		return err
	}
	wantError(t, del(), "ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
	wantError(t, put(), "ResourceInUseException", "The specified capacity provider is in use and cannot be removed.")
	_, err := r.DeleteService(r.ctx, &api.DeleteServiceInput{Cluster: main, Service: aws.String("app")})
	wantError(t, err, "InvalidParameterException", "The service cannot be stopped while it is scaled above 0.")
	got := must(r.DeleteService(r.ctx, &api.DeleteServiceInput{Cluster: main, Service: aws.String("app"), Force: aws.Bool(true)}))(t).Service
	if *got.Status != "DRAINING" {
		t.Errorf("status %s", *got.Status)
	}
	if l := must(r.ListServices(r.ctx, &api.ListServicesInput{Cluster: main}))(t).ServiceArns; len(l) != 0 {
		t.Errorf("a draining service isn't listed: %v", l)
	}
	_, err = r.CreateService(r.ctx, r.request("app", "app", 1))
	wantError(t, err, "InvalidParameterException", "Unable to Start a service that is still Draining.")
	_, err = r.UpdateService(r.ctx, &api.UpdateServiceInput{Cluster: main, Service: aws.String("app"), DesiredCount: aws.Int32(1)})
	wantError(t, err, "ServiceNotActiveException", "Service was not ACTIVE.")
	r.until(5*time.Minute, "INACTIVE", func() bool { return *r.service("app").Status == "INACTIVE" })
	wantError(t, put(), "ResourceInUseException", "in use") // its task still deprovisions
	r.server.Advance(time.Minute)
	wantError(t, del(), "ClusterContainsContainerInstancesException", "Container Instances are active or draining.")

	must(r.DeleteCapacityProvider(r.ctx, &api.DeleteCapacityProviderInput{CapacityProvider: aws.String("primary")}))(t)
	r.server.Advance(time.Minute)
	p := must(r.DescribeCapacityProviders(r.ctx, &api.DescribeCapacityProvidersInput{CapacityProviders: []string{"primary"}}))(t).CapacityProviders[0]
	if p.UpdateStatus != types.CapacityProviderUpdateStatusDeleteFailed || !strings.Contains(*p.UpdateStatusReason, "associated with cluster: main") {
		t.Errorf("%+v", p)
	}
	if err := put(); err != nil {
		t.Fatal(err)
	}
	wantError(t, put(), "UpdateInProgressException", "busy state")
	wantError(t, del(), "UpdateInProgressException", "busy state")
	r.server.Advance(time.Minute)
	must(r.DeleteCapacityProvider(r.ctx, &api.DeleteCapacityProviderInput{CapacityProvider: aws.String("primary")}))(t)
	r.server.Advance(time.Minute)
	if p := must(r.DescribeCapacityProviders(r.ctx, &api.DescribeCapacityProvidersInput{CapacityProviders: []string{"primary"}}))(t).CapacityProviders[0]; p.Status != types.CapacityProviderStatusInactive {
		t.Errorf("%+v", p)
	}
	must(r.asg.DeleteAutoScalingGroup(r.ctx, &sdkasg.DeleteAutoScalingGroupInput{AutoScalingGroupName: main, ForceDelete: aws.Bool(true)}))(t)
	r.until(20*time.Minute, "deleted", func() bool { return del() == nil })
	for _, x := range r.server.Resources(false) {
		if x.Service == "ecs" && x.Kind != "TaskDefinition" {
			t.Errorf("left over: %s %s %s", x.Kind, x.Name, x.State)
		}
		if x.Kind == "NetworkInterface" && x.Settings["requesterManaged"] == true {
			t.Errorf("left over: %+v", x)
		}
	}
}

func TestUnknownIsRefused(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct{ action, body, want string }{
		{"CreateCluster", `{"clusterName":"a","colour":"blue"}`, "SerializationException"},
		{"CreateService", `{"serviceName":"a","gatewayConnectors":[{}]}`, "InvalidParameterException"},
		{"CreateTaskSet", `{}`, "UnknownOperationException"},
		{"DescribeClusters", `{"include":["EVERYTHING"]}`, "InvalidParameterException"},
	} {
		h, _ := http.NewRequest("POST", endpoint, strings.NewReader(c.body))
		h.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113."+c.action)
		h.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/ecs/aws4_request")
		resp := must(r.server.Do(h))(t) //nolint:bodyclose // closed below; the linter does not see through must
		b := new(strings.Builder)
		_, err := io.Copy(b, resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != 400 || !strings.Contains(b.String(), c.want) {
			t.Errorf("%s: %d %s", c.action, resp.StatusCode, b)
		}
	}
}
