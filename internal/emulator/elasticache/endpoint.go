package elasticache

import "strings"

// The forms of endpoints:
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Endpoints.html and the examples in
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html: with TLS the name
// of the group isn't the first part, so that one wildcard certificate covers all.

// domain ends every endpoint of a region: "use1.cache.amazonaws.com".
func domain(region string) string {
	out := regionCode(region) + ".cache.amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		out += ".cn"
	}
	return out
}

// regionCode is the short form of a region, "use1" for us-east-1 and "apse2" for ap-southeast-2.
func regionCode(region string) string {
	parts := strings.Split(region, "-")
	out := ""
	for i, p := range parts {
		switch {
		case i == 0:
			out += p
		case p == "gov":
			out += "g"
		case p == "northeast", p == "northwest", p == "southeast", p == "southwest":
			out += p[:1] + p[5:6]
		case len(p) > 1:
			out += p[:1]
		default:
			out += p
		}
	}
	return out
}

func (r *replicationGroup) configuration(region string) string {
	if r.tls {
		return "clustercfg." + r.id + "." + r.suffix + "." + domain(region)
	}
	return r.id + "." + r.suffix + ".clustercfg." + domain(region)
}

func (r *replicationGroup) primary(region string) string {
	if r.tls {
		return "master." + r.id + "." + r.suffix + "." + domain(region)
	}
	return r.id + "." + r.suffix + ".ng.0001." + domain(region)
}

func (r *replicationGroup) reader(region string) string {
	if r.tls {
		return "replica." + r.id + "." + r.suffix + "." + domain(region)
	}
	return r.id + "-ro." + r.suffix + ".ng.0001." + domain(region)
}

func (r *replicationGroup) nodeEndpoint(region string, n *node) string {
	if r.tls {
		return n.clusterID + "." + r.id + "." + r.suffix + "." + domain(region)
	}
	return n.clusterID + "." + r.suffix + ".0001." + domain(region)
}

func (c *serverlessCache) endpoint(region string) string {
	return c.id + "-" + c.suffix + ".serverless." + domain(region)
}
