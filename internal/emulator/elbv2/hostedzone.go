package elbv2

// hostedZone is the Route 53 zone of a region's load balancers, for alias records:
// https://docs.aws.amazon.com/general/latest/gr/elb.html
func hostedZone(region, lbType string) string {
	ids, ok := hostedZones[region]
	if !ok {
		ids = [2]string{"Z0EMULATEDALBZONE", "Z0EMULATEDNLBZONE"}
	}
	if lbType == network {
		return ids[1]
	}
	return ids[0]
}

// hostedZones are the zones of Application and of Network Load Balancers.
var hostedZones = map[string][2]string{
	"us-east-1":      {"Z35SXDOTRQ7X7K", "Z26RNL4JYFTOTI"},
	"us-east-2":      {"Z3AADJGX6KTTL2", "ZLMOA37VPKANP"},
	"us-west-1":      {"Z368ELLRRE2KJ0", "Z24FKFUX50B4VW"},
	"us-west-2":      {"Z1H1FL5HABSF5", "Z18D5FSROUN65G"},
	"ca-central-1":   {"ZQSVJUPU6J1EY", "Z2EPGBW3API2WT"},
	"eu-central-1":   {"Z215JYRZR1TBD5", "Z3F0SRJ5LGBH90"},
	"eu-west-1":      {"Z32O12XQLNTSW2", "Z2IFOLAFXWLO4F"},
	"eu-west-2":      {"ZHURV8PSTC4K8", "ZD4D7Y8KGAS4G"},
	"eu-west-3":      {"Z3Q77PNBQS71R4", "Z1CMS0P5QUZ6D5"},
	"eu-north-1":     {"Z23TAZ6LKFMNIO", "Z1UDT6IFJ4EJM"},
	"eu-south-1":     {"Z3ULH7SSC9OV64", "Z23146JA1KNAFP"},
	"ap-northeast-1": {"Z14GRHDCWA56QT", "Z31USIVHYNEOWT"},
	"ap-northeast-2": {"ZWKZPGTI48KDX", "ZIBE1TIR4HY56"},
	"ap-south-1":     {"ZP97RAFLXTNZK", "ZVDDRBQ08TROA"},
	"ap-southeast-1": {"Z1LMS91P8CMLE5", "ZKVM4W9LS7TM"},
	"ap-southeast-2": {"Z1GM3OXH4ZPM65", "ZCT6FZBF4DROD"},
	"sa-east-1":      {"Z2P70J7HTTTPLU", "ZTK26PT1VY4CU"},
}

// HostedZone answers the zone that a load balancer's name lies in; ok is false for names that no load balancer has.
func (s *Service) HostedZone(dnsName string) (id string, ok bool) {
	scope, lb := s.byDNS(dnsName)
	if lb == nil {
		return "", false
	}
	return hostedZone(scope.Region, lb.Type), true
}
