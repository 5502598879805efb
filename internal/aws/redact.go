package aws

import (
	"context"
	"encoding/json"
	"errors"
	"html"
	"net/url"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// redacted keeps secrets out of errors: AWS, and proxies before it, may repeat in an answer what they were asked, and
// an error goes into status, events and logs. It is added to every client.
func redacted(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("PortkeyRedact",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			out, meta, err := next.HandleInitialize(ctx, in)
			if secrets := secretsOf(in.Parameters); err != nil && len(secrets) > 0 {
				err = &redactedError{err: err, replacer: replacing(secrets)}
			}
			return out, meta, err
		}), middleware.Before)
}

// secretsOf are the values in a request that nobody may see. The calls that carry any are listed here.
func secretsOf(in any) []string {
	switch in := in.(type) {
	case *elasticache.CreateReplicationGroupInput:
		return present(sdk.ToString(in.AuthToken))
	case *elasticache.ModifyReplicationGroupInput:
		return present(sdk.ToString(in.AuthToken))
	case *elasticache.CreateUserInput:
		if in.AuthenticationMode != nil {
			return present(append(in.AuthenticationMode.Passwords, in.Passwords...)...)
		}
		return present(in.Passwords...)
	case *elasticache.ModifyUserInput:
		if in.AuthenticationMode != nil {
			return present(append(in.AuthenticationMode.Passwords, in.Passwords...)...)
		}
		return present(in.Passwords...)
	case *secretsmanager.CreateSecretInput:
		return valuesIn(sdk.ToString(in.SecretString))
	case *secretsmanager.PutSecretValueInput:
		return valuesIn(sdk.ToString(in.SecretString))
	}
	return nil
}

// valuesIn are a secret's text, and the values in it where it is a JSON object.
func valuesIn(text string) []string {
	out := []string{text}
	var values map[string]string
	if json.Unmarshal([]byte(text), &values) == nil {
		for _, v := range values {
			out = append(out, v)
		}
	}
	return present(out...)
}

func present(values ...string) []string {
	var out []string
	for _, v := range values {
		if v != "" {
			out = append(out, v)
		}
	}
	return out
}

// replacing replaces values however a message may write them: the longest first, since one may begin with another.
func replacing(values []string) *strings.Replacer {
	values = slices.Clone(values)
	slices.SortStableFunc(values, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, v := range values {
		once := quoted(v)
		// A value in a JSON object that is a text in another is quoted twice.
		for _, form := range []string{v, url.QueryEscape(v), html.EscapeString(v), once, quoted(once)} {
			pairs = append(pairs, form, "[secret]")
		}
	}
	return strings.NewReplacer(pairs...)
}

// quoted is a text as JSON writes it, without the quotation marks.
func quoted(v string) string {
	text, err := json.Marshal(v)
	if err != nil { // a plain string
		return v
	}
	return string(text[1 : len(text)-1])
}

// redactedError is an error without the secrets of its request. Whatever it wraps is found by errors.As, but AWS's
// own error as an APIError only through it.
type redactedError struct {
	err      error
	replacer *strings.Replacer
}

// Error implements error.
func (e *redactedError) Error() string { return e.replacer.Replace(e.err.Error()) }

// Unwrap gives the error; its text isn't to be shown.
func (e *redactedError) Unwrap() error { return e.err }

// As answers for AWS's error in redacted words.
func (e *redactedError) As(target any) bool {
	into, ok := target.(*smithy.APIError)
	var api smithy.APIError
	if !ok || !errors.As(e.err, &api) {
		return false
	}
	*into = &smithy.GenericAPIError{Code: api.ErrorCode(), Message: e.replacer.Replace(api.ErrorMessage()), Fault: api.ErrorFault()}
	return true
}
