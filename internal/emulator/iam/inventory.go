package iam

import (
	"maps"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// inventory lists every role, instance profile and customer policy. IAM has no region.
func (s *Service) inventory(bool) []core.Resource {
	var out []core.Resource
	for _, a := range s.accounts {
		for _, r := range a.roles {
			out = append(out, core.Resource{Service: "iam", Kind: "Role", ID: r.id, Name: r.name, ARN: r.arn, Account: a.id,
				Tags: maps.Clone(r.tags), State: "active", Taggable: true, AWSManaged: r.linkedTo != "",
				Settings: map[string]any{"path": r.path, "description": r.description, "maxSessionDuration": r.maxSession,
					"trustPolicy": r.trust, "inlinePolicies": maps.Clone(r.inline), "attachedPolicies": slices.Sorted(slices.Values(r.attached)),
					"permissionsBoundary": r.boundary}})
		}
		for _, p := range a.profiles {
			settings := map[string]any{"path": p.path}
			if r := a.roles[p.role]; r != nil {
				settings["role"] = r.name
			}
			out = append(out, core.Resource{Service: "iam", Kind: "InstanceProfile", ID: p.id, Name: p.name, ARN: p.arn, Account: a.id,
				Tags: maps.Clone(p.tags), State: "active", Taggable: true, Settings: settings})
		}
		for _, p := range a.policies {
			out = append(out, core.Resource{Service: "iam", Kind: "ManagedPolicy", ID: p.id, Name: p.name, ARN: p.arn, Account: a.id,
				Tags: maps.Clone(p.tags), State: "active", Taggable: true,
				Settings: map[string]any{"path": p.path, "description": p.description, "document": p.defaultVersion().document,
					"versions": len(p.versions)}})
		}
	}
	return out
}
