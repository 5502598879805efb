package ec2

import (
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// kind is what EC2 says of a type of object.
type kind struct {
	// resourceType is its name in TagSpecifications and DescribeTags.
	resourceType string
	// prefix begins its ids.
	prefix string
	// notFound is the error code for an id that doesn't exist, malformed the one for what isn't
	// an id of this kind at all.
	notFound, malformed string
	// message tells of a missing id, with one %s.
	message string
}

// Codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
var (
	kindVPC              = &kind{"vpc", "vpc", "InvalidVpcID.NotFound", "InvalidVpcID.Malformed", "The vpc ID '%s' does not exist"}
	kindSubnet           = &kind{"subnet", "subnet", "InvalidSubnetID.NotFound", "InvalidSubnetID.Malformed", "The subnet ID '%s' does not exist"}
	kindInternetGateway  = &kind{"internet-gateway", "igw", "InvalidInternetGatewayID.NotFound", "InvalidInternetGatewayId.Malformed", "The internetGateway ID '%s' does not exist"}
	kindAddress          = &kind{"elastic-ip", "eipalloc", "InvalidAllocationID.NotFound", "InvalidAllocationID.Malformed", "The allocation ID '%s' does not exist"}
	kindNATGateway       = &kind{"natgateway", "nat", "NatGatewayNotFound", "NatGatewayMalformed", "The Nat Gateway %s was not found"}
	kindRouteTable       = &kind{"route-table", "rtb", "InvalidRouteTableID.NotFound", "InvalidRouteTableId.Malformed", "The routeTable ID '%s' does not exist"}
	kindSecurityGroup    = &kind{"security-group", "sg", "InvalidGroup.NotFound", "InvalidGroupId.Malformed", "The security group '%s' does not exist"}
	kindRule             = &kind{"security-group-rule", "sgr", "InvalidSecurityGroupRuleId.NotFound", "InvalidSecurityGroupRuleId.Malformed", "The security group rule ID '%s' does not exist"}
	kindNetworkACL       = &kind{"network-acl", "acl", "InvalidNetworkAclID.NotFound", "InvalidNetworkAclId.Malformed", "The networkAcl ID '%s' does not exist"}
	kindNetworkInterface = &kind{"network-interface", "eni", "InvalidNetworkInterfaceID.NotFound", "InvalidNetworkInterfaceId.Malformed", "The networkInterface ID '%s' does not exist"}
	kindLaunchTemplate   = &kind{"launch-template", "lt", "InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateId.Malformed", "The specified launch template, with template ID %s, does not exist."}
	kindInstance         = &kind{"instance", "i", "InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed", "The instance ID '%s' does not exist"}
	kindVolume           = &kind{"volume", "vol", "InvalidVolume.NotFound", "InvalidVolumeID.Malformed", "The volume '%s' does not exist."}
	kindVPCEndpoint      = &kind{"vpc-endpoint", "vpce", "InvalidVpcEndpointId.NotFound", "InvalidVpcEndpointId.Malformed", "The Vpc Endpoint Id '%s' does not exist"}
	kindEndpointService  = &kind{"vpc-endpoint-service", "vpce-svc", "InvalidVpcEndpointServiceId.NotFound", "InvalidVpcEndpointServiceId.Malformed", "The VpcEndpointService Id '%s' does not exist"}
)

// missing is the error for an id of this kind that doesn't exist.
func (k *kind) missing(id string) error {
	if !strings.HasPrefix(id, k.prefix+"-") {
		return core.Errorf(k.malformed, "Invalid id: \"%s\" (expecting \"%s-...\")", id, k.prefix)
	}
	return core.Errorf(k.notFound, k.message, id)
}

// object is what all of EC2's objects have.
type object struct {
	id      string
	kind    *kind
	created time.Time
	tags    map[string]string
}

func (o *object) base() *object { return o }

type entity interface{ base() *object }

// table keeps objects of one kind in the order of their creation.
type table[T entity] struct {
	items []T
	byID  map[string]T
}

func (t *table[T]) add(e T) {
	if t.byID == nil {
		t.byID = map[string]T{}
	}
	t.byID[e.base().id] = e
	t.items = append(t.items, e)
}

func (t *table[T]) get(id string) (T, bool) {
	e, ok := t.byID[id]
	return e, ok
}

// need finds an object or answers the kind's own error.
func (t *table[T]) need(k *kind, id string) (T, error) {
	e, ok := t.byID[id]
	if !ok {
		return e, k.missing(id)
	}
	return e, nil
}

func (t *table[T]) remove(id string) {
	delete(t.byID, id)
	t.items = slices.DeleteFunc(t.items, func(e T) bool { return e.base().id == id })
}

// where returns the objects that f holds for.
func (t *table[T]) where(f func(T) bool) []T {
	var out []T
	for _, e := range t.items {
		if f(e) {
			out = append(out, e)
		}
	}
	return out
}

// any reports whether f holds for an object.
func (t *table[T]) any(f func(T) bool) bool { return slices.ContainsFunc(t.items, f) }

// done is the answer of actions that only say that they succeeded.
type done struct {
	Return bool `xml:"return"`
}

func ok() *done { return &done{Return: true} }

func invalidValue(format string, args ...any) error {
	return core.Errorf("InvalidParameterValue", format, args...)
}

func dependency(format string, args ...any) error {
	return core.Errorf("DependencyViolation", format, args...)
}

// unsupported refuses a value that AWS would take and the emulator has no behaviour for.
func unsupported(param string) error {
	return core.Errorf("UnsupportedOperation", "The emulator does not support this value of the parameter %s.", param)
}
