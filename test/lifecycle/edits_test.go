package lifecycle

import (
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// amendment is a change of the spec of a deployment that is Ready.
type amendment struct {
	name string
	// fields are the fields of spec that it is about.
	fields []string
	// from is the spec before, beyond the minimal one; to is what the user edits then.
	from, to func(*harness.Harness, *v1alpha1.PortkeyGatewaySpec)
	// calls are all calls by which AWS is changed, and how often each is made.
	calls map[string]int
	// unbalanced and uncached say that there is no load balancer on one of the two sides, or that Redis
	// itself is replaced: then clients needn't be served through these all the time.
	unbalanced, uncached bool
	// history says that AWS afterwards isn't as if it had been made so: what it keeps depends on the past.
	history string
}

type spec = v1alpha1.PortkeyGatewaySpec

// set is an edit that needs nothing of the harness.
func set(f func(*spec)) func(*harness.Harness, *spec) {
	return func(_ *harness.Harness, s *spec) { f(s) }
}

func gateway(g v1alpha1.Gateway) func(*harness.Harness, *spec) {
	return func(h *harness.Harness, s *spec) {
		there(h, g.Rollout)
		s.Gateway = &g
	}
}

func ec2Capacity(c v1alpha1.EC2Capacity) func(*harness.Harness, *spec) {
	return set(func(s *spec) { s.Capacity = &v1alpha1.Capacity{EC2: &c} })
}

func redis(c v1alpha1.BuiltInCache) func(*harness.Harness, *spec) {
	return set(func(s *spec) { s.Cache = &v1alpha1.Cache{BuiltIn: &c} })
}

func balancer(l v1alpha1.LoadBalancer) func(*harness.Harness, *spec) {
	return set(func(s *spec) { s.LoadBalancer = &l })
}

// letIn is behind an internet-facing load balancer, and reached by the control plane in a way.
func letIn(in v1alpha1.Inbound) func(*harness.Harness, *spec) {
	return set(func(s *spec) {
		s.LoadBalancer = &v1alpha1.LoadBalancer{Scheme: v1alpha1.LoadBalancerInternetFacing, AllowedCIDRs: []string{"203.0.113.0/24"}}
		s.ControlPlane = &v1alpha1.ControlPlane{Inbound: &in}
	})
}

// linked is reached by the control plane through PrivateLink.
func linked(l v1alpha1.InboundEndpointService) func(*harness.Harness, *spec) {
	return set(func(s *spec) { s.ControlPlane = byLink(l) })
}

// application puts an Application Load Balancer before a gateway that rolls out by a strategy.
func application(r v1alpha1.Rollout) func(*harness.Harness, *spec) {
	return func(h *harness.Harness, s *spec) {
		there(h, &r)
		s.LoadBalancer, s.Gateway = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication}, &v1alpha1.Gateway{Rollout: &r}
	}
}

// there makes the functions that a rollout's hooks ask.
func there(h *harness.Harness, r *v1alpha1.Rollout) {
	if r == nil {
		return
	}
	for _, hook := range r.Hooks {
		if hook.Lambda != nil {
			answer(h, hook.Lambda.FunctionARN[strings.LastIndexByte(hook.Lambda.FunctionARN, ':')+1:], "SUCCEEDED")
		}
	}
}

// watching is a gateway whose rollouts are watched by alarms, which are quiet.
func watching(r v1alpha1.Rollout) func(*harness.Harness, *spec) {
	return func(h *harness.Harness, s *spec) {
		for _, name := range r.Alarms {
			alarm(h, name, "OK")
		}
		s.Gateway = &v1alpha1.Gateway{Rollout: &r}
	}
}

func threshold(kind v1alpha1.ThresholdType, value int32) *v1alpha1.BreakerThreshold {
	return &v1alpha1.BreakerThreshold{Type: kind, Value: value}
}

// held are rollouts that hooks hold, at a stage that the first one doesn't come by.
func held(hooks ...v1alpha1.RolloutHook) *v1alpha1.Rollout {
	return &v1alpha1.Rollout{Strategy: v1alpha1.RolloutBlueGreen, Hooks: hooks}
}

func pausing() v1alpha1.RolloutHook {
	return v1alpha1.RolloutHook{Stages: []v1alpha1.RolloutStage{v1alpha1.StageReconcileService}, Pause: &v1alpha1.PauseHook{Timeout: seconds(3600)}}
}

func asking(function, role string) v1alpha1.RolloutHook {
	return v1alpha1.RolloutHook{Stages: []v1alpha1.RolloutStage{v1alpha1.StageReconcileService}, Lambda: &v1alpha1.LambdaHook{FunctionARN: functionARN(function), RoleARN: role}}
}

// probed is behind an application load balancer, with a probe that says yes.
func probed(p v1alpha1.HTTPProbe) func(*harness.Harness, *spec) {
	return func(h *harness.Harness, s *spec) {
		answer(h, probeOf(p), "SUCCEEDED")
		application(*held(probing(p)))(h, s)
	}
}

