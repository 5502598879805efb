package ecs

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// handle registers an action whose enumerated parameters are checked before it runs.
func handle[In, Out any](m *core.Mux, name string, f func(*core.Request, *In) (*Out, error)) {
	core.Handle(m, name, func(r *core.Request, in *In) (*Out, error) {
		if bad := unknownEnum(reflect.ValueOf(in)); bad != "" {
			return nil, invalid("The value %q is not valid.", bad)
		}
		return f(r, in)
	})
}

// unknownEnum finds a value that isn't one of its SDK type's.
func unknownEnum(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return unknownEnum(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				if bad := unknownEnum(v.Field(i)); bad != "" {
					return bad
				}
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if bad := unknownEnum(v.Index(i)); bad != "" {
				return bad
			}
		}
	case reflect.String:
		values := v.MethodByName("Values")
		if v.String() == "" || !values.IsValid() {
			return ""
		}
		known := values.Call(nil)[0]
		for i := range known.Len() {
			if known.Index(i).String() == v.String() {
				return ""
			}
		}
		return v.String()
	}
	return ""
}

func invalid(format string, args ...any) *core.Error {
	return core.Errorf("InvalidParameterException", format, args...)
}

func clientError(format string, args ...any) *core.Error {
	return core.Errorf("ClientException", format, args...)
}

// unsupported refuses what AWS has and the emulator lacks.
func unsupported(what string) *core.Error {
	return invalid("The emulator does not support %s yet.", what)
}

// page cuts a page as ECS does: a bad token is an InvalidParameterException, a page has at most
// 100 items.
func page[T any](s *Service, items []T, key func(T) string, token *string, limit *int32, deflt int) ([]T, *string, error) {
	n := int(aws.ToInt32(limit))
	if n < 0 || n > 100 {
		return nil, nil, invalid("maxResults should be between 1 and 100.")
	}
	out, next, ok := core.Page(s.world, items, key, aws.ToString(token), n, deflt)
	if !ok {
		return nil, nil, invalid("Invalid token")
	}
	if next == "" {
		return out, nil, nil
	}
	return out, &next, nil
}

func has[T comparable](list []T, v T) bool { return slices.Contains(list, v) }
