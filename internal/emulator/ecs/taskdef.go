package ecs

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// family is all revisions of a name. Its counter only grows: no revision is used twice, even when
// all are deleted.
type family struct {
	name      string
	last      int32
	revisions map[int32]*taskDefinition
}

// taskDefinition is one revision, immutable but for its status and tags.
type taskDefinition struct {
	family *family
	rev    int32
	arn    string
	status types.TaskDefinitionStatus
	view   types.TaskDefinition
	tags   map[string]string
}

func (d *taskDefinition) container(name string) *types.ContainerDefinition {
	for i := range d.view.ContainerDefinitions {
		if c := &d.view.ContainerDefinitions[i]; *c.Name == name {
			return c
		}
	}
	return nil
}

// port finds a named port mapping.
func (d *taskDefinition) port(name string) *types.PortMapping {
	for i := range d.view.ContainerDefinitions {
		c := &d.view.ContainerDefinitions[i]
		for j := range c.PortMappings {
			if aws.ToString(c.PortMappings[j].Name) == name {
				return &c.PortMappings[j]
			}
		}
	}
	return nil
}

// registerTaskDefinition makes the next revision of a family.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
func (s *Service) registerTaskDefinition(r *core.Request, in *api.RegisterTaskDefinitionInput) (*api.RegisterTaskDefinitionOutput, error) {
	if err := core.Only(in, "ContainerDefinitions", "Family", "Cpu", "EnableFaultInjection", "EphemeralStorage", "ExecutionRoleArn", "IpcMode",
		"Memory", "NetworkMode", "PidMode", "PlacementConstraints", "RequiresCompatibilities", "RuntimePlatform", "Tags", "TaskRoleArn", "Volumes"); err != nil {
		return nil, err
	}
	if n := len(r.Body); n > maxTaskDefinition {
		return nil, clientError("Actual length: '%d'. Max allowed length is '%d' bytes.", n, maxTaskDefinition)
	}
	tags, err := tagMap(in.Tags)
	if err != nil {
		return nil, err
	}
	if err := checkTaskDefinition(in); err != nil {
		return nil, err
	}
	reg, name := s.region(r.Scope), *in.Family
	f := reg.families[name]
	if f == nil {
		f = &family{name: name, revisions: map[int32]*taskDefinition{}}
		reg.families[name] = f
	}
	f.last++
	d := &taskDefinition{
		family: f, rev: f.last, arn: r.ARN("ecs", "task-definition/"+name+":"+strconv.Itoa(int(f.last))),
		status: types.TaskDefinitionStatusActive, tags: tags,
	}
	d.view = types.TaskDefinition{
		Family: in.Family, Revision: d.rev, TaskDefinitionArn: aws.String(d.arn), Cpu: in.Cpu, Memory: in.Memory, NetworkMode: in.NetworkMode,
		ContainerDefinitions: in.ContainerDefinitions, EphemeralStorage: in.EphemeralStorage, ExecutionRoleArn: in.ExecutionRoleArn, TaskRoleArn: in.TaskRoleArn,
		IpcMode: in.IpcMode, PidMode: in.PidMode, RequiresCompatibilities: in.RequiresCompatibilities, RuntimePlatform: in.RuntimePlatform,
		EnableFaultInjection: in.EnableFaultInjection, Volumes: append([]types.Volume{}, in.Volumes...),
		PlacementConstraints: append([]types.TaskDefinitionPlacementConstraint{}, in.PlacementConstraints...),
		RegisteredAt:         aws.Time(r.Now()), RegisteredBy: aws.String(r.Principal.ARN),
	}
	normalise(&d.view)
	f.revisions[d.rev] = d
	return &api.RegisterTaskDefinitionOutput{TaskDefinition: d.describe(), Tags: tagList(tags)}, nil
}

func (d *taskDefinition) describe() *types.TaskDefinition {
	v := d.view
	v.Status = d.status
	return &v
}

var revisionPattern = regexp.MustCompile(`^([a-zA-Z0-9_-]{1,255}):([0-9]+)$`)

// taskDefinition finds a revision by ARN or family:revision, or a family's latest ACTIVE one.
func (r *region) taskDefinition(ref string) *taskDefinition {
	if scope, parts, ok := arnParts(ref); ok {
		if scope != r.Scope || len(parts) != 2 || parts[0] != "task-definition" {
			return nil
		}
		ref = parts[1]
	}
	if m := revisionPattern.FindStringSubmatch(ref); m != nil {
		n, err := strconv.ParseInt(m[2], 10, 32)
		f := r.families[m[1]]
		if err != nil || f == nil {
			return nil
		}
		return f.revisions[int32(n)]
	}
	f := r.families[ref]
	if f == nil {
		return nil
	}
	for n := f.last; n > 0; n-- {
		if d := f.revisions[n]; d != nil && d.status == types.TaskDefinitionStatusActive {
			return d
		}
	}
	return nil
}

