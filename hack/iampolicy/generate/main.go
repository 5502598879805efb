// Command generate writes the IAM policy of the operator's role into a directory:
//
//	go run ./hack/iampolicy/generate [-partition aws-cn] config/aws
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/hack/iampolicy"
)

func main() {
	partition := flag.String("partition", "aws", "Partition that the policy is for: aws, aws-us-gov or aws-cn.")
	flag.Parse()
	if flag.NArg() != 1 || !slices.Contains([]string{"aws", "aws-us-gov", "aws-cn"}, *partition) {
		flag.Usage()
		os.Exit(2)
	}
	name := filepath.Join(flag.Arg(0), iampolicy.File)
	if err := os.WriteFile(name, iampolicy.Policy(*partition).Print(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
