package elbv2

import "slices"

// table keeps objects by ARN, in the order in which they were made.
type table[T any] struct {
	byARN map[string]T
	order []string
}

func (t *table[T]) get(arn string) (T, bool) {
	v, ok := t.byARN[arn]
	return v, ok
}

func (t *table[T]) add(arn string, v T) {
	if t.byARN == nil {
		t.byARN = map[string]T{}
	}
	t.byARN[arn] = v
	t.order = append(t.order, arn)
}

func (t *table[T]) remove(arn string) {
	if _, ok := t.byARN[arn]; !ok {
		return
	}
	delete(t.byARN, arn)
	t.order = slices.DeleteFunc(t.order, func(a string) bool { return a == arn })
}

func (t *table[T]) all() []T {
	out := make([]T, len(t.order))
	for i, arn := range t.order {
		out[i] = t.byARN[arn]
	}
	return out
}

func (t *table[T]) len() int { return len(t.order) }
