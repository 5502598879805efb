package leastprivilege

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	sdtypes "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// clients are those of somebody else in the account, whom the policy doesn't bind.
func clients(h *harness.Harness) *aws.World {
	w, err := aws.NewFactory(sdk.Config{
		Region: "us-east-1", HTTPClient: meddler{h}, BaseEndpoint: sdk.String("http://aws.invalid"),
		Credentials: credentials.NewStaticCredentialsProvider(strangerKey, "secret", ""),
	}, h.Clock.Now).World(context.Background(), "us-east-1")
	if err != nil {
		panic(err)
	}
	return w
}

// meddler calls AWS for somebody else; where the gateway is in disguise, its tags are called by our names too.
type meddler struct{ h *harness.Harness }

func (m meddler) Do(r *http.Request) (*http.Response, error) {
	if m.h.Transport != nil {
		return disguised(m.h, r)
	}
	return m.h.Emulator.Server.Do(r)
}

// find returns the object of a node of the gateway.
func find(h *harness.Harness, kind, node string) core.Resource {
	for _, r := range h.Emulator.Server.Resources(false) {
		r = undisguised(r)
		if r.Kind == kind && (node == "" || r.Tags[own.TagNode] == node) && r.Tags[own.TagOwner] != "" {
			return r
		}
	}
	panic(fmt.Sprintf("no %s %s", kind, node))
}

// undisguised is an object with our tags for a stranger's.
func undisguised(r core.Resource) core.Resource {
	tags := map[string]string{}
	for k, v := range r.Tags {
		tags[strings.Replace(k, string(theirPrefix), string(ourPrefix), 1)] = v
	}
	r.Tags = tags
	return r
}

