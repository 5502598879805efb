package ec2

import (
	"net/http"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Mux returns EC2's actions.
func (s *Service) Mux() *core.Mux {
	m := &core.Mux{
		Service: "ec2", Protocol: core.EC2Query, Namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
		Throttled: core.Error{Code: "RequestLimitExceeded", Message: "Request limit exceeded.", Status: http.StatusServiceUnavailable},
		Bucket:    bucket,
	}
	s.registerVPCs(m)
	s.registerSubnets(m)
	s.registerInternetGateways(m)
	s.registerAddresses(m)
	s.registerNATGateways(m)
	s.registerRouteTables(m)
	s.registerSecurityGroups(m)
	s.registerNetworkACLs(m)
	s.registerNetworkInterfaces(m)
	s.registerLaunchTemplates(m)
	s.registerInstances(m)
	s.registerInstanceTypes(m)
	s.registerTagging(m)
	s.registerZones(m)
	s.registerVPCEndpoints(m)
	s.registerEndpointServices(m)
	return m
}

// bucket: "each API is evaluated individually, and you are throttled on the number of requests you make
// on a per-API basis", https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
func bucket(action string) (name string, size, refill float64) {
	switch {
	case strings.HasPrefix(action, "Describe"), strings.HasPrefix(action, "Get"):
		return action, 100, 20
	case action == "CreateNatGateway", action == "DeleteNatGateway":
		return action, 10, 1
	case action == "CreateVpcEndpoint", action == "ModifyVpcEndpoint", action == "DeleteVpcEndpoints":
		return action, 4, 0.3
	case strings.Contains(action, "VpcEndpoint"):
		return action, 10, 1
	case action == "CreateTags", action == "DeleteTags":
		return action, 100, 10
	default:
		return action, 50, 5
	}
}