// describeTaskDefinition shows INACTIVE revisions too, when they are named.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html
func (s *Service) describeTaskDefinition(r *core.Request, in *api.DescribeTaskDefinitionInput) (*api.DescribeTaskDefinitionOutput, error) {
	d := s.region(r.Scope).taskDefinition(aws.ToString(in.TaskDefinition))
	if d == nil || !s.world.Visible(*d.view.RegisteredAt) {
		return nil, clientError("Unable to describe task definition.")
	}
	out := &api.DescribeTaskDefinitionOutput{TaskDefinition: d.describe()}
	if has(in.Include, types.TaskDefinitionFieldTags) {
		out.Tags = tagList(d.tags)
	}
	return out, nil
}

// deregisterTaskDefinition makes a revision INACTIVE: what runs goes on and can scale, nothing new
// may refer to it.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html
func (s *Service) deregisterTaskDefinition(r *core.Request, in *api.DeregisterTaskDefinitionInput) (*api.DeregisterTaskDefinitionOutput, error) {
	ref := aws.ToString(in.TaskDefinition)
	if !strings.Contains(ref[strings.LastIndex(ref, "/")+1:], ":") {
		return nil, invalid("A revision must be specified: family:revision or a full ARN.")
	}
	d := s.region(r.Scope).taskDefinition(ref)
	if d == nil {
		return nil, clientError("Unable to describe task definition.")
	}
	if d.status == types.TaskDefinitionStatusActive {
		d.status, d.view.DeregisteredAt = types.TaskDefinitionStatusInactive, aws.Time(r.Now())
	}
	return &api.DeregisterTaskDefinitionOutput{TaskDefinition: d.describe()}, nil
}

// deleteTaskDefinitions takes up to 10 INACTIVE revisions; they are DELETE_IN_PROGRESS while a
// service or task still uses them.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteTaskDefinitions.html
func (s *Service) deleteTaskDefinitions(r *core.Request, in *api.DeleteTaskDefinitionsInput) (*api.DeleteTaskDefinitionsOutput, error) {
	if n := len(in.TaskDefinitions); n == 0 || n > 10 {
		return nil, invalid("taskDefinitions must have 1 to 10 items.")
	}
	reg := s.region(r.Scope)
	out := &api.DeleteTaskDefinitionsOutput{TaskDefinitions: []types.TaskDefinition{}, Failures: []types.Failure{}}
	for _, ref := range in.TaskDefinitions {
		d := reg.taskDefinition(ref)
		switch {
		case d == nil || !strings.Contains(ref[strings.LastIndex(ref, "/")+1:], ":"):
			out.Failures = append(out.Failures, failure(ref, "The specified task definition does not exist. Specify a valid account, family, revision and try again."))
		case d.status == types.TaskDefinitionStatusActive:
			out.Failures = append(out.Failures, failure(d.arn, "The specified task definition is still in ACTIVE status. Please deregister the target and try again."))
		default:
			if d.status == types.TaskDefinitionStatusInactive {
				d.status, d.view.DeleteRequestedAt = types.TaskDefinitionStatusDeleteInProgress, aws.Time(r.Now())
				s.world.Clock.After(forgetDelay, func() { s.forget(reg, d) })
			}
			out.TaskDefinitions = append(out.TaskDefinitions, *d.describe())
		}
	}
	return out, nil
}

// forget removes a deleted revision once nothing uses it.
func (s *Service) forget(reg *region, d *taskDefinition) {
	if !reg.refersTo(d) {
		delete(d.family.revisions, d.rev)
		return
	}
	s.world.Clock.After(max(forgetDelay, time.Minute), func() { s.forget(reg, d) })
}

func (r *region) refersTo(d *taskDefinition) bool {
	for _, c := range r.clusters {
		for _, v := range c.services {
			if v.status != statusInactive && slices.ContainsFunc(v.deployments, func(o *deployment) bool { return o.spec.def == d }) {
				return true
			}
		}
		for _, t := range c.tasks {
			if t.def == d && t.lastStatus != stateStopped {
				return true
			}
		}
	}
	return false
}
