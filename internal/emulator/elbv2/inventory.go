package elbv2

import (
	"maps"
	"strconv"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// inventory lists every live object; load balancers leave nothing behind that is only remembered.
func (s *Service) inventory(bool) []core.Resource {
	var out []core.Resource
	for scope, reg := range s.regions {
		base := core.Resource{Service: serviceName, Account: scope.Account, Region: scope.Region, Taggable: true}
		add := func(kind, id, name, arn, state string, tags map[string]string, managed bool, settings map[string]any) {
			r := base
			r.Kind, r.ID, r.Name, r.ARN, r.State, r.Tags, r.AWSManaged, r.Settings = kind, id, name, arn, state, maps.Clone(tags), managed, settings
			out = append(out, r)
		}
		for _, lb := range reg.loadBalancers.all() {
			add("LoadBalancer", lb.ID, lb.Name, lb.ARN, lb.State, lb.Tags, false, map[string]any{
				"type": lb.Type, "scheme": lb.Scheme, "ipAddressType": lb.IPAddressType, "vpc": lb.VPCID, "subnets": lb.subnets(),
				"securityGroups": lb.SecurityGroups, "enforcePrivateLink": lb.EnforcePrivateLink, "attributes": maps.Clone(lb.Attributes)})
		}
		for _, tg := range reg.targetGroups.all() {
			c := tg.Check
			targets := []string{} // those of ECS come and go
			for _, t := range tg.targets {
				if tg.TargetType == albTarget && t.State != targetDraining {
					targets = append(targets, t.ID+":"+strconv.Itoa(t.Port))
				}
			}
			add("TargetGroup", tg.ARN, tg.Name, tg.ARN, "", tg.Tags, false, map[string]any{
				"protocol": tg.Protocol, "protocolVersion": tg.ProtocolVersion, "port": tg.Port, "targetType": tg.TargetType, "vpc": tg.VPCID,
				"healthCheck": map[string]any{"enabled": true, "protocol": c.Protocol, "port": c.Port, "path": c.Path, "matcher": c.HTTPCode + c.GRPCCode,
					"interval": c.Interval, "timeout": c.Timeout, "healthyThreshold": c.Healthy, "unhealthyThreshold": c.Unhealthy},
				"attributes": maps.Clone(tg.Attributes), "loadBalancers": tg.loadBalancers(), "targets": targets})
		}
		for _, l := range reg.listeners.all() {
			o := reg.listenerOut(l)
			add("Listener", l.ARN, strconv.Itoa(l.Port), l.ARN, "", l.Tags, false, map[string]any{
				"loadBalancer": l.LoadBalancerARN, "port": l.Port, "protocol": l.Protocol, "sslPolicy": l.SSLPolicy, "certificate": l.Certificate,
				"certificates": l.More, "alpnPolicy": l.ALPN, "defaultActions": o.DefaultActions, "attributes": maps.Clone(l.Attributes)})
		}
		for _, u := range reg.rules.all() {
			add("ListenerRule", u.ARN, u.priority(), u.ARN, "", u.Tags, u.Default, map[string]any{
				"listener": u.ListenerARN, "priority": u.priority(), "conditions": u.Conditions, "actions": u.Actions, "transforms": u.Transforms})
		}
	}
	return out
}

// tagged are the tags of every object by ARN; default rules carry none.
func (s *Service) tagged(scope core.Scope) map[string]map[string]string {
	out := map[string]map[string]string{}
	reg := s.region(scope)
	for _, lb := range reg.loadBalancers.all() {
		out[lb.ARN] = maps.Clone(lb.Tags)
	}
	for _, tg := range reg.targetGroups.all() {
		out[tg.ARN] = maps.Clone(tg.Tags)
	}
	for _, l := range reg.listeners.all() {
		out[l.ARN] = maps.Clone(l.Tags)
	}
	for _, u := range reg.rules.all() {
		out[u.ARN] = maps.Clone(u.Tags)
	}
	return out
}