// drifts are what others do to the gateway's objects by hand.
var drifts = []struct {
	what   string
	meddle func(context.Context, *aws.World, *harness.Harness) error
}{
	{"the tags of everything in EC2 are taken off", func(ctx context.Context, w *aws.World, h *harness.Harness) error {
		for _, kind := range []string{"Subnet", "SecurityGroup", "NATGateway", "LaunchTemplate"} {
			if _, err := w.EC2.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{find(h, kind, "").ID}}); err != nil {
				return err
			}
		}
		return nil
	}},
	{"a service and a load balancer lose their ownership tag", func(ctx context.Context, w *aws.World, h *harness.Harness) error {
		s, lb := find(h, "Service", ""), find(h, "LoadBalancer", "")
		if _, err := w.ECS.UntagResource(ctx, &ecs.UntagResourceInput{ResourceArn: &s.ARN, TagKeys: []string{own.TagCluster}}); err != nil {
			return err
		}
		_, err := w.ELB.RemoveTags(ctx, &elbv2.RemoveTagsInput{ResourceArns: []string{lb.ARN}, TagKeys: []string{own.TagCluster}})
		return err
	}},
	{"a role loses its tags", func(ctx context.Context, w *aws.World, h *harness.Harness) error {
		r := find(h, "Role", "")
		_, err := w.IAM.UntagRole(ctx, &iam.UntagRoleInput{RoleName: &r.Name, TagKeys: []string{own.TagNode, own.TagCluster}})
		return err
	}},
	{"a role's policy is deleted, another attached, its trust and boundary changed", func(ctx context.Context, w *aws.World, h *harness.Harness) error {
		r := find(h, "Role", "role/instance")
		if _, err := w.IAM.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &r.Name, PolicyName: sdk.String("session-manager")}); err != nil {
			return err
		}
		if _, err := w.IAM.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &r.Name, PolicyArn: sdk.String("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")}); err != nil {
			return err
		}
		if _, err := w.IAM.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: &r.Name, PermissionsBoundary: sdk.String("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")}); err != nil {
			return err
		}
		_, err := w.IAM.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: &r.Name, PolicyDocument: sdk.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)})
		return err
	}},
	{"the instance profile loses its role and its tags", func(ctx context.Context, w *aws.World, h *harness.Harness) error {
		p, r := find(h, "InstanceProfile", ""), find(h, "Role", "role/instance")
		if _, err := w.IAM.UntagInstanceProfile(ctx, &iam.UntagInstanceProfileInput{InstanceProfileName: &p.Name, TagKeys: []string{own.TagNode}}); err != nil {
			return err
		}
		_, err := w.IAM.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: &p.Name, RoleName: &r.Name})
		return err
	}},
	{"a security group rule is revoked", func(ctx context.Context, w *aws.World, h *harness.Harness) error {
		g := find(h, "SecurityGroup", "")
		out, err := w.EC2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{Filters: []ec2types.Filter{{Name: sdk.String("tag:" + own.TagOwner), Values: []string{g.Tags[own.TagOwner]}}}})
		if err != nil {
			return err
		}
		for _, r := range out.SecurityGroupRules {
			ids := []string{sdk.ToString(r.SecurityGroupRuleId)}
			if sdk.ToBool(r.IsEgress) {
				_, err = w.EC2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: r.GroupId, SecurityGroupRuleIds: ids})
			} else {
				_, err = w.EC2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: r.GroupId, SecurityGroupRuleIds: ids})
			}
			if err != nil {
				return err
			}
		}
		return nil
	}},
	{"logs are kept for years, and lose their tags", func(ctx context.Context, w *aws.World, h *harness.Harness) error {
		g := find(h, "LogGroup", "")
		if _, err := w.Logs.UntagResource(ctx, &cloudwatchlogs.UntagResourceInput{ResourceArn: &g.ARN, TagKeys: []string{"team"}}); err != nil {
			return err
		}
		_, err := w.Logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &g.Name, RetentionInDays: sdk.Int32(3653)})
		return err
	}},
	{"the cluster, its capacity and its services are changed", func(ctx context.Context, w *aws.World, h *harness.Harness) error {
		c, s := find(h, "Cluster", ""), find(h, "Service", "service/redis")
		if _, err := w.ECS.UpdateCluster(ctx, &ecs.UpdateClusterInput{Cluster: &c.Name, Settings: []ecstypes.ClusterSetting{{Name: ecstypes.ClusterSettingNameContainerInsights, Value: sdk.String("disabled")}}}); err != nil {
			return err
		}
		if _, err := w.ECS.UntagResource(ctx, &ecs.UntagResourceInput{ResourceArn: &s.ARN, TagKeys: []string{"team"}}); err != nil {
			return err
		}
		_, err := w.ECS.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: &c.Name, Service: &s.Name, DesiredCount: sdk.Int32(2)})
		return err
	}},
	{"the Auto Scaling group and the namespace are changed", func(ctx context.Context, w *aws.World, h *harness.Harness) error {
		g, n := find(h, "AutoScalingGroup", ""), find(h, "HTTPNamespace", "")
		if _, err := w.SD.UntagResource(ctx, &servicediscovery.UntagResourceInput{ResourceARN: &n.ARN, TagKeys: []string{"team"}}); err != nil {
			return err
		}
		_, err := w.ASG.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: &g.Name, MaxSize: sdk.Int32(7)})
		return err
	}},
	{"the load balancer, its listener and its target group are changed", func(ctx context.Context, w *aws.World, h *harness.Harness) error {
		lb, tg := find(h, "LoadBalancer", ""), find(h, "TargetGroup", "")
		if _, err := w.ELB.ModifyLoadBalancerAttributes(ctx, &elbv2.ModifyLoadBalancerAttributesInput{LoadBalancerArn: &lb.ARN, Attributes: []elbtypes.LoadBalancerAttribute{{Key: sdk.String("deletion_protection.enabled"), Value: sdk.String("true")}}}); err != nil {
			return err
		}
		if _, err := w.ELB.RemoveTags(ctx, &elbv2.RemoveTagsInput{ResourceArns: []string{lb.ARN}, TagKeys: []string{"team"}}); err != nil {
			return err
		}
		if _, err := w.ELB.SetSecurityGroups(ctx, &elbv2.SetSecurityGroupsInput{LoadBalancerArn: &lb.ARN, SecurityGroups: []string{find(h, "SecurityGroup", "security-group/gateway").ID}}); err != nil {
			return err
		}
		_, err := w.ELB.ModifyTargetGroup(ctx, &elbv2.ModifyTargetGroupInput{TargetGroupArn: &tg.ARN, HealthyThresholdCount: sdk.Int32(5)})
		return err
	}},
	{"the load balancer leaves a zone", func(ctx context.Context, w *aws.World, h *harness.Harness) error {
		lb, subnet := find(h, "LoadBalancer", ""), find(h, "Subnet", "subnet/private-a")
		_, err := w.ELB.SetSubnets(ctx, &elbv2.SetSubnetsInput{LoadBalancerArn: &lb.ARN, Subnets: []string{subnet.ID}})
		return err
	}},
	{"a subnet's route table is another", func(ctx context.Context, w *aws.World, _ *harness.Harness) error {
		for _, t := range tables(ctx, w) {
			for _, r := range t.Routes {
				if sdk.ToString(r.NatGatewayId) != "" {
					if _, err := w.EC2.DeleteRoute(ctx, &ec2.DeleteRouteInput{RouteTableId: t.RouteTableId, DestinationCidrBlock: r.DestinationCidrBlock}); err != nil {
						return err
					}
				}
			}
			for _, a := range t.Associations {
				if !sdk.ToBool(a.Main) {
					if _, err := w.EC2.DisassociateRouteTable(ctx, &ec2.DisassociateRouteTableInput{AssociationId: a.RouteTableAssociationId}); err != nil {
						return err
					}
					break
				}
			}
		}
		return nil
	}},
	{"routes lead elsewhere, and one is added", func(ctx context.Context, w *aws.World, h *harness.Harness) error {
		gateway := find(h, "InternetGateway", "").ID
		for _, t := range tables(ctx, w) {
			for _, r := range t.Routes {
				if sdk.ToString(r.NatGatewayId) == "" {
					continue
				}
				if _, err := w.EC2.ReplaceRoute(ctx, &ec2.ReplaceRouteInput{RouteTableId: t.RouteTableId, DestinationCidrBlock: r.DestinationCidrBlock, GatewayId: &gateway}); err != nil {
					return err
				}
				if _, err := w.EC2.CreateRoute(ctx, &ec2.CreateRouteInput{RouteTableId: t.RouteTableId, DestinationCidrBlock: sdk.String("192.0.2.0/24"), GatewayId: &gateway}); err != nil {
					return err
				}
			}
		}
		return nil
	}},
	{"a subnet is moved to the main route table", func(ctx context.Context, w *aws.World, _ *harness.Harness) error {
		var main, subnet *string
		for _, t := range tables(ctx, w) {
			for _, a := range t.Associations {
				if sdk.ToBool(a.Main) {
					main = t.RouteTableId
				} else {
					subnet = a.RouteTableAssociationId
				}
			}
		}
		_, err := w.EC2.ReplaceRouteTableAssociation(ctx, &ec2.ReplaceRouteTableAssociationInput{AssociationId: subnet, RouteTableId: main})
		return err
	}},
	{"a subnet gives public addresses", func(ctx context.Context, w *aws.World, h *harness.Harness) error {
		for _, r := range h.Emulator.Server.Resources(false) {
			if r.Kind != "Subnet" || undisguised(r).Tags[own.TagOwner] == "" {
				continue
			}
			if _, err := w.EC2.ModifySubnetAttribute(ctx, &ec2.ModifySubnetAttributeInput{SubnetId: &r.ID, MapPublicIpOnLaunch: &ec2types.AttributeBooleanValue{Value: sdk.Bool(true)}}); err != nil {
				return err
			}
		}
		return nil
	}},
	{"a rule's description is changed", func(ctx context.Context, w *aws.World, h *harness.Harness) error {
		r := find(h, "SecurityGroupRule", "")
		out, err := w.EC2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{r.ID}})
		if err != nil {
			return err
		}
		have := out.SecurityGroupRules[0]
		change := &ec2types.SecurityGroupRuleRequest{IpProtocol: have.IpProtocol, FromPort: have.FromPort, ToPort: have.ToPort, CidrIpv4: have.CidrIpv4, Description: sdk.String("by hand")}
		if have.ReferencedGroupInfo != nil {
			change.ReferencedGroupId = have.ReferencedGroupInfo.GroupId
		}
		_, err = w.EC2.ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{GroupId: have.GroupId, SecurityGroupRules: []ec2types.SecurityGroupRuleUpdate{
			{SecurityGroupRuleId: have.SecurityGroupRuleId, SecurityGroupRule: change},
		}})
		return err
	}},
	{"the listener listens elsewhere, the namespace is described otherwise", func(ctx context.Context, w *aws.World, h *harness.Harness) error {
		l, n := find(h, "Listener", ""), find(h, "HTTPNamespace", "")
		if _, err := w.SD.UpdateHttpNamespace(ctx, &servicediscovery.UpdateHttpNamespaceInput{Id: &n.ID, Namespace: &sdtypes.HttpNamespaceChange{Description: sdk.String("by hand")}}); err != nil {
			return err
		}
		_, err := w.ELB.ModifyListener(ctx, &elbv2.ModifyListenerInput{ListenerArn: &l.ARN, Port: sdk.Int32(8080)})
		return err
	}},
}

func tables(ctx context.Context, w *aws.World) []ec2types.RouteTable {
	out, err := w.EC2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{})
	if err != nil {
		panic(err)
	}
	return out.RouteTables
}
