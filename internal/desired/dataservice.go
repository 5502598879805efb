package desired

import (
	"fmt"
	"maps"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// dataService is what the gateway uses of the data service: nothing, when there is none.
type dataService struct {
	env map[string]graph.Value
	// ready is published when a client that starts now finds the data service.
	ready []graph.Ref
	// since is when it was created: clients deployed before don't find it.
	since []graph.Value
}

// dataService adds the data service. It and the gateway call each other: it is deployed first, and once more when
// the gateway exists (see peersOfDataService).
func (b *builder) dataService(net network, capacity capacity, namespace graph.Value, groups securityGroups, cache cache, out outbound) dataService {
	spec := b.spec.DataService
	if spec == nil {
		return dataService{}
	}
	storage := b.spec.Storage
	env := b.environment(dataServiceService, map[string]graph.Value{
		"SERVICE_NAME": graph.Lit(dataServiceService), "ANALYTICS_STORE": graph.Lit("control_plane"), "LOG_STORE": graph.Lit("s3_assume"),
		"HYBRID_DEPLOYMENT": graph.Lit("ON"),
	}, spec.Env, spec.SecretEnv, cache)
	maps.Copy(env.plain, map[string]graph.Value{
		"PORT":               graph.Lit(fmt.Sprint(v1alpha1.DataServicePort)),
		"LOG_EXPORTS_BUCKET": graph.Lit(storage.ExportBucket), "FINETUNES_BUCKET": graph.Lit(storage.FineTuneBucket),
		"AWS_S3_FINETUNE_BUCKET": graph.Lit(storage.FineTuneBucket),
		"GATEWAY_BASE_URL":       graph.Lit(b.gatewayURL()),
	})
	maps.Copy(env.plain, out.env)
	maps.Copy(env.plain, out.data)
	inline := taskPolicies(cache, b.bucketPolicy("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"), spec.EnableExec)
	known, copies := b.versions(env)
	desired, initial := b.counts(dataServiceService, spec.Replicas, spec.Autoscaling)
	s := b.service(serviceParams{
		name: dataServiceService, area: v1alpha1.ConditionServicesReady, image: *spec.Image, resources: *spec.Resources, logDays: int(spec.LogRetentionDays),
		roles: b.taskRoles(dataServiceService, spec.TaskRole.PolicyARNs, inline, env.secrets),
		env:   env.plain, secrets: env.secret, versions: known, copies: copies, registry: b.registry().arn,
		ports:  []kinds.Port{{Name: dataServiceService, Port: v1alpha1.DataServicePort}},
		health: wget(v1alpha1.DataServicePort, "/health"), startPeriod: startSeconds, stopTimeout: spec.StopTimeout.Duration,
		network: net, capacity: capacity, namespace: namespace, group: groups.dataService,
		desired: desired, initial: initial, rollout: rolling(breakerOf(spec.Rollout.CircuitBreaker)), rebalancing: rebalancing(spec.AvailabilityZoneRebalancing),
		exec: spec.EnableExec, after: slices.Concat(cache.ready, b.stored(), b.copies(dataServiceService), out.ready), peersSince: cache.since,
	})
	b.scale(dataServiceService, s, capacity, spec.Autoscaling, routing{})
	return dataService{
		env:   map[string]graph.Value{"DATASERVICE_BASEPATH": graph.Lit(fmt.Sprintf("http://%s:%d", dataServiceService, v1alpha1.DataServicePort))},
		ready: []graph.Ref{{Node: s.ID, Attr: "deployed"}}, since: []graph.Value{graph.Out(s.ID, "created")},
	}
}

// gatewayURL is where the data service reaches the gateway's tasks: their first port's name.
func (b *builder) gatewayURL() string {
	port := b.ports()[0]
	return fmt.Sprintf("http://%s:%d", port.Name, port.Port)
}

// peersOfDataService deploys the data service once more when the gateway came after it.
func (b *builder) peersOfDataService(capacity capacity) {
	if b.spec.DataService == nil {
		return
	}
	add(b, v1alpha1.ConditionServicesReady, "service-peers/"+dataServiceService, "", kinds.ServicePeers{}, kinds.ServicePeersSpec{
		Cluster: capacity.cluster, Service: graph.Out("service/"+dataServiceService, "name"), Peers: b.peers(),
		Since: []graph.Value{graph.Out("service/"+gatewayService, "created")},
	})
}
