package desired_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// TestBedrockRights compares what the gateway may do with Bedrock with the least that the spec takes.
func TestBedrockRights(t *testing.T) {
	for _, c := range []struct {
		why  string
		spec v1alpha1.Bedrock
		want []string
	}{
		{"a model is invoked in the deployment's region only", v1alpha1.Bedrock{Models: []string{"anthropic.claude-3-haiku-20240307-v1:0"}},
			[]string{"bedrock:InvokeModel arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0"}},
		{"a profile takes the model in other regions, through the profile only", v1alpha1.Bedrock{Models: []string{"us.anthropic.claude-3-haiku-20240307-v1:0"}},
			[]string{
				"bedrock:InvokeModel arn:aws:bedrock:*::foundation-model/anthropic.claude-3-haiku-20240307-v1:0 via arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-3-haiku-20240307-v1:0",
				"bedrock:InvokeModel arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-3-haiku-20240307-v1:0",
			}},
		{"a star is kept", v1alpha1.Bedrock{Models: []string{"amazon.nova-*"}}, []string{"bedrock:InvokeModel arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-*"}},
		{"roles are only taken", v1alpha1.Bedrock{AssumeRoleARNs: []string{"arn:aws:iam::210987654321:role/bedrock"}},
			[]string{"sts:AssumeRole arn:aws:iam::210987654321:role/bedrock"}},
	} {
		gw := gateway("gw")
		gw.Spec.Bedrock = &c.spec
		node := build(t, gw).Node("role/gateway-task")
		var doc struct {
			Statement []struct {
				Action, Resource []string
				Condition        map[string]map[string]string
			}
		}
		if err := json.Unmarshal([]byte(node.Spec().(kinds.RoleSpec).Inline["bedrock"].String()), &doc); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range doc.Statement {
			for _, r := range s.Resource {
				line := s.Action[0] + " " + r
				if via := s.Condition["StringLike"]["bedrock:InferenceProfileArn"]; via != "" {
					line += " via " + via
				}
				got = append(got, line)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", c.why, got)
		}
	}
}
