package random

import "slices"

// portkey is whom an endpoint service is for unless its spec says otherwise.
const portkey = "arn:aws:iam::299329113195:root"

// inboundWords are those of controlPlane.inbound. A private DNS name waits for somebody's record in the public DNS.
var inboundWords = map[string][]any{
	"controlPlane.inbound.allowList.cidrs[]":               {"198.51.100.0/24", "203.0.113.7/32"},
	"controlPlane.inbound.privateLink.allowedPrincipals[]": {portkey, "arn:aws:iam::555555555555:root", "arn:aws:iam::555555555555:role/team/portkey"},
	"controlPlane.inbound.privateLink.privateDNSName":      {""},
	"controlPlane.inbound.privateLink.supportedRegions[]":  {"eu-west-1", "us-west-2", region},
}

// inboundTogether: each way in has a block of its own, and a load balancer that it leads to.
func (g *Generator) inboundTogether(spec map[string]any) {
	in := child(spec, "controlPlane", "inbound")
	switch {
	case in["privateLink"] != nil:
		in["type"] = "PrivateLink"
		delete(in, "allowList")
	case in["allowList"] != nil:
		in["type"] = "AllowList"
	}
	switch text(in, "type") {
	case "PrivateLink":
		g.present(spec, "loadBalancer")
	case "AllowList":
		g.present(spec, "loadBalancer")
		child(spec, "loadBalancer")["scheme"] = "InternetFacing"
	}
	link := child(in, "privateLink")
	if all, _ := link["allowedPrincipals"].([]any); len(all) > 0 && !slices.Contains(all, any(portkey)) {
		link["acceptance"] = "Manual"
	}
}
