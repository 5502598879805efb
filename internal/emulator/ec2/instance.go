package ec2

import (
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// instance goes pending, running, shutting-down, terminated; stopping isn't emulated.
type instance struct {
	object
	state, stateReason, transition string
	kindOf                         *instanceType
	image                          *image
	subnetID, vpcID                string
	zone                           zone
	interfaceID, privateIP         string
	publicIP                       string
	groups                         []string
	profileARN                     string
	data                           templateData
	templateID                     string
	templateVersion                int64
	reservationID                  string
	terminated                     time.Time
}

type volume struct {
	object
	zone       zone
	instanceID string
	device     string
	spec       ebsBlockDevice
	snapshotID string
}

// stateCodes, https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html
var stateCodes = map[string]int{"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48}

// setState tells the other services of a change.
func (r *region) setState(i *instance, state string) {
	i.state = state
	for _, f := range r.s.stateHooks {
		f(r.Scope, i.id, state)
	}
}

// OnInstanceState calls f whenever an instance becomes running, shutting-down or terminated.
func (s *Service) OnInstanceState(f func(scope core.Scope, instanceID, state string)) {
	s.stateHooks = append(s.stateHooks, f)
}

// TerminateInstance terminates an instance on behalf of a service, which the instance's own
// termination protection doesn't hinder.
func (s *Service) TerminateInstance(scope core.Scope, id string) {
	r := s.region(scope)
	if i, exists := r.instances.get(id); exists {
		r.terminate(i, "User initiated")
	}
}

// terminate shuts an instance down; its interface and the volumes marked so go with it.
func (r *region) terminate(i *instance, why string) {
	if i.state == "shutting-down" || i.state == "terminated" {
		return
	}
	now := r.s.world.Clock.Now()
	i.stateReason = "Client.UserInitiatedShutdown: User initiated shutdown"
	i.transition = why + " (" + now.Format("2006-01-02 15:04:05") + " GMT)"
	r.setState(i, "shutting-down")
	r.after(instanceShuttingDown, func() {
		i.terminated = r.s.world.Clock.Now()
		for _, e := range r.interfacesOf(i.id) {
			// A primary interface kept by deleteOnTermination false, and what services attached, stays.
			if e.id == i.interfaceID && e.deleteOnTermination {
				r.removeInterface(e)
			} else {
				e.instanceID, e.attachmentID = "", ""
			}
		}
		for _, v := range r.volumes.where(func(v *volume) bool { return v.instanceID == i.id }) {
			if v.spec.DeleteOnTermination == nil || *v.spec.DeleteOnTermination {
				r.volumes.remove(v.id)
			} else {
				v.instanceID = ""
			}
		}
		r.setState(i, "terminated")
		r.after(instanceRemembered, func() { r.instances.remove(i.id) })
	})
}

// Instance tells of an instance, terminated ones included while AWS remembers them.
func (s *Service) Instance(scope core.Scope, id string) (Instance, bool) {
	i, exists := s.region(scope).instances.get(id)
	if !exists {
		return Instance{}, false
	}
	userData, _ := base64.StdEncoding.DecodeString(i.data.UserData)
	return Instance{
		ID: i.id, Type: i.kindOf.name, State: i.state, AvailabilityZone: i.zone.name, SubnetID: i.subnetID, VPCID: i.vpcID,
		ImageID: i.image.id, InstanceProfileARN: i.profileARN, PrivateIP: i.privateIP, UserData: string(userData),
		LaunchTemplateID: i.templateID, LaunchTemplateVersion: strconv.FormatInt(i.templateVersion, 10), Architecture: i.image.architecture,
		Tags: maps.Clone(i.tags), SecurityGroupIDs: slices.Clone(i.groups), LaunchTime: i.created,
		VCPU: i.kindOf.vcpu, MemoryMiB: i.kindOf.memoryMiB, MaxInterfaces: i.kindOf.interfaces,
	}, true
}
