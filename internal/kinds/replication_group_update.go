package kinds

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	cachetypes "github.com/aws/aws-sdk-go-v2/service/elasticache/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// Update takes one step: every modification but one of tags makes the group unavailable for others until
// it is done. Its endpoint serves all the while. The steps are in an order in which none depends on a later
// one: there are replicas before failover is turned on, and it is off before the last replica goes.
func (k ReplicationGroup) Update(ctx context.Context, call graph.Call, spec ReplicationGroupSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	w, have := world(call), raw[replicationGroup](live)
	if err := retagARN(ctx, call, sdk.ToString(have.ARN), have.Tags); err != nil {
		return live, err
	}
	have.Tags = retagged(call.Tags, have.Tags)

	failover := touches(changes, "automaticFailover", "multiAZ")
	switch {
	case touches(changes, "engineVersion", "nodeType", "parameterGroup", "securityGroups", "transitEncryption"):
		return k.modify(ctx, call, have, have.nodes(spec, changes))
	case touches(changes, "password", "userGroup"):
		return k.access(ctx, call, spec, have)
	case failover && spec.Replicas == 0:
		return k.modify(ctx, call, have, failoverOf(spec))
	case touches(changes, "shards"):
		in := &elasticache.ModifyReplicationGroupShardConfigurationInput{ReplicationGroupId: have.ReplicationGroupId, NodeGroupCount: number(spec.Shards), ApplyImmediately: sdk.Bool(true)}
		if spec.Shards < len(have.NodeGroups) {
			in.NodeGroupsToRemove = have.shardsToRemove(spec.Shards)
		}
		out, err := w.Cache.ModifyReplicationGroupShardConfiguration(ctx, in)
		if err != nil {
			return live, err
		}
		return have.become(call, out.ReplicationGroup), nil
	case touches(changes, "replicas") && spec.Replicas > have.replicas():
		out, err := w.Cache.IncreaseReplicaCount(ctx, &elasticache.IncreaseReplicaCountInput{ReplicationGroupId: have.ReplicationGroupId, NewReplicaCount: number(spec.Replicas), ApplyImmediately: sdk.Bool(true)})
		if err != nil {
			return live, err
		}
		return have.become(call, out.ReplicationGroup), nil
	case touches(changes, "replicas"):
		out, err := w.Cache.DecreaseReplicaCount(ctx, &elasticache.DecreaseReplicaCountInput{ReplicationGroupId: have.ReplicationGroupId, NewReplicaCount: number(spec.Replicas), ApplyImmediately: sdk.Bool(true)})
		if err != nil {
			return live, err
		}
		return have.become(call, out.ReplicationGroup), nil
	case failover:
		return k.modify(ctx, call, have, failoverOf(spec))
	}
	return have.live(call), nil
}

// nodes are the settings of the nodes that differ, all in one request.
func (g replicationGroup) nodes(spec ReplicationGroupSpec, changes []graph.Change) *elasticache.ModifyReplicationGroupInput {
	in := &elasticache.ModifyReplicationGroupInput{}
	if touches(changes, "engineVersion") {
		in.EngineVersion = &spec.EngineVersion
		if sdk.ToString(g.Engine) != spec.Engine {
			in.Engine = &spec.Engine
		}
	}
	if touches(changes, "engineVersion", "parameterGroup") {
		in.CacheParameterGroupName = sdk.String(spec.ParameterGroup.String())
	}
	if touches(changes, "nodeType") {
		in.CacheNodeType = &spec.NodeType
	}
	if touches(changes, "securityGroups") {
		in.SecurityGroupIds = graph.Strings(spec.SecurityGroups)
	}
	if touches(changes, "transitEncryption") {
		in.TransitEncryptionMode = cachetypes.TransitEncryptionModeRequired
		if !sdk.ToBool(g.TransitEncryptionEnabled) {
			// First both ways are open, then only the encrypted one.
			in.TransitEncryptionEnabled, in.TransitEncryptionMode = sdk.Bool(true), cachetypes.TransitEncryptionModePreferred
		}
	}
	return in
}

