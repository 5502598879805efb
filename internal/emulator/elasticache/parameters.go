package elasticache

import "strings"

// parameter is a setting of an engine.
type parameter struct {
	name, deflt, allowed, kind string
	modifiable                 bool
	change                     string
}

// parameters are those that say something about how a cache behaves towards its clients; AWS has some
// ninety. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
var parameters = []parameter{
	{"acllog-max-len", "128", "1-10000", "integer", true, "immediate"},
	{"activedefrag", "no", "yes,no", "string", true, "immediate"},
	{"activerehashing", "yes", "yes,no", "string", true, "requires-reboot"},
	{"appendonly", "no", "yes,no", "string", false, "immediate"},
	{"client-query-buffer-limit", "1073741824", "1048576-1073741824", "integer", true, "immediate"},
	{"close-on-replica-write", "yes", "yes,no", "string", true, "immediate"},
	{"cluster-allow-reads-when-down", "no", "yes,no", "string", true, "immediate"},
	{"cluster-enabled", "no", "yes,no", "string", true, "requires-reboot"},
	{"cluster-require-full-coverage", "no", "yes,no", "string", true, "immediate"},
	{"databases", "16", "1-1200000", "integer", true, "requires-reboot"},
	{"lazyfree-lazy-eviction", "no", "yes,no", "string", true, "immediate"},
	{"lazyfree-lazy-expire", "no", "yes,no", "string", true, "immediate"},
	{"maxmemory-policy", "volatile-lru", "volatile-lru,allkeys-lru,volatile-lfu,allkeys-lfu,volatile-random,allkeys-random,volatile-ttl,noeviction", "string", true, "immediate"},
	{"maxmemory-samples", "3", "1-", "integer", true, "immediate"},
	{"notify-keyspace-events", "", "", "string", true, "immediate"},
	{"reserved-memory-percent", "25", "0-100", "integer", true, "immediate"},
	{"slowlog-log-slower-than", "10000", "-", "integer", true, "immediate"},
	{"slowlog-max-len", "128", "0-", "integer", true, "immediate"},
	{"tcp-keepalive", "300", "0-", "integer", true, "immediate"},
	{"timeout", "0", "0,20-", "integer", true, "immediate"},
}

func findParameter(name string) (parameter, bool) {
	for _, p := range parameters {
		if p.name == name {
			return p, true
		}
	}
	return parameter{}, false
}

// check refuses what a listed set of values hasn't.
func (p parameter) check(value string) error {
	if !p.modifiable {
		return invalidValue("The parameter %s cannot be modified.", p.name)
	}
	if p.kind == "integer" {
		if value == "" || strings.Trim(value, "0123456789-") != "" {
			return invalidValue("Invalid value %s for parameter %s: an integer is expected.", value, p.name)
		}
		return nil
	}
	if p.allowed == "" {
		return nil
	}
	for v := range strings.SplitSeq(p.allowed, ",") {
		if v == value {
			return nil
		}
	}
	return invalidValue("The parameter %s has an invalid value %s. Allowed values: %s", p.name, value, p.allowed)
}
