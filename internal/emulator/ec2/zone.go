package ec2

import (
	"slices"
	"strconv"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type zone struct{ name, id string }

// virginiaZones maps the zones of us-east-1 to their ids: as in many accounts, us-east-1e is use1-az3,
// the oldest one, which has few of the newer instance types.
var virginiaZones = map[string]int{"a": 1, "b": 2, "c": 4, "d": 6, "e": 3, "f": 5}

// regionZones returns the Availability Zones of a region: six in us-east-1, three elsewhere.
func regionZones(region string) []zone {
	letters := "abc"
	if region == "us-east-1" {
		letters = "abcdef"
	}
	var out []zone
	for i, l := range strings.Split(letters, "") {
		n := i + 1
		if region == "us-east-1" {
			n = virginiaZones[l]
		}
		out = append(out, zone{region + l, regionCode(region) + "-az" + strconv.Itoa(n)})
	}
	return out
}

// directions are how zone ids shorten the words of a region's name: us-east-1 is use1, ap-southeast-2
// is apse2, https://docs.aws.amazon.com/ram/latest/userguide/working-with-az-ids.html
var directions = strings.NewReplacer("gov", "g", "iso", "i", "north", "n", "south", "s", "east", "e", "west", "w", "central", "c", "-", "")

func regionCode(region string) string {
	prefix, rest, _ := strings.Cut(region, "-")
	return prefix + directions.Replace(rest)
}

// zoneFor finds a zone by name or id; AWS selects one when neither is given.
func zoneFor(region, name, id string) (zone, error) {
	all := regionZones(region)
	if name == "" && id == "" {
		return all[0], nil
	}
	var names []string
	for _, z := range all {
		if (name == "" || z.name == name) && (id == "" || z.id == id) {
			return z, nil
		}
		names = append(names, z.name)
	}
	if name == "" {
		return zone{}, invalidValue("Value (%s) for parameter availabilityZoneId is invalid.", id)
	}
	return zone{}, invalidValue("Value (%s) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: %s.", name, strings.Join(names, ", "))
}

func (s *Service) registerZones(m *core.Mux) {
	core.Handle(m, "DescribeAvailabilityZones", s.describeZones)
	core.Handle(m, "DescribeRegions", s.describeRegions)
	core.Handle(m, "DescribeAccountAttributes", s.describeAccountAttributes)
}

type describeZonesIn struct {
	Names []string `q:"ZoneName"`
	IDs   []string `q:"ZoneId"`
	// All adds Local and Wavelength Zones that aren't opted in; there are none here.
	All     bool     `q:"AllAvailabilityZones"`
	Filters []filter `q:"Filter"`
}

type zoneItem struct {
	object
	State       string `xml:"zoneState"`
	OptInStatus string `xml:"optInStatus"`
	Region      string `xml:"regionName"`
	Name        string `xml:"zoneName"`
	ID          string `xml:"zoneId"`
	Group       string `xml:"groupName"`
	BorderGroup string `xml:"networkBorderGroup"`
	Type        string `xml:"zoneType"`
}

type describeZonesOut struct {
	Zones []*zoneItem `xml:"availabilityZoneInfo>item"`
}

func (s *Service) describeZones(q *core.Request, in *describeZonesIn) (*describeZonesOut, error) {
	var all []*zoneItem
	for _, z := range regionZones(q.Region) {
		if len(in.Names) > 0 && !slices.Contains(in.Names, z.name) || len(in.IDs) > 0 && !slices.Contains(in.IDs, z.id) {
			continue
		}
		all = append(all, &zoneItem{
			State: "available", OptInStatus: "opt-in-not-required", Region: q.Region, Name: z.name, ID: z.id,
			Group: q.Region + "-zg-1", BorderGroup: q.Region, Type: "availability-zone",
		})
	}
	for _, name := range in.Names {
		if !slices.ContainsFunc(all, func(z *zoneItem) bool { return z.Name == name }) {
			return nil, invalidValue("Invalid availability zone: [%s]", name)
		}
	}
	for _, id := range in.IDs {
		if !slices.ContainsFunc(all, func(z *zoneItem) bool { return z.ID == id }) {
			return nil, invalidValue("Invalid availability zone-id: [%s]", id)
		}
	}
	all, err := fields[*zoneItem]{
		"group-name":       func(z *zoneItem) []string { return one(z.Group) },
		"message":          func(*zoneItem) []string { return nil },
		"opt-in-status":    func(z *zoneItem) []string { return one(z.OptInStatus) },
		"parent-zone-id":   func(*zoneItem) []string { return nil },
		"parent-zone-name": func(*zoneItem) []string { return nil },
		"region-name":      func(z *zoneItem) []string { return one(z.Region) },
		"state":            func(z *zoneItem) []string { return one(z.State) },
		"zone-id":          func(z *zoneItem) []string { return one(z.ID) },
		"zone-name":        func(z *zoneItem) []string { return one(z.Name) },
		"zone-type":        func(z *zoneItem) []string { return one(z.Type) },
	}.apply(all, in.Filters)
	return &describeZonesOut{all}, err
}
