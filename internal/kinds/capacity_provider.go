package kinds

import (
	"cmp"
	"context"
	"maps"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/aws/smithy-go"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// CapacityProvider lets ECS scale an Auto Scaling group by what its tasks need, protect instances that
// run tasks, and drain those that leave. It is created, changed and deleted in the background.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html
//
// Outputs: "name" and "arn", when ACTIVE.
type CapacityProvider struct{}

// CapacityProviderSpec is what a capacity provider should be.
type CapacityProviderSpec struct {
	// Group is the ARN of the Auto Scaling group, which can't be changed.
	Group graph.Value `json:"group"`
	// TargetPercent is how full the group should be, 1 to 100.
	TargetPercent int `json:"targetPercent"`
	// MinStep and MaxStep bound how many instances one scaling step adds.
	MinStep int `json:"minStep"`
	MaxStep int `json:"maxStep"`
}

// Succeeds implements graph.Successor: services are moved to another provider while they run.
func (CapacityProvider) Succeeds() bool { return true }

// Name implements graph.Kind.
func (CapacityProvider) Name() string { return "CapacityProvider" }

// Observe implements graph.Kind.
func (CapacityProvider) Observe(ctx context.Context, call graph.Call, _ CapacityProviderSpec) (graph.Live, error) {
	out, err := world(call).ECS.DescribeCapacityProviders(ctx, &ecs.DescribeCapacityProvidersInput{
		CapacityProviders: []string{cmp.Or(call.ID, call.Name)}, Include: []ecstypes.CapacityProviderField{ecstypes.CapacityProviderFieldTags},
	})
	if notFound(err) {
		return graph.Live{Phase: graph.Absent}, nil
	}
	if err != nil {
		return graph.Live{}, err
	}
	if len(out.CapacityProviders) > 0 {
		// A deleted one shows for a while; its successor is looked for behind it.
		if l := providerLive(call, out.CapacityProviders[0]); l.Phase != graph.Absent {
			return l, nil
		}
	}
	if err := missing(out.Failures); err != nil || call.ID != "" {
		return graph.Live{Phase: graph.Absent}, err
	}
	return findProvider(ctx, call)
}

// findProvider looks for the object by its tags: a successor's name isn't known when its record is lost.
func findProvider(ctx context.Context, call graph.Call) (graph.Live, error) {
	in := &ecs.DescribeCapacityProvidersInput{Include: []ecstypes.CapacityProviderField{ecstypes.CapacityProviderFieldTags}}
	for {
		out, err := world(call).ECS.DescribeCapacityProviders(ctx, in)
		if err != nil {
			return graph.Live{}, err
		}
		for i := range out.CapacityProviders {
			if l := providerLive(call, out.CapacityProviders[i]); l.Phase != graph.Absent && l.Owner == graph.Ours {
				return l, nil
			}
		}
		if out.NextToken == nil {
			return graph.Live{Phase: graph.Absent}, nil
		}
		in.NextToken = out.NextToken
	}
}

// Diff implements graph.Kind. Each update has the provider change for a while: what isn't told is no reason for one.
func (CapacityProvider) Diff(call graph.Call, want CapacityProviderSpec, live graph.Live) []graph.Change {
	have := raw[ecstypes.CapacityProvider](live)
	var d difference
	p := have.AutoScalingGroupProvider
	if p == nil {
		p = &ecstypes.AutoScalingGroupProvider{}
	}
	s := p.ManagedScaling
	if s == nil {
		s = &ecstypes.ManagedScaling{}
	}
	d.fixed("group", sdk.ToString(p.AutoScalingGroupArn), want.Group.String())
	d.text("managedScaling", string(cmp.Or(s.Status, ecstypes.ManagedScalingStatusEnabled)), string(ecstypes.ManagedScalingStatusEnabled))
	d.number("targetPercent", int(ptr.Deref(s.TargetCapacity, int32(want.TargetPercent))), want.TargetPercent)
	d.number("minStep", int(ptr.Deref(s.MinimumScalingStepSize, int32(want.MinStep))), want.MinStep)
	d.number("maxStep", int(ptr.Deref(s.MaximumScalingStepSize, int32(want.MaxStep))), want.MaxStep)
	d.text("managedTerminationProtection", string(cmp.Or(p.ManagedTerminationProtection, ecstypes.ManagedTerminationProtectionEnabled)), string(ecstypes.ManagedTerminationProtectionEnabled))
	d.text("managedDraining", string(cmp.Or(p.ManagedDraining, ecstypes.ManagedDrainingEnabled)), string(ecstypes.ManagedDrainingEnabled))
	return append(d, diffTags(providerTags(call, have), ecsTags(have.Tags))...)
}

// Create implements graph.Kind.
func (CapacityProvider) Create(ctx context.Context, call graph.Call, spec CapacityProviderSpec) (graph.Live, error) {
	out, err := world(call).ECS.CreateCapacityProvider(ctx, &ecs.CreateCapacityProviderInput{
		Name: &call.Name, Tags: toECSTags(call.Tags),
		AutoScalingGroupProvider: &ecstypes.AutoScalingGroupProvider{
			AutoScalingGroupArn: sdk.String(spec.Group.String()), ManagedScaling: spec.scaling(),
			ManagedTerminationProtection: ecstypes.ManagedTerminationProtectionEnabled, ManagedDraining: ecstypes.ManagedDrainingEnabled,
		},
	})
	if err != nil {
		return graph.Live{}, err
	}
	p := *out.CapacityProvider
	p.Tags = toECSTags(call.Tags)
	return providerLive(call, p), nil
}

// Update implements graph.Kind.
func (CapacityProvider) Update(ctx context.Context, call graph.Call, spec CapacityProviderSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	w := world(call)
	have := raw[ecstypes.CapacityProvider](live)
	if touches(changes, "managedScaling", "targetPercent", "minStep", "maxStep", "managedTerminationProtection", "managedDraining") {
		out, err := w.ECS.UpdateCapacityProvider(ctx, &ecs.UpdateCapacityProviderInput{
			Name: have.Name,
			AutoScalingGroupProvider: &ecstypes.AutoScalingGroupProviderUpdate{
				ManagedScaling:               spec.scaling(),
				ManagedTerminationProtection: ecstypes.ManagedTerminationProtectionEnabled, ManagedDraining: ecstypes.ManagedDrainingEnabled,
			},
		})
		if err != nil {
			return live, err
		}
		tags := have.Tags
		have = *out.CapacityProvider
		have.Tags = tags
	}
	call.Tags = providerTags(call, have)
	if err := retagECS(ctx, call, have.CapacityProviderArn, ecsTags(have.Tags)); err != nil {
		return live, err
	}
	have.Tags = toECSTags(retagged(call.Tags, ecsTags(have.Tags)))
	return providerLive(call, have), nil
}

// Delete implements graph.Kind. While a cluster has the provider, ECS takes the request, and tells only afterwards why
// nothing came of it: the next one is made as that is told, and counts as refused until something else is seen.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProvider.html
func (CapacityProvider) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	_, err := world(call).ECS.DeleteCapacityProvider(ctx, &ecs.DeleteCapacityProviderInput{CapacityProvider: &live.ID})
	if have, ok := live.Raw.(ecstypes.CapacityProvider); ok && err == nil && have.UpdateStatus == ecstypes.CapacityProviderUpdateStatusDeleteFailed {
		return false, &smithy.OperationError{ServiceID: "ECS", OperationName: "DeleteCapacityProvider", Err: &ecstypes.ResourceInUseException{Message: have.UpdateStatusReason}}
	}
	return notFound(err), ignore(err, notFound)
}

