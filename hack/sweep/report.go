package sweep

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

// Line sums a sweep of one sample up.
type Line struct {
	Sweep                                    string
	Sample                                   Sample
	Rows, Calls, Survived, Leaks, Duplicates int
	// Took is the time of the processor that the rows took, one after the other.
	Took time.Duration
}

// Failure is a row that didn't survive.
type Failure struct {
	Sweep  string
	Sample Sample
	Row    string
	Outcome
}

// Error tells what went wrong, and how to run the row again.
func (f Failure) Error() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s, %s, %s:", f.Sweep, f.Sample, f.Row)
	if f.Err != nil {
		fmt.Fprintf(&out, "\n  %v", f.Err)
	}
	for _, l := range f.Leaks {
		fmt.Fprintf(&out, "\n  leaked: %s", l)
	}
	for _, d := range f.Duplicates {
		fmt.Fprintf(&out, "\n  doubled: %s", d)
	}
	fmt.Fprintf(&out, "\n  once more: go run ./hack/sweep/run -sweep %s -sample %s -rows '%s'", f.Sweep, f.Sample, f.Row)
	return out.String()
}

// Run runs the rows that want selects of all sweeps and samples, as many side by side as there are processors. Told is
// called for every row that didn't survive, as soon as that is known, and ended with every line.
func Run(sweeps []Sweep, samples []Sample, want func(Sweep, Sample, Row) bool, told func(Failure), ended func(Line)) []Line {
	var out []Line
	for _, s := range sweeps {
		for _, sample := range samples {
			rows := s.Rows(sample)
			var due []Row
			for _, r := range rows {
				if want(s, sample, r) {
					due = append(due, r)
				}
			}
			if len(due) > 0 {
				line := run(s, sample, due, told)
				out = append(out, line)
				ended(line)
			}
		}
	}
	return out
}

func run(s Sweep, sample Sample, rows []Row, told func(Failure)) Line {
	line := Line{Sweep: s.Name, Sample: sample, Rows: len(rows)}
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, r := range rows {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			began := time.Now()
			o := Try(r)
			mu.Lock()
			defer mu.Unlock()
			line.Took += time.Since(began)
			line.Calls += o.Calls
			line.Leaks += len(o.Leaks)
			line.Duplicates += len(o.Duplicates)
			if o.Survived() {
				line.Survived++
				return
			}
			told(Failure{s.Name, sample, r.Name, o})
		})
	}
	wg.Wait()
	return line
}

// Try runs a row; a panic is an outcome.
func Try(r Row) (o Outcome) {
	defer func() {
		if p := recover(); p != nil {
			o.Err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return r.Run()
}

// Markdown prints lines as a table.
func Markdown(lines []Line, date, commit string) string {
	var out strings.Builder
	out.WriteString("| Sweep | Sample | Date | Commit | Lives | Calls swept | Survived | Leaks | Duplicates | Time |\n|---|---|---|---|---:|---:|---:|---:|---:|---:|\n")
	for _, l := range lines {
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %d | %d | %d | %d | %d | %s |\n", l.Sweep, l.Sample, date, commit, l.Rows, l.Calls, l.Survived, l.Leaks, l.Duplicates, l.Took.Round(time.Second))
	}
	return out.String()
}
