// Package strangers proves that clients which know nothing of us find a deployed gateway in the emulated
// AWS, as they would in AWS: every read that Terraform's AWS provider makes of such a deployment is
// served over HTTP, and says what is there. The AWS CLI makes the same calls.
package strangers

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"go.uber.org/goleak"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stranger is somebody with a key for the account and the address of AWS.
type stranger struct {
	*testing.T
	cfg sdk.Config
	h   *harness.Harness
	key types.NamespacedName
}

// read is a call with what must be seen in its answer.
type read func(*stranger)

// reads are the reads by service, as the call log names it.
var reads = map[string]map[string]read{
	"application-autoscaling": scalingReads, "autoscaling": autoscalingReads, "ec2": ec2Reads, "ecs": ecsReads, "elasticloadbalancing": elbReads, "iam": iamReads,
	"logs": logsReads, "servicediscovery": discoveryReads, "ssm": ssmReads, "sts": stsReads,
}

// terraform are the reads that Terraform's AWS provider makes to apply, compare and destroy a deployment.
var terraform = map[string]string{
	"application-autoscaling": "DescribeScalableTargets DescribeScalingPolicies ListTagsForResource",
	"autoscaling":             "DescribeAutoScalingGroups DescribeScalingActivities",
	"ec2": `DescribeAddresses DescribeAddressesAttribute DescribeAvailabilityZones DescribeInternetGateways DescribeLaunchTemplateVersions
		DescribeLaunchTemplates DescribeNatGateways DescribeNetworkAcls DescribeNetworkInterfaces DescribeRouteTables DescribeSecurityGroupRules
		DescribeSecurityGroups DescribeSubnets DescribeVpcAttribute DescribeVpcs`,
	"ecs": "DescribeCapacityProviders DescribeClusters DescribeServices DescribeTaskDefinition",
	"elasticloadbalancing": `DescribeCapacityReservation DescribeListenerAttributes DescribeListeners DescribeLoadBalancerAttributes DescribeLoadBalancers
		DescribeRules DescribeTags DescribeTargetGroupAttributes DescribeTargetGroups`,
	"iam": `GetInstanceProfile GetPolicy GetPolicyVersion GetRole GetRolePolicy ListAttachedRolePolicies ListInstanceProfilesForRole
		ListPolicyVersions ListRolePolicies`,
	"logs":             "DescribeLogGroups ListTagsForResource",
	"servicediscovery": "GetNamespace GetOperation ListNamespaces ListTagsForResource",
	"ssm":              "GetParameter",
	"sts":              "GetCallerIdentity",
}

func TestEveryReadOfTerraformIsMade(t *testing.T) {
	for service, actions := range terraform {
		for action := range strings.FieldsSeq(actions) {
			if reads[service][action] == nil {
				t.Errorf("nothing here reads %s:%s", service, action)
			}
		}
	}
}

// TestReads makes every read once.
func TestReads(t *testing.T) {
	h := harness.New()
	key := h.Create(h.Minimal("gw"))
	if err := h.Until(key, time.Hour, "Ready", harness.Ready); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h.Emulator)
	defer server.Close()
	// A connection for each read, since nothing is tried again: the end of one read's context may close its connection
	// under the next.
	each := server.Client()
	each.Transport.(*http.Transport).DisableKeepAlives = true
	cfg := sdk.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL, HTTPClient: each, Retryer: func() sdk.Retryer { return sdk.NopRetryer{} },
		Credentials: credentials.NewStaticCredentialsProvider(emulator.AccessKeyID, "any", ""),
	}
	for _, service := range slices.Sorted(maps.Keys(reads)) {
		for _, action := range slices.Sorted(maps.Keys(reads[service])) {
			t.Run(service+"/"+action, func(t *testing.T) {
				before := h.Emulator.Server.Calls(0)
				reads[service][action](&stranger{t, cfg, h, key})
				for _, c := range h.Emulator.Server.Calls(before[len(before)-1].Seq) {
					if c.Service == service && c.Action == action && c.Status == 200 {
						return
					}
				}
				t.Errorf("%s wasn't called, or refused", action)
			})
		}
	}
}

// id and name are those of the gateway's object, as its status tells them.
func (s *stranger) id(node string) string {
	for _, r := range s.h.Get(s.key).Status.Resources {
		if r.Node == node {
			return r.ID
		}
	}
	panic("status doesn't list " + node)
}

func (s *stranger) name(node string) string {
	for _, r := range s.h.Get(s.key).Status.Resources {
		if r.Node == node {
			return r.Name
		}
	}
	panic("status doesn't list " + node)
}

// must is for calls that AWS serves.
func must[T any](out T, err error) func(*stranger) T {
	return func(s *stranger) T {
		s.Helper()
		if err != nil {
			s.Fatal(err)
		}
		return out
	}
}

// see checks what the answer says, printed with a space between the parts.
func (s *stranger) see(want string, parts ...any) {
	s.Helper()
	printed := make([]string, len(parts))
	for i, p := range parts {
		printed[i] = show(p)
	}
	if got := strings.Join(printed, " "); got != want {
		s.Errorf("got  %s\nwant %s", got, want)
	}
}

func show(p any) string {
	switch v := p.(type) {
	case *string:
		return sdk.ToString(v)
	case *int32:
		if v == nil {
			return "-"
		}
		return fmt.Sprint(*v)
	case *bool:
		if v == nil {
			return "-"
		}
		return fmt.Sprint(*v)
	default:
		return fmt.Sprint(v)
	}
}
