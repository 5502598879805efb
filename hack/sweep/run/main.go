// Command run runs the sweeps and writes a report of them.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep/all"
)

func main() {
	name := flag.String("sweep", "*", "run sweeps of this name only, a pattern")
	sample := flag.String("sample", "*", "sweep samples of this name only, a pattern")
	rows := flag.String("rows", "*", "run rows of this name only, a pattern")
	report := flag.String("report", "", "write the report to this file, too")
	list := flag.Bool("list", false, "list the rows instead of running them")
	flag.Parse()

	selected := func(s sweep.Sweep, on sweep.Sample, r sweep.Row) bool {
		return matches(*name, s.Name) && matches(*sample, string(on)) && matches(*rows, r.Name)
	}
	var sweeps []sweep.Sweep
	for _, s := range all.Sweeps() {
		if matches(*name, s.Name) {
			sweeps = append(sweeps, s)
		}
	}
	if *list {
		for _, s := range sweeps {
			for _, on := range sweep.Samples {
				for _, r := range s.Rows(on) {
					if selected(s, on, r) {
						fmt.Printf("%s\t%s\t%s\n", s.Name, on, r.Name)
					}
				}
			}
		}
		return
	}
	failed, began, commit := 0, time.Now(), commit() // as it is now: who works on goes on committing
	lines := sweep.Run(sweeps, sweep.Samples, selected, func(f sweep.Failure) {
		failed++
		fmt.Fprintln(os.Stderr, f.Error())
	}, func(l sweep.Line) {
		fmt.Fprintf(os.Stderr, "%s, %s: %d of %d lives survived, after %s\n", l.Sweep, l.Sample, l.Survived, l.Rows, time.Since(began).Round(time.Second))
	})
	table := sweep.Markdown(lines, began.UTC().Format(time.DateOnly), commit)
	fmt.Printf("%s\n%d rows failed, in %s\n", table, failed, time.Since(began).Round(time.Second))
	if *report != "" {
		err := os.MkdirAll(filepath.Dir(*report), 0o755)
		if err == nil {
			err = os.WriteFile(*report, []byte(table), 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	switch {
	case len(lines) == 0:
		fmt.Fprintln(os.Stderr, "no row has such a name; -list tells which there are")
		os.Exit(1)
	case failed > 0:
		os.Exit(1)
	}
}

// commit is what is swept: the commit of the working directory, and whether anything in that differs.
func commit() string {
	head, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	name := strings.TrimSpace(string(head))
	if changes, err := exec.Command("git", "status", "--porcelain").Output(); err != nil || len(changes) > 0 {
		name += "-dirty"
	}
	return name
}

func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return name == pattern || ok && err == nil
}
