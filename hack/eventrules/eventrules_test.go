package eventrules

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/eventbridge"
)

func read(t *testing.T) *Template {
	t.Helper()
	x, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func terraform(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "config", "aws", "events.tf"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func decode(t *testing.T, b []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return v
}

// TestTerraformAndCloudFormationSayTheSame compares the event patterns, and what else is written twice.
func TestTerraformAndCloudFormationSayTheSame(t *testing.T) {
	tf, patterns := terraform(t), read(t).Patterns()
	found := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?s)(\w+)\s+= <<-JSON\n(.*?)\n\s*JSON\n`).FindAllStringSubmatch(tf, -1) {
		found[m[1]] = true
		if patterns[m[1]] == nil {
			t.Errorf("CloudFormation has no rule %s", m[1])
			continue
		}
		if have, want := decode(t, []byte(m[2])), decode(t, patterns[m[1]]); !reflect.DeepEqual(have, want) {
			t.Errorf("%s: Terraform has %v, CloudFormation %v", m[1], have, want)
		}
	}
	for name := range patterns {
		if !found[name] {
			t.Errorf("Terraform has no rule %s", name)
		}
	}
	q, err := read(t).Queue()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"` + q.Name + `"`, "maxReceiveCount = 5", "message_retention_seconds  = 3600", "visibility_timeout_seconds = 30", "sqs_managed_sse_enabled    = true", "1209600"} {
		if !strings.Contains(tf, want) {
			t.Errorf("Terraform doesn't say %s", want)
		}
	}
	if q.Retention != time.Hour || q.Visibility != 30*time.Second || q.MaxReceives != 5 {
		t.Errorf("CloudFormation's queue is %+v", q)
	}
}

type policy struct {
	Statement []struct {
		Sid, Effect       string
		Action, Principal any
		Resource          map[string][]string
		Condition         map[string]map[string]any
	}
}

// TestTheQueueTakesFromItsRulesOnly: all of them, no others, and nothing unencrypted.
func TestTheQueueTakesFromItsRulesOnly(t *testing.T) {
	x := read(t)
	var p policy
	if err := json.Unmarshal(x.Resources["QueuePolicy"].Properties["PolicyDocument"], &p); err != nil {
		t.Fatal(err)
	}
	if len(p.Statement) != 2 {
		t.Fatalf("%d statements", len(p.Statement))
	}
	s := p.Statement[0]
	var from []string
	for _, ref := range s.Condition["ArnEquals"]["aws:SourceArn"].([]any) {
		from = append(from, ref.(map[string]any)["Fn::GetAtt"].([]any)[0].(string))
	}
	slices.Sort(from)
	if want := slices.Sorted(maps.Keys(x.Patterns())); s.Effect != "Allow" || s.Action != any("sqs:SendMessage") || !slices.Equal(from, want) ||
		!reflect.DeepEqual(s.Principal, map[string]any{"Service": "events.amazonaws.com"}) {
		t.Errorf("the queue takes %+v, want messages of %v", s, want)
	}
	if d := p.Statement[1]; d.Effect != "Deny" || d.Condition["Bool"]["aws:SecureTransport"] != any("false") {
		t.Errorf("unencrypted requests are answered: %+v", d)
	}
	for name := range x.Patterns() {
		var targets []struct {
			Arn map[string][]string
		}
		if err := json.Unmarshal(x.Resources[name].Properties["Targets"], &targets); err != nil || len(targets) != 1 || targets[0].Arn["Fn::GetAtt"][0] != "Queue" {
			t.Errorf("%s sends to %v %v", name, targets, err)
		}
	}
	for _, q := range []string{"Queue", "DeadLetters"} {
		if string(x.Resources[q].Properties["SqsManagedSseEnabled"]) != "true" {
			t.Errorf("%s isn't encrypted", q)
		}
	}
}

// TestTheManagerGetsWhatItUses: the calls of its interface, on this queue, and no more.
func TestTheManagerGetsWhatItUses(t *testing.T) {
	var p policy
	if err := json.Unmarshal(read(t).Resources["ManagerPolicy"].Properties["PolicyDocument"], &p); err != nil {
		t.Fatal(err)
	}
	var used []any
	calls := reflect.TypeFor[aws.SQS]()
	for i := range calls.NumMethod() {
		// One permission is for a deletion and for a batch of them.
		// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
		used = append(used, "sqs:"+strings.TrimSuffix(calls.Method(i).Name, "Batch"))
	}
	if len(p.Statement) != 1 || !reflect.DeepEqual(p.Statement[0].Action, any(used)) || !reflect.DeepEqual(p.Statement[0].Resource, map[string][]string{"Fn::GetAtt": {"Queue", "Arn"}}) {
		t.Errorf("the manager may %+v, and uses %v", p.Statement, used)
	}
	if want := `Action   = ["sqs:DeleteMessage", "sqs:ReceiveMessage"]`; !strings.Contains(terraform(t), want) {
		t.Errorf("Terraform doesn't say %s", want)
	}
}

