package kinds

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// What tells two revisions apart is a hash, which tells people nothing. So the fields that people write are compared
// as well, where the hash differs.

// shownFields are a revision's fields by their paths, as text.
type shownFields map[string]string

// shown are the fields of a revision as AWS has it, or as it is registered.
func shown(cpu, memory, taskRole, executionRole *string, platform *ecstypes.RuntimePlatform, containers []ecstypes.ContainerDefinition) shownFields {
	out := shownFields{"cpu": sdk.ToString(cpu), "memory": sdk.ToString(memory), "taskRole": sdk.ToString(taskRole), "executionRole": sdk.ToString(executionRole)}
	if platform != nil {
		out["architecture"] = string(platform.CpuArchitecture)
	}
	for i := range containers {
		c := &containers[i]
		out["image"], out["command"] = sdk.ToString(c.Image), strings.Join(c.Command, " ")
		if c.StopTimeout != nil {
			out["stopTimeout"] = strconv.Itoa(int(*c.StopTimeout))
		}
		for _, e := range c.Environment {
			out["env."+sdk.ToString(e.Name)] = sdk.ToString(e.Value)
		}
		for _, s := range c.Secrets {
			out["secrets."+sdk.ToString(s.Name)] = sdk.ToString(s.ValueFrom)
		}
		for _, p := range c.PortMappings {
			out["ports."+sdk.ToString(p.Name)] = strconv.Itoa(int(sdk.ToInt32(p.ContainerPort)))
		}
	}
	return out
}

// content compares what was asked for: field by field where those tell the difference, else by the hash.
func (d *difference) content(have revision, want TaskDefinitionSpec) {
	if have.Content == want.content() {
		return
	}
	before := len(*d)
	in := want.input(have.Family, nil)
	wanted := shown(in.Cpu, in.Memory, in.TaskRoleArn, in.ExecutionRoleArn, in.RuntimePlatform, in.ContainerDefinitions)
	hidden := false
	for _, path := range slices.Sorted(maps.Keys(merged(have.Shown, wanted))) {
		has, wants := have.Shown[path], wanted[path]
		if has != wants && strings.HasPrefix(path, "env.") {
			has, wants, hidden = unsaid(has, "set"), unsaid(wants, "set to another value"), true
		}
		d.text("content."+path, has, wants)
	}
	if len(*d) == before || len(have.Shown) == 0 || hidden { // the hash tells one hidden value from another
		if len(have.Shown) == 0 {
			*d = (*d)[:before]
		}
		d.text("content", have.Content, want.content())
	}
}

// unsaid stands for the value of a plain variable, which people may keep for themselves all the same.
func unsaid(value, word string) string {
	if value == "" {
		return ""
	}
	return word
}
