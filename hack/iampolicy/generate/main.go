// Command generate writes the IAM policies of the operator's role into a directory: one for each feature, and the
// whole in as few as hold it:
//
//	go run ./hack/iampolicy/generate [-partition aws-cn] [-cluster UID] [-boundary ARN] config/iam
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
	var o iampolicy.Options
	flag.StringVar(&o.Partition, "partition", "aws", "Partition that the policies are for: aws, aws-us-gov or aws-cn.")
	flag.StringVar(&o.Cluster, "cluster", "", "Value of the tag ecs.portkey.ai/cluster that objects of the operator's have: the UID of namespace kube-system, or the manager's --cluster-name. Not set: any.")
	flag.StringVar(&o.Boundary, "boundary", "", "ARN of the permissions boundary that the manager's --permissions-boundary gives to roles. Not set: none.")
	flag.Parse()
	if flag.NArg() != 1 || !slices.Contains([]string{"aws", "aws-us-gov", "aws-cn"}, o.Partition) {
		flag.Usage()
		os.Exit(2)
	}
	for name, document := range iampolicy.Files(o) {
		if err := os.WriteFile(filepath.Join(flag.Arg(0), name), document.Print(), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
