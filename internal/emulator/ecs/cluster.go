package ecs

import (
	"encoding/json"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

const (
	statusActive   = "ACTIVE"
	statusDraining = "DRAINING"
	statusInactive = "INACTIVE"
)

// cluster is a cluster with all that lives in it. Deleted ones stay, INACTIVE, until their name is
// used again.
type cluster struct {
	reg               *region
	name, arn, status string
	insights          string
	configuration     *types.ClusterConfiguration
	namespaceARN      string
	tags              map[string]string
	created           time.Time
	request           string // what it was created with, to tell repeated requests

	providers         []string
	strategy          []types.CapacityProviderStrategyItem
	attachmentsStatus string
	attachments       map[string]string // attachment id by capacity provider

	services  map[string]*service
	tasks     map[string]*task
	instances map[string]*containerInstance
}

// createCluster is idempotent by name; a repeated request with other arguments is refused. The
// first one makes the service-linked role.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html
func (s *Service) createCluster(r *core.Request, in *api.CreateClusterInput) (*api.CreateClusterOutput, error) {
	name := "default"
	if in.ClusterName != nil {
		name = *in.ClusterName
	}
	if !namePattern.MatchString(name) {
		return nil, invalid("Cluster name %q must have 1 to 255 letters, digits, hyphens and underscores.", name)
	}
	tags, err := tagMap(in.Tags)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	reg := s.region(r.Scope)
	if c := reg.clusters[name]; c != nil && c.status != statusInactive {
		if c.request != string(raw) {
			return nil, invalid("Arguments on this idempotent request are inconsistent with arguments used in previous request(s).")
		}
		return &api.CreateClusterOutput{Cluster: s.clusterView(c, allClusterFields)}, nil
	}
	c := &cluster{
		reg: reg, name: name, arn: r.ARN("ecs", "cluster/"+name), status: statusActive, tags: tags, created: r.Now(), request: string(raw),
		insights: onOff(reg.setting(accountDefault, types.SettingNameContainerInsights)),
		services: map[string]*service{}, tasks: map[string]*task{}, instances: map[string]*containerInstance{}, attachments: map[string]string{},
	}
	if err := s.applyClusterSettings(c, in.Settings, in.Configuration, namespaceOf(in.ServiceConnectDefaults)); err != nil {
		return nil, err
	}
	if len(in.CapacityProviders)+len(in.DefaultCapacityProviderStrategy) > 0 {
		if err := s.checkStrategy(reg, in.CapacityProviders, in.DefaultCapacityProviderStrategy); err != nil {
			return nil, err
		}
	}
	s.deps.IAM.EnsureServiceLinkedRole(r.Account, "ecs.amazonaws.com")
	reg.clusters[name] = c
	if len(in.CapacityProviders) > 0 {
		s.attach(c, in.CapacityProviders, in.DefaultCapacityProviderStrategy)
	}
	return &api.CreateClusterOutput{Cluster: s.clusterView(c, allClusterFields)}, nil
}

// onOff maps the older values of account settings to a cluster's.
func onOff(v string) string {
	switch v {
	case "on":
		return "enabled"
	case "off":
		return "disabled"
	}
	return v
}

func namespaceOf(d *types.ClusterServiceConnectDefaultsRequest) *string {
	if d == nil {
		return nil
	}
	return aws.String(aws.ToString(d.Namespace))
}

// applyClusterSettings sets what is given, after it is all checked.
func (s *Service) applyClusterSettings(c *cluster, settings []types.ClusterSetting, configuration *types.ClusterConfiguration, namespace *string) error {
	insights, ns := c.insights, c.namespaceARN
	for _, set := range settings {
		insights = aws.ToString(set.Value)
		if set.Name != types.ClusterSettingNameContainerInsights || !has([]string{"enabled", "enhanced", "disabled"}, insights) {
			return invalid("Invalid cluster setting: %s must be enabled, enhanced or disabled, got %q.", set.Name, insights)
		}
	}
	if configuration != nil {
		if configuration.ManagedStorageConfiguration != nil {
			return unsupported("managedStorageConfiguration")
		}
		if e := configuration.ExecuteCommandConfiguration; e != nil {
			if (e.Logging == types.ExecuteCommandLoggingOverride) != (e.LogConfiguration != nil) {
				return invalid("A log configuration must be specified with the OVERRIDE logging option, and only with it.")
			}
		}
	}
	if namespace != nil {
		ns = ""
		if *namespace != "" {
			info, ok := s.deps.CloudMap.Namespace(c.reg.Scope, *namespace)
			if !ok && strings.HasPrefix(*namespace, "arn:") {
				return core.Errorf("NamespaceNotFoundException", "The specified namespace %s wasn't found.", *namespace)
			}
			if !ok {
				// AWS makes an HTTP namespace of that name.
				return unsupported("serviceConnectDefaults with a namespace that doesn't exist")
			}
			ns = info.ARN
		}
	}
	c.insights, c.namespaceARN = insights, ns
	if configuration != nil {
		c.configuration = configuration
	}
	return nil
}

// updateCluster changes settings, ECS Exec and Service Connect defaults.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateCluster.html
func (s *Service) updateCluster(r *core.Request, in *api.UpdateClusterInput) (*api.UpdateClusterOutput, error) {
	c, err := s.region(r.Scope).cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if err := s.applyClusterSettings(c, in.Settings, in.Configuration, namespaceOf(in.ServiceConnectDefaults)); err != nil {
		return nil, err
	}
	return &api.UpdateClusterOutput{Cluster: s.clusterView(c, allClusterFields)}, nil
}

// updateClusterSettings changes settings only.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateClusterSettings.html
func (s *Service) updateClusterSettings(r *core.Request, in *api.UpdateClusterSettingsInput) (*api.UpdateClusterSettingsOutput, error) {
	c, err := s.region(r.Scope).cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if len(in.Settings) == 0 {
		return nil, invalid("Settings cannot be empty.")
	}
	if err := s.applyClusterSettings(c, in.Settings, nil, nil); err != nil {
		return nil, err
	}
	return &api.UpdateClusterSettingsOutput{Cluster: s.clusterView(c, allClusterFields)}, nil
}

// deleteCluster refuses while anything lives in the cluster. Afterwards the cluster is INACTIVE
// and can still be described.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCluster.html
func (s *Service) deleteCluster(r *core.Request, in *api.DeleteClusterInput) (*api.DeleteClusterOutput, error) {
	c, err := s.region(r.Scope).cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if c.attachmentsStatus == attachmentsInProgress {
		return nil, core.Errorf("UpdateInProgressException", "The specified cluster is in a busy state. Cluster attachments must be in UPDATE_COMPLETE or UPDATE_FAILED state before they can be updated.")
	}
	for _, v := range c.services {
		if v.status != statusInactive {
			return nil, core.Errorf("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
		}
	}
	if len(c.instances) > 0 {
		return nil, core.Errorf("ClusterContainsContainerInstancesException", "The Cluster cannot be deleted while Container Instances are active or draining.")
	}
	for _, t := range c.tasks {
		if t.lastStatus != stateStopped {
			return nil, core.Errorf("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
		}
	}
	for _, p := range c.providers {
		if !isFargate(p) {
			return nil, core.Errorf("ClusterContainsCapacityProviderException", "The Cluster cannot be deleted while Capacity Providers are associated with it.")
		}
	}
	c.status, c.providers, c.strategy, c.attachmentsStatus = statusInactive, nil, nil, ""
	c.tags = maps.Clone(c.tags)
	return &api.DeleteClusterOutput{Cluster: s.clusterView(c, allClusterFields)}, nil
}
