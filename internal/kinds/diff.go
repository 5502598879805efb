package kinds

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/semantic"
)

// difference collects changes.
type difference []graph.Change

// text compares a field.
func (d *difference) text(path, have, want string) {
	if have != want {
		*d = append(*d, graph.Change{Path: path, Have: have, Want: want})
	}
}

// fixed compares a field that AWS can't change in an existing object. One that isn't told is no reason for a new object.
func (d *difference) fixed(path, have, want string) {
	if have != "" && have != want {
		*d = append(*d, graph.Change{Path: path, Have: have, Want: want, Replace: true})
	}
}

// number compares a field.
func (d *difference) number(path string, have, want int) {
	d.text(path, strconv.Itoa(have), strconv.Itoa(want))
}

// flag compares a field.
func (d *difference) flag(path string, have, want bool) {
	d.text(path, strconv.FormatBool(have), strconv.FormatBool(want))
}

// set compares lists whose order means nothing.
func (d *difference) set(path string, have, want []string) {
	if !semantic.SetEqual(have, want) {
		*d = append(*d, graph.Change{Path: path, Have: sorted(have), Want: sorted(want)})
	}
}

// policy compares policy documents by their meaning.
func (d *difference) policy(path, have, want string) {
	if !semantic.JSONEqual(have, want) {
		*d = append(*d, graph.Change{Path: path, Have: have, Want: want})
	}
}

func sorted(v []string) string {
	v = slices.Clone(v)
	slices.Sort(v)
	return strings.Join(v, ",")
}

// touches reports whether a change is at path or below it.
func touches(changes []graph.Change, paths ...string) bool {
	return slices.ContainsFunc(changes, func(c graph.Change) bool {
		return slices.ContainsFunc(paths, func(p string) bool {
			return c.Path == p || strings.HasPrefix(c.Path, p+".")
		})
	})
}

// is reports whether err is, or wraps, AWS's typed error E.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// passes reports whether there is no error, or one of a class that doesn't matter.
func passes(err error, class func(error) bool) bool { return ignore(err, class) == nil }

// ignore drops an error of a class that is as good as success.
func ignore(err error, class func(error) bool) error {
	if err != nil && class(err) {
		return nil
	}
	return err
}
