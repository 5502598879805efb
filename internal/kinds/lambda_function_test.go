package kinds_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2api "github.com/aws/aws-sdk-go-v2/service/ec2"
	iamapi "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// archive is a function's code.
func archive(t *testing.T, text string) (code []byte, hash string) {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create("handler.py")
	if err == nil {
		_, err = f.Write([]byte(text))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	return b.Bytes(), base64.StdEncoding.EncodeToString(sum[:])
}

// function is a spec in a network, with a role that may make network interfaces.
func (s *sandbox) function(n network) kinds.LambdaFunctionSpec {
	s.Helper()
	role := newLife(s, kinds.Role{}, "role/probe", "main-probe").create(kinds.RoleSpec{
		Trust:  graph.Lit(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`),
		Inline: map[string]graph.Value{"network": graph.Lit(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:CreateNetworkInterface","ec2:DeleteNetworkInterface"],"Resource":"*"}]}`)},
	})
	code, hash := archive(s.T, "1")
	return kinds.LambdaFunctionSpec{
		Description: "a probe", Runtime: "python3.13", Architecture: "arm64", Handler: "handler.handle", MemoryMiB: 256, TimeoutSeconds: 15,
		Code: code, CodeSHA256: hash, Role: graph.Lit(role.Out["arn"]), Environment: map[string]graph.Value{"URL": graph.Lit("http://x"), "STATUS": graph.Lit("200")},
		Subnets: graph.Lits(n.subnets[:2]...), SecurityGroups: graph.Lits(n.group), LogGroup: graph.Lit("/ecs/main/probe"),
	}
}

func TestLambdaFunction(t *testing.T) {
	s := newSandbox(t)
	n := s.network()
	spec := s.function(n)
	l := newLife(s, kinds.LambdaFunction{}, "lambda-function/probe", "main-probe")
	if _, err := l.kind.Create(t.Context(), l.call(), spec); aws.Classify(err).Class != graph.NotYet {
		t.Fatalf("a role that was made this moment can't be assumed yet: %v", err)
	}
	s.server.Advance(time.Minute)
	configure := func(change func(*lambda.UpdateFunctionConfigurationInput)) func(string) {
		return func(id string) {
			in := &lambda.UpdateFunctionConfigurationInput{FunctionName: &id}
			change(in)
			_, err := s.clients.Lambda.UpdateFunctionConfiguration(t.Context(), in)
			s.must(err)
			s.server.Advance(5 * time.Minute)
		}
	}
	other := s.group(n.vpc, "other")
	l.run(spec,
		edit{"another code", func(id string) {
			code, _ := archive(t, "2")
			_, err := s.clients.Lambda.UpdateFunctionCode(t.Context(), &lambda.UpdateFunctionCodeInput{FunctionName: &id, ZipFile: code})
			s.must(err)
			s.server.Advance(time.Minute)
		}, []string{"code"}},
		edit{"another environment", configure(func(in *lambda.UpdateFunctionConfigurationInput) {
			in.Environment = &lambdatypes.Environment{Variables: map[string]string{"URL": "http://y", "MORE": "1"}}
		}), []string{"environment.MORE", "environment.STATUS", "environment.URL"}},
		edit{"another network", configure(func(in *lambda.UpdateFunctionConfigurationInput) {
			in.VpcConfig = &lambdatypes.VpcConfig{SubnetIds: n.subnets[1:], SecurityGroupIds: []string{other}}
		}), []string{"subnets", "securityGroups"}},
		edit{"no network", configure(func(in *lambda.UpdateFunctionConfigurationInput) { in.VpcConfig = &lambdatypes.VpcConfig{} }), []string{"subnets", "securityGroups"}},
		edit{"other bounds", configure(func(in *lambda.UpdateFunctionConfigurationInput) {
			in.MemorySize, in.Timeout, in.Runtime, in.Handler = sdk.Int32(512), sdk.Int32(3), lambdatypes.RuntimePython312, sdk.String("x.y")
			in.LoggingConfig = &lambdatypes.LoggingConfig{LogGroup: sdk.String("/mine")}
		}), []string{"runtime", "handler", "memoryMiB", "timeoutSeconds", "logGroup"}},
	)
}

// TestLambdaFunctionTakesOneChangeAtATime: code first, and the rest when that is done; nothing is published
// meanwhile.
func TestLambdaFunctionTakesOneChangeAtATime(t *testing.T) {
	s := newSandbox(t)
	spec := s.function(s.network())
	s.server.Advance(time.Minute)
	l := newLife(s, kinds.LambdaFunction{}, "lambda-function/probe", "main-probe")
	if live := l.create(spec); live.Phase != graph.Pending || len(live.Out) != 0 {
		t.Fatalf("a new one is %s and publishes %v", live.Phase, live.Out)
	}
	if live := l.ready(spec); live.Out["arn"] == "" {
		t.Fatal("it publishes no ARN")
	}
	spec.Code, spec.CodeSHA256 = archive(t, "2")
	spec.Environment["URL"] = graph.Lit("http://y")
	l.user = map[string]string{"team": "other"}
	for _, want := range []string{"code environment.URL tags.team", "environment.URL", ""} {
		live := l.observe(spec)
		if got := strings.Join(l.diff(spec, live), " "); got != want {
			t.Fatalf("differs in %q, want %q", got, want)
		}
		if want == "" {
			break
		}
		after, err := l.kind.Update(t.Context(), l.call(), spec, live, l.kind.Diff(l.call(), spec, live))
		s.must(err)
		if after.Phase != graph.Pending || len(after.Out) != 0 || after.Recheck == 0 {
			t.Fatalf("%s %v, again in %s", after.Phase, after.Out, after.Recheck)
		}
		if seen := l.observe(spec); seen.Phase != graph.Pending || len(l.diff(spec, seen)) != 0 {
			t.Fatalf("%s, differs in %v", seen.Phase, l.diff(spec, seen))
		}
		l.ready(spec)
	}
}

