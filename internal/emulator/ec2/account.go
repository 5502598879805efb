package ec2

import (
	"slices"
	"strconv"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// regions are those of each partition that are enabled by default,
// https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
var regions = map[string][]string{"aws-cn": {"cn-north-1", "cn-northwest-1"}, "aws-us-gov": {"us-gov-east-1", "us-gov-west-1"}, "aws": {
	"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
	"eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}}

type describeRegionsIn struct {
	Names []string `q:"RegionName"`
	// All adds regions that the account hasn't enabled.
	All     bool     `q:"AllRegions"`
	Filters []filter `q:"Filter"`
}

type regionItem struct {
	object
	Name     string `xml:"regionName"`
	Endpoint string `xml:"regionEndpoint"`
	OptIn    string `xml:"optInStatus"`
}

type describeRegionsOut struct {
	Regions []*regionItem `xml:"regionInfo>item"`
}

func (s *Service) describeRegions(q *core.Request, in *describeRegionsIn) (*describeRegionsOut, error) {
	all := []*regionItem{}
	add := func(name, optIn string) {
		if len(in.Names) == 0 || slices.Contains(in.Names, name) {
			all = append(all, &regionItem{Name: name, Endpoint: "ec2." + name + ".amazonaws.com", OptIn: optIn})
		}
	}
	for _, name := range regions[q.Partition()] {
		add(name, "opt-in-not-required")
	}
	if q.Partition() == "aws" {
		for _, name := range core.OptInRegions {
			if q.World.Enabled(core.Scope{Account: q.Account, Region: name}) {
				add(name, "opted-in")
			} else if in.All {
				add(name, "not-opted-in")
			}
		}
	}
	for _, name := range in.Names {
		if !slices.ContainsFunc(all, func(e *regionItem) bool { return e.Name == name }) {
			return nil, invalidValue("Invalid region provided: %s", name)
		}
	}
	all, err := fields[*regionItem]{
		"endpoint":      func(e *regionItem) []string { return one(e.Endpoint) },
		"opt-in-status": func(e *regionItem) []string { return one(e.OptIn) },
		"region-name":   func(e *regionItem) []string { return one(e.Name) },
	}.apply(all, in.Filters)
	return &describeRegionsOut{all}, err
}

type describeAccountAttributesIn struct {
	Names []string `q:"AttributeName"`
}

type accountAttributeItem struct {
	Name   string `xml:"attributeName"`
	Values []struct {
		Value string `xml:"attributeValue"`
	} `xml:"attributeValueSet>item"`
}

type describeAccountAttributesOut struct {
	Attributes []accountAttributeItem `xml:"accountAttributeSet>item"`
}

// describeAccountAttributes tells that the account has no default VPC, and its quota of addresses,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAccountAttributes.html
func (s *Service) describeAccountAttributes(_ *core.Request, in *describeAccountAttributesIn) (*describeAccountAttributesOut, error) {
	values := []struct{ name, value string }{
		{"supported-platforms", "VPC"},
		{"vpc-max-security-groups-per-interface", strconv.Itoa(s.Quotas.GroupsPerInterface)},
		{"max-elastic-ips", strconv.Itoa(s.Quotas.Addresses)},
		{"max-instances", "20"},
		{"vpc-max-elastic-ips", strconv.Itoa(s.Quotas.Addresses)},
		{"default-vpc", "none"},
	}
	out := &describeAccountAttributesOut{}
	known := map[string]bool{}
	for _, v := range values {
		known[v.name] = true
		if len(in.Names) > 0 && !slices.Contains(in.Names, v.name) {
			continue
		}
		a := accountAttributeItem{Name: v.name}
		a.Values = append(a.Values, struct {
			Value string `xml:"attributeValue"`
		}{v.value})
		out.Attributes = append(out.Attributes, a)
	}
	for _, name := range in.Names {
		if !known[name] {
			return nil, invalidValue("Value (%s) for parameter attributeName is invalid.", name)
		}
	}
	return out, nil
}
