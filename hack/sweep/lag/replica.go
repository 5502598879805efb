package lag

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

// replica answers some reads as AWS did a while ago: as a copy of its state would that lags behind. Creations, changes
// and deletions are hidden alike, of objects and of their tags.
type replica struct {
	rng     *rand.Rand
	answers map[string][]answer
	// late is how many answers were of before.
	late int
}

type answer struct {
	at       time.Time
	response *http.Response
	body     []byte
}

func (a answer) copy(r *http.Request) *http.Response {
	out := *a.response
	out.Request, out.Body = r, io.NopCloser(bytes.NewReader(a.body))
	return &out
}

// read answers a read: as it was answered within the last minute, by every other chance and where it was, or else anew.
func (c *replica) read(now time.Time, r *http.Request, do func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	var asked []byte
	if r.Body != nil {
		var err error
		if asked, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(asked))
	}
	key := r.Method + " " + r.URL.String() + " " + r.Header.Get("X-Amz-Target") + " " + string(asked)
	for len(c.answers[key]) > 0 && now.Sub(c.answers[key][0].at) > latest {
		c.answers[key] = c.answers[key][1:]
	}
	if old := c.answers[key]; len(old) > 0 && c.rng.IntN(2) == 0 {
		c.late++
		return old[c.rng.IntN(len(old))].copy(r), nil
	}
	response, err := do(r)
	if err != nil || response.StatusCode >= 500 {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	a := answer{now, response, body}
	c.answers[key] = append(c.answers[key], a)
	return a.copy(r), nil
}
