package kinds

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// AWS refuses to delete what somebody else's objects use, and seldom says which. People have to know: here they
// are looked for, when a deletion was refused. That is a courtesy, and failing at it changes nothing.

// maxHolders bounds how many are named.
const maxHolders = 8

// holdersTTL is how long an answer is good enough to be said again: a deletion that is refused for hours is
// tried again and again.
const holdersTTL = 5 * time.Minute

var errNobody = errors.New("nobody is seen to hold it")

// heldBy adds to a refusal who holds the object, by what find answers.
func heldBy(ctx context.Context, call graph.Call, refused error, id string, find func() ([]string, error)) error {
	if refused == nil || aws.Classify(refused).Class != graph.InUse {
		return refused
	}
	who, err := aws.Keep(ctx, world(call).Forever, "holders/"+id, holdersTTL, func(context.Context) ([]string, error) {
		who, err := find()
		if err == nil && len(who) == 0 {
			err = errNobody // it mayn't show yet, and isn't kept
		}
		return who, err
	})
	if err != nil {
		return refused
	}
	who = slices.Compact(slices.Sorted(slices.Values(who)))
	if more := len(who) - maxHolders; more > 0 {
		who = append(who[:maxHolders:maxHolders], fmt.Sprintf("%d more", more))
	}
	return &aws.HeldError{By: strings.Join(who, ", "), Err: refused}
}

// heldByInterfaces names the network interfaces that match a filter: those of load balancers, tasks and functions
// stay for some minutes after their owners.
func heldByInterfaces(ctx context.Context, call graph.Call, refused error, by, id string) error {
	return heldBy(ctx, call, refused, id, func() ([]string, error) {
		return interfacesOf(ctx, call, func(types.NetworkInterface) bool { return true }, filter(by, id))
	})
}

// interfacesOf names the network interfaces that match, each with whose it is.
func interfacesOf(ctx context.Context, call graph.Call, match func(types.NetworkInterface) bool, filters ...types.Filter) ([]string, error) {
	found, err := pages(ctx, ec2.NewDescribeNetworkInterfacesPaginator(world(call).EC2, &ec2.DescribeNetworkInterfacesInput{Filters: filters}),
		func(p *ec2.DescribeNetworkInterfacesOutput) []types.NetworkInterface { return p.NetworkInterfaces })
	var who []string
	for i := range found {
		n := &found[i]
		if !match(*n) {
			continue
		}
		of := sdk.ToString(n.Description)
		if a := n.Attachment; of == "" && a != nil && a.InstanceId != nil {
			of = "of instance " + *a.InstanceId
		} else if of == "" && n.OwnerId != nil {
			of = "of account " + *n.OwnerId
		}
		who = append(who, called("network interface", sdk.ToString(n.NetworkInterfaceId), of))
	}
	return who, err
}

// heldInVPC names what is left in a VPC besides its own default objects.
func heldInVPC(ctx context.Context, call graph.Call, refused error, id string) error {
	return heldBy(ctx, call, refused, id, func() ([]string, error) {
		c, in := world(call).EC2, []types.Filter{filter("vpc-id", id)}
		who, err := interfacesOf(ctx, call, func(types.NetworkInterface) bool { return true }, in...)
		if err != nil {
			return nil, err
		}
		inSubnets, err := subnets.read(ctx, c, nil, in)
		if err != nil {
			return nil, err
		}
		for _, s := range inSubnets {
			who = append(who, called("subnet", sdk.ToString(s.SubnetId), tagsOfEC2(s.Tags)["Name"]))
		}
		groups, err := securityGroups.read(ctx, c, nil, in)
		if err != nil {
			return nil, err
		}
		for _, g := range groups {
			if name := sdk.ToString(g.GroupName); name != defaultGroup {
				who = append(who, called("security group", sdk.ToString(g.GroupId), name))
			}
		}
		tables, err := routeTables.read(ctx, c, nil, in)
		if err != nil {
			return nil, err
		}
		for _, t := range tables {
			if !slices.ContainsFunc(t.Associations, func(a types.RouteTableAssociation) bool { return sdk.ToBool(a.Main) }) {
				who = append(who, called("route table", sdk.ToString(t.RouteTableId), tagsOfEC2(t.Tags)["Name"]))
			}
		}
		gateways, err := internetGateways.read(ctx, c, nil, []types.Filter{filter("attachment.vpc-id", id)})
		if err != nil {
			return nil, err
		}
		for _, g := range gateways {
			who = append(who, called("internet gateway", sdk.ToString(g.InternetGatewayId), tagsOfEC2(g.Tags)["Name"]))
		}
		if len(who) == 0 {
			who = []string{"something that the operator doesn't look for: VPC endpoints, peering connections, VPN and egress-only internet gateways, network ACLs"}
		}
		return who, nil
	})
}

// heldByMembers names what is in a security group, and the groups whose rules refer to it.
func heldByMembers(ctx context.Context, call graph.Call, refused error, id string) error {
	return heldBy(ctx, call, refused, id, func() ([]string, error) {
		who, err := interfacesOf(ctx, call, func(types.NetworkInterface) bool { return true }, filter("group-id", id))
		if err != nil {
			return nil, err
		}
		for _, by := range []string{"ip-permission.group-id", "egress.ip-permission.group-id"} {
			groups, err := securityGroups.read(ctx, world(call).EC2, nil, []types.Filter{filter(by, id)})
			if err != nil {
				return nil, err
			}
			for _, g := range groups {
				if sdk.ToString(g.GroupId) != id {
					who = append(who, called("rules of security group", sdk.ToString(g.GroupId), sdk.ToString(g.GroupName)))
				}
			}
		}
		return who, nil
	})
}

// heldByAddresses names what has a public address in a VPC, which keeps its internet gateway.
func heldByAddresses(ctx context.Context, call graph.Call, refused error, id string) error {
	return heldBy(ctx, call, refused, "public/"+id, func() ([]string, error) {
		return interfacesOf(ctx, call, func(n types.NetworkInterface) bool { return n.Association != nil }, filter("vpc-id", id))
	})
}

// called is an object as people are told of it: what it is, its id, and what it is called or whose it is.
func called(what, id, name string) string {
	if name == "" {
		return what + " " + id
	}
	return fmt.Sprintf("%s %s (%s)", what, id, name)
}
