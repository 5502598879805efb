package harness

import "os"

// sampled is how many rows of a sweep share one that is run under the race detector.
const sampled = 24

// Sample reports whether row i of a sweep is run. All are, but one in twenty-four under the race detector:
// it makes a life ten times as slow, and every life runs the same concurrent code. `make test` runs the
// sweeps both ways.
func Sample(i int) bool { return !raced || i%sampled == sampled/2 }

// Unraced leaves a test to the run without the race detector, as Sample does with rows: a life of whole days, or one
// of many of its sort.
func Unraced(t interface {
	Helper()
	Skip(args ...any)
}) {
	if raced {
		t.Helper()
		t.Skip("runs without the race detector: see hack/harness/sample.go")
	}
}

// third is how many rows of a table of whole lives share one that make test runs.
const third = 3

// Share is Sample for tables of whole lives, of which make test runs a third without the race detector, too: make sweep
// runs all of them, with WHOLE set.
func Share(i int) bool {
	if raced {
		return Sample(i)
	}
	return os.Getenv("WHOLE") != "" || i%third == 1
}
