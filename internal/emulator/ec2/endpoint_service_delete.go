package ec2

import "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"

type deleteEndpointServicesIn struct {
	IDs []string `q:"ServiceId,required"`
}

// deleteEndpointServices: "Before you can delete a VPC endpoint service configuration, you must reject any Available or
// PendingAcceptance interface endpoint connections that are attached to the service",
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpointServiceConfigurations.html
func (s *Service) deleteEndpointServices(q *core.Request, in *deleteEndpointServicesIn) (*unsuccessfulOut, error) {
	r := s.region(q.Scope)
	return eachOf(in.IDs, func(id string) error {
		e, exists := r.services.get(id)
		switch {
		case !exists:
			return core.Errorf("InvalidVpcEndpointService.NotFound", "The VpcEndpointService Id '%s' does not exist", id)
		case s.connected(e):
			return existingConnections()
		case e.state == "Deleting":
			return nil
		}
		e.state = "Deleting"
		r.after(endpointServiceDeleting, func() { r.services.remove(id) })
		return nil
	})
}
