package elbv2

import (
	"slices"
	"strconv"
	"strings"
)

// attribute is a settable property of a load balancer, target group or listener.
type attribute struct {
	key, deflt string
	valid      func(string) bool
	// on says which kinds of object have the attribute: load balancer types, or protocols.
	on []string
}

type attributeSet []attribute

func (set attributeSet) find(key string) (attribute, bool) {
	i := slices.IndexFunc(set, func(a attribute) bool { return a.key == key })
	if i < 0 {
		return attribute{}, false
	}
	return set[i], true
}

// defaults are the attributes of a new object of a kind.
func (set attributeSet) defaults(kind string) map[string]string {
	out := map[string]string{}
	for _, a := range set {
		if slices.Contains(a.on, kind) {
			out[a.key] = a.deflt
		}
	}
	return out
}

// keyValue is an attribute on the wire.
type keyValue struct {
	Key   string `q:"Key,required"`
	Value string
}

// check tests a change; what and kind go into the message ("load balancers with type 'network'").
func (set attributeSet) check(changes []keyValue, what, kind, kinds string) error {
	seen := map[string]bool{}
	for _, c := range changes {
		a, ok := set.find(c.Key)
		switch {
		case !ok:
			return invalid("%s attribute key '%s' is not recognized", what, c.Key)
		case seen[c.Key]:
			return invalid("%s attribute key '%s' cannot be specified more than once", what, c.Key)
		case !slices.Contains(a.on, kind):
			return conflict("%s attribute key '%s' is not supported on %s '%s'", what, c.Key, kinds, kind)
		case !a.valid(c.Value):
			return invalid("%s attribute value '%s' for key '%s' is not valid", what, c.Value, c.Key)
		}
		seen[c.Key] = true
	}
	return nil
}

// list returns attributes in the set's order.
func (set attributeSet) list(values map[string]string) []keyValue {
	out := []keyValue{}
	for _, a := range set {
		if v, ok := values[a.key]; ok {
			out = append(out, keyValue{a.key, v})
		}
	}
	return out
}

func oneOf(values ...string) func(string) bool {
	return func(v string) bool { return slices.Contains(values, v) }
}

var boolean = oneOf("true", "false")

func anyText(string) bool { return true }

func between(low, high int) func(string) bool {
	return func(v string) bool {
		n, err := strconv.Atoi(v)
		return err == nil && n >= low && n <= high
	}
}

func either(checks ...func(string) bool) func(string) bool {
	return func(v string) bool {
		return slices.ContainsFunc(checks, func(f func(string) bool) bool { return f(v) })
	}
}

// cookieName refuses the names that load balancers use themselves.
func cookieName(v string) bool { return !strings.HasPrefix(v, "AWSALB") }