// TestLambdaFunctionComesBack: one that was idle for too long is called, and then is there again.
func TestLambdaFunctionComesBack(t *testing.T) {
	s := newSandbox(t)
	spec := s.function(s.network())
	s.server.Advance(time.Minute)
	l := newLife(s, kinds.LambdaFunction{}, "lambda-function/probe", "main-probe")
	l.create(spec)
	l.ready(spec)
	s.server.Advance(15 * 24 * time.Hour)
	live := l.observe(spec)
	if got := l.diff(spec, live); !slices.Equal(got, []string{"state"}) {
		t.Fatalf("differs in %v", got)
	}
	var after graph.Live
	calls := s.calls(func() {
		var err error
		after, err = l.kind.Update(t.Context(), l.call(), spec, live, l.kind.Diff(l.call(), spec, live))
		s.must(err)
	})
	if !slices.Equal(calls, []string{"Invoke"}) || after.Phase != graph.Pending || after.Recheck > time.Minute {
		t.Fatalf("%v, %s, again in %s", calls, after.Phase, after.Recheck)
	}
	if seen := l.observe(spec); seen.Phase != graph.Pending || len(l.diff(spec, seen)) != 0 || seen.Recheck > time.Minute {
		t.Fatalf("%s, differs in %v, again in %s", seen.Phase, l.diff(spec, seen), seen.Recheck)
	}
	s.server.Advance(3 * time.Minute)
	l.equal(spec, l.ready(spec))
}

// TestLambdaFunctionFails: one that can't be made is Broken; one that can't be changed is tried again, but not
// at once. Its tags must be told.
func TestLambdaFunctionFails(t *testing.T) {
	s := newSandbox(t)
	n := s.network()
	spec := s.function(n)
	s.server.Advance(time.Minute)
	l := newLife(s, kinds.LambdaFunction{}, "lambda-function/probe", "main-probe")
	gone := func() string {
		out, err := s.ec2.CreateSubnet(t.Context(), &ec2api.CreateSubnetInput{VpcId: &n.vpc, CidrBlock: sdk.String("10.0.9.0/24")})
		s.must(err)
		return *out.Subnet.SubnetId
	}
	drop := func(id string) {
		_, err := s.ec2.DeleteSubnet(t.Context(), &ec2api.DeleteSubnetInput{SubnetId: &id})
		s.must(err)
		s.server.Advance(3 * time.Minute)
	}
	id := gone()
	broken := spec
	broken.Subnets = graph.Lits(id)
	l.create(broken)
	drop(id)
	if live := l.observe(spec); live.Phase != graph.Broken || !kinds.Orphan("LambdaFunction", "x", "x").Mendable() {
		t.Fatalf("it is %s", live.Phase)
	}
	l.remove(spec)
	l.create(spec)
	l.ready(spec)

	id = gone()
	broken.Subnets = graph.Lits(id)
	live := l.observe(broken)
	_, err := l.kind.Update(t.Context(), l.call(), broken, live, l.kind.Diff(l.call(), broken, live))
	s.must(err)
	drop(id)
	if live = l.observe(spec); live.Phase != graph.Pending || !strings.Contains(live.Why, id) || len(l.diff(spec, live)) != 0 {
		t.Fatalf("%s %s, differs in %v", live.Phase, live.Why, l.diff(spec, live))
	}
	s.server.Advance(5 * time.Minute)
	if got := l.diff(spec, l.observe(spec)); !slices.Equal(got, []string{"update", "subnets"}) {
		t.Fatalf("differs in %v", got)
	}
	l.put(spec)
}

// TestLambdaFunctionIsListed: it is found by its tags where nobody recalls it, and its name is enough to
// delete it.
func TestLambdaFunctionIsListed(t *testing.T) {
	s := newSandbox(t)
	spec := s.function(s.network())
	s.server.Advance(time.Minute)
	l := newLife(s, kinds.LambdaFunction{}, "lambda-function/probe", "main-probe")
	l.create(spec)
	l.ready(spec)
	found, err := kinds.LambdaFunction{}.List(t.Context(), l.call())
	s.must(err)
	if live := found["lambda-function/probe"]; len(found) != 1 || live.ID != "main-probe" || live.Owner != graph.Ours {
		t.Fatalf("%+v", found)
	}
	l.name = ""
	l.remove(kinds.LambdaFunctionSpec{})
	_, err = s.clients.IAM.GetRole(t.Context(), &iamapi.GetRoleInput{RoleName: sdk.String("main-probe")})
	s.must(err)
}
