package servicediscovery

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// operation is an asynchronous change of a namespace: SUBMITTED, PENDING, then SUCCESS or FAIL.
type operation struct {
	id, namespaceID  string
	kind             types.OperationType
	status           types.OperationStatus
	created, updated time.Time
	seq              int
}

// submit starts an operation that applies its change when it succeeds.
func (s *Service) submit(scope core.Scope, kind types.OperationType, namespaceID string, takes time.Duration, apply func()) string {
	reg, now := s.region(scope), s.world.Clock.Now()
	o := &operation{id: s.world.Hex(32) + "-" + s.world.Hex(8), namespaceID: namespaceID, kind: kind, status: types.OperationStatusSubmitted, created: now, updated: now, seq: reg.next()}
	reg.operations[o.id] = o
	s.world.Clock.After(pendingAfter, func() {
		o.status, o.updated = types.OperationStatusPending, s.world.Clock.Now()
	})
	s.world.Clock.After(takes, func() {
		o.status, o.updated = types.OperationStatusSuccess, s.world.Clock.Now()
		apply()
	})
	return o.id
}

// getOperation tells how far an operation is and what it is about.
//
// https://docs.aws.amazon.com/cloud-map/latest/api/API_GetOperation.html
func (s *Service) getOperation(r *core.Request, in *api.GetOperationInput) (*api.GetOperationOutput, error) {
	if err := core.Only(in, "OperationId"); err != nil {
		return nil, err
	}
	o := s.region(r.Scope).operations[aws.ToString(in.OperationId)]
	if o == nil {
		return nil, core.Errorf("OperationNotFound", "No operation exists with the ID %s.", aws.ToString(in.OperationId))
	}
	return &api.GetOperationOutput{Operation: &types.Operation{
		Id: aws.String(o.id), Type: o.kind, Status: o.status, CreateDate: aws.Time(o.created), UpdateDate: aws.Time(o.updated),
		OwnerAccount: aws.String(r.Account), Targets: map[string]string{string(types.OperationTargetTypeNamespace): o.namespaceID},
	}}, nil
}

// listOperations filters by NAMESPACE_ID, STATUS and TYPE.
//
// https://docs.aws.amazon.com/cloud-map/latest/api/API_ListOperations.html
func (s *Service) listOperations(r *core.Request, in *api.ListOperationsInput) (*api.ListOperationsOutput, error) {
	var found []*operation
	for _, o := range bySeq(s.region(r.Scope).operations, func(o *operation) int { return o.seq }) {
		ok := true
		for _, f := range in.Filters {
			var have string
			switch f.Name {
			case types.OperationFilterNameNamespaceId:
				have = o.namespaceID
			case types.OperationFilterNameStatus:
				have = string(o.status)
			case types.OperationFilterNameType:
				have = string(o.kind)
			default:
				return nil, core.Errorf("InvalidInput", "The emulator does not support the filter %s.", f.Name)
			}
			if f.Condition != "" && f.Condition != types.FilterConditionEq && f.Condition != types.FilterConditionIn {
				return nil, core.Errorf("InvalidInput", "The condition %s is not supported for the filter %s.", f.Condition, f.Name)
			}
			ok = ok && slices.Contains(f.Values, have)
		}
		if ok {
			found = append(found, o)
		}
	}
	page, next, ok := core.Page(s.world, found, func(o *operation) string { return o.id }, aws.ToString(in.NextToken), int(aws.ToInt32(in.MaxResults)), 100)
	if !ok {
		return nil, core.Errorf("InvalidInput", "The NextToken is invalid.")
	}
	out := &api.ListOperationsOutput{Operations: []types.OperationSummary{}, NextToken: token(next)}
	for _, o := range page {
		out.Operations = append(out.Operations, types.OperationSummary{Id: aws.String(o.id), Status: o.status})
	}
	return out, nil
}
