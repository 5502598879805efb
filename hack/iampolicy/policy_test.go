package iampolicy

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var plain = Options{Partition: "aws"}

func TestEveryMethodIsGrantedAndNothingElse(t *testing.T) {
	granted, needed := Actions(), map[string]bool{}
	for _, m := range Methods() {
		if m.Action != "" && !slices.Contains(granted, m.Action) {
			t.Errorf("%s.%s: no feature has %s", m.Service, m.Operation, m.Action)
		}
		needed[m.Action] = true
	}
	for _, d := range Dependents {
		needed[d.Action] = true
		if !slices.Contains(granted, d.Action) {
			t.Errorf("%s is a dependent of %v, but no feature has it", d.Action, d.For)
		}
	}
	for _, a := range granted {
		if !needed[a] {
			t.Errorf("%s is neither a method's action nor a documented dependent of one", a)
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
	dir := filepath.Join("..", "..", "config", "iam")
	files := Files(plain)
	for name, policy := range files {
		have, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, policy.Print()) {
			t.Errorf("%s is out of date: run make generate", name)
		}
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if _, ok := files[filepath.Base(f)]; !ok && filepath.Base(f) != "sample-boundary.json" {
			t.Errorf("%s is no policy any more: delete it", f)
		}
	}
}

// A role takes ten managed policies, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func TestPoliciesFit(t *testing.T) {
	for _, o := range []Options{plain, {Partition: "aws-us-gov", Cluster: strings.Repeat("u", 36), Boundary: "arn:aws-us-gov:iam::123456789012:policy/" + strings.Repeat("b", 128)}} {
		for name, policy := range Files(o) {
			if size := policy.Size(); size > Limit {
				t.Errorf("%s: %d characters, a managed policy holds %d", name, size, Limit)
			}
		}
		if n := len(Whole(o)); n > 10 {
			t.Errorf("the whole is %d policies", n)
		}
	}
}

// The whole has what the features have, each action in the same scope, and nothing else.
func TestTheWholeIsItsParts(t *testing.T) {
	parts, whole := map[string]bool{}, map[string]bool{}
	note := func(in map[string]bool, d Document) {
		for _, s := range d.Statement {
			for _, a := range s.Action {
				one := Document{Statement: []Statement{s}}
				one.Statement[0].Action = []string{a}
				in[string(one.Print())] = true
			}
		}
	}
	for _, f := range Features() {
		if !slices.Contains(Optional, f) {
			note(parts, Policy(f, plain))
		}
	}
	for _, d := range Whole(plain) {
		note(whole, d)
	}
	for p := range parts {
		if !whole[p] {
			t.Errorf("the whole lacks %s", p)
		}
	}
	for w := range whole {
		if !parts[w] {
			t.Errorf("no feature has %s", w)
		}
	}
}

func TestOptions(t *testing.T) {
	all := func(o Options) string {
		var b strings.Builder
		for _, d := range Whole(o) {
			b.Write(d.Print())
		}
		return b.String()
	}
	for _, c := range []struct {
		why             string
		options         Options
		has, hasNothing string
	}{
		{"any cluster's tag", plain, `"Null"`, `"StringEquals": {` + "\n          " + `"aws:ResourceTag/ecs.portkey.ai/cluster"`},
		{"one cluster's tag", Options{Partition: "aws", Cluster: "uid"}, `"aws:ResourceTag/ecs.portkey.ai/cluster": "uid"`, `"Null"`},
		{"no boundary", plain, "iam:DeleteRolePermissionsBoundary", "iam:PermissionsBoundary"},
		{"a boundary", Options{Partition: "aws", Boundary: "arn:aws:iam::123456789012:policy/b"}, `"iam:PermissionsBoundary": "arn:aws:iam::123456789012:policy/b"`, "iam:DeleteRolePermissionsBoundary"},
		{"China's EC2 has a name of its own", Options{Partition: "aws-cn"}, `"ec2.amazonaws.com.cn"`, `"ec2.amazonaws.com"`},
		{"GovCloud", Options{Partition: "aws-us-gov"}, "arn:aws-us-gov:iam::", "arn:aws:"},
	} {
		text := all(c.options)
		if !strings.Contains(text, c.has) {
			t.Errorf("%s: %s is missing", c.why, c.has)
		}
		if strings.Contains(text, c.hasNothing) {
			t.Errorf("%s: %s is there", c.why, c.hasNothing)
		}
	}
}

// What widens a statement most: a resource that isn't limited, with no condition.
func TestOnlyTheseAreUnlimited(t *testing.T) {
	for _, d := range Whole(plain) {
		for _, s := range d.Statement {
			if slices.Equal(s.Resource, Values{"*"}) && len(s.Condition) == 0 && s.Sid != "Read" && s.Sid != "Untied" {
				t.Errorf("%s: %v on anything without a condition", s.Sid, s.Action)
			}
		}
	}
}
