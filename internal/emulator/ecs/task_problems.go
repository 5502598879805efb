package ecs

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// roleProblem is why a task can't even be launched: a role that tasks can't assume.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
func (s *Service) roleProblem(d *deployment) string {
	for _, role := range []*string{d.spec.def.view.ExecutionRoleArn, d.spec.def.view.TaskRoleArn} {
		if role != nil && !s.deps.IAM.CanAssume(d.v.c.reg.Account, *role, "ecs-tasks.amazonaws.com", s.world.Clock.Now()) {
			return "ECS was unable to assume the role '" + *role + "' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role."
		}
	}
	return ""
}

// initProblem is why a task's resources can't be initialised: secrets and registry credentials
// that the execution role can't read or that aren't there.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html
func (s *Service) initProblem(t *task) string {
	for i := range t.def.view.ContainerDefinitions {
		c := &t.def.view.ContainerDefinitions[i]
		secrets := c.Secrets
		if c.LogConfiguration != nil {
			secrets = append(secrets[:len(secrets):len(secrets)], c.LogConfiguration.SecretOptions...)
		}
		if r := c.RepositoryCredentials; r != nil {
			value, problem := s.secret(t, *r.CredentialsParameter)
			if problem == "" && jsonKey(value, "username")*jsonKey(value, "password") == 0 {
				problem = "the secret " + *r.CredentialsParameter + " must have the keys username and password"
			}
			if problem != "" {
				return "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve registry auth from asm: service call has been retried 1 time(s): " + problem
			}
		}
		for _, secret := range secrets {
			arn, key := splitSecret(*secret.ValueFrom)
			if arn == "" {
				continue // a parameter of Systems Manager: taken as readable
			}
			value, problem := s.secret(t, arn)
			if problem == "" && key != "" && jsonKey(value, key) == 0 {
				problem = "retrieved secret from Secrets Manager did not contain json key " + key
			}
			if problem != "" {
				return "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): " + problem
			}
		}
	}
	return ""
}

// splitSecret splits arn:…:secret:name[:key[:stage[:version]]]; other references have no ARN.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
func splitSecret(ref string) (arn, key string) {
	f := strings.Split(ref, ":")
	if len(f) < 7 || f[2] != "secretsmanager" {
		return "", ""
	}
	if len(f) > 7 {
		key = f[7]
	}
	return strings.Join(f[:7], ":"), key
}

// secret reads a secret as the execution role; on Fargate from the task's own network interface.
func (s *Service) secret(t *task, arn string) (value, problem string) {
	if t.onFargate && !s.wayOut(t) {
		return "", "RequestCanceled: request context canceled caused by: context deadline exceeded. Please check your task network configuration."
	}
	role := aws.ToString(t.def.view.ExecutionRoleArn)
	if !s.deps.IAM.Allows(t.scope().Account, role, "secretsmanager:GetSecretValue", arn) {
		return "", "failed to fetch secret " + arn + " from secrets manager: AccessDeniedException: User: " + assumed(role, t.id) +
			" is not authorized to perform: secretsmanager:GetSecretValue on resource: " + arn + " because no identity-based policy allows the secretsmanager:GetSecretValue action"
	}
	value, ok := s.deps.Secrets.Value(t.scope(), arn)
	if !ok {
		return "", "failed to fetch secret " + arn + " from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret."
	}
	// Secrets Manager decrypts with the reader's rights.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
	problem = s.deps.Secrets.Decrypts(t.scope(), arn, func(key string) bool {
		return s.deps.IAM.Authorize(t.scope().Account, role, "kms:Decrypt", key, map[string]string{"kms:viaservice": "secretsmanager." + t.scope().Region + ".amazonaws.com"}).Allowed
	})
	if problem != "" {
		return "", "failed to fetch secret " + arn + " from secrets manager: " + problem
	}
	return value, ""
}

// assumed is the principal of a role's session.
func assumed(role, session string) string {
	role = strings.Replace(strings.Replace(role, ":iam:", ":sts:", 1), ":role/", ":assumed-role/", 1)
	return role + "/" + session
}

// jsonKey is 1 when a JSON object has the key.
func jsonKey(value, key string) int {
	var m map[string]any
	if json.Unmarshal([]byte(value), &m) != nil {
		return 0
	}
	if _, ok := m[key]; ok {
		return 1
	}
	return 0
}

// pullProblem is why an image can't be pulled. On Fargate the task's own subnet must have a way
// out; instances have proved theirs when they registered.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
func (s *Service) pullProblem(t *task) string {
	for _, c := range t.containers {
		image := *c.def.Image
		if c.rule.Behaviour == BehaviourNoPull {
			return fmt.Sprintf("CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref %s: %s: not found", image, image)
		}
		if t.onFargate && !s.wayOut(t) {
			return fmt.Sprintf("CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref %s: failed to do request: dial tcp: i/o timeout", image)
		}
	}
	return ""
}

// logProblem is why awslogs can't write: no log group, or a role that may not.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
func (s *Service) logProblem(t *task) string {
	for i := range t.def.view.ContainerDefinitions {
		l := t.def.view.ContainerDefinitions[i].LogConfiguration
		if l == nil || l.LogDriver != types.LogDriverAwslogs {
			continue
		}
		group := l.Options["awslogs-group"]
		scope := t.scope()
		scope.Region = l.Options["awslogs-region"]
		role := aws.ToString(t.def.view.ExecutionRoleArn)
		if t.instance != nil {
			role = s.instanceRole(t.scope(), t.instance.vm)
		}
		problem := ""
		switch {
		case !s.deps.IAM.Allows(scope.Account, role, "logs:CreateLogStream", scope.ARN("logs", "log-group:"+group+":log-stream:*")):
			problem = "AccessDeniedException: User: " + assumed(role, t.id) + " is not authorized to perform: logs:CreateLogStream"
		case !s.deps.Logs.GroupExists(scope, group):
			problem = "ResourceNotFoundException: The specified log group does not exist."
		}
		switch {
		case problem == "":
		case t.onFargate:
			return "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: " + problem + " : exit status 1"
		default:
			return "CannotStartContainerError: Error response from daemon: failed to create task for container: failed to initialize logging driver: failed to create Cloudwatch log stream: " + problem
		}
	}
	return ""
}

func digest(image string) string { return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(image))) }
