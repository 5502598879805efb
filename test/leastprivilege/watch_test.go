package leastprivilege

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/iampolicy"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// kindOf is the kind of object whose tags decide on an action, as the emulator's inventory calls it.
var kindOf = map[string]string{
	"application-autoscaling:DeregisterScalableTarget": "ScalableTarget",

	"autoscaling:DeleteAutoScalingGroup":      "AutoScalingGroup",
	"ec2:DeleteInternetGateway":               "InternetGateway",
	"ec2:DeleteLaunchTemplate":                "LaunchTemplate",
	"ec2:DeleteNatGateway":                    "NATGateway",
	"ec2:DeleteRouteTable":                    "RouteTable",
	"ec2:DeleteSecurityGroup":                 "SecurityGroup",
	"ec2:DeleteSubnet":                        "Subnet",
	"ec2:DeleteVpc":                           "VPC",
	"ec2:ReleaseAddress":                      "ElasticIP",
	"ecs:DeleteCapacityProvider":              "CapacityProvider",
	"ecs:DeleteCluster":                       "Cluster",
	"ecs:DeleteService":                       "Service",
	"elasticloadbalancing:DeleteRule":         "ListenerRule",
	"elasticloadbalancing:DeleteListener":     "Listener",
	"elasticloadbalancing:DeleteLoadBalancer": "LoadBalancer",
	"elasticloadbalancing:DeleteTargetGroup":  "TargetGroup",
	"elasticache:DeleteCacheParameterGroup":   "CacheParameterGroup",
	"elasticache:DeleteCacheSubnetGroup":      "CacheSubnetGroup",
	"elasticache:DeleteReplicationGroup":      "ReplicationGroup",
	"elasticache:DeleteServerlessCache":       "ServerlessCache",
	"elasticache:DeleteUser":                  "CacheUser",
	"elasticache:DeleteUserGroup":             "CacheUserGroup",
	"iam:AddRoleToInstanceProfile":            "InstanceProfile",
	"iam:AttachRolePolicy":                    "Role",
	"iam:DeleteInstanceProfile":               "InstanceProfile",
	"iam:DeleteRole":                          "Role",
	"iam:DeleteRolePermissionsBoundary":       "Role",
	"iam:DeleteRolePolicy":                    "Role",
	"iam:DetachRolePolicy":                    "Role",
	"iam:PutRolePermissionsBoundary":          "Role",
	"iam:PutRolePolicy":                       "Role",
	"iam:UpdateAssumeRolePolicy":              "Role",
	"lambda:DeleteFunction":                   "Function",
	"lambda:InvokeFunction":                   "Function",
	"lambda:UpdateFunctionCode":               "Function",
	"lambda:UpdateFunctionConfiguration":      "Function",
	"logs:DeleteLogGroup":                     "LogGroup",
	"secretsmanager:DeleteSecret":             "Secret",
	"secretsmanager:GetSecretValue":           "Secret",
	"secretsmanager:RestoreSecret":            "Secret",
	"servicediscovery:DeleteNamespace":        "HTTPNamespace",
}

// watch puts the policy between the operator and the emulator: every call that it doesn't allow, with
// the tags that its object has at that moment, fails the test. It notes the actions in seen.
func watch(t *testing.T, h *harness.Harness, seen map[string]bool) {
	t.Helper()
	policy := iampolicy.Policy("aws")
	last, told := 0, map[string]bool{}
	h.Transport = func(r *http.Request) (*http.Response, error) {
		h.Lock()
		defer h.Unlock()
		for _, c := range h.Emulator.Server.Calls(last) {
			last = c.Seq // somebody else's
		}
		before := h.Emulator.Server.Resources(true)
		answer, err := h.Emulator.Server.Do(r)
		for _, c := range h.Emulator.Server.Calls(last) {
			last = c.Seq
			if c.Service == "tagging" { // the name that it signs by
				c.Service = "tag"
			}
			action := iampolicy.ActionOf(c.Service, c.Action)
			if action == "" {
				continue
			}
			seen[action] = true
			if req := request(t, action, c, before); !policy.Allows(req) && !told[action] {
				told[action] = true
				t.Errorf("the policy doesn't allow %+v:\n%v", req, c.Params)
			}
		}
		return answer, err
	}
}

// request is what AWS would ask the policy about a call.
func request(t *testing.T, action string, c core.CallRecord, before []core.Resource) iampolicy.Request {
	t.Helper()
	r := iampolicy.Request{Action: action, Context: map[string]string{}}
	words := wordsOf(c.Params)
	if words[own.TagCluster] {
		r.Context[iampolicy.TagOnRequest] = "some"
	}
	for _, o := range before {
		if o.Kind != kindOf[action] || o.Account != emulator.Account || !words[o.ID] && !words[o.ARN] && !words[o.Name] {
			continue
		}
		if v, ok := o.Tags[own.TagCluster]; ok {
			r.Context[iampolicy.TagOnResource] = v
		}
	}
	if action == "ssm:GetParameter" {
		for w := range words {
			if strings.HasPrefix(w, "/") {
				r.Resource = "arn:aws:ssm:" + c.Region + "::parameter" + w
			}
		}
	}
	if c.Error != "" && kindOf[action] != "" && len(r.Context) == 0 && strings.Contains(c.Error, "NotFound") {
		r.Context[iampolicy.TagOnResource] = "gone" // AWS finds nothing whose tags it could ask for
	}
	return r
}

// wordsOf are all strings in the parameters of a call, keys excepted.
func wordsOf(params any) map[string]bool {
	out := map[string]bool{}
	b, err := json.Marshal(params)
	if err != nil {
		return out
	}
	var v any
	_ = json.Unmarshal(b, &v)
	var visit func(any)
	visit = func(v any) {
		switch v := v.(type) {
		case string:
			out[v] = true
		case []any:
			for _, x := range v {
				visit(x)
			}
		case map[string]any:
			for k, x := range v {
				if k == own.TagCluster { // maps of tags
					out[k] = true
				}
				visit(x)
			}
		}
	}
	visit(v)
	return out
}
