// Command generate writes the IAM policies of the operator's role into a directory:
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
	partition := flag.String("partition", "aws", "Partition that the policies are for: aws, aws-us-gov or aws-cn.")
	flag.Parse()
	if flag.NArg() != 1 || !slices.Contains([]string{"aws", "aws-us-gov", "aws-cn"}, *partition) {
		flag.Usage()
		os.Exit(2)
	}
	for _, p := range iampolicy.Parts {
		if err := os.WriteFile(filepath.Join(flag.Arg(0), p.File), p.Policy(*partition).Print(), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
