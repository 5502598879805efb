package kinds

import (
	"context"
	"errors"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	sdtypes "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// HTTPNamespace is a Cloud Map namespace for Service Connect. It is made and deleted by operations
// that Cloud Map runs in the background; its name is unique in an account and region.
// https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateHttpNamespace.html
//
// While the operation runs its id stands in for the namespace's.
//
// Outputs: "id", "arn" and "name" when the namespace exists.
type HTTPNamespace struct{}

// HTTPNamespaceSpec is what a namespace should be.
type HTTPNamespaceSpec struct {
	// Description is for people.
	Description string `json:"description,omitempty"`
}

// operationPrefix tells a recorded operation from a namespace's id.
const operationPrefix = "operation/"

type namespace struct {
	ID, ARN, Name, Description string
	Tags                       map[string]string
}

func (n namespace) live(call graph.Call) graph.Live {
	return graph.Live{
		ID: n.ID, Phase: graph.Ready, Owner: proof(call, n.ID, n.Tags),
		Out: map[graph.Attr]string{"id": n.ID, "arn": n.ARN, "name": n.Name}, Raw: n,
	}
}

// Name implements graph.Kind.
func (HTTPNamespace) Name() string { return "HTTPNamespace" }

// Observe asks by the recorded id, which costs one call, and else by name.
func (HTTPNamespace) Observe(ctx context.Context, call graph.Call, _ HTTPNamespaceSpec) (graph.Live, error) {
	w := world(call)
	id, why := call.ID, ""
	if operation, ok := strings.CutPrefix(call.ID, operationPrefix); ok {
		out, err := w.SD.GetOperation(ctx, &servicediscovery.GetOperationInput{OperationId: &operation})
		switch {
		case notFound(err):
			id = ""
		case err != nil:
			return graph.Live{}, err
		case out.Operation.Status == sdtypes.OperationStatusSuccess, out.Operation.Status == "": // the list knows
			id = out.Operation.Targets[string(sdtypes.OperationTargetTypeNamespace)]
		case out.Operation.Status == sdtypes.OperationStatusFail:
			id, why = "", sdk.ToString(out.Operation.ErrorMessage)
		default:
			live := creating(call, operation)
			live.Recheck = recheck(call.Now, sdk.ToTime(out.Operation.CreateDate), namespaceCreating)
			return live, nil
		}
	}
	n, err := findNamespace(ctx, w, id, call.Name)
	if err != nil {
		return graph.Live{}, err
	}
	if n.ID == "" {
		return graph.Live{Phase: graph.Absent, Why: why}, nil
	}
	if earlier, ok := seen[namespace](call, n.ID); ok {
		n.Tags = earlier.Tags
	} else if call.Seen != nil && call.Seen.ID == call.ID && call.ID != id && n.ID == id {
		n.Tags = call.Tags // the operation that was still under way has made it with these
	} else if n.Tags, err = tagsOf(ctx, call, n.ARN); err != nil {
		return graph.Live{}, err
	}
	live := n.live(call)
	if n.ID == id {
		live.Owner = proof(withID(call, id), id, n.Tags)
	}
	return live, nil
}

// Diff implements graph.Kind.
func (HTTPNamespace) Diff(call graph.Call, want HTTPNamespaceSpec, live graph.Live) []graph.Change {
	if strings.HasPrefix(live.ID, operationPrefix) {
		return nil
	}
	have := raw[namespace](live)
	var d difference
	d.text("description", have.Description, want.Description)
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// Create starts the operation. One that is running already for the same token is taken up.
func (HTTPNamespace) Create(ctx context.Context, call graph.Call, spec HTTPNamespaceSpec) (graph.Live, error) {
	w := world(call)
	out, err := w.SD.CreateHttpNamespace(ctx, &servicediscovery.CreateHttpNamespaceInput{
		Name: &call.Name, CreatorRequestId: &call.Token, Description: description(spec), Tags: toNamespaceTags(call.Tags),
	})
	w.Reads.Forget("servicediscovery/")
	if dup, ok := errors.AsType[*sdtypes.DuplicateRequest](err); ok && dup.DuplicateOperationId != nil {
		return creating(call, *dup.DuplicateOperationId), nil
	}
	if err != nil {
		return graph.Live{}, err
	}
	return creating(call, sdk.ToString(out.OperationId)), nil
}

// Update implements graph.Kind. A new description takes effect by an operation that nobody waits for.
func (HTTPNamespace) Update(ctx context.Context, call graph.Call, spec HTTPNamespaceSpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	w := world(call)
	have := raw[namespace](live)
	w.Reads.Forget("servicediscovery/")
	if have.Description != spec.Description {
		if _, err := w.SD.UpdateHttpNamespace(ctx, &servicediscovery.UpdateHttpNamespaceInput{
			Id: &have.ID, UpdaterRequestId: sdk.String(call.Now.UTC().Format(time.RFC3339Nano)), Namespace: &sdtypes.HttpNamespaceChange{Description: &spec.Description},
		}); !passes(err, is[*sdtypes.DuplicateRequest]) {
			return live, err
		}
	}
	if err := retagARN(ctx, call, have.ARN, have.Tags); err != nil {
		return live, err
	}
	have.Description, have.Tags = spec.Description, retagged(call.Tags, have.Tags)
	return have.live(call), nil
}

// Delete starts the operation that removes the namespace. Services in it hold it up.
func (HTTPNamespace) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	w := world(call)
	w.Reads.Forget("servicediscovery/")
	if strings.HasPrefix(live.ID, operationPrefix) {
		return false, nil // it can be deleted when it exists
	}
	_, err := w.SD.DeleteNamespace(ctx, &servicediscovery.DeleteNamespaceInput{Id: &live.ID})
	if notFound(err) {
		return true, nil
	}
	return false, ignore(err, is[*sdtypes.DuplicateRequest])
}

// creating is the namespace while its operation runs: only we know the operation, so it is ours.
func creating(call graph.Call, operation string) graph.Live {
	return graph.Live{
		ID: operationPrefix + operation, Phase: graph.Pending, Owner: graph.Ours, Why: "is being created",
		Recheck: recheck(call.Now, call.Now, namespaceCreating),
	}
}

func findNamespace(ctx context.Context, w *aws.World, id, name string) (namespace, error) {
	if id != "" {
		out, err := w.SD.GetNamespace(ctx, &servicediscovery.GetNamespaceInput{Id: &id})
		if err == nil {
			n := out.Namespace
			return namespace{ID: id, ARN: sdk.ToString(n.Arn), Name: sdk.ToString(n.Name), Description: sdk.ToString(n.Description)}, nil
		}
		if !notFound(err) {
			return namespace{}, err
		}
	}
	if name == "" { // it was only found, by its id
		return namespace{}, nil
	}
	all, err := aws.Read(ctx, w.Reads, "servicediscovery/"+name, func(ctx context.Context) ([]sdtypes.NamespaceSummary, error) {
		return pages(ctx, servicediscovery.NewListNamespacesPaginator(w.SD, &servicediscovery.ListNamespacesInput{Filters: []sdtypes.NamespaceFilter{
			{Name: sdtypes.NamespaceFilterNameName, Condition: sdtypes.FilterConditionEq, Values: []string{name}},
			{Name: sdtypes.NamespaceFilterNameType, Condition: sdtypes.FilterConditionEq, Values: []string{string(sdtypes.NamespaceTypeHttp)}},
		}}), func(p *servicediscovery.ListNamespacesOutput) []sdtypes.NamespaceSummary { return p.Namespaces })
	})
	for i := range all {
		if n := &all[i]; sdk.ToString(n.Name) == name {
			return namespace{ID: sdk.ToString(n.Id), ARN: sdk.ToString(n.Arn), Name: name, Description: sdk.ToString(n.Description)}, err
		}
	}
	return namespace{}, err
}

// withID is the call as if id were the recorded one: an operation that we started leads to it.
func withID(call graph.Call, id string) graph.Call {
	call.ID = id
	return call
}

func description(spec HTTPNamespaceSpec) *string {
	if spec.Description == "" {
		return nil
	}
	return &spec.Description
}
