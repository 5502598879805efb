package kinds

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// maxPruned bounds what one update deregisters: the bucket is AWS's smallest.
const maxPruned = 3

// prune deregisters the oldest revisions beyond keep, never one in use, nor the one that was just
// replaced or a later one: a service that can't roll back to what it ran is lost.
func prune(ctx context.Context, call graph.Call, replaced string, keep int, inUse []string) error {
	arns, err := activeRevisions(ctx, call, familyOf(replaced))
	if err != nil || len(arns) <= keep {
		return err
	}
	old := arns[keep:]
	slices.Reverse(old)
	pruned := 0
	for _, arn := range old {
		if pruned == maxPruned {
			break
		}
		if revisionOf(arn) >= revisionOf(replaced) || slices.Contains(inUse, arn) {
			continue
		}
		r, err := readRevision(ctx, call, arn)
		if err != nil {
			return err
		}
		if !own.Proves(r.Tags, call.Owner) {
			continue
		}
		if _, err := world(call).ECS.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &arn}); err != nil {
			return err
		}
		pruned++
	}
	return nil
}

// activeRevisions lists the family's active revisions, newest first.
func activeRevisions(ctx context.Context, call graph.Call, family string) ([]string, error) {
	arns, err := pages(ctx, ecs.NewListTaskDefinitionsPaginator(world(call).ECS, &ecs.ListTaskDefinitionsInput{
		FamilyPrefix: &family, Status: ecstypes.TaskDefinitionStatusActive, Sort: ecstypes.SortOrderDesc,
	}), func(p *ecs.ListTaskDefinitionsOutput) []string { return p.TaskDefinitionArns })
	slices.SortFunc(arns, func(a, b string) int { return revisionOf(b) - revisionOf(a) })
	return arns, err
}

// newestRevision reads the family's newest active revision that is ours, and where none is the newest
// of all; its zero value where there is none.
func newestRevision(ctx context.Context, call graph.Call) (revision, error) {
	family := call.Name
	if family == "" { // it was only found, by its ARN
		family = familyOf(call.ID)
	}
	newest, err := readRevision(ctx, call, family)
	if err != nil || newest.ARN == "" || own.Proves(newest.Tags, call.Owner) {
		return newest, err
	}
	arns, err := activeRevisions(ctx, call, newest.Family)
	if err != nil {
		return revision{}, err
	}
	for _, arn := range arns {
		if arn == newest.ARN {
			continue
		}
		r, err := readRevision(ctx, call, arn)
		if err != nil {
			return revision{}, err
		}
		if own.Proves(r.Tags, call.Owner) {
			return r, nil
		}
	}
	return newest, nil
}

// firstFitting reads revisions until one is active, ours, and what is asked for; its zero value where none is.
func firstFitting(ctx context.Context, call graph.Call, spec TaskDefinitionSpec, arns []string) (revision, error) {
	for _, arn := range arns {
		r, err := readRevision(ctx, call, arn)
		if err != nil {
			return revision{}, err
		}
		if r.Status == string(ecstypes.TaskDefinitionStatusActive) && own.Proves(r.Tags, call.Owner) && r.is(spec) {
			return r, nil
		}
	}
	return revision{}, nil
}

// readRevision reads a revision by its ARN, or a family's newest active one; its zero value where
// there is none.
func readRevision(ctx context.Context, call graph.Call, id string) (revision, error) {
	out, err := world(call).ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: &id, Include: []ecstypes.TaskDefinitionField{ecstypes.TaskDefinitionFieldTags},
	})
	if err != nil {
		return revision{}, ignore(err, notFound)
	}
	tags, td := ecsTags(out.Tags), out.TaskDefinition
	return revision{
		Shown: shown(td.Cpu, td.Memory, td.TaskRoleArn, td.ExecutionRoleArn, td.RuntimePlatform, td.ContainerDefinitions),
		ARN:   sdk.ToString(out.TaskDefinition.TaskDefinitionArn), Family: sdk.ToString(out.TaskDefinition.Family),
		Status: string(statusOf(td)), Content: tags[TagContent], Tags: tags,
	}, nil
}

// statusOf is a revision's status: one without is taken for active, since a new one would be deployed.
func statusOf(td *ecstypes.TaskDefinition) ecstypes.TaskDefinitionStatus {
	return cmp.Or(td.Status, ecstypes.TaskDefinitionStatusActive)
}

// familyOf and revisionOf take an ARN "…:task-definition/family:revision" apart.
func familyOf(arn string) string {
	_, name, _ := strings.Cut(arn, "/")
	family, _, _ := strings.Cut(name, ":")
	return family
}

func revisionOf(arn string) int {
	n, _ := strconv.Atoi(arn[strings.LastIndexByte(arn, ':')+1:])
	return n
}

// FoundRevision is a task definition revision that somebody wants to go back to.
type FoundRevision struct {
	// Image is that of its container, Ports are the container's, ascending; Why says why nobody can go back to it.
	Image, Why string
	Ports      []int32
}

// FindRevision looks whether a revision, as family:number, is one of the family that carries the proof of
// ownership and can be deployed.
func FindRevision(ctx context.Context, w *aws.World, proof map[string]string, family, id string) (FoundRevision, error) {
	const advice = "; kubectl portkey history lists the revisions"
	if name, _, ok := strings.Cut(id, ":"); !ok || name != family || revisionOf(id) == 0 {
		return FoundRevision{Why: fmt.Sprintf("%q is no revision of the gateway: write %s: and a number%s", id, family, advice)}, nil
	}
	out, err := w.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: &id, Include: []ecstypes.TaskDefinitionField{ecstypes.TaskDefinitionFieldTags},
	})
	switch {
	case notFound(err):
		return FoundRevision{Why: fmt.Sprintf("AWS has no revision %s%s", id, advice)}, nil
	case err != nil:
		return FoundRevision{}, err
	case !own.Proves(ecsTags(out.Tags), proof):
		return FoundRevision{Why: fmt.Sprintf("revision %s doesn't have the ownership tags of this gateway%s", id, advice)}, nil
	case statusOf(out.TaskDefinition) != ecstypes.TaskDefinitionStatusActive:
		return FoundRevision{Why: fmt.Sprintf("revision %s is deregistered, and ECS deploys active ones only%s", id, advice)}, nil
	}
	found := FoundRevision{}
	for _, c := range out.TaskDefinition.ContainerDefinitions {
		found.Image = sdk.ToString(c.Image)
		for _, p := range c.PortMappings {
			found.Ports = append(found.Ports, sdk.ToInt32(p.ContainerPort))
		}
	}
	slices.Sort(found.Ports)
	return found, nil
}
