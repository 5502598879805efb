package lambda

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// maxName is the longest name without an ARN around it,
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
const maxName = 64

var (
	namePattern = regexp.MustCompile(`^[a-zA-Z0-9-_]+$`)
	rolePattern = regexp.MustCompile(`^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z0-9_+=,.@/-]+$`)
)

// nameOf takes a name, an ARN, or account:function:name. Qualifiers aren't emulated.
func nameOf(scope core.Scope, text string) (string, error) {
	name := text
	if strings.Contains(text, ":") {
		parts := strings.Split(text, ":")
		name = parts[len(parts)-1]
		if full := scope.ARN(serviceName, "function:"+name); text != full && text != scope.Account+":function:"+name {
			return "", fault(http.StatusNotFound, "ResourceNotFoundException", "Function not found: %s", text)
		}
	}
	if !namePattern.MatchString(name) || len(name) > maxName {
		return "", fault(http.StatusBadRequest, "ValidationException", "1 validation error detected: Value '%s' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: %s", name, namePattern)
	}
	return name, nil
}

// need finds the function of a request.
func (s *Service) need(c *call) (*function, error) {
	name, err := nameOf(c.Scope, c.named)
	if err != nil {
		return nil, err
	}
	f := s.region(c.Scope).functions[name]
	if f == nil {
		return nil, fault(http.StatusNotFound, "ResourceNotFoundException", "Function not found: %s", c.ARN(serviceName, "function:"+name))
	}
	return f, nil
}

// seen finds it for a read, which may lag behind a creation.
func (s *Service) seen(c *call) (*function, error) {
	f, err := s.need(c)
	if err == nil && !s.w.Visible(f.created) {
		return nil, fault(http.StatusNotFound, "ResourceNotFoundException", "Function not found: %s", f.arn)
	}
	return f, err
}
