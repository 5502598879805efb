package ec2

import (
	"maps"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// maxTags is the number of tags an object may have; tags of the prefix aws: don't count,
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
const maxTags = 50

const (
	maxTagKey   = 127 // the API reference of Tag: "a maximum of 127 Unicode characters"
	maxTagValue = 256
)

type tagItem struct {
	Key   string `q:"Key" xml:"key"`
	Value string `q:"Value" xml:"value"`
}

type tagSpecification struct {
	ResourceType string    `q:"ResourceType" xml:"resourceType"`
	Tags         []tagItem `q:"Tag" xml:"tagSet>item"`
}

// TagSpecs are tags on creation: each action takes certain resource types only.
type TagSpecs struct {
	Specs []tagSpecification `q:"TagSpecification"`
}

// of returns the tags for the one resource type that an action takes.
func (t TagSpecs) of(k *kind) (map[string]string, error) {
	tags := map[string]string{}
	for _, spec := range t.Specs {
		switch {
		case spec.ResourceType == "":
			return nil, core.Errorf("MissingParameter", "The request must contain the parameter ResourceType")
		case spec.ResourceType != k.resourceType:
			return nil, invalidValue("'%s' is not a valid taggable resource type for this operation.", spec.ResourceType)
		case len(spec.Tags) == 0:
			return nil, core.Errorf("MissingParameter", "Tag specification must have at least one tag")
		}
		for _, tag := range spec.Tags {
			if _, twice := tags[tag.Key]; twice {
				return nil, invalidValue("Duplicate tag key '%s' specified.", tag.Key)
			}
			tags[tag.Key] = tag.Value
		}
	}
	return tags, checkTags(tags, nil)
}

// checkTags checks tags that are to be added to those an object has.
func checkTags(add, have map[string]string) error {
	for key, value := range add {
		switch {
		case key == "":
			return invalidValue("Tag key cannot be null or empty.")
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return invalidValue("Tag keys starting with 'aws:' are reserved for internal use")
		case len([]rune(key)) > maxTagKey:
			return invalidValue("Tag key exceeds the maximum length of %d characters", maxTagKey)
		case len([]rune(value)) > maxTagValue:
			return invalidValue("Tag value exceeds the maximum length of %d characters", maxTagValue)
		}
	}
	n := 0
	all := maps.Clone(have)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, add)
	for key := range all {
		if !strings.HasPrefix(key, "aws:") {
			n++
		}
	}
	if n > maxTags {
		return core.Errorf("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
	}
	return nil
}

// tagItems lists tags by key.
func tagItems(tags map[string]string) []tagItem {
	var out []tagItem
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, tagItem{k, tags[k]})
	}
	return out
}

func tagMap(items []tagItem) map[string]string {
	out := map[string]string{}
	for _, t := range items {
		out[t.Key] = t.Value
	}
	return out
}

// tagged finds any object that can carry tags.
func (r *region) tagged(id string) (*object, error) {
	prefix, _, _ := strings.Cut(id, "-")
	switch prefix {
	case kindVPC.prefix:
		return taggedIn(&r.vpcs, kindVPC, id)
	case kindSubnet.prefix:
		return taggedIn(&r.subnets, kindSubnet, id)
	case kindInternetGateway.prefix:
		return taggedIn(&r.gateways, kindInternetGateway, id)
	case kindAddress.prefix:
		return taggedIn(&r.addresses, kindAddress, id)
	case kindNATGateway.prefix:
		return taggedIn(&r.nats, kindNATGateway, id)
	case kindRouteTable.prefix:
		return taggedIn(&r.routeTables, kindRouteTable, id)
	case kindSecurityGroup.prefix:
		return taggedIn(&r.groups, kindSecurityGroup, id)
	case kindRule.prefix:
		return taggedIn(&r.rules, kindRule, id)
	case kindNetworkACL.prefix:
		return taggedIn(&r.acls, kindNetworkACL, id)
	case kindNetworkInterface.prefix:
		return taggedIn(&r.interfaces, kindNetworkInterface, id)
	case kindLaunchTemplate.prefix:
		return taggedIn(&r.templates, kindLaunchTemplate, id)
	case kindInstance.prefix:
		return taggedIn(&r.instances, kindInstance, id)
	case kindVPCEndpoint.prefix:
		if strings.HasPrefix(id, kindEndpointService.prefix+"-") {
			return taggedIn(&r.services, kindEndpointService, id)
		}
		return taggedIn(&r.endpoints, kindVPCEndpoint, id)
	case kindVolume.prefix:
		return taggedIn(&r.volumes, kindVolume, id)
	default:
		return nil, core.Errorf("InvalidID", "The ID '%s' is not valid", id)
	}
}

func taggedIn[T entity](t *table[T], k *kind, id string) (*object, error) {
	e, err := t.need(k, id)
	if err != nil {
		return nil, err
	}
	return e.base(), nil
}
