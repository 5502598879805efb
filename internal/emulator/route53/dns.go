package route53

import "strings"

// Lookup answers what the world's public DNS has for a name and type, such as "TXT" or "CNAME": of the closest public
// hosted zone, or of name servers that aren't Route 53's. Values of TXT records come without their quotation marks.
// The caller holds the world's lock.
func (s *Service) Lookup(name, recordType string) []string {
	name = dotted(name)
	var closest *zone
	for _, z := range s.zones {
		if !z.private && z.holds(name) && (closest == nil || len(z.name) > len(closest.name)) {
			closest = z // of two zones of one name, one is delegated to: the older
		}
	}
	records := s.elsewhere
	if closest != nil {
		records = closest.published
	}
	var out []string
	for _, r := range records {
		if r.Name == name && r.Type == recordType {
			out = append(out, r.answers()...)
		}
	}
	return out
}

// Resolve answers where a client's lookup of a name ends: at the name itself, or at the one that an alias or CNAME
// leads to. Clients inside a VPC see private zones first. The caller holds the world's lock.
func (s *Service) Resolve(name string, inside bool) (target string, ok bool) {
	name = dotted(name)
	for _, private := range []bool{true, false} {
		if private && !inside {
			continue
		}
		for _, z := range s.zones {
			if z.private != private || !z.holds(name) {
				continue
			}
			for _, r := range z.published {
				switch {
				case r.Name != name:
				case r.AliasTarget != nil:
					return strings.TrimSuffix(r.AliasTarget.DNSName, "."), true
				case r.Type == "CNAME":
					return strings.TrimSuffix(r.ResourceRecords[0].Value, "."), true
				}
			}
		}
	}
	for _, r := range s.elsewhere {
		if r.Name == name && r.Type == "CNAME" {
			return strings.TrimSuffix(r.ResourceRecords[0].Value, "."), true
		}
	}
	return "", false
}

// AddElsewhere makes a record on name servers that aren't Route 53's. The caller holds the world's lock.
func (s *Service) AddElsewhere(name, recordType string, values ...string) {
	r := recordSet{Name: dotted(name), Type: recordType}
	for _, v := range values {
		r.ResourceRecords = append(r.ResourceRecords, resourceRecord{v})
	}
	s.elsewhere = append(s.elsewhere, r)
	s.tell()
}

// answers are a record's values as resolvers give them.
func (r recordSet) answers() []string {
	var out []string
	for _, v := range r.ResourceRecords {
		if r.Type == "TXT" {
			out = append(out, strings.ReplaceAll(strings.Trim(v.Value, `"`), `" "`, ""))
			continue
		}
		out = append(out, v.Value)
	}
	return out
}

func (s *Service) tell() {
	for _, f := range s.published {
		f()
	}
}