func failoverOf(spec ReplicationGroupSpec) *elasticache.ModifyReplicationGroupInput {
	return &elasticache.ModifyReplicationGroupInput{AutomaticFailoverEnabled: sdk.Bool(spec.failover()), MultiAZEnabled: sdk.Bool(spec.MultiAZ)}
}

func (ReplicationGroup) modify(ctx context.Context, call graph.Call, have replicationGroup, in *elasticache.ModifyReplicationGroupInput) (graph.Live, error) {
	in.ReplicationGroupId, in.ApplyImmediately = have.ReplicationGroupId, sdk.Bool(true)
	out, err := world(call).Cache.ModifyReplicationGroup(ctx, in)
	if err != nil {
		return have.live(call), err
	}
	if in.SecurityGroupIds != nil {
		have.SecurityGroups = in.SecurityGroupIds
	}
	return have.become(call, out.ReplicationGroup), nil
}

// become is the group as a modification left it. Where AWS did it on the spot, or takes a moment to show
// that it is at work, another look tells what there is still to do.
func (g replicationGroup) become(call graph.Call, after *cachetypes.ReplicationGroup) graph.Live {
	g.ReplicationGroup = *after
	l := g.live(call)
	if l.Phase == graph.Ready {
		l.Phase, l.Why, l.Recheck = graph.Pending, "was just modified", settling
	}
	return l
}

// access changes how clients prove who they are. A new password is rotated in beside the old one, which
// goes after a while; users and password exclude each other.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html
func (k ReplicationGroup) access(ctx context.Context, call graph.Call, spec ReplicationGroupSpec, have replicationGroup) (graph.Live, error) {
	in := &elasticache.ModifyReplicationGroupInput{}
	if !spec.UserGroup.IsZero() {
		in.UserGroupIdsToAdd, in.UserGroupIdsToRemove = without([]string{spec.UserGroup.String()}, have.UserGroupIds), without(have.UserGroupIds, []string{spec.UserGroup.String()})
		if sdk.ToBool(have.AuthTokenEnabled) {
			in.AuthTokenUpdateStrategy = cachetypes.AuthTokenUpdateStrategyTypeDelete
		}
		return k.modify(ctx, call, have, in)
	}
	is := parsePasswordVersion(have.Tags[TagPassword])
	version, strategy := "", cachetypes.AuthTokenUpdateStrategyTypeRotate
	next := passwordVersion{Since: call.Now}
	switch {
	case len(have.UserGroupIds) > 0:
		in.RemoveUserGroups, strategy, next = sdk.Bool(true), cachetypes.AuthTokenUpdateStrategyTypeSet, passwordVersion{}
	case sdk.ToBool(have.AuthTokenEnabled) && !is.Since.IsZero():
		// Two are valid: the newer one is set before another can be rotated in.
		version, strategy, next = is.ID, cachetypes.AuthTokenUpdateStrategyTypeSet, passwordVersion{}
	}
	value, id, err := password(ctx, world(call), spec.Password.String(), version)
	if err != nil {
		return have.live(call), err
	}
	in.AuthToken, in.AuthTokenUpdateStrategy, next.ID = &value, strategy, id
	adopted := sdk.ToBool(have.AuthTokenEnabled) && is.ID == ""
	if adopted {
		next.Since = call.Now.Add(-2 * tokenOverlap) // nobody knows what it was: the secret's value is set right after it is rotated in
	}
	// A group that is being modified takes no tags, so the version is noted first. Where the modification
	// doesn't follow, the time of the last one tells.
	noted := call
	noted.Tags = merged(call.Tags, map[string]string{TagPassword: next.String()})
	if err := retagARN(ctx, noted, sdk.ToString(have.ARN), have.Tags); err != nil {
		return have.live(call), err
	}
	before := have.Tags
	have.Tags = retagged(noted.Tags, have.Tags)
	live, err := k.modify(ctx, call, have, in)
	if err != nil {
		noted.Tags = merged(call.Tags, map[string]string{TagPassword: before[TagPassword]})
		_ = retagARN(ctx, noted, sdk.ToString(have.ARN), have.Tags) // the modification's error is the one to tell
	}
	return live, err
}
