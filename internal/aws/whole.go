package aws

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/smithy-go/middleware"
)

// IncompleteError says that an answer lacks what the operator can't do without: the object itself, or that by which it is
// found again. What was asked for may have been done all the same.
type IncompleteError struct {
	// Lacks is where the answer has nothing, as "Vpc.VpcId".
	Lacks string
}

// Error implements error.
func (e *IncompleteError) Error() string { return "the answer lacks " + e.Lacks }

// whole makes an answer without what is indispensable an error: AWS never gives one, but what stands in for it may.
// Nobody keeps an error, so that no cache has such an answer either. It is added to every client.
func whole(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("PortkeyWhole",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			out, meta, err := next.HandleInitialize(ctx, in)
			if err != nil {
				return out, meta, err
			}
			if lacks := lacking(out.Result); lacks != "" {
				err = &IncompleteError{lacks}
			}
			return out, meta, err
		}), middleware.Before)
}

// lacking is the first of the indispensable fields that an answer doesn't have; empty for one that has all.
func lacking(output any) string {
	v := reflect.ValueOf(output)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return ""
	}
	for _, p := range indispensable[v.Type().Elem()] {
		if !p.in(v.Elem(), p.steps) {
			return p.text
		}
	}
	return ""
}

// fieldPath leads to a field of an answer.
type fieldPath struct {
	text  string
	steps []step
}

// step goes to a field, and to each element of one that is a list.
type step struct {
	field int
	// some says that the list has at least one element.
	some bool
}

// in reports whether a structure has something at the end of some steps, in each element of the lists on the way.
func (p fieldPath) in(v reflect.Value, steps []step) bool {
	v = v.Field(steps[0].field)
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			if !p.at(v.Index(i), steps[1:]) {
				return false
			}
		}
		return v.Len() > 0 || !steps[0].some
	}
	return p.at(v, steps[1:])
}

func (p fieldPath) at(v reflect.Value, rest []step) bool {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return false
		}
		v = v.Elem()
	}
	if len(rest) > 0 {
		return p.in(v, rest)
	}
	return v.Kind() != reflect.String || v.Len() > 0
}

// indispensable are the fields of needed by the type of the answer.
var indispensable = compile()

func compile() map[reflect.Type][]fieldPath {
	out := map[reflect.Type][]fieldPath{}
	for _, n := range needed {
		of := reflect.TypeOf(n.output)
		for _, text := range n.fields {
			p, t := fieldPath{text: strings.ReplaceAll(text, "+", "")}, of
			for name := range strings.SplitSeq(text, ".") {
				name, some := strings.CutSuffix(name, "+")
				f, ok := t.FieldByName(name)
				if !ok {
					panic(fmt.Sprintf("%s has no field %s", t, name)) // a mistake in the table
				}
				p.steps = append(p.steps, step{f.Index[0], some})
				for t = f.Type; t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice; {
					t = t.Elem()
				}
			}
			out[of] = append(out[of], p)
		}
	}
	return out
}
