package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/elasticache"
)

// ElastiCache is what the operator calls of Amazon ElastiCache.
type ElastiCache interface {
	CreateCacheSubnetGroup(context.Context, *elasticache.CreateCacheSubnetGroupInput, ...func(*elasticache.Options)) (*elasticache.CreateCacheSubnetGroupOutput, error)
	DescribeCacheSubnetGroups(context.Context, *elasticache.DescribeCacheSubnetGroupsInput, ...func(*elasticache.Options)) (*elasticache.DescribeCacheSubnetGroupsOutput, error)
	ModifyCacheSubnetGroup(context.Context, *elasticache.ModifyCacheSubnetGroupInput, ...func(*elasticache.Options)) (*elasticache.ModifyCacheSubnetGroupOutput, error)
	DeleteCacheSubnetGroup(context.Context, *elasticache.DeleteCacheSubnetGroupInput, ...func(*elasticache.Options)) (*elasticache.DeleteCacheSubnetGroupOutput, error)
	CreateCacheParameterGroup(context.Context, *elasticache.CreateCacheParameterGroupInput, ...func(*elasticache.Options)) (*elasticache.CreateCacheParameterGroupOutput, error)
	DescribeCacheParameterGroups(context.Context, *elasticache.DescribeCacheParameterGroupsInput, ...func(*elasticache.Options)) (*elasticache.DescribeCacheParameterGroupsOutput, error)
	DescribeCacheParameters(context.Context, *elasticache.DescribeCacheParametersInput, ...func(*elasticache.Options)) (*elasticache.DescribeCacheParametersOutput, error)
	ModifyCacheParameterGroup(context.Context, *elasticache.ModifyCacheParameterGroupInput, ...func(*elasticache.Options)) (*elasticache.ModifyCacheParameterGroupOutput, error)
	DeleteCacheParameterGroup(context.Context, *elasticache.DeleteCacheParameterGroupInput, ...func(*elasticache.Options)) (*elasticache.DeleteCacheParameterGroupOutput, error)
	CreateReplicationGroup(context.Context, *elasticache.CreateReplicationGroupInput, ...func(*elasticache.Options)) (*elasticache.CreateReplicationGroupOutput, error)
	DescribeReplicationGroups(context.Context, *elasticache.DescribeReplicationGroupsInput, ...func(*elasticache.Options)) (*elasticache.DescribeReplicationGroupsOutput, error)
	DescribeCacheClusters(context.Context, *elasticache.DescribeCacheClustersInput, ...func(*elasticache.Options)) (*elasticache.DescribeCacheClustersOutput, error)
	ModifyReplicationGroup(context.Context, *elasticache.ModifyReplicationGroupInput, ...func(*elasticache.Options)) (*elasticache.ModifyReplicationGroupOutput, error)
	IncreaseReplicaCount(context.Context, *elasticache.IncreaseReplicaCountInput, ...func(*elasticache.Options)) (*elasticache.IncreaseReplicaCountOutput, error)
	DecreaseReplicaCount(context.Context, *elasticache.DecreaseReplicaCountInput, ...func(*elasticache.Options)) (*elasticache.DecreaseReplicaCountOutput, error)
	ModifyReplicationGroupShardConfiguration(context.Context, *elasticache.ModifyReplicationGroupShardConfigurationInput, ...func(*elasticache.Options)) (*elasticache.ModifyReplicationGroupShardConfigurationOutput, error)
	DeleteReplicationGroup(context.Context, *elasticache.DeleteReplicationGroupInput, ...func(*elasticache.Options)) (*elasticache.DeleteReplicationGroupOutput, error)
	CreateServerlessCache(context.Context, *elasticache.CreateServerlessCacheInput, ...func(*elasticache.Options)) (*elasticache.CreateServerlessCacheOutput, error)
	DescribeServerlessCaches(context.Context, *elasticache.DescribeServerlessCachesInput, ...func(*elasticache.Options)) (*elasticache.DescribeServerlessCachesOutput, error)
	ModifyServerlessCache(context.Context, *elasticache.ModifyServerlessCacheInput, ...func(*elasticache.Options)) (*elasticache.ModifyServerlessCacheOutput, error)
	DeleteServerlessCache(context.Context, *elasticache.DeleteServerlessCacheInput, ...func(*elasticache.Options)) (*elasticache.DeleteServerlessCacheOutput, error)
	CreateUser(context.Context, *elasticache.CreateUserInput, ...func(*elasticache.Options)) (*elasticache.CreateUserOutput, error)
	DescribeUsers(context.Context, *elasticache.DescribeUsersInput, ...func(*elasticache.Options)) (*elasticache.DescribeUsersOutput, error)
	ModifyUser(context.Context, *elasticache.ModifyUserInput, ...func(*elasticache.Options)) (*elasticache.ModifyUserOutput, error)
	DeleteUser(context.Context, *elasticache.DeleteUserInput, ...func(*elasticache.Options)) (*elasticache.DeleteUserOutput, error)
	CreateUserGroup(context.Context, *elasticache.CreateUserGroupInput, ...func(*elasticache.Options)) (*elasticache.CreateUserGroupOutput, error)
	DescribeUserGroups(context.Context, *elasticache.DescribeUserGroupsInput, ...func(*elasticache.Options)) (*elasticache.DescribeUserGroupsOutput, error)
	ModifyUserGroup(context.Context, *elasticache.ModifyUserGroupInput, ...func(*elasticache.Options)) (*elasticache.ModifyUserGroupOutput, error)
	DeleteUserGroup(context.Context, *elasticache.DeleteUserGroupInput, ...func(*elasticache.Options)) (*elasticache.DeleteUserGroupOutput, error)
	AddTagsToResource(context.Context, *elasticache.AddTagsToResourceInput, ...func(*elasticache.Options)) (*elasticache.AddTagsToResourceOutput, error)
	RemoveTagsFromResource(context.Context, *elasticache.RemoveTagsFromResourceInput, ...func(*elasticache.Options)) (*elasticache.RemoveTagsFromResourceOutput, error)
	ListTagsForResource(context.Context, *elasticache.ListTagsForResourceInput, ...func(*elasticache.Options)) (*elasticache.ListTagsForResourceOutput, error)
}
