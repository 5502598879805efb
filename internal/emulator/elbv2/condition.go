package elbv2

import (
	"net/netip"
	"regexp"
	"slices"
)

// condition is a rule's condition, on the wire and in the state:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html
type condition struct {
	Field                   string
	Values                  []string           `xml:"Values>member"`
	RegexValues             []string           `xml:"RegexValues>member"`
	HostHeaderConfig        *valuesConfig      `xml:",omitempty"`
	PathPatternConfig       *valuesConfig      `xml:",omitempty"`
	HttpHeaderConfig        *httpHeaderConfig  `xml:",omitempty"`
	HttpRequestMethodConfig *plainValues       `xml:",omitempty"`
	QueryStringConfig       *queryStringConfig `xml:",omitempty"`
	SourceIpConfig          *plainValues       `xml:",omitempty"`
}

type valuesConfig struct {
	Values      []string `xml:"Values>member"`
	RegexValues []string `xml:"RegexValues>member"`
}

type plainValues struct {
	Values []string `xml:"Values>member"`
}

type httpHeaderConfig struct {
	HttpHeaderName string
	Values         []string `xml:"Values>member"`
	RegexValues    []string `xml:"RegexValues>member"`
}

type queryStringConfig struct {
	Values []queryPair `xml:"Values>member"`
}

type queryPair struct {
	Key   string `xml:",omitempty"`
	Value string
}

// checkConditions tests a rule's conditions and returns them as AWS describes them.
func (s *Service) checkConditions(conditions []condition) ([]condition, error) {
	if len(conditions) == 0 {
		return nil, invalid("A rule must have at least one condition")
	}
	seen := map[string]bool{}
	total := 0
	out := []condition{}
	for _, c := range conditions {
		if seen[c.Field] && c.Field != "http-header" && c.Field != "query-string" {
			return nil, invalid("A rule can only have one '%s' condition", c.Field)
		}
		seen[c.Field] = true
		n, err := c.normalize()
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, invalid("A condition value must be specified")
		}
		total += n
		out = append(out, c)
	}
	if total > s.Limits.ConditionValues {
		return nil, invalid("A rule can only have '%d' condition values", s.Limits.ConditionValues)
	}
	return out, nil
}

// normalize checks the condition and counts its values.
func (c *condition) normalize() (int, error) {
	if err := c.onlyOwnConfig(); err != nil {
		return 0, err
	}
	switch c.Field {
	case "host-header":
		return c.patterns(&c.HostHeaderConfig, hostPattern)
	case "path-pattern":
		return c.patterns(&c.PathPatternConfig, pathPattern)
	case "http-header":
		return c.header()
	case "http-request-method":
		return plain(c.HttpRequestMethodConfig, func(v string) bool { return methodPattern.MatchString(v) })
	case "source-ip":
		return plain(c.SourceIpConfig, func(v string) bool { _, err := netip.ParsePrefix(v); return err == nil })
	case "query-string":
		if c.QueryStringConfig == nil {
			return 0, nil
		}
		for _, p := range c.QueryStringConfig.Values {
			if p.Value == "" || len(p.Value) > 128 || len(p.Key) > 128 {
				return 0, invalid("The query string condition value '%s' must have 1 to 128 characters", p.Value)
			}
		}
		return len(c.QueryStringConfig.Values), nil
	default:
		return 0, invalid("Condition field '%s' must be one of '[http-request-method, path-pattern, source-ip, host-header, query-string, http-header]'", c.Field)
	}
}

// onlyOwnConfig refuses the configuration of another field.
func (c *condition) onlyOwnConfig() error {
	for field, set := range map[string]bool{
		"host-header": c.HostHeaderConfig != nil, "path-pattern": c.PathPatternConfig != nil, "http-header": c.HttpHeaderConfig != nil,
		"http-request-method": c.HttpRequestMethodConfig != nil, "query-string": c.QueryStringConfig != nil, "source-ip": c.SourceIpConfig != nil,
	} {
		if set && field != c.Field {
			return invalid("The condition field '%s' does not take the configuration of '%s'", c.Field, field)
		}
	}
	own := c.Field == "host-header" || c.Field == "path-pattern"
	if !own && (len(c.Values) > 0 || len(c.RegexValues) > 0) {
		return invalid("Values can be specified only for 'host-header' and 'path-pattern' conditions: use the configuration of '%s'", c.Field)
	}
	return nil
}

var (
	hostPattern   = regexp.MustCompile(`^[A-Za-z0-9.*?-]{1,128}$`)
	pathPattern   = regexp.MustCompile(`^[A-Za-z0-9_.$/~"'@:+&*?-]{1,128}$`)
	methodPattern = regexp.MustCompile(`^[A-Z_-]{1,40}$`)
	headerPattern = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}$")
)

// patterns normalizes host-header and path-pattern, whose values show in both places.
func (c *condition) patterns(config **valuesConfig, ok *regexp.Regexp) (int, error) {
	if *config != nil && (len(c.Values) > 0 || len(c.RegexValues) > 0) {
		return 0, invalid("You cannot specify both 'Values' and the configuration of '%s'", c.Field)
	}
	if *config == nil {
		*config = &valuesConfig{c.Values, c.RegexValues}
	}
	v := **config
	if len(v.Values) > 0 && len(v.RegexValues) > 0 {
		return 0, invalid("A '%s' condition cannot have both values and regular expressions", c.Field)
	}
	for _, value := range v.Values {
		if !ok.MatchString(value) {
			return 0, invalid("The %s value '%s' is not valid", c.Field, value)
		}
	}
	c.Values, c.RegexValues = v.Values, v.RegexValues
	return len(v.Values) + len(v.RegexValues), checkRegexes(v.RegexValues)
}

func (c *condition) header() (int, error) {
	h := c.HttpHeaderConfig
	switch {
	case h == nil:
		return 0, nil
	case !headerPattern.MatchString(h.HttpHeaderName):
		return 0, invalid("The HTTP header name '%s' is not valid", h.HttpHeaderName)
	case len(h.Values) > 0 && len(h.RegexValues) > 0:
		return 0, invalid("An 'http-header' condition cannot have both values and regular expressions")
	}
	for _, v := range h.Values {
		if v == "" || len(v) > 128 {
			return 0, invalid("The HTTP header value '%s' must have 1 to 128 characters", v)
		}
	}
	return len(h.Values) + len(h.RegexValues), checkRegexes(h.RegexValues)
}

func plain(p *plainValues, ok func(string) bool) (int, error) {
	if p == nil {
		return 0, nil
	}
	if i := slices.IndexFunc(p.Values, func(v string) bool { return !ok(v) }); i >= 0 {
		return 0, invalid("The condition value '%s' is not valid", p.Values[i])
	}
	return len(p.Values), nil
}

func checkRegexes(list []string) error {
	for _, v := range list {
		if _, err := regexp.Compile(v); err != nil || v == "" || len(v) > 128 {
			return invalid("The regular expression '%s' is not valid", v)
		}
	}
	return nil
}
