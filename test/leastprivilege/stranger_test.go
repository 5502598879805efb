package leastprivilege

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/iampolicy"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// operatorKey is the operator's where the harness is somebody else.
const operatorKey = "AKIAOPERATOR00000000"

// nobodysKey acts in a role without any policy.
const nobodysKey = "AKIANOBODY0000000000"

// The prefix of our tags, and one of the same length that a stranger has.
var ourPrefix, theirPrefix = []byte("ecs.portkey.ai"), []byte("ecs.example.cc")

// TestStrangersAreSafe lets a stranger lead the lives of gateways, with objects like ours whose tags aren't ours, and
// asks before each of its changes whether the operator's whole policy would let the operator make it: on that
// object, and, where it tags, with our own tags. IAM must refuse all but what docs/security.md lists.
func TestStrangersAreSafe(t *testing.T) {
	harness.Unraced(t)
	s := stranger{asked: map[string]bool{}, open: map[string]bool{}}
	documents := map[string]iampolicy.Document{}
	for i, d := range iampolicy.Whole(iampolicy.Options{Partition: "aws"}) {
		documents[fmt.Sprintf("whole-%d", i+1)] = d
	}
	bind := func(t *testing.T, h *harness.Harness, _ ...string) {
		t.Helper()
		bindTo(t, h, operatorKey, documents)
		h.Emulator.World.Lock()
		h.Emulator.World.AddKey(nobodysKey, core.Principal{Account: emulator.Account, ARN: "nobody", RoleARN: "arn:aws:iam::" + emulator.Account + ":role/nobody"})
		h.Emulator.World.Unlock()
		h.Transport = func(r *http.Request) (*http.Response, error) { return s.send(t, h, r) }
	}
	t.Run("edits and drift", func(t *testing.T) { life(t, bind) })
	t.Run("caches", func(t *testing.T) { cacheLife(t, bind) })
	t.Run("copies of Secrets", func(t *testing.T) { secretsLife(t, bind) })
	t.Run("load balancer, web ACL and bucket", func(t *testing.T) { balancedLife(t, bind) })
	t.Run("names", func(t *testing.T) { namedLife(t, bind) })
	t.Run("PrivateLink", func(t *testing.T) { inboundLife(t, bind) })
	t.Run("endpoints", func(t *testing.T) { privateLife(t, bind) })
	t.Run("probes", func(t *testing.T) { probedLife(t, bind) })
	t.Run("instances", func(t *testing.T) { movingLife(t, bind) })
	if t.Failed() {
		return
	}
	told := untied(t)
	for _, action := range slices.Sorted(maps.Keys(s.open)) {
		if !slices.Contains(told, action) {
			t.Errorf("the policy lets the operator %s of a stranger's: add a condition, or say in docs/security.md why there is none", action)
		}
	}
	for _, action := range told {
		if !s.open[action] {
			t.Errorf("docs/security.md says that the policy can't limit %s to what is ours, but it does (asked: %t)", action, s.asked[action])
		}
	}
	for _, d := range documents {
		for _, st := range d.Statement {
			for _, action := range st.Action {
				if !s.asked[action] && writes(action) && !dependent[action] {
					t.Errorf("no stranger's %s was ever tried", action)
				}
			}
		}
	}
}

// dependent are actions that nobody calls here: AWS checks them with what is called.
var dependent = map[string]bool{
	"cloudwatch:DeleteAlarms": true, "cloudwatch:PutMetricAlarm": true, "ec2:CreateVpcEndpoint": true, "ec2:RunInstances": true,
	"elasticloadbalancing:SetWebAcl": true, "iam:CreateServiceLinkedRole": true, "iam:PassRole": true, "s3:TagResource": true, "vpce:AllowMultiRegion": true,
	"kms:Decrypt": true, "kms:Encrypt": true, "kms:GenerateDataKey": true,
	"route53:AssociateVPCWithHostedZone": true,
	// And those that the operator calls only where it repairs what was done to roles.
	"ec2:DescribeAccountAttributes": true,
}

func writes(action string) bool {
	_, operation, _ := strings.Cut(action, ":")
	return !core.CallRecord{Action: operation}.ReadOnly() || operation == "GetSecretValue"
}

