package route53

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func (s *Service) serve(q *core.Request) (core.RestResponse, error) {
	_, id := route(q.HTTP)
	params := map[string]any{}
	if id != "" {
		params["Id"] = id
	}
	if q.Action == "ChangeResourceRecordSets" {
		params["Body"] = string(q.Body)
	}
	q.Params = params
	for k, v := range q.HTTP.URL.Query() {
		if k == "x-id" {
			continue
		}
		if !slices.Contains(queries[q.Action], k) {
			return core.RestResponse{}, invalidInput("The emulator does not support the parameter %s of %s.", k, q.Action)
		}
		params[k] = strings.Join(v, ",")
	}
	var out any
	var err error
	switch q.Action {
	case "ListHostedZones":
		out, err = s.listZones(q)
	case "GetHostedZone":
		out, err = s.getZone(q, id)
	case "ListResourceRecordSets":
		out, err = s.listRecords(q, id)
	case "ChangeResourceRecordSets":
		out, err = s.changeRecords(q, id)
	case "GetChange":
		out, err = s.getChange(q, id)
	default:
		err = core.Errorf("UnknownOperationException", "The emulator does not support %s of %s.", q.Action, serviceName).WithStatus(http.StatusNotFound)
	}
	if err != nil {
		return core.RestResponse{}, err
	}
	b, err := xml.Marshal(out)
	return core.RestResponse{Status: http.StatusOK, Header: map[string]string{"Content-Type": "text/xml"}, Body: append([]byte(xml.Header), b...)}, err
}

type hostedZone struct {
	Id              string
	Name            string
	CallerReference string
	Config          struct{ PrivateZone bool }
	Count           int `xml:"ResourceRecordSetCount"`
}

func (z *zone) out() hostedZone {
	o := hostedZone{Id: "/hostedzone/" + z.id, Name: escaped(z.name), CallerReference: z.id, Count: len(z.records)}
	o.Config.PrivateZone = z.private
	return o
}

type getZoneOut struct {
	XMLName       xml.Name `xml:"https://route53.amazonaws.com/doc/2013-04-01/ GetHostedZoneResponse"`
	HostedZone    hostedZone
	DelegationSet *delegationSet
}

type delegationSet struct {
	NameServers []string `xml:"NameServers>NameServer"`
}

func (s *Service) getZone(q *core.Request, id string) (any, error) {
	z, err := s.zone(q, id)
	if err != nil {
		return nil, err
	}
	out := &getZoneOut{HostedZone: z.out()}
	if !z.private {
		out.DelegationSet = &delegationSet{[]string{"ns-1.awsdns-01.com", "ns-2.awsdns-02.net"}}
	}
	return out, nil
}

// maxZones and maxRecords are the largest pages.
const maxZones, maxRecords = 100, 300

// page reads maxitems, and applies the world's own page size.
func (s *Service) page(q *core.Request, largest int) (int, error) {
	size := largest
	if v := q.HTTP.URL.Query().Get("maxitems"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			return 0, invalidInput("Invalid value for maxItems: %s", v)
		}
		size = min(n, largest)
	}
	if p := s.w.Settings.PageSize; p > 0 {
		size = min(size, p)
	}
	return size, nil
}

type listZonesOut struct {
	XMLName     xml.Name     `xml:"https://route53.amazonaws.com/doc/2013-04-01/ ListHostedZonesResponse"`
	HostedZones []hostedZone `xml:"HostedZones>HostedZone"`
	Marker      string       `xml:",omitempty"`
	IsTruncated bool
	NextMarker  string `xml:",omitempty"`
	MaxItems    string
}

// listZones lists a caller's zones, in an order of AWS's own: here that in which they were made.
func (s *Service) listZones(q *core.Request) (any, error) {
	query := q.HTTP.URL.Query()
	size, err := s.page(q, maxZones)
	if err != nil {
		return nil, err
	}
	out := &listZonesOut{Marker: query.Get("marker"), MaxItems: strconv.Itoa(size)}
	began := out.Marker == ""
	for _, z := range s.zones {
		if z.account != q.Account || query.Get("hostedzonetype") == "PrivateHostedZone" && !z.private {
			continue
		}
		if began = began || z.id == out.Marker; !began {
			continue
		}
		if len(out.HostedZones) == size {
			out.IsTruncated, out.NextMarker = true, z.id
			break
		}
		out.HostedZones = append(out.HostedZones, z.out())
	}
	if !began {
		return nil, invalidInput("The specified marker is not valid: %s", out.Marker)
	}
	return out, nil
}

type listRecordsOut struct {
	XMLName              xml.Name    `xml:"https://route53.amazonaws.com/doc/2013-04-01/ ListResourceRecordSetsResponse"`
	ResourceRecordSets   []recordSet `xml:"ResourceRecordSets>ResourceRecordSet"`
	IsTruncated          bool
	MaxItems             string
	NextRecordName       string `xml:",omitempty"`
	NextRecordType       string `xml:",omitempty"`
	NextRecordIdentifier string `xml:",omitempty"`
}

// listRecords lists records from a name and type on.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
func (s *Service) listRecords(q *core.Request, id string) (any, error) {
	z, err := s.zone(q, id)
	if err != nil {
		return nil, err
	}
	size, err := s.page(q, maxRecords)
	if err != nil {
		return nil, err
	}
	query := q.HTTP.URL.Query()
	name, recordType := dotted(unescaped(query.Get("name"))), query.Get("type")
	if name == "" && recordType != "" {
		return nil, invalidInput("The input is not valid: a type needs a name.")
	}
	out := &listRecordsOut{MaxItems: strconv.Itoa(size)}
	for _, r := range z.records {
		if c := order(r.Name, name); name != "" && (c < 0 || c == 0 && (r.Type < recordType || r.Type == recordType && r.SetIdentifier < query.Get("identifier"))) {
			continue
		}
		r.Name = escaped(r.Name)
		if len(out.ResourceRecordSets) == size {
			out.IsTruncated, out.NextRecordName, out.NextRecordType, out.NextRecordIdentifier = true, r.Name, r.Type, r.SetIdentifier
			break
		}
		out.ResourceRecordSets = append(out.ResourceRecordSets, r)
	}
	return out, nil
}
