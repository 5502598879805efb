package ecs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// roleNames are enough for what never runs.
func (r *rig) roleNames() {
	r.execRole, r.taskRole, r.credentials = "arn:aws:iam::123456789012:role/exec", "arn:aws:iam::123456789012:role/task", "arn:aws:secretsmanager:us-east-1:123456789012:secret:x"
}

func TestTaskDefinitionRefusals(t *testing.T) {
	r := newRig(t)
	r.roleNames()
	type in = *api.RegisterTaskDefinitionInput
	for _, c := range []struct {
		why  string
		edit func(in)
		part string
	}{
		{"Fargate pairs of CPU and memory", func(i in) { i.Memory = aws.String("8192") }, "No Fargate configuration exists for given values: 256 CPU, 8192 memory."},
		{"Fargate needs CPU", func(i in) { i.Cpu = nil }, "'cpu' be defined at the task level"},
		{"Fargate needs memory", func(i in) { i.Memory = nil }, "'memory' be defined at the task level"},
		{"Fargate needs awsvpc", func(i in) { i.NetworkMode = types.NetworkModeBridge }, "awsvpc"},
		{"awsvpc ports are the same", func(i in) { i.ContainerDefinitions[0].PortMappings[0].HostPort = aws.Int32(80) }, "host ports and container ports in port mappings must match"},
		{"secrets need an execution role", func(i in) {
			i.RequiresCompatibilities, i.ExecutionRoleArn = nil, nil
			i.ContainerDefinitions[0].RepositoryCredentials = nil
			i.ContainerDefinitions[0].Secrets = []types.Secret{{Name: aws.String("A"), ValueFrom: aws.String("b")}}
		}, "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."},
		{"a secret beside an environment variable", func(i in) {
			i.ContainerDefinitions[0].Environment = []types.KeyValuePair{{Name: aws.String("A"), Value: aws.String("b")}}
			i.ContainerDefinitions[0].Secrets = []types.Secret{{Name: aws.String("A"), ValueFrom: aws.String("b")}}
		}, "The secret name must be unique"},
		{"awslogs options", func(i in) { delete(i.ContainerDefinitions[0].LogConfiguration.Options, "awslogs-region") }, "Log driver awslogs requires options: awslogs-region"},
		{"Fargate logs need a role", func(i in) {
			i.ExecutionRoleArn = nil
			i.ContainerDefinitions[0].RepositoryCredentials = nil
		}, "execution role ARN to support log driver awslogs"},
		{"family", func(i in) { i.Family = aws.String("a b") }, "Family contains invalid characters."},
		{"container name", func(i in) { i.ContainerDefinitions[0].Name = aws.String("a b") }, "Container.name"},
		{"container image", func(i in) { i.ContainerDefinitions[0].Image = aws.String("") }, "Container.image should not be null or empty."},
		{"unique names", func(i in) { i.ContainerDefinitions = append(i.ContainerDefinitions, i.ContainerDefinitions[0]) }, "not unique"},
		{"an essential container", func(i in) { i.ContainerDefinitions[0].Essential = aws.Bool(false) }, "essential"},
		{"port names", func(i in) { i.ContainerDefinitions[0].PortMappings[0].Name = aws.String("Http") }, "port mapping name"},
		{"health check ranges", func(i in) { i.ContainerDefinitions[0].HealthCheck.Retries = aws.Int32(11) }, "retries must be between 1 and 10"},
		{"role", func(i in) { i.TaskRoleArn = aws.String("task") }, "Role is not valid"},
		{"size", func(i in) {
			i.ContainerDefinitions[0].Environment = []types.KeyValuePair{{Name: aws.String("A"), Value: aws.String(strings.Repeat("x", 70000))}}
		}, "Max allowed length is '65536' bytes."},
		{"unknown volume", func(i in) {
			i.ContainerDefinitions[0].MountPoints = []types.MountPoint{{SourceVolume: aws.String("v")}}
		}, "Unknown volume 'v'."},
	} {
		d := r.definition("app", "i:1", c.edit)
		_, err := r.RegisterTaskDefinition(r.ctx, d)
		wantError(t, err, "ClientException", c.part)
	}
	for _, c := range []struct{ cpu, mem string }{{".25 vCPU", "0.5 GB"}, {"1024", "8192"}, {"4 vCPU", "30GB"}, {"16384", "122880"}} {
		must(r.RegisterTaskDefinition(r.ctx, r.definition("ok", "i:1", func(i in) { i.Cpu, i.Memory = &c.cpu, &c.mem })))(t)
	}
	_, err := r.RegisterTaskDefinition(r.ctx, r.definition("app", "i:1", func(i in) { i.NetworkMode = "vpc" }))
	wantError(t, err, "InvalidParameterException", `"vpc" is not valid`)
	_, err = r.RegisterTaskDefinition(r.ctx, r.definition("app", "i:1", func(i in) {
		i.ProxyConfiguration = &types.ProxyConfiguration{ContainerName: aws.String("x")}
	}))
	wantError(t, err, "InvalidParameterException", "ProxyConfiguration")
}

