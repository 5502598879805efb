package ecs

import (
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/autoscaling"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/iam"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/lambda"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/servicediscovery"
)

// Deps are the other services that Amazon ECS calls.
type Deps struct {
	EC2         EC2
	IAM         IAM
	ELB         ELB
	AutoScaling AutoScaling
	Logs        Logs
	CloudMap    CloudMap
	Secrets     Secrets
	// Cache is nil where nobody has a cache.
	Cache Cache
	// Functions is nil where nobody has a function.
	Functions Functions
}

// Functions are what lifecycle hooks call.
type Functions interface {
	Exists(functionARN string) bool
	Invoke(functionARN string) (lambda.Call, error)
}

// Cache tells about caches that tasks connect to.
type Cache interface {
	HasEndpoint(scope core.Scope, host string) bool
	Reaches(scope core.Scope, fromInterfaceID, host string, port int) bool
}

// EC2 gives tasks their network interfaces and tells about container instances.
type EC2 interface {
	Subnet(core.Scope, string) (ec2.SubnetInfo, bool)
	SecurityGroup(core.Scope, string) (ec2.SecurityGroupInfo, bool)
	CreateInterface(core.Scope, ec2.InterfaceParams) (ec2.Interface, error)
	DeleteInterface(scope core.Scope, id string)
	Reachable(scope core.Scope, fromInterfaceID, toInterfaceID string, port int) bool
	Instance(core.Scope, string) (ec2.Instance, bool)
	OnInstanceState(func(scope core.Scope, instanceID, state string))
	DefaultSecurityGroup(scope core.Scope, vpcID string) (id string, ok bool)
}

// IAM tells what roles may do.
type IAM interface {
	Role(account, nameOrARN string) (iam.RoleInfo, bool)
	CanAssume(account, roleARN, principalService string, now time.Time) bool
	InstanceProfile(account, nameOrARN string) (iam.ProfileInfo, bool)
	Allows(account, roleARN, action, resource string) bool
	Authorize(account, roleARN, action, resource string, context map[string]string) iam.Decision
	EnsureServiceLinkedRole(account, awsServiceName string)
}

// ELB takes tasks as targets.
type ELB interface {
	TargetGroup(core.Scope, string) (elbv2.TargetGroupInfo, bool)
	Register(scope core.Scope, targetGroupARN, ip string, port int, zone string) error
	Deregister(scope core.Scope, targetGroupARN, ip string, port int)
	TargetState(scope core.Scope, targetGroupARN, ip string, port int) (state, reason string)
	RuleForwards(scope core.Scope, ruleOrListenerARN string) map[string]int
	SetForwards(scope core.Scope, ruleOrListenerARN string, groups map[string]int) error
	SetProber(func(scope core.Scope, ip string, port int) (up bool))
}

// AutoScaling is scaled by capacity providers.
type AutoScaling interface {
	Group(core.Scope, string) (autoscaling.GroupInfo, bool)
	SetDesired(scope core.Scope, name string, n int) error
	OnInstanceInService(func(scope core.Scope, group, instanceID string))
	OnTerminating(func(scope core.Scope, group, instanceID string))
	SetProtection(scope core.Scope, group, instanceID string, protected bool)
	SetTag(scope core.Scope, group, key, value string, propagate bool) error
	PutTerminationHook(scope core.Scope, group, hook string, heartbeatSeconds int) error
	RemoveHook(scope core.Scope, group, hook string)
	CompleteHook(scope core.Scope, group, hook, instanceID string) bool
}

// Logs holds the log groups of awslogs.
type Logs interface {
	GroupExists(scope core.Scope, name string) bool
	Write(scope core.Scope, group, stream, message string) bool
}

// CloudMap holds the namespaces of Service Connect.
type CloudMap interface {
	Namespace(core.Scope, string) (servicediscovery.NamespaceInfo, bool)
	CreateService(scope core.Scope, namespaceID, name string) (id string)
	ServiceByName(scope core.Scope, namespaceID, name string) (id string, ok bool)
	ServiceARN(scope core.Scope, id string) string
	DeleteService(scope core.Scope, id string)
	RegisterInstance(scope core.Scope, serviceID, instanceID string, attributes map[string]string)
	DeregisterInstance(scope core.Scope, serviceID, instanceID string)
}

// Secrets holds what task definitions refer to.
type Secrets interface {
	Value(scope core.Scope, arnOrName string) (value string, ok bool)
	Decrypts(scope core.Scope, arnOrName string, may func(keyARN string) bool) (problem string)
}
