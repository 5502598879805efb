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
var proofs = []string{"docs/reliability.md", "docs/security.md", "docs/upgrade.md", "docs/environments.md", "docs/preflight.md", "docs/from-the-seed.md"}

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

// seedHeadings are the headings of Portkey's guide, in their order.
var seedHeadings = []string{
	"Components and Sizing Recommendations", "Prerequisites", "Create a Portkey Account", "Setup Project Environment", "1. Prepare AWS Secrets",
	"2. Create Terraform Configuration Files", "3. Create Module Configuration", "4. Deploy the Gateway", "Advanced Configuration", "MCP Gateway (Optional)",
	"Auto-Scaling Configuration", "Deployment Strategies", "Network Configuration with VPC", "Load Balancer Ingress", "Application Load Balancer (ALB)",
	"Network Load Balancer (NLB)", "Amazon ElastiCache for Redis", "Object Storage (S3 Log Store)", "Data Service (Optional)", "Amazon Bedrock (Optional)",
	"Integrating Gateway with Control Plane", "AWS PrivateLink (Outbound)", "Over the Internet", "Inbound Connectivity (Control Plane to Data Plane)",
	"AWS PrivateLink (Inbound)", "IP Whitelisting", "Verifying Gateway Integration with the Control Plane", "Uninstalling Portkey Gateway", "Example Configurations",
	"Minimal Development Deployment", "Production Deployment with ALB, ElastiCache, and Data Service", "Gateway + MCP Deployment", "Multi-Environment Setup",
	"Version Pinning and Upgrades",
}

// bare are headings of the guide that have others right below them, and nothing of their own.
var bare = []string{"Setup Project Environment", "Advanced Configuration", "Example Configurations"}

// onlyPortkey are headings whose section is Portkey's to do.
var onlyPortkey = []string{"Create a Portkey Account"}

// TestSeedSectionBySection: docs/from-the-seed.md has every heading of Portkey's guide, and for each the test that proves
// it, or says that only Portkey can do it.
func TestSeedSectionBySection(t *testing.T) {
	text, err := os.ReadFile(root + "docs/from-the-seed.md")
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	sections := map[string]string{}
	code := false
	for line := range strings.SplitSeq(string(text), "\n") {
		code = code != strings.HasPrefix(line, "```")
		if level, title, ok := strings.Cut(line, " "); ok && !code && len(level) > 1 && strings.Trim(level, "#") == "" {
			have = append(have, title)
			continue
		}
		if len(have) > 0 {
			sections[have[len(have)-1]] += line + "\n"
		}
	}
	if !slices.Equal(have, seedHeadings) {
		t.Errorf("headings differ from the guide's: have\n%q\nwant\n%q", have, seedHeadings)
	}
	for _, h := range have {
		proved, section := quoted.MatchString(sections[h]), strings.TrimSpace(sections[h])
		switch {
		case slices.Contains(bare, h):
			if section != "" {
				t.Errorf("%s has others below it, and a text of its own", h)
			}
		case slices.Contains(onlyPortkey, h):
			if !strings.HasPrefix(section, "Only Portkey") {
				t.Errorf("%s doesn't say that it is Portkey's to do", h)
			}
		case !proved:
			t.Errorf("%s names no test", h)
		}
	}
}
