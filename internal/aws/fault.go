package aws

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path"
	"regexp"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// HeldError adds to a refused deletion what holds the object, for people.
type HeldError struct {
	// By names the holders.
	By string
	// Err is AWS's refusal.
	Err error
}

// Error implements error.
func (e *HeldError) Error() string { return e.Err.Error() + " (held by " + e.By + ")" }

// Unwrap gives AWS's refusal.
func (e *HeldError) Unwrap() error { return e.Err }

// NoCredentials reports whether an error means that nobody has given the operator credentials: the SDK
// has tried everything else, and asked EC2's instance metadata last.
func NoCredentials(err error) bool {
	var missing *CredentialsError
	return errors.As(err, &missing) && strings.HasPrefix(Classify(err).Action, "ec2imds:")
}

// Classify says what an error of the SDK, or of a kind, means: by the first row of the table that its
// service, operation, code and message match.
func Classify(err error) graph.Fault { return classify("", "", err) }

// classify is Classify for an error that doesn't carry its service and operation yet.
func classify(service, operation string, err error) graph.Fault {
	if err == nil {
		return graph.Fault{}
	}
	// The innermost operation is the one that failed: to get credentials, the SDK calls STS on
	// another operation's behalf.
	for e := err; ; {
		var op *smithy.OperationError
		if !errors.As(e, &op) {
			break
		}
		service, operation, e = op.ServiceID, op.OperationName, op.Err
	}
	f := graph.Fault{Class: graph.Unknown, Message: stable(err.Error())}
	var limited *LimitedError
	var incomplete *IncompleteError
	var api smithy.APIError
	switch {
	case errors.As(err, &limited):
		f.Class, f.Code = graph.Throttled, "HeldBack"
		service, operation = limited.Service, limited.Operation
	case errors.As(err, &incomplete): // whether the call did something is open
		f.Class, f.Message = graph.Transient, incomplete.Error()
	case errors.As(err, &api):
		f.Code, f.Message = api.ErrorCode(), stable(api.ErrorMessage())
		if r := find(service, operation, f.Code, api.ErrorMessage()); r != nil {
			f.Class = r.class
		} else {
			f.Class = unlisted(err, api)
		}
	default:
		f.Class = unanswered(err)
	}
	f.Action = actionOf(service, operation)
	if f.Class == graph.Denied {
		if a := missingAction(f.Code, f.Message); a != "" {
			f.Action = a
		}
	}
	var held *HeldError
	if errors.As(err, &held) {
		f.Message += " (held by " + held.By + ")"
	}
	return f
}

// find answers the first row that matches, or nil.
func find(service, operation, code, message string) *row {
	for i := range table {
		if table[i].matches(service, operation, code, message) {
			return &table[i]
		}
	}
	return nil
}

// row is one line of the table. An empty service or operation matches any; operation and code are
// patterns with "*", several of them separated by "|". Message is a fragment, matched without regard
// to case, only where AWS's code says too little.
type row struct {
	service, operation, code, message string
	class                             graph.Class
	why                               string
}

func (r row) matches(service, operation, code, message string) bool {
	return (r.service == "" || r.service == service) &&
		(r.operation == "" || anyOf(r.operation, operation)) &&
		anyOf(r.code, code) &&
		(r.message == "" || strings.Contains(strings.ToLower(message), strings.ToLower(r.message)))
}

func anyOf(patterns, s string) bool {
	for p := range strings.SplitSeq(patterns, "|") {
		if ok, err := path.Match(p, s); ok && err == nil {
			return true
		}
	}
	return false
}

// unlisted is the class of an answer whose code isn't in the table: as far as HTTP tells. A 404 is no
// proof of absence: it may be a proxy's, or another service's.
func unlisted(err error, api smithy.APIError) graph.Class {
	status := 0
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	switch {
	case status == http.StatusTooManyRequests:
		return graph.Throttled
	case status >= http.StatusInternalServerError || api.ErrorFault() == smithy.FaultServer:
		return graph.Transient
	case status == http.StatusForbidden || status == http.StatusUnauthorized:
		return graph.Denied
	default:
		return graph.Unknown
	}
}

