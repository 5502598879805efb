package authorization

import (
	"encoding/json"
	"maps"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// dependent is what AWS checks with the caller's rights, or does in the caller's name, beside what it was
// asked for.
type dependent struct {
	of     []string
	checks func(*request) []check
}

var dependents = []dependent{
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
	passes("ecs-tasks.amazonaws.com", "ecs:RegisterTaskDefinition"),
	passes("ecs.amazonaws.com", "ecs:CreateService", "ecs:UpdateService"),
	passes("lambda.amazonaws.com", "lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"),
	passes("ec2.amazonaws.com", "iam:AddRoleToInstanceProfile"),
	// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
	{[]string{"autoscaling:CreateAutoScalingGroup", "autoscaling:UpdateAutoScalingGroup"}, launches},
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html
	{[]string{"ecs:CreateCapacityProvider"}, func(q *request) []check {
		marked := *q
		marked.tags = map[string]string{"AmazonECSManaged": "true"}
		return marked.decide("autoscaling:CreateOrUpdateTags", reference["autoscaling:CreateOrUpdateTags"])
	}},
	// https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html
	{[]string{"application-autoscaling:RegisterScalableTarget"}, func(q *request) []check {
		return append(q.decide("ecs:DescribeServices", nil), q.decide("ecs:UpdateService", q.scaled())...)
	}},
	also("cloudwatch:DescribeAlarms", nil, "application-autoscaling:PutScalingPolicy", "application-autoscaling:DeleteScalingPolicy"),
	also("cloudwatch:PutMetricAlarm", []target{made("cloudwatch:alarm")}, "application-autoscaling:PutScalingPolicy"),
	also("cloudwatch:DeleteAlarms", []target{made("cloudwatch:alarm")}, "application-autoscaling:DeleteScalingPolicy", "application-autoscaling:DeregisterScalableTarget"),
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-permissions.html
	also("ec2:DescribeAccountAttributes", nil, "elasticloadbalancing:CreateLoadBalancer"),
	also("ec2:GetSecurityGroupsForVpc", nil, "elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:SetSecurityGroups", "lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"),
	also("ec2:DescribeSecurityGroups", nil, "lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"),
	also("ec2:DescribeSubnets", nil, "lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"),
	also("ec2:DescribeVpcs", nil, "lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"),
	// https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
	also("lambda:ListTags", []target{on("lambda:function")}, "lambda:GetFunction"),
	// https://docs.aws.amazon.com/waf/latest/developerguide/security_iam_service-with-iam.html
	also("elasticloadbalancing:SetWebAcl", []target{on("wafv2:loadbalancer")}, "wafv2:AssociateWebACL", "wafv2:DisassociateWebACL"),
	// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonElastiCacheFullAccess.html
	{[]string{"elasticache:CreateServerlessCache"}, endpoint},
	{[]string{"ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint"}, zoned},
	{[]string{"ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint", "ec2:DeleteVpcEndpoints"}, crossRegion},
	{[]string{"ec2:CreateVpcEndpointServiceConfiguration", "ec2:ModifyVpcEndpointServiceConfiguration"}, offeredElsewhere},

	// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
	{[]string{"secretsmanager:CreateSecret", "secretsmanager:PutSecretValue"}, encrypts("kms:GenerateDataKey", "kms:Decrypt")},
	{[]string{"secretsmanager:UpdateSecret"}, encrypts("kms:GenerateDataKey", "kms:Decrypt", "kms:Encrypt")},
	{[]string{"secretsmanager:GetSecretValue"}, encrypts("kms:Decrypt")},

	linked("ecs.amazonaws.com", "ecs:CreateCluster", "ecs:CreateService"),
	linked("elasticloadbalancing.amazonaws.com", "elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup"),
	linked("autoscaling.amazonaws.com", "autoscaling:CreateAutoScalingGroup"),
	linked("ecs.application-autoscaling.amazonaws.com", "application-autoscaling:RegisterScalableTarget"),
	linked("elasticache.amazonaws.com", "elasticache:CreateReplicationGroup", "elasticache:CreateServerlessCache"),
}

// also needs another action, on what the request names.
func also(action string, targets []target, of ...string) dependent {
	return dependent{of, func(q *request) []check { return q.decide(action, targets) }}
}

// passes needs iam:PassRole for every role that the request names.
func passes(service string, of ...string) dependent {
	return dependent{of, func(q *request) []check {
		var out []check
		for _, r := range q.named("iam:role") {
			out = append(out, pass(r.ARN, q.principal(service)))
		}
		return out
	}}
}

func pass(role, service string) check {
	return check{"iam:PassRole", role, map[string]string{"iam:passedtoservice": service}}
}

// principal is what a service is called in the request's partition; only EC2 has another name in China.
func (q *request) principal(service string) string {
	if service == "ec2.amazonaws.com" && (core.Scope{Region: q.SigningRegion}).Partition() == "aws-cn" {
		return service + ".cn"
	}
	return service
}

// linked needs to make a service's role, where it was never used.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/create-service-linked-role.html
func linked(service string, of ...string) dependent {
	return dependent{of, func(q *request) []check {
		if q.a.iam.HasServiceLinkedRole(q.Account, service) {
			return nil
		}
		account, _, _ := strings.Cut(q.arnOf("iam:role"), ":role/")
		return []check{{"iam:CreateServiceLinkedRole", account + ":role/aws-service-role/" + service + "/*", map[string]string{"iam:awsservicename": service}}}
	}}
}

// launches is what a launch from the group's template would need: the template, what it names, and what it
// makes with the tags that it gives, and the role of its instance profile.
func launches(q *request) []check {
	var out []check
	for _, template := range q.named("ec2:launch-template") {
		in := *q
		in.words, in.tags = map[string]bool{}, map[string]string{}
		in.readTemplate(template)
		for _, k := range []string{"ec2:image", "ec2:instance", "ec2:network-interface", "ec2:volume"} {
			c := check{"ec2:RunInstances", in.arnOf(k), in.keys("ec2:RunInstances", nil, k != "ec2:image")}
			c.context["ec2:launchtemplate"] = template.ARN
			out = append(out, c)
			if len(in.tags) > 0 && k != "ec2:image" {
				tag := check{"ec2:CreateTags", in.arnOf(k), in.keys("ec2:CreateTags", nil, true)}
				tag.context["ec2:createaction"] = "RunInstances"
				out = append(out, tag)
			}
		}
		for _, c := range append(in.decide("ec2:RunInstances", []target{on("ec2:security-group")}), q.decide("ec2:RunInstances", []target{on("ec2:launch-template"), on("ec2:subnet")})...) {
			c.context["ec2:launchtemplate"] = template.ARN
			out = append(out, c)
		}
		for _, p := range in.named("iam:instance-profile") {
			if info, ok := q.a.iam.InstanceProfile(q.Account, p.ARN); ok && info.RoleName != "" {
				if role, ok := q.a.iam.Role(q.Account, info.RoleName); ok {
					out = append(out, pass(role.ARN, q.principal("ec2.amazonaws.com")))
				}
			}
		}
	}
	return out
}

// readTemplate takes what a launch template's versions say of instances.
func (q *request) readTemplate(template core.Resource) {
	b, err := json.Marshal(template.Settings)
	if err != nil {
		return
	}
	var v any
	_ = json.Unmarshal(b, &v)
	q.visit(v)
	for k, tag := range template.Tags { // the operator's templates give their instances what they carry
		if q.words[k] && q.words[tag] {
			q.tags[k] = tag
		}
	}
}

// endpoint is what ElastiCache makes in the caller's name for a serverless cache.
func endpoint(q *request) []check {
	const service = "com.amazonaws.elasticache.serverless"
	key := map[string]string{"ec2:vpceservicename": service + "." + q.SigningRegion}
	tag := q.keys("ec2:CreateTags", nil, false)
	tag["ec2:createaction"], tag["aws:requesttag/amazonelasticachemanaged"] = "CreateVpcEndpoint", "true"
	out := []check{{"ec2:CreateVpcEndpoint", q.arnOf("ec2:vpc-endpoint"), key}, {"ec2:CreateTags", q.arnOf("ec2:vpc-endpoint"), tag}}
	return append(out, q.decide("ec2:CreateVpcEndpoint", []target{on("ec2:subnet"), on("ec2:security-group")})...)
}

// encrypts is what Secrets Manager does in the caller's name with the customer managed key that the request names, and
// with the one that the secret has.
func encrypts(actions ...string) func(*request) []check {
	return func(q *request) []check {
		keys := []string{q.params["KmsKeyId"]}
		for _, x := range q.named("secretsmanager:secret") {
			if key, _ := x.Settings["kmsKeyId"].(string); key != keys[0] {
				keys = append(keys, key)
			}
		}
		var out []check
		for _, key := range keys {
			if !strings.Contains(key, ":key/") {
				continue // AWS's own serves everybody in the account
			}
			for _, action := range actions {
				out = append(out, check{action, key, map[string]string{"kms:viaservice": "secretsmanager." + q.SigningRegion + ".amazonaws.com"}})
			}
		}
		return out
	}
}

// tagging are the actions that tags at creation need. Amazon EC2, Amazon ECS and Elastic Load Balancing tell
// what creates; the others don't.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
var tagging = map[string]struct{ action, key string }{
	"acm":                     {"acm:AddTagsToCertificate", ""},
	"application-autoscaling": {"application-autoscaling:TagResource", ""},
	"autoscaling":             {"autoscaling:CreateOrUpdateTags", ""},
	"ec2":                     {"ec2:CreateTags", "ec2:createaction"},
	"ecs":                     {"ecs:TagResource", "ecs:createaction"},
	"elasticache":             {"elasticache:AddTagsToResource", ""},
	"elasticloadbalancing":    {"elasticloadbalancing:AddTags", "elasticloadbalancing:createaction"},
	"iam":                     {"iam:TagRole", ""},
	"lambda":                  {"lambda:TagResource", ""},
	"logs":                    {"logs:TagResource", ""},
	"s3":                      {"s3:TagResource", ""},
	"secretsmanager":          {"secretsmanager:TagResource", ""},
	"servicediscovery":        {"servicediscovery:TagResource", ""},
}

// madeBy are the resources of creations that are decided on something else.
var madeBy = map[string]string{
	"elasticloadbalancing:CreateListener": "elasticloadbalancing:listener", "elasticloadbalancing:CreateRule": "elasticloadbalancing:listener-rule",
	"servicediscovery:CreateHttpNamespace": "servicediscovery:namespace",
}

// tagging are the checks of the tags that a creation gives.
func (q *request) tagging() []check {
	service, operation, _ := strings.Cut(q.action, ":")
	t, ok := tagging[service]
	if !ok || len(q.tags) == 0 {
		return nil
	}
	var kind string
	for _, x := range reference[q.action] {
		if x.made || x.either {
			kind = x.kind
		}
	}
	if k, ok := madeBy[q.action]; ok {
		kind = k
	}
	if kind == "" {
		return nil
	}
	action := t.action
	if kind == "iam:instance-profile" {
		action = "iam:TagInstanceProfile"
	}
	keys := q.keys(action, nil, true)
	if t.key != "" {
		keys[t.key] = operation
	}
	return []check{{action, q.arnOf(kind), keys}}
}

// scaled is the ECS service that a scalable target is about.
func (q *request) scaled() []target {
	if _, name, ok := strings.Cut(q.params["ResourceId"], "/"); ok {
		cluster, service, _ := strings.Cut(name, "/")
		q.words[core.Scope{Account: q.Account, Region: q.SigningRegion}.ARN("ecs", "service/"+cluster+"/"+service)] = true
	}
	return []target{on("ecs:service")}
}

// extra are the condition keys of an action beside tags.
func (q *request) extra(action string) map[string]string {
	out := map[string]string{}
	add := func(key, value string) {
		if value != "" {
			out[key] = value
		}
	}
	switch service, operation, _ := strings.Cut(action, ":"); service {
	case "route53":
		maps.Copy(out, q.recordKeys())
	case "iam":
		if operation == "AttachRolePolicy" || operation == "DetachRolePolicy" {
			add("iam:policyarn", q.params["PolicyArn"])
		}
		if bound := q.params["PermissionsBoundary"]; bound != "" {
			add("iam:permissionsboundary", bound)
		} else if name := q.params["RoleName"]; name != "" {
			add("iam:permissionsboundary", q.a.iam.PermissionsBoundary(q.Account, name))
		}
	case "secretsmanager":
		add("secretsmanager:versionstage", q.params["VersionStage"])
		add("secretsmanager:versionid", q.params["VersionId"])
	case "application-autoscaling":
		add("application-autoscaling:service-namespace", q.params["ServiceNamespace"])
		add("application-autoscaling:scalable-dimension", q.params["ScalableDimension"])
	}
	return out
}
