package iam

import "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"

// Mux returns IAM's actions, https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
// AWS publishes no request rates; the throttling error is Throttling.
func (s *Service) Mux() *core.Mux {
	m := &core.Mux{Service: "iam", Protocol: core.Query, Namespace: "https://iam.amazonaws.com/doc/2010-05-08/", Global: true,
		Throttled: core.Error{Code: "Throttling", Message: "Rate exceeded"}}

	core.Handle(m, "CreateRole", s.createRole)
	core.Handle(m, "GetRole", s.getRole)
	core.Handle(m, "UpdateRole", s.updateRole)
	core.Handle(m, "UpdateRoleDescription", s.updateRoleDescription)
	core.Handle(m, "UpdateAssumeRolePolicy", s.updateAssumeRolePolicy)
	core.Handle(m, "DeleteRole", s.deleteRole)
	core.Handle(m, "ListRoles", s.listRoles)
	core.Handle(m, "TagRole", s.tagRole)
	core.Handle(m, "UntagRole", s.untagRole)
	core.Handle(m, "ListRoleTags", s.listRoleTags)
	core.Handle(m, "PutRolePermissionsBoundary", s.putBoundary)
	core.Handle(m, "DeleteRolePermissionsBoundary", s.deleteBoundary)
	core.Handle(m, "CreateServiceLinkedRole", s.createServiceLinkedRole)

	core.Handle(m, "PutRolePolicy", s.putRolePolicy)
	core.Handle(m, "GetRolePolicy", s.getRolePolicy)
	core.Handle(m, "DeleteRolePolicy", s.deleteRolePolicy)
	core.Handle(m, "ListRolePolicies", s.listRolePolicies)

	core.Handle(m, "CreatePolicy", s.createPolicy)
	core.Handle(m, "GetPolicy", s.getPolicy)
	core.Handle(m, "DeletePolicy", s.deletePolicy)
	core.Handle(m, "ListPolicies", s.listPolicies)
	core.Handle(m, "CreatePolicyVersion", s.createPolicyVersion)
	core.Handle(m, "GetPolicyVersion", s.getPolicyVersion)
	core.Handle(m, "DeletePolicyVersion", s.deletePolicyVersion)
	core.Handle(m, "SetDefaultPolicyVersion", s.setDefaultPolicyVersion)
	core.Handle(m, "ListPolicyVersions", s.listPolicyVersions)
	core.Handle(m, "TagPolicy", s.tagPolicy)
	core.Handle(m, "UntagPolicy", s.untagPolicy)
	core.Handle(m, "ListPolicyTags", s.listPolicyTags)
	core.Handle(m, "AttachRolePolicy", s.attachRolePolicy)
	core.Handle(m, "DetachRolePolicy", s.detachRolePolicy)
	core.Handle(m, "ListAttachedRolePolicies", s.listAttachedRolePolicies)
	core.Handle(m, "ListEntitiesForPolicy", s.listEntitiesForPolicy)

	core.Handle(m, "CreateInstanceProfile", s.createInstanceProfile)
	core.Handle(m, "GetInstanceProfile", s.getInstanceProfile)
	core.Handle(m, "DeleteInstanceProfile", s.deleteInstanceProfile)
	core.Handle(m, "ListInstanceProfiles", s.listInstanceProfiles)
	core.Handle(m, "ListInstanceProfilesForRole", s.listInstanceProfilesForRole)
	core.Handle(m, "AddRoleToInstanceProfile", s.addRoleToInstanceProfile)
	core.Handle(m, "RemoveRoleFromInstanceProfile", s.removeRoleFromInstanceProfile)
	core.Handle(m, "TagInstanceProfile", s.tagProfile)
	core.Handle(m, "UntagInstanceProfile", s.untagProfile)
	core.Handle(m, "ListInstanceProfileTags", s.listProfileTags)

	core.Handle(m, "GetAccountAuthorizationDetails", s.getAccountAuthorizationDetails)
	return m
}
