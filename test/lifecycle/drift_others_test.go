package lifecycle

import (
	"context"
	"strconv"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	cachetypes "github.com/aws/aws-sdk-go-v2/service/elasticache/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
)

// modifyRule is an edit of a listener rule.
func modifyRule(change func(*site, *elbv2.ModifyRuleInput)) func(context.Context, *site, object) error {
	return func(ctx context.Context, s *site, o object) error {
		in := &elbv2.ModifyRuleInput{RuleArn: &o.ID}
		change(s, in)
		_, err := s.elb.ModifyRule(ctx, in)
		return err
	}
}

func modifyListener(change func(*site, *elbv2.ModifyListenerInput)) func(context.Context, *site, object) error {
	return func(ctx context.Context, s *site, o object) error {
		in := &elbv2.ModifyListenerInput{ListenerArn: &o.ID}
		change(s, in)
		_, err := s.elb.ModifyListener(ctx, in)
		return err
	}
}

func modifyTargetGroup(change func(*elbv2.ModifyTargetGroupInput)) func(context.Context, *site, object) error {
	return func(ctx context.Context, s *site, o object) error {
		in := &elbv2.ModifyTargetGroupInput{TargetGroupArn: &o.ID}
		change(in)
		_, err := s.elb.ModifyTargetGroup(ctx, in)
		return err
	}
}

func modifyCache(wait time.Duration, change func(*site, *elasticache.ModifyReplicationGroupInput)) func(context.Context, *site, object) error {
	return func(ctx context.Context, s *site, o object) error {
		in := &elasticache.ModifyReplicationGroupInput{ReplicationGroupId: &o.ID, ApplyImmediately: sdk.Bool(true)}
		change(s, in)
		_, err := s.cache.ModifyReplicationGroup(ctx, in)
		s.wait(wait)
		return err
	}
}

func configureFunction(change func(*site, *awslambda.UpdateFunctionConfigurationInput)) func(context.Context, *site, object) error {
	return func(ctx context.Context, s *site, o object) error {
		in := &awslambda.UpdateFunctionConfigurationInput{FunctionName: &o.ID}
		change(s, in)
		_, err := s.lambda.UpdateFunctionConfiguration(ctx, in)
		s.wait(5 * time.Minute)
		return err
	}
}

var fixed503 = []elbtypes.Action{{Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{StatusCode: sdk.String("503")}}}

var healthEdits = []edit{
	{what: "another path of health checks", tells: "healthPath", do: modifyTargetGroup(func(in *elbv2.ModifyTargetGroupInput) { in.HealthCheckPath = sdk.String("/") })},
	{what: "other codes", tells: "healthCodes", do: modifyTargetGroup(func(in *elbv2.ModifyTargetGroupInput) {
		in.Matcher = &elbtypes.Matcher{HttpCode: sdk.String("200-499")}
	})},
	{what: "rarer health checks", tells: "intervalSeconds", do: modifyTargetGroup(func(in *elbv2.ModifyTargetGroupInput) { in.HealthCheckIntervalSeconds = sdk.Int32(120) })},
	{what: "another deregistration delay", tells: "attributes.deregistration_delay.timeout_seconds", do: func(ctx context.Context, s *site, o object) error {
		_, err := s.elb.ModifyTargetGroupAttributes(ctx, &elbv2.ModifyTargetGroupAttributesInput{TargetGroupArn: &o.ID, Attributes: []elbtypes.TargetGroupAttribute{
			{Key: sdk.String("deregistration_delay.timeout_seconds"), Value: sdk.String("3600")},
		}})
		return err
	}},
}

// shiftedByHand moves all requests to the other group of the pair, as ECS does when it rolls out.
func shiftedByHand(ctx context.Context, s *site, o object) error {
	out, err := s.elb.DescribeRules(ctx, &elbv2.DescribeRulesInput{RuleArns: []string{o.ID}})
	if err != nil {
		return err
	}
	actions := out.Rules[0].Actions
	if f := actions[0].ForwardConfig; f != nil && len(f.TargetGroups) == 2 {
		a, b := &f.TargetGroups[0], &f.TargetGroups[1]
		a.Weight, b.Weight = b.Weight, a.Weight
		actions[0].TargetGroupArn = nil
	} else {
		blue, green := s.id("target-group/gateway"+public), s.id("target-group/gateway-green"+public)
		other := green
		if sdk.ToString(actions[0].TargetGroupArn) == green {
			other = blue
		}
		actions = []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &other}}
	}
	_, err = s.elb.ModifyRule(ctx, &elbv2.ModifyRuleInput{RuleArn: &o.ID, Actions: actions})
	return err
}

