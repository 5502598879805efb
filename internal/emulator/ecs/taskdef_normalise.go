package ecs

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// normalise fills in what AWS fills in: a description never equals the request. Environment and
// secrets come back in another order too; AWS promises none.
func normalise(d *types.TaskDefinition) {
	for i := range d.ContainerDefinitions {
		c := &d.ContainerDefinitions[i]
		if c.Essential == nil {
			c.Essential = aws.Bool(true)
		}
		c.PortMappings = append([]types.PortMapping{}, c.PortMappings...)
		for j := range c.PortMappings {
			p := &c.PortMappings[j]
			if p.Protocol == "" {
				p.Protocol = types.TransportProtocolTcp
			}
			if p.HostPort == nil {
				p.HostPort = aws.Int32(0)
				if d.NetworkMode == types.NetworkModeAwsvpc || d.NetworkMode == types.NetworkModeHost {
					p.HostPort = p.ContainerPort
				}
			}
		}
		c.Environment = append([]types.KeyValuePair{}, c.Environment...)
		slices.SortStableFunc(c.Environment, func(a, b types.KeyValuePair) int { return cmp.Compare(aws.ToString(a.Name), aws.ToString(b.Name)) })
		if len(c.Secrets) == 0 {
			c.Secrets = nil
		}
		slices.SortStableFunc(c.Secrets, func(a, b types.Secret) int { return cmp.Compare(aws.ToString(a.Name), aws.ToString(b.Name)) })
		c.MountPoints = append([]types.MountPoint{}, c.MountPoints...)
		c.VolumesFrom = append([]types.VolumeFrom{}, c.VolumesFrom...)
		c.SystemControls = append([]types.SystemControl{}, c.SystemControls...)
		if h := c.HealthCheck; h != nil {
			for _, f := range []struct {
				v     **int32
				deflt int32
			}{{&h.Interval, 30}, {&h.Timeout, 5}, {&h.Retries, 3}} {
				if *f.v == nil {
					*f.v = aws.Int32(f.deflt)
				}
			}
		}
	}
	for i := range d.Volumes {
		if v := &d.Volumes[i]; v.DockerVolumeConfiguration == nil && v.Host == nil {
			v.Host = &types.HostVolumeProperties{}
		}
	}
	d.Compatibilities = []types.Compatibility{types.CompatibilityEc2}
	cpu, _ := strconv.Atoi(aws.ToString(d.Cpu))
	mem, _ := strconv.Atoi(aws.ToString(d.Memory))
	switch {
	case d.NetworkMode == types.NetworkModeAwsvpc && fargateSize(cpu, mem):
		d.Compatibilities = append(d.Compatibilities, types.CompatibilityFargate)
	case d.NetworkMode != types.NetworkModeAwsvpc:
		d.Compatibilities = append([]types.Compatibility{types.CompatibilityExternal}, d.Compatibilities...)
	}
	d.RequiresAttributes = requiredAttributes(d)
}

// requiredAttributes are the agent capabilities that AWS derives from the parameters used.
func requiredAttributes(d *types.TaskDefinition) []types.Attribute {
	need := map[string]bool{}
	if d.TaskRoleArn != nil {
		need["com.amazonaws.ecs.capability.task-iam-role"] = true
	}
	if d.NetworkMode == types.NetworkModeAwsvpc {
		need["ecs.capability.task-eni"] = true
	}
	for _, c := range d.ContainerDefinitions {
		if l := c.LogConfiguration; l != nil {
			need["com.amazonaws.ecs.capability.logging-driver."+string(l.LogDriver)] = true
			if d.ExecutionRoleArn != nil && l.LogDriver == types.LogDriverAwslogs {
				need["ecs.capability.execution-role-awslogs"] = true
			}
		}
		if c.HealthCheck != nil {
			need["ecs.capability.container-health-check"] = true
		}
		if len(c.Secrets) > 0 {
			need["ecs.capability.secrets.asm.environment-variables"] = true
		}
		if c.RepositoryCredentials != nil {
			need["ecs.capability.private-registry-authentication.secretsmanager"] = true
		}
	}
	out := []types.Attribute{}
	for _, name := range sortedKeys(need) {
		out = append(out, types.Attribute{Name: aws.String(name)})
	}
	return out
}
