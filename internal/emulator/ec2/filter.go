package ec2

import (
	"strconv"
	"strings"
)

// filter is one filter of a describe call: it holds when a value of the object matches any of its
// values, which may contain the wildcards * and ?,
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
type filter struct {
	Name   string   `q:"Name,required"`
	Values []string `q:"Value"`
}

func (f filter) matches(have []string) bool {
	for _, pattern := range f.Values {
		for _, v := range have {
			if wildcard(pattern, v) {
				return true
			}
		}
	}
	return false
}

// wildcard matches * and ?, which a backslash makes literal; case counts.
func wildcard(pattern, s string) bool {
	for pattern != "" {
		switch c := pattern[0]; {
		case c == '*':
			for i := 0; i <= len(s); i++ {
				if wildcard(pattern[1:], s[i:]) {
					return true
				}
			}
			return false
		case s == "":
			return false
		case c == '?':
			pattern, s = pattern[1:], s[1:]
		default:
			if c == '\\' && len(pattern) > 1 {
				pattern = pattern[1:]
				c = pattern[0]
			}
			if s[0] != c {
				return false
			}
			pattern, s = pattern[1:], s[1:]
		}
	}
	return s == ""
}

// fields are the filters that a kind of object has, by name.
type fields[T entity] map[string]func(T) []string

func invalidFilter(name string) error { return invalidValue("The filter '%s' is invalid", name) }

// apply keeps the objects for which every filter holds; tag:KEY and tag-key hold for all kinds.
func (f fields[T]) apply(items []T, filters []filter) ([]T, error) {
	for _, want := range filters {
		get, known := f[want.Name]
		if key, isTag := strings.CutPrefix(want.Name, "tag:"); isTag && !known {
			get, known = func(e T) []string {
				v, has := e.base().tags[key]
				if !has {
					return nil
				}
				return []string{v}
			}, true
		}
		if want.Name == "tag-key" && !known {
			get, known = func(e T) []string {
				var keys []string
				for _, t := range tagItems(e.base().tags) {
					keys = append(keys, t.Key)
				}
				return keys
			}, true
		}
		if !known {
			return nil, invalidFilter(want.Name)
		}
		var kept []T
		for _, e := range items {
			if want.matches(get(e)) {
				kept = append(kept, e)
			}
		}
		items = kept
	}
	return items, nil
}

// one returns a filter value, none for an empty one.
func one(v string) []string {
	if v == "" {
		return nil
	}
	return []string{v}
}

func boolean(v bool) []string { return []string{strconv.FormatBool(v)} }

func number[N ~int | ~int32 | ~int64](v N) []string { return []string{strconv.FormatInt(int64(v), 10)} }
