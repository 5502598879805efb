package kinds

import (
	"context"
	"fmt"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// PrincipalsTag is the tag of an endpoint service that says whom we permitted, so that one who is no longer wanted is told
// from one whom somebody else permitted. Its value is PrincipalMarks.
const PrincipalsTag = "ecs.portkey.ai/principals"

// PrincipalMarks is the value of PrincipalsTag: a few digits of the digest of each principal, since ARNs are too long.
func PrincipalMarks(principals []string) string {
	var marks []string
	for _, p := range principals {
		marks = append(marks, own.Digest(p)[:principalDigits])
	}
	slices.Sort(marks)
	return strings.Join(marks, "/")
}

// principalDigits of twenty principals fit into a tag's value.
const principalDigits = 8

// missing are those of the wanted principals that aren't permitted.
func (s endpointService) missing(want VPCEndpointServiceSpec) []string {
	return slices.DeleteFunc(slices.Clone(want.Principals), func(p string) bool { return slices.Contains(s.Principals, p) })
}

// former are the principals that we permitted and that are no longer wanted.
func (s endpointService) former(want VPCEndpointServiceSpec) []string {
	ours := strings.Split(tagsOfEC2(s.Tags)[PrincipalsTag], "/")
	return slices.DeleteFunc(slices.Clone(s.Principals), func(p string) bool {
		return slices.Contains(want.Principals, p) || !slices.Contains(ours, own.Digest(p)[:principalDigits])
	})
}

// acceptable are the endpoints whose connections are to be accepted here.
func (s endpointService) acceptable(want VPCEndpointServiceSpec) []string {
	var out []string
	for i := range s.Connections {
		if c := s.Connections[i]; want.Accepted != "" && sdk.ToString(c.VpcEndpointOwner) == want.Accepted && inState(c, connectionAsked) {
			out = append(out, sdk.ToString(c.VpcEndpointId))
		}
	}
	return out
}

func (s endpointService) permit(ctx context.Context, call graph.Call, principals []string) error {
	if len(principals) == 0 {
		return nil
	}
	_, err := world(call).EC2.ModifyVpcEndpointServicePermissions(ctx, &ec2.ModifyVpcEndpointServicePermissionsInput{ServiceId: s.ServiceId, AddAllowedPrincipals: principals})
	return err
}

// forbid ends a permission. Who is connected stays so.
// https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html#add-remove-permissions
func (s endpointService) forbid(ctx context.Context, call graph.Call, principals []string) error {
	if len(principals) == 0 {
		return nil
	}
	_, err := world(call).EC2.ModifyVpcEndpointServicePermissions(ctx, &ec2.ModifyVpcEndpointServicePermissionsInput{ServiceId: s.ServiceId, RemoveAllowedPrincipals: principals})
	return err
}

// modify makes acceptance, regions and the private DNS name what they should be, in one call where they differ.
func (s endpointService) modify(ctx context.Context, call graph.Call, want VPCEndpointServiceSpec) error {
	in := &ec2.ModifyVpcEndpointServiceConfigurationInput{
		ServiceId: s.ServiceId, AddSupportedRegions: beyond(want.regions(call), s.regions(call)), RemoveSupportedRegions: beyond(s.regions(call), want.regions(call)),
	}
	same := len(in.AddSupportedRegions)+len(in.RemoveSupportedRegions) == 0
	if !sdk.ToBool(s.AcceptanceRequired) {
		in.AcceptanceRequired, same = sdk.Bool(true), false
	}
	switch {
	case sdk.ToString(s.PrivateDnsName) == want.PrivateDNSName:
	case want.PrivateDNSName == "":
		in.RemovePrivateDnsName, same = sdk.Bool(true), false
	default:
		in.PrivateDnsName, same = &want.PrivateDNSName, false
	}
	if same {
		return nil
	}
	_, err := world(call).EC2.ModifyVpcEndpointServiceConfiguration(ctx, in)
	return err
}

// rebalance gives the service another load balancer. AWS refuses to take one away while somebody is connected.
// https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html#associate-load-balancer
func (s endpointService) rebalance(ctx context.Context, call graph.Call, want VPCEndpointServiceSpec) error {
	wanted := []string{want.LoadBalancer.String()}
	_, err := world(call).EC2.ModifyVpcEndpointServiceConfiguration(ctx, &ec2.ModifyVpcEndpointServiceConfigurationInput{
		ServiceId: s.ServiceId, AddNetworkLoadBalancerArns: beyond(wanted, s.NetworkLoadBalancerArns), RemoveNetworkLoadBalancerArns: beyond(s.NetworkLoadBalancerArns, wanted),
	})
	return err
}

// verify has AWS look for the record of the private DNS name.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StartVpcEndpointServicePrivateDnsVerification.html
func (s endpointService) verify(ctx context.Context, call graph.Call) error {
	_, err := world(call).EC2.StartVpcEndpointServicePrivateDnsVerification(ctx, &ec2.StartVpcEndpointServicePrivateDnsVerificationInput{ServiceId: s.ServiceId})
	return err
}

func (s endpointService) accept(ctx context.Context, call graph.Call, endpoints []string) error {
	if len(endpoints) == 0 {
		return nil
	}
	out, err := world(call).EC2.AcceptVpcEndpointConnections(ctx, &ec2.AcceptVpcEndpointConnectionsInput{ServiceId: s.ServiceId, VpcEndpointIds: endpoints})
	if err != nil {
		return err
	}
	return unsuccessful("AcceptVpcEndpointConnections", out.Unsuccessful)
}

// rejectAll ends every connection, and every wait for one. Rejected endpoints stay with their owners, who see why.
func rejectAll(ctx context.Context, call graph.Call, id string) error {
	all, err := connections(ctx, call, id)
	if err != nil {
		return err
	}
	var standing []string
	for i := range all {
		if inState(all[i], connectionAsked, connectionOpens, connectionMade) {
			standing = append(standing, sdk.ToString(all[i].VpcEndpointId))
		}
	}
	if len(standing) == 0 {
		return nil
	}
	out, err := world(call).EC2.RejectVpcEndpointConnections(ctx, &ec2.RejectVpcEndpointConnectionsInput{ServiceId: &id, VpcEndpointIds: standing})
	if err != nil {
		return err
	}
	return unsuccessful("RejectVpcEndpointConnections", out.Unsuccessful)
}

// unsuccessful is the first of the errors that EC2 tells in an answer that is none.
func unsuccessful(operation string, items []types.UnsuccessfulItem) error {
	if len(items) == 0 {
		return nil
	}
	i := items[0]
	if i.Error != nil {
		return &smithy.OperationError{ServiceID: ec2.ServiceID, OperationName: operation, Err: &smithy.GenericAPIError{
			Code: sdk.ToString(i.Error.Code), Message: sdk.ToString(i.Error.Message),
		}}
	}
	return fmt.Errorf("%s: %s wasn't taken, and AWS doesn't say why", operation, sdk.ToString(i.ResourceId))
}

// beyond are those of a that aren't in b.
func beyond(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}
