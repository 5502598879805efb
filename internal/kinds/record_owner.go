package kinds

import (
	"context"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// Whose a record is, the TXT record _portkey-owner.NAME says: one value for each owner, with a digest of the cluster and
// resource, since everybody can read it, and the node, by which a lost record is found again.

// TagZones is the tag of a load balancer that names the hosted zones in which its records are: where to look for them
// when their record was lost.
const TagZones = "ecs.portkey.ai/hosted-zones"

// ProofRole begins the role of nodes of TXT records: a lost one is known by it.
const ProofRole = "proof-"

const claimBegins = "portkey-ecs-operator owner="

// Claim is the value, as Route 53 writes it, by which the TXT record of a name's owners says that it is an owner's: the
// beginning of it, without the node.
func Claim(proof map[string]string) string {
	return claimBegins + own.Digest([]string{proof[own.TagCluster], proof[own.TagOwner]})[:32]
}

// claim is the whole value of a node.
func claim(call graph.Call) string {
	return `"` + Claim(call.Owner) + " node=" + string(call.Node) + `"`
}

// claims reports whether a value says that a record is an owner's.
func claims(value, owner string) bool {
	rest, ok := strings.CutPrefix(strings.Trim(value, `"`), owner)
	return ok && (rest == "" || strings.HasPrefix(rest, " "))
}

// Claims reports whether the TXT record of a name's owners has an owner among them.
func Claims(owners *r53types.ResourceRecordSet, proof map[string]string) bool {
	return owners != nil && slices.ContainsFunc(owners.ResourceRecords, func(r r53types.ResourceRecord) bool { return claims(sdk.ToString(r.Value), Claim(proof)) })
}

// owners tells whether a TXT record has this owner among its values, and which others.
func owners(call graph.Call, txt *r53types.ResourceRecordSet) (mine bool, others []r53types.ResourceRecord) {
	if txt == nil {
		return false, nil
	}
	for _, r := range txt.ResourceRecords {
		if claims(sdk.ToString(r.Value), Claim(call.Owner)) {
			mine = true
			continue
		}
		others = append(others, r)
	}
	return mine, others
}

// claim adds the owner to the TXT record of a name, and answers that as it is then.
func (b *batch) claim(call graph.Call, name string, txt *r53types.ResourceRecordSet) r53types.ResourceRecordSet {
	mine, others := owners(call, txt)
	if mine {
		return *txt
	}
	if txt != nil {
		b.remove(*txt)
	}
	out := r53types.ResourceRecordSet{Name: sdk.String(aws.OwnerName(name)), Type: r53types.RRTypeTxt, TTL: sdk.Int64(recordTTL),
		ResourceRecords: append(slices.Clone(others), r53types.ResourceRecord{Value: sdk.String(claim(call))})}
	b.create(out)
	return out
}

// disclaim takes the owner out of a TXT record, which goes with the last.
func (b *batch) disclaim(call graph.Call, txt *r53types.ResourceRecordSet) {
	_, others := owners(call, txt)
	b.remove(*txt)
	if len(others) > 0 {
		rest := *txt
		rest.ResourceRecords = others
		b.create(rest)
	}
}

// Apart implements graph.Apart: a whole zone is read.
func (RecordSet) Apart() bool { return true }

// List implements graph.Lister, by the zones that the owner's load balancers name. A zone that isn't there, or that the
// operator may not see, has nothing that could be done about.
func (RecordSet) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	out := map[graph.NodeID]graph.Live{}
	var zones []string
	for _, tags := range ownedTags(ctx, call) {
		zones = append(zones, strings.Fields(tags[TagZones])...)
	}
	slices.Sort(zones)
	for _, zone := range slices.Compact(zones) {
		found, err := aws.ListOwners(ctx, world(call).Route53, zone)
		if notFound(err) || unsupported(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, txt := range found {
			for _, r := range txt.ResourceRecords {
				value := strings.Trim(sdk.ToString(r.Value), `"`)
				_, node, ok := strings.Cut(value, " node=")
				name, _ := aws.OwnedName(sdk.ToString(txt.Name))
				if !ok || !claims(value, Claim(call.Owner)) {
					continue
				}
				kind := string(r53types.RRTypeA)
				if strings.HasPrefix(name, "_") { // names that prove something begin so, and no host's does
					kind = cname
				}
				if _, role, _ := strings.Cut(node, "/"); strings.HasPrefix(role, ProofRole) {
					kind = txtType
				}
				out[graph.NodeID(node)] = graph.Live{ID: recordID{zone, kind, name}.String(), Phase: graph.Ready, Owner: graph.Ours}
			}
		}
	}
	return out, nil
}
