package ecs

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// listTaskDefinitions lists the ARNs of a status, by default ACTIVE, in the order of family and
// revision. familyPrefix is a full family name here.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTaskDefinitions.html
func (s *Service) listTaskDefinitions(r *core.Request, in *api.ListTaskDefinitionsInput) (*api.ListTaskDefinitionsOutput, error) {
	status := in.Status
	if status == "" {
		status = types.TaskDefinitionStatusActive
	}
	arns := []string{}
	for _, f := range sorted(s.region(r.Scope).families) {
		if in.FamilyPrefix != nil && *in.FamilyPrefix != f.name {
			continue
		}
		for _, d := range sorted(f.revisions) {
			if d.status == status && s.world.Visible(*d.view.RegisteredAt) {
				arns = append(arns, d.arn)
			}
		}
	}
	if in.Sort == types.SortOrderDesc {
		slices.Reverse(arns)
	}
	out, next, err := page(s, arns, func(a string) string { return a }, in.NextToken, in.MaxResults, 100)
	if err != nil {
		return nil, err
	}
	return &api.ListTaskDefinitionsOutput{TaskDefinitionArns: out, NextToken: next}, nil
}

// listTaskDefinitionFamilies lists families by prefix. ACTIVE ones have an ACTIVE revision;
// INACTIVE ones have revisions, none of them ACTIVE.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTaskDefinitionFamilies.html
func (s *Service) listTaskDefinitionFamilies(r *core.Request, in *api.ListTaskDefinitionFamiliesInput) (*api.ListTaskDefinitionFamiliesOutput, error) {
	names := []string{}
	for _, f := range sorted(s.region(r.Scope).families) {
		active := false
		for _, d := range f.revisions {
			active = active || d.status == types.TaskDefinitionStatusActive
		}
		ok := len(f.revisions) > 0
		switch in.Status {
		case types.TaskDefinitionFamilyStatusActive:
			ok = ok && active
		case types.TaskDefinitionFamilyStatusInactive:
			ok = ok && !active
		}
		if ok && strings.HasPrefix(f.name, aws.ToString(in.FamilyPrefix)) {
			names = append(names, f.name)
		}
	}
	out, next, err := page(s, names, func(a string) string { return a }, in.NextToken, in.MaxResults, 100)
	if err != nil {
		return nil, err
	}
	return &api.ListTaskDefinitionFamiliesOutput{Families: out, NextToken: next}, nil
}
