package wafv2

import (
	"maps"
	"slices"
)

// managed are the capacities of AWS's own rule groups,
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
var managed = map[string]int{
	"AWSManagedRulesCommonRuleSet": 700, "AWSManagedRulesAdminProtectionRuleSet": 100, "AWSManagedRulesKnownBadInputsRuleSet": 200,
	"AWSManagedRulesSQLiRuleSet": 200, "AWSManagedRulesLinuxRuleSet": 200, "AWSManagedRulesUnixRuleSet": 100,
	"AWSManagedRulesAmazonIpReputationList": 25, "AWSManagedRulesAnonymousIpList": 50,
}

// checkRules tests the rules of a web ACL and adds up their capacity units,
// https://docs.aws.amazon.com/waf/latest/APIReference/API_Rule.html and
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html
func checkRules(rules []any) (capacity int, err error) {
	names, priorities := map[string]bool{}, map[float64]bool{}
	for _, raw := range rules {
		r, ok := raw.(map[string]any)
		name, _ := r["Name"].(string)
		priority, ranked := r["Priority"].(float64)
		if !ok || !ranked || !namePattern.MatchString(name) {
			return 0, invalid("Every rule needs a name and a priority., field: RULE, parameter: %s", name)
		}
		if names[name] || priorities[priority] {
			return 0, invalid("You have used a duplicate rule name or priority., field: RULE, parameter: %s", name)
		}
		names[name], priorities[priority] = true, true
		for _, k := range slices.Sorted(maps.Keys(r)) {
			if !slices.Contains([]string{"Name", "Priority", "Statement", "Action", "OverrideAction", "VisibilityConfig"}, k) {
				return 0, invalid("The emulator does not support the member %s of rules.", k)
			}
		}
		if err := checkVisibility(r["VisibilityConfig"]); err != nil {
			return 0, err
		}
		n, err := checkStatement(r)
		if err != nil {
			return 0, err
		}
		capacity += n
	}
	if capacity > maxCapacity {
		return 0, invalid("The web ACL capacity %d exceeds the limit of %d.", capacity, maxCapacity)
	}
	return capacity, nil
}

// checkStatement: a rule group takes an override action, any other statement an action of its own.
func checkStatement(r map[string]any) (capacity int, err error) {
	kind := one(r["Statement"], "GeoMatchStatement", "RateBasedStatement", "ManagedRuleGroupStatement")
	group := kind == "ManagedRuleGroupStatement"
	switch {
	case kind == "":
		return 0, invalid("The emulator supports one statement of GeoMatchStatement, RateBasedStatement and ManagedRuleGroupStatement in a rule.")
	case group && (one(r["OverrideAction"], "None", "Count") == "" || r["Action"] != nil),
		!group && (one(r["Action"], "Allow", "Block", "Count") == "" || r["OverrideAction"] != nil):
		return 0, invalid("A rule must have exactly one action: OverrideAction for rule groups, Action otherwise., field: RULE_ACTION")
	}
	statement, _ := r["Statement"].(map[string]any)[kind].(map[string]any)
	switch kind {
	case "GeoMatchStatement":
		codes, _ := statement["CountryCodes"].([]any)
		if len(codes) == 0 || len(statement) != 1 {
			return 0, invalid("The emulator supports just CountryCodes in a GeoMatchStatement.")
		}
		return 1, nil
	case "RateBasedStatement":
		limit, ok := statement["Limit"].(float64)
		if !ok || limit < 10 || statement["AggregateKeyType"] != "IP" || len(statement) != 2 {
			return 0, invalid("The emulator supports a Limit of at least 10 and the AggregateKeyType IP in a RateBasedStatement.")
		}
		return 2, nil
	default:
		name, _ := statement["Name"].(string)
		n, ok := managed[name]
		if statement["VendorName"] != "AWS" || !ok || len(statement) != 2 {
			return 0, invalid("The emulator does not support the managed rule group %s.", name)
		}
		return n, nil
	}
}

// checkVisibility: https://docs.aws.amazon.com/waf/latest/APIReference/API_VisibilityConfig.html
func checkVisibility(v any) error {
	m, _ := v.(map[string]any)
	_, sampled := m["SampledRequestsEnabled"].(bool)
	_, metrics := m["CloudWatchMetricsEnabled"].(bool)
	name, _ := m["MetricName"].(string)
	if !sampled || !metrics || name == "" || len(m) != 3 {
		return invalid("VisibilityConfig requires SampledRequestsEnabled, CloudWatchMetricsEnabled and MetricName., field: VISIBILITY_CONFIG")
	}
	return nil
}

// one is the only member of a union, when it is one of those that are served.
func one(v any, members ...string) string {
	m, _ := v.(map[string]any)
	if len(m) != 1 {
		return ""
	}
	for k := range m {
		if slices.Contains(members, k) {
			return k
		}
	}
	return ""
}
