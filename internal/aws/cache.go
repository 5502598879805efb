package aws

import (
	"context"
	"net"
	"strconv"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticache/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// ExistingCache is a cache that somebody else made.
type ExistingCache struct {
	// Name is its ID, ARN its ARN, Status AWS's.
	Name, ARN, Status string
	// Address is host:port of the endpoint that clients start from; empty while there is none.
	Address string
	// Engine is valkey or redis; Version is only known of one that was asked for by its ID.
	Engine, Version string
	// TLS says that clients must encrypt, TLSOptional that they may; ClusterMode how they must talk to it.
	TLS, TLSOptional, ClusterMode bool
	// Token says that it wants an AUTH token, UserGroups whose users it lets in.
	Token      bool
	UserGroups []string
	// SecurityGroups are the ids of its nodes' groups.
	SecurityGroups []string
}

// FindCache reads a replication group by its ID. One that doesn't exist is an error of class NotFound.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeReplicationGroups.html
func FindCache(ctx context.Context, c ElastiCache, id string) (ExistingCache, error) {
	g, err := replicationGroup(ctx, c, id)
	if err != nil {
		return ExistingCache{}, err
	}
	found := existing(g)
	if len(g.MemberClusters) == 0 {
		return found, nil
	}
	// Security groups and version are told of the nodes only.
	nodes, err := c.DescribeCacheClusters(ctx, &elasticache.DescribeCacheClustersInput{CacheClusterId: &g.MemberClusters[0]})
	if err != nil {
		return ExistingCache{}, err
	}
	for _, n := range nodes.CacheClusters {
		found.Version = sdk.ToString(n.EngineVersion)
		for _, s := range n.SecurityGroups {
			found.SecurityGroups = append(found.SecurityGroups, sdk.ToString(s.SecurityGroupId))
		}
	}
	return found, nil
}

// replicationGroup asks for one by its ID: AWS answers it, or an error.
func replicationGroup(ctx context.Context, c ElastiCache, id string) (*types.ReplicationGroup, error) {
	out, err := c.DescribeReplicationGroups(ctx, &elasticache.DescribeReplicationGroupsInput{ReplicationGroupId: &id})
	if err != nil {
		return nil, err
	}
	if len(out.ReplicationGroups) == 0 {
		return nil, &IncompleteError{"ReplicationGroups"}
	}
	return &out.ReplicationGroups[0], nil
}

func existing(g *types.ReplicationGroup) ExistingCache {
	found := ExistingCache{
		Name: sdk.ToString(g.ReplicationGroupId), ARN: sdk.ToString(g.ARN), Status: sdk.ToString(g.Status), Engine: sdk.ToString(g.Engine),
		TLS: sdk.ToBool(g.TransitEncryptionEnabled), TLSOptional: g.TransitEncryptionMode == types.TransitEncryptionModePreferred,
		ClusterMode: sdk.ToBool(g.ClusterEnabled), Token: sdk.ToBool(g.AuthTokenEnabled), UserGroups: g.UserGroupIds,
	}
	endpoint := g.ConfigurationEndpoint
	if endpoint == nil && len(g.NodeGroups) > 0 {
		endpoint = g.NodeGroups[0].PrimaryEndpoint
	}
	if endpoint != nil {
		found.Address = net.JoinHostPort(sdk.ToString(endpoint.Address), strconv.Itoa(int(sdk.ToInt32(endpoint.Port))))
	}
	return found
}

// CacheAt finds the cache of the account and region that has a host among its endpoints; ok is false for
// hosts of others, which nothing can be said about. The host's form names the cache, so that it is asked for
// and no list is read. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Endpoints.html
func CacheAt(ctx context.Context, c ElastiCache, host string) (found ExistingCache, ok bool, err error) {
	host = strings.ToLower(host)
	labels := strings.Split(host, ".")
	if !strings.Contains(host, ".cache.amazonaws.com") || len(labels) < 6 {
		return ExistingCache{}, false, nil
	}
	if labels[1] == "serverless" {
		// name-suffix.serverless.use1.cache.amazonaws.com
		i := strings.LastIndex(labels[0], "-")
		if i < 0 {
			return ExistingCache{}, false, nil
		}
		return serverlessAt(ctx, c, labels[0][:i], host)
	}
	id := labels[0] // without TLS it comes first
	if id == "clustercfg" || id == "master" || id == "replica" {
		id = labels[1]
	}
	g, err := replicationGroup(ctx, c, id)
	if Classify(err).Class == graph.NotFound {
		return ExistingCache{}, false, nil
	}
	if err != nil {
		return ExistingCache{}, false, err
	}
	endpoints := []*types.Endpoint{g.ConfigurationEndpoint}
	for i := range g.NodeGroups {
		endpoints = append(endpoints, g.NodeGroups[i].PrimaryEndpoint, g.NodeGroups[i].ReaderEndpoint)
	}
	return existing(g), named(endpoints, host), nil
}

func serverlessAt(ctx context.Context, c ElastiCache, name, host string) (ExistingCache, bool, error) {
	out, err := c.DescribeServerlessCaches(ctx, &elasticache.DescribeServerlessCachesInput{ServerlessCacheName: &name})
	if Classify(err).Class == graph.NotFound {
		return ExistingCache{}, false, nil
	}
	if err != nil {
		return ExistingCache{}, false, err
	}
	if len(out.ServerlessCaches) == 0 {
		return ExistingCache{}, false, &IncompleteError{"ServerlessCaches"}
	}
	s := &out.ServerlessCaches[0]
	found := ExistingCache{Name: sdk.ToString(s.ServerlessCacheName), ARN: sdk.ToString(s.ARN), Status: sdk.ToString(s.Status), Engine: sdk.ToString(s.Engine),
		TLS: true, ClusterMode: true, SecurityGroups: s.SecurityGroupIds}
	if group := sdk.ToString(s.UserGroupId); group != "" {
		found.UserGroups = []string{group}
	}
	return found, named([]*types.Endpoint{s.Endpoint, s.ReaderEndpoint}, host), nil
}

func named(endpoints []*types.Endpoint, host string) bool {
	for _, e := range endpoints {
		if e != nil && strings.EqualFold(sdk.ToString(e.Address), host) {
			return true
		}
	}
	return false
}
