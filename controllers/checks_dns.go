package controllers

import (
	"context"
	"fmt"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// dnsChecks are what is asked of AWS about the hosted zone in which the hosts' records are made.
func dnsChecks(lb *v1alpha1.LoadBalancer, w *aws.World, owner own.Owner) []check {
	if lb.DNS == nil {
		return nil
	}
	what := fmt.Sprintf("hosted zone %s for %v, certificate: %t", lb.DNS.HostedZoneID, lb.HostNames(), lb.RequestsCertificate())
	return []check{{what, func(ctx context.Context) *refusal { return checkZone(ctx, w, lb, owner) }}}
}

// checkZone makes sure that a hosted zone is there, fits the hosts, and has nobody else's records at them.
func checkZone(ctx context.Context, w *aws.World, lb *v1alpha1.LoadBalancer, owner own.Owner) *refusal {
	id := lb.DNS.HostedZoneID
	no := func(format string, args ...any) *refusal {
		return &refusal{reason: v1alpha1.ReasonHostedZoneUnusable, message: "loadBalancer.dns.hostedZoneID: " + fmt.Sprintf(format, args...)}
	}
	zone, err := aws.ReadHostedZone(ctx, w.Route53, id)
	if err != nil {
		if f := aws.Classify(err); f.Class == graph.Denied {
			return no("the operator may not see the hosted zone %s: name one of account %s, or allow its role %s on it (config/iam/dns.json)", id, w.Account, f.Action)
		}
		return unusable(err, v1alpha1.ReasonHostedZoneUnusable, fmt.Sprintf(
			"loadBalancer.dns.hostedZoneID: there is no hosted zone %s: create it in account %s, or correct hostedZoneID", id, w.Account))
	}
	for _, host := range lb.HostNames() {
		switch {
		case !zone.Holds(host):
			return no("the hosted zone %s is for %s, and %s isn't below that: name the zone of %s, or correct loadBalancer.hosts", id, zone.Name, host, host)
		case len(host) > aws.MaxOwnedName:
			return no("%s leaves no room for the record beside it that says whose it is: shorten it to %d characters", host, aws.MaxOwnedName)
		}
	}
	if zone.Private && lb.RequestsCertificate() {
		return no("the hosted zone %s is private, and AWS Certificate Manager validates in public DNS only: remove certificate and give certificateARN, or name the public zone of %s", id, zone.Name)
	}
	for _, host := range lb.HostNames() {
		if stop := checkHost(ctx, w, lb.DNS.HostedZoneID, host, owner, no); stop != nil {
			return stop
		}
	}
	return nil
}

// checkHost makes sure that a host has no record but the owner's.
func checkHost(ctx context.Context, w *aws.World, zone, host string, owner own.Owner, no func(string, ...any) *refusal) *refusal {
	found, err := aws.ReadRecords(ctx, w.Route53, zone, host)
	if err != nil {
		return unusable(err, v1alpha1.ReasonHostedZoneUnusable, fmt.Sprintf("loadBalancer.dns.hostedZoneID: there is no hosted zone %s", zone))
	}
	proof := owner.Proof("")
	if kinds.Claims(found.Owners, proof) {
		return nil
	}
	there := found.Leading()
	switch {
	case len(there) > 0:
		return no("the hosted zone %s has a record %s of somebody else's: remove it or use another host, or hand it over: create the record %s TXT %q beside it", zone, aws.RecordText(there[0]), aws.OwnerName(host), kinds.Claim(proof))
	case found.Owners != nil:
		return no("the hosted zone %s has a record %s by which %s is somebody else's: remove that record, or use another host", zone, aws.RecordText(*found.Owners), host)
	}
	return nil
}
