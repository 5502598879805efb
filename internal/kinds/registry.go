package kinds

import "github.com/portkey-ai/portkey-ecs-operator/internal/graph"

// kindMaker makes nodes of one kind that have no spec.
type kindMaker struct {
	name string
	node func(graph.NodeID, string) *graph.Node
}

func of[S any](kind graph.Kind[S]) kindMaker {
	return kindMaker{kind.Name(), func(id graph.NodeID, name string) *graph.Node {
		var none S
		return graph.New(id, name, kind, none)
	}}
}

// registry lists every kind, each after those that its objects may use: what only the inventory or a list
// knows is deleted through it, and what only a list knows in the opposite order. Roles come first: with that of a
// function AWS Lambda takes back the network interfaces which hold its security group long after it is gone.
var registry = []kindMaker{
	of[RoleSpec](Role{}),
	of[InstanceProfileSpec](InstanceProfile{}),
	of[LogGroupSpec](LogGroup{}),
	of[BucketSpec](Bucket{}),
	of[SecretSpec](Secret{}),
	of[MirroredSecretSpec](MirroredSecret{}),
	of[VPCSpec](VPC{}),
	of[VPCDefaultsSpec](VPCDefaults{}),
	of[SubnetSpec](Subnet{}),
	of[InternetGatewaySpec](InternetGateway{}),
	of[ElasticIPSpec](ElasticIP{}),
	of[NATGatewaySpec](NATGateway{}),
	of[RouteTableSpec](RouteTable{}),
	of[SecurityGroupSpec](SecurityGroup{}),
	of[SecurityGroupRulesSpec](SecurityGroupRules{}),
	of[SecurityGroupOpeningSpec](SecurityGroupOpening{}),
	of[VPCEndpointSpec](VPCEndpoint{}),
	of[CacheSubnetGroupSpec](CacheSubnetGroup{}),
	of[CacheParameterGroupSpec](CacheParameterGroup{}),
	of[CacheUserSpec](CacheUser{}),
	of[CacheUserGroupSpec](CacheUserGroup{}),
	of[ReplicationGroupSpec](ReplicationGroup{}),
	of[ServerlessCacheSpec](ServerlessCache{}),
	of[CertificateSpec](Certificate{}),
	of[LoadBalancerSpec](LoadBalancer{}),
	of[TargetGroupSpec](TargetGroup{}),
	of[ListenerSpec](Listener{}),
	of[ListenerRuleSpec](ListenerRule{}),
	of[VPCEndpointServiceSpec](VPCEndpointService{}),
	of[WebACLAssociationSpec](WebACLAssociation{}),
	of[LambdaFunctionSpec](LambdaFunction{}),
	of[HTTPNamespaceSpec](HTTPNamespace{}),
	of[ClusterSpec](Cluster{}),
	of[LaunchTemplateSpec](LaunchTemplate{}),
	of[AutoScalingGroupSpec](AutoScalingGroup{}),
	of[GroupCapacitySpec](GroupCapacity{}),
	of[CapacityProviderSpec](CapacityProvider{}),
	of[ClusterCapacitySpec](ClusterCapacity{}),
	of[TaskDefinitionSpec](TaskDefinition{}),
	of[ServiceSpec](Service{}),
	of[ServicePeersSpec](ServicePeers{}),
	of[ScalableTargetSpec](ScalableTarget{}),
	of[RecordSetSpec](RecordSet{}),
}

// Orphan answers a node without a spec for a recorded object, or nil for a kind that isn't known.
func Orphan(kind string, id graph.NodeID, name string) *graph.Node {
	for _, k := range registry {
		if k.name == kind {
			return k.node(id, name)
		}
	}
	return nil
}

// All answers a node without a spec for each kind: what can list its objects does so through it.
func All() []*graph.Node {
	out := make([]*graph.Node, len(registry))
	for i, k := range registry {
		out[i] = k.node(graph.NodeID("list/"+k.name), "")
	}
	return out
}
