package elasticache

import "time"

// Delays in world time. AWS publishes none but "a few minutes"; where a figure is another's, its
// comment says whose.
const (
	// creating a replication group takes some ten minutes:
	// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.Create.html speaks of a few,
	// and the acceptance tests of Terraform's provider take ten to fifteen for one.
	creating = 10 * time.Minute
	// modifying its settings: an AUTH token, user groups, a parameter group, failover.
	modifying = 2 * time.Minute
	// replacing its nodes: by another type or version, and adding or removing replicas.
	replacing = 8 * time.Minute
	// resharding moves slots while the group serves.
	resharding = 10 * time.Minute
	// deleting a replication group and its interfaces.
	deleting = 5 * time.Minute
	// serverlessCreating: "you can create a cache in under a minute",
	// https://aws.amazon.com/elasticache/features/
	serverlessCreating  = time.Minute
	serverlessModifying = 30 * time.Second
	serverlessDeleting  = 2 * time.Minute
	// accessChanging is how long users and user groups are modifying or deleting while nothing uses
	// them.
	accessChanging = 10 * time.Second
)
