package core

import (
	"fmt"
	"strings"
	"testing"
)

func TestPage(t *testing.T) {
	w := NewWorld(NewClock(epoch))
	items := []string{"a", "b", "c", "d", "e"}
	for _, c := range []struct{ forced, limit, deflt, pages int }{
		{0, 0, 2, 3}, {0, 3, 10, 2}, {2, 0, 10, 3}, {2, 1, 10, 5}, {2, 4, 10, 3}, {0, 0, 5, 1}, {0, 5, 1, 1}, {9, 2, 9, 3},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			w.Settings.PageSize = c.forced
			var all []string
			token, pages := "", 0
			for {
				page, next, ok := Page(w, items, func(s string) string { return s }, token, c.limit, c.deflt)
				if !ok {
					t.Fatal("token refused")
				}
				all = append(all, page...)
				pages++
				if token = next; token == "" {
					break
				}
			}
			if got := strings.Join(all, ""); got != "abcde" || pages != c.pages {
				t.Errorf("%s in %d pages", got, pages)
			}
		})
	}
	w.Settings.PageSize = 0
	if _, _, ok := Page(w, items, func(s string) string { return s }, "not a token!", 0, 2); ok {
		t.Error("a wrong token is accepted")
	}
	_, next, _ := Page(w, items, func(s string) string { return s }, "", 2, 5)
	page, _, ok := Page(w, []string{"a", "c", "d"}, func(s string) string { return s }, next, 2, 5)
	if !ok || page[0] != "a" {
		t.Errorf("an item that is gone must not hide others: %v", page)
	}
}