func functionARN(name string) string {
	return "arn:aws:lambda:us-east-1:" + emulator.Account + ":function:" + name
}

func tags(t map[string]v1alpha1.TagValue) func(*harness.Harness, *spec) {
	return set(func(s *spec) { s.Tags = t })
}

func size(cpu, memory string) *v1alpha1.Resources {
	return &v1alpha1.Resources{CPU: resource.MustParse(cpu), Memory: resource.MustParse(memory)}
}

func scaling(lo, hi int32) *v1alpha1.Autoscaling {
	cpu, memory := int32(70), int32(80)
	return &v1alpha1.Autoscaling{MinReplicas: lo, MaxReplicas: hi, TargetCPUPercent: &cpu, TargetMemoryPercent: &memory}
}

func cooled(a *v1alpha1.Autoscaling) *v1alpha1.Autoscaling {
	a.ScaleInCooldown, a.ScaleOutCooldown = seconds(300), seconds(30)
	return a
}

func seconds(n int) *metav1.Duration {
	return &metav1.Duration{Duration: time.Duration(n) * time.Second}
}

var (
	yes, no    = true, false
	two, three = int32(2), int32(3)
	// rollout is a new revision that replaces the old one.
	rollout = map[string]int{"ecs:RegisterTaskDefinition": 1, "ecs:UpdateService": 1}
	// launch is a new version of the launch template, for instances that start from then on.
	launch = map[string]int{"ec2:CreateLaunchTemplateVersion": 1, "ec2:ModifyLaunchTemplate": 1, "autoscaling:UpdateAutoScalingGroup": 1}
	// retag puts tags on whatever takes some, and on what instances start with.
	retag = plus(launch, map[string]int{
		"ec2:CreateTags": 20, "ecs:TagResource": 6, "iam:TagRole": 5, "iam:TagInstanceProfile": 1, "logs:TagResource": 3,
		"servicediscovery:TagResource": 1, "elasticloadbalancing:AddTags": 3, "autoscaling:CreateOrUpdateTags": 1,
	})
	untag = map[string]int{
		"ec2:DeleteTags": 20, "ecs:UntagResource": 6, "iam:UntagRole": 5, "iam:UntagInstanceProfile": 1, "logs:UntagResource": 3,
		"servicediscovery:UntagResource": 1, "elasticloadbalancing:RemoveTags": 3, "autoscaling:DeleteTags": 1,
	}
)

func plus(all ...map[string]int) map[string]int {
	out := map[string]int{}
	for _, m := range all {
		for k, n := range m {
			out[k] += n
		}
	}
	return out
}