// otherEdits are the edits of objects that aren't, or are otherwise, in the minimal deployment.
var otherEdits = map[string][]edit{
	inboundNode:                           inboundEdits[inboundNode],
	"listener/private-link" + inner:       inboundEdits["listener"],
	"load-balancer/private-link" + inner:  inboundEdits["load-balancer"],
	"security-group/private-link" + inner: {},
	"target-group/private-link" + inner:   inboundEdits["target-group"],
	"vpc-endpoint/control-plane":          endpointEdits,
	"listener-rule/gateway" + public: {
		{what: "another priority", tells: "priority", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.SetRulePriorities(ctx, &elbv2.SetRulePrioritiesInput{RulePriorities: []elbtypes.RulePriorityPair{{RuleArn: &o.ID, Priority: sdk.Int32(500)}}})
			return err
		}},
		{what: "another host", tells: "hosts", do: modifyRule(func(_ *site, in *elbv2.ModifyRuleInput) {
			in.Conditions = []elbtypes.RuleCondition{{Field: sdk.String("host-header"), HostHeaderConfig: &elbtypes.HostHeaderConditionConfig{Values: []string{"by-hand.example.com"}}}}
		})},
		{what: "one condition more", tells: "conditions", do: modifyRule(func(_ *site, in *elbv2.ModifyRuleInput) {
			in.Conditions = []elbtypes.RuleCondition{
				{Field: sdk.String("host-header"), HostHeaderConfig: &elbtypes.HostHeaderConditionConfig{Values: []string{"gw." + emulator.CertificateDomain}}},
				{Field: sdk.String("path-pattern"), PathPatternConfig: &elbtypes.PathPatternConditionConfig{Values: []string{"/*"}}},
				{Field: sdk.String("source-ip"), SourceIpConfig: &elbtypes.SourceIpConditionConfig{Values: []string{"192.0.2.0/24"}}},
			}
		})},
		{what: "maintenance", tells: "targetGroup", do: modifyRule(func(_ *site, in *elbv2.ModifyRuleInput) { in.Actions = fixed503 })},
		{what: "a path is rewritten", tells: "rewrite", do: modifyRule(func(_ *site, in *elbv2.ModifyRuleInput) {
			in.Transforms = []elbtypes.RuleTransform{{Type: elbtypes.TransformTypeEnumUrlRewrite, UrlRewriteConfig: &elbtypes.UrlRewriteConfig{
				Rewrites: []elbtypes.RewriteConfig{{Regex: sdk.String("^/a/(.*)$"), Replace: sdk.String("/$1")}},
			}}}
		})},
		{what: "the other group of the pair", delegated: true, do: shiftedByHand},
	},
	"listener-rule/mcp-test" + public: {
		{what: "another priority", tells: "priority", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.SetRulePriorities(ctx, &elbv2.SetRulePrioritiesInput{RulePriorities: []elbtypes.RulePriorityPair{{RuleArn: &o.ID, Priority: sdk.Int32(7)}}})
			return err
		}},
		{what: "maintenance", tells: "targetGroup", do: modifyRule(func(_ *site, in *elbv2.ModifyRuleInput) { in.Actions = fixed503 })},
	},
	"listener/production" + public: {
		{what: "another port", tells: "port", do: modifyListener(func(_ *site, in *elbv2.ModifyListenerInput) { in.Port = sdk.Int32(9443) })},
		{what: "what no rule matches is answered otherwise", tells: "defaultAction", do: modifyListener(func(_ *site, in *elbv2.ModifyListenerInput) { in.DefaultActions = fixed503 })},
		{what: "what no rule matches is forwarded", tells: "defaultAction", do: modifyListener(func(s *site, in *elbv2.ModifyListenerInput) {
			in.DefaultActions = []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: sdk.String(s.id("target-group/gateway" + public))}}
		})},
		{what: "another certificate", tells: "certificateARN", do: modifyListener(func(s *site, in *elbv2.ModifyListenerInput) {
			in.Certificates = []elbtypes.Certificate{{CertificateArn: &s.h.Seeded.HostCertificate}}
		})},
		{what: "another TLS policy", tells: "sslPolicy", do: modifyListener(func(_ *site, in *elbv2.ModifyListenerInput) {
			in.SslPolicy = sdk.String("ELBSecurityPolicy-2016-08")
		})},
		{what: "no TLS", tells: "protocol", do: modifyListener(func(_ *site, in *elbv2.ModifyListenerInput) { in.Protocol = elbtypes.ProtocolEnumHttp })},
	},
	"load-balancer/application-internet-facing": {
		{what: "no access logs", tells: "attributes.access_logs.s3.enabled", do: func(ctx context.Context, s *site, o object) error {
			return s.balancerAttribute(ctx, o, "access_logs.s3.enabled", "false")
		}},
		{what: "another idle timeout", tells: "attributes.idle_timeout.timeout_seconds", do: func(ctx context.Context, s *site, o object) error {
			return s.balancerAttribute(ctx, o, "idle_timeout.timeout_seconds", "60")
		}},
		{what: "an attribute that the spec doesn't know", delegated: true, do: func(ctx context.Context, s *site, o object) error {
			return s.balancerAttribute(ctx, o, "routing.http.xff_client_port.enabled", "true")
		}},
		{what: "another security group", tells: "securityGroups", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.SetSecurityGroups(ctx, &elbv2.SetSecurityGroupsInput{LoadBalancerArn: &o.ID, SecurityGroups: []string{s.id("security-group/cache")}})
			return err
		}},
		{what: "a zone less", tells: "subnets", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.SetSubnets(ctx, &elbv2.SetSubnetsInput{LoadBalancerArn: &o.ID, Subnets: []string{s.id("subnet/public-a"), s.id("subnet/public-b")}})
			return err
		}},
	},
	"target-group/gateway" + public:       healthEdits,
	"target-group/gateway-green" + public: healthEdits,
	"web-acl-association/main" + public: {
		{what: "another web ACL", tells: "webACL", do: func(ctx context.Context, s *site, o object) error {
			for _, r := range s.h.Emulator.Server.Resources(false) {
				if r.Kind == "WebACL" && r.Name == "another-acl" {
					_, err := s.waf.AssociateWebACL(ctx, &wafv2.AssociateWebACLInput{ResourceArn: &o.ID, WebACLArn: &r.ARN})
					return err
				}
			}
			panic("there is no other web ACL")
		}},
	},
	"bucket/log": {
		{what: "open to the public", history: "S3 keeps the document as it was written", tells: "publicAccessBlocked", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.s3.DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: &o.ID})
			return err
		}},
		{what: "objects of others", tells: "ownership", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.s3.PutBucketOwnershipControls(ctx, &s3.PutBucketOwnershipControlsInput{Bucket: &o.ID, OwnershipControls: &s3types.OwnershipControls{
				Rules: []s3types.OwnershipControlsRule{{ObjectOwnership: s3types.ObjectOwnershipObjectWriter}},
			}})
			return err
		}},
		{what: "a key of KMS", delegated: true, do: func(ctx context.Context, s *site, o object) error {
			_, err := s.s3.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: &o.ID, ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{
				Rules: []s3types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAwsKms}}},
			}})
			return err
		}},
	},
	"scalable-target/gateway": {
		{what: "other bounds", tells: "max", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.scaling.RegisterScalableTarget(ctx, &applicationautoscaling.RegisterScalableTargetInput{
				ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount, ResourceId: &o.ID,
				MinCapacity: sdk.Int32(1), MaxCapacity: sdk.Int32(5),
			})
			return err
		}},
		{what: "a policy is deleted", tells: "policies.", do: func(ctx context.Context, s *site, o object) error {
			p, err := s.scalingPolicy(ctx, o)
			if err != nil {
				return err
			}
			_, err = s.scaling.DeleteScalingPolicy(ctx, &applicationautoscaling.DeleteScalingPolicyInput{
				ServiceNamespace: p.ServiceNamespace, ScalableDimension: p.ScalableDimension, ResourceId: p.ResourceId, PolicyName: p.PolicyName,
			})
			return err
		}},
		{what: "another target", tells: "policies.", do: func(ctx context.Context, s *site, o object) error {
			p, err := s.scalingPolicy(ctx, o)
			if err != nil {
				return err
			}
			p.TargetTrackingScalingPolicyConfiguration.TargetValue = sdk.Float64(95)
			_, err = s.scaling.PutScalingPolicy(ctx, &applicationautoscaling.PutScalingPolicyInput{
				ServiceNamespace: p.ServiceNamespace, ScalableDimension: p.ScalableDimension, ResourceId: p.ResourceId, PolicyName: p.PolicyName,
				PolicyType: p.PolicyType, TargetTrackingScalingPolicyConfiguration: p.TargetTrackingScalingPolicyConfiguration,
			})
			return err
		}},
		{what: "scaling is suspended", delegated: true, do: func(ctx context.Context, s *site, o object) error {
			_, err := s.scaling.RegisterScalableTarget(ctx, &applicationautoscaling.RegisterScalableTargetInput{
				ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount, ResourceId: &o.ID,
				SuspendedState: &scalingtypes.SuspendedState{DynamicScalingInSuspended: sdk.Bool(true), DynamicScalingOutSuspended: sdk.Bool(true), ScheduledScalingSuspended: sdk.Bool(true)},
			})
			return err
		}},
	},
	"cache-subnet-group/main": {
		{what: "a public subnet more", tells: "subnets", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.cache.ModifyCacheSubnetGroup(ctx, &elasticache.ModifyCacheSubnetGroupInput{CacheSubnetGroupName: &o.ID, SubnetIds: []string{
				s.id("subnet/private-a"), s.id("subnet/private-b"), s.id("subnet/private-c"), s.id("subnet/public-a"),
			}})
			return err
		}},
	},
	probeNode: {
		{what: "another URL", tells: "environment.PROBE_URL", do: configureFunction(func(_ *site, in *awslambda.UpdateFunctionConfigurationInput) {
			in.Environment = &lambdatypes.Environment{Variables: map[string]string{"PROBE_URL": "http://by-hand.example.com"}}
		})},
		{what: "another network", tells: "securityGroups", do: configureFunction(func(s *site, in *awslambda.UpdateFunctionConfigurationInput) {
			in.VpcConfig = &lambdatypes.VpcConfig{SubnetIds: []string{s.id("subnet/public-a")}, SecurityGroupIds: []string{s.id("security-group/gateway")}}
		})},
		{what: "other code", tells: "code", do: func(ctx context.Context, s *site, o object) error {
			code, err := zipped("handler.py")
			if err != nil {
				return err
			}
			_, err = s.lambda.UpdateFunctionCode(ctx, &awslambda.UpdateFunctionCodeInput{FunctionName: &o.ID, ZipFile: code})
			s.wait(time.Minute)
			return err
		}},
	},
	"cache-parameter-group/valkey8-cluster": {
		{what: "keys without expiry are evicted", tells: "parameters.maxmemory-policy", do: func(ctx context.Context, s *site, o object) error {
			return s.parameter(ctx, o, "maxmemory-policy", "allkeys-lru")
		}},
		{what: "a parameter that the operator doesn't set", delegated: true, do: func(ctx context.Context, s *site, o object) error {
			return s.parameter(ctx, o, "timeout", "300")
		}},
	},
	"replication-group/cluster": {
		{what: "a larger node", tells: "nodeType", do: modifyCache(time.Hour, func(_ *site, in *elasticache.ModifyReplicationGroupInput) {
			in.CacheNodeType = sdk.String("cache.m7g.large")
		})},
		{what: "another security group", tells: "securityGroups", do: modifyCache(10*time.Minute, func(s *site, in *elasticache.ModifyReplicationGroupInput) {
			in.SecurityGroupIds = []string{s.id("security-group/instances")}
		})},
		{what: "one zone", tells: "multiAZ", do: modifyCache(10*time.Minute, func(_ *site, in *elasticache.ModifyReplicationGroupInput) { in.MultiAZEnabled = sdk.Bool(false) })},
		{what: "a replica more", tells: "replicas", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.cache.IncreaseReplicaCount(ctx, &elasticache.IncreaseReplicaCountInput{ReplicationGroupId: &o.ID, ApplyImmediately: sdk.Bool(true), NewReplicaCount: sdk.Int32(3)})
			s.wait(30 * time.Minute)
			return err
		}},
		{what: "a shard more", tells: "shards", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.cache.ModifyReplicationGroupShardConfiguration(ctx, &elasticache.ModifyReplicationGroupShardConfigurationInput{ReplicationGroupId: &o.ID, ApplyImmediately: sdk.Bool(true), NodeGroupCount: sdk.Int32(3)})
			s.wait(2 * time.Hour)
			return err
		}},
		{what: "backups", delegated: true, do: modifyCache(10*time.Minute, func(_ *site, in *elasticache.ModifyReplicationGroupInput) { in.SnapshotRetentionLimit = sdk.Int32(7) })},
	},
	"service/gateway": {
		{what: "rolled out at once", tells: "strategy", do: func(ctx context.Context, s *site, o object) error {
			return s.deployBy(ctx, o, func(c *ecstypes.DeploymentConfiguration) {
				c.Strategy, c.BakeTimeInMinutes = ecstypes.DeploymentStrategyRolling, nil
			})
		}},
		{what: "another bake time", tells: "bake", do: func(ctx context.Context, s *site, o object) error {
			return s.deployBy(ctx, o, func(c *ecstypes.DeploymentConfiguration) { c.BakeTimeInMinutes = sdk.Int32(7) })
		}},
		{what: "desired count, where it scales", delegated: true, do: func(ctx context.Context, s *site, o object) error {
			return s.updateService(ctx, o, &ecs.UpdateServiceInput{DesiredCount: sdk.Int32(4)})
		}},
	},
	"service/data-service": {
		{what: "desired count", tells: "desiredCount", do: func(ctx context.Context, s *site, o object) error {
			return s.updateService(ctx, o, &ecs.UpdateServiceInput{DesiredCount: sdk.Int32(3)})
		}},
		{what: "ECS Exec", tells: "enableExec", do: func(ctx context.Context, s *site, o object) error {
			return s.updateService(ctx, o, &ecs.UpdateServiceInput{EnableExecuteCommand: sdk.Bool(true), ForceNewDeployment: true})
		}},
	},
	"cache-user/gw-11ecbf10-user": {
		{what: "less access", tells: "access", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.cache.ModifyUser(ctx, &elasticache.ModifyUserInput{UserId: &o.ID, AccessString: sdk.String("off -@all")})
			s.wait(time.Minute)
			return err
		}},
		{what: "a password", tells: "authentication", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.cache.ModifyUser(ctx, &elasticache.ModifyUserInput{UserId: &o.ID, AuthenticationMode: &cachetypes.AuthenticationMode{
				Type: cachetypes.InputAuthenticationTypePassword, Passwords: []string{"a-password-by-hand"},
			}})
			s.wait(time.Minute)
			return err
		}},
	},
	"cache-user-group/iam": {
		{what: "a user more", tells: "users", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.cache.CreateUser(ctx, &elasticache.CreateUserInput{UserId: sdk.String(byHand), UserName: sdk.String(byHand), Engine: sdk.String("valkey"), AccessString: sdk.String("on ~* +@all"),
				AuthenticationMode: &cachetypes.AuthenticationMode{Type: cachetypes.InputAuthenticationTypeIam}})
			if err != nil {
				return err
			}
			s.wait(time.Minute)
			_, err = s.cache.ModifyUserGroup(ctx, &elasticache.ModifyUserGroupInput{UserGroupId: &o.ID, UserIdsToAdd: []string{byHand}})
			s.wait(time.Minute)
			return err
		}},
	},
	"serverless-cache/main": {
		{what: "another security group", tells: "securityGroups", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.cache.ModifyServerlessCache(ctx, &elasticache.ModifyServerlessCacheInput{ServerlessCacheName: &o.ID, SecurityGroupIds: []string{s.id("security-group/gateway")}})
			s.wait(10 * time.Minute)
			return err
		}},
		{what: "a limit", history: "a limit can only be replaced: by the greatest there is", tells: "maxStorageGB", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.cache.ModifyServerlessCache(ctx, &elasticache.ModifyServerlessCacheInput{ServerlessCacheName: &o.ID, CacheUsageLimits: &cachetypes.CacheUsageLimits{
				DataStorage: &cachetypes.DataStorage{Maximum: sdk.Int32(10), Unit: cachetypes.DataStorageUnitGb},
			}})
			s.wait(10 * time.Minute)
			return err
		}},
		{what: "no users", tells: "userGroup", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.cache.ModifyServerlessCache(ctx, &elasticache.ModifyServerlessCacheInput{ServerlessCacheName: &o.ID, RemoveUserGroup: sdk.Bool(true)})
			s.wait(10 * time.Minute)
			return err
		}},
	},
	"cluster-capacity/main": {
		{what: "another default strategy", tells: "default", do: func(ctx context.Context, s *site, o object) error {
			return s.putProviders(ctx, o.ID, []string{"FARGATE", "FARGATE_SPOT"}, []ecstypes.CapacityProviderStrategyItem{{CapacityProvider: sdk.String("FARGATE_SPOT"), Weight: 1}})
		}},
	},
	"security-group-opening/gateway": {
		{what: "described otherwise", delegated: true, do: func(ctx context.Context, s *site, o object) error {
			rule, err := s.rule(ctx, o)
			if err != nil {
				return err
			}
			_, err = s.ec2.ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{GroupId: rule.GroupId, SecurityGroupRules: []ec2types.SecurityGroupRuleUpdate{{
				SecurityGroupRuleId: rule.SecurityGroupRuleId, SecurityGroupRule: &ec2types.SecurityGroupRuleRequest{
					IpProtocol: rule.IpProtocol, FromPort: rule.FromPort, ToPort: rule.ToPort, ReferencedGroupId: rule.ReferencedGroupInfo.GroupId, Description: sdk.String("by hand"),
				},
			}}})
			return err
		}},
		{what: "another port", tells: "present", do: func(ctx context.Context, s *site, o object) error {
			rule, err := s.rule(ctx, o)
			if err != nil {
				return err
			}
			_, err = s.ec2.ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{GroupId: rule.GroupId, SecurityGroupRules: []ec2types.SecurityGroupRuleUpdate{{
				SecurityGroupRuleId: rule.SecurityGroupRuleId, SecurityGroupRule: &ec2types.SecurityGroupRuleRequest{
					IpProtocol: rule.IpProtocol, FromPort: sdk.Int32(6380), ToPort: sdk.Int32(6380), ReferencedGroupId: rule.ReferencedGroupInfo.GroupId,
				},
			}}})
			return err
		}},
	},
}

