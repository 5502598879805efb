package parity

var identityRows = merged(map[string]row{
	`module.autoscaling["primary_provider"].aws_iam_role.this[0]`:                                                       {kind: "Role", node: "role/instance", show: showRole},
	`module.autoscaling["primary_provider"].aws_iam_instance_profile.this[0]`:                                           {kind: "InstanceProfile", node: "instance-profile/instance", show: showProfile, wires: fields{"role": "{role/instance}"}},
	`module.autoscaling["primary_provider"].aws_iam_role_policy_attachment.this["AmazonEC2ContainerServiceforEC2Role"]`: attached("instance"),
	"aws_iam_role_policy.ecs_instance_ssm_session_manager[0]":                                                           inline("instance", "session-manager"),
	"aws_iam_role_policy.ecs_instance_vpc_trunking_policy[0]":                                                           inline("instance", "vpc-trunking"),
	"aws_iam_policy.s3_access_policy":                                                                                   standalone("gateway-task", "log-store"),
	"aws_iam_policy.data_service_s3_access_policy":                                                                      standalone("data-service-task", "log-store"),
	"module.gateway.aws_iam_role.ecs_load_balancer_role[0]":                                                             {kind: "Role", node: "role/load-balancing", show: showRole},
	"module.gateway.aws_iam_role_policy_attachment.ecs_load_balancer_policy[0]":                                         attached("load-balancing"),
}, taskRoles("module.gateway", "gateway"), taskRoles("module.data_service[0]", "data-service"), taskRoles("module.redis[0]", "redis"))

// taskRoles are the roles of a service's tasks. Redis has no rights in either deployment.
func taskRoles(module, service string) map[string]row {
	out := map[string]row{
		".aws_iam_role.ecs_task_role":                               {kind: "Role", node: "role/" + service + "-task", show: showRole},
		".aws_iam_role.ecs_execution_role":                          {kind: "Role", node: "role/" + service + "-execution", show: showRole},
		".aws_iam_role_policy_attachment.ecs_execution_role_policy": attached(service + "-execution"),
	}
	if service != "redis" {
		out[".aws_iam_policy.secret_access_policy[0]"] = standalone(service+"-execution", "secrets")
		out[".aws_iam_role_policy_attachment.task_role_policy_attach[0]"] = carried(service+"-execution", "secrets")
		out[`.aws_iam_role_policy_attachment.task_role_policies["s3_access_policy_arn"]`] = carried(service+"-task", "log-store")
	}
	return inModule(module, out)
}

// showRole shows a role without its policies, which are resources of their own in Terraform.
func showRole(o *object) fields {
	return fields{
		"assume_role_policy": o.policy(o.Settings["trustPolicy"]), "description": o.at("description"),
		"max_session_duration": o.at("maxSessionDuration"), "path": o.at("path"), "permissions_boundary": o.at("permissionsBoundary"),
	}
}

func showProfile(o *object) fields { return fields{"path": o.at("path"), "role": o.at("role")} }

// attached is the attachment of one of AWS's policies.
func attached(role string) row {
	return row{kind: "Role", node: "role/" + role, wires: fields{"role": "{role/" + role + "}"}, show: func(o *object) fields {
		return fields{"role": o.all.labels.Replace(o.Name), "policy_arn": o.list("attachedPolicies")}
	}}
}

// inline is a policy of a role's own.
func inline(role, name string) row {
	return row{kind: "Role", node: "role/" + role, wires: fields{"role": "{role/" + role + "}"}, show: func(o *object) fields {
		return fields{"policy": document(o, name), "role": o.all.labels.Replace(o.Name)}
	}}
}

// standalone is a policy that Terraform makes an object of, and that is a role's own with us.
func standalone(role, name string) row {
	return row{kind: "Role", node: "role/" + role, show: func(o *object) fields { return fields{"policy": document(o, name)} }}
}

// carried is the attachment of such a policy to its role.
func carried(role, name string) row {
	return row{
		kind: "Role", node: "role/" + role, wires: fields{"role": "{role/" + role + "}", "policy_arn": "{policy " + name + "}"},
		show: func(o *object) fields {
			out := fields{"role": o.all.labels.Replace(o.Name)}
			if document(o, name) != "" {
				out["policy_arn"] = "{policy " + name + "}"
			}
			return out
		},
	}
}

func document(o *object, name string) string {
	policy := o.get("inlinePolicies." + name)
	if policy == nil {
		return ""
	}
	return o.policy(policy)
}

// policy prints a policy, with identifiers replaced by what they stand for.
func (o *object) policy(document any) string {
	if _, is := document.(string); !is {
		document = text(document)
	}
	return canonical(o.all.labels.Replace(document.(string)))
}
