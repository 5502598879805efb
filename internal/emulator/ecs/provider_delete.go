package ecs

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// deleteCapacityProvider is asynchronous: it ends in INACTIVE, or in DELETE_FAILED with a reason
// when a cluster still has the provider.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCapacityProvider.html
func (s *Service) deleteCapacityProvider(r *core.Request, in *api.DeleteCapacityProviderInput) (*api.DeleteCapacityProviderOutput, error) {
	if err := core.Only(in, "CapacityProvider"); err != nil {
		return nil, err
	}
	p, err := s.region(r.Scope).provider(in.CapacityProvider)
	if err != nil {
		return nil, err
	}
	if p.busy() {
		if p.updateStatus == types.CapacityProviderUpdateStatusDeleteInProgress {
			return &api.DeleteCapacityProviderOutput{CapacityProvider: providerView(p, true)}, nil
		}
		return nil, core.Errorf("UpdateInProgressException", "The specified capacity provider is being created or updated.")
	}
	p.updateStatus, p.reason = types.CapacityProviderUpdateStatusDeleteInProgress, ""
	s.world.Clock.After(providerDelay, func() {
		if c := p.attachedTo(); c != nil {
			p.updateStatus = types.CapacityProviderUpdateStatusDeleteFailed
			p.reason = "The capacity provider cannot be deleted because it is associated with cluster: " + c.name + ". Remove the capacity provider from the cluster and try again."
			return
		}
		p.status, p.updateStatus = types.CapacityProviderStatusInactive, types.CapacityProviderUpdateStatusDeleteComplete
		if !s.orphaned(p) {
			s.deps.AutoScaling.RemoveHook(p.reg.Scope, p.group, drainingHook)
		}
		s.world.Clock.After(inactiveProviderShown, func() {
			if p.reg.providers[p.name] == p {
				delete(p.reg.providers, p.name)
			}
		})
	})
	return &api.DeleteCapacityProviderOutput{CapacityProvider: providerView(p, true)}, nil
}

// attachedTo finds the cluster that has the provider.
func (p *provider) attachedTo() *cluster {
	for _, c := range sorted(p.reg.clusters) {
		if c.status != statusInactive && has(c.providers, p.name) {
			return c
		}
	}
	return nil
}

// describeCapacityProviders lists all, or those named; the reserved Fargate providers are always
// there.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeCapacityProviders.html
func (s *Service) describeCapacityProviders(r *core.Request, in *api.DescribeCapacityProvidersInput) (*api.DescribeCapacityProvidersOutput, error) {
	if err := core.Only(in, "CapacityProviders", "Include", "MaxResults", "NextToken"); err != nil {
		return nil, err
	}
	if len(in.CapacityProviders) > 100 {
		return nil, invalid("capacityProviders can have at most 100 items.")
	}
	if aws.ToInt32(in.MaxResults) > 10 {
		return nil, invalid("maxResults should be between 1 and 10.")
	}
	reg, tags := s.region(r.Scope), has(in.Include, types.CapacityProviderFieldTags)
	out := &api.DescribeCapacityProvidersOutput{CapacityProviders: []types.CapacityProvider{}, Failures: []types.Failure{}}
	var found []types.CapacityProvider
	reserved := func(name string) types.CapacityProvider {
		return types.CapacityProvider{Name: aws.String(name), CapacityProviderArn: aws.String(r.ARN("ecs", "capacity-provider/"+name)), Status: types.CapacityProviderStatusActive, Tags: []types.Tag{}, Type: types.CapacityProviderType(name)}
	}
	if len(in.CapacityProviders) == 0 {
		for _, p := range sorted(reg.providers) {
			if s.world.Visible(p.created) {
				found = append(found, *providerView(p, tags))
			}
		}
		found = append(found, reserved("FARGATE"), reserved("FARGATE_SPOT"))
	}
	for _, ref := range in.CapacityProviders {
		name := ref
		if _, parts, ok := arnParts(ref); ok && len(parts) == 2 {
			name = parts[1]
		}
		if isFargate(name) {
			found = append(found, reserved(name))
		} else if p := reg.providers[name]; p != nil && s.world.Visible(p.created) {
			found = append(found, *providerView(p, tags))
		} else {
			out.Failures = append(out.Failures, failure(r.ARN("ecs", "capacity-provider/"+name), "MISSING"))
		}
	}
	list, next, err := page(s, found, func(p types.CapacityProvider) string { return *p.Name }, in.NextToken, in.MaxResults, 10)
	if err != nil {
		return nil, err
	}
	out.CapacityProviders, out.NextToken = append(out.CapacityProviders, list...), next
	return out, nil
}

func providerView(p *provider, tags bool) *types.CapacityProvider {
	asg := p.asg
	out := &types.CapacityProvider{
		Name: aws.String(p.name), CapacityProviderArn: aws.String(p.arn), Status: p.status, UpdateStatus: p.updateStatus,
		AutoScalingGroupProvider: &asg, Tags: []types.Tag{}, Type: types.CapacityProviderTypeEc2Autoscaling,
	}
	if p.reason != "" {
		out.UpdateStatusReason = aws.String(p.reason)
	}
	if tags {
		out.Tags = tagList(p.tags)
	}
	return out
}