// unanswered is the class of an error that isn't AWS's answer.
func unanswered(err error) graph.Class {
	var (
		cancelled *smithy.CanceledError
		sdkCancel *sdk.RequestCanceledError
		send      *smithyhttp.RequestSendError
		network   net.Error
		response  *smithyhttp.ResponseError
	)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &cancelled), errors.As(err, &sdkCancel), errors.As(err, &send), errors.As(err, &network):
		return graph.Transient
	case errors.As(err, &response) && response.HTTPStatusCode() >= http.StatusInternalServerError:
		return graph.Transient // an answer that isn't even AWS's: a proxy's page
	default:
		return graph.Unknown
	}
}

// What differs between two answers to the same call, and would make equal faults look different.
var (
	requestIDs     = regexp.MustCompile(`(?i)[\s,;(]*\b(aws\s+)?(request|host)[\s_-]?id(:\s*|\s+)[0-9a-z/+=_-]{8,}([,;]\s*proxy:\s*\w+)?\)?`)
	ephemeralPorts = regexp.MustCompile(`(\b(?:tcp|udp)[46]? [0-9a-fA-F.:\[\]]+):\d+->`)
	encodedBlobs   = regexp.MustCompile(`(?i)\s*encoded authorization failure message:\s*\S+`)
)

func stable(message string) string {
	message = ephemeralPorts.ReplaceAllString(encodedBlobs.ReplaceAllString(message, ""), "$1->")
	return strings.TrimSpace(requestIDs.ReplaceAllString(message, ""))
}

var notAuthorized = regexp.MustCompile(`not authorized to perform:?\s+([a-z0-9-]+:[A-Za-z0-9*]+)`)

// missingAction is the action that AWS says is missing: not always the called one (iam:PassRole,
// ec2:CreateTags).
func missingAction(code, message string) string {
	if code == "AuthFailure.ServiceLinkedRoleCreationNotPermitted" {
		return "iam:CreateServiceLinkedRole"
	}
	if m := notAuthorized.FindStringSubmatch(message); m != nil {
		return m[1]
	}
	return ""
}

// prefixes are IAM's names of the services, by the SDK's.
var prefixes = map[string]string{
	"ACM":                         "acm",
	"Application Auto Scaling":    "application-autoscaling",
	"Auto Scaling":                "autoscaling",
	"CloudWatch":                  "cloudwatch",
	"CloudWatch Logs":             "logs",
	"EC2":                         "ec2",
	"ECS":                         "ecs",
	"ElastiCache":                 "elasticache",
	"Elastic Load Balancing v2":   "elasticloadbalancing",
	"EventBridge":                 "events",
	"IAM":                         "iam",
	"Lambda":                      "lambda",
	"Resource Groups Tagging API": "tag",
	"Route 53":                    "route53",
	"S3":                          "s3",
	"SQS":                         "sqs",
	"SSM":                         "ssm",
	"STS":                         "sts",
	"Secrets Manager":             "secretsmanager",
	"ServiceDiscovery":            "servicediscovery",
}

// renamed are the operations whose IAM action has another name.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
var renamed = map[string]string{
	"lambda:Invoke":                      "lambda:InvokeFunction",
	"s3:DeleteBucketLifecycle":           "s3:PutLifecycleConfiguration",
	"s3:GetBucketEncryption":             "s3:GetEncryptionConfiguration",
	"s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
	"s3:GetPublicAccessBlock":            "s3:GetBucketPublicAccessBlock",
	"s3:HeadBucket":                      "s3:ListBucket",
	"s3:HeadObject":                      "s3:GetObject",
	"s3:ListObjectsV2":                   "s3:ListBucket",
	"s3:PutBucketEncryption":             "s3:PutEncryptionConfiguration",
	"s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
	"s3:PutPublicAccessBlock":            "s3:PutBucketPublicAccessBlock",
}

// actionOf is the IAM action of a call, as "elasticloadbalancing:CreateRule".
func actionOf(service, operation string) string {
	if service == "" || operation == "" {
		return ""
	}
	prefix, ok := prefixes[service]
	if !ok {
		prefix = strings.ToLower(strings.ReplaceAll(service, " ", ""))
	}
	action := prefix + ":" + operation
	if a, ok := renamed[action]; ok {
		return a
	}
	return action
}
