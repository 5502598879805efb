package kinds

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// RecordSet is a record in somebody's hosted zone of Route 53: an alias of a load balancer, the CNAME that proves a name
// to AWS Certificate Manager, or the TXT record that proves one to AWS PrivateLink. Records have no tags. So each has a TXT record beside it that says whose it is
// (record_owner.go), and both are made, changed and removed together or not at all: Route 53 makes all changes of a
// batch or none, and removes a record only by the values that it has at that moment, so that what somebody else
// writes meanwhile is never lost.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
//
// The id is zone/type/name. Outputs: "name" at once; "leads", where clients come by it, once none can come elsewhere any
// more; "change", and "moved" where it led elsewhere before, while a change of it is on its way, for the record's own next
// look.
type RecordSet struct{}

// RecordSetSpec is what a record should be.
type RecordSetSpec struct {
	// Zone is the id of an existing hosted zone.
	Zone string `json:"zone"`
	// Name is a host name, without a final dot.
	Name graph.Value `json:"name"`
	// Type is "A" for an alias, and "CNAME" or "TXT" for a value.
	Type string `json:"type"`
	// Alias and AliasZone are the DNS name and the hosted zone of a load balancer.
	Alias     graph.Value `json:"alias,omitzero"`
	AliasZone graph.Value `json:"aliasZone,omitzero"`
	// Value is the value of a CNAME or TXT record. One that is there already with this value serves as it is, and others
	// may say in the TXT record beside it that they need it too: it goes with the last of them.
	Value graph.Value `json:"value,omitzero"`
}

// Last implements graph.Last: nobody is sent away from an address before all that takes its place is there.
func (RecordSet) Last() bool { return true }

// Name implements graph.Kind.
func (RecordSet) Name() string { return "RecordSet" }

// recordID is the zone, type and name of a record.
type recordID struct{ zone, kind, name string }

func (r recordID) String() string { return r.zone + "/" + r.kind + "/" + r.name }

// id is that of the record that the spec asks for, or else of the one that is recorded.
func (s RecordSetSpec) id(call graph.Call) recordID {
	if s.Zone != "" && known(s.Name) {
		return recordID{s.Zone, s.Type, s.Name.String()}
	}
	return recordedID(call)
}

func recordedID(call graph.Call) recordID {
	parts := strings.SplitN(call.ID, "/", 3)
	if len(parts) != 3 {
		return recordID{}
	}
	return recordID{parts[0], parts[1], parts[2]}
}

// recordSet is a record as it was seen.
type recordSet struct {
	recordID
	aws.Records
	// Change is a change that is on its way, since when, and Moved whether it led elsewhere before.
	Change string
	Since  time.Time
	Moved  bool
	// Spread says that all name servers have the change.
	Spread bool
	// Given says that somebody else made the record as it is wanted, and looks after it.
	Given bool
}

// standing are the records that the set is about, as they were read.
func (r recordSet) standing() []r53types.ResourceRecordSet {
	if r.kind != txtType {
		return r.Leading()
	}
	return slices.DeleteFunc(slices.Clone(r.At), func(x r53types.ResourceRecordSet) bool { return x.Type != r53types.RRTypeTxt })
}

// Observe implements graph.Kind. A zone can't go before its records, so one that isn't there has none. AWS says what a
// record that proves a name is called, and another endpoint service has another: the recorded one is looked for first,
// so that it goes when that one is made.
func (k RecordSet) Observe(ctx context.Context, call graph.Call, spec RecordSetSpec) (graph.Live, error) {
	id := spec.id(call)
	if was := recordedID(call); was.kind == txtType && was.zone == id.zone && was != id {
		live, err := k.observe(ctx, call, spec, was)
		if err != nil || live.Owner == graph.Ours {
			return live, err
		}
	}
	return k.observe(ctx, call, spec, id)
}

