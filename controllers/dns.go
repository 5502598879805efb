package controllers

import (
	"maps"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// dnsRecords are the records that somebody has to create, as far as they are known: those of the hosts, where the
// operator doesn't. What a walk didn't see stays as it was.
func dnsRecords(gw *v1alpha1.PortkeyGateway, res *engine.Result) []v1alpha1.DNSRecord {
	lb := gw.Resolved().LoadBalancer
	if lb == nil || lb.DNS != nil {
		return nil
	}
	var out []v1alpha1.DNSRecord
	add := func(name, value string, purpose v1alpha1.DNSRecordPurpose) {
		if name != "" && value != "" {
			out = append(out, v1alpha1.DNSRecord{Name: name, Type: "CNAME", Value: value, Purpose: purpose})
		}
	}
	balancer, certificate := res.Node(desired.BalancerOf(lb)), res.Node(desired.CertificateOf(lb))
	for _, host := range lb.HostNames() {
		if certificate != nil {
			add(certificate.Live.Out[kinds.ValidationName(host)], certificate.Live.Out[kinds.ValidationValue(host)], v1alpha1.DNSRecordValidation)
		}
		if balancer != nil {
			add(host, balancer.Live.Out["dns"], v1alpha1.DNSRecordAddress)
		}
	}
	for _, r := range gw.Status.DNSRecords {
		of := r.Name
		if r.Purpose == v1alpha1.DNSRecordValidation {
			_, of, _ = strings.Cut(r.Name, ".")
		}
		known := slices.ContainsFunc(out, func(x v1alpha1.DNSRecord) bool { return x.Name == r.Name && x.Purpose == r.Purpose })
		asked := slices.Contains(lb.HostNames(), of) && (r.Purpose == v1alpha1.DNSRecordAddress || lb.RequestsCertificate())
		if !known && asked {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b v1alpha1.DNSRecord) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// formerBalancer is the load balancer of another type or scheme that a record still leads to, as far as it is recorded.
func formerBalancer(gw *v1alpha1.PortkeyGateway) *desired.FormerBalancer {
	lb := gw.Resolved().LoadBalancer
	if lb == nil || lb.DNS == nil {
		return nil
	}
	wanted := desired.BalancerOf(lb)
	variant := ""
	for _, r := range gw.Status.Resources {
		for _, b := range gw.Status.Resources {
			if leads := r.Out["leads"]; b.Kind == (kinds.LoadBalancer{}).Name() && b.Node != string(wanted) && leads != "" && strings.EqualFold(leads, b.Out["dns"]) {
				variant, _ = desired.Balancing(graph.NodeID(b.Node))
			}
		}
	}
	if variant == "" {
		return nil
	}
	out := &desired.FormerBalancer{Groups: map[graph.NodeID]string{}}
	serving := map[string]bool{}
	for _, r := range gw.Status.Resources {
		node := graph.NodeID(r.Node)
		if of, ok := desired.Balancing(node); !ok || of != variant || r.ID == "" {
			continue
		}
		out.Nodes = append(out.Nodes, node)
		if desired.IsTargetGroup(node) {
			out.Groups[node] = r.ID
		}
		if group := r.Out["serving"]; group != "" && desired.IsProduction(node) {
			serving[group] = true
		}
	}
	// Where rollouts shifted traffic, tasks of the other group of a pair get none.
	if len(serving) > 0 {
		maps.DeleteFunc(out.Groups, func(_ graph.NodeID, group string) bool { return !serving[group] })
	}
	return out
}

// hostedZones are the zones in which there are records of the deployment, as far as it is recorded.
func hostedZones(gw *v1alpha1.PortkeyGateway) []string {
	var out []string
	for _, r := range gw.Status.Resources {
		if zone, _, ok := strings.Cut(r.ID, "/"); ok && r.Kind == (kinds.RecordSet{}).Name() && !slices.Contains(out, zone) {
			out = append(out, zone)
		}
	}
	return out
}
