package kinds

import (
	"maps"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// The container health check's pace: a task is replaced after three failures, a minute and a half.
const (
	healthInterval = 30
	healthTimeout  = 5
	healthRetries  = 3
)

// input is the registration of the task.
func (s TaskDefinitionSpec) input(family string, tags map[string]string) *ecs.RegisterTaskDefinitionInput {
	in := &ecs.RegisterTaskDefinitionInput{
		Family: &family, Tags: toECSTags(tags),
		// Both, so that the rules of Fargate are kept and the task can move between the two.
		RequiresCompatibilities: []ecstypes.Compatibility{ecstypes.CompatibilityEc2, ecstypes.CompatibilityFargate},
		NetworkMode:             ecstypes.NetworkModeAwsvpc,
		Cpu:                     &s.CPU, Memory: &s.Memory,
		RuntimePlatform: &ecstypes.RuntimePlatform{
			CpuArchitecture: ecstypes.CPUArchitecture(s.Architecture), OperatingSystemFamily: ecstypes.OSFamilyLinux,
		},
		ContainerDefinitions: []ecstypes.ContainerDefinition{s.Container.definition()},
	}
	if !s.TaskRole.IsZero() {
		in.TaskRoleArn = sdk.String(s.TaskRole.String())
	}
	if !s.ExecutionRole.IsZero() {
		in.ExecutionRoleArn = sdk.String(s.ExecutionRole.String())
	}
	return in
}

func (c ContainerSpec) definition() ecstypes.ContainerDefinition {
	d := ecstypes.ContainerDefinition{Name: &c.Name, Image: &c.Image, Essential: sdk.Bool(true), Command: c.Command}
	for _, k := range slices.Sorted(maps.Keys(c.Env)) {
		d.Environment = append(d.Environment, ecstypes.KeyValuePair{Name: sdk.String(k), Value: sdk.String(c.Env[k].String())})
	}
	for _, k := range slices.Sorted(maps.Keys(c.Secrets)) {
		d.Secrets = append(d.Secrets, ecstypes.Secret{Name: sdk.String(k), ValueFrom: sdk.String(c.Secrets[k].String())})
	}
	for _, p := range c.Ports {
		d.PortMappings = append(d.PortMappings, ecstypes.PortMapping{
			Name: sdk.String(p.Name), ContainerPort: number(p.Port), HostPort: number(p.Port),
			Protocol: ecstypes.TransportProtocolTcp, AppProtocol: ecstypes.ApplicationProtocol(p.AppProtocol),
		})
	}
	if len(c.HealthCommand) > 0 {
		d.HealthCheck = &ecstypes.HealthCheck{
			Command: c.HealthCommand, StartPeriod: number(c.StartPeriod),
			Interval: sdk.Int32(healthInterval), Timeout: sdk.Int32(healthTimeout), Retries: sdk.Int32(healthRetries),
		}
	}
	if !c.RegistryCredentials.IsZero() {
		d.RepositoryCredentials = &ecstypes.RepositoryCredentials{CredentialsParameter: sdk.String(c.RegistryCredentials.String())}
	}
	if !c.LogGroup.IsZero() {
		d.LogConfiguration = &ecstypes.LogConfiguration{LogDriver: ecstypes.LogDriverAwslogs, Options: map[string]string{
			"awslogs-group": c.LogGroup.String(), "awslogs-region": c.LogRegion.String(), "awslogs-stream-prefix": c.LogPrefix,
		}}
	}
	if c.StopTimeout > 0 {
		d.StopTimeout = number(c.StopTimeout)
	}
	return d
}

// number is a small number as AWS wants it.
func number(n int) *int32 { return sdk.Int32(int32(n)) }
