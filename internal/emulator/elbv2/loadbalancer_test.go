package elbv2

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func TestLoadBalancerLife(t *testing.T) {
	e := start(t)
	arn := e.alb("web")
	describe := func() types.LoadBalancer {
		t.Helper()
		return must[*elb.DescribeLoadBalancersOutput](t)(e.DescribeLoadBalancers(t.Context(), &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{arn}})).LoadBalancers[0]
	}
	lb := describe()
	if lb.State.Code != "provisioning" || !strings.Contains(arn, ":loadbalancer/app/web/") || *lb.VpcId != "vpc-1" || *lb.CanonicalHostedZoneId != "Z35SXDOTRQ7X7K" {
		t.Fatalf("%+v", lb)
	}
	if !strings.HasPrefix(*lb.DNSName, "web-") || !strings.HasSuffix(*lb.DNSName, ".us-east-1.elb.amazonaws.com") {
		t.Fatal(*lb.DNSName)
	}
	if len(e.net.interfaces) != 2 || !strings.HasPrefix(e.net.interfaces["eni-1"].Description, "ELB app/web/") || !e.net.interfaces["eni-1"].Public {
		t.Fatalf("%+v", e.net.interfaces)
	}
	e.server.Advance(provisioning)
	if lb = describe(); lb.State.Code != "active" {
		t.Fatal(lb.State.Code)
	}

	l := e.listener(arn, "HTTP", 80, notFound())
	del := func() error {
		_, err := e.DeleteLoadBalancer(t.Context(), &elb.DeleteLoadBalancerInput{LoadBalancerArn: &arn})
		return err
	}
	protect := func(v string) {
		must[*elb.ModifyLoadBalancerAttributesOutput](t)(e.ModifyLoadBalancerAttributes(t.Context(), &elb.ModifyLoadBalancerAttributesInput{LoadBalancerArn: &arn, Attributes: attributes("deletion_protection.enabled", v)}))
	}
	protect("true")
	fails(t, del(), "OperationNotPermitted", "cannot be deleted because deletion protection is enabled")
	protect("false")
	e.service.SetAssociated(func(_ coreScope, a string) bool { return a == arn })
	fails(t, del(), "ResourceInUse", "currently associated with another service")
	e.service.SetAssociated(nil)
	if err := del(); err != nil {
		t.Fatal(err)
	}
	if err := del(); err != nil { // idempotent
		t.Fatal(err)
	}
	_, err := e.DescribeListeners(t.Context(), &elb.DescribeListenersInput{ListenerArns: []string{l}})
	fails(t, err, "ListenerNotFound", "not found")
	_, err = e.DescribeLoadBalancers(t.Context(), &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{arn}})
	fails(t, err, "LoadBalancerNotFound", "not found")
	if len(e.net.interfaces) != 2 {
		t.Fatal("interfaces must outlive the load balancer")
	}
	e.server.Advance(interfaceLinger)
	if len(e.net.interfaces) != 0 {
		t.Fatal(e.net.interfaces)
	}
}

func TestCreateLoadBalancerIsIdempotent(t *testing.T) {
	e := start(t)
	arn := e.alb("web")
	in := &elb.CreateLoadBalancerInput{Name: aws.String("web"), Subnets: []string{"subnet-1-b", "subnet-1-a"}, SecurityGroups: []string{"sg-1"},
		Tags: []types.Tag{{Key: aws.String("owner"), Value: aws.String("other")}}}
	out := must[*elb.CreateLoadBalancerOutput](t)(e.CreateLoadBalancer(t.Context(), in))
	if *out.LoadBalancers[0].LoadBalancerArn != arn {
		t.Fatal("another load balancer")
	}
	in.Scheme = "internal"
	_, err := e.CreateLoadBalancer(t.Context(), in)
	fails(t, err, "DuplicateLoadBalancerName", "A load balancer with the same name 'web' exists, but with different settings")
}

