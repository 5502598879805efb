package ecs

import (
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// portNamePattern: lower-case letters, digits, _ and -, not beginning with a hyphen.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
var portNamePattern = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]{0,63}$`)

func checkContainers(in *api.RegisterTaskDefinitionInput, fargate bool, cpu, mem int) error {
	var cpus, mems int
	essential := false
	names, ports := map[string]bool{}, map[string]bool{}
	for i := range in.ContainerDefinitions {
		c := &in.ContainerDefinitions[i]
		name := aws.ToString(c.Name)
		switch {
		case name == "":
			return clientError("Container.name should not be null or empty.")
		case !namePattern.MatchString(name):
			return clientError("Container.name contains invalid characters.")
		case names[name]:
			return clientError("Container name %s is not unique in the task definition.", name)
		case aws.ToString(c.Image) == "":
			return clientError("Container.image should not be null or empty.")
		case in.Memory == nil && c.Memory == nil && c.MemoryReservation == nil:
			return clientError("Invalid setting for container '%s'. At least one of 'memory' or 'memoryReservation' must be specified.", name)
		case c.Memory != nil && *c.Memory < 6:
			return clientError("Invalid setting for container '%s'. 'memory' must be at least 6 MiB.", name)
		case c.Memory != nil && c.MemoryReservation != nil && *c.MemoryReservation >= *c.Memory:
			return clientError("Invalid setting for container '%s'. 'memoryReservation' must be less than 'memory'.", name)
		}
		names[name] = true
		essential = essential || c.Essential == nil || *c.Essential
		cpus += int(c.Cpu)
		mems += int(max(aws.ToInt32(c.Memory), aws.ToInt32(c.MemoryReservation)))
		for _, check := range []error{checkUnsupported(c), checkPorts(in, c, ports), checkExecution(in, c, fargate), checkHealth(c), checkMounts(in, c)} {
			if check != nil {
				return check
			}
		}
	}
	switch {
	case !essential:
		return clientError("Invalid settings: at least one container must be essential.")
	case in.Cpu != nil && cpus > cpu:
		return clientError("Invalid 'cpu' setting for task: the sum of the containers' cpu (%d) exceeds the task's (%d).", cpus, cpu)
	case in.Memory != nil && mems > mem:
		return clientError("Invalid 'memory' setting for task: the sum of the containers' memory (%d) exceeds the task's (%d).", mems, mem)
	}
	for _, c := range in.ContainerDefinitions {
		for _, d := range c.DependsOn {
			if !names[aws.ToString(d.ContainerName)] {
				return clientError("The container %s depends on a container that does not exist.", *c.Name)
			}
		}
	}
	return nil
}

// checkUnsupported refuses what changes how a container runs in ways that aren't emulated.
func checkUnsupported(c *types.ContainerDefinition) error {
	for what, set := range map[string]bool{
		"environmentFiles": len(c.EnvironmentFiles) > 0, "firelensConfiguration": c.FirelensConfiguration != nil, "resourceRequirements": len(c.ResourceRequirements) > 0,
		"credentialSpecs": len(c.CredentialSpecs) > 0, "links": len(c.Links) > 0, "volumesFrom": len(c.VolumesFrom) > 0,
	} {
		if set {
			return unsupported(what + " of a container")
		}
	}
	return nil
}

func checkPorts(in *api.RegisterTaskDefinitionInput, c *types.ContainerDefinition, seen map[string]bool) error {
	for i := range c.PortMappings {
		p := &c.PortMappings[i]
		if p.ContainerPortRange != nil {
			return unsupported("containerPortRange")
		}
		port, host := aws.ToInt32(p.ContainerPort), aws.ToInt32(p.HostPort)
		switch {
		case port < 1 || port > 65535:
			return clientError("Invalid container port %d for container '%s'.", port, *c.Name)
		case host < 0 || host > 65535:
			return clientError("Invalid host port %d for container '%s'.", host, *c.Name)
		case (in.NetworkMode == types.NetworkModeAwsvpc || in.NetworkMode == types.NetworkModeHost) && p.HostPort != nil && host != port:
			return clientError("When networkMode=%s, the host ports and container ports in port mappings must match.", in.NetworkMode)
		case p.AppProtocol != "" && p.Name == nil:
			return clientError("appProtocol requires a port mapping name.")
		}
		if p.Name != nil {
			if !portNamePattern.MatchString(*p.Name) {
				return clientError("The port mapping name %q is invalid.", *p.Name)
			}
			if seen[*p.Name] {
				return clientError("Port mapping names must be unique in a task definition: %s.", *p.Name)
			}
			seen[*p.Name] = true
		}
	}
	return nil
}

// checkExecution checks what needs an execution role, and log options.
func checkExecution(in *api.RegisterTaskDefinitionInput, c *types.ContainerDefinition, fargate bool) error {
	secrets := c.Secrets
	if l := c.LogConfiguration; l != nil {
		secrets = append(secrets[:len(secrets):len(secrets)], l.SecretOptions...)
	}
	envs := map[string]bool{}
	for _, e := range c.Environment {
		envs[aws.ToString(e.Name)] = true
	}
	for _, secret := range secrets {
		if aws.ToString(secret.Name) == "" || aws.ToString(secret.ValueFrom) == "" {
			return clientError("Secret name and valueFrom should not be null or empty.")
		}
		if envs[*secret.Name] {
			return clientError("The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '%s'.", *secret.Name)
		}
	}
	switch {
	case len(secrets) > 0 && in.ExecutionRoleArn == nil:
		return clientError("When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.")
	case c.RepositoryCredentials != nil && aws.ToString(c.RepositoryCredentials.CredentialsParameter) == "":
		return clientError("RepositoryCredentials.credentialsParameter should not be null or empty.")
	case c.RepositoryCredentials != nil && in.ExecutionRoleArn == nil:
		return clientError("When you are specifying repository credentials, you must also specify a value for 'executionRoleArn'.")
	}
	l := c.LogConfiguration
	if l == nil {
		return nil
	}
	if l.LogDriver == "" {
		return clientError("Log driver should not be null or empty.")
	}
	if fargate && !has([]types.LogDriver{types.LogDriverAwslogs, types.LogDriverSplunk, types.LogDriverAwsfirelens}, l.LogDriver) {
		return clientError("Log driver %s is not supported on Fargate.", l.LogDriver)
	}
	if l.LogDriver == types.LogDriverAwslogs {
		if l.Options["awslogs-create-group"] == "true" {
			return unsupported("awslogs-create-group")
		}
		var missing []string
		for _, o := range []string{"awslogs-group", "awslogs-region"} {
			if l.Options[o] == "" {
				missing = append(missing, o)
			}
		}
		if fargate && l.Options["awslogs-stream-prefix"] == "" {
			missing = append(missing, "awslogs-stream-prefix")
		}
		if len(missing) > 0 {
			return clientError("Log driver awslogs requires options: %s", strings.Join(missing, ", "))
		}
		if fargate && in.ExecutionRoleArn == nil {
			return clientError("Fargate requires task definition to have execution role ARN to support log driver awslogs.")
		}
	}
	return nil
}

// checkHealth checks a health check's ranges.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
func checkHealth(c *types.ContainerDefinition) error {
	h := c.HealthCheck
	if h == nil {
		return nil
	}
	if len(h.Command) == 0 {
		return clientError("HealthCheck.command should not be null or empty.")
	}
	for _, f := range []struct {
		name     string
		v        *int32
		low, top int32
	}{{"interval", h.Interval, 5, 300}, {"timeout", h.Timeout, 2, 120}, {"retries", h.Retries, 1, 10}, {"startPeriod", h.StartPeriod, 0, 300}} {
		if f.v != nil && (*f.v < f.low || *f.v > f.top) {
			return clientError("Health check %s must be between %d and %d.", f.name, f.low, f.top)
		}
	}
	return nil
}

func checkMounts(in *api.RegisterTaskDefinitionInput, c *types.ContainerDefinition) error {
	for _, m := range c.MountPoints {
		known := false
		for _, v := range in.Volumes {
			known = known || aws.ToString(v.Name) == aws.ToString(m.SourceVolume)
		}
		if !known {
			return clientError("Unknown volume '%s'.", aws.ToString(m.SourceVolume))
		}
	}
	return nil
}