// untied are the actions of the table in docs/security.md.
func untied(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(b), "## What IAM can't limit")
	if !ok {
		t.Fatal("docs/security.md has no section What IAM can't limit")
	}
	text, _, _ = strings.Cut(text, "\n## ")
	var out []string
	for _, line := range strings.Split(text, "\n") {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			out = append(out, regexp.MustCompile("[a-z0-9-]+:[A-Z][A-Za-z]+").FindAllString(cells[1], -1)...)
		}
	}
	return out
}

// stranger is somebody whose gateways look like ours.
type stranger struct{ asked, open map[string]bool }

var action = regexp.MustCompile(`to perform: ([a-z0-9-]+:[A-Za-z]+) on resource`)

// send sends a request of the stranger's, after asking whether the operator might.
func (s stranger) send(t *testing.T, h *harness.Harness, r *http.Request) (*http.Response, error) {
	var ours []byte
	if r.Body != nil {
		var err error
		if ours, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	theirs := bytes.ReplaceAll(ours, ourPrefix, theirPrefix)
	h.Lock()
	name := s.nameOf(h, r, theirs)
	if name != "" && writes(name) {
		s.asked[name] = true
		if s.allowed(h, r, theirs) || (tags(name) || inside[name]) && (s.allowed(h, r, ours) || s.allowed(h, r, seizing(r, ours))) {
			s.open[name] = true
		}
	}
	h.Unlock()
	r.Body = io.NopCloser(bytes.NewReader(ours))
	return disguised(h, r)
}

// disguised sends a request with a stranger's tags for ours, and answers with ours for a stranger's.
func disguised(h *harness.Harness, r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(b, ourPrefix, theirPrefix)))
	}
	out, err := h.Emulator.Server.Do(r)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(out.Body)
	if err != nil {
		return nil, err
	}
	out.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(b, theirPrefix, ourPrefix)))
	return out, nil
}

// tags reports whether an action puts tags on what is there.
func tags(action string) bool {
	_, operation, _ := strings.Cut(action, ":")
	return strings.HasPrefix(operation, "Tag") || strings.HasPrefix(operation, "AddTags") || operation == "CreateTags" || operation == "CreateOrUpdateTags"
}

// inside are creations in or of what a stranger has: our tags must be no way in.
var inside = map[string]bool{
	"ec2:AuthorizeSecurityGroupEgress": true, "ec2:AuthorizeSecurityGroupIngress": true, "ec2:CreateNatGateway": true, "ec2:CreateRouteTable": true,
	"ec2:CreateSecurityGroup": true, "ec2:CreateSubnet": true, "ec2:CreateVpcEndpoint": true, "elasticloadbalancing:CreateListener": true, "elasticloadbalancing:CreateRule": true,
	"elasticache:CreateReplicationGroup": true, "elasticache:CreateUserGroup": true,
}

// seizing is a request that sets the ownership tag in place of a user's.
func seizing(r *http.Request, body []byte) []byte {
	tag := own.TagCluster
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		tag = url.QueryEscape(tag)
	}
	return bytes.ReplaceAll(bytes.ReplaceAll(body, []byte("team"), []byte(tag)), []byte("stage"), []byte(tag))
}

// allowed asks the operator's policy.
func (stranger) allowed(h *harness.Harness, r *http.Request, body []byte) bool {
	return h.Emulator.Server.Authorized(as(r, operatorKey), body) == nil
}

// nameOf is the action that a request needs, as somebody without any right is told; nothing for a request about what
// isn't there.
func (stranger) nameOf(h *harness.Harness, r *http.Request, body []byte) string {
	var e *core.Error
	if m := []string(nil); errors.As(h.Emulator.Server.Authorized(as(r, nobodysKey), body), &e) {
		if m = action.FindStringSubmatch(e.Message); m != nil {
			return m[1]
		}
	}
	return ""
}

// as signs a request with another key.
func as(r *http.Request, key string) *http.Request {
	out := r.Clone(r.Context())
	out.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), emulator.AccessKeyID, key, 1))
	return out
}
