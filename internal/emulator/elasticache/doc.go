// Package elasticache emulates Amazon ElastiCache for Valkey and Redis OSS: replication groups with
// their nodes, serverless caches, subnet and parameter groups, users and user groups, as
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/Welcome.html documents them.
//
// Memcached, caches outside a replication group, snapshots, global datastores, log delivery,
// Outposts, IPv6 and data tiering aren't served: requests that ask for them are refused.
package elasticache
