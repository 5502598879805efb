package servicediscovery

import (
	"maps"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

var httpNamespaceName = regexp.MustCompile(`^[\x21-\x7e]+$`)

// createHTTPNamespace submits the operation that makes a namespace. The name is unique in account
// and region; the error for a second one tells the first one's id.
//
// https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateHttpNamespace.html
func (s *Service) createHTTPNamespace(r *core.Request, in *api.CreateHttpNamespaceInput) (*api.CreateHttpNamespaceOutput, error) {
	name := aws.ToString(in.Name)
	if !httpNamespaceName.MatchString(name) || len(name) > 1024 {
		return nil, core.Errorf("InvalidInput", "Namespace name %q must have 1 to 1024 printable characters without spaces.", name)
	}
	tags, err := tagMap(in.Tags)
	if err != nil {
		return nil, err
	}
	reg := s.region(r.Scope)
	for _, n := range reg.namespaces {
		if n.name != name {
			continue
		}
		creator := aws.ToString(in.CreatorRequestId)
		if creator != "" && creator == n.creatorRequestID && !n.deleting && n.description == aws.ToString(in.Description) && maps.Equal(n.tags, tags) {
			return &api.CreateHttpNamespaceOutput{OperationId: aws.String(n.operation)}, nil
		}
		e := core.Errorf("NamespaceAlreadyExists", "A namespace with name %s already exists.", name)
		e.Fields = map[string]string{"NamespaceId": n.id, "CreatorRequestId": n.creatorRequestID}
		return nil, e
	}
	id := "ns-" + s.world.Hex(16)
	n := &namespace{
		id: id, name: name, arn: r.ARN("servicediscovery", "namespace/"+id), description: aws.ToString(in.Description),
		creatorRequestID: aws.ToString(in.CreatorRequestId), tags: tags, created: r.Now(), seq: reg.next(),
	}
	reg.namespaces[id] = n
	n.operation = s.submit(r.Scope, types.OperationTypeCreateNamespace, id, createDelay, func() {
		if n := s.region(r.Scope).namespaces[id]; n != nil {
			n.ready = true
		}
	})
	return &api.CreateHttpNamespaceOutput{OperationId: aws.String(n.operation)}, nil
}

// updateHTTPNamespace changes the description.
//
// https://docs.aws.amazon.com/cloud-map/latest/api/API_UpdateHttpNamespace.html
func (s *Service) updateHTTPNamespace(r *core.Request, in *api.UpdateHttpNamespaceInput) (*api.UpdateHttpNamespaceOutput, error) {
	n, err := s.namespace(r.Scope, in.Id)
	if err != nil {
		return nil, err
	}
	if in.Namespace == nil || in.Namespace.Description == nil {
		return nil, core.Errorf("InvalidInput", "Namespace.Description is required.")
	}
	id, description := n.id, *in.Namespace.Description
	op := s.submit(r.Scope, types.OperationTypeUpdateNamespace, id, updateDelay, func() {
		if n := s.region(r.Scope).namespaces[id]; n != nil {
			n.description = description
		}
	})
	return &api.UpdateHttpNamespaceOutput{OperationId: aws.String(op)}, nil
}

// deleteNamespace fails while the namespace has services.
//
// https://docs.aws.amazon.com/cloud-map/latest/api/API_DeleteNamespace.html
func (s *Service) deleteNamespace(r *core.Request, in *api.DeleteNamespaceInput) (*api.DeleteNamespaceOutput, error) {
	n, err := s.namespace(r.Scope, in.Id)
	if err != nil {
		return nil, err
	}
	if s.serviceCount(r.Scope, n.id) > 0 {
		return nil, core.Errorf("ResourceInUse", "The namespace %s can't be deleted because it still has services.", n.id)
	}
	reg := s.region(r.Scope)
	if n.deleting {
		e := core.Errorf("DuplicateRequest", "The namespace %s is already being deleted.", n.id)
		for _, o := range reg.operations {
			if o.namespaceID == n.id && o.kind == types.OperationTypeDeleteNamespace {
				e.Fields = map[string]string{"DuplicateOperationId": o.id}
			}
		}
		return nil, e
	}
	n.deleting = true
	id := n.id
	op := s.submit(r.Scope, types.OperationTypeDeleteNamespace, id, deleteDelay, func() {
		delete(s.region(r.Scope).namespaces, id)
	})
	return &api.DeleteNamespaceOutput{OperationId: aws.String(op)}, nil
}

func (s *Service) namespace(scope core.Scope, ref *string) (*namespace, error) {
	n := s.region(scope).namespaces[idOf(ref)]
	if n == nil || !n.ready {
		return nil, core.Errorf("NamespaceNotFound", "No namespace exists with the ID %s.", aws.ToString(ref))
	}
	return n, nil
}

func (s *Service) serviceCount(scope core.Scope, namespaceID string) int32 {
	var n int32
	for _, v := range s.region(scope).services {
		if v.namespaceID == namespaceID {
			n++
		}
	}
	return n
}

// getNamespace describes a namespace by id or ARN.
//
// https://docs.aws.amazon.com/cloud-map/latest/api/API_GetNamespace.html
func (s *Service) getNamespace(r *core.Request, in *api.GetNamespaceInput) (*api.GetNamespaceOutput, error) {
	n, err := s.namespace(r.Scope, in.Id)
	if err != nil {
		return nil, err
	}
	out := &types.Namespace{
		Id: aws.String(n.id), Arn: aws.String(n.arn), Name: aws.String(n.name), Type: types.NamespaceTypeHttp,
		CreateDate: aws.Time(n.created), ServiceCount: aws.Int32(s.serviceCount(r.Scope, n.id)), ResourceOwner: aws.String(r.Account),
		Properties: &types.NamespaceProperties{HttpProperties: &types.HttpProperties{HttpName: aws.String(n.name)}},
	}
	if n.description != "" {
		out.Description = aws.String(n.description)
	}
	if n.creatorRequestID != "" {
		out.CreatorRequestId = aws.String(n.creatorRequestID)
	}
	return &api.GetNamespaceOutput{Namespace: out}, nil
}

// listNamespaces filters by TYPE, NAME and HTTP_NAME with EQ and BEGINS_WITH; all filters must
// match.
//
// https://docs.aws.amazon.com/cloud-map/latest/api/API_ListNamespaces.html
func (s *Service) listNamespaces(r *core.Request, in *api.ListNamespacesInput) (*api.ListNamespacesOutput, error) {
	var found []*namespace
	for _, n := range bySeq(s.region(r.Scope).namespaces, func(n *namespace) int { return n.seq }) {
		ok := n.ready && s.world.Visible(n.created)
		for _, f := range in.Filters {
			match, err := matches(n, f)
			if err != nil {
				return nil, err
			}
			ok = ok && match
		}
		if ok {
			found = append(found, n)
		}
	}
	page, next, ok := core.Page(s.world, found, func(n *namespace) string { return n.id }, aws.ToString(in.NextToken), int(aws.ToInt32(in.MaxResults)), 100)
	if !ok {
		return nil, core.Errorf("InvalidInput", "The NextToken is invalid.")
	}
	out := &api.ListNamespacesOutput{Namespaces: []types.NamespaceSummary{}, NextToken: token(next)}
	for _, n := range page {
		sum := types.NamespaceSummary{
			Id: aws.String(n.id), Arn: aws.String(n.arn), Name: aws.String(n.name), Type: types.NamespaceTypeHttp,
			CreateDate: aws.Time(n.created), ServiceCount: aws.Int32(s.serviceCount(r.Scope, n.id)), ResourceOwner: aws.String(r.Account),
			Properties: &types.NamespaceProperties{HttpProperties: &types.HttpProperties{HttpName: aws.String(n.name)}},
		}
		if n.description != "" {
			sum.Description = aws.String(n.description)
		}
		out.Namespaces = append(out.Namespaces, sum)
	}
	return out, nil
}

func matches(n *namespace, f types.NamespaceFilter) (bool, error) {
	have := map[types.NamespaceFilterName]string{
		types.NamespaceFilterNameType: string(types.NamespaceTypeHttp), types.NamespaceFilterNameName: n.name,
		types.NamespaceFilterNameHttpName: n.name, types.NamespaceFilterNameResourceOwner: "SELF",
	}
	v, known := have[f.Name]
	if !known || len(f.Values) != 1 {
		return false, core.Errorf("InvalidInput", "The filter %s must be known and have one value.", f.Name)
	}
	switch {
	case f.Condition == "" || f.Condition == types.FilterConditionEq:
		return v == f.Values[0], nil
	case f.Condition == types.FilterConditionBeginsWith && f.Name != types.NamespaceFilterNameResourceOwner:
		return strings.HasPrefix(v, f.Values[0]), nil
	default:
		return false, core.Errorf("InvalidInput", "The condition %s is not supported for the filter %s.", f.Condition, f.Name)
	}
}

func token(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
