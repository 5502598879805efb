package eventbridge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Pattern is an event pattern: what an event must have for a rule to match it.
//
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
type Pattern struct{ fields map[string]any }

// ParsePattern reads a pattern. Operators that the emulator doesn't know are refused, so that no rule
// matches in silence what AWS wouldn't.
func ParsePattern(text []byte) (Pattern, error) {
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		return Pattern{}, fmt.Errorf("InvalidEventPatternException: Event pattern is not valid. Reason: %w", err)
	}
	if len(fields) == 0 {
		return Pattern{}, fmt.Errorf("InvalidEventPatternException: Event pattern is not valid. Reason: Empty event pattern")
	}
	if err := checkFields(fields, ""); err != nil {
		return Pattern{}, fmt.Errorf("InvalidEventPatternException: Event pattern is not valid. Reason: %w", err)
	}
	return Pattern{fields}, nil
}

func checkFields(fields map[string]any, path string) error {
	for key, v := range fields {
		at := strings.TrimPrefix(path+"."+key, ".")
		switch v := v.(type) {
		case map[string]any:
			if len(v) == 0 {
				return fmt.Errorf("empty objects are not allowed: %s", at)
			}
			if err := checkFields(v, at); err != nil {
				return err
			}
		case []any:
			if strings.HasPrefix(key, "$") {
				return fmt.Errorf("the emulator doesn't know %s", at)
			}
			if len(v) == 0 {
				return fmt.Errorf("empty arrays are not allowed: %s", at)
			}
			for _, want := range v {
				if err := checkOperator(want, at); err != nil {
					return err
				}
			}
		default:
			return fmt.Errorf("%q must be an object or an array", at)
		}
	}
	return nil
}

func checkOperator(want any, at string) error {
	op, is := want.(map[string]any)
	if !is {
		return nil
	}
	if len(op) != 1 {
		return fmt.Errorf("%s: only one key allowed in match expression", at)
	}
	for name, arg := range op {
		_, text := arg.(string)
		_, boolean := arg.(bool)
		switch {
		case (name == "prefix" || name == "suffix") && text, name == "exists" && boolean, name == "anything-but" && text:
			return nil
		case name == "anything-but":
			switch arg := arg.(type) {
			case []any:
				if len(arg) > 0 && !slices.ContainsFunc(arg, func(v any) bool { _, ok := v.(string); return !ok }) {
					return nil
				}
			case map[string]any:
				if _, ok := arg["prefix"].(string); ok && len(arg) == 1 {
					return nil
				}
			}
		}
	}
	return fmt.Errorf("%s: the emulator doesn't know the match type %v", at, want)
}

// MatchesJSON reports whether the pattern matches an event: each of its fields must match.
func (p Pattern) MatchesJSON(event []byte) bool {
	var e map[string]any
	dec := json.NewDecoder(bytes.NewReader(event))
	return dec.Decode(&e) == nil && matchFields(p.fields, e)
}

func matchFields(want, have map[string]any) bool {
	for key, w := range want {
		v, present := have[key]
		switch w := w.(type) {
		case map[string]any:
			inner, _ := v.(map[string]any) // what isn't an object has none of the fields
			if !matchFields(w, inner) {
				return false
			}
		case []any:
			if !slices.ContainsFunc(w, func(one any) bool { return matchValue(one, v, present) }) {
				return false
			}
		}
	}
	return true
}

// matchValue reports whether a field is as one of a pattern's alternatives says; of an array one member must be.
func matchValue(want, have any, present bool) bool {
	op, is := want.(map[string]any)
	if exists, ok := op["exists"].(bool); is && ok {
		_, object := have.(map[string]any)
		return exists == (present && !object) // it works on leaves only
	}
	if list, ok := have.([]any); ok {
		return slices.ContainsFunc(list, func(v any) bool { return matchValue(want, v, true) })
	}
	if !present {
		return false
	}
	if !is {
		return reflect.DeepEqual(want, have)
	}
	text, isText := have.(string)
	if prefix, ok := op["prefix"].(string); ok {
		return isText && strings.HasPrefix(text, prefix)
	}
	if suffix, ok := op["suffix"].(string); ok {
		return isText && strings.HasSuffix(text, suffix)
	}
	switch not := op["anything-but"].(type) {
	case string:
		return have != any(not)
	case []any:
		return !slices.Contains(not, have)
	case map[string]any:
		return !isText || !strings.HasPrefix(text, not["prefix"].(string))
	}
	return false
}
