package emulator

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

// The endpoint service of Portkey's control plane, which is another account's, and the account that connects to
// gateways. Seed has it admit the emulator's account, and ask for acceptance.
const (
	PortkeyAccount             = "299329113195"
	PortkeyRegion              = "us-east-1"
	ControlPlaneServiceID      = "vpce-svc-0c2c1c323d9f56d95"
	ControlPlaneService        = "com.amazonaws.vpce." + PortkeyRegion + "." + ControlPlaneServiceID
	ControlPlanePrivateDNSName = "aws-cp.portkey.ai"
)

// controlPlaneZones and controlPlaneRegions are where the service can be reached from: two zones of its region are not
// among the first, as is common, nor are all regions among the second. Which ones Portkey has, nobody publishes.
var (
	controlPlaneZones   = []string{"use1-az1", "use1-az2", "use1-az4", "use1-az6"}
	controlPlaneRegions = []string{"us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-central-1", "ap-south-1", "ap-southeast-1"}
)

// seedControlPlane makes the service unless it is there.
func (e *Emulator) seedControlPlane() {
	if e.EC2.HasEndpointService(ControlPlaneServiceID) {
		return
	}
	e.EC2.AddEndpointService(core.Scope{Account: PortkeyAccount, Region: PortkeyRegion}, ec2.GivenService{
		ID: ControlPlaneServiceID, PrivateDNSName: ControlPlanePrivateDNSName, AcceptanceRequired: true,
		ZoneIDs: controlPlaneZones, Regions: controlPlaneRegions, Principals: []string{"arn:aws:iam::" + Account + ":root"},
	})
}

// endpointBalancer tells endpoint services of load balancers.
func (e *Emulator) endpointBalancer(scope core.Scope, arn string) (ec2.EndpointBalancer, bool) {
	lb, found := e.ELB.LoadBalancer(scope, arn)
	return ec2.EndpointBalancer{Type: lb.Type, State: lb.State, SubnetIDs: lb.SubnetIDs}, found
}

// AnswerEndpoint does to an endpoint what its service's owner or AWS does: accept, reject, expire or fail. Without an
// endpoint, it answers all that wait for the service's owner.
func (e *Emulator) AnswerEndpoint(service, endpoint, answer string) error {
	e.World.Lock()
	defer e.World.Unlock()
	return e.EC2.AnswerEndpoint(serviceID(service), endpoint, answer)
}

// ChangeEndpointService does what the owner of an endpoint service does to it; see ec2.ServiceChange.
func (e *Emulator) ChangeEndpointService(service string, c ec2.ServiceChange) error {
	e.World.Lock()
	defer e.World.Unlock()
	return e.EC2.ChangeEndpointService(serviceID(service), c)
}

// ConnectEndpoint has Portkey's account, or another that nobody here acts for, connect to an endpoint service, and
// returns the endpoint's id.
func (e *Emulator) ConnectEndpoint(service, account, region string) (string, error) {
	e.World.Lock()
	defer e.World.Unlock()
	return e.EC2.ConnectEndpoint(serviceID(service), core.Scope{Account: account, Region: region})
}

// EndpointState is the state of an endpoint of any account; empty where there is none.
func (e *Emulator) EndpointState(id string) string {
	e.World.Lock()
	defer e.World.Unlock()
	return e.EC2.EndpointState(id)
}

// serviceID takes a service's name or its id; without either it is the control plane's.
func serviceID(service string) string {
	if service == "" {
		return ControlPlaneServiceID
	}
	return service[strings.LastIndexByte(service, '.')+1:]
}

// controlEndpoints answers endpoints, or has another account connect to a service.
func (e *Emulator) controlEndpoints(h *http.Request) error {
	in := struct {
		Service  string `json:"service"`
		Endpoint string `json:"endpoint"`
		Do       string `json:"do"`
		Account  string `json:"account"`
		Region   string `json:"region"`
	}{Account: PortkeyAccount, Region: PortkeyRegion}
	if err := core.Strict(h, &in); err != nil {
		return err
	}
	if in.Do != "connect" {
		return e.AnswerEndpoint(in.Service, in.Endpoint, in.Do)
	}
	if in.Service == "" || in.Endpoint != "" {
		return fmt.Errorf("to connect, name the service, and no endpoint")
	}
	_, err := e.ConnectEndpoint(in.Service, in.Account, in.Region)
	return err
}

// controlEndpointServices changes a service; members that are missing leave it as it is.
func (e *Emulator) controlEndpointServices(h *http.Request) error {
	var in struct {
		Service            string   `json:"service"`
		Principals         []string `json:"principals"`
		Regions            []string `json:"regions"`
		ZoneIDs            []string `json:"zoneIDs"`
		AcceptanceRequired *bool    `json:"acceptanceRequired"`
		PrivateDNSState    string   `json:"privateDNSState"`
	}
	if err := core.Strict(h, &in); err != nil {
		return err
	}
	return e.ChangeEndpointService(in.Service, ec2.ServiceChange{
		Principals: in.Principals, Regions: in.Regions, ZoneIDs: in.ZoneIDs, AcceptanceRequired: in.AcceptanceRequired, PrivateDNSState: in.PrivateDNSState,
	})
}
