// Package iampolicy derives the IAM policy of the operator's role from what the operator can call at
// all: the methods of the narrow interfaces in internal/aws. A method that nobody lists there can't
// be called, so the policy needs no more than the actions of these methods and what AWS documents
// that they depend on.
package iampolicy

import (
	"fmt"
	"reflect"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
)

// prefixes are the service prefixes of IAM actions by the fields of aws.Clients.
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
var prefixes = map[string]string{
	"EC2":     "ec2",
	"ECS":     "ecs",
	"ELB":     "elasticloadbalancing",
	"Cache":   "elasticache",
	"IAM":     "iam",
	"KMS":     "kms",
	"ASG":     "autoscaling",
	"Logs":    "logs",
	"Lambda":  "lambda",
	"SD":      "servicediscovery",
	"SSM":     "ssm",
	"STS":     "sts",
	"Secrets": "secretsmanager",
	"S3":      "s3",
	"Tagging": "tag",
	"ACM":     "acm",
	"WAF":     "wafv2",
	"Route53": "route53",
	"Alarms":  "cloudwatch",

	"AppScaling": "application-autoscaling",
}

// renamed are the methods whose action isn't service:Operation; empty where none is needed.
var renamed = map[string]string{
	// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
	"s3:HeadBucket": "s3:ListBucket",
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
	"s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
	"s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
	// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
	"lambda:Invoke": "lambda:InvokeFunction",
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
	"sqs:DeleteMessageBatch": "sqs:DeleteMessage",
	// Nobody can be denied it, not even by an explicit Deny, so a policy had better not mention it.
	// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
	"sts:GetCallerIdentity": "",
}

// Method is something that the operator can call.
type Method struct {
	// Service is the prefix of the service's actions, and Operation the method's name.
	Service, Operation string
	// Action is the IAM action that allows it; empty where it needs none.
	Action string
}

// Methods lists everything that the operator can call.
func Methods() []Method {
	var out []Method
	clients := reflect.TypeFor[aws.Clients]()
	for i := range clients.NumField() {
		f := clients.Field(i)
		prefix, ok := prefixes[f.Name]
		if !ok || f.Type.Kind() != reflect.Interface {
			panic(fmt.Sprintf("aws.Clients.%s: give it a service prefix here, and an interface as its type", f.Name))
		}
		out = append(out, methodsOf(prefix, f.Type)...)
	}
	return append(out, methodsOf("sqs", reflect.TypeFor[aws.SQS]())...)
}

func methodsOf(prefix string, client reflect.Type) []Method {
	var out []Method
	for i := range client.NumMethod() {
		m := Method{Service: prefix, Operation: client.Method(i).Name}
		m.Action = ActionOf(m.Service, m.Operation)
		out = append(out, m)
	}
	return out
}

// ActionOf is the IAM action that allows an operation; empty where it needs none.
func ActionOf(service, operation string) string {
	name := service + ":" + operation
	if action, ok := renamed[name]; ok {
		return action
	}
	return name
}