// What comes back isn't what was sent.
func TestTaskDefinitionEcho(t *testing.T) {
	r := newRig(t)
	r.roleNames()
	r.register("app", "i:1", func(in *api.RegisterTaskDefinitionInput) {
		in.Cpu, in.Memory = aws.String("1 vCPU"), aws.String("2 GB")
		in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}
		in.ContainerDefinitions[0].Environment = []types.KeyValuePair{{Name: aws.String("B"), Value: aws.String("1")}, {Name: aws.String("A"), Value: aws.String("2")}}
	})
	out := must(r.DescribeTaskDefinition(r.ctx, &api.DescribeTaskDefinitionInput{TaskDefinition: aws.String("app"), Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags}}))(t)
	d := out.TaskDefinition
	c := d.ContainerDefinitions[0]
	if *d.Cpu != "1024" || *d.Memory != "2048" || d.Revision != 1 || d.Status != "ACTIVE" || len(out.Tags) != 1 || d.RegisteredBy == nil || len(d.Compatibilities) != 2 || len(d.RequiresAttributes) == 0 {
		t.Errorf("%+v", d)
	}
	if !*c.Essential || *c.PortMappings[0].HostPort != 8787 || c.PortMappings[0].Protocol != "tcp" || *c.HealthCheck.Retries != 3 || *c.HealthCheck.Timeout != 5 || c.MountPoints == nil || *c.Environment[0].Name != "A" {
		t.Errorf("%+v", c)
	}
	if out := must(r.DescribeTaskDefinition(r.ctx, &api.DescribeTaskDefinitionInput{TaskDefinition: d.TaskDefinitionArn}))(t); len(out.Tags) != 0 {
		t.Error("tags only when included")
	}
}

func TestTaskDefinitionLife(t *testing.T) {
	r := fargateRig(t)
	first := r.register("app", "i:1")
	r.create("app", first, 1, fargate)
	r.steady("app")
	second := r.register("app", "i:2")
	must(r.DeregisterTaskDefinition(r.ctx, &api.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("app:2")}))(t)
	must(r.DeregisterTaskDefinition(r.ctx, &api.DeregisterTaskDefinitionInput{TaskDefinition: &first}))(t)
	_, err := r.DescribeTaskDefinition(r.ctx, &api.DescribeTaskDefinitionInput{TaskDefinition: aws.String("app")})
	wantError(t, err, "ClientException", "Unable to describe task definition.")
	if d := must(r.DescribeTaskDefinition(r.ctx, &api.DescribeTaskDefinitionInput{TaskDefinition: &second}))(t).TaskDefinition; d.Status != "INACTIVE" || d.DeregisteredAt == nil {
		t.Errorf("INACTIVE revisions are described by name: %+v", d)
	}
	r.update("app", func(in *api.UpdateServiceInput) { in.DesiredCount = aws.Int32(2) })
	r.steady("app") // what uses an INACTIVE revision still scales
	_, err = r.UpdateService(r.ctx, &api.UpdateServiceInput{Cluster: aws.String("main"), Service: aws.String("app"), TaskDefinition: &second})
	wantError(t, err, "ClientException", "TaskDefinition is inactive")
	_, err = r.UpdateService(r.ctx, &api.UpdateServiceInput{Cluster: aws.String("main"), Service: aws.String("app"), ForceNewDeployment: true})
	wantError(t, err, "ClientException", "TaskDefinition is inactive")

	third := r.register("app", "i:3")
	if !strings.HasSuffix(third, "app:3") {
		t.Errorf("revisions are never used again: %s", third)
	}
	out := must(r.DeleteTaskDefinitions(r.ctx, &api.DeleteTaskDefinitionsInput{TaskDefinitions: []string{first, second, third}}))(t)
	if len(out.TaskDefinitions) != 2 || out.TaskDefinitions[0].Status != "DELETE_IN_PROGRESS" || len(out.Failures) != 1 || *out.Failures[0].Arn != third {
		t.Fatalf("%+v", out)
	}
	r.server.Advance(2 * time.Minute)
	_, err = r.DescribeTaskDefinition(r.ctx, &api.DescribeTaskDefinitionInput{TaskDefinition: &second})
	wantError(t, err, "ClientException", "Unable to describe")
	if d := must(r.DescribeTaskDefinition(r.ctx, &api.DescribeTaskDefinitionInput{TaskDefinition: &first}))(t).TaskDefinition; d.Status != "DELETE_IN_PROGRESS" {
		t.Errorf("in use, it stays: %s", d.Status)
	}
	_, err = r.DeregisterTaskDefinition(r.ctx, &api.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("app")})
	wantError(t, err, "InvalidParameterException", "revision")
}

func TestTaskDefinitionLists(t *testing.T) {
	r := newRig(t)
	r.roleNames()
	for _, f := range []string{"a", "a", "a", "ab", "c"} {
		r.register(f, "i:1")
	}
	must(r.DeregisterTaskDefinition(r.ctx, &api.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("c:1")}))(t)
	r.server.World.Settings.PageSize = 2
	list := func(in *api.ListTaskDefinitionsInput) (arns []string) {
		for p := api.NewListTaskDefinitionsPaginator(r.Client, in); p.HasMorePages(); {
			arns = append(arns, must(p.NextPage(r.ctx))(t).TaskDefinitionArns...)
		}
		return arns
	}
	if got := list(&api.ListTaskDefinitionsInput{}); len(got) != 4 || !strings.HasSuffix(got[0], "/a:1") {
		t.Error(got)
	}
	if got := list(&api.ListTaskDefinitionsInput{FamilyPrefix: aws.String("a"), Sort: types.SortOrderDesc}); len(got) != 3 || !strings.HasSuffix(got[0], "/a:3") {
		t.Error(got)
	}
	if got := list(&api.ListTaskDefinitionsInput{Status: types.TaskDefinitionStatusInactive}); len(got) != 1 {
		t.Error(got)
	}
	for status, want := range map[types.TaskDefinitionFamilyStatus]int{"ACTIVE": 2, "INACTIVE": 1, "ALL": 3} {
		n := 0
		for p := api.NewListTaskDefinitionFamiliesPaginator(r.Client, &api.ListTaskDefinitionFamiliesInput{Status: status}); p.HasMorePages(); {
			n += len(must(p.NextPage(r.ctx))(t).Families)
		}
		if n != want {
			t.Errorf("%s: %d, want %d", status, n, want)
		}
	}
}