// amendments are all edits that a user can make, field by field.
var amendments = []amendment{
	{name: "image tag", fields: []string{"gateway.image.tag"}, to: gateway(v1alpha1.Gateway{Image: &v1alpha1.Image{Tag: "2.17.0"}}), calls: rollout},
	{name: "image tag back to the default", from: gateway(v1alpha1.Gateway{Image: &v1alpha1.Image{Tag: "2.17.0"}}), to: set(func(s *spec) { s.Gateway = nil }), calls: rollout},
	{name: "image repository", fields: []string{"gateway.image.repository"}, to: gateway(v1alpha1.Gateway{Image: &v1alpha1.Image{Repository: "ghcr.io/portkey/gateway"}}), calls: rollout},
	{name: "port", fields: []string{"gateway.port"}, to: gateway(v1alpha1.Gateway{Port: 9000}),
		calls: plus(rollout, map[string]int{"ec2:AuthorizeSecurityGroupIngress": 1, "ec2:RevokeSecurityGroupIngress": 1})},
	{name: "replicas set", fields: []string{"gateway.replicas"}, to: gateway(v1alpha1.Gateway{Replicas: &three}), calls: map[string]int{"ecs:UpdateService": 1}},
	{name: "replicas raised", from: gateway(v1alpha1.Gateway{Replicas: &two}), to: gateway(v1alpha1.Gateway{Replicas: &three}), calls: map[string]int{"ecs:UpdateService": 1}},
	{name: "replicas lowered", from: gateway(v1alpha1.Gateway{Replicas: &three}), to: gateway(v1alpha1.Gateway{Replicas: &two}), calls: map[string]int{"ecs:UpdateService": 1}},
	{name: "replicas unset", from: gateway(v1alpha1.Gateway{Replicas: &two}), to: set(func(s *spec) { s.Gateway = nil }), history: "whoever scales next begins at the number there is"},
	{name: "autoscaling on", fields: []string{"gateway.autoscaling.minReplicas", "gateway.autoscaling.maxReplicas", "gateway.autoscaling.targetCPUPercent", "gateway.autoscaling.targetMemoryPercent"},
		to: gateway(v1alpha1.Gateway{Autoscaling: scaling(1, 3)}), calls: map[string]int{"application-autoscaling:RegisterScalableTarget": 1, "application-autoscaling:PutScalingPolicy": 2}},
	{name: "autoscaling bounds", from: gateway(v1alpha1.Gateway{Autoscaling: scaling(1, 3)}), to: gateway(v1alpha1.Gateway{Autoscaling: scaling(2, 4)}),
		calls: map[string]int{"application-autoscaling:RegisterScalableTarget": 1}},
	{name: "autoscaling cooldowns", fields: []string{"gateway.autoscaling.scaleInCooldown", "gateway.autoscaling.scaleOutCooldown"},
		from: gateway(v1alpha1.Gateway{Autoscaling: scaling(1, 3)}), to: gateway(v1alpha1.Gateway{Autoscaling: cooled(scaling(1, 3))}),
		calls: map[string]int{"application-autoscaling:PutScalingPolicy": 2}},
	{name: "autoscaling off", from: gateway(v1alpha1.Gateway{Autoscaling: scaling(1, 3)}), to: gateway(v1alpha1.Gateway{}),
		calls: map[string]int{"application-autoscaling:DeregisterScalableTarget": 1}},
	{name: "cpu", fields: []string{"gateway.resources.cpu"}, to: gateway(v1alpha1.Gateway{Resources: size("500m", "2Gi")}), calls: rollout},
	{name: "memory", fields: []string{"gateway.resources.memory"}, to: gateway(v1alpha1.Gateway{Resources: size("1", "3Gi")}), calls: rollout},
	{name: "env added", fields: []string{"gateway.env"}, to: gateway(v1alpha1.Gateway{Env: map[string]v1alpha1.EnvValue{"LOG_LEVEL": "debug"}}), calls: rollout},
	{name: "env changed", from: gateway(v1alpha1.Gateway{Env: map[string]v1alpha1.EnvValue{"LOG_LEVEL": "debug"}}),
		to: gateway(v1alpha1.Gateway{Env: map[string]v1alpha1.EnvValue{"LOG_LEVEL": "info"}}), calls: rollout},
	{name: "env removed", from: gateway(v1alpha1.Gateway{Env: map[string]v1alpha1.EnvValue{"LOG_LEVEL": "debug"}}), to: gateway(v1alpha1.Gateway{}), calls: rollout},
	{name: "policies attached", fields: []string{"gateway.taskRole.policyARNs"},
		to:    gateway(v1alpha1.Gateway{TaskRole: &v1alpha1.TaskRole{PolicyARNs: []string{sessions, "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"}}}),
		calls: map[string]int{"iam:AttachRolePolicy": 2}},
	{name: "policy detached", from: gateway(v1alpha1.Gateway{TaskRole: &v1alpha1.TaskRole{PolicyARNs: []string{sessions}}}), to: gateway(v1alpha1.Gateway{}),
		calls: map[string]int{"iam:DetachRolePolicy": 1}},
	{name: "exec enabled", fields: []string{"gateway.enableExec"}, to: gateway(v1alpha1.Gateway{EnableExec: true}), calls: map[string]int{"iam:PutRolePolicy": 1, "ecs:UpdateService": 1}},
	{name: "exec disabled", from: gateway(v1alpha1.Gateway{EnableExec: true}), to: gateway(v1alpha1.Gateway{}), calls: map[string]int{"iam:DeleteRolePolicy": 1, "ecs:UpdateService": 1}},
	{name: "log retention", fields: []string{"gateway.logRetentionDays"}, to: gateway(v1alpha1.Gateway{LogRetentionDays: 30}), calls: map[string]int{"logs:PutRetentionPolicy": 1}},
	{name: "stop timeout", fields: []string{"gateway.stopTimeout"}, to: gateway(v1alpha1.Gateway{StopTimeout: seconds(90)}), calls: rollout},
	{name: "circuit breaker off", fields: []string{"gateway.rollout.circuitBreaker.enabled"},
		to: gateway(v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{CircuitBreaker: &v1alpha1.CircuitBreaker{Enabled: &no}}}), calls: map[string]int{"ecs:UpdateService": 1}},
	{name: "rollback off", fields: []string{"gateway.rollout.circuitBreaker.rollback"},
		to: gateway(v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{CircuitBreaker: &v1alpha1.CircuitBreaker{Enabled: &yes, Rollback: &no}}}), calls: map[string]int{"ecs:UpdateService": 1}},
	{name: "circuit breaker's threshold", fields: []string{"gateway.rollout.circuitBreaker.threshold.type", "gateway.rollout.circuitBreaker.threshold.value"},
		to: gateway(v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{CircuitBreaker: &v1alpha1.CircuitBreaker{Threshold: threshold(v1alpha1.ThresholdCount, 5)}}}), calls: map[string]int{"ecs:UpdateService": 1}},
	{name: "circuit breaker's threshold as it is anyway", to: gateway(v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{CircuitBreaker: &v1alpha1.CircuitBreaker{Threshold: threshold(v1alpha1.ThresholdBoundedPercent, 50)}}})},
	{name: "circuit breaker adds up", fields: []string{"gateway.rollout.circuitBreaker.resetOnHealthyTask"},
		to: gateway(v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{CircuitBreaker: &v1alpha1.CircuitBreaker{ResetOnHealthyTask: &no}}}), calls: map[string]int{"ecs:UpdateService": 1}},
	{name: "alarms set", fields: []string{"gateway.rollout.alarms"}, to: watching(v1alpha1.Rollout{Alarms: []string{"gateway-5xx", "gateway-latency"}}), calls: map[string]int{"ecs:UpdateService": 1}},
	{name: "alarms removed", from: watching(v1alpha1.Rollout{Alarms: []string{"gateway-5xx"}}), to: gateway(v1alpha1.Gateway{}), calls: map[string]int{"ecs:UpdateService": 1},
		history: "ECS shows alarms that are switched off"},
	{name: "pause added", fields: []string{"gateway.rollout.hooks"}, from: application(*held()), to: gateway(v1alpha1.Gateway{Rollout: held(pausing())}),
		calls: map[string]int{"ecs:UpdateService": 1}, unbalanced: true},
	{name: "function added", from: application(*held(pausing())), to: gateway(v1alpha1.Gateway{Rollout: held(pausing(), asking("verdict", ""))}),
		calls: map[string]int{"iam:CreateRole": 1, "iam:PutRolePolicy": 1, "ecs:UpdateService": 1}, unbalanced: true},
	{name: "another function", from: application(*held(asking("verdict", ""))), to: gateway(v1alpha1.Gateway{Rollout: held(asking("other", ""))}),
		calls: map[string]int{"iam:CreateRole": 1, "iam:PutRolePolicy": 1, "ecs:UpdateService": 1, "iam:DeleteRolePolicy": 1, "iam:DeleteRole": 1}, unbalanced: true},
	{name: "a role of the user's for a function", from: application(*held(asking("verdict", ""))), to: gateway(v1alpha1.Gateway{Rollout: held(asking("verdict", "arn:aws:iam::"+emulator.Account+":role/hooks"))}),
		calls: map[string]int{"ecs:UpdateService": 1, "iam:DeleteRolePolicy": 1, "iam:DeleteRole": 1}, unbalanced: true},
	{name: "probe added", from: application(*held()), to: probed(v1alpha1.HTTPProbe{}),
		calls: map[string]int{
			"logs:CreateLogGroup": 1, "logs:PutRetentionPolicy": 1, "iam:CreateRole": 2, "iam:PutRolePolicy": 3, "ec2:CreateSecurityGroup": 1,
			"ec2:AuthorizeSecurityGroupEgress": 1, "ec2:RevokeSecurityGroupEgress": 1, "ec2:AuthorizeSecurityGroupIngress": 1,
			"lambda:CreateFunction": 1, "ecs:UpdateService": 1,
		}, unbalanced: true},
	{name: "another path to probe", from: probed(v1alpha1.HTTPProbe{}), to: probed(v1alpha1.HTTPProbe{Path: "/v1/models", ExpectedStatus: 401}),
		calls: map[string]int{
			"lambda:CreateFunction": 1, "iam:CreateRole": 1, "iam:PutRolePolicy": 1, "ecs:UpdateService": 1,
			"lambda:DeleteFunction": 1, "iam:DeleteRolePolicy": 1, "iam:DeleteRole": 1,
		}, unbalanced: true},
	{name: "hooks removed", from: application(*held(pausing(), asking("verdict", ""))), to: gateway(v1alpha1.Gateway{Rollout: held()}),
		calls: map[string]int{"ecs:UpdateService": 1, "iam:DeleteRolePolicy": 1, "iam:DeleteRole": 1}, unbalanced: true},
	{name: "secrets no longer followed", fields: []string{"gateway.rollout.restartOnSecretChange"},
		to: gateway(v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{RestartOnSecretChange: &no}}), calls: map[string]int{}, history: "the tag with the versions stays on the revision"},
	{name: "secrets followed again", from: gateway(v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{RestartOnSecretChange: &no}}),
		to: gateway(v1alpha1.Gateway{}), calls: map[string]int{"ecs:TagResource": 1}},
	{name: "bake time", fields: []string{"gateway.rollout.bakeTime"}, to: gateway(v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{BakeTime: seconds(300)}}), calls: map[string]int{"ecs:UpdateService": 1}},
	{name: "approved image", fields: []string{"gateway.rollout.approvedImage"}, to: gateway(v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{ApprovedImage: "portkeyai/gateway_enterprise:2.16.0"}})},
	{name: "strategy", fields: []string{"gateway.rollout.strategy"}, to: gateway(v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{Strategy: v1alpha1.RolloutBlueGreen}}),
		calls: map[string]int{
			"ecs:UpdateService": 2, "elasticloadbalancing:CreateTargetGroup": 1, "elasticloadbalancing:ModifyTargetGroupAttributes": 1,
			"elasticloadbalancing:CreateListener": 1, "ec2:AuthorizeSecurityGroupIngress": 1, "iam:CreateRole": 1, "iam:AttachRolePolicy": 1,
		},
		history: "which of two target groups serves depends on how often traffic was shifted"},
	{name: "canary", fields: []string{"gateway.rollout.canary.percent", "gateway.rollout.canary.bakeTime"}, from: application(v1alpha1.Rollout{Strategy: v1alpha1.RolloutCanary}),
		to:    gateway(v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{Strategy: v1alpha1.RolloutCanary, Canary: &v1alpha1.Canary{Percent: 25, BakeTime: seconds(600)}}}),
		calls: map[string]int{"ecs:UpdateService": 1}, unbalanced: true},
	{name: "linear", fields: []string{"gateway.rollout.linear.stepPercent", "gateway.rollout.linear.stepBakeTime"}, from: application(v1alpha1.Rollout{Strategy: v1alpha1.RolloutLinear,
		Linear: &v1alpha1.Linear{StepPercent: 50, StepBakeTime: seconds(60)}}),
		to:    gateway(v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{Strategy: v1alpha1.RolloutLinear, Linear: &v1alpha1.Linear{StepPercent: 40, StepBakeTime: seconds(120)}}}),
		calls: map[string]int{"ecs:UpdateService": 1}, unbalanced: true},
	{name: "zone rebalancing off", fields: []string{"gateway.availabilityZoneRebalancing"}, to: gateway(v1alpha1.Gateway{AvailabilityZoneRebalancing: v1alpha1.AZRebalancingDisabled}),
		calls: map[string]int{"ecs:UpdateService": 1}},

	{name: "organisations set", fields: []string{"organisations"}, to: set(func(s *spec) { s.Organisations = []string{"a", "b"} }), calls: rollout},
	{name: "organisations unset", from: set(func(s *spec) { s.Organisations = []string{"a"} }), to: set(func(s *spec) { s.Organisations = nil }), calls: rollout},
	// The old secret stays readable until the rollout is through.
	{name: "license", fields: []string{"credentials.license.secretARN"}, to: func(h *harness.Harness, s *spec) {
		s.Credentials.License.SecretARN = addSecret(h, "portkey/other-license", `{"PORTKEY_CLIENT_AUTH":"x","ORGANISATIONS_TO_SYNC":"y"}`)
	}, calls: plus(rollout, map[string]int{"iam:PutRolePolicy": 2})},
	{name: "registry", fields: []string{"credentials.registry.secretARN"}, to: func(h *harness.Harness, s *spec) {
		s.Credentials.Registry.SecretARN = addSecret(h, "portkey/other-registry", `{"username":"x","password":"y"}`)
	}, calls: plus(rollout, map[string]int{"iam:PutRolePolicy": 2})},
	{name: "license and registry from Secrets", fields: []string{"credentials.license.secretRef.name", "credentials.registry.secretRef.name"}, to: fromSecrets,
		calls: plus(rollout, map[string]int{"secretsmanager:CreateSecret": 2, "iam:PutRolePolicy": 2})},
	{name: "license and registry from ARNs again", from: fromSecrets, to: func(h *harness.Harness, s *spec) { s.Credentials = h.Minimal("gw").Spec.Credentials },
		calls: plus(rollout, map[string]int{"secretsmanager:DeleteSecret": 2, "iam:PutRolePolicy": 2})},
	{name: "another Secret", from: fromSecrets, to: func(h *harness.Harness, s *spec) {
		h.WriteSecret("other", map[string]string{"PORTKEY_CLIENT_AUTH": "other", "ORGANISATIONS_TO_SYNC": "org-1"})
		s.Credentials.License = v1alpha1.SecretSource{SecretRef: ref("other")}
	}, calls: plus(rollout, map[string]int{"secretsmanager:PutSecretValue": 1})},
	{name: "another Secret with the same data", from: fromSecrets, to: func(h *harness.Harness, s *spec) {
		h.WriteSecret("other", map[string]string{"PORTKEY_CLIENT_AUTH": "license-1", "ORGANISATIONS_TO_SYNC": "org-1"})
		s.Credentials.License = v1alpha1.SecretSource{SecretRef: ref("other")}
	}},
	// Versions that there are can be decrypted with either key, so that no task is replaced.
	// https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_update-encryption-key.html
	{name: "a key of one's own", fields: []string{"secrets.kmsKeyARN"}, from: fromSecrets, to: encrypted,
		calls: map[string]int{"secretsmanager:UpdateSecret": 2, "iam:PutRolePolicy": 1}},
	{name: "AWS's key again", from: func(h *harness.Harness, s *spec) {
		fromSecrets(h, s)
		encrypted(h, s)
	}, to: set(func(s *spec) { s.Secrets = nil }), calls: map[string]int{"secretsmanager:UpdateSecret": 2, "iam:DeleteRolePolicy": 1}},
	{name: "log bucket", fields: []string{"storage.logBucket"}, to: func(h *harness.Harness, s *spec) { s.Storage.LogBucket = addBucket(h, "us-east-1", "other-logs") },
		calls: plus(rollout, map[string]int{"iam:PutRolePolicy": 2})},
	{name: "log bucket in another region", fields: []string{"storage.region"}, to: func(h *harness.Harness, s *spec) {
		s.Storage = v1alpha1.Storage{LogBucket: addBucket(h, "eu-west-1", "far-logs"), Region: "eu-west-1"}
	}, calls: plus(rollout, map[string]int{"iam:PutRolePolicy": 2})},

	{name: "instance type", fields: []string{"capacity.ec2.instanceType"}, to: ec2Capacity(v1alpha1.EC2Capacity{InstanceType: "t4g.large"}), calls: launch},
	{name: "instance type after an image release", from: func(h *harness.Harness, _ *spec) {}, to: func(h *harness.Harness, s *spec) {
		locked(h, h.Emulator.SSM.ReleaseAMI)
		s.Capacity = &v1alpha1.Capacity{EC2: &v1alpha1.EC2Capacity{InstanceType: "t4g.large"}}
	}, calls: launch, history: "the image stays that of the day of creation"},
	{name: "instance type of another architecture", to: ec2Capacity(v1alpha1.EC2Capacity{InstanceType: "m7i.large"}), uncached: true, calls: plus(rollout, rollout, map[string]int{
		"ec2:CreateLaunchTemplate": 1, "autoscaling:CreateAutoScalingGroup": 1, "ecs:CreateCapacityProvider": 1, "ecs:PutClusterCapacityProviders": 2, "autoscaling:UpdateAutoScalingGroup": 2,
		"ecs:DeleteCapacityProvider": 1, "autoscaling:DeleteAutoScalingGroup": 1, "ec2:DeleteLaunchTemplate": 1})},
	{name: "container insights", fields: []string{"cluster.containerInsights"}, to: set(func(s *spec) { s.Cluster = &v1alpha1.Cluster{ContainerInsights: v1alpha1.ContainerInsightsEnhanced} }),
		calls: map[string]int{"ecs:UpdateCluster": 1}},
	{name: "minimal size", fields: []string{"capacity.ec2.minSize"}, to: ec2Capacity(v1alpha1.EC2Capacity{MinSize: &two}), calls: map[string]int{"autoscaling:UpdateAutoScalingGroup": 1}},
	{name: "maximal size", fields: []string{"capacity.ec2.maxSize"}, to: ec2Capacity(v1alpha1.EC2Capacity{MaxSize: 5}), calls: map[string]int{"autoscaling:UpdateAutoScalingGroup": 1}},
	{name: "initial size", fields: []string{"capacity.ec2.initialSize"}, to: ec2Capacity(v1alpha1.EC2Capacity{InitialSize: &three})},
	{name: "target percent", fields: []string{"capacity.ec2.targetPercent"}, to: ec2Capacity(v1alpha1.EC2Capacity{TargetPercent: 80}), calls: map[string]int{"ecs:UpdateCapacityProvider": 1}},
	{name: "machine image", fields: []string{"capacity.ec2.ami.id"}, to: ec2Capacity(v1alpha1.EC2Capacity{AMI: &v1alpha1.AMI{ID: ownImage}}),
		from: func(h *harness.Harness, _ *spec) { addImage(h) }, calls: launch},
	{name: "machine image back to the recommended one", from: func(h *harness.Harness, s *spec) {
		addImage(h)
		s.Capacity = &v1alpha1.Capacity{EC2: &v1alpha1.EC2Capacity{AMI: &v1alpha1.AMI{ID: ownImage}}}
	}, to: set(func(s *spec) { s.Capacity = nil }), calls: launch},

	{name: "redis image", fields: []string{"cache.builtIn.image.tag"}, to: redis(v1alpha1.BuiltInCache{Image: &v1alpha1.Image{Tag: "8-alpine"}}), calls: rollout, uncached: true},
	{name: "redis repository", fields: []string{"cache.builtIn.image.repository"}, to: redis(v1alpha1.BuiltInCache{Image: &v1alpha1.Image{Repository: "public.ecr.aws/docker/library/redis"}}),
		calls: rollout, uncached: true},
	{name: "redis size", fields: []string{"cache.builtIn.resources.cpu", "cache.builtIn.resources.memory"}, to: redis(v1alpha1.BuiltInCache{Resources: size("500m", "1Gi")}),
		calls: rollout, uncached: true},

	{name: "allowed ranges", fields: []string{"loadBalancer.allowedCIDRs"}, to: balancer(v1alpha1.LoadBalancer{AllowedCIDRs: []string{"10.0.0.0/8", "192.168.0.0/16"}}),
		calls: map[string]int{"ec2:AuthorizeSecurityGroupIngress": 1, "ec2:RevokeSecurityGroupIngress": 1}},
	{name: "control plane by PrivateLink", fields: []string{"controlPlane.outbound.type"}, to: func(h *harness.Harness, s *spec) { unasked(h); privately(s) },
		calls: plus(rollout, map[string]int{"ec2:CreateSecurityGroup": 1, "ec2:AuthorizeSecurityGroupIngress": 1, "ec2:CreateTags": 1, "ec2:CreateVpcEndpoint": 1, "ec2:ModifyVpcEndpoint": 1})},
	{name: "another name of the control plane", fields: []string{"controlPlane.outbound.privateLink.host"}, from: func(h *harness.Harness, s *spec) { unasked(h); privately(s) },
		to: set(out(v1alpha1.Outbound{Type: v1alpha1.OutboundPrivateLink, PrivateLink: &v1alpha1.OutboundEndpoint{Host: "cp.example.com"}})), calls: rollout},
	{name: "another control plane by PrivateLink", fields: []string{"controlPlane.outbound.privateLink.serviceName"}, to: func(h *harness.Harness, s *spec) {
		other := otherControlPlane(h)
		out(v1alpha1.Outbound{Type: v1alpha1.OutboundPrivateLink, PrivateLink: &v1alpha1.OutboundEndpoint{ServiceName: other, Host: "cp.example.com"}})(s)
	}, calls: plus(rollout, map[string]int{"ec2:CreateSecurityGroup": 1, "ec2:AuthorizeSecurityGroupIngress": 1, "ec2:CreateTags": 1, "ec2:CreateVpcEndpoint": 1, "ec2:ModifyVpcEndpoint": 1})},
	{name: "control plane over the internet again", from: func(h *harness.Harness, s *spec) { unasked(h); privately(s) }, to: set(func(s *spec) { s.ControlPlane = nil }),
		calls: plus(rollout, map[string]int{"ec2:RevokeSecurityGroupIngress": 1, "ec2:RevokeSecurityGroupEgress": 1, "ec2:DeleteSecurityGroup": 1, "ec2:DeleteVpcEndpoints": 1})},
	{name: "control plane let in", fields: []string{"controlPlane.inbound.type"}, from: letIn(v1alpha1.Inbound{}), to: letIn(v1alpha1.Inbound{Type: v1alpha1.InboundAllowList}),
		calls: map[string]int{"ec2:AuthorizeSecurityGroupIngress": 1}},
	{name: "another control plane let in", fields: []string{"controlPlane.inbound.allowList.cidrs"}, from: letIn(v1alpha1.Inbound{Type: v1alpha1.InboundAllowList}),
		to:    letIn(v1alpha1.Inbound{Type: v1alpha1.InboundAllowList, AllowList: &v1alpha1.InboundAllowedList{CIDRs: []string{"198.51.100.0/24"}}}),
		calls: map[string]int{"ec2:AuthorizeSecurityGroupIngress": 1, "ec2:RevokeSecurityGroupIngress": 1}},
	{name: "control plane no longer let in", from: letIn(v1alpha1.Inbound{Type: v1alpha1.InboundAllowList}), to: letIn(v1alpha1.Inbound{Type: v1alpha1.InboundNone}),
		calls: map[string]int{"ec2:RevokeSecurityGroupIngress": 1}},
	{name: "PrivateLink on", fields: []string{"controlPlane.inbound.type"}, to: linked(v1alpha1.InboundEndpointService{}), calls: map[string]int{
		"elasticloadbalancing:SetSecurityGroups": 1, "elasticloadbalancing:ModifyLoadBalancerAttributes": 1,
		"ec2:CreateVpcEndpointServiceConfiguration": 1, "ec2:ModifyVpcEndpointServicePermissions": 1}},
	{name: "PrivateLink off", from: linked(v1alpha1.InboundEndpointService{}), to: set(func(s *spec) { s.ControlPlane = nil }),
		calls:   map[string]int{"elasticloadbalancing:SetSecurityGroups": 1, "ec2:DeleteVpcEndpointServiceConfigurations": 1},
		history: "the load balancer goes on to balance across zones"},
	{name: "other principals", fields: []string{"controlPlane.inbound.privateLink.allowedPrincipals", "controlPlane.inbound.privateLink.acceptance"},
		from: linked(v1alpha1.InboundEndpointService{}), to: linked(v1alpha1.InboundEndpointService{Acceptance: v1alpha1.AcceptManually, AllowedPrincipals: []string{"arn:aws:iam::" + otherAccount + ":root"}}),
		calls: map[string]int{"ec2:ModifyVpcEndpointServicePermissions": 2, "ec2:CreateTags": 1}},
	{name: "from other regions", fields: []string{"controlPlane.inbound.privateLink.supportedRegions"}, from: linked(v1alpha1.InboundEndpointService{SupportedRegions: []string{"eu-west-1"}}),
		to: linked(v1alpha1.InboundEndpointService{SupportedRegions: []string{"us-west-2"}}), calls: map[string]int{"ec2:ModifyVpcEndpointServiceConfiguration": 1}},
	{name: "deletion protection on", fields: []string{"loadBalancer.deletionProtection"}, to: balancer(v1alpha1.LoadBalancer{DeletionProtection: true}),
		calls: map[string]int{"elasticloadbalancing:ModifyLoadBalancerAttributes": 1}},
	{name: "deletion protection off", from: balancer(v1alpha1.LoadBalancer{DeletionProtection: true}), to: balancer(v1alpha1.LoadBalancer{}),
		calls: map[string]int{"elasticloadbalancing:ModifyLoadBalancerAttributes": 1}},
	{name: "deregistration delay", fields: []string{"loadBalancer.deregistrationDelay"}, to: balancer(v1alpha1.LoadBalancer{DeregistrationDelay: seconds(120)}),
		calls: map[string]int{"elasticloadbalancing:ModifyTargetGroupAttributes": 1}},
	{name: "load balancer removed", to: set(func(s *spec) { s.LoadBalancer = nil }), unbalanced: true, calls: map[string]int{
		"ecs:UpdateService": 1, "ec2:RevokeSecurityGroupIngress": 2, "ec2:RevokeSecurityGroupEgress": 1, "ec2:DeleteSecurityGroup": 1,
		"elasticloadbalancing:DeleteListener": 1, "elasticloadbalancing:DeleteLoadBalancer": 1, "elasticloadbalancing:DeleteTargetGroup": 1}},
	{name: "load balancer added", from: set(func(s *spec) { s.LoadBalancer = nil }), to: balancer(v1alpha1.LoadBalancer{}), unbalanced: true, calls: map[string]int{
		"ec2:CreateSecurityGroup": 1, "ec2:AuthorizeSecurityGroupIngress": 2, "ec2:CreateTags": 1, "ecs:UpdateService": 1,
		"elasticloadbalancing:CreateLoadBalancer": 1, "elasticloadbalancing:CreateTargetGroup": 1,
		"elasticloadbalancing:ModifyTargetGroupAttributes": 1, "elasticloadbalancing:CreateListener": 1}},

	{name: "tag added", fields: []string{"tags"}, to: tags(map[string]v1alpha1.TagValue{"team": "ai"}), calls: retag},
	{name: "tag changed", from: tags(map[string]v1alpha1.TagValue{"team": "ai"}), to: tags(map[string]v1alpha1.TagValue{"team": "web"}), calls: retag},
	{name: "tag removed", from: tags(map[string]v1alpha1.TagValue{"team": "ai"}), to: tags(nil), calls: plus(launch, untag)},

	{name: "account", fields: []string{"accountID"}, to: set(func(s *spec) { s.AccountID = emulator.Account })},
	{name: "observe", fields: []string{"managementPolicy"}, to: set(func(s *spec) { s.ManagementPolicy = v1alpha1.ManagementObserve })},
	{name: "retain", fields: []string{"deletionPolicy"}, to: set(func(s *spec) { s.DeletionPolicy = v1alpha1.DeletionRetain })},
	{name: "sync interval", fields: []string{"syncInterval"}, to: set(func(s *spec) { s.SyncInterval = seconds(60) })},
}

