package ec2

import (
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// request begins an endpoint's life: it waits for the service's owner, where the service wants that, and else for AWS.
func (s *Service) request(v *vpcEndpoint) {
	if v.service.acceptanceRequired {
		v.state = "pendingAcceptance"
		return
	}
	s.open(v, endpointPending)
}

// open has an endpoint become available.
func (s *Service) open(v *vpcEndpoint, after time.Duration) {
	v.state = "pending"
	s.region(v.scope).after(after, func() {
		if v.state == "pending" {
			v.state = "available"
		}
	})
}

// accept takes a request that waits. One that was accepted before stays so.
func (s *Service) accept(v *vpcEndpoint) error {
	switch v.state {
	case "available", "pending":
		return nil
	case "pendingAcceptance":
		s.open(v, endpointPending)
		return nil
	default:
		return wrongState(v)
	}
}

// reject refuses a request, or ends a connection. What was rejected isn't accepted again.
func (s *Service) reject(v *vpcEndpoint) error {
	switch v.state {
	case "pendingAcceptance", "pending", "available", "rejected":
		v.state = "rejected"
		return nil
	default:
		return wrongState(v)
	}
}

// expire ends the wait for an acceptance. AWS documents the state, but not after how long.
func (s *Service) expire(v *vpcEndpoint) error {
	if v.state != "pendingAcceptance" {
		return wrongState(v)
	}
	v.state = "expired"
	return nil
}

// fail breaks an endpoint for good.
func (s *Service) fail(v *vpcEndpoint) error {
	if v.state == "deleting" || v.state == "deleted" {
		return wrongState(v)
	}
	v.state, v.failure = "failed", "The endpoint could not be connected."
	return nil
}

func wrongState(v *vpcEndpoint) error {
	return core.Errorf("IncorrectState", "The VPC endpoint %s is in the state %s.", v.id, v.state)
}

// setPrivateDNS associates the service's private hosted zone with the VPC, or ends that.
func (r *region) setPrivateDNS(v *vpcEndpoint, on bool) {
	v.privateDNS, v.privateZone = on, ""
	if on {
		v.privateZone = "Z" + r.s.world.Alnum(19)
	}
}