// providerTags are the wanted tags of a provider that may have a successor's name.
func providerTags(call graph.Call, have ecstypes.CapacityProvider) map[string]string {
	tags := maps.Clone(call.Tags)
	if _, ok := tags["Name"]; ok {
		tags["Name"] = sdk.ToString(have.Name)
	}
	return tags
}

func (s CapacityProviderSpec) scaling() *ecstypes.ManagedScaling {
	return &ecstypes.ManagedScaling{
		Status:                 ecstypes.ManagedScalingStatusEnabled,
		TargetCapacity:         number(s.TargetPercent),
		MinimumScalingStepSize: number(s.MinStep),
		MaximumScalingStepSize: number(s.MaxStep),
	}
}

func providerLive(call graph.Call, p ecstypes.CapacityProvider) graph.Live {
	name := sdk.ToString(p.Name)
	l := graph.Live{ID: name, Phase: graph.Pending, Owner: proof(call, name, ecsTags(p.Tags)), Raw: p, Why: sdk.ToString(p.UpdateStatusReason)}
	if p.Status == ecstypes.CapacityProviderStatusActive || p.Status == "" {
		l.Phase = graph.Ready
		l.Out = map[graph.Attr]string{"name": name, "arn": sdk.ToString(p.CapacityProviderArn)}
	}
	switch {
	case p.Status == ecstypes.CapacityProviderStatusInactive:
		return graph.Live{Phase: graph.Absent}
	case p.UpdateStatus == ecstypes.CapacityProviderUpdateStatusCreateFailed:
		l.Phase, l.Out = graph.Broken, nil
	case p.Status == ecstypes.CapacityProviderStatusDeprovisioning, p.UpdateStatus == ecstypes.CapacityProviderUpdateStatusDeleteInProgress:
		l.Phase, l.Out = graph.Deleting, nil
	case p.UpdateStatus == ecstypes.CapacityProviderUpdateStatusUpdateInProgress:
		l.Phase = graph.Pending
	}
	if l.Phase != graph.Ready {
		if l.Why == "" {
			l.Why = "is " + strings.ToLower(string(p.Status))
		}
		l.Recheck = recheck(call.Now, call.Now, capacityProviderChanging)
	}
	return l
}
