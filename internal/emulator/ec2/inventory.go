package ec2

import (
	"reflect"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// inventory lists every object; all adds deleted NAT gateways and terminated instances, which are
// described for a while longer.
func (s *Service) inventory(all bool) []core.Resource {
	var out []core.Resource
	for _, scope := range s.order {
		out = append(out, s.regions[scope].inventory(all)...)
	}
	return out
}

func (r *region) inventory(all bool) []core.Resource {
	var out []core.Resource
	add := func(kind string, o *object, state string, item any, awsManaged bool) {
		out = append(out, core.Resource{
			Service: "ec2", Kind: kind, ID: o.id, Name: o.tags["Name"], ARN: r.ARN("ec2", o.kind.resourceType+"/"+o.id),
			Account: r.Account, Region: r.Region, Tags: o.tags, State: state, Taggable: true, AWSManaged: awsManaged, Settings: settings(item),
		})
	}
	for _, e := range r.vpcs.items {
		add("VPC", &e.object, e.state, struct {
			vpcItem
			DNSSupport   bool `xml:"enableDnsSupport"`
			DNSHostnames bool `xml:"enableDnsHostnames"`
		}{r.vpcItem(e), e.dnsSupport, e.dnsHostnames}, false)
	}
	for _, e := range r.subnets.items {
		add("Subnet", &e.object, "available", r.subnetItem(e), false)
	}
	for _, e := range r.gateways.items {
		state := "detached"
		if e.vpcID != "" {
			state = "attached"
		}
		add("InternetGateway", &e.object, state, r.internetGatewayItem(e), false)
	}
	for _, e := range r.addresses.items {
		state := "available"
		if e.associationID != "" {
			state = "associated"
		}
		add("ElasticIP", &e.object, state, r.addressItem(e), false)
	}
	for _, e := range r.nats.items {
		if all || e.state != "deleted" {
			add("NATGateway", &e.object, e.state, r.natGatewayItem(e), false)
		}
	}
	for _, e := range r.routeTables.items {
		add("RouteTable", &e.object, "active", r.routeTableItem(e), e.isMain())
		for _, a := range r.routeTableItem(e).Associations {
			out = append(out, core.Resource{
				Service: "ec2", Kind: "RouteTableAssociation", ID: a.ID, Account: r.Account, Region: r.Region,
				State: a.State.State, AWSManaged: a.Main, Settings: settings(a),
			})
		}
	}
	for _, e := range r.groups.items {
		add("SecurityGroup", &e.object, "active", r.groupItem(e), e.isDefault)
		out[len(out)-1].Name = e.name
	}
	for _, e := range r.rules.items {
		add("SecurityGroupRule", &e.object, "active", r.ruleItem(e), e.automatic)
	}
	for _, e := range r.acls.items {
		add("NetworkACL", &e.object, "active", r.aclItem(e), true)
	}
	for _, e := range r.interfaces.items {
		item := r.interfaceItem(e)
		// The primary interface of an instance is no more AWS's own than its volume.
		add("NetworkInterface", &e.object, item.Status, item, e.requesterManaged)
	}
	for _, e := range r.templates.items {
		v, _ := e.version("$Default")
		add("LaunchTemplate", &e.object, "active", struct {
			launchTemplateItem
			Data templateData `xml:"launchTemplateData"`
		}{e.item(), v.data}, false)
		out[len(out)-1].Name = e.name
	}
	for _, e := range r.instances.items {
		if all || e.state != "terminated" {
			add("Instance", &e.object, e.state, r.instanceItem(e), false)
		}
	}
	for _, e := range r.endpoints.items {
		if !e.given && (all || e.state != "deleted") {
			add("VPCEndpoint", &e.object, e.state, r.vpcEndpointItem(e), false)
		}
	}
	for _, e := range r.services.items {
		if !e.given {
			item := struct {
				endpointServiceItem
				Principals []string `xml:"allowedPrincipals>item"`
			}{r.endpointServiceItem(e), nil}
			for _, p := range e.permissions {
				item.Principals = append(item.Principals, p.principal)
			}
			add("VPCEndpointService", &e.object, e.state, item, false)
		}
	}
	for _, e := range r.volumes.items {
		add("Volume", &e.object, e.state(), r.volumeItem(e), false)
	}
	return out
}

// settings turns a describe call's item into a map by its XML names: without tags and times, which a
// resource has elsewhere or which differ from run to run.
func settings(item any) map[string]any {
	out := map[string]any{}
	fill(out, reflect.ValueOf(item))
	return out
}

func fill(out map[string]any, v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			fill(out, v.Field(i))
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("xml"), ",")
		name = strings.TrimSuffix(strings.TrimSuffix(name, ">item"), ">groupId")
		name = strings.ReplaceAll(name, ">", ".")
		if !f.IsExported() || name == "-" || name == "tagSet" {
			continue
		}
		if value, has := plain(v.Field(i)); has {
			out[name] = value
		}
	}
}

func plain(v reflect.Value) (any, bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, false
		}
		return plain(v.Elem())
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return nil, false
		}
		m := map[string]any{}
		fill(m, v)
		return m, true
	case reflect.Slice:
		list := []any{}
		for i := range v.Len() {
			e, _ := plain(v.Index(i))
			list = append(list, e)
		}
		return list, len(list) > 0
	case reflect.String:
		return v.String(), v.String() != ""
	default:
		return v.Interface(), true
	}
}

// tagsByARN lists the tags of a region's objects for the Resource Groups Tagging API.
func (s *Service) tagsByARN(scope core.Scope) map[string]map[string]string {
	out := map[string]map[string]string{}
	r, exists := s.regions[scope]
	if !exists {
		return out
	}
	for o := range r.objects() {
		out[r.ARN("ec2", o.kind.resourceType+"/"+o.id)] = o.tags
	}
	return out
}
