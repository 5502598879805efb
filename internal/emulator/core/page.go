package core

import (
	"encoding/base64"
	"slices"
)

// Page cuts one page out of items, which are in a stable order: those after the item whose key the
// token holds, at most limit (or the service's default when 0), or the world's forced page size.
// The next token is empty on the last page. ok is false for a token that isn't one.
func Page[T any](w *World, items []T, key func(T) string, token string, limit, deflt int) (page []T, next string, ok bool) {
	size := deflt
	if limit > 0 {
		size = limit
	}
	if p := w.Settings.PageSize; p > 0 && p < size {
		size = p
	}
	start := 0
	if token != "" {
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			return nil, "", false
		}
		after := string(raw)
		i := slices.IndexFunc(items, func(t T) bool { return key(t) == after })
		start = i + 1 // an item that is gone meanwhile starts over: clients see some twice, never none
	}
	items = items[start:]
	if len(items) <= size {
		return items, "", true
	}
	page = items[:size]
	return page, base64.RawURLEncoding.EncodeToString([]byte(key(page[len(page)-1]))), true
}
