package lambda

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

const (
	functionsPath = "/2015-03-31/functions"
	tagsPath      = "/2017-03-31/tags/"
)

// Mux returns Lambda, a REST service. The actions are those of
// https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
func (s *Service) Mux() *core.Mux {
	return &core.Mux{Service: serviceName, Protocol: core.RestJSON, Rest: s.serve,
		RestAction: func(h *http.Request) string { action, _ := route(h); return action },
		Throttled:  core.Error{Code: "TooManyRequestsException", Message: "Rate exceeded", Status: http.StatusTooManyRequests, Fields: map[string]string{"Type": "User", "Reason": "CallerRateLimitExceeded"}},
		Bucket:     bucket}
}

// bucket: 15 control plane requests in a second, all actions together, and 100 of GetFunction. AWS tells
// no burst beyond that. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#api-requests
func bucket(action string) (string, float64, float64) {
	switch action {
	case "GetFunction":
		return action, 100, 100
	case "Invoke": // bound by concurrency, which isn't emulated
		return "", 0, 0
	default:
		return "control", 15, 15
	}
}

// route finds the action of a request, and the function or ARN that its path names.
func route(h *http.Request) (action, resource string) {
	path := h.URL.EscapedPath()
	if arn, ok := strings.CutPrefix(path, tagsPath); ok {
		return map[string]string{http.MethodGet: "ListTags", http.MethodPost: "TagResource", http.MethodDelete: "UntagResource"}[h.Method], unescape(arn)
	}
	rest, ok := strings.CutPrefix(path, functionsPath)
	if !ok {
		return h.Method + " " + path, ""
	}
	name, sub, _ := strings.Cut(strings.Trim(rest, "/"), "/")
	switch h.Method + " " + sub {
	case "GET ":
		if name == "" {
			return "ListFunctions", ""
		}
		return "GetFunction", unescape(name)
	case "POST ":
		if name == "" {
			return "CreateFunction", ""
		}
	case "DELETE ":
		return "DeleteFunction", unescape(name)
	case "GET configuration":
		return "GetFunctionConfiguration", unescape(name)
	case "PUT configuration":
		return "UpdateFunctionConfiguration", unescape(name)
	case "PUT code":
		return "UpdateFunctionCode", unescape(name)
	case "POST invocations":
		return "Invoke", unescape(name)
	}
	return h.Method + " " + path, ""
}

func unescape(text string) string {
	out, err := url.PathUnescape(text)
	if err != nil {
		return text
	}
	return out
}

// queries are the parameters in the query of each action.
var queries = map[string][]string{"ListFunctions": {"Marker", "MaxItems"}, "UntagResource": {"tagKeys"}}

// call is a request to a function.
type call struct {
	*core.Request
	named string
	// members are the parameters, for the call log.
	members map[string]any
}

func (s *Service) serve(r *core.Request) (core.RestResponse, error) {
	c := &call{Request: r, members: map[string]any{}}
	_, c.named = route(r.HTTP)
	if c.named != "" {
		c.members["FunctionName"] = c.named
		if strings.HasPrefix(r.HTTP.URL.Path, tagsPath) {
			c.members = map[string]any{"Resource": c.named}
		}
	}
	r.Params = c.members
	for k, v := range r.HTTP.URL.Query() {
		if k == "x-id" {
			continue
		}
		if !slices.Contains(queries[r.Action], k) {
			return core.RestResponse{}, invalid("The emulator does not support the parameter %s of %s.", k, r.Action)
		}
		c.members[k] = strings.Join(v, ",")
	}
	serve := map[string]func(*call) (core.RestResponse, error){
		"CreateFunction": s.createFunction, "GetFunction": s.getFunction, "GetFunctionConfiguration": s.getConfiguration, "ListFunctions": s.listFunctions,
		"UpdateFunctionCode": s.updateCode, "UpdateFunctionConfiguration": s.updateConfiguration, "DeleteFunction": s.deleteFunction, "Invoke": s.invokeFunction,
		"ListTags": s.listTags, "TagResource": s.tagResource, "UntagResource": s.untagResource,
	}[r.Action]
	if serve == nil {
		return core.RestResponse{}, core.Errorf("UnknownOperationException", "The emulator does not support %s of %s.", r.Action, serviceName).WithStatus(http.StatusNotFound)
	}
	return serve(c)
}

// decode reads the body. Code and the values of the environment stay out of the call log.
func (c *call) decode(in any) error {
	if err := core.DecodeJSON(c.Request, in); err != nil {
		c.Params = c.members
		return core.Errorf("InvalidRequestContentException", "Could not parse request body into json: %s", strings.TrimPrefix(err.Error(), "SerializationException: "))
	}
	if body, ok := c.Params.(map[string]any); ok {
		for k, v := range body {
			c.members[k] = redacted(k, v)
		}
	}
	c.Params = c.members
	return nil
}

func redacted(key string, value any) any {
	inner, ok := value.(map[string]any)
	switch {
	case key == "ZipFile":
		return "…"
	case !ok:
		return value
	}
	out := map[string]any{}
	for k, v := range inner {
		if key == "Variables" {
			v = "…"
		}
		out[k] = redacted(k, v)
	}
	return out
}

func respond(status int, body any) (core.RestResponse, error) {
	out := core.RestResponse{Status: status, Header: map[string]string{}}
	if body == nil {
		return out, nil
	}
	var err error
	out.Body, err = core.EncodeJSON(body)
	return out, err
}

// fault is an error of Lambda, which says whose fault it was beside its code.
func fault(status int, code, format string, args ...any) *core.Error {
	e := core.Errorf(code, format, args...).WithStatus(status)
	e.Fields = map[string]string{"Type": "User"}
	return e
}

func invalid(format string, args ...any) error {
	return fault(http.StatusBadRequest, "InvalidParameterValueException", format, args...)
}

func conflict(format string, args ...any) error {
	return fault(http.StatusConflict, "ResourceConflictException", format, args...)
}
