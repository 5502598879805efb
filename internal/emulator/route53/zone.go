package route53

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// zone is a hosted zone.
type zone struct {
	account, id, name string // the name ends with a dot
	private           bool
	partition         string
	// records are what the API tells, published what name servers answer; both in AWS's order.
	records, published []recordSet
}

func (z *zone) arn() string { return "arn:" + z.partition + ":route53:::hostedzone/" + z.id }

// AddZone makes a hosted zone, with the records that each has, and answers its id: the one given, or a new one.
// Public zones are delegated to. The caller holds the world's lock.
func (s *Service) AddZone(scope core.Scope, id, name string, private bool) string {
	if id == "" {
		id = "Z0" + s.w.Alnum(18)
	}
	z := &zone{account: scope.Account, id: id, name: dotted(name), private: private, partition: scope.Partition()}
	z.put(recordSet{Name: z.name, Type: "NS", TTL: new(int64(172800)), ResourceRecords: []resourceRecord{{"ns-1.awsdns-01.com."}, {"ns-2.awsdns-02.net."}}})
	z.put(recordSet{Name: z.name, Type: "SOA", TTL: new(int64(900)), ResourceRecords: []resourceRecord{{"ns-1.awsdns-01.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"}}})
	z.published = slices.Clone(z.records)
	s.zones = append(s.zones, z)
	return id
}

// EnsureZone makes a public hosted zone where there is none of the id. The caller holds the world's lock.
func (s *Service) EnsureZone(scope core.Scope, id, name string) {
	if s.byID(id) == nil {
		s.AddZone(scope, id, name, false)
	}
}

// AddRecord makes a record in a hosted zone as its owner would, known to DNS at once. The caller holds the world's
// lock.
func (s *Service) AddRecord(zoneID, name, recordType string, values ...string) {
	z := s.byID(zoneID)
	r := recordSet{Name: dotted(name), Type: recordType, TTL: new(int64(300))}
	for _, v := range values {
		r.ResourceRecords = append(r.ResourceRecords, resourceRecord{v})
	}
	z.put(r)
	z.published = slices.Clone(z.records)
	s.tell()
}

// RemoveRecord takes a record out of a hosted zone as its owner would. The caller holds the world's lock.
func (s *Service) RemoveRecord(zoneID, name, recordType string) {
	z := s.byID(zoneID)
	z.records = slices.DeleteFunc(slices.Clone(z.records), func(r recordSet) bool { return r.Name == dotted(name) && r.Type == recordType })
	z.published = slices.Clone(z.records)
	s.tell()
}

func (s *Service) byID(id string) *zone {
	for _, z := range s.zones {
		if z.id == id {
			return z
		}
	}
	return nil
}

// zone finds a caller's zone.
func (s *Service) zone(q *core.Request, id string) (*zone, error) {
	z := s.byID(id)
	if z == nil {
		return nil, core.Errorf("NoSuchHostedZone", "No hosted zone found with ID: %s", id).WithStatus(404)
	}
	if z.account != q.Account {
		return nil, core.Errorf("AccessDenied", "User: %s is not authorized to access this resource", q.Principal.ARN).WithStatus(403)
	}
	return z, nil
}

// put adds a record, or takes the place of the one with its name, type and set identifier.
func (z *zone) put(r recordSet) {
	z.records = slices.Clone(z.records)
	if i := z.find(r); i >= 0 {
		z.records[i] = r
		return
	}
	z.records = append(z.records, r)
	slices.SortFunc(z.records, func(a, b recordSet) int {
		return cmp.Or(order(a.Name, b.Name), cmp.Compare(a.Type, b.Type), cmp.Compare(a.SetIdentifier, b.SetIdentifier))
	})
}

func (z *zone) find(r recordSet) int {
	return slices.IndexFunc(z.records, func(x recordSet) bool {
		return x.Name == r.Name && x.Type == r.Type && x.SetIdentifier == r.SetIdentifier
	})
}

// holds reports whether a name lies in the zone.
func (z *zone) holds(name string) bool { return name == z.name || strings.HasSuffix(name, "."+z.name) }

// order compares names as Route 53 lists them: by their labels in reverse, with the trailing dot.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
func order(a, b string) int { return cmp.Compare(reversed(a), reversed(b)) }

func reversed(name string) string {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".") + "."
}

func dotted(name string) string {
	name = strings.ToLower(name)
	if name != "" && !strings.HasSuffix(name, ".") {
		name += "."
	}
	return name
}

// escaped writes a name as Route 53 lists it: what isn't a letter, digit, hyphen, underscore or dot by its octal code.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
func escaped(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, `\%03o`, c)
	}
	return b.String()
}