func (RecordSet) observe(ctx context.Context, call graph.Call, spec RecordSetSpec, id recordID) (graph.Live, error) {
	if id.name == "" {
		return graph.Live{Phase: graph.Absent}, nil
	}
	w := world(call)
	found, err := aws.ReadRecords(ctx, w.Route53, id.zone, id.name)
	if notFound(err) {
		return graph.Live{Phase: graph.Absent}, nil
	}
	if err != nil {
		return graph.Live{}, err
	}
	r := recordSet{recordID: id, Records: found, Change: call.Recorded["change"], Moved: call.Recorded["moved"] != ""}
	mine, others := owners(call, found.Owners)
	there, shared := len(r.standing()) > 0, id.shared()
	ours := mine
	switch {
	case mine: // also where the record was removed and its owner left
	case !there && (shared || len(others) == 0):
		return graph.Live{Phase: graph.Absent}, nil
	case shared && known(spec.Value) && r.is(spec):
		ours, r.Given = true, len(others) == 0
	}
	if r.Change != "" {
		if err := r.follow(ctx, w); err != nil {
			return graph.Live{}, err
		}
	}
	return r.live(call, ours), nil
}

const (
	cname   = string(r53types.RRTypeCname)
	txtType = string(r53types.RRTypeTxt)
)

// shared reports whether somebody else may need the same record: what proves a name is the same for all.
func (r recordID) shared() bool { return r.kind == cname || r.kind == txtType }

// follow asks how far a change is.
func (r *recordSet) follow(ctx context.Context, w *aws.World) error {
	out, err := w.Route53.GetChange(ctx, &route53.GetChangeInput{Id: &r.Change})
	if notFound(err) {
		r.Change = ""
		return nil
	}
	if err != nil {
		return err
	}
	r.Since, r.Spread = sdk.ToTime(out.ChangeInfo.SubmittedAt), cmp.Or(out.ChangeInfo.Status, r53types.ChangeStatusInsync) == r53types.ChangeStatusInsync
	return nil
}

func (r recordSet) live(call graph.Call, ours bool) graph.Live {
	l := graph.Live{ID: r.String(), Phase: graph.Ready, Owner: graph.Foreign, Raw: r, Out: map[graph.Attr]string{"name": r.name}}
	if ours {
		l.Owner = graph.Ours
	}
	settled := r.Change == "" || r.Spread && (!r.Moved || call.Now.Sub(r.Since) >= addressForgotten)
	if all := r.Leading(); settled && len(all) > 0 && all[0].AliasTarget != nil {
		l.Out["leads"] = strings.ToLower(strings.TrimSuffix(sdk.ToString(all[0].AliasTarget.DNSName), "."))
	} else if was := call.Recorded["leads"]; was != "" {
		l.Out["leads"] = was
	}
	if settled {
		return l
	}
	l.Phase, l.Out["change"] = graph.Pending, r.Change
	if r.Moved {
		l.Out["moved"] = "true"
	}
	l.Why, l.Recheck = "the change is on its way to AWS's name servers", recheck(call.Now, r.Since, recordSpreading)
	if r.Spread {
		l.Why, l.Recheck = "resolvers may still know the address of before", addressForgotten-call.Now.Sub(r.Since)
	}
	return l
}

// want is the record that the spec asks for.
func (s RecordSetSpec) want() r53types.ResourceRecordSet {
	out := r53types.ResourceRecordSet{Name: sdk.String(s.Name.String()), Type: r53types.RRType(s.Type)}
	if s.Type == txtType { // a character string of its own, as Route 53 writes it
		out.TTL, out.ResourceRecords = sdk.Int64(recordTTL), []r53types.ResourceRecord{{Value: sdk.String(`"` + s.Value.String() + `"`)}}
		return out
	}
	if s.Type == cname {
		out.TTL, out.ResourceRecords = sdk.Int64(recordTTL), []r53types.ResourceRecord{{Value: sdk.String(s.Value.String())}}
		return out
	}
	out.AliasTarget = &r53types.AliasTarget{DNSName: sdk.String(s.Alias.String()), HostedZoneId: sdk.String(s.AliasZone.String())}
	return out
}

// leads is where a record leads, for comparison.
func leads(r r53types.ResourceRecordSet) string {
	var out []string
	if a := r.AliasTarget; a != nil {
		out = append(out, "alias", sdk.ToString(a.HostedZoneId), strings.ToLower(strings.TrimSuffix(sdk.ToString(a.DNSName), ".")))
	}
	for _, v := range r.ResourceRecords {
		if r.Type == r53types.RRTypeTxt { // counts as it is written
			out = append(out, sdk.ToString(v.Value))
			continue
		}
		out = append(out, strings.ToLower(strings.TrimSuffix(sdk.ToString(v.Value), ".")))
	}
	if r.SetIdentifier != nil {
		out = append(out, "of "+*r.SetIdentifier)
	}
	return strings.Join(out, " ")
}

