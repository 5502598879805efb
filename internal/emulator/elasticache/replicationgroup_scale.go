package elasticache

import (
	"fmt"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func shardID(n int) string { return fmt.Sprintf("%04d", n) }

// replicaCountIn leaves out the choice of shards and zones: all shards get as many.
type replicaCountIn struct {
	ReplicationGroupId string `q:",required"`
	NewReplicaCount    *int   `q:",required"`
	ApplyImmediately   *bool  `q:",required"`
}

// scalable finds a group whose replicas can be counted anew.
func (s *Service) scalable(q *core.Request, id string, immediately bool) (*replicationGroup, error) {
	if !immediately {
		return nil, invalidValue("ApplyImmediately=False is not currently supported.")
	}
	return s.availableGroup(q, id)
}

// increaseReplicaCount follows
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_IncreaseReplicaCount.html
func (s *Service) increaseReplicaCount(q *core.Request, in *replicaCountIn) (*oneReplicationGroupOut, error) {
	r, err := s.scalable(q, in.ReplicationGroupId, *in.ApplyImmediately)
	if err != nil {
		return nil, err
	}
	switch n := *in.NewReplicaCount; {
	case n == r.replicas():
		return nil, core.Errorf("NoOperationFault", "The operation was not performed because no changes were required.")
	case n < r.replicas():
		return nil, invalidValue("NewReplicaCount must be greater than the present number of replicas, which is %d.", r.replicas())
	case n > maxReplicas:
		return nil, core.Errorf("NodeQuotaForClusterExceeded", "A node group can have at most %d replicas.", maxReplicas)
	}
	for _, sh := range r.shards {
		if err := s.fill(q.Scope, r, sh, 1+*in.NewReplicaCount, nil); err != nil {
			return nil, err
		}
	}
	s.change(r, replacing, nil, nil)
	return &oneReplicationGroupOut{r.out(q.Region)}, nil
}

// decreaseReplicaCount follows
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DecreaseReplicaCount.html
func (s *Service) decreaseReplicaCount(q *core.Request, in *replicaCountIn) (*oneReplicationGroupOut, error) {
	r, err := s.scalable(q, in.ReplicationGroupId, *in.ApplyImmediately)
	if err != nil {
		return nil, err
	}
	n := *in.NewReplicaCount
	switch {
	case n == r.replicas():
		return nil, core.Errorf("NoOperationFault", "The operation was not performed because no changes were required.")
	case n < 0 || n > r.replicas():
		return nil, invalidValue("NewReplicaCount must be less than the present number of replicas, which is %d.", r.replicas())
	}
	next := *r
	if err := next.checkFailover(n); err != nil {
		return nil, err
	}
	s.change(r, replacing, nil, func() {
		for _, sh := range r.shards {
			s.remove(q.Scope, sh.nodes[1+n:])
			sh.nodes = sh.nodes[:1+n]
		}
	})
	return &oneReplicationGroupOut{r.out(q.Region)}, nil
}

type modifyShardsIn struct {
	ReplicationGroupId string   `q:",required"`
	NodeGroupCount     *int     `q:",required"`
	ApplyImmediately   *bool    `q:",required"`
	NodeGroupsToRemove []string `q:",item=NodeGroupToRemove"`
	NodeGroupsToRetain []string `q:",item=NodeGroupToRetain"`
}

// modifyShards follows
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroupShardConfiguration.html
func (s *Service) modifyShards(q *core.Request, in *modifyShardsIn) (*oneReplicationGroupOut, error) {
	r, err := s.scalable(q, in.ReplicationGroupId, *in.ApplyImmediately)
	if err != nil {
		return nil, err
	}
	n := *in.NodeGroupCount
	switch {
	case !r.clustered():
		return nil, invalidCombination("The shard configuration of %s can't be modified, since its cluster mode is disabled.", r.id)
	case n < 1:
		return nil, invalidValue("NodeGroupCount must be at least 1.")
	case n > maxShards:
		return nil, core.Errorf("NodeGroupsPerReplicationGroupQuotaExceeded", "The maximum number of node groups (shards) in a single replication group is %d.", maxShards)
	case n == len(r.shards):
		return nil, invalidValue("NodeGroupCount must differ from the present number of node groups, which is %d.", n)
	case n > len(r.shards):
		return s.addShards(q, r, n, in)
	}
	return s.removeShards(q, r, n, in)
}

func (s *Service) addShards(q *core.Request, r *replicationGroup, n int, in *modifyShardsIn) (*oneReplicationGroupOut, error) {
	if len(in.NodeGroupsToRemove)+len(in.NodeGroupsToRetain) > 0 {
		return nil, invalidCombination("NodeGroupsToRemove and NodeGroupsToRetain can't be given when node groups are added.")
	}
	replicas := r.replicas()
	for id := 1; len(r.shards) < n; id++ {
		if slices.ContainsFunc(r.shards, func(sh *shard) bool { return sh.id == shardID(id) }) {
			continue
		}
		sh := &shard{id: shardID(id)}
		r.shards = append(r.shards, sh)
		if err := s.fill(q.Scope, r, sh, 1+replicas, nil); err != nil {
			s.remove(q.Scope, sh.nodes)
			r.shards = r.shards[:len(r.shards)-1]
			return nil, err
		}
	}
	s.change(r, resharding, &pendingValues{Resharding: &reshardingOut{}}, nil)
	return &oneReplicationGroupOut{r.out(q.Region)}, nil
}

func (s *Service) removeShards(q *core.Request, r *replicationGroup, n int, in *modifyShardsIn) (*oneReplicationGroupOut, error) {
	if (len(in.NodeGroupsToRemove) > 0) == (len(in.NodeGroupsToRetain) > 0) {
		return nil, invalidCombination("Either NodeGroupsToRemove or NodeGroupsToRetain must be given when node groups are removed.")
	}
	var keep, drop []*shard
	for _, sh := range r.shards {
		if slices.Contains(in.NodeGroupsToRemove, sh.id) || len(in.NodeGroupsToRetain) > 0 && !slices.Contains(in.NodeGroupsToRetain, sh.id) {
			drop = append(drop, sh)
		} else {
			keep = append(keep, sh)
		}
	}
	if len(keep) != n {
		return nil, invalidValue("NodeGroupCount is %d, but %d node groups would remain.", n, len(keep))
	}
	s.change(r, resharding, &pendingValues{Resharding: &reshardingOut{}}, func() {
		for _, sh := range drop {
			s.remove(q.Scope, sh.nodes)
		}
		r.shards = keep
	})
	return &oneReplicationGroupOut{r.out(q.Region)}, nil
}
