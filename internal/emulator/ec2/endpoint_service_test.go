package ec2

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// service makes an endpoint service over a load balancer in one subnet.
func (e *env) service(in *sdk.CreateVpcEndpointServiceConfigurationInput) *types.ServiceConfiguration {
	e.Helper()
	n := e.subnet(e.vpc("10.9.0.0/16"), "10.9.0.0/20", "us-east-1a")
	e.svc.SetBalancers(func(_ core.Scope, arn string) (EndpointBalancer, bool) {
		return EndpointBalancer{Type: map[string]string{"nlb": "network", "nlb2": "network", "young": "network", "alb": "application"}[arn],
			State: map[bool]string{true: "provisioning", false: "active"}[arn == "young"], SubnetIDs: []string{n}}, arn != "gone"
	})
	if in.NetworkLoadBalancerArns == nil {
		in.NetworkLoadBalancerArns = []string{"nlb"}
	}
	return must(e.CreateVpcEndpointServiceConfiguration(e.ctx, in))(e).ServiceConfiguration
}

func (e *env) serviceConfiguration(id string) types.ServiceConfiguration {
	e.Helper()
	return must(e.DescribeVpcEndpointServiceConfigurations(e.ctx, &sdk.DescribeVpcEndpointServiceConfigurationsInput{ServiceIds: []string{id}}))(e).ServiceConfigurations[0]
}

// connect has the partner's account connect.
func (e *env) connect(id string) (endpoint string, err error) {
	e.locked(func() { endpoint, err = e.svc.ConnectEndpoint(id, core.Scope{Account: partner, Region: "us-east-1"}) })
	return endpoint, err
}

// TestEndpointServiceLife: a service admits whom it permits, accepts and rejects connections, and can't be deleted, nor
// lose its load balancer, while it has some.
func TestEndpointServiceLife(t *testing.T) {
	e := newEnv(t)
	in := sdk.CreateVpcEndpointServiceConfigurationInput{ClientToken: aws.String("t"), TagSpecifications: tags("vpc-endpoint-service", "a", "b")}
	made := e.service(&in)
	id := *made.ServiceId
	if made.ServiceState != "Pending" || !*made.AcceptanceRequired || *made.ServiceName != "com.amazonaws.vpce.us-east-1."+id || made.AvailabilityZones[0] != "us-east-1a" {
		t.Fatalf("got %+v", made)
	}
	if again := must(e.CreateVpcEndpointServiceConfiguration(e.ctx, &in))(t).ServiceConfiguration; *again.ServiceId != id {
		t.Fatal("the same token made another")
	}
	if !e.svc.ServesEndpoints(scope, "nlb") {
		t.Error("the load balancer isn't known to be used")
	}
	e.server.Advance(endpointServicePending)
	if _, err := e.connect(id); err == nil {
		t.Error("an account connected that isn't permitted")
	}
	permit := func(add, remove string) (*sdk.ModifyVpcEndpointServicePermissionsOutput, error) {
		in := &sdk.ModifyVpcEndpointServicePermissionsInput{ServiceId: &id}
		if add != "" {
			in.AddAllowedPrincipals = []string{add}
		}
		if remove != "" {
			in.RemoveAllowedPrincipals = []string{remove}
		}
		return e.ModifyVpcEndpointServicePermissions(e.ctx, in)
	}
	_, err := permit("Portkey", "")
	wantCode(t, err, "InvalidPrincipal")
	root := "arn:aws:iam::" + partner + ":root"
	if out := must(permit(root, ""))(t); len(out.AddedPrincipals) != 1 {
		t.Errorf("got %+v", out)
	}
	if out := must(permit(root, ""))(t); len(out.AddedPrincipals) != 0 {
		t.Errorf("added again: %+v", out)
	}
	allowed := must(e.DescribeVpcEndpointServicePermissions(e.ctx, &sdk.DescribeVpcEndpointServicePermissionsInput{ServiceId: &id}))(t).AllowedPrincipals
	if len(allowed) != 1 || *allowed[0].Principal != root || allowed[0].PrincipalType != "Account" {
		t.Errorf("got %+v", allowed)
	}

	endpoint, err := e.connect(id)
	wantCode(t, err, "")
	pending := must(e.DescribeVpcEndpointConnections(e.ctx, &sdk.DescribeVpcEndpointConnectionsInput{Filters: where("vpc-endpoint-state", "pendingAcceptance")}))(t).VpcEndpointConnections
	if len(pending) != 1 || *pending[0].VpcEndpointOwner != partner || *pending[0].ServiceId != id || *pending[0].VpcEndpointId != endpoint {
		t.Fatalf("got %+v", pending)
	}
	refused := must(e.DeleteVpcEndpointServiceConfigurations(e.ctx, &sdk.DeleteVpcEndpointServiceConfigurationsInput{ServiceIds: []string{id}}))(t).Unsuccessful
	if len(refused) != 1 || *refused[0].Error.Code != "ExistingVpcEndpointConnections" {
		t.Fatalf("deleted with a connection: %+v", refused)
	}
	accepted := must(e.AcceptVpcEndpointConnections(e.ctx, &sdk.AcceptVpcEndpointConnectionsInput{ServiceId: &id, VpcEndpointIds: []string{endpoint, "vpce-0"}}))(t)
	if len(accepted.Unsuccessful) != 1 || *accepted.Unsuccessful[0].ResourceId != "vpce-0" {
		t.Errorf("got %+v", accepted)
	}
	e.server.Advance(endpointPending)
	if e.svc.EndpointState(endpoint) != "available" {
		t.Error("accepted, it isn't available")
	}
	modify := func(in sdk.ModifyVpcEndpointServiceConfigurationInput) error {
		in.ServiceId = &id
		_, err := e.ModifyVpcEndpointServiceConfiguration(e.ctx, &in)
		return err
	}
	wantCode(t, modify(sdk.ModifyVpcEndpointServiceConfigurationInput{AddNetworkLoadBalancerArns: []string{"nlb2"}, RemoveNetworkLoadBalancerArns: []string{"nlb"}}), "ExistingVpcEndpointConnections")
	wantCode(t, modify(sdk.ModifyVpcEndpointServiceConfigurationInput{AddNetworkLoadBalancerArns: []string{"young"}}), "InvalidParameter")
	wantCode(t, modify(sdk.ModifyVpcEndpointServiceConfigurationInput{AddNetworkLoadBalancerArns: []string{"alb"}}), "InvalidParameter")
	wantCode(t, modify(sdk.ModifyVpcEndpointServiceConfigurationInput{AcceptanceRequired: aws.Bool(false), AddSupportedRegions: []string{"eu-west-1"}}), "")
	wantCode(t, modify(sdk.ModifyVpcEndpointServiceConfigurationInput{RemoveSupportedRegions: []string{"us-east-1"}}), "InvalidParameter")
	if got := e.serviceConfiguration(id); *got.AcceptanceRequired || len(got.SupportedRegions) != 2 {
		t.Errorf("got %+v", got)
	}
	must(e.RejectVpcEndpointConnections(e.ctx, &sdk.RejectVpcEndpointConnectionsInput{ServiceId: &id, VpcEndpointIds: []string{endpoint}}))(t)
	if e.svc.EndpointState(endpoint) != "rejected" {
		t.Error("an available connection wasn't rejected")
	}
	if out := must(e.DeleteVpcEndpointServiceConfigurations(e.ctx, &sdk.DeleteVpcEndpointServiceConfigurationsInput{ServiceIds: []string{id}}))(t); len(out.Unsuccessful) != 0 {
		t.Fatalf("got %+v", out.Unsuccessful)
	}
	if e.serviceConfiguration(id).ServiceState != "Deleting" || !e.svc.ServesEndpoints(scope, "nlb") {
		t.Error("it is gone at once")
	}
	e.server.Advance(endpointServiceDeleting)
	_, err = e.DescribeVpcEndpointServiceConfigurations(e.ctx, &sdk.DescribeVpcEndpointServiceConfigurationsInput{ServiceIds: []string{id}})
	wantCode(t, err, "InvalidVpcEndpointServiceId.NotFound")
	if e.svc.ServesEndpoints(scope, "nlb") {
		t.Error("the load balancer is still used")
	}
}

