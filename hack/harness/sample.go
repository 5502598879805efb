package harness

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
