package elbv2

import "slices"

var (
	httpProtocols = []string{"HTTP", "HTTPS"}
	layer4        = []string{"TCP", "TLS", "UDP", "TCP_UDP"}
	allProtocols  = slices.Concat(httpProtocols, layer4)
)

// targetGroupAttributes are those of
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
var targetGroupAttributes = attributeSet{
	{"deregistration_delay.timeout_seconds", "300", between(0, 3600), allProtocols},
	{"deregistration_delay.connection_termination.enabled", "false", boolean, layer4},
	{"stickiness.enabled", "false", boolean, allProtocols},
	{"stickiness.type", "lb_cookie", oneOf("lb_cookie", "app_cookie", "source_ip"), allProtocols},
	{"stickiness.lb_cookie.duration_seconds", "86400", between(1, 604800), httpProtocols},
	{"stickiness.app_cookie.cookie_name", "", cookieName, httpProtocols},
	{"stickiness.app_cookie.duration_seconds", "86400", between(1, 604800), httpProtocols},
	{"load_balancing.algorithm.type", "round_robin", oneOf("round_robin", "least_outstanding_requests", "weighted_random"), httpProtocols},
	{"load_balancing.algorithm.anomaly_mitigation", "off", oneOf("on", "off"), httpProtocols},
	{"load_balancing.cross_zone.enabled", "use_load_balancer_configuration", oneOf("true", "false", "use_load_balancer_configuration"), allProtocols},
	{"slow_start.duration_seconds", "0", either(oneOf("0"), between(30, 900)), httpProtocols},
	{"target_group_health.dns_failover.minimum_healthy_targets.count", "1", either(oneOf("off"), between(1, 1000)), allProtocols},
	{"target_group_health.dns_failover.minimum_healthy_targets.percentage", "off", either(oneOf("off"), between(1, 100)), allProtocols},
	{"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1", between(1, 1000), allProtocols},
	{"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off", either(oneOf("off"), between(1, 100)), allProtocols},
	{"preserve_client_ip.enabled", "true", boolean, layer4},
	{"proxy_protocol_v2.enabled", "false", boolean, layer4},
	{"target_health_state.unhealthy.connection_termination.enabled", "true", boolean, []string{"TCP", "TLS"}},
	{"target_health_state.unhealthy.draining_interval_seconds", "0", between(0, 360000), []string{"TCP", "TLS"}},
}

func targetGroupDefaults(tg *targetGroup) map[string]string {
	out := targetGroupAttributes.defaults(tg.Protocol)
	switch tg.Protocol {
	case "HTTP", "HTTPS":
		return out
	case "UDP", "TCP_UDP":
		out["deregistration_delay.connection_termination.enabled"] = "true"
	case "TCP", "TLS":
		if tg.TargetType == "ip" {
			out["preserve_client_ip.enabled"] = "false"
		}
	}
	out["stickiness.type"] = "source_ip"
	return out
}

// checkTargetGroupAttributes tests the attributes together.
func checkTargetGroupAttributes(tg *targetGroup, next map[string]string) error {
	udp := tg.Protocol == "UDP" || tg.Protocol == "TCP_UDP"
	switch {
	case tg.forALB() == (next["stickiness.type"] == "source_ip"):
		return conflict("Stickiness type '%s' is not supported for target groups with the %s protocol", next["stickiness.type"], tg.Protocol)
	case next["stickiness.enabled"] == "true" && next["stickiness.type"] == "app_cookie" && next["stickiness.app_cookie.cookie_name"] == "":
		return conflict("The value of 'stickiness.app_cookie.cookie_name' cannot be empty for stickiness type 'app_cookie'")
	case next["stickiness.enabled"] == "true" && tg.Protocol == "TLS":
		return conflict("Stickiness is not supported for target groups with the TLS protocol")
	case next["load_balancing.algorithm.anomaly_mitigation"] == "on" && next["load_balancing.algorithm.type"] != "weighted_random":
		return conflict("Anomaly mitigation can be enabled only for load balancing algorithm 'weighted_random'")
	case next["slow_start.duration_seconds"] != "0" && next["load_balancing.algorithm.type"] != "round_robin" && tg.forALB():
		return conflict("Slow start cannot be enabled for load balancing algorithm '%s'", next["load_balancing.algorithm.type"])
	case udp && next["preserve_client_ip.enabled"] == "false":
		return conflict("Client IP preservation cannot be disabled for target groups with the %s protocol", tg.Protocol)
	case next["target_health_state.unhealthy.draining_interval_seconds"] > "0" && next["target_health_state.unhealthy.connection_termination.enabled"] == "true":
		return conflict("'target_health_state.unhealthy.draining_interval_seconds' can be set only if unhealthy connection termination is disabled")
	}
	return nil
}