func TestCreateLoadBalancerErrors(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*elb.CreateLoadBalancerInput)
		code   string
		part   string
	}{
		"one zone":  {func(in *elb.CreateLoadBalancerInput) { in.Subnets = in.Subnets[:1] }, "ValidationError", "At least two subnets in two different Availability Zones"},
		"same zone": {func(in *elb.CreateLoadBalancerInput) { in.Subnets[1] = "subnet-1-a2" }, "InvalidConfigurationRequest", "multiple subnets in the same Availability Zone"},
		"two VPCs":  {func(in *elb.CreateLoadBalancerInput) { in.Subnets[1] = "subnet-2-b" }, "InvalidConfigurationRequest", "same VPC"},
		"no subnet": {func(in *elb.CreateLoadBalancerInput) { in.Subnets[1] = "subnet-x" }, "SubnetNotFound", "subnet-x"},
		"no gateway": {func(in *elb.CreateLoadBalancerInput) {
			in.Subnets, in.SecurityGroups = []string{"subnet-2-a", "subnet-2-b"}, nil
		}, "InvalidSubnet", "VPC vpc-2 has no internet gateway"},
		"no group":        {func(in *elb.CreateLoadBalancerInput) { in.SecurityGroups = []string{"sg-x"} }, "InvalidSecurityGroup", "sg-x"},
		"other group":     {func(in *elb.CreateLoadBalancerInput) { in.SecurityGroups = []string{"sg-9"} }, "InvalidConfigurationRequest", "security groups"},
		"long name":       {func(in *elb.CreateLoadBalancerInput) { in.Name = aws.String(strings.Repeat("x", 33)) }, "ValidationError", "longer than '32'"},
		"hyphen":          {func(in *elb.CreateLoadBalancerInput) { in.Name = aws.String("x-") }, "ValidationError", "hyphen"},
		"underscore":      {func(in *elb.CreateLoadBalancerInput) { in.Name = aws.String("x_y") }, "ValidationError", "alphanumeric"},
		"internal prefix": {func(in *elb.CreateLoadBalancerInput) { in.Name = aws.String("internal-x") }, "ValidationError", "internal-"},
		"gateway type":    {func(in *elb.CreateLoadBalancerInput) { in.Type = "gateway" }, "ValidationError", "gateway"},
		"scheme":          {func(in *elb.CreateLoadBalancerInput) { in.Scheme = "public" }, "InvalidScheme", "public"},
		"dualstack":       {func(in *elb.CreateLoadBalancerInput) { in.IpAddressType = "dualstack" }, "InvalidSubnet", "IPv6 CIDR"},
		"reserved tag":    {func(in *elb.CreateLoadBalancerInput) { in.Tags = []types.Tag{{Key: aws.String("aws:x")}} }, "ValidationError", "aws:"},
		"duplicate tag": {func(in *elb.CreateLoadBalancerInput) {
			in.Tags = []types.Tag{{Key: aws.String("k")}, {Key: aws.String("k")}}
		}, "DuplicateTagKeys", "k"},
		"unknown parameter": {func(in *elb.CreateLoadBalancerInput) { in.CustomerOwnedIpv4Pool = aws.String("p") }, "ValidationError", "CustomerOwnedIpv4Pool"},
		"elastic ip on alb": {func(in *elb.CreateLoadBalancerInput) {
			in.Subnets, in.SubnetMappings = nil, []types.SubnetMapping{{SubnetId: aws.String("subnet-1-a"), AllocationId: aws.String("eipalloc-1")}, {SubnetId: aws.String("subnet-1-b")}}
		}, "InvalidConfigurationRequest", "Elastic IP"},
		"unknown elastic ip": {func(in *elb.CreateLoadBalancerInput) {
			in.Type, in.Subnets, in.SubnetMappings = "network", nil, []types.SubnetMapping{{SubnetId: aws.String("subnet-1-a"), AllocationId: aws.String("eipalloc-gone")}}
		}, "AllocationIdNotFound", "eipalloc-gone"},
	} {
		t.Run(name, func(t *testing.T) {
			e := start(t)
			in := &elb.CreateLoadBalancerInput{Name: aws.String("web"), Subnets: []string{"subnet-1-a", "subnet-1-b"}, SecurityGroups: []string{"sg-1"}}
			c.change(in)
			_, err := e.CreateLoadBalancer(t.Context(), in)
			fails(t, err, c.code, c.part)
			if len(e.net.interfaces) != 0 {
				t.Error("a failed create left interfaces")
			}
		})
	}
}

