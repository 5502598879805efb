package route53

import (
	"encoding/xml"
	"slices"
	"strings"
)

// recordSet is a resource record set. Of the routing policies only weighted and simple records are known.
type recordSet struct {
	Name            string
	Type            string
	SetIdentifier   string           `xml:",omitempty"`
	Weight          *int64           `xml:",omitempty"`
	TTL             *int64           `xml:",omitempty"`
	ResourceRecords []resourceRecord `xml:"ResourceRecords>ResourceRecord,omitempty"`
	AliasTarget     *aliasTarget     `xml:",omitempty"`
	Unknown         []unknown        `xml:",any"`
}

type resourceRecord struct{ Value string }

type aliasTarget struct {
	HostedZoneId         string
	DNSName              string
	EvaluateTargetHealth bool
	Unknown              []unknown `xml:",any"`
}

// unknown is an element that the emulator doesn't support.
type unknown struct{ XMLName xml.Name }

// values are the record's values, or its alias target, for people.
func (r recordSet) values() []string {
	if a := r.AliasTarget; a != nil {
		return []string{"ALIAS " + a.HostedZoneId + " " + a.DNSName}
	}
	out := make([]string, len(r.ResourceRecords))
	for i, v := range r.ResourceRecords {
		out[i] = v.Value
	}
	return out
}

// equal reports whether a deletion names a record as it is; the order of values means nothing.
func (r recordSet) equal(other recordSet) bool {
	if deref(r.TTL) != deref(other.TTL) || deref(r.Weight) != deref(other.Weight) || (r.AliasTarget == nil) != (other.AliasTarget == nil) {
		return false
	}
	if a, b := r.AliasTarget, other.AliasTarget; a != nil && (a.HostedZoneId != b.HostedZoneId || a.DNSName != b.DNSName || a.EvaluateTargetHealth != b.EvaluateTargetHealth) {
		return false
	}
	a, b := r.values(), other.values()
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

func deref(n *int64) int64 {
	if n == nil {
		return -1
	}
	return *n
}

// normal is a record as Route 53 keeps it: names in lower case with their final dot.
func (r recordSet) normal() recordSet {
	r.Name = dotted(unescaped(r.Name))
	if a := r.AliasTarget; a != nil {
		b := *a
		b.DNSName = dotted(b.DNSName)
		r.AliasTarget = &b
	}
	return r
}

// unescaped reads octal codes in a name.
func unescaped(name string) string {
	for _, c := range []string{"*", "@"} {
		name = strings.ReplaceAll(name, escaped(c), c)
	}
	return name
}
