package elbv2

import (
	"regexp"
	"slices"
)

var (
	redirectPort = regexp.MustCompile(`^(#\{port\}|\d{1,5})$`)
	fixedCode    = regexp.MustCompile(`^[245]\d\d$`)
)

// checkRedirect fills the defaults of
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html
func (a *action) checkRedirect() error {
	if a.RedirectConfig == nil || a.TargetGroupArn != "" || a.ForwardConfig != nil || a.FixedResponseConfig != nil {
		return invalid("An action of type 'redirect' takes exactly a redirect configuration")
	}
	c := *a.RedirectConfig
	c.Protocol, c.Port, c.Host = or(c.Protocol, "#{protocol}"), or(c.Port, "#{port}"), or(c.Host, "#{host}")
	c.Path, c.Query = or(c.Path, "/#{path}"), or(c.Query, "#{query}")
	switch {
	case c.StatusCode != "HTTP_301" && c.StatusCode != "HTTP_302":
		return invalid("The redirect status code '%s' is not valid", c.StatusCode)
	case !slices.Contains([]string{"HTTP", "HTTPS", "#{protocol}"}, c.Protocol):
		return invalid("The redirect protocol '%s' is not valid", c.Protocol)
	case !redirectPort.MatchString(c.Port) || (c.Port[0] != '#' && !between(1, 65535)(c.Port)):
		return invalid("The redirect port '%s' is not valid", c.Port)
	case c.Path[0] != '/' || len(c.Path) > 128 || len(c.Host) > 128 || len(c.Query) > 128:
		return invalid("The redirect host, path and query can have at most 128 characters, and the path starts with '/'")
	case c.Protocol == "#{protocol}" && c.Port == "#{port}" && c.Host == "#{host}" && c.Path == "/#{path}":
		return invalid("The redirect configuration is not valid because it creates a loop.")
	}
	a.RedirectConfig = &c
	return nil
}

// checkFixedResponse follows
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_FixedResponseActionConfig.html
func (a *action) checkFixedResponse() error {
	if a.FixedResponseConfig == nil || a.TargetGroupArn != "" || a.ForwardConfig != nil || a.RedirectConfig != nil {
		return invalid("An action of type 'fixed-response' takes exactly a fixed-response configuration")
	}
	c := a.FixedResponseConfig
	types := []string{"", "text/plain", "text/css", "text/html", "application/javascript", "application/json"}
	switch {
	case !fixedCode.MatchString(c.StatusCode):
		return invalid("The fixed response status code '%s' must be 2XX, 4XX or 5XX", c.StatusCode)
	case len(c.MessageBody) > 1024:
		return invalid("The fixed response message body can have at most 1024 characters")
	case !slices.Contains(types, c.ContentType):
		return invalid("The fixed response content type '%s' is not valid", c.ContentType)
	}
	return nil
}
