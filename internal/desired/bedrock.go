package desired

import (
	"regexp"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// geography matches the beginning of a cross-region inference profile's ID; what follows is the ID of the model
// (https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html).
var geography = regexp.MustCompile(`^(us|us-gov|eu|apac|jp|au|ca|global)\.`)

// bedrockPolicy lets the gateway invoke the named models, and take the named roles.
//
// A model is invoked in the deployment's region. An inference profile sends the request on to other regions, so it
// takes the right to the profile, and to the model anywhere, but through that profile only
// (https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html).
func (b *builder) bedrockPolicy() graph.Value {
	spec := b.spec.Bedrock
	invoke := []string{"bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"}
	var models, profiles []string
	var out []statement
	for _, id := range slices.Sorted(slices.Values(spec.Models)) { // lists are sets: in any order they make the same policy
		place := geography.FindString(id)
		if place == "" {
			models = append(models, b.arn("bedrock", b.facts.Region, "", "foundation-model/"+id))
			continue
		}
		profile := b.arn("bedrock", b.facts.Region, b.facts.Account, "inference-profile/"+id)
		profiles = append(profiles, profile)
		through := allow([]string{b.arn("bedrock", "*", "", "foundation-model/"+id[len(place):])}, invoke...)
		through.Condition = map[string]map[string]string{"StringLike": {"bedrock:InferenceProfileArn": profile}}
		out = append(out, through)
	}
	if direct := slices.Concat(models, profiles); len(direct) > 0 {
		out = append(out, allow(direct, invoke...))
	}
	if len(spec.AssumeRoleARNs) > 0 {
		out = append(out, allow(slices.Sorted(slices.Values(spec.AssumeRoleARNs)), "sts:AssumeRole"))
	}
	return policy(out...)
}

// BedrockTrust is the trust policy by which another role lets itself be taken by a gateway's task role.
func BedrockTrust(taskRole string) string {
	return policy(statement{
		Effect: "Allow", Principal: map[string]string{"AWS": taskRole}, Action: []string{"sts:AssumeRole"},
	}).String()
}
