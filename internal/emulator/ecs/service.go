package ecs

import (
	"cmp"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Service is Amazon ECS.
type Service struct {
	world   *core.World
	deps    Deps
	regions map[core.Scope]*region
	// functions are the answers of functions to lifecycle hooks, hookCalls what they were asked.
	functions map[string][]HookAnswer
	hookCalls []HookCall
	// images are the images that DeclareImage was told of, by repository:tag or by tag.
	images map[string]ImageRule

	onInactive []func(scope core.Scope, cluster, service string)
	bus        Bus
}

// region is the state of one region of one account.
type region struct {
	core.Scope
	clusters  map[string]*cluster           // by name
	providers map[string]*provider          // by name
	families  map[string]*family            // by name
	settings  map[string]string             // account settings, by "principal name"
	tokens    map[string]tokenUse           // client tokens of CreateService
	instances map[string]*containerInstance // container instances, by EC2 instance id
	addresses map[string][]*task            // tasks by IP address
	hosts     map[string]map[*service]bool  // services by the host of a Service Connect endpoint
	alarms    map[string]string             // states of CloudWatch alarms, by name
	seq       int
}

// New returns Amazon ECS without clusters.
func New(w *core.World, deps Deps) *Service {
	s := &Service{world: w, deps: deps}
	s.reset()
	w.OnReset(s.reset)
	w.AddInventory(s.inventory)
	w.AddTagger("ecs", s.tagged)
	deps.EC2.OnInstanceState(s.instanceState)
	deps.AutoScaling.OnInstanceInService(func(scope core.Scope, group, _ string) { s.groupChanged(scope, group) })
	deps.AutoScaling.OnTerminating(s.instanceTerminating)
	deps.ELB.SetProber(s.probe)
	return s
}

func (s *Service) reset() {
	s.regions, s.functions, s.hookCalls = map[core.Scope]*region{}, map[string][]HookAnswer{}, nil
	s.images = map[string]ImageRule{}
}

func (s *Service) region(scope core.Scope) *region {
	r := s.regions[scope]
	if r == nil {
		r = &region{
			Scope: scope, clusters: map[string]*cluster{}, providers: map[string]*provider{}, families: map[string]*family{},
			settings: map[string]string{}, tokens: map[string]tokenUse{}, instances: map[string]*containerInstance{},
			addresses: map[string][]*task{}, hosts: map[string]map[*service]bool{}, alarms: map[string]string{},
		}
		s.regions[scope] = r
	}
	return r
}

func (r *region) next() int { r.seq++; return r.seq }

// sorted lists a map's values in the order of their keys.
func sorted[K cmp.Ordered, V any](m map[K]V) []V {
	out := make([]V, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[k])
	}
	return out
}

// Mux returns the actions.
func (s *Service) Mux() *core.Mux {
	m := &core.Mux{
		Service: "ecs", Protocol: core.JSON11, Namespace: "AmazonEC2ContainerServiceV20141113", LowerCamel: true,
		Throttled: core.Error{Code: "ThrottlingException", Message: "Rate exceeded"}, Bucket: bucket,
	}
	handle(m, "CreateCluster", s.createCluster)
	handle(m, "DescribeClusters", s.describeClusters)
	handle(m, "ListClusters", s.listClusters)
	handle(m, "UpdateCluster", s.updateCluster)
	handle(m, "UpdateClusterSettings", s.updateClusterSettings)
	handle(m, "DeleteCluster", s.deleteCluster)
	handle(m, "PutClusterCapacityProviders", s.putClusterCapacityProviders)
	handle(m, "CreateCapacityProvider", s.createCapacityProvider)
	handle(m, "UpdateCapacityProvider", s.updateCapacityProvider)
	handle(m, "DeleteCapacityProvider", s.deleteCapacityProvider)
	handle(m, "DescribeCapacityProviders", s.describeCapacityProviders)
	handle(m, "RegisterTaskDefinition", s.registerTaskDefinition)
	handle(m, "DescribeTaskDefinition", s.describeTaskDefinition)
	handle(m, "DeregisterTaskDefinition", s.deregisterTaskDefinition)
	handle(m, "DeleteTaskDefinitions", s.deleteTaskDefinitions)
	handle(m, "ListTaskDefinitions", s.listTaskDefinitions)
	handle(m, "ListTaskDefinitionFamilies", s.listTaskDefinitionFamilies)
	handle(m, "CreateService", s.createService)
	handle(m, "UpdateService", s.updateService)
	handle(m, "DeleteService", s.deleteService)
	handle(m, "DescribeServices", s.describeServices)
	handle(m, "ListServices", s.listServices)
	handle(m, "ListServicesByNamespace", s.listServicesByNamespace)
	handle(m, "ListServiceDeployments", s.listServiceDeployments)
	handle(m, "DescribeServiceDeployments", s.describeServiceDeployments)
	handle(m, "DescribeServiceRevisions", s.describeServiceRevisions)
	handle(m, "StopServiceDeployment", s.stopServiceDeployment)
	handle(m, "ContinueServiceDeployment", s.continueServiceDeployment)
	handle(m, "ListTasks", s.listTasks)
	handle(m, "DescribeTasks", s.describeTasks)
	handle(m, "StopTask", s.stopTask)
	handle(m, "ListContainerInstances", s.listContainerInstances)
	handle(m, "DescribeContainerInstances", s.describeContainerInstances)
	handle(m, "DeregisterContainerInstance", s.deregisterContainerInstance)
	handle(m, "UpdateContainerInstancesState", s.updateContainerInstancesState)
	handle(m, "ListAccountSettings", s.listAccountSettings)
	handle(m, "PutAccountSetting", s.putAccountSetting)
	handle(m, "PutAccountSettingDefault", s.putAccountSettingDefault)
	handle(m, "TagResource", s.tagResource)
	handle(m, "UntagResource", s.untagResource)
	handle(m, "ListTagsForResource", s.listTagsForResource)
	return m
}

// failure is how describe calls report what isn't there, with HTTP 200.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
func failure(arn, reason string) types.Failure {
	return types.Failure{Arn: &arn, Reason: &reason}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
