package emulator_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
)

var update = flag.Bool("update", false, "write the actions into docs/emulator.md")

// TestDocumentedActions: docs/emulator.md lists the actions that there are.
func TestDocumentedActions(t *testing.T) {
	const (
		file       = "../../docs/emulator.md"
		begin, end = "<!-- actions -->\n", "<!-- end -->"
	)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(b), begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for the actions", file)
	}
	want := before + begin + actions(emulator.New(emulator.Options{})) + end + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(b) {
		t.Error("docs/emulator.md lists other actions than there are: run go test ./internal/emulator -update")
	}
}

func actions(e *emulator.Emulator) string {
	var out strings.Builder
	for _, service := range []string{"acm", "application-autoscaling", "autoscaling", "ec2", "ecs", "elasticache", "elasticloadbalancing", "iam", "kms", "logs", "monitoring", "secretsmanager", "servicediscovery", "sqs", "ssm", "sts", "tagging", "wafv2"} {
		list := e.Server.Mux(service).Actions()
		slices.Sort(list)
		fmt.Fprintf(&out, "- **%s**: %s\n", service, strings.Join(list, ", "))
	}
	return out.String()
}
