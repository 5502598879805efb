package controllers

import (
	"strings"
	"testing"

	quantity "k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
)

func TestRoomWarning(t *testing.T) {
	small := aws.InstanceType{VCPUs: 2, MemoryMiB: 4096, Interfaces: 3}
	size := func(cpu, memory string) *v1alpha1.Resources {
		return &v1alpha1.Resources{CPU: quantity.MustParse(cpu), Memory: quantity.MustParse(memory)}
	}
	for _, tt := range []struct {
		why    string
		edit   func(*v1alpha1.PortkeyGatewaySpec)
		size   aws.InstanceType
		scaled int
		want   string
	}{
		{"the default fits", nil, small, 0, ""},
		{"more tasks than interfaces", func(s *v1alpha1.PortkeyGatewaySpec) { s.Gateway = &v1alpha1.Gateway{Replicas: ptr.To[int32](3)} }, small, 0,
			"7 tasks run (gateway 3 twice, redis 1), and 3 × t4g.medium, each with 2048 CPU units, 3891 MiB and network interfaces for 2 tasks, have no room for them: raise capacity.ec2.maxSize to 6"},
		{"autoscaling decides where there is some", func(s *v1alpha1.PortkeyGatewaySpec) {
			s.Gateway = &v1alpha1.Gateway{Autoscaling: &v1alpha1.Autoscaling{MaxReplicas: 20}}
			s.DataService = &v1alpha1.DataService{}
		}, small, 0, "42 tasks run (gateway 20 twice, data-service 1, redis 1)"},
		{"what somebody scaled to counts", nil, small, 4, "9 tasks run (gateway 4 twice, redis 1)"},
		{"trunking makes room", func(s *v1alpha1.PortkeyGatewaySpec) {
			s.Capacity = &v1alpha1.Capacity{EC2: &v1alpha1.EC2Capacity{InstanceType: "m7g.xlarge"}}
			s.Gateway = &v1alpha1.Gateway{Replicas: ptr.To[int32](5)}
		}, aws.InstanceType{VCPUs: 4, MemoryMiB: 16384, Interfaces: 4}, 0, ""},
		{"CPU", func(s *v1alpha1.PortkeyGatewaySpec) {
			s.Capacity = &v1alpha1.Capacity{EC2: &v1alpha1.EC2Capacity{InstanceType: "m7g.xlarge", MaxSize: 1}}
			s.Gateway = &v1alpha1.Gateway{Replicas: ptr.To[int32](2), Resources: size("2", "4Gi")}
		}, aws.InstanceType{VCPUs: 4, MemoryMiB: 16384, Interfaces: 4}, 0, "raise capacity.ec2.maxSize to 3"},
		{"a task larger than an instance", func(s *v1alpha1.PortkeyGatewaySpec) { s.Gateway = &v1alpha1.Gateway{Resources: size("4", "8Gi")} }, small, 0,
			"have no room for them: choose a larger capacity.ec2.instanceType"},
	} {
		gw := &v1alpha1.PortkeyGateway{}
		if tt.edit != nil {
			tt.edit(&gw.Spec)
		}
		spec := gw.Resolved()
		got := roomWarning(spec, loads(spec, func(service string) int {
			if service == v1alpha1.ServiceGateway {
				return tt.scaled
			}
			return 0
		}), tt.size)
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.why, got, tt.want)
		}
	}
}
