package s3

import (
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/iam"
)

// AcceptsLogs makes the test write that Elastic Load Balancing makes when access logs are switched
// on, and reports whether the bucket takes it: it is in the load balancer's region, its policy lets
// the log delivery service write, and an Application Load Balancer finds no key of KMS,
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html and
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html
func (s *Service) AcceptsLogs(scope core.Scope, name, prefix, loadBalancerType string) bool {
	b := s.buckets[name]
	if b == nil || b.region != scope.Region {
		return false
	}
	key := "AWSLogs/" + scope.Account + "/ELBAccessLogTestFile"
	if prefix != "" {
		key = strings.Trim(prefix, "/") + "/" + key
	}
	context := map[string]string{"aws:sourceaccount": scope.Account, "s3:x-amz-acl": "bucket-owner-full-control"}
	service := map[string][]string{"Service": {"logdelivery.elasticloadbalancing.amazonaws.com"}, "AWS": regionalAccounts(scope)}
	if loadBalancerType == "network" {
		service = map[string][]string{"Service": {"delivery.logs.amazonaws.com"}}
		if !iam.ResourcePolicyAllows(b.documents["policy"], service, "s3:GetBucketAcl", b.arn(), context) {
			return false
		}
	} else if strings.Contains(b.documents["encryption"], "aws:kms") {
		return false
	}
	if !iam.ResourcePolicyAllows(b.documents["policy"], service, "s3:PutObject", b.arn()+"/"+key, context) {
		return false
	}
	b.store(key, []byte("Enable AccessLog for ELB\n"), s.w.Clock.Now())
	return true
}

// regionalAccounts are Elastic Load Balancing's own accounts, which older policies name,
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
func regionalAccounts(scope core.Scope) []string {
	id := map[string]string{
		"us-east-1": "127311923021", "us-east-2": "033677994240", "us-west-1": "027434742980", "us-west-2": "797873946194",
		"eu-west-1": "156460612806", "eu-central-1": "054676820928", "ap-southeast-1": "114774131450", "ap-northeast-1": "582318560864",
	}[scope.Region]
	if id == "" {
		return nil
	}
	return []string{id, "arn:" + scope.Partition() + ":iam::" + id + ":root"}
}