const (
	sessions = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
	ownImage = "ami-0123456789abcdef0"
)

func locked(h *harness.Harness, f func()) {
	h.Emulator.World.Lock()
	defer h.Emulator.World.Unlock()
	f()
}

// fromSecrets takes the credentials from Kubernetes Secrets.
func fromSecrets(h *harness.Harness, s *spec) { s.Credentials = referring(h).Spec.Credentials }

// encrypted has the secrets encrypted with a key of the user's.
func encrypted(h *harness.Harness, s *spec) {
	locked(h, func() {
		s.Secrets = &v1alpha1.Secrets{KMSKeyARN: h.Emulator.KMS.Add(home, emulator.KeyID)}
	})
}

func addSecret(h *harness.Harness, name, value string) (arn string) {
	locked(h, func() {
		arn = h.Emulator.SecretsManager.Add(core.Scope{Account: emulator.Account, Region: "us-east-1"}, name, value)
	})
	return arn
}

func addBucket(h *harness.Harness, region, name string) string {
	locked(h, func() { h.Emulator.S3.Add(core.Scope{Account: emulator.Account, Region: region}, name, "") })
	return name
}

func addImage(h *harness.Harness) {
	locked(h, func() {
		h.Emulator.EC2.AddImage(core.Scope{Account: emulator.Account, Region: "us-east-1"}, ownImage, "own-ecs-image", "arm64")
	})
}

// applied lists the calls that changed something: what AWS refuses, as the deletion of a security group
// that a load balancer's last address still has, is asked for again.
func applied(calls []core.CallRecord) []string {
	return mutations(slices.DeleteFunc(calls, func(c core.CallRecord) bool { return c.Error != "" }))
}

// counted is how often each action was called.
func counted(calls []string) map[string]int {
	out := map[string]int{}
	for _, c := range calls {
		out[c]++
	}
	return out
}

// differs lists the actions whose counts differ.
func differs(have, want map[string]int) map[string][2]int {
	out := map[string][2]int{}
	for k := range maps.Keys(plus(have, want)) {
		if have[k] != want[k] {
			out[k] = [2]int{have[k], want[k]}
		}
	}
	return out
}
