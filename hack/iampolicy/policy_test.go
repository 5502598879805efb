package iampolicy

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestEveryMethodIsAllowedAndNothingElse(t *testing.T) {
	policy := Policy("aws")
	var allowed []string
	for _, s := range policy.Statement {
		for _, a := range s.Action {
			if slices.Contains(allowed, a) {
				t.Errorf("%s is in two statements", a)
			}
			allowed = append(allowed, a)
		}
	}
	needed := map[string]bool{}
	for _, m := range Methods() {
		switch {
		case m.Action == "": // needs none
		case !slices.Contains(allowed, m.Action):
			t.Errorf("%s.%s: no statement allows %s", m.Service, m.Operation, m.Action)
		}
		needed[m.Action] = true
	}
	for _, d := range Dependents {
		needed[d.Action] = true
	}
	for _, a := range allowed {
		if !needed[a] {
			t.Errorf("%s is neither a method's action nor a documented dependent of one", a)
		}
	}
	for a := range special {
		if !slices.Contains(allowed, a) {
			t.Errorf("%s has a statement, but nothing needs it", a)
		}
	}
}

func TestDependentsAreOfMethods(t *testing.T) {
	var methods []string
	for _, m := range Methods() {
		methods = append(methods, m.Service+":"+m.Operation)
	}
	for _, d := range Dependents {
		if d.Why == "" || d.Page == "" || len(d.For) == 0 {
			t.Errorf("%s: say what for, why and where it is documented", d.Action)
		}
		for _, f := range d.For {
			if !slices.Contains(methods, f) {
				t.Errorf("%s is for %s, which the operator can't call", d.Action, f)
			}
		}
	}
}

func TestFilesAreUpToDate(t *testing.T) {
	for _, p := range Parts {
		policy := p.Policy("aws")
		have, err := os.ReadFile(filepath.Join("..", "..", "config", "aws", p.File))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, policy.Print()) {
			t.Errorf("%s is out of date: run make generate", p.File)
		}
		if size := policy.Size(); size > Limit {
			t.Errorf("%s: %d characters, a managed policy holds %d: make another part", p.File, size, Limit)
		} else {
			t.Logf("%s: %d of %d characters", p.File, size, Limit)
		}
	}
}

func TestPartsAreTheWhole(t *testing.T) {
	for _, action := range Actions() {
		n := 0
		for _, p := range Parts {
			if p.has(action) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s is in %d policies", action, n)
		}
	}
}

func TestConditions(t *testing.T) {
	const role = "arn:aws:iam::123456789012:role/portkey-gateway-task"
	const linked = "arn:aws:iam::123456789012:role/aws-service-role/"
	ours := map[string]string{TagOnResource: "uid"}
	for _, c := range []struct {
		why       string
		partition string
		request   Request
		want      bool
	}{
		{"a service names the role that shifts its traffic", "aws", Request{"iam:PassRole", role, map[string]string{"iam:PassedToService": "ecs.amazonaws.com"}}, true},
		{"a task definition names our roles", "aws", Request{"iam:PassRole", role, map[string]string{"iam:PassedToService": "ecs-tasks.amazonaws.com"}}, true},
		{"an instance profile holds our role", "aws", Request{"iam:PassRole", role, map[string]string{"iam:PassedToService": "ec2.amazonaws.com"}}, true},
		{"China's EC2 has a name of its own", "aws-cn", Request{"iam:PassRole", "arn:aws-cn:iam::123456789012:role/r", map[string]string{"iam:PassedToService": "ec2.amazonaws.com.cn"}}, true},
		{"a function runs with our role", "aws", Request{"iam:PassRole", role, map[string]string{"iam:PassedToService": "lambda.amazonaws.com"}}, true},
		{"nothing else gets a role", "aws", Request{"iam:PassRole", role, map[string]string{"iam:PassedToService": "glue.amazonaws.com"}}, false},
		{"a function of ours", "aws", Request{"lambda:InvokeFunction", "", ours}, true},
		{"another's function isn't called", "aws", Request{"lambda:InvokeFunction", "", nil}, false},
		{"nor gets other code", "aws", Request{"lambda:UpdateFunctionCode", "", nil}, false},
		{"nor one of another partition", "aws-us-gov", Request{"iam:PassRole", role, map[string]string{"iam:PassedToService": "ec2.amazonaws.com"}}, false},
		{"the first cluster", "aws", Request{"iam:CreateServiceLinkedRole", linked + "ecs.amazonaws.com/AWSServiceRoleForECS", map[string]string{"iam:AWSServiceName": "ecs.amazonaws.com"}}, true},
		{"no other service's", "aws", Request{"iam:CreateServiceLinkedRole", linked + "x.amazonaws.com/X", map[string]string{"iam:AWSServiceName": "x.amazonaws.com"}}, false},
		{"the recommended image", "aws", Request{"ssm:GetParameter", "arn:aws:ssm:eu-west-1::parameter/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended", nil}, true},
		{"no parameter of the account", "aws", Request{"ssm:GetParameter", "arn:aws:ssm:eu-west-1:123456789012:parameter/aws/service/ecs/optimized-ami/x", nil}, false},
		{"a role of ours", "aws", Request{"iam:PutRolePolicy", role, ours}, true},
		{"another's role", "aws", Request{"iam:PutRolePolicy", role, nil}, false},
		{"a VPC of ours", "aws", Request{"ec2:DeleteVpc", "", ours}, true},
		{"another's VPC", "aws", Request{"ec2:DeleteVpc", "", map[string]string{"aws:ResourceTag/team": "ai"}}, false},
		{"a role without the tag", "aws", Request{"iam:CreateRole", role, nil}, false},
	} {
		if got := Policy(c.partition).Allows(c.request); got != c.want {
			t.Errorf("%s: %+v allowed=%t", c.why, c.request, got)
		}
	}
}
