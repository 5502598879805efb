package ec2

import "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"

type deleteVPCEndpointsIn struct {
	IDs []string `q:"VpcEndpointId,required"`
}

// deleteVPCEndpoints: "When you delete an interface endpoint, we delete the endpoint network interfaces"; they go a
// while after it, and until then keep their subnets and security groups from being deleted,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpoints.html
func (s *Service) deleteVPCEndpoints(q *core.Request, in *deleteVPCEndpointsIn) (*unsuccessfulOut, error) {
	r := s.region(q.Scope)
	return eachOf(in.IDs, func(id string) error {
		v, exists := r.endpoints.get(id)
		switch {
		case !exists || v.state == "deleted":
			return kindVPCEndpoint.missing(id)
		case v.state == "deleting":
			return nil
		}
		v.state = "deleting"
		r.after(endpointDeleting, func() {
			v.state, v.privateDNS = "deleted", false
			r.after(endpointRemembered, func() { r.endpoints.remove(id) })
		})
		for _, p := range v.places {
			r.after(endpointDeleting+endpointInterfaceLinger, func() { s.DeleteInterface(v.scope, p.interfaceID) })
		}
		return nil
	})
}
