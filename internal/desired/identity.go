package desired

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// statement and document print as IAM policies.
type statement struct {
	Sid       string                       `json:",omitempty"`
	Effect    string                       //
	Principal map[string]string            `json:",omitempty"`
	Action    []string                     //
	Resource  []string                     `json:",omitempty"`
	Condition map[string]map[string]string `json:",omitempty"`
}

// policy returns a policy document.
func policy(statements ...statement) graph.Value {
	doc, err := json.Marshal(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", statements})
	if err != nil { // plain strings
		panic(err)
	}
	return graph.Lit(string(doc))
}

func allow(resources []string, actions ...string) statement {
	return statement{Effect: "Allow", Action: actions, Resource: resources}
}

// policyOn allows actions on resources of which some may be known only after they are made.
func policyOn(resources []graph.Value, actions ...string) graph.Value {
	texts := make([]string, len(resources))
	var made []graph.Value
	for i, r := range resources {
		if texts[i] = strings.ReplaceAll(r.String(), "%", "%%"); !r.Known() {
			texts[i], made = "%s", append(made, r)
		}
	}
	doc := policy(allow(texts, actions...))
	if len(made) == 0 {
		return graph.Lit(strings.ReplaceAll(doc.String(), "%%", "%"))
	}
	return graph.Format(doc.String(), made...)
}

// trustTasks lets the ECS tasks of this account and region take a role, and nobody else's: the
// conditions keep ECS from being used as a deputy by another account
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html).
func (b *builder) trustTasks() graph.Value {
	return policy(statement{
		Effect: "Allow", Principal: map[string]string{"Service": "ecs-tasks.amazonaws.com"}, Action: []string{"sts:AssumeRole"},
		Condition: map[string]map[string]string{
			"ArnLike":      {"aws:SourceArn": b.arn("ecs", b.facts.Region, b.facts.Account, "*")},
			"StringEquals": {"aws:SourceAccount": b.facts.Account},
		},
	})
}

// trustECS lets ECS itself take a role, to work on a service.
func trustECS() graph.Value {
	return policy(statement{Effect: "Allow", Principal: map[string]string{"Service": "ecs.amazonaws.com"}, Action: []string{"sts:AssumeRole"}})
}

// trustInstances lets EC2 instances take a role.
func (b *builder) trustInstances() graph.Value {
	service := "ec2.amazonaws.com"
	if b.facts.Partition == "aws-cn" {
		service += ".cn"
	}
	return policy(statement{Sid: "EC2AssumeRole", Effect: "Allow", Principal: map[string]string{"Service": service}, Action: []string{"sts:AssumeRole"}})
}

// awsManaged is the ARN of one of AWS's own policies.
func (b *builder) awsManaged(name string) graph.Value {
	return graph.Lit(b.arn("iam", "", "aws", "policy/"+name))
}

// role adds an IAM role, within the boundary that the manager has for roles, and answers its node.
func (b *builder) role(id graph.NodeID, suffix string, spec kinds.RoleSpec) *graph.Node {
	spec.PermissionsBoundary = b.facts.PermissionsBoundary
	return add(b, v1alpha1.ConditionIdentityReady, id, b.nameWithin(suffix, limitRole), kinds.Role{}, spec)
}

// taskRoles are the two roles of a service's tasks, and since when they are as they are.
type taskRoles struct {
	task, execution graph.Value
	since           []graph.Value
}

// taskRoles adds the role that a service's containers act as, and the one that ECS acts as to start
// them: it reads exactly the secrets that the service names. Until a rollout is through both keep what they allowed
// before.
func (b *builder) taskRoles(service string, policyARNs []string, inline map[string]graph.Value, secrets []graph.Value) taskRoles {
	task := b.role(graph.NodeID("role/"+service+"-task"), service+"-task", kinds.RoleSpec{
		Description: "The containers of the Portkey " + service, Trust: b.trustTasks(),
		ManagedPolicies: graph.Lits(policyARNs...), Inline: inline, Moving: b.facts.Moving[service],
	})
	execution := kinds.RoleSpec{
		Description: "ECS, to start the tasks of the Portkey " + service, Trust: b.trustTasks(),
		ManagedPolicies: []graph.Value{b.awsManaged("service-role/AmazonECSTaskExecutionRolePolicy")}, Moving: b.facts.Moving[service],
	}
	if len(secrets) > 0 {
		execution.Inline = map[string]graph.Value{"secrets": policyOn(secrets,
			"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds")}
	}
	b.decryptSecrets(&execution, secrets)
	exec := b.role(graph.NodeID("role/"+service+"-execution"), service+"-execution", execution)
	return taskRoles{
		task: graph.Out(task.ID, "arn"), execution: graph.Out(exec.ID, "arn"),
		since: []graph.Value{graph.Out(task.ID, "since"), graph.Out(exec.ID, "since")},
	}
}

// keyPolicy names the policy of the key that encrypts the operator's copies, and begins the names of those of the keys
// that encrypt the user's own secrets, which end in what stands for the key.
const keyPolicy = "secrets-key"

// decryptSecrets lets a role decrypt the secrets that it reads, where a customer managed key encrypts them: with AWS's
// own whoever reads them decrypts them. What a role has stays while nobody can tell which key a secret has.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
func (b *builder) decryptSecrets(role *kinds.RoleSpec, secrets []graph.Value) {
	copies := b.kmsKey()
	if !slices.ContainsFunc(secrets, func(v graph.Value) bool { return !v.Known() }) {
		copies = ""
	}
	if copies != "" {
		role.Inline[keyPolicy] = b.decrypt(copies)
	}
	for _, v := range secrets {
		if !v.Known() {
			continue
		}
		if slices.Contains(b.facts.UnknownKeys, v.String()) {
			role.Kept = keyPolicy + "-"
		}
		if key := b.facts.SecretKeys[v.String()]; key != "" && key != copies {
			role.Inline[keyPolicyOf(key)] = b.decrypt(key)
		}
	}
	for _, key := range b.facts.Rekeyed {
		role.News = append(role.News, keyPolicyOf(key))
	}
}

func keyPolicyOf(key string) string { return keyPolicy + "-" + own.Digest(key)[:8] }

// decrypt lets a role decrypt with a key what it reads from Secrets Manager, and nothing else.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
func (b *builder) decrypt(key string) graph.Value {
	s := allow([]string{key}, "kms:Decrypt")
	// In China the service's name ends otherwise.
	s.Condition = map[string]map[string]string{"StringLike": {"kms:ViaService": "secretsmanager." + b.facts.Region + ".*"}}
	return policy(s)
}

// taskPolicies are what the containers of Portkey's own services may do, by name.
func taskPolicies(cache cache, buckets graph.Value, exec bool) map[string]graph.Value {
	out := map[string]graph.Value{"log-store": buckets}
	maps.Copy(out, cache.inline)
	if exec {
		out["exec"] = execPolicy()
	}
	return out
}

// execPolicy lets ECS Exec open its channels
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html#ecs-exec-required-iam-permissions).
func execPolicy() graph.Value {
	return policy(allow([]string{"*"}, "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
		"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"))
}
