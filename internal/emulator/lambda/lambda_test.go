package lambda_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdkec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	sdkiam "github.com/aws/aws-sdk-go-v2/service/iam"
	api "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/iam"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/lambda"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/logs"
)

const account = "123456789012"

// rig is AWS Lambda with the real EC2, IAM and CloudWatch Logs beside it: a VPC of two subnets, two
// groups, and an execution role.
type rig struct {
	*testing.T
	*api.Client
	ec2     *sdkec2.Client
	iam     *sdkiam.Client
	s       *lambda.Service
	server  *core.Server
	subnets []string
	group   string
	other   string
	role    string
	// says is what functions answer.
	says string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	w := core.NewWorld(core.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	w.AddKey("AKIATEST", core.AccountRoot(account))
	network, roles, groups := ec2.New(w), iam.New(w), logs.New(w)
	r := &rig{T: t, s: lambda.New(w, lambda.Deps{EC2: network, IAM: roles, Logs: groups}), server: core.NewServer(w)}
	r.s.SetAnswer(func(string) ([]byte, bool) { return []byte(r.says), r.says != "" })
	for _, m := range []*core.Mux{network.Mux(), roles.Mux(), groups.Mux(), r.s.Mux()} {
		r.server.Register(m)
	}
	c := aws.Config{Region: "us-east-1", BaseEndpoint: aws.String("http://emulator.test"), HTTPClient: r.server,
		Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret", ""), Retryer: func() aws.Retryer { return aws.NopRetryer{} }}
	r.Client, r.ec2, r.iam = api.NewFromConfig(c), sdkec2.NewFromConfig(c), sdkiam.NewFromConfig(c)
	ctx := t.Context()
	vpc := must(r.ec2.CreateVpc(ctx, &sdkec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")}))(t).Vpc.VpcId
	r.server.Advance(time.Minute)
	for i, zone := range []string{"a", "b"} {
		r.subnets = append(r.subnets, *must(r.ec2.CreateSubnet(ctx, &sdkec2.CreateSubnetInput{VpcId: vpc, AvailabilityZone: aws.String("us-east-1" + zone), CidrBlock: aws.String(fmt.Sprintf("10.0.%d.0/24", i))}))(t).Subnet.SubnetId)
	}
	for name, id := range map[string]*string{"probe": &r.group, "other": &r.other} {
		*id = *must(r.ec2.CreateSecurityGroup(ctx, &sdkec2.CreateSecurityGroupInput{VpcId: vpc, GroupName: &name, Description: &name}))(t).GroupId
	}
	r.role = r.newRole("probe", "lambda.amazonaws.com")
	r.allow("probe", "ec2:*NetworkInterface*")
	r.server.Advance(time.Minute)
	return r
}

func (r *rig) newRole(name, service string) string {
	return *must(r.iam.CreateRole(r.Context(), &sdkiam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}]}`)}))(r.T).Role.Arn
}

func (r *rig) allow(role, action string) {
	must(r.iam.PutRolePolicy(r.Context(), &sdkiam.PutRolePolicyInput{RoleName: &role, PolicyName: aws.String("p"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + action + `","Resource":"*"}]}`)}))(r.T)
}

func must[T any](out T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// refused checks the code of an error, and a part of its message.
func refused[T any](t testing.TB, why, code, part string) func(T, error) {
	return func(_ T, err error) {
		t.Helper()
		var e smithy.APIError
		if !errors.As(err, &e) || e.ErrorCode() != code || !strings.Contains(e.ErrorMessage(), part) {
			t.Fatalf("%s: %v, want %s with %q", why, err, code, part)
		}
	}
}

func archive(text string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, _ := z.Create("handler.py")
	_, _ = f.Write([]byte(text))
	_ = z.Close()
	return b.Bytes()
}

// request is one that AWS takes.
func (r *rig) request(name string, change ...func(*api.CreateFunctionInput)) *api.CreateFunctionInput {
	in := &api.CreateFunctionInput{FunctionName: &name, Role: &r.role, Runtime: types.RuntimePython313, Handler: aws.String("handler.handle"), Timeout: aws.Int32(30),
		Architectures: []types.Architecture{types.ArchitectureArm64}, Code: &types.FunctionCode{ZipFile: archive("1")}, Tags: map[string]string{"owner": "me"},
		Environment: &types.Environment{Variables: map[string]string{"URL": "http://x"}}}
	for _, f := range change {
		f(in)
	}
	return in
}

func (r *rig) inVPC(groups ...string) func(*api.CreateFunctionInput) {
	return func(in *api.CreateFunctionInput) {
		in.VpcConfig = &types.VpcConfig{SubnetIds: r.subnets, SecurityGroupIds: groups}
	}
}

func (r *rig) get(name string) *api.GetFunctionOutput {
	r.Helper()
	return must(r.GetFunction(r.Context(), &api.GetFunctionInput{FunctionName: &name}))(r.T)
}

// state asserts state and status of the last update.
func (r *rig) state(why, name string, state types.State, update types.LastUpdateStatus) {
	r.Helper()
	if c := r.get(name).Configuration; c.State != state || c.LastUpdateStatus != update {
		r.Fatalf("%s: %s %s (%s), want %s %s", why, c.State, c.LastUpdateStatus, aws.ToString(c.LastUpdateStatusReason), state, update)
	}
}

func TestLife(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	made := must(r.CreateFunction(ctx, r.request("f")))(t)
	sum := sha256.Sum256(archive("1"))
	if made.State != types.StatePending || made.StateReasonCode != types.StateReasonCodeCreating || *made.CodeSha256 != base64.StdEncoding.EncodeToString(sum[:]) || *made.FunctionArn != "arn:aws:lambda:us-east-1:"+account+":function:f" || *made.LoggingConfig.LogGroup != "/aws/lambda/f" {
		t.Fatalf("%+v", made)
	}
	refused[*api.CreateFunctionOutput](t, "twice", "ResourceConflictException", "already exist")(r.CreateFunction(ctx, r.request("f")))
	code := &api.UpdateFunctionCodeInput{FunctionName: aws.String("f"), ZipFile: archive("2")}
	refused[*api.UpdateFunctionCodeOutput](t, "pending", "ResourceConflictException", "Pending")(r.UpdateFunctionCode(ctx, code))
	refused[*api.InvokeOutput](t, "pending", "ResourceConflictException", "Pending")(r.Invoke(ctx, &api.InvokeInput{FunctionName: aws.String("f")}))
	r.server.Advance(5 * time.Second)
	r.state("made", "f", types.StateActive, types.LastUpdateStatusSuccessful)

	if out := must(r.UpdateFunctionCode(ctx, code))(t); out.State != types.StateActive || out.LastUpdateStatus != types.LastUpdateStatusInProgress || *out.CodeSha256 == *made.CodeSha256 {
		t.Fatalf("%+v", out)
	}
	refused[*api.TagResourceOutput](t, "updating", "ResourceConflictException", "An update is in progress")(r.TagResource(ctx, &api.TagResourceInput{Resource: made.FunctionArn, Tags: map[string]string{"a": "1"}}))
	configuration := &api.UpdateFunctionConfigurationInput{FunctionName: made.FunctionArn, Environment: &types.Environment{Variables: map[string]string{"URL": "http://y", "MORE": "1"}}, Timeout: aws.Int32(60)}
	refused[*api.UpdateFunctionConfigurationOutput](t, "updating", "ResourceConflictException", "An update is in progress for resource: "+*made.FunctionArn)(r.UpdateFunctionConfiguration(ctx, configuration))
	r.server.Advance(5 * time.Second)
	must(r.UpdateFunctionConfiguration(ctx, configuration))(t)
	r.server.Advance(5 * time.Second)
	c := r.get("f").Configuration
	if *c.Timeout != 60 || c.Environment.Variables["URL"] != "http://y" || *c.Handler != "handler.handle" || c.Architectures[0] != types.ArchitectureArm64 {
		t.Fatalf("%+v", c)
	}
	configuration.RevisionId = made.RevisionId
	refused[*api.UpdateFunctionConfigurationOutput](t, "stale", "PreconditionFailedException", "Revision")(r.UpdateFunctionConfiguration(ctx, configuration))

	must(r.DeleteFunction(ctx, &api.DeleteFunctionInput{FunctionName: aws.String("f")}))(t)
	refused[*api.GetFunctionConfigurationOutput](t, "gone", "ResourceNotFoundException", "Function not found: "+*made.FunctionArn)(r.GetFunctionConfiguration(ctx, &api.GetFunctionConfigurationInput{FunctionName: aws.String("f")}))
	refused[*api.DeleteFunctionOutput](t, "gone", "ResourceNotFoundException", "f")(r.DeleteFunction(ctx, &api.DeleteFunctionInput{FunctionName: aws.String("f")}))
}

func TestRefused(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	fresh, stranger := r.newRole("fresh", "lambda.amazonaws.com"), r.newRole("stranger", "ec2.amazonaws.com")
	const invalid = "InvalidParameterValueException"
	for _, c := range []struct {
		why, code, part string
		change          func(*api.CreateFunctionInput)
	}{
		{"a role that is new", invalid, "cannot be assumed by Lambda", func(in *api.CreateFunctionInput) { in.Role = &fresh }},
		{"a role of another service", invalid, "cannot be assumed by Lambda", func(in *api.CreateFunctionInput) { in.Role = &stranger }},
		{"no role", "ValidationException", "role", func(in *api.CreateFunctionInput) { in.Role = aws.String("me") }},
		{"a name", "ValidationException", "functionName", func(in *api.CreateFunctionInput) { in.FunctionName = aws.String("a b") }},
		{"a long name", "ValidationException", "functionName", func(in *api.CreateFunctionInput) { in.FunctionName = aws.String(strings.Repeat("a", 65)) }},
		{"no archive", invalid, "unzip", func(in *api.CreateFunctionInput) { in.Code.ZipFile = []byte("text") }},
		{"S3", invalid, "S3Bucket", func(in *api.CreateFunctionInput) { in.Code = &types.FunctionCode{S3Bucket: aws.String("b")} }},
		{"layers", invalid, "Layers", func(in *api.CreateFunctionInput) { in.Layers = []string{"l"} }},
		{"runtime", invalid, "enum value set", func(in *api.CreateFunctionInput) { in.Runtime = "python9.9" }},
		{"no runtime", invalid, "mandatory", func(in *api.CreateFunctionInput) { in.Runtime = "" }},
		{"memory", invalid, "MemorySize", func(in *api.CreateFunctionInput) { in.MemorySize = aws.Int32(64) }},
		{"timeout", invalid, "Timeout", func(in *api.CreateFunctionInput) { in.Timeout = aws.Int32(901) }},
		{"reserved name", invalid, "reserved keys", func(in *api.CreateFunctionInput) { in.Environment.Variables["AWS_REGION"] = "x" }},
		{"size of the environment", invalid, "4KB", func(in *api.CreateFunctionInput) { in.Environment.Variables["LONG"] = strings.Repeat("x", 5000) }},
		{"tags", invalid, "aws:", func(in *api.CreateFunctionInput) { in.Tags = map[string]string{"aws:x": "1"} }},
		{"half a network", invalid, "must coexist", func(in *api.CreateFunctionInput) { in.VpcConfig = &types.VpcConfig{SubnetIds: r.subnets} }},
		{"subnet", invalid, "InvalidSubnetID.NotFound", func(in *api.CreateFunctionInput) {
			in.VpcConfig = &types.VpcConfig{SubnetIds: []string{"subnet-1"}, SecurityGroupIds: []string{r.group}}
		}},
		{"group", invalid, "InvalidGroup.NotFound", r.inVPC("sg-1")},
		{"rights for a network", invalid, "CreateNetworkInterface", func(in *api.CreateFunctionInput) {
			in.Role = aws.String(r.newRole("poor", "lambda.amazonaws.com"))
			r.server.Advance(time.Minute)
			r.inVPC(r.group)(in)
		}},
	} {
		r.server.Advance(time.Second) // AWS takes 15 requests in that
		refused[*api.CreateFunctionOutput](t, c.why, c.code, c.part)(r.CreateFunction(ctx, r.request("f", c.change)))
	}
	refused[*api.GetFunctionOutput](t, "qualifier", invalid, "Qualifier")(r.GetFunction(ctx, &api.GetFunctionInput{FunctionName: aws.String("f"), Qualifier: aws.String("1")}))
	refused[*api.ListAliasesOutput](t, "another action", "UnknownOperationException", "aliases")(r.ListAliases(ctx, &api.ListAliasesInput{FunctionName: aws.String("f")}))
	h, _ := http.NewRequestWithContext(ctx, http.MethodPost, "http://emulator.test/2015-03-31/functions", strings.NewReader(`{"Colour":"red"}`))
	h.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/lambda/aws4_request")
	out, err := r.server.Do(h)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Body.Close(); err != nil || out.StatusCode != 400 || out.Header.Get("x-amzn-ErrorType") != "InvalidRequestContentException" {
		t.Errorf("an unknown member: %+v", out)
	}
}

// interfaces are those of Lambda in the VPC.
func (r *rig) interfaces() int {
	r.Helper()
	out := must(r.ec2.DescribeNetworkInterfaces(r.Context(), &sdkec2.DescribeNetworkInterfacesInput{}))(r.T)
	n := 0
	for _, e := range out.NetworkInterfaces {
		if e.InterfaceType == "lambda" && *e.RequesterManaged {
			n++
		}
	}
	return n
}

// TestInterfaces: functions share them, they come with the first and go some time after the last, and hold
// back the group until then.
func TestInterfaces(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	must(r.CreateFunction(ctx, r.request("a", r.inVPC(r.group))))(t)
	r.server.Advance(30 * time.Second)
	r.state("waits for its interfaces", "a", types.StatePending, types.LastUpdateStatusInProgress)
	r.server.Advance(2 * time.Minute)
	r.state("has them", "a", types.StateActive, types.LastUpdateStatusSuccessful)
	must(r.CreateFunction(ctx, r.request("b", r.inVPC(r.group))))(t)
	r.server.Advance(5 * time.Second)
	r.state("has them at once", "b", types.StateActive, types.LastUpdateStatusSuccessful)
	if n := r.interfaces(); n != 2 || len(r.s.Interfaces("arn:aws:lambda:us-east-1:"+account+":function:b")) != 2 {
		t.Fatalf("%d interfaces", n)
	}
	remove := func() error {
		_, err := r.ec2.DeleteSecurityGroup(ctx, &sdkec2.DeleteSecurityGroupInput{GroupId: &r.group})
		return err
	}
	must(r.DeleteFunction(ctx, &api.DeleteFunctionInput{FunctionName: aws.String("a")}))(t)
	r.server.Advance(time.Hour)
	if n := r.interfaces(); n != 2 {
		t.Fatalf("%d interfaces while one function uses them", n)
	}
	must(r.UpdateFunctionConfiguration(ctx, &api.UpdateFunctionConfigurationInput{FunctionName: aws.String("b"), VpcConfig: &types.VpcConfig{SubnetIds: r.subnets[:1], SecurityGroupIds: []string{r.other}}}))(t)
	r.server.Advance(5 * time.Minute)
	r.state("moved", "b", types.StateActive, types.LastUpdateStatusSuccessful)
	if n := r.interfaces(); n != 3 {
		t.Fatalf("%d interfaces after the move", n)
	}
	refused[int](t, "its interfaces are there", "DependencyViolation", r.group)(0, remove())
	r.server.Advance(20 * time.Minute)
	if err := remove(); err != nil || r.interfaces() != 1 {
		t.Fatalf("%v, %d interfaces", err, r.interfaces())
	}
	// Out of the VPC, and then gone without its role: nobody deletes what was its interface.
	must(r.DeleteFunction(ctx, &api.DeleteFunctionInput{FunctionName: aws.String("b")}))(t)
	must(r.iam.DeleteRolePolicy(ctx, &sdkiam.DeleteRolePolicyInput{RoleName: aws.String("probe"), PolicyName: aws.String("p")}))(t)
	must(r.iam.DeleteRole(ctx, &sdkiam.DeleteRoleInput{RoleName: aws.String("probe")}))(t)
	r.server.Advance(24 * time.Hour)
	if n := r.interfaces(); n != 1 {
		t.Fatalf("%d interfaces without the role that may delete them", n)
	}
}

// TestFull: a subnet without addresses fails the function.
func TestFull(t *testing.T) {
	r := newRig(t)
	must(r.CreateFunction(t.Context(), r.request("f", r.inVPC(r.group))))(t)
	must(r.ec2.DeleteSubnet(t.Context(), &sdkec2.DeleteSubnetInput{SubnetId: &r.subnets[1]}))(t)
	r.server.Advance(time.Hour)
	r.state("no subnet", "f", types.StateFailed, types.LastUpdateStatusFailed)
	refused[*api.UpdateFunctionCodeOutput](t, "failed", "ResourceConflictException", "Failed")(r.UpdateFunctionCode(t.Context(), &api.UpdateFunctionCodeInput{FunctionName: aws.String("f"), ZipFile: archive("2")}))
}

// TestIdle: a function that nobody calls becomes inactive and loses its interfaces; calling it fails, and
// brings it back.
func TestIdle(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	must(r.CreateFunction(ctx, r.request("f", r.inVPC(r.group))))(t)
	call := &api.InvokeInput{FunctionName: aws.String("f")}
	r.server.Advance(10 * 24 * time.Hour)
	must(r.Invoke(ctx, call))(t)
	r.server.Advance(10 * 24 * time.Hour)
	r.state("was called", "f", types.StateActive, types.LastUpdateStatusSuccessful)
	r.server.Advance(5 * 24 * time.Hour)
	if c := r.get("f").Configuration; c.State != types.StateInactive || c.StateReasonCode != types.StateReasonCodeIdle || r.interfaces() != 0 {
		t.Fatalf("%s %s, %d interfaces", c.State, c.StateReasonCode, r.interfaces())
	}
	refused[*api.InvokeOutput](t, "inactive", "CodeArtifactUserPendingException", "initializing")(r.Invoke(ctx, call))
	r.state("comes back", "f", types.StatePending, types.LastUpdateStatusInProgress)
	refused[*api.InvokeOutput](t, "pending", "ResourceConflictException", "Pending")(r.Invoke(ctx, call))
	r.server.Advance(5 * time.Minute)
	must(r.Invoke(ctx, call))(t)
	if n := r.interfaces(); n != 2 {
		t.Fatalf("%d interfaces", n)
	}
}

func TestInvoke(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	must(r.CreateFunction(ctx, r.request("f")))(t)
	r.server.Advance(time.Minute)
	call := &api.InvokeInput{FunctionName: aws.String("f"), Payload: []byte(`{}`)}
	if out := must(r.Invoke(ctx, call))(t); aws.ToString(out.FunctionError) != "Unhandled" || !strings.Contains(string(out.Payload), "errorMessage") {
		t.Errorf("nothing declared: %+v %s", out, out.Payload)
	}
	r.says = `{"hookStatus":"SUCCEEDED"}`
	if out := must(r.Invoke(ctx, call))(t); out.FunctionError != nil || string(out.Payload) != r.says || out.StatusCode != 200 {
		t.Errorf("%+v %s", out, out.Payload)
	}
	call.InvocationType = types.InvocationTypeEvent
	if out := must(r.Invoke(ctx, call))(t); out.StatusCode != 202 || len(out.Payload) != 0 {
		t.Errorf("%+v", out)
	}
	call.InvocationType = types.InvocationTypeDryRun
	if out := must(r.Invoke(ctx, call))(t); out.StatusCode != 204 {
		t.Errorf("%+v", out)
	}
	call.LogType = types.LogTypeTail
	refused[*api.InvokeOutput](t, "log tail", "InvalidParameterValueException", "x-amz-log-type")(r.Invoke(ctx, call))
}

func TestListsAndTags(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	var arn *string
	for i := range 5 {
		arn = must(r.CreateFunction(ctx, r.request(fmt.Sprintf("f%d", i))))(t).FunctionArn
	}
	r.server.Advance(time.Minute)
	pages, names := 0, ""
	p := api.NewListFunctionsPaginator(r.Client, &api.ListFunctionsInput{MaxItems: aws.Int32(2)})
	for p.HasMorePages() {
		pages++
		for _, f := range must(p.NextPage(ctx))(t).Functions {
			names += *f.FunctionName
			if f.State != "" {
				t.Errorf("a list tells the state %s", f.State)
			}
		}
	}
	if pages != 3 || names != "f0f1f2f3f4" {
		t.Errorf("%d pages of %s", pages, names)
	}
	must(r.TagResource(ctx, &api.TagResourceInput{Resource: arn, Tags: map[string]string{"a": "1", "b": "2"}}))(t)
	must(r.UntagResource(ctx, &api.UntagResourceInput{Resource: arn, TagKeys: []string{"owner", "a"}}))(t)
	if out := must(r.ListTags(ctx, &api.ListTagsInput{Resource: arn}))(t); len(out.Tags) != 1 || out.Tags["b"] != "2" || r.get("f4").Tags["b"] != "2" {
		t.Errorf("%+v", out.Tags)
	}
	refused[*api.ListTagsOutput](t, "absent", "ResourceNotFoundException", "none")(r.ListTags(ctx, &api.ListTagsInput{Resource: aws.String(*arn + "none")}))
	if tagged := r.server.World.Tagged(core.Scope{Account: account, Region: "us-east-1"}); tagged[*arn]["b"] != "2" {
		t.Errorf("%+v", tagged)
	}
}

// TestThrottled: 15 control plane requests in a second, all actions together.
func TestThrottled(t *testing.T) {
	r := newRig(t)
	list := func() error {
		_, err := r.ListFunctions(t.Context(), &api.ListFunctionsInput{})
		return err
	}
	for range 15 {
		if err := list(); err != nil {
			t.Fatal(err)
		}
	}
	refused[int](t, "the sixteenth", "TooManyRequestsException", "Rate exceeded")(0, list())
	r.server.Advance(time.Second)
	if err := list(); err != nil {
		t.Fatal(err)
	}
}

// TestNothingSecretIsLogged: neither code nor the values of an environment are in the call log.
func TestNothingSecretIsLogged(t *testing.T) {
	r := newRig(t)
	must(r.CreateFunction(t.Context(), r.request("f", func(in *api.CreateFunctionInput) { in.Environment.Variables["TOKEN"] = "very-secret" })))(t)
	calls := r.server.Calls(0)
	last := fmt.Sprintf("%+v", calls[len(calls)-1])
	if strings.Contains(last, "very-secret") || !strings.Contains(last, "TOKEN") || !strings.Contains(last, "handler.handle") || len(last) > 1500 {
		t.Error(last)
	}
}
