package plugin

import (
	"fmt"
	"strings"
)

// controlPlane writes how the deployment and Portkey's control plane are connected, and what is to be done for that.
func (p *page) controlPlane() {
	if p.ControlPlaneReady == nil {
		return
	}
	p.heading("Control plane")
	p.condition("  state", p.ControlPlaneReady)
	if p.ControlPlane == nil || p.ControlPlane.Inbound == nil {
		return
	}
	in := p.ControlPlane.Inbound
	p.pair("service", in.ServiceName)
	p.pair("DNS names", strings.Join(in.DNSNames, " "))
	p.pair("region", fmt.Sprintf("%s, port %d", in.Region, in.Port))
	if d := in.PrivateDNS; d != nil {
		p.pair("name", d.Name+", "+d.Verification)
		p.pair("record", fmt.Sprintf("%s %s %q", d.RecordName, d.RecordType, d.RecordValue))
	}
	for _, c := range in.Connections {
		p.pair("endpoint", fmt.Sprintf("%s of account %s, %s", c.EndpointID, c.AccountID, c.State))
	}
}
