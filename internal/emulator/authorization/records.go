package authorization

import (
	"encoding/xml"
	"slices"
	"strings"
)

// recordKeys are the condition keys of changes of records: each has the values of all changes of a batch.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-rrset-conditions.html
func (q *request) recordKeys() map[string]string {
	var in struct {
		Changes []struct {
			Action string
			Name   string `xml:"ResourceRecordSet>Name"`
			Type   string `xml:"ResourceRecordSet>Type"`
		} `xml:"ChangeBatch>Changes>Change"`
	}
	if q.action != "route53:ChangeResourceRecordSets" || xml.Unmarshal(q.Body, &in) != nil {
		return nil
	}
	values := map[string][]string{}
	add := func(key, value string) {
		key = "route53:changeresourcerecordsets" + key
		if !slices.Contains(values[key], value) {
			values[key] = append(values[key], value)
		}
	}
	for _, c := range in.Changes {
		add("actions", c.Action)
		add("recordtypes", c.Type)
		add("normalizedrecordnames", strings.ToLower(strings.TrimSuffix(c.Name, ".")))
	}
	out := map[string]string{}
	for k, v := range values {
		out[k] = strings.Join(v, ",")
	}
	return out
}