// rolledOut is where the tasks are told of something new, or their service is deployed anew: there are other
// revisions afterwards.
const rolledOut = "services were rolled out"

func deleteRule(ctx context.Context, s *site, o object) error {
	_, err := s.elb.DeleteRule(ctx, &elbv2.DeleteRuleInput{RuleArn: &o.ID})
	return err
}

func (s *site) balancerAttribute(ctx context.Context, o object, key, value string) error {
	_, err := s.elb.ModifyLoadBalancerAttributes(ctx, &elbv2.ModifyLoadBalancerAttributesInput{LoadBalancerArn: &o.ID, Attributes: []elbtypes.LoadBalancerAttribute{{Key: &key, Value: &value}}})
	return err
}

func (s *site) scalingPolicy(ctx context.Context, o object) (scalingtypes.ScalingPolicy, error) {
	out, err := s.scaling.DescribeScalingPolicies(ctx, &applicationautoscaling.DescribeScalingPoliciesInput{ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ResourceId: &o.ID})
	if err != nil {
		return scalingtypes.ScalingPolicy{}, err
	}
	return out.ScalingPolicies[0], nil
}

func (s *site) parameter(ctx context.Context, o object, name, value string) error {
	_, err := s.cache.ModifyCacheParameterGroup(ctx, &elasticache.ModifyCacheParameterGroupInput{CacheParameterGroupName: &o.ID, ParameterNameValues: []cachetypes.ParameterNameValue{
		{ParameterName: &name, ParameterValue: &value},
	}})
	return err
}

// rule is the rule that an opening is.
func (s *site) rule(ctx context.Context, o object) (ec2types.SecurityGroupRule, error) {
	out, err := s.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{Filters: []ec2types.Filter{{Name: sdk.String("tag:ecs.portkey.ai/node"), Values: []string{o.Node}}}})
	if err != nil {
		return ec2types.SecurityGroupRule{}, err
	}
	if n := len(out.SecurityGroupRules); n != 1 {
		panic(strconv.Itoa(n) + " rules are " + o.Node)
	}
	return out.SecurityGroupRules[0], nil
}
