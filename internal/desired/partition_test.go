package desired_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// TestPartitions: in GovCloud and China every ARN that the operator writes is one of the partition.
func TestPartitions(t *testing.T) {
	for _, tt := range []struct{ partition, region string }{{"aws-us-gov", "us-gov-west-1"}, {"aws-cn", "cn-northwest-1"}} {
		t.Run(tt.partition, func(t *testing.T) {
			gw := gateway("gw")
			gw.Spec.Region = tt.region
			gw.Spec.DataService = &v1alpha1.DataService{EnableExec: true}
			gw.Spec.Bedrock = &v1alpha1.Bedrock{Models: []string{"anthropic.claude-3-haiku-20240307-v1:0"}}
			in := facts
			in.Partition, in.Region = tt.partition, tt.region
			g, err := desired.Build(gw, own.Owner{Cluster: "c", Kind: "PortkeyGateway", Namespace: "default", Name: "gw"}, in)
			if err != nil {
				t.Fatal(err)
			}
			b, err := json.Marshal(g)
			if err != nil {
				t.Fatal(err)
			}
			if graph := string(b); strings.Contains(graph, "arn:aws:") || !strings.Contains(graph, "arn:"+tt.partition+":iam::aws:policy/") {
				t.Errorf("ARNs of another partition in %s", graph)
			}
			if instances := `ec2.amazonaws.com.cn`; strings.Contains(string(b), instances) != (tt.partition == "aws-cn") {
				t.Errorf("the trust in EC2 isn't that of %s", tt.partition)
			}
		})
	}
}
