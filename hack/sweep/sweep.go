// Package sweep lets many lives of a gateway pass, in each of which one thing goes wrong, and counts what came of it.
// `make sweep` runs all of them and writes a report; `make test` runs a sample, the same one every time.
package sweep

// Sample is a gateway of config/samples, by the name of its file.
type Sample string

// The samples that are swept.
const (
	Minimal    Sample = "minimal"
	Production Sample = "production"
)

// Samples are all of them.
var Samples = []Sample{Minimal, Production}

// Sweep is a family of lives, in each of which one thing goes wrong.
type Sweep struct {
	// Name is what -sweep selects by: "crash", "fault-once", …
	Name string
	// Rows are all lives of a sample.
	Rows func(Sample) []Row
	// Short is how many rows of a sample `make test` runs, spread over all by a fixed seed.
	Short int
}

// Row is one life.
type Row struct {
	// Name tells what goes wrong. It stays the same from run to run, so that one row can be run again.
	Name string
	// Run lives the life, in a world of its own.
	Run func() Outcome
}

// Outcome is what came of a life.
type Outcome struct {
	// Calls are the calls of AWS at which something went wrong, or which went wrong.
	Calls int
	// Leaks are objects that are in AWS and shouldn't be, or were left by the deletion.
	Leaks []string
	// Duplicates are objects that were there twice.
	Duplicates []string
	// Err is whatever else isn't as it should be.
	Err error
}

// Survived reports whether all is well.
func (o Outcome) Survived() bool { return o.Err == nil && len(o.Leaks) == 0 && len(o.Duplicates) == 0 }
