package lifecycle

import (
	"context"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
)

// otherRemovals are the deletions of such objects.
var otherRemovals = map[string][]edit{
	inboundNode:                           inboundRemovals[inboundNode],
	"listener/private-link" + inner:       inboundRemovals["listener"],
	"load-balancer/private-link" + inner:  inboundRemovals["load-balancer"],
	"security-group/private-link" + inner: inboundRemovals["security-group"],
	"target-group/private-link" + inner:   {{what: "while a listener uses it", refused: "ResourceInUse", do: deleteTargetGroup}},
	"vpc-endpoint/control-plane":          endpointRemovals,
	probeNode: {{what: "deleted", do: func(ctx context.Context, s *site, o object) error {
		_, err := s.lambda.DeleteFunction(ctx, &awslambda.DeleteFunctionInput{FunctionName: &o.ID})
		return err
	}}},
	"bucket/log": {{what: "deleted", do: func(ctx context.Context, s *site, o object) error {
		_, err := s.s3.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &o.ID})
		return err
	}}},
	"listener-rule/gateway" + public:  {{what: "deleted", history: rolledOut, do: deleteRule}},
	"listener-rule/mcp-test" + public: {{what: "deleted", history: rolledOut, do: deleteRule}},
	"listener/production" + public:    {{what: "while the service shifts traffic by it", do: deleteListener}},
	"load-balancer/application-internet-facing": {{what: "deleted", history: rolledOut, do: func(ctx context.Context, s *site, o object) error {
		_, err := s.elb.DeleteLoadBalancer(ctx, &elbv2.DeleteLoadBalancerInput{LoadBalancerArn: &o.ID})
		return err
	}}},
	"target-group/gateway" + public:       {{what: "while a rule uses it", refused: "ResourceInUse", do: deleteTargetGroup}},
	"target-group/gateway-green" + public: {{what: "while a rule uses it", refused: "ResourceInUse", do: deleteTargetGroup}},
	"web-acl-association/main" + public: {{what: "disassociated", do: func(ctx context.Context, s *site, o object) error {
		_, err := s.waf.DisassociateWebACL(ctx, &wafv2.DisassociateWebACLInput{ResourceArn: &o.ID})
		return err
	}}},
	"scalable-target/gateway": {{what: "deregistered", do: func(ctx context.Context, s *site, o object) error {
		_, err := s.scaling.DeregisterScalableTarget(ctx, &applicationautoscaling.DeregisterScalableTargetInput{
			ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount, ResourceId: &o.ID,
		})
		return err
	}}},
	"mirrored-secret/license": secretRemovals,
	"secret/cache-password": {
		{what: "deleted for good", history: rolledOut, do: func(ctx context.Context, s *site, o object) error {
			_, err := s.secrets.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &o.ID, ForceDeleteWithoutRecovery: sdk.Bool(true)})
			s.wait(time.Minute)
			return err
		}},
	},
	"cache-subnet-group/main": {{what: "while the cache is in it", refused: "CacheSubnetGroupInUse", do: func(ctx context.Context, s *site, o object) error {
		_, err := s.cache.DeleteCacheSubnetGroup(ctx, &elasticache.DeleteCacheSubnetGroupInput{CacheSubnetGroupName: &o.ID})
		return err
	}}},
	"cache-parameter-group/valkey8-cluster": {{what: "while the cache has it", refused: "InvalidCacheParameterGroupState", do: func(ctx context.Context, s *site, o object) error {
		_, err := s.cache.DeleteCacheParameterGroup(ctx, &elasticache.DeleteCacheParameterGroupInput{CacheParameterGroupName: &o.ID})
		return err
	}}},
	"replication-group/cluster": {{what: "deleted", history: rolledOut, do: func(ctx context.Context, s *site, o object) error {
		_, err := s.cache.DeleteReplicationGroup(ctx, &elasticache.DeleteReplicationGroupInput{ReplicationGroupId: &o.ID})
		s.wait(time.Hour)
		return err
	}}},
	"cache-user/gw-11ecbf10-user": {{what: "deleted", do: func(ctx context.Context, s *site, o object) error {
		_, err := s.cache.DeleteUser(ctx, &elasticache.DeleteUserInput{UserId: &o.ID})
		s.wait(10 * time.Minute)
		return err
	}}},
	"cache-user-group/iam": {{what: "while the cache has it", refused: "InvalidUserGroupState", do: func(ctx context.Context, s *site, o object) error {
		_, err := s.cache.DeleteUserGroup(ctx, &elasticache.DeleteUserGroupInput{UserGroupId: &o.ID})
		return err
	}}},
	"serverless-cache/main": {{what: "deleted", history: rolledOut, do: func(ctx context.Context, s *site, o object) error {
		_, err := s.cache.DeleteServerlessCache(ctx, &elasticache.DeleteServerlessCacheInput{ServerlessCacheName: &o.ID})
		s.wait(time.Hour)
		return err
	}}},
	"nat-gateway/b": {{what: "deleted", do: func(ctx context.Context, s *site, o object) error {
		_, err := s.ec2.DeleteNatGateway(ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: &o.ID})
		s.wait(10 * time.Minute)
		return err
	}}},
	"elastic-ip/nat-b": {{what: "while the NAT gateway has it", refused: "AuthFailure", do: releaseAddress}},
	"service/gateway": {
		{what: "deleted", history: rolledOut, do: func(ctx context.Context, s *site, o object) error {
			err := s.deleteService(ctx, o)
			s.wait(10 * time.Minute)
			return err
		}},
		{what: "being deleted", history: rolledOut, do: func(ctx context.Context, s *site, o object) error { return s.deleteService(ctx, o) }},
	},
	"service/data-service": {{what: "deleted", history: rolledOut, do: func(ctx context.Context, s *site, o object) error {
		err := s.deleteService(ctx, o)
		s.wait(10 * time.Minute)
		return err
	}}},
	"role/load-balancing": {{what: "deleted", do: func(ctx context.Context, s *site, o object) error {
		if err := s.strip(ctx, o.Name); err != nil {
			return err
		}
		return deleteRole(ctx, s, o)
	}}},
	"security-group-opening/gateway": {{what: "revoked", do: func(ctx context.Context, s *site, o object) error {
		rule, err := s.rule(ctx, o)
		if err != nil {
			return err
		}
		_, err = s.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: rule.GroupId, SecurityGroupRuleIds: []string{*rule.SecurityGroupRuleId}})
		return err
	}}},
}
