package aws

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

func TestWhatAnswersLack(t *testing.T) {
	vpc := ec2types.Vpc{VpcId: sdk.String("vpc-1"), CidrBlock: sdk.String("10.0.0.0/16")}
	tagged := vpc
	tagged.Tags = []ec2types.Tag{{Value: sdk.String("x")}}
	for _, c := range []struct {
		output any
		want   string
	}{
		{&ec2.CreateVpcOutput{Vpc: &vpc}, ""},
		{&ec2.CreateVpcOutput{Vpc: &ec2types.Vpc{}}, "Vpc.VpcId"},
		{&ec2.CreateVpcOutput{}, "Vpc.VpcId"},
		{&ec2.DescribeVpcsOutput{}, ""},
		{&ec2.DescribeVpcsOutput{Vpcs: []ec2types.Vpc{vpc, vpc}}, ""},
		{&ec2.DescribeVpcsOutput{Vpcs: []ec2types.Vpc{vpc, {}}}, "Vpcs.VpcId"},
		{&ec2.DescribeVpcsOutput{Vpcs: []ec2types.Vpc{tagged}}, "Vpcs.Tags.Key"},
		{&ec2.CreateSecurityGroupOutput{GroupId: sdk.String("")}, "GroupId"},
		{&elbv2.CreateListenerOutput{}, "Listeners.ListenerArn"},
		{&elbv2.CreateListenerOutput{Listeners: []elbtypes.Listener{{ListenerArn: sdk.String("arn")}}}, ""},
		{&ec2.DeleteVpcOutput{}, ""},
		{nil, ""},
	} {
		if got := lacking(c.output); got != c.want {
			t.Errorf("%T lacks %q, want %q", c.output, got, c.want)
		}
	}
}

// TestNeededFieldsExist: each is compiled, and each answer has one row.
func TestNeededFieldsExist(t *testing.T) {
	rows := map[reflect.Type]bool{}
	for _, n := range needed {
		of := reflect.TypeOf(n.output)
		if rows[of] {
			t.Errorf("%s has two rows", of)
		}
		rows[of] = true
	}
	if got := len(compile()); got != len(needed) {
		t.Errorf("%d of %d rows compiled", got, len(needed))
	}
}

// TestIncompleteAnswersAreFailures: whether the call did something is open, and nobody keeps the answer.
func TestIncompleteAnswersAreFailures(t *testing.T) {
	answers := []any{&ec2.DescribeVpcsOutput{Vpcs: []ec2types.Vpc{{}}}, &ec2.DescribeVpcsOutput{}}
	cfg := sdk.Config{Region: "eu-west-1", APIOptions: []func(*middleware.Stack) error{func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("answers",
			func(context.Context, middleware.InitializeInput, middleware.InitializeHandler) (out middleware.InitializeOutput, meta middleware.Metadata, err error) {
				out.Result, answers = answers[0], answers[1:]
				return out, meta, nil
			}), middleware.After)
	}}}
	c := NewFactory(cfg, time.Now).region("eu-west-1").clients.EC2
	reads, cache := NewReads(), NewCache(time.Now)
	read := func() (*ec2.DescribeVpcsOutput, error) {
		return Read(t.Context(), reads, "vpcs", func(ctx context.Context) (*ec2.DescribeVpcsOutput, error) {
			return Keep(ctx, cache, "vpcs", time.Hour, func(ctx context.Context) (*ec2.DescribeVpcsOutput, error) {
				return c.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
			})
		})
	}
	_, err := read()
	want := graph.Fault{Class: graph.Transient, Action: "ec2:DescribeVpcs", Message: "the answer lacks Vpcs.VpcId"}
	if got := Classify(fmt.Errorf("vpc/main: %w", err)); got != want {
		t.Fatalf("%+v, want %+v", got, want)
	}
	if _, ok := errors.AsType[*IncompleteError](err); !ok {
		t.Fatalf("%T", err)
	}
	reads = NewReads()
	if out, err := read(); err != nil || len(out.Vpcs) > 0 {
		t.Fatalf("the next walk reads %v, %v", out, err)
	}
}
