package ecs

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// maxTaskDefinition bounds the request: "Task definition size in bytes: 64 KB".
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
const maxTaskDefinition = 64 << 10

// checkTaskDefinition refuses what AWS refuses, and rewrites task sizes to units and MiB.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
func checkTaskDefinition(in *api.RegisterTaskDefinitionInput) error {
	switch {
	case aws.ToString(in.Family) == "":
		return clientError("Family should not be null or empty.")
	case !namePattern.MatchString(*in.Family):
		return clientError("Family contains invalid characters.")
	case len(in.ContainerDefinitions) == 0:
		return clientError("Container list cannot be empty.")
	case len(in.ContainerDefinitions) > 10:
		return clientError("A task definition can have at most 10 container definitions.")
	}
	for _, role := range []*string{in.ExecutionRoleArn, in.TaskRoleArn} {
		if role != nil && !strings.HasPrefix(*role, "arn:") {
			return clientError("Role is not valid")
		}
	}
	cpu, mem, err := taskSize(in)
	if err != nil {
		return err
	}
	fargate := has(in.RequiresCompatibilities, types.CompatibilityFargate)
	if fargate {
		if err := checkFargate(in, cpu, mem); err != nil {
			return err
		}
	}
	for _, v := range in.Volumes {
		if v.EfsVolumeConfiguration != nil || v.FsxWindowsFileServerVolumeConfiguration != nil || v.S3filesVolumeConfiguration != nil || v.ConfiguredAtLaunch != nil {
			return unsupported("volumes other than host and Docker volumes")
		}
		if fargate && v.DockerVolumeConfiguration != nil {
			return clientError("Docker volumes are not supported on Fargate.")
		}
	}
	return checkContainers(in, fargate, cpu, mem)
}

var (
	vcpuPattern = regexp.MustCompile(`(?i)^([0-9.]+)\s*vCPU$`)
	gbPattern   = regexp.MustCompile(`(?i)^([0-9.]+)\s*GB$`)
)

// taskSize reads cpu ("256", ".25 vCPU") and memory ("512", "0.5 GB") and writes them back in CPU
// units and MiB, as AWS echoes them.
func taskSize(in *api.RegisterTaskDefinitionInput) (cpu, mem int, err error) {
	parse := func(v **string, unit *regexp.Regexp) (int, bool) {
		if *v == nil {
			return 0, true
		}
		text := strings.TrimSpace(**v)
		n, err := strconv.Atoi(text)
		if m := unit.FindStringSubmatch(text); m != nil {
			f, ferr := strconv.ParseFloat(m[1], 64)
			n, err = int(f*1024), ferr
		}
		if err != nil || n <= 0 {
			return 0, false
		}
		*v = aws.String(strconv.Itoa(n))
		return n, true
	}
	cpu, okCPU := parse(&in.Cpu, vcpuPattern)
	mem, okMem := parse(&in.Memory, gbPattern)
	switch {
	case !okCPU:
		return 0, 0, clientError("Invalid 'cpu' setting for task.")
	case !okMem:
		return 0, 0, clientError("Invalid 'memory' setting for task.")
	case in.Cpu != nil && (cpu < 128 || cpu > 196608):
		return 0, 0, clientError("Invalid 'cpu' setting for task. For more information, see the Amazon ECS documentation for the valid values.")
	}
	return cpu, mem, nil
}

// fargateMemory lists the memory in MiB that goes with a CPU size, as from, to and step.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
var fargateMemory = map[int][3]int{
	512: {1024, 4096, 1024}, 1024: {2048, 8192, 1024}, 2048: {4096, 16384, 1024}, 4096: {8192, 30720, 1024},
	8192: {16384, 61440, 4096}, 16384: {32768, 122880, 8192},
}

func fargateSize(cpu, mem int) bool {
	if cpu == 256 {
		return mem == 512 || mem == 1024 || mem == 2048
	}
	r, ok := fargateMemory[cpu]
	return ok && mem >= r[0] && mem <= r[1] && (mem-r[0])%r[2] == 0
}

func checkFargate(in *api.RegisterTaskDefinitionInput, cpu, mem int) error {
	switch {
	case in.NetworkMode != types.NetworkModeAwsvpc:
		return clientError("Fargate only supports network mode ‘awsvpc’.")
	case in.Cpu == nil:
		return clientError("Fargate requires that 'cpu' be defined at the task level.")
	case in.Memory == nil:
		return clientError("Fargate requires that 'memory' be defined at the task level.")
	case !fargateSize(cpu, mem):
		return clientError("No Fargate configuration exists for given values: %d CPU, %d memory. See the Amazon ECS documentation for the valid values.", cpu, mem)
	case in.EphemeralStorage != nil && (in.EphemeralStorage.SizeInGiB < 20 || in.EphemeralStorage.SizeInGiB > 200):
		return clientError("Ephemeral storage size must be between 20 and 200 GiB.")
	case len(in.PlacementConstraints) > 0:
		return clientError("Fargate does not support placement constraints.")
	}
	return nil
}