func TestSetSecurityGroups(t *testing.T) {
	e := start(t)
	bare, grouped := e.nlb("bare"), e.nlb("grouped", "sg-1")
	set := func(arn string, groups ...string) (*elb.SetSecurityGroupsOutput, error) {
		return e.SetSecurityGroups(t.Context(), &elb.SetSecurityGroupsInput{LoadBalancerArn: &arn, SecurityGroups: groups})
	}
	_, err := set(bare, "sg-1")
	fails(t, err, "InvalidConfigurationRequest", "created without security groups")
	_, err = set(grouped, []string{}...)
	fails(t, err, "ValidationError", "At least one")
	out := must[*elb.SetSecurityGroupsOutput](t)(set(grouped, "sg-2"))
	if out.SecurityGroupIds[0] != "sg-2" || out.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic != "on" {
		t.Fatalf("%+v", out)
	}
	if g := e.net.interfaces["eni-2"].SecurityGroupIDs; len(g) != 1 || g[0] != "sg-2" {
		t.Fatal(g)
	}
	_, err = set("arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/x/1", "sg-1")
	fails(t, err, "LoadBalancerNotFound", "not found")
}

func TestSetSubnets(t *testing.T) {
	e := start(t)
	arn := e.alb("web")
	out := must[*elb.SetSubnetsOutput](t)(e.SetSubnets(t.Context(), &elb.SetSubnetsInput{LoadBalancerArn: &arn, Subnets: []string{"subnet-1-b", "subnet-1-c"}}))
	if len(out.AvailabilityZones) != 2 || len(e.net.interfaces) != 3 {
		t.Fatalf("%+v %v", out, e.net.interfaces)
	}
	e.server.Advance(interfaceLinger)
	if _, old := e.net.interfaces["eni-1"]; old || len(e.net.interfaces) != 2 {
		t.Fatal(e.net.interfaces)
	}
	_, err := e.SetSubnets(t.Context(), &elb.SetSubnetsInput{LoadBalancerArn: &arn, Subnets: []string{"subnet-1-b"}})
	fails(t, err, "ValidationError", "At least two")
	_, err = e.SetIpAddressType(t.Context(), &elb.SetIpAddressTypeInput{LoadBalancerArn: &arn, IpAddressType: "dualstack"})
	fails(t, err, "InvalidSubnet", "IPv6")
	must[*elb.SetIpAddressTypeOutput](t)(e.SetIpAddressType(t.Context(), &elb.SetIpAddressTypeInput{LoadBalancerArn: &arn, IpAddressType: "ipv4"}))
}

