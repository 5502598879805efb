package sweep

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep/all"
)

// proofs are the pages that name a test or a sweep for what they promise.
var proofs = []string{"docs/reliability.md", "docs/security.md", "docs/upgrade.md", "docs/environments.md"}

// root is the repository, from here.
const root = "../../"

var (
	// quoted are pieces of code in a line: `test/lifecycle TestDrift`, and `TestEdits` where the folder is the last one named.
	quoted = regexp.MustCompile("`((?:[a-z0-9.-]+/)*[a-z0-9.-]+ )?((?:Test|Fuzz)[A-Z][A-Za-z0-9]*)`")
	// swept are the names after "the sweep" or "the sweeps".
	swept = regexp.MustCompile("the sweeps? ((?:`[a-z-]+`(?:, | and )?)+)")
	named = regexp.MustCompile("`([a-z-]+)`")
)

// TestProofsExist: a promise whose test is gone, or has another name, is none.
func TestProofsExist(t *testing.T) {
	var sweeps []string
	for _, s := range all.Sweeps() {
		sweeps = append(sweeps, s.Name)
	}
	for _, page := range proofs {
		text, err := os.ReadFile(root + page)
		if err != nil {
			t.Fatal(err)
		}
		tests := 0
		for n, line := range strings.Split(string(text), "\n") {
			dir := ""
			for _, m := range quoted.FindAllStringSubmatch(line, -1) {
				if m[1] != "" {
					dir = strings.TrimSpace(m[1])
				}
				tests++
				if !defines(t, dir, m[2]) {
					t.Errorf("%s:%d names %s of %q, which isn't there", page, n+1, m[2], dir)
				}
			}
			for _, m := range swept.FindAllStringSubmatch(line, -1) {
				for _, name := range named.FindAllStringSubmatch(m[1], -1) {
					if !slices.Contains(sweeps, name[1]) {
						t.Errorf("%s:%d names the sweep %s; there are %v", page, n+1, name[1], sweeps)
					}
				}
			}
		}
		if tests == 0 {
			t.Errorf("%s names no test", page)
		}
	}
}

// defines reports whether a folder has a test or fuzz target.
func defines(t *testing.T, dir, name string) bool {
	t.Helper()
	files, err := filepath.Glob(root + dir + "/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}
