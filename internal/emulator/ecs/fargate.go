package ecs

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// isFargate tells the reserved capacity providers, which every account has: they can't be created,
// changed or deleted, only be associated with clusters.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
func isFargate(provider string) bool { return provider == "FARGATE" || provider == "FARGATE_SPOT" }

// fargatePlatform is the platform version that LATEST stands for.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html
const fargatePlatform = "1.4.0"

// fargateStorage is the ephemeral storage in GiB of a task whose definition asks for none.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html
const fargateStorage = 20

// fargate says that a deployment's next task on that capacity provider runs on Fargate.
func (sp *spec) fargate(provider string) bool {
	return isFargate(provider) || (provider == "" && sp.launchType == types.LaunchTypeFargate)
}

// checkFargateSpec checks what Fargate wants of a service, and fills in the platform version.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
func checkFargateSpec(sp *spec) error {
	if !has(sp.def.view.Compatibilities, types.CompatibilityFargate) {
		return invalid("Task definition does not support launch_type FARGATE.")
	}
	if p := sp.def.view.RuntimePlatform; p != nil && p.OperatingSystemFamily != "" && p.OperatingSystemFamily != types.OSFamilyLinux {
		return unsupported("the operating system family " + string(p.OperatingSystemFamily) + " on Fargate")
	}
	switch sp.platformVersion {
	case "":
		sp.platformVersion = "LATEST"
	case "LATEST", fargatePlatform:
	case "1.3.0":
		return unsupported("the platform version " + sp.platformVersion)
	default:
		return core.Errorf("PlatformUnknownException", "The specified platform version doesn't exist.")
	}
	return nil
}

// fargateSubnet picks the subnet of a task's network interface, and with it the task's zone: Fargate
// spreads a service's tasks over the zones of its subnets.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
func (s *Service) fargateSubnet(t *task) (subnet, zone string) {
	inZone, inSubnet := map[string]int{}, map[string]int{}
	for _, o := range t.v.live() {
		if o != t && o.onFargate {
			inZone[o.zone]++
			inSubnet[o.eni.SubnetID]++
		}
	}
	ids := t.dep.spec.network.AwsvpcConfiguration.Subnets
	zones := map[string]string{}
	for _, id := range ids {
		sub, _ := s.deps.EC2.Subnet(t.scope(), id)
		zones[id] = sub.AvailabilityZone
	}
	best := slices.MinFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(inZone[zones[a]], inZone[zones[b]]), cmp.Compare(inSubnet[a], inSubnet[b]))
	})
	return best, zones[best]
}

// wayOut reports whether a Fargate task reaches the internet from its own network interface: by a NAT
// gateway, or by an internet gateway with a public address.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
func (s *Service) wayOut(t *task) bool {
	sub, _ := s.deps.EC2.Subnet(t.scope(), t.eni.SubnetID)
	return sub.Egress && (!sub.Public || t.eni.PublicIP != "")
}

// fargateView adds what only tasks on Fargate have to a description.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
func fargateView(t *task, out *types.Task) {
	out.PlatformVersion, out.PlatformFamily = aws.String(fargatePlatform), aws.String("Linux")
	size := int32(fargateStorage)
	if e := t.def.view.EphemeralStorage; e != nil {
		size = e.SizeInGiB
	}
	out.EphemeralStorage = &types.EphemeralStorage{SizeInGiB: size}
	out.FargateEphemeralStorage = &types.TaskEphemeralStorage{SizeInGiB: size}
	architecture := "x86_64" // API_RuntimePlatform names no default; tasks without one run on this
	if p := t.def.view.RuntimePlatform; p != nil && p.CpuArchitecture != "" {
		architecture = architectures[p.CpuArchitecture]
	}
	out.Attributes = append(out.Attributes, types.Attribute{Name: aws.String("ecs.cpu-architecture"), Value: aws.String(architecture)})
}
