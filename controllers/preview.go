package controllers

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
)

// Foreseen is what the operator would do for a gateway that needn't be applied.
type Foreseen struct {
	// Plan is the whole plan, unlike that of status.
	Plan *v1alpha1.Plan
	// AccountID is where: empty without an AWS.
	AccountID string
	// Warnings are what nothing forbids; Assumptions are what couldn't be looked up.
	Warnings, Assumptions []string
}

// Preview plans a gateway as the operator would: by the same preflight and the same walk, with the given identity of
// the cluster. The object has the spec that is asked about, and metadata and status as the cluster has them. Neither
// AWS nor Kubernetes is written to. An error says why the operator would refuse the spec, or what couldn't be read.
func Preview(ctx context.Context, gw *v1alpha1.PortkeyGateway, cluster string, worlds Worlds, now func() time.Time) (*Foreseen, error) {
	gw = gw.DeepCopy()
	gw.Spec.ManagementPolicy = v1alpha1.ManagementObserve
	for _, name := range []string{v1alpha1.AnnotationPromote, v1alpha1.AnnotationAbort, v1alpha1.AnnotationRetry} {
		delete(gw.Annotations, name) // they are about the rollout under way, and no part of a plan
	}
	r := &PortkeyGatewayReconciler{Worlds: worlds, Cluster: cluster, Now: now}
	w, stop, err := r.open(ctx, gw)
	if err != nil {
		return nil, err
	}
	if stop != nil {
		return nil, stop
	}
	s := r.sessions.of(gw)
	g, stop := r.admit(ctx, gw, w, s)
	if stop != nil {
		return nil, stop
	}
	in := r.input(gw, g, w, s)
	in.Mode, in.Memory, in.Full = engine.Plan, nil, true
	out := &Foreseen{Plan: planOf(r.walk(ctx, in)), AccountID: w.Account}
	if len(desired.Mirrors(gw.Resolved())) > 0 {
		out.Assumptions = append(out.Assumptions, unreadSources)
	}
	for _, warning := range []string{s.warning, s.unfollowed, s.unkeyed} {
		if warning != "" {
			out.Warnings = append(out.Warnings, warning)
		}
	}
	return out, nil
}

// unreadSources is that a preview reads no Kubernetes Secrets: who asks for it may have no right to.
const unreadSources = "the Kubernetes Secrets that the spec names exist and have its keys, and their values are those of their copies"

// Error implements error, for those who ask without a status to write it into.
func (r *refusal) Error() string { return r.reason + ": " + r.message }

// offlineZones end the names of the zones that a region is taken to have.
const offlineZones = "abcdef"

// PreviewOffline plans a gateway of which nothing exists, without an AWS: everything is to be created.
func PreviewOffline(ctx context.Context, gw *v1alpha1.PortkeyGateway, now func() time.Time) (*Foreseen, error) {
	out := &Foreseen{Assumptions: []string{"nothing of it exists yet", "what only AWS knows is known after apply", "secrets, buckets, certificates and quotas are as the spec needs them"}}
	gw = gw.DeepCopy()
	gw.Status = v1alpha1.PortkeyGatewayStatus{}
	if stop := checkVersions(gw.Resolved()); stop != nil {
		return nil, stop
	}
	facts := desired.Facts{Account: "000000000000", Region: gw.Spec.Region, Partition: "aws"}
	if parts := strings.Split(gw.Spec.Credentials.License.SecretARN, ":"); len(parts) > 1 {
		facts.Partition = parts[1]
	}
	for _, zone := range offlineZones {
		facts.Zones = append(facts.Zones, gw.Spec.Region+string(zone))
	}
	spec := gw.Resolved()
	if v := spec.Network.VPC; v != nil {
		out.Assumptions = append(out.Assumptions, fmt.Sprintf("%s has the availability zones %s to %s", gw.Spec.Region, facts.Zones[0], facts.Zones[v.Zones-1]))
	}
	if e := spec.Network.Existing; e != nil {
		facts.VPCCIDRs = []string{"10.0.0.0/8"}
		out.Assumptions = append(out.Assumptions, e.VPCID+" and its subnets are as the spec needs them")
	}
	if spec.ControlPlane.Outbound.PrivateLink != nil {
		facts.PrivateLink = &desired.PrivateLink{}
		out.Assumptions = append(out.Assumptions, "Portkey accepts the endpoint later: until then the tasks reach the control plane over the internet")
	}
	if e := spec.Cache.ElastiCache; e != nil && e.ReplicationGroupID != "" {
		facts.Cache = &desired.ExistingCache{Name: e.ReplicationGroupID, Address: e.ReplicationGroupID + ".invalid:6379", TLS: true, SecurityGroup: "sg-00000000"}
		out.Assumptions = append(out.Assumptions, "the replication group "+e.ReplicationGroupID+" exists, with encryption in transit and a security group")
	}
	if len(desired.Mirrors(spec)) > 0 {
		out.Assumptions = append(out.Assumptions, unreadSources)
	}
	r := &PortkeyGatewayReconciler{Now: now}
	g, err := desired.Build(gw, r.owner(gw), facts)
	if err != nil {
		return nil, err
	}
	in := r.input(gw, g, &aws.World{Reads: aws.NewReads()}, &session{})
	in.Mode, in.Memory, in.Full, in.Blank, in.Kinds = engine.Plan, nil, true, true, nil
	out.Plan = planOf(r.walk(ctx, in))
	return out, nil
}
