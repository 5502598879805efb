package servicediscovery

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func (s *Service) service(scope core.Scope, ref *string) (*service, error) {
	if v := s.region(scope).services[idOf(ref)]; v != nil {
		return v, nil
	}
	return nil, core.Errorf("ServiceNotFound", "No service exists with the ID %s.", aws.ToString(ref))
}

// listServices filters by NAMESPACE_ID, given as id or ARN.
//
// https://docs.aws.amazon.com/cloud-map/latest/api/API_ListServices.html
func (s *Service) listServices(r *core.Request, in *api.ListServicesInput) (*api.ListServicesOutput, error) {
	var found []*service
	for _, v := range bySeq(s.region(r.Scope).services, func(v *service) int { return v.seq }) {
		ok := true
		for _, f := range in.Filters {
			if f.Name != types.ServiceFilterNameNamespaceId || len(f.Values) != 1 || (f.Condition != "" && f.Condition != types.FilterConditionEq) {
				return nil, core.Errorf("InvalidInput", "The emulator supports the filter NAMESPACE_ID with EQ and one value.")
			}
			ok = ok && v.namespaceID == idOf(&f.Values[0])
		}
		if ok {
			found = append(found, v)
		}
	}
	page, next, ok := core.Page(s.world, found, func(v *service) string { return v.id }, aws.ToString(in.NextToken), int(aws.ToInt32(in.MaxResults)), 100)
	if !ok {
		return nil, core.Errorf("InvalidInput", "The NextToken is invalid.")
	}
	out := &api.ListServicesOutput{Services: []types.ServiceSummary{}, NextToken: token(next)}
	for _, v := range page {
		out.Services = append(out.Services, types.ServiceSummary{
			Id: aws.String(v.id), Arn: aws.String(v.arn), Name: aws.String(v.name), Type: types.ServiceTypeHttp, Description: aws.String(v.description),
			CreateDate: aws.Time(v.created), InstanceCount: aws.Int32(int32(len(v.instances))), ResourceOwner: aws.String(r.Account),
		})
	}
	return out, nil
}

// getService describes a service.
//
// https://docs.aws.amazon.com/cloud-map/latest/api/API_GetService.html
func (s *Service) getService(r *core.Request, in *api.GetServiceInput) (*api.GetServiceOutput, error) {
	v, err := s.service(r.Scope, in.Id)
	if err != nil {
		return nil, err
	}
	return &api.GetServiceOutput{Service: &types.Service{
		Id: aws.String(v.id), Arn: aws.String(v.arn), Name: aws.String(v.name), NamespaceId: aws.String(v.namespaceID), Type: types.ServiceTypeHttp,
		Description: aws.String(v.description), CreateDate: aws.Time(v.created), InstanceCount: aws.Int32(int32(len(v.instances))), ResourceOwner: aws.String(r.Account),
	}}, nil
}

// deleteService fails while instances are registered.
//
// https://docs.aws.amazon.com/cloud-map/latest/api/API_DeleteService.html
func (s *Service) deleteService(r *core.Request, in *api.DeleteServiceInput) (*api.DeleteServiceOutput, error) {
	v, err := s.service(r.Scope, in.Id)
	if err != nil {
		return nil, err
	}
	if len(v.instances) > 0 {
		return nil, core.Errorf("ResourceInUse", "Service %s contains registered instances; delete the instances before deleting the service.", v.id)
	}
	s.DeleteService(r.Scope, v.id)
	return &api.DeleteServiceOutput{}, nil
}

// listInstances lists what is registered with a service.
//
// https://docs.aws.amazon.com/cloud-map/latest/api/API_ListInstances.html
func (s *Service) listInstances(r *core.Request, in *api.ListInstancesInput) (*api.ListInstancesOutput, error) {
	v, err := s.service(r.Scope, in.ServiceId)
	if err != nil {
		return nil, err
	}
	ids := slices.Sorted(maps.Keys(v.instances))
	page, next, ok := core.Page(s.world, ids, func(id string) string { return id }, aws.ToString(in.NextToken), int(aws.ToInt32(in.MaxResults)), 100)
	if !ok {
		return nil, core.Errorf("InvalidInput", "The NextToken is invalid.")
	}
	out := &api.ListInstancesOutput{Instances: []types.InstanceSummary{}, NextToken: token(next), ResourceOwner: aws.String(r.Account)}
	for _, id := range page {
		out.Instances = append(out.Instances, types.InstanceSummary{Id: aws.String(id), Attributes: v.instances[id]})
	}
	return out, nil
}
