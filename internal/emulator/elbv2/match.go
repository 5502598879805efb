package elbv2

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// matching is the rule of a listener that a request meets first: "Each rule has a priority. Rules are
// evaluated in priority order, from the lowest value to the highest value. The default rule is evaluated
// last": https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html
func (reg *region) matching(l *listener, q ClientRequest) *rule {
	for _, u := range reg.rulesOf(l.ARN) {
		if !slices.ContainsFunc(u.Conditions, func(c condition) bool { return !c.holds(q) }) {
			return u // the default rule has no conditions
		}
	}
	return nil
}

// holds reports whether a request meets a condition: any of its values.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
func (c *condition) holds(q ClientRequest) bool {
	path, query, _ := strings.Cut(q.Path, "?")
	switch c.Field {
	case "host-header":
		host, _, _ := strings.Cut(strings.ToLower(q.Host), ":")
		return slices.ContainsFunc(c.Values, func(v string) bool { return wildcard(strings.ToLower(v), host) }) || matches(c.RegexValues, host)
	case "path-pattern":
		return slices.ContainsFunc(c.Values, func(v string) bool { return wildcard(v, path) }) || matches(c.RegexValues, path)
	case "http-request-method":
		return slices.Contains(c.HttpRequestMethodConfig.Values, cmp.Or(q.Method, "GET"))
	case "source-ip":
		return slices.ContainsFunc(c.SourceIpConfig.Values, func(v string) bool {
			p, err := netip.ParsePrefix(v)
			a, bad := netip.ParseAddr(q.Source)
			return err == nil && bad == nil && p.Contains(a)
		})
	case "http-header":
		h := c.HttpHeaderConfig
		for name, value := range q.Headers {
			if strings.EqualFold(name, h.HttpHeaderName) {
				return slices.ContainsFunc(h.Values, func(v string) bool { return wildcard(strings.ToLower(v), strings.ToLower(value)) }) || matches(h.RegexValues, value)
			}
		}
		return false
	default: // query-string
		return slices.ContainsFunc(c.QueryStringConfig.Values, func(p queryPair) bool {
			return slices.ContainsFunc(strings.Split(query, "&"), func(pair string) bool {
				key, value, _ := strings.Cut(pair, "=")
				return query != "" && (p.Key == "" || wildcard(strings.ToLower(p.Key), strings.ToLower(key))) && wildcard(strings.ToLower(p.Value), strings.ToLower(value))
			})
		})
	}
}

// wildcard compares with a pattern in which * stands for any characters and ? for one.
func wildcard(pattern, text string) bool {
	expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile("^" + expression + "$").MatchString(text)
}

// matches reports whether one of the expressions, which were checked when the rule was made, matches.
func matches(expressions []string, text string) bool {
	return slices.ContainsFunc(expressions, func(e string) bool { return regexp.MustCompile(e).MatchString(text) })
}

// reference is a captured group in a replacement.
var reference = regexp.MustCompile(`\$(\d)`)

// rewritten are host and path after a rule's transforms. What a pattern doesn't match passes unchanged:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html
func rewritten(transforms []transform, host, path string) (newHost, newPath string) {
	for _, t := range transforms {
		text, config := &path, t.UrlRewriteConfig
		if t.Type == "host-header-rewrite" {
			text, config = &host, t.HostHeaderRewriteConfig
		}
		for _, r := range config.Rewrites {
			e := regexp.MustCompile(r.Regex)
			if at := e.FindStringSubmatchIndex(*text); at != nil {
				with := e.ExpandString(nil, reference.ReplaceAllString(r.Replace, "$${$1}"), *text, at)
				*text = (*text)[:at[0]] + string(with) + (*text)[at[1]:]
			}
		}
	}
	return host, path
}
