package route53

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// change is a batch of changes of a zone.
type change struct {
	account, id string
	submitted   time.Time
}

type changeInfo struct {
	Id          string
	Status      string
	SubmittedAt string
}

func (s *Service) info(c *change) changeInfo {
	status := "PENDING"
	if s.w.Clock.Since(c.submitted) >= spreading {
		status = "INSYNC"
	}
	return changeInfo{"/change/" + c.id, status, c.submitted.UTC().Format("2006-01-02T15:04:05.000Z")}
}

type changeIn struct {
	XMLName     xml.Name `xml:"ChangeResourceRecordSetsRequest"`
	ChangeBatch struct {
		Comment string
		Changes []struct {
			Action            string
			ResourceRecordSet recordSet
			Unknown           []unknown `xml:",any"`
		} `xml:"Changes>Change"`
		Unknown []unknown `xml:",any"`
	}
	Unknown []unknown `xml:",any"`
}

type changeOut struct {
	XMLName    xml.Name `xml:"https://route53.amazonaws.com/doc/2013-04-01/ ChangeResourceRecordSetsResponse"`
	ChangeInfo changeInfo
}

// maxChanges bounds the records of a request,
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html#limits-api-requests-changeresourcerecordsets
const maxChanges = 1000

// changeRecords makes all changes of a batch, or none.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
func (s *Service) changeRecords(q *core.Request, id string) (any, error) {
	z, err := s.zone(q, id)
	if err != nil {
		return nil, err
	}
	var in changeIn
	if err := xml.Unmarshal(q.Body, &in); err != nil {
		return nil, invalidInput("Invalid XML ; %s", err)
	}
	unknown := slices.Concat(in.Unknown, in.ChangeBatch.Unknown)
	for _, c := range in.ChangeBatch.Changes {
		unknown = slices.Concat(unknown, c.Unknown, c.ResourceRecordSet.Unknown)
		if a := c.ResourceRecordSet.AliasTarget; a != nil {
			unknown = append(unknown, a.Unknown...)
		}
	}
	if len(unknown) > 0 {
		return nil, invalidInput("The emulator does not support the element %s.", unknown[0].XMLName.Local)
	}
	switch n := len(in.ChangeBatch.Changes); {
	case n == 0:
		return nil, invalidInput("1 validation error detected: Value '[]' at 'changeBatch.changes' failed to satisfy constraint: Member must have length greater than or equal to 1")
	case n > maxChanges:
		return nil, core.Errorf("InvalidChangeBatch", "[Number of records limit of %d exceeded.]", maxChanges)
	}
	draft := *z
	var problems []string
	for _, c := range in.ChangeBatch.Changes {
		r := c.ResourceRecordSet.normal()
		if !slices.Contains([]string{"CREATE", "DELETE", "UPSERT"}, c.Action) {
			return nil, invalidInput("1 validation error detected: Value '%s' at 'changeBatch.changes.1.member.action' failed to satisfy constraint: Member must satisfy enum value set: [CREATE, DELETE, UPSERT]", c.Action)
		}
		if (r.AliasTarget == nil) == (r.TTL == nil || len(r.ResourceRecords) == 0) {
			return nil, invalidInput("Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=%s, Name=%s, Type=%s, SetIdentifier=%s]", c.Action, r.Name, r.Type, orNull(r.SetIdentifier))
		}
		if p := s.apply(&draft, c.Action, r); p != "" {
			problems = append(problems, p)
		}
	}
	if len(problems) > 0 {
		return nil, core.Errorf("InvalidChangeBatch", "[%s]", strings.Join(problems, ", "))
	}
	z.records = draft.records
	c := &change{account: q.Account, id: "C0" + s.w.Alnum(18), submitted: s.w.Clock.Now()}
	s.changes[c.id] = c
	snapshot := z.records
	s.w.Clock.After(spreading, func() { z.published = snapshot; s.tell() })
	return &changeOut{ChangeInfo: s.info(c)}, nil
}

func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return s
}