// TestPatternsSelect tries the shipped patterns with events as AWS documents them.
func TestPatternsSelect(t *testing.T) {
	call := func(source, identity, more string) string {
		return `{"source":"` + source + `","detail-type":"AWS API Call via CloudTrail","detail":{"userIdentity":{"type":"` + identity + `"},"readOnly":false` + more + `}}`
	}
	for _, c := range []struct {
		why, event string
		rules      []string
	}{
		{"somebody's call", call("aws.ec2", "IAMUser", ""), []string{"Calls"}},
		{"a role's", call("aws.elasticloadbalancing", "AssumedRole", ""), []string{"Calls"}},
		{"one that was refused", call("aws.iam", "IAMUser", `,"errorCode":"AccessDenied"`), nil},
		{"a service's own", call("aws.autoscaling", "AWSService", ""), nil},
		{"of another service", call("aws.lambda", "IAMUser", ""), nil},
		{"a task that runs", `{"source":"aws.ecs","detail-type":"ECS Task State Change","detail":{"lastStatus":"RUNNING","group":"service:x"}}`, nil},
		{"one that has stopped", `{"source":"aws.ecs","detail-type":"ECS Task State Change","detail":{"lastStatus":"STOPPED","group":"service:x"}}`, []string{"Tasks"}},
		{"of no service", `{"source":"aws.ecs","detail-type":"ECS Task State Change","detail":{"lastStatus":"STOPPED","group":"family:x"}}`, nil},
		{"a steady service", `{"source":"aws.ecs","detail-type":"ECS Service Action","detail":{"eventType":"INFO","eventName":"SERVICE_STEADY_STATE"}}`, nil},
		{"one that can't", `{"source":"aws.ecs","detail-type":"ECS Service Action","detail":{"eventType":"ERROR","eventName":"SERVICE_TASK_PLACEMENT_FAILURE"}}`, []string{"Services"}},
		{"a deployment", `{"source":"aws.ecs","detail-type":"ECS Deployment State Change","detail":{"eventType":"INFO"}}`, []string{"Deployments"}},
		{"somebody else's, who calls himself so", `{"source":"acme","detail-type":"ECS Deployment State Change","detail":{}}`, nil},
	} {
		var got []string
		for name, pattern := range read(t).Patterns() {
			p, err := eventbridge.ParsePattern(pattern)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if p.MatchesJSON([]byte(c.event)) {
				got = append(got, name)
			}
		}
		if !slices.Equal(got, c.rules) {
			t.Errorf("%s goes through %v, want %v", c.why, got, c.rules)
		}
	}
}

// TestCallsArrive makes a call to each service in an emulated AWS and finds its event in the queue, with what is
// needed of it.
func TestCallsArrive(t *testing.T) {
	e := emulator.New(emulator.Options{})
	e.Seed("us-east-1")
	e.SetTrailDelay(time.Minute)
	url, err := Deploy(e, "us-east-1")
	if err != nil {
		t.Fatal(err)
	}
	cfg := sdk.Config{Region: "us-east-1", HTTPClient: e.Server, BaseEndpoint: sdk.String("http://aws.invalid"), Retryer: func() sdk.Retryer { return sdk.NopRetryer{} },
		Credentials: credentials.NewStaticCredentialsProvider(emulator.AccessKeyID, "secret", "")}
	queue, err := aws.NewFactory(cfg, time.Now).Queue(url)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	vpc, err := ec2.NewFromConfig(cfg).CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: sdk.String("10.1.0.0/16")})
	if err != nil {
		t.Fatal(err)
	}
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	for _, c := range []struct {
		name string
		call func() error
		// mentions are what the event must mention.
		mentions []string
	}{
		{"DeleteTags", func() error {
			_, err := ec2.NewFromConfig(cfg).DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{*vpc.Vpc.VpcId}})
			return err
		}, []string{`"eventName":"DeleteTags"`, `"resourcesSet":{"items":[{"resourceId":"` + *vpc.Vpc.VpcId + `"}]}`, `"source":"aws.ec2"`}},
		{"CreateRole", func() error {
			_, err := iam.NewFromConfig(cfg).CreateRole(ctx, &iam.CreateRoleInput{RoleName: sdk.String("r"), AssumeRolePolicyDocument: &trust})
			return err
		}, []string{`"roleName":"r"`, `"arn":"arn:aws:iam::123456789012:role/r"`, `"region":"us-east-1"`, `"readOnly":false`}},
		{"CreateCluster", func() error {
			_, err := ecs.NewFromConfig(cfg).CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: sdk.String("c"), Settings: []ecstypes.ClusterSetting{{Name: "containerInsights", Value: sdk.String("disabled")}}})
			return err
		}, []string{`"clusterName":"c"`, `"clusterArn":"arn:aws:ecs:us-east-1:123456789012:cluster/c"`, `"settings":[{"name":"containerInsights","value":"disabled"}]`}},
		{"CreateTargetGroup", func() error {
			_, err := elbv2.NewFromConfig(cfg).CreateTargetGroup(ctx, &elbv2.CreateTargetGroupInput{Name: sdk.String("tg"), Protocol: elbtypes.ProtocolEnumHttp, Port: sdk.Int32(80), VpcId: vpc.Vpc.VpcId, TargetType: elbtypes.TargetTypeEnumIp})
			return err
		}, []string{`"targetGroups":[{`, `"targetGroupArn":"arn:aws:elasticloadbalancing:`, `"userName":"admin"`, `"arn":"arn:aws:iam::123456789012:user/admin"`}},
		{"nothing of what only reads, or is refused", func() error {
			_, err := ec2.NewFromConfig(cfg).DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
			_, refused := autoscaling.NewFromConfig(cfg).DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: sdk.String("none")})
			if refused == nil {
				t.Error("the group exists")
			}
			return err
		}, nil},
	} {
		e.Advance(time.Minute) // what came before is out of the way
		drain(t, e, url, queue)
		if err := c.call(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		e.Advance(59 * time.Second)
		if n := e.Waiting(url); n > 0 {
			t.Errorf("%s arrives before its time", c.name)
		}
		e.Advance(time.Second)
		bodies := drain(t, e, url, queue)
		if (len(bodies) == 1) != (c.mentions != nil) {
			t.Errorf("%s: %d events", c.name, len(bodies))
		}
		for _, want := range c.mentions {
			if !strings.Contains(strings.Join(bodies, "\n"), want) {
				t.Errorf("%s lacks %s: %s", c.name, want, bodies)
			}
		}
	}
}