func TestLoadBalancerAttributes(t *testing.T) {
	e := start(t)
	alb, nlb := e.alb("web"), e.nlb("net")
	e.service.SetLogBucket(func(_ coreScope, bucket, prefix, _ string) bool { return bucket == "logs" })
	for _, c := range []struct{ arn, key, value, code, part string }{
		{alb, "idle_timeout.timeout_seconds", "4000", "", ""},
		{alb, "idle_timeout.timeout_seconds", "4001", "ValidationError", "4001"},
		{alb, "client_keep_alive.seconds", "59", "ValidationError", "59"},
		{alb, "nonsense", "x", "ValidationError", "Load balancer attribute key 'nonsense' is not recognized"},
		{alb, "dns_record.client_routing_policy", "any_availability_zone", "InvalidConfigurationRequest", "is not supported on load balancers with type 'application'"},
		{nlb, "idle_timeout.timeout_seconds", "60", "InvalidConfigurationRequest", "is not supported on load balancers with type 'network'"},
		{alb, "load_balancing.cross_zone.enabled", "false", "InvalidConfigurationRequest", "cannot be changed"},
		{nlb, "load_balancing.cross_zone.enabled", "true", "", ""},
		{alb, "access_logs.s3.enabled", "true", "InvalidConfigurationRequest", "bucket"},
		{nlb, "secondary_ips.auto_assigned.per_subnet", "2", "", ""},
		{nlb, "secondary_ips.auto_assigned.per_subnet", "1", "InvalidConfigurationRequest", "decreased"},
	} {
		_, err := e.ModifyLoadBalancerAttributes(t.Context(), &elb.ModifyLoadBalancerAttributesInput{LoadBalancerArn: &c.arn, Attributes: attributes(c.key, c.value)})
		if c.code != "" {
			fails(t, err, c.code, c.part)
		} else if err != nil {
			t.Fatal(c, err)
		}
	}
	logs := func(bucket string) error {
		_, err := e.ModifyLoadBalancerAttributes(t.Context(), &elb.ModifyLoadBalancerAttributesInput{LoadBalancerArn: &alb, Attributes: attributes("access_logs.s3.enabled", "true", "access_logs.s3.bucket", bucket)})
		return err
	}
	fails(t, logs("closed"), "InvalidConfigurationRequest", "Access Denied for bucket: closed. Please check S3bucket permission")
	if err := logs("logs"); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, a := range must[*elb.DescribeLoadBalancerAttributesOutput](t)(e.DescribeLoadBalancerAttributes(t.Context(), &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: &alb})).Attributes {
		got[*a.Key] = *a.Value
	}
	if got["idle_timeout.timeout_seconds"] != "4000" || got["routing.http2.enabled"] != "true" || got["access_logs.s3.bucket"] != "logs" || got["load_balancing.cross_zone.enabled"] != "true" {
		t.Fatal(got)
	}
	if _, ok := got["dns_record.client_routing_policy"]; ok {
		t.Fatal("an attribute of the other type")
	}
	must[*elb.DescribeCapacityReservationOutput](t)(e.DescribeCapacityReservation(t.Context(), &elb.DescribeCapacityReservationInput{LoadBalancerArn: &alb}))
}

func TestDescribeLoadBalancersPagesAndLags(t *testing.T) {
	e := start(t)
	for _, n := range []string{"a", "b", "c"} {
		e.alb(n)
	}
	e.world.Settings.PageSize = 2
	var names []string
	p := elb.NewDescribeLoadBalancersPaginator(e.Client, &elb.DescribeLoadBalancersInput{})
	for p.HasMorePages() {
		out := must[*elb.DescribeLoadBalancersOutput](t)(p.NextPage(t.Context()))
		if len(out.LoadBalancers) > 2 {
			t.Fatal("a page too large")
		}
		for _, lb := range out.LoadBalancers {
			names = append(names, *lb.LoadBalancerName)
		}
	}
	if strings.Join(names, "") != "abc" {
		t.Fatal(names)
	}
	_, err := e.DescribeLoadBalancers(t.Context(), &elb.DescribeLoadBalancersInput{Names: []string{"z"}})
	fails(t, err, "LoadBalancerNotFound", "Load balancers '[z]' not found")

	e.world.Settings.ReadLag = time.Minute
	e.server.Advance(time.Hour)
	arn := e.alb("late")
	_, err = e.DescribeLoadBalancers(t.Context(), &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{arn}})
	fails(t, err, "LoadBalancerNotFound", "not found")
	e.server.Advance(time.Minute)
	must[*elb.DescribeLoadBalancersOutput](t)(e.DescribeLoadBalancers(t.Context(), &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{arn}}))
}

func TestThrottling(t *testing.T) {
	e := start(t)
	e.world.Settings.NoThrottling = false
	var err error
	for range 11 {
		_, err = e.CreateLoadBalancer(t.Context(), &elb.CreateLoadBalancerInput{Name: aws.String("x_"), Subnets: []string{"subnet-1-a"}})
	}
	fails(t, err, "Throttling", "Rate exceeded")
}
