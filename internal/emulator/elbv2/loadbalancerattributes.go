package elbv2

import (
	"maps"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

var (
	bothTypes = []string{application, network}
	albOnly   = []string{application}
	nlbOnly   = []string{network}
)

// loadBalancerAttributes are those of
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
var loadBalancerAttributes = attributeSet{
	{"deletion_protection.enabled", "false", boolean, bothTypes},
	{"load_balancing.cross_zone.enabled", "false", boolean, bothTypes},
	{"access_logs.s3.enabled", "false", boolean, bothTypes},
	{"access_logs.s3.bucket", "", anyText, bothTypes},
	{"access_logs.s3.prefix", "", anyText, bothTypes},
	{"ipv6.deny_all_igw_traffic", "false", boolean, bothTypes},
	{"zonal_shift.config.enabled", "false", boolean, bothTypes},
	{"idle_timeout.timeout_seconds", "60", between(1, 4000), albOnly},
	{"client_keep_alive.seconds", "3600", between(60, 604800), albOnly},
	{"connection_logs.s3.enabled", "false", boolean, albOnly},
	{"connection_logs.s3.bucket", "", anyText, albOnly},
	{"connection_logs.s3.prefix", "", anyText, albOnly},
	{"health_check_logs.s3.enabled", "false", boolean, albOnly},
	{"health_check_logs.s3.bucket", "", anyText, albOnly},
	{"health_check_logs.s3.prefix", "", anyText, albOnly},
	{"routing.http.desync_mitigation_mode", "defensive", oneOf("monitor", "defensive", "strictest"), albOnly},
	{"routing.http.drop_invalid_header_fields.enabled", "false", boolean, albOnly},
	{"routing.http.preserve_host_header.enabled", "false", boolean, albOnly},
	{"routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", boolean, albOnly},
	{"routing.http.xff_client_port.enabled", "false", boolean, albOnly},
	{"routing.http.xff_header_processing.mode", "append", oneOf("append", "preserve", "remove"), albOnly},
	{"routing.http2.enabled", "true", boolean, albOnly},
	{"waf.fail_open.enabled", "false", boolean, albOnly},
	{"dns_record.client_routing_policy", "any_availability_zone", oneOf("availability_zone_affinity", "partial_availability_zone_affinity", "any_availability_zone"), nlbOnly},
	{"secondary_ips.auto_assigned.per_subnet", "0", between(0, 7), nlbOnly},
}

func loadBalancerDefaults(lb *loadBalancer) map[string]string {
	out := loadBalancerAttributes.defaults(lb.Type)
	if lb.Type == application {
		out["load_balancing.cross_zone.enabled"] = "true"
	}
	if lb.Scheme == internal {
		out["ipv6.deny_all_igw_traffic"] = "true"
	}
	return out
}

type attributesOut struct {
	Attributes []keyValue `xml:"Attributes>member"`
}

func (s *Service) describeLoadBalancerAttributes(r *core.Request, in *loadBalancerIn) (*attributesOut, error) {
	lb, ok := s.region(r.Scope).loadBalancers.get(in.LoadBalancerArn)
	if !ok || !s.world.Visible(lb.Created) {
		return nil, loadBalancerNotFound(in.LoadBalancerArn)
	}
	return &attributesOut{loadBalancerAttributes.list(lb.Attributes)}, nil
}

type modifyLoadBalancerAttributesIn struct {
	LoadBalancerArn string     `q:"LoadBalancerArn,required"`
	Attributes      []keyValue `q:"Attributes,required"`
}

func (s *Service) modifyLoadBalancerAttributes(r *core.Request, in *modifyLoadBalancerAttributesIn) (*attributesOut, error) {
	lb, ok := s.region(r.Scope).loadBalancers.get(in.LoadBalancerArn)
	if !ok {
		return nil, loadBalancerNotFound(in.LoadBalancerArn)
	}
	if err := loadBalancerAttributes.check(in.Attributes, "Load balancer", lb.Type, "load balancers with type"); err != nil {
		return nil, err
	}
	next := maps.Clone(lb.Attributes)
	for _, a := range in.Attributes {
		next[a.Key] = a.Value
	}
	if err := s.checkLoadBalancerAttributes(r.Scope, lb, next); err != nil {
		return nil, err
	}
	lb.Attributes = next
	return &attributesOut{loadBalancerAttributes.list(next)}, nil
}

// checkLoadBalancerAttributes tests the attributes together.
func (s *Service) checkLoadBalancerAttributes(scope core.Scope, lb *loadBalancer, next map[string]string) error {
	if lb.Type == application && next["load_balancing.cross_zone.enabled"] != "true" {
		return conflict("Load balancer attribute key 'load_balancing.cross_zone.enabled' cannot be changed on load balancers with type 'application'")
	}
	if less(next, lb.Attributes, "secondary_ips.auto_assigned.per_subnet") {
		return conflict("The value of 'secondary_ips.auto_assigned.per_subnet' cannot be decreased")
	}
	for _, logs := range []string{"access_logs", "connection_logs", "health_check_logs"} {
		if next[logs+".s3.enabled"] != "true" {
			continue
		}
		name, prefix := next[logs+".s3.bucket"], next[logs+".s3.prefix"]
		if name == "" {
			return conflict("The value of '%s.s3.bucket' cannot be empty when '%s.s3.enabled' is true", logs, logs)
		}
		if !s.mayLog(scope, lb, next, logs, name, prefix) {
			return conflict("Access Denied for bucket: %s. Please check S3bucket permission", name)
		}
	}
	return nil
}

// mayLog stands for the test object that Elastic Load Balancing writes when logs are switched on:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
func (s *Service) mayLog(scope core.Scope, lb *loadBalancer, next map[string]string, logs, bucket, prefix string) bool {
	unchanged := true
	for _, k := range []string{".s3.enabled", ".s3.bucket", ".s3.prefix"} {
		unchanged = unchanged && next[logs+k] == lb.Attributes[logs+k]
	}
	return unchanged || s.logBucket == nil || s.logBucket(scope, bucket, prefix, lb.Type)
}

// less compares one-digit numbers.
func less(a, b map[string]string, key string) bool { return a[key] < b[key] }