// is reports whether the record leads where the spec says.
func (r recordSet) is(spec RecordSetSpec) bool { return r.leads() == leads(spec.want()) }

func (r recordSet) leads() string {
	var out []string
	for _, x := range r.standing() {
		out = append(out, leads(x))
	}
	return strings.Join(out, ", ")
}

// Diff implements graph.Kind.
func (RecordSet) Diff(call graph.Call, want RecordSetSpec, live graph.Live) []graph.Change {
	have := raw[recordSet](live)
	if have.Given {
		return nil
	}
	var d difference
	if id := want.id(call); id != have.recordID {
		d.text("name", have.name, id.name)
	}
	d.text("target", have.leads(), leads(want.want()))
	if mine, _ := owners(call, have.Owners); !mine {
		d.text("owners", "", claim(call))
	}
	return d
}

// Create implements graph.Kind: a record that is there already is never taken.
func (RecordSet) Create(ctx context.Context, call graph.Call, spec RecordSetSpec) (graph.Live, error) {
	id := spec.id(call)
	r := recordSet{recordID: id}
	if id.shared() { // others may say already that they need it
		found, err := aws.ReadRecords(ctx, world(call).Route53, id.zone, id.name)
		if err != nil {
			return graph.Live{}, err
		}
		r.Owners = found.Owners
	}
	return r.write(ctx, call, spec)
}

// Update implements graph.Kind. All that was read is named as it was, so that a change of somebody else's in between has
// AWS refuse the batch.
func (RecordSet) Update(ctx context.Context, call graph.Call, spec RecordSetSpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	r := raw[recordSet](live)
	r.Moved = r.kind != txtType && len(r.Leading()) > 0 && !r.is(spec)
	out, err := r.write(ctx, call, spec)
	if err != nil {
		return live, err
	}
	return out, nil
}

// write makes the record what the spec asks for, with the owner beside it, in one batch.
func (r recordSet) write(ctx context.Context, call graph.Call, spec RecordSetSpec) (graph.Live, error) {
	var b batch
	want := spec.want()
	switch id := spec.id(call); {
	case id != r.recordID: // the one under the name of before goes as it does on deletion
		r.withdraw(&b, call)
		b.create(want)
		r.recordID, r.Owners = id, nil
	case !r.is(spec):
		b.remove(r.standing()...)
		b.create(want)
	}
	claimed := b.claim(call, r.name, r.Owners)
	out, err := b.send(ctx, call, r.zone)
	if err != nil {
		return graph.Live{}, err
	}
	r.At, r.Owners, r.Given = []r53types.ResourceRecordSet{want}, &claimed, false
	r.Change, r.Since, r.Spread = lastOf(sdk.ToString(out.ChangeInfo.Id)), sdk.ToTime(out.ChangeInfo.SubmittedAt), false
	return r.live(call, true), nil
}

// Delete implements graph.Kind. A record that others need too stays, and so does one that somebody else made.
func (RecordSet) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	r := raw[recordSet](live)
	if mine, _ := owners(call, r.Owners); !mine {
		return true, nil
	}
	var b batch
	r.withdraw(&b, call)
	_, err := b.send(ctx, call, r.zone)
	return ignore(err, notFound) == nil, ignore(err, notFound)
}

// withdraw takes the owner away, and with the last one the record.
func (r recordSet) withdraw(b *batch, call graph.Call) {
	mine, others := owners(call, r.Owners)
	if !mine {
		return
	}
	if len(others) == 0 {
		b.remove(r.standing()...)
	}
	b.disclaim(call, r.Owners)
}

// batch collects changes that are made together.
type batch []r53types.Change

func (b *batch) create(r r53types.ResourceRecordSet) {
	*b = append(*b, r53types.Change{Action: r53types.ChangeActionCreate, ResourceRecordSet: &r})
}

func (b *batch) remove(records ...r53types.ResourceRecordSet) {
	for i := range records {
		*b = append(*b, r53types.Change{Action: r53types.ChangeActionDelete, ResourceRecordSet: &records[i]})
	}
}

func (b *batch) send(ctx context.Context, call graph.Call, zone string) (*route53.ChangeResourceRecordSetsOutput, error) {
	return world(call).Route53.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: &zone, ChangeBatch: &r53types.ChangeBatch{Changes: slices.Clone(*b)},
	})
}
