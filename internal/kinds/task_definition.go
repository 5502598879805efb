package kinds

import (
	"context"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// TaskDefinition is a family of task definition revisions, of which the newest that we registered is
// the object. Revisions can't be changed, and AWS answers them with defaults filled in and lists in
// another order; so what was asked for is known by its hash, in a tag, and a change is a new revision. New
// versions of the secrets that its tasks read are one too: see task_definition_secrets.go.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
//
// Where a service goes back to a revision that it has already, as when a change is reverted whose rollout failed, that
// one is the object again, and nothing is registered or deployed for it.
//
// Outputs: "arn", the revision's, at once. An update renews it. "left" is the revision that was gone back from: wanted
// once more, it is registered anew, so that it is tried again.
type TaskDefinition struct{}

// TagContent is the tag with the hash of what was asked for.
const TagContent = "ecs.portkey.ai/content"

// TaskDefinitionSpec is what a task should be. Its fields print without zero values, so that the hash
// of existing revisions stays when a later version of the operator adds a field.
type TaskDefinitionSpec struct {
	// CPU and Memory are the task's size, in CPU units and MiB.
	CPU    string `json:"cpu,omitzero"`
	Memory string `json:"memory,omitzero"`
	// Architecture is "ARM64" or "X86_64".
	Architecture string `json:"architecture,omitzero"`
	// TaskRole is the ARN of the role of the program, ExecutionRole that of ECS's agent.
	TaskRole      graph.Value   `json:"taskRole,omitzero"`
	ExecutionRole graph.Value   `json:"executionRole,omitzero"`
	Container     ContainerSpec `json:"container"`
	// Secrets is the hash of the present versions of the secrets that the tasks read; empty where these
	// don't matter or aren't known. Versions are those of the operator's own copies, which are known when these are
	// written. Neither is part of the content.
	Secrets  string        `json:"secrets,omitzero"`
	Versions []graph.Value `json:"versions,omitempty"`
	// Keep is how many revisions stay active; at least minKept. InUse are the ARNs of revisions that
	// services were last seen with, which stay however old they are; as long as none is named nothing
	// is deregistered.
	Keep  int      `json:"-"`
	InUse []string `json:"-"`
}

// ContainerSpec is the task's container.
type ContainerSpec struct {
	Name  string `json:"name"`
	Image string `json:"image"`
	// Env are plain variables; Secrets are ARNs, with JSON key, that ECS reads at the task's start.
	Env     map[string]graph.Value `json:"env,omitempty"`
	Secrets map[string]graph.Value `json:"secrets,omitempty"`
	Ports   []Port                 `json:"ports,omitempty"`
	// HealthCommand is what says that the container works; empty for no check. StartPeriod is how
	// many seconds it may fail at first.
	HealthCommand []string `json:"healthCommand,omitempty"`
	StartPeriod   int      `json:"startPeriod,omitzero"`
	// RegistryCredentials is the ARN of the secret for a private registry.
	RegistryCredentials graph.Value `json:"registryCredentials,omitzero"`
	LogGroup            graph.Value `json:"logGroup,omitzero"`
	LogRegion           graph.Value `json:"logRegion,omitzero"`
	LogPrefix           string      `json:"logPrefix,omitzero"`
	// StopTimeout is how many seconds the container has to stop; 0 leaves it to ECS.
	StopTimeout int      `json:"stopTimeout,omitzero"`
	Command     []string `json:"command,omitempty"`
}

// Port is a container's port.
type Port struct {
	Name string `json:"name"`
	Port int    `json:"port"`
	// AppProtocol is "http", "http2" or "grpc" where the port has an application protocol.
	AppProtocol string `json:"appProtocol,omitzero"`
}

// minKept revisions always stay: the one in use, the one before, to which ECS rolls back, and the one
// before that, which a deployment in progress may still replace.
const minKept = 3

type revision struct {
	ARN, Family, Status, Content string
	Tags                         map[string]string
	// Shown are the fields that people write.
	Shown shownFields
}

func (r revision) live(call graph.Call) graph.Live {
	l := graph.Live{
		ID: r.ARN, Phase: graph.Ready, Owner: proof(call, r.ARN, r.Tags),
		Out: map[graph.Attr]string{"arn": r.ARN}, Raw: r, Facts: &RevisionFacts{ForSecrets: r.Tags[TagCause] == causeSecrets},
	}
	if left := call.Recorded[attrLeft]; left != "" {
		l.Out[attrLeft] = left
	}
	return l
}

// attrLeft is the output with the revision that was gone back from.
const attrLeft = "left"

// Name implements graph.Kind.
func (TaskDefinition) Name() string { return "TaskDefinition" }

// Renews implements graph.Renewer: a change of anything but tags is a new revision.
func (TaskDefinition) Renews(changes []graph.Change) []graph.Attr {
	if !renews(changes) {
		return nil
	}
	return []graph.Attr{"arn"}
}

func renews(changes []graph.Change) bool { return touches(changes, "content", "status", pathSecrets) }

// Apart implements graph.Apart: the tagging API shows deregistered revisions, too, and those are many.
func (TaskDefinition) Apart() bool { return true }

// List implements graph.Lister, with the newest revision of each family, which may be deregistered.
func (TaskDefinition) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	tagged, err := taggedBy(ctx, call, "ecs:task-definition")
	if unsupported(err) {
		return nil, nil
	}
	out := map[graph.NodeID]graph.Live{}
	for arn, tags := range tagged {
		node := graph.NodeID(tags[own.TagNode])
		if have, ok := out[node]; node != "" && (!ok || revisionOf(have.ID) < revisionOf(arn)) {
			out[node] = graph.Live{ID: arn, Phase: graph.Ready, Owner: graph.Ours}
		}
	}
	return out, err
}

