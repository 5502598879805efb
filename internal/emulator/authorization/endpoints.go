package authorization

import (
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// zoned is what private DNS needs, which ties a hosted zone to the VPC: a dependent action of CreateVpcEndpoint, and of
// ModifyVpcEndpoint by users' reports.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
func zoned(q *request) []check {
	if q.params["PrivateDnsEnabled"] != "true" {
		return nil
	}
	zone := "arn:" + (core.Scope{Region: q.SigningRegion}).Partition() + ":route53:::hostedzone/*"
	return []check{{"route53:AssociateVPCWithHostedZone", zone, q.keys("route53:AssociateVPCWithHostedZone", nil, false)}}
}

// multiRegion is the permission-only action for endpoints to services of other regions,
// https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html#endpoint-service-cross-region
const multiRegion = "vpce:AllowMultiRegion"

// crossRegion is asked of an endpoint whose service is in another region.
func crossRegion(q *request) []check {
	if region := q.params["ServiceRegion"]; region != "" && region != q.SigningRegion {
		return q.decide(multiRegion, []target{made("ec2:vpc-endpoint")})
	}
	var out []check
	for _, o := range q.named("ec2:vpc-endpoint") {
		if region, _ := o.Settings["serviceRegion"].(string); region != o.Region {
			out = append(out, check{multiRegion, o.ARN, q.keys(multiRegion, o.Tags, false)})
		}
	}
	return out
}

// offeredElsewhere is asked of an endpoint service that is to be reached from another region.
func offeredElsewhere(q *request) []check {
	for name, value := range q.params {
		if (strings.HasPrefix(name, "SupportedRegion") || strings.HasPrefix(name, "AddSupportedRegion")) && value != q.SigningRegion {
			targets := reference[q.action]
			return q.decide(multiRegion, targets)
		}
	}
	return nil
}
