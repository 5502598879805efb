package aws

import (
	"context"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// HostedZone is what matters of a hosted zone.
type HostedZone struct {
	// Name is its domain, without the final dot.
	Name string
	// Private says that only VPCs see it.
	Private bool
}

// Holds reports whether a host name lies in the zone.
func (z HostedZone) Holds(host string) bool {
	return host == z.Name || strings.HasSuffix(host, "."+z.Name)
}

// ReadHostedZone reads a hosted zone; one that doesn't exist is an error of class NotFound, one of another account of
// class Denied.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHostedZone.html
func ReadHostedZone(ctx context.Context, c Route53, id string) (HostedZone, error) {
	out, err := c.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &id})
	if err != nil {
		return HostedZone{}, err
	}
	z := HostedZone{Name: plainName(sdk.ToString(out.HostedZone.Name))}
	if out.HostedZone.Config != nil {
		z.Private = out.HostedZone.Config.PrivateZone
	}
	return z, nil
}

// ownerLabel is put before a record's name to name the TXT record that says whose it is.
const ownerLabel = "_portkey-owner."

// MaxOwnedName is the longest name of a record that can have an owner beside it.
const MaxOwnedName = 253 - len(ownerLabel)

// OwnerName is the name of the TXT record that says whose the records of a name are.
func OwnerName(name string) string { return ownerLabel + name }

// OwnedName is the name that an owner's TXT record is about; ok is false for other names.
func OwnedName(name string) (of string, ok bool) {
	return strings.CutPrefix(plainName(name), ownerLabel)
}

// Records are those of one name, with the TXT record of their owners.
type Records struct {
	// At are all of that name.
	At []r53types.ResourceRecordSet
	// Owners is the TXT record that says whose they are, nil where there is none.
	Owners *r53types.ResourceRecordSet
}

// leading are the types of records that lead clients somewhere.
var leading = []r53types.RRType{r53types.RRTypeA, r53types.RRTypeAaaa, r53types.RRTypeCname}

// Leading answers the records that lead clients somewhere.
func (r Records) Leading() []r53types.ResourceRecordSet {
	return slices.DeleteFunc(slices.Clone(r.At), func(x r53types.ResourceRecordSet) bool { return !slices.Contains(leading, x.Type) })
}

// RecordText is a record's name and type as people write them.
func RecordText(r r53types.ResourceRecordSet) string {
	return strings.TrimSuffix(sdk.ToString(r.Name), ".") + " " + string(r.Type)
}

// recordsPage is how many records are read at once: what belongs to a name mostly lies behind it.
const recordsPage = 50

// ReadRecords reads the records of a name in a hosted zone. A zone that doesn't exist is an error of class NotFound.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
func ReadRecords(ctx context.Context, c Route53, zone, name string) (Records, error) {
	var out Records
	owners := OwnerName(name)
	// In AWS's order a name's children follow it, so one page has mostly all.
	page, err := c.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: &zone, StartRecordName: &name, MaxItems: sdk.Int32(recordsPage)})
	for ; err == nil; page, err = next(ctx, c, zone, page) {
		for i := range page.ResourceRecordSets {
			switch r := page.ResourceRecordSets[i]; {
			case plainName(sdk.ToString(r.Name)) == name:
				out.At = append(out.At, r)
			case plainName(sdk.ToString(r.Name)) == owners && r.Type == r53types.RRTypeTxt:
				out.Owners = &r
			}
		}
		if out.Owners != nil || !page.IsTruncated {
			return out, nil
		}
		if plainName(sdk.ToString(page.NextRecordName)) != name {
			break
		}
	}
	if err != nil {
		return Records{}, err
	}
	last, err := c.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{
		HostedZoneId: &zone, StartRecordName: &owners, StartRecordType: r53types.RRTypeTxt, MaxItems: sdk.Int32(1),
	})
	if err != nil {
		return Records{}, err
	}
	for i := range last.ResourceRecordSets {
		if r := last.ResourceRecordSets[i]; plainName(sdk.ToString(r.Name)) == owners && r.Type == r53types.RRTypeTxt {
			out.Owners = &r
		}
	}
	return out, nil
}

func next(ctx context.Context, c Route53, zone string, page *route53.ListResourceRecordSetsOutput) (*route53.ListResourceRecordSetsOutput, error) {
	return c.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{
		HostedZoneId: &zone, StartRecordName: page.NextRecordName, StartRecordType: page.NextRecordType, StartRecordIdentifier: page.NextRecordIdentifier,
		MaxItems: sdk.Int32(recordsPage),
	})
}

// ListOwners lists all records of a hosted zone that say whose others are.
func ListOwners(ctx context.Context, c Route53, zone string) ([]r53types.ResourceRecordSet, error) {
	var out []r53types.ResourceRecordSet
	page, err := c.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: &zone})
	for ; err == nil; page, err = c.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{
		HostedZoneId: &zone, StartRecordName: page.NextRecordName, StartRecordType: page.NextRecordType, StartRecordIdentifier: page.NextRecordIdentifier,
	}) {
		for i := range page.ResourceRecordSets {
			r := page.ResourceRecordSets[i]
			if _, ok := OwnedName(sdk.ToString(r.Name)); ok && r.Type == r53types.RRTypeTxt {
				out = append(out, r)
			}
		}
		if !page.IsTruncated {
			return out, nil
		}
	}
	return nil, err
}

// plainName is a name as people write it: without the final dot.
func plainName(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }
