package ec2

import (
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// maxPage is the largest page of a describe call; most take MaxResults from 5 to 1000.
const (
	minPage = 5
	maxPage = 1000
)

// Paging asks for one page.
type Paging struct {
	MaxResults *int   `q:"MaxResults"`
	NextToken  string `q:"NextToken"`
}

// DescribeIn is what describe calls have in common; exported for the decoder, which embeds it.
type DescribeIn struct {
	Filters []filter `q:"Filter"`
	Paging
}

// paginate cuts the page that the request asks for.
func paginate[T any](q *core.Request, items []T, key func(T) string, p Paging) ([]T, string, error) {
	limit := 0
	if p.MaxResults != nil {
		limit = *p.MaxResults
		if limit < minPage || limit > maxPage {
			return nil, "", invalidValue("Value ( %d ) for parameter maxResults is invalid. Expecting a value between %d and %d.", limit, minPage, maxPage)
		}
	}
	page, next, valid := core.Page(q.World, items, key, p.NextToken, limit, maxPage)
	if !valid {
		return nil, "", core.Errorf("InvalidNextToken", "The token '%s' is invalid.", p.NextToken)
	}
	return page, next, nil
}

// selectIDs returns the visible objects with the given ids, or all visible ones when none are given.
// An id that isn't there, or not yet visible, is an error.
func selectIDs[T entity](q *core.Request, t *table[T], k *kind, ids []string) ([]T, error) {
	if len(ids) == 0 {
		return t.where(func(e T) bool { return q.World.Visible(e.base().created) }), nil
	}
	want := map[string]bool{}
	var missing []string
	for _, id := range ids {
		e, exists := t.get(id)
		if !exists || !q.World.Visible(e.base().created) {
			missing = append(missing, id)
		}
		want[id] = true
	}
	if len(missing) > 1 {
		return nil, core.Errorf(k.notFound, strings.NewReplacer(" ID '%s' does", " IDs '%s' do").Replace(k.message), strings.Join(missing, ", "))
	}
	if len(missing) == 1 {
		return nil, k.missing(missing[0])
	}
	return t.where(func(e T) bool { return want[e.base().id] }), nil
}

// describe selects by id, filters and cuts a page.
func describe[T entity](q *core.Request, t *table[T], k *kind, ids []string, f fields[T], in DescribeIn) ([]T, string, error) {
	items, err := selectIDs(q, t, k, ids)
	if err != nil {
		return nil, "", err
	}
	if len(ids) > 0 && in.MaxResults != nil {
		return nil, "", core.Errorf("InvalidParameterCombination", "The parameter maxResults cannot be used with a list of IDs in the request")
	}
	if items, err = f.apply(items, in.Filters); err != nil {
		return nil, "", err
	}
	return paginate(q, items, func(e T) string { return e.base().id }, in.Paging)
}

// mapped turns objects into answer items.
func mapped[T, I any](items []T, f func(T) I) []I {
	var out []I
	for _, e := range items {
		out = append(out, f(e))
	}
	return out
}
