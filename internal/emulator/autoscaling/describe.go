package autoscaling

import (
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type instanceOut struct {
	InstanceId, InstanceType, AvailabilityZone string
	AvailabilityZoneId                         string `xml:",omitempty"`
	ImageId                                    string `xml:",omitempty"`
	LifecycleState, HealthStatus               string
	LaunchTemplate                             templateSpec
	ProtectedFromScaleIn                       bool
}

func (i *instance) out() instanceOut {
	health := "Healthy"
	if i.Unhealthy {
		health = "Unhealthy"
	}
	return instanceOut{i.ID, i.Type, i.Zone, i.ZoneID, i.ImageID, i.State, health, templateSpec{i.Template.ID, i.Template.Name, i.Template.Version}, i.Protected}
}

type groupOut struct {
	AutoScalingGroupName, AutoScalingGroupARN string
	LaunchTemplate                            templateSpec
	MinSize, MaxSize, DesiredCapacity         int
	DefaultCooldown                           int
	AvailabilityZones                         []string `xml:"AvailabilityZones>member"`
	LoadBalancerNames                         []string `xml:"LoadBalancerNames>member"`
	TargetGroupARNs                           []string `xml:"TargetGroupARNs>member"`
	HealthCheckType                           string
	HealthCheckGracePeriod                    int
	Instances                                 []instanceOut `xml:"Instances>member"`
	CreatedTime                               time.Time
	SuspendedProcesses                        []string `xml:"SuspendedProcesses>member"`
	VPCZoneIdentifier                         string
	EnabledMetrics                            []string `xml:"EnabledMetrics>member"`
	Status                                    string   `xml:",omitempty"`
	Tags                                      []tagOut `xml:"Tags>member"`
	TerminationPolicies                       []string `xml:"TerminationPolicies>member"`
	NewInstancesProtectedFromScaleIn          bool
	ServiceLinkedRoleARN                      string
	CapacityRebalance                         *bool        `xml:",omitempty"`
	DefaultInstanceWarmup                     *int         `xml:",omitempty"`
	InstanceMaintenancePolicy                 *maintenance `xml:",omitempty"`
	TrafficSources                            []string     `xml:"TrafficSources>member"`
	DeletionProtection                        string
	AvailabilityZoneDistribution              zoneDistribution
}

func (s *Service) out(scope core.Scope, g *group) groupOut {
	o := groupOut{AutoScalingGroupName: g.Name, AutoScalingGroupARN: g.ARN,
		LaunchTemplate: templateSpec{g.Template.ID, g.Template.Name, g.Template.Version},
		MinSize:        g.Min, MaxSize: g.Max, DesiredCapacity: g.Desired, DefaultCooldown: g.Cooldown, AvailabilityZones: s.zones(scope, g),
		HealthCheckType: g.HealthCheckType, HealthCheckGracePeriod: g.Grace, CreatedTime: g.Created, VPCZoneIdentifier: strings.Join(g.Subnets, ","),
		Tags: g.listTags(), TerminationPolicies: g.Policies, NewInstancesProtectedFromScaleIn: g.Protected,
		ServiceLinkedRoleARN: "arn:" + scope.Partition() + ":iam::" + scope.Account + ":role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
		CapacityRebalance:    g.Rebalance, DefaultInstanceWarmup: g.Warmup, InstanceMaintenancePolicy: g.Maintenance,
		DeletionProtection: g.DeletionProtection, AvailabilityZoneDistribution: zoneDistribution{"balanced-best-effort"}}
	if g.Deleting {
		o.Status = "Delete in progress"
	}
	for _, i := range g.instances {
		o.Instances = append(o.Instances, i.out())
	}
	return o
}

type filter struct {
	Name   string `q:"Name,required"`
	Values []string
}

type describeGroupsIn struct {
	AutoScalingGroupNames []string
	Filters               []filter
	IncludeInstances      *bool
	MaxRecords            int
	NextToken             string
}

type describeGroupsOut struct {
	AutoScalingGroups []groupOut `xml:"AutoScalingGroups>member"`
	NextToken         string     `xml:",omitempty"`
}

// describeGroups leaves out groups that don't exist.
func (s *Service) describeGroups(r *core.Request, in *describeGroupsIn) (*describeGroupsOut, error) {
	var found []*group
	for _, g := range s.region(r.Scope).groups {
		if len(in.AutoScalingGroupNames) > 0 && !slices.Contains(in.AutoScalingGroupNames, g.Name) && !slices.Contains(in.AutoScalingGroupNames, g.ARN) {
			continue
		}
		ok, err := g.matches(in.Filters)
		if err != nil {
			return nil, err
		}
		if ok && s.world.Visible(g.Created) {
			found = append(found, g)
		}
	}
	page, next, err := paginate(r, found, func(g *group) string { return g.Name }, in.NextToken, in.MaxRecords, 50, 100)
	out := &describeGroupsOut{NextToken: next}
	for _, g := range page {
		o := s.out(r.Scope, g)
		if in.IncludeInstances != nil && !*in.IncludeInstances {
			o.Instances = nil
		}
		out.AutoScalingGroups = append(out.AutoScalingGroups, o)
	}
	return out, err
}

// matches applies the filters of
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Filter.html
func (g *group) matches(filters []filter) (bool, error) {
	for _, f := range filters {
		ok := false
		key, isTag := strings.CutPrefix(f.Name, "tag:")
		switch {
		case isTag:
			v, has := g.Tags[key]
			ok = has && slices.Contains(f.Values, v.Value)
		case f.Name == "tag-key" || f.Name == "tag-value":
			for k, v := range g.Tags {
				ok = ok || (f.Name == "tag-key" && slices.Contains(f.Values, k)) || (f.Name == "tag-value" && slices.Contains(f.Values, v.Value))
			}
		default:
			return false, invalid("Filter type %s is not correct. Allowed Filter types are: tag-key tag-value tag:<key>", f.Name)
		}
		if !ok {
			return false, nil
		}
	}
	return true, nil
}

type describeInstancesIn struct {
	InstanceIds []string
	MaxRecords  int
	NextToken   string
}

type instanceDetails struct {
	AutoScalingGroupName string
	instanceOut
}

type describeInstancesOut struct {
	AutoScalingInstances []instanceDetails `xml:"AutoScalingInstances>member"`
	NextToken            string            `xml:",omitempty"`
}

func (s *Service) describeInstances(r *core.Request, in *describeInstancesIn) (*describeInstancesOut, error) {
	if len(in.InstanceIds) > 50 {
		return nil, invalid("The number of instance ids that may be passed in is limited to 50")
	}
	var all []instanceDetails
	for _, g := range s.region(r.Scope).groups {
		for _, i := range g.instances {
			if len(in.InstanceIds) == 0 || slices.Contains(in.InstanceIds, i.ID) {
				all = append(all, instanceDetails{g.Name, i.out()})
			}
		}
	}
	page, next, err := paginate(r, all, func(d instanceDetails) string { return d.InstanceId }, in.NextToken, in.MaxRecords, 50, 50)
	return &describeInstancesOut{page, next}, err
}