// TestEndpointServiceName: a private DNS name is verified by its TXT record, which may be at a domain above it, and
// another name is verified anew.
func TestEndpointServiceName(t *testing.T) {
	e := newEnv(t)
	records := map[string][]string{}
	e.svc.SetTXT(func(name string) []string { return records[name] })
	id := *e.service(&sdk.CreateVpcEndpointServiceConfigurationInput{PrivateDnsName: aws.String("gw.acme.example"), AcceptanceRequired: aws.Bool(false)}).ServiceId
	verify := func() types.DnsNameState {
		must(e.StartVpcEndpointServicePrivateDnsVerification(e.ctx, &sdk.StartVpcEndpointServicePrivateDnsVerificationInput{ServiceId: &id}))(t)
		if s := e.serviceConfiguration(id).PrivateDnsNameConfiguration.State; s != "pendingVerification" {
			t.Fatalf("at once it is %s", s)
		}
		e.server.Advance(privateNameVerifying)
		return e.serviceConfiguration(id).PrivateDnsNameConfiguration.State
	}
	c := e.serviceConfiguration(id).PrivateDnsNameConfiguration
	if c.State != "pendingVerification" || *c.Type != "TXT" || len(*c.Name) != 21 {
		t.Fatalf("got %+v", c)
	}
	if s := verify(); s != "failed" {
		t.Errorf("without a record: %s", s)
	}
	records[*c.Name+".gw.acme.example"] = []string{"something else"}
	if s := verify(); s != "failed" {
		t.Errorf("with another value: %s", s)
	}
	delete(records, *c.Name+".gw.acme.example")
	records[*c.Name+".acme.example"] = []string{"something else", *c.Value}
	if s := verify(); s != "verified" {
		t.Errorf("with the record: %s", s)
	}
	_, err := e.ModifyVpcEndpointServiceConfiguration(e.ctx, &sdk.ModifyVpcEndpointServiceConfigurationInput{ServiceId: &id, PrivateDnsName: aws.String("other.acme.example")})
	wantCode(t, err, "")
	if now := e.serviceConfiguration(id).PrivateDnsNameConfiguration; now.State != "pendingVerification" || *now.Value == *c.Value {
		t.Errorf("got %+v", now)
	}
	_, err = e.ModifyVpcEndpointServiceConfiguration(e.ctx, &sdk.ModifyVpcEndpointServiceConfigurationInput{ServiceId: &id, RemovePrivateDnsName: aws.Bool(true)})
	wantCode(t, err, "")
	if e.serviceConfiguration(id).PrivateDnsNameConfiguration != nil {
		t.Error("the name is still there")
	}
	_, err = e.StartVpcEndpointServicePrivateDnsVerification(e.ctx, &sdk.StartVpcEndpointServicePrivateDnsVerificationInput{ServiceId: &id})
	wantCode(t, err, "InvalidParameter")
}
