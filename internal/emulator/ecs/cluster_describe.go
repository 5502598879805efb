package ecs

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

var allClusterFields = types.ClusterField("").Values()

// describeClusters reports unknown clusters as failures; an empty list asks for "default".
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeClusters.html
func (s *Service) describeClusters(r *core.Request, in *api.DescribeClustersInput) (*api.DescribeClustersOutput, error) {
	names := in.Clusters
	if len(names) == 0 {
		names = []string{"default"}
	}
	if len(names) > 100 {
		return nil, invalid("Clusters can have at most 100 items.")
	}
	out := &api.DescribeClustersOutput{Clusters: []types.Cluster{}, Failures: []types.Failure{}}
	for _, n := range names {
		c := s.region(r.Scope).anyCluster(&n)
		if c == nil || !s.world.Visible(c.created) {
			arn := n
			if _, _, ok := arnParts(n); !ok {
				arn = r.ARN("ecs", "cluster/"+n)
			}
			out.Failures = append(out.Failures, failure(arn, "MISSING"))
			continue
		}
		out.Clusters = append(out.Clusters, *s.clusterView(c, in.Include))
	}
	return out, nil
}

// listClusters lists the ARNs of clusters that aren't INACTIVE.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListClusters.html
func (s *Service) listClusters(r *core.Request, in *api.ListClustersInput) (*api.ListClustersOutput, error) {
	arns := []string{}
	for _, c := range sorted(s.region(r.Scope).clusters) {
		if c.status != statusInactive && s.world.Visible(c.created) {
			arns = append(arns, c.arn)
		}
	}
	out, next, err := page(s, arns, func(a string) string { return a }, in.NextToken, in.MaxResults, 100)
	if err != nil {
		return nil, err
	}
	return &api.ListClustersOutput{ClusterArns: out, NextToken: next}, nil
}

// clusterView is a cluster as it is described; some parts only come when included.
func (s *Service) clusterView(c *cluster, include []types.ClusterField) *types.Cluster {
	out := &types.Cluster{
		ClusterName: aws.String(c.name), ClusterArn: aws.String(c.arn), Status: aws.String(c.status),
		CapacityProviders: append([]string{}, c.providers...), DefaultCapacityProviderStrategy: append([]types.CapacityProviderStrategyItem{}, c.strategy...),
		Settings: []types.ClusterSetting{}, Statistics: []types.KeyValuePair{}, Tags: []types.Tag{},
		RegisteredContainerInstancesCount: int32(len(c.instances)),
	}
	byLaunch := map[string]int{}
	for _, v := range c.services {
		if v.status == statusActive {
			out.ActiveServicesCount++
			byLaunch["active"+v.computeKind()+"ServiceCount"]++
		}
	}
	for _, t := range c.tasks {
		kind := "EC2"
		if t.onFargate {
			kind = "Fargate"
		}
		switch t.lastStatus {
		case stateRunning:
			out.RunningTasksCount++
			byLaunch["running"+kind+"TasksCount"]++
		case stateProvisioning, statePending, stateActivating:
			out.PendingTasksCount++
			byLaunch["pending"+kind+"TasksCount"]++
		}
	}
	if c.namespaceARN != "" {
		out.ServiceConnectDefaults = &types.ClusterServiceConnectDefaults{Namespace: aws.String(c.namespaceARN)}
	}
	for _, f := range include {
		switch f {
		case types.ClusterFieldSettings:
			out.Settings = []types.ClusterSetting{{Name: types.ClusterSettingNameContainerInsights, Value: aws.String(c.insights)}}
		case types.ClusterFieldConfigurations:
			out.Configuration = c.configuration
		case types.ClusterFieldTags:
			out.Tags = tagList(c.tags)
		case types.ClusterFieldAttachments:
			out.Attachments = s.attachmentViews(c)
			if c.attachmentsStatus != "" {
				out.AttachmentsStatus = aws.String(c.attachmentsStatus)
			}
		case types.ClusterFieldStatistics:
			for _, n := range []string{"runningEC2TasksCount", "runningFargateTasksCount", "pendingEC2TasksCount", "pendingFargateTasksCount", "activeEC2ServiceCount", "activeFargateServiceCount", "drainingEC2ServiceCount", "drainingFargateServiceCount"} {
				out.Statistics = append(out.Statistics, types.KeyValuePair{Name: aws.String(n), Value: aws.String(strconv.Itoa(byLaunch[n]))})
			}
		}
	}
	return out
}

// attachmentViews are the resources that managed scaling and draining made for the cluster.
func (s *Service) attachmentViews(c *cluster) []types.Attachment {
	out := []types.Attachment{}
	for _, name := range c.providers {
		p := c.reg.providers[name]
		if p == nil {
			continue
		}
		status := "CREATED"
		if c.attachmentsStatus == attachmentsInProgress {
			status = "PRECREATED"
		}
		details := []types.KeyValuePair{{Name: aws.String("capacityProviderName"), Value: aws.String(name)}}
		if p.scaling().Status == types.ManagedScalingStatusEnabled {
			out = append(out, types.Attachment{Id: aws.String(c.attachments[name]), Type: aws.String("managed_scaling"), Status: aws.String(status),
				Details: append(details, types.KeyValuePair{Name: aws.String("scalingPolicyName"), Value: aws.String("ECSManagedAutoScalingPolicy-" + c.attachments[name])})})
		}
		if p.asg.ManagedDraining == types.ManagedDrainingEnabled {
			out = append(out, types.Attachment{Id: aws.String(c.attachments[name]), Type: aws.String("managed_draining"), Status: aws.String(status),
				Details: append(details, types.KeyValuePair{Name: aws.String("autoScalingLifecycleHookName"), Value: aws.String(drainingHook)})})
		}
	}
	return out
}