// Observe reads the recorded revision, and where that isn't what is wanted one that is and that a service has, or the
// newest of the family that is ours: the record of a registration may have been lost, and anybody may add revisions to
// a family. Without any record, an older one may be what is wanted, too.
func (TaskDefinition) Observe(ctx context.Context, call graph.Call, spec TaskDefinitionSpec) (graph.Live, error) {
	var recorded revision
	if r, ok := seen[revision](call, call.ID); ok {
		return r.live(call), nil
	}
	if call.ID != "" {
		var err error
		if recorded, err = readRevision(ctx, call, call.ID); err != nil {
			return graph.Live{}, err
		}
		if recorded.ARN != "" && recorded.Status == string(ecstypes.TaskDefinitionStatusActive) && (recorded.is(spec) || spec.Container.Name == "") {
			return recorded.live(call), nil
		}
	}
	if recorded.ARN != "" {
		back, err := firstFitting(ctx, call, spec, slices.DeleteFunc(slices.Clone(spec.InUse), func(arn string) bool {
			return arn == recorded.ARN || familyOf(arn) != recorded.Family
		}))
		if err != nil {
			return graph.Live{}, err
		}
		if back.ARN != "" {
			l := back.live(call)
			l.Out[attrLeft] = recorded.ARN
			return l, nil
		}
	}
	newest, err := newestRevision(ctx, call)
	if err != nil {
		return graph.Live{}, err
	}
	ours := own.Proves(newest.Tags, call.Owner)
	switch {
	case newest.ARN == "" && recorded.Status != string(ecstypes.TaskDefinitionStatusActive):
		return graph.Live{Phase: graph.Absent}, nil // what is left of a family are inactive revisions
	case recorded.ARN != "" && (!newest.is(spec) || !ours || newest.ARN == call.Recorded[attrLeft]):
		return recorded.live(call), nil
	case recorded.ARN == "" && ours && !newest.is(spec) && spec.Container.Name != "":
		arns, err := activeRevisions(ctx, call, newest.Family)
		if err != nil {
			return graph.Live{}, err
		}
		older, err := firstFitting(ctx, call, spec, slices.DeleteFunc(arns, func(arn string) bool { return arn == newest.ARN }))
		if err != nil {
			return graph.Live{}, err
		}
		if older.ARN != "" {
			return older.live(call), nil
		}
	}
	return newest.live(call), nil
}

// Diff implements graph.Kind.
func (TaskDefinition) Diff(call graph.Call, want TaskDefinitionSpec, live graph.Live) []graph.Change {
	have := raw[revision](live)
	var d difference
	d.content(have, want)
	d.text("status", have.Status, string(ecstypes.TaskDefinitionStatusActive))
	d = append(d, have.diffSecrets(want.versions())...)
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// Create implements graph.Kind.
func (TaskDefinition) Create(ctx context.Context, call graph.Call, spec TaskDefinitionSpec) (graph.Live, error) {
	return register(ctx, call, spec, secretTagsOf(spec.versions()))
}

// register makes a revision with tags beyond those that every object has.
func register(ctx context.Context, call graph.Call, spec TaskDefinitionSpec, more map[string]string) (graph.Live, error) {
	tags := merged(call.Tags, more)
	tags[TagContent] = spec.content()
	out, err := world(call).ECS.RegisterTaskDefinition(ctx, spec.input(call.Name, tags))
	if err != nil {
		return graph.Live{}, err
	}
	return revision{
		ARN: sdk.ToString(out.TaskDefinition.TaskDefinitionArn), Family: call.Name,
		Status: string(ecstypes.TaskDefinitionStatusActive), Content: spec.content(), Tags: tags,
	}.live(call), nil
}

// Update registers a new revision, unless only tags differ.
func (TaskDefinition) Update(ctx context.Context, call graph.Call, spec TaskDefinitionSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	have := raw[revision](live)
	if !renews(changes) {
		call.Tags = merged(call.Tags, secretTagsOf(spec.versions()))
		if err := retagECS(ctx, call, &have.ARN, have.Tags); err != nil {
			return live, err
		}
		have.Tags = retagged(call.Tags, have.Tags)
		return have.live(call), nil
	}
	after, err := register(ctx, call, spec, have.succeeded(spec.versions(), changes))
	if err != nil {
		return live, err
	}
	// Clearing up mustn't hold up the rollout: what stays is taken at the next update.
	if len(spec.InUse) > 0 {
		_ = prune(ctx, call, have.ARN, max(spec.Keep, minKept), spec.InUse)
	}
	return after, nil
}

// Delete deregisters every active revision of the family that is ours. Tasks go on running from an
// inactive revision.
func (TaskDefinition) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	w := world(call)
	arns, err := activeRevisions(ctx, call, familyOf(live.ID))
	if err != nil {
		return false, err
	}
	for _, arn := range arns {
		if arn != live.ID {
			r, err := readRevision(ctx, call, arn)
			if err != nil {
				return false, err
			}
			if !own.Proves(r.Tags, call.Owner) {
				continue
			}
		}
		if _, err := w.ECS.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &arn}); !passes(err, notFound) {
			return false, err
		}
	}
	return true, nil
}

// content is the hash of what is asked for.
func (s TaskDefinitionSpec) content() string {
	s.Secrets, s.Versions = "", nil
	return own.Digest(s)
}