// apply makes one change in a draft of a zone, or says why Route 53 doesn't.
func (s *Service) apply(z *zone, action string, r recordSet) string {
	set := fmt.Sprintf("[name='%s', type='%s'", escaped(r.Name), r.Type)
	if r.SetIdentifier != "" {
		set += ", set-identifier='" + r.SetIdentifier + "'"
	}
	set += "]"
	i := z.find(r)
	switch {
	case !z.holds(r.Name):
		return fmt.Sprintf("RRSet with DNS name %s is not permitted in zone %s", escaped(r.Name), z.name)
	case action == "DELETE" && i < 0:
		return "Tried to delete resource record set " + set + " but it was not found"
	case action == "DELETE" && !z.records[i].equal(r):
		return "Tried to delete resource record set " + set + " but the values provided do not match the current values"
	case action == "DELETE" && r.Name == z.name && r.Type == "NS":
		return "A HostedZone must contain at least one NS record for the zone itself."
	case action == "DELETE" && r.Name == z.name && r.Type == "SOA":
		return "A HostedZone must contain exactly one SOA record."
	case action == "DELETE":
		z.records = slices.Delete(slices.Clone(z.records), i, i+1)
		return ""
	case action == "CREATE" && i >= 0:
		return "Tried to create resource record set " + set + " but it already exists"
	}
	if p := s.refused(z, r); p != "" {
		return p
	}
	z.put(r)
	return ""
}

// refused says why a record can't be in a zone.
func (s *Service) refused(z *zone, r recordSet) string {
	if r.Type == "CNAME" && r.Name == z.name {
		return fmt.Sprintf("RRSet of type CNAME with DNS name %s is not permitted at apex in zone %s", escaped(r.Name), z.name)
	}
	for _, x := range z.records {
		switch {
		case x.Name != r.Name:
		case r.Type == "CNAME" && x.Type != "CNAME":
			return fmt.Sprintf("RRSet of type CNAME with DNS name %s is not permitted as it conflicts with other records with the same DNS name in zone %s", escaped(r.Name), z.name)
		case r.Type != "CNAME" && x.Type == "CNAME":
			return fmt.Sprintf("RRSet of type %s with DNS name %s is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone %s", r.Type, escaped(r.Name), z.name)
		case x.Type == r.Type && (x.SetIdentifier == "") != (r.SetIdentifier == ""):
			return fmt.Sprintf("RRSet with DNS name %s, type %s, SetIdentifier %s cannot be created as other RRSets exist with the same name and type", escaped(r.Name), r.Type, orNull(r.SetIdentifier))
		}
	}
	if a := r.AliasTarget; a != nil && s.balancerZone != nil {
		if id, ok := s.balancerZone(strings.TrimSuffix(strings.TrimPrefix(a.DNSName, "dualstack."), ".")); ok && id != a.HostedZoneId {
			return fmt.Sprintf("Tried to create an alias that targets %s, type %s in zone %s, but the alias target name does not lie within the target zone", a.DNSName, r.Type, a.HostedZoneId)
		}
	}
	if r.Type == "TXT" {
		for _, v := range r.ResourceRecords {
			if p := badText(v.Value); p != "" {
				return fmt.Sprintf("Invalid Resource Record: 'FATAL problem: %s encountered with '%s''", p, v.Value)
			}
		}
	}
	return ""
}

// badText says what is wrong with a TXT value: strings in quotation marks of at most 255 characters.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#TXTFormat
func badText(value string) string {
	if len(value) < 2 || !strings.HasPrefix(value, `"`) || !strings.HasSuffix(value, `"`) {
		return "InvalidCharacterString (Value should be enclosed in quotation marks)"
	}
	for part := range strings.SplitSeq(strings.Trim(value, `"`), `" "`) {
		if len(part) > 255 {
			return "CharacterStringTooLong (Value is too long)"
		}
	}
	return ""
}

type getChangeOut struct {
	XMLName    xml.Name `xml:"https://route53.amazonaws.com/doc/2013-04-01/ GetChangeResponse"`
	ChangeInfo changeInfo
}

// getChange tells whether a batch has spread.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html
func (s *Service) getChange(q *core.Request, id string) (any, error) {
	c := s.changes[id]
	if c == nil || c.account != q.Account {
		return nil, core.Errorf("NoSuchChange", "Could not find resource with ID: %s", id).WithStatus(404)
	}
	return &getChangeOut{ChangeInfo: s.info(c)}, nil
}
