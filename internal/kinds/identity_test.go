package kinds_test

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

const execution = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"

func roleSpec() kinds.RoleSpec {
	return kinds.RoleSpec{
		Trust: trust("ecs-tasks"), Description: "of the test", ManagedPolicies: graph.Lits(execution),
		Inline: map[string]graph.Value{"s3": policy("s3:GetObject")},
	}
}

func roleEdits(s *sandbox) []edit {
	ctx := s.Context()
	api := s.clients.IAM
	return []edit{
		{"another trust policy", func(id string) {
			_, err := api.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: &id, PolicyDocument: sdk.String(trust("ec2").String())})
			s.must(err)
		}, []string{"trust"}},
		{"a policy more", func(id string) {
			_, err := api.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &id, PolicyArn: sdk.String("arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role")})
			s.must(err)
		}, []string{"managedPolicies.arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"}},
		{"a policy less", func(id string) {
			_, err := api.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &id, PolicyArn: sdk.String(execution)})
			s.must(err)
		}, []string{"managedPolicies." + execution}},
		{"an inline policy changed and one more", func(id string) {
			for _, name := range []string{"s3", "more"} {
				_, err := api.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &id, PolicyName: &name, PolicyDocument: sdk.String(policy("s3:*").String())})
				s.must(err)
			}
		}, []string{"inline.s3", "inline.more"}},
		{"a boundary", func(id string) {
			_, err := api.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: &id, PermissionsBoundary: sdk.String(execution)})
			s.must(err)
		}, []string{"permissionsBoundary"}},
		{"tags taken off", func(id string) {
			_, err := api.UntagRole(ctx, &iam.UntagRoleInput{RoleName: &id, TagKeys: []string{"team", "ecs.portkey.ai/node"}})
			s.must(err)
		}, []string{"tags.ecs.portkey.ai/node", "tags.team"}},
		{"a foreign tag is left alone", func(id string) {
			_, err := api.TagRole(ctx, &iam.TagRoleInput{RoleName: &id, Tags: []iamtypes.Tag{{Key: sdk.String("cost"), Value: sdk.String("1")}}})
			s.must(err)
		}, nil},
	}
}

func TestRole(t *testing.T) {
	s := newSandbox(t)
	newLife(s, kinds.Role{}, "role/task", "main-task").run(roleSpec(), roleEdits(s)...)
}

// TestRoleIsWaitedFor: a role whose user has one try is handed out when IAM has spread it, however it is read.
func TestRoleIsWaitedFor(t *testing.T) {
	for _, denied := range []bool{false, true} {
		s := newSandbox(t)
		if denied {
			s.server.Inject(core.FaultRule{Service: "iam", Action: "GetAccountAuthorizationDetails", Fault: core.FaultDenied})
		}
		spec := roleSpec()
		spec.Spread = true
		l := newLife(s, kinds.Role{}, "role/hooks", "main-hooks")
		live := l.create(spec)
		for range 2 {
			if live.Phase != graph.Pending || live.Out["arn"] != "" || live.Recheck <= 0 || live.Recheck > 30*time.Second {
				t.Fatalf("%+v", live)
			}
			s.server.Advance(10 * time.Second)
			live = l.observe(spec)
		}
		s.server.Advance(live.Recheck)
		if live = l.observe(spec); live.Phase != graph.Ready || live.Out["arn"] == "" {
			t.Errorf("%+v", live)
		}
		l.equal(spec, live)
	}
}

// TestRoleThatMoves: while tasks of before may run, a role gains what is new and loses nothing, and says that this isn't the
// end; then it is as the spec says.
func TestRoleThatMoves(t *testing.T) {
	s := newSandbox(t)
	l := newLife(s, kinds.Role{}, "role/task", "main-task")
	l.create(roleSpec())
	next := roleSpec()
	next.ManagedPolicies = nil
	next.Inline = map[string]graph.Value{"s3": policy("s3:PutObject"), "more": policy("s3:ListBucket")}
	next.Moving = true
	live := l.observe(next)
	if d := l.diff(next, live); !slices.Equal(d, []string{"inline.more", "inline.s3"}) {
		t.Fatalf("differs in %v", d)
	}
	live, err := l.kind.Update(s.Context(), l.call(), next, live, l.kind.Diff(l.call(), next, live))
	s.must(err)
	if live.Phase != graph.Pending || live.Out["arn"] == "" || live.Reason != graph.ReasonWaiting {
		t.Errorf("%+v", live)
	}
	out, err := s.clients.IAM.GetRolePolicy(s.Context(), &iam.GetRolePolicyInput{RoleName: sdk.String("main-task"), PolicyName: sdk.String("s3")})
	s.must(err)
	if doc, _ := url.PathUnescape(*out.PolicyDocument); !strings.Contains(doc, "s3:GetObject") || !strings.Contains(doc, "s3:PutObject") {
		t.Errorf("the role lost or lacks rights: %s", doc)
	}
	l.equal(next, live)
	next.Moving = false
	if d := l.diff(next, l.observe(next)); !slices.Equal(d, []string{"managedPolicies." + execution, "inline.s3"}) {
		t.Errorf("differs in %v", d)
	}
	if live = l.put(next); live.Phase != graph.Ready {
		t.Errorf("%+v", live)
	}
	l.equal(next, l.observe(next))
}

func TestRoleWithoutTheBulkRead(t *testing.T) {
	s := newSandbox(t)
	s.server.Inject(core.FaultRule{Service: "iam", Action: "GetAccountAuthorizationDetails", Fault: core.FaultDenied})
	newLife(s, kinds.Role{}, "role/task", "main-task").run(roleSpec(), roleEdits(s)...)
}

func TestRolesShareOneRead(t *testing.T) {
	s := newSandbox(t)
	s.world.Settings.PageSize = 2
	names := []string{"a", "b", "c"}
	for _, n := range names {
		newLife(s, kinds.Role{}, graph.NodeID("role/"+n), "main-"+n).create(roleSpec())
	}
	w := s.call("", "", "").World
	actions := s.calls(func() {
		for _, n := range names {
			c := s.call(graph.NodeID("role/"+n), "main-"+n, "main-"+n)
			c.World = w
			live, err := kinds.Role{}.Observe(t.Context(), c, roleSpec())
			s.must(err)
			if d := (kinds.Role{}).Diff(c, roleSpec(), live); len(d) > 0 {
				t.Errorf("%s differs: %v", n, d)
			}
		}
	})
	if got := count(actions); got != "GetAccountAuthorizationDetails×2" {
		t.Errorf("called %s", got)
	}
}

func TestRoleThatTheBulkReadDoesNotShowYet(t *testing.T) {
	s := newSandbox(t)
	l := newLife(s, kinds.Role{}, "role/task", "main-task")
	l.create(roleSpec())
	l.id = ""
	s.world.Settings.ReadLag = time.Minute
	if live := l.observe(roleSpec()); live.Phase != graph.Absent {
		t.Fatalf("it shows already: %v", live.Phase)
	}
	if _, err := l.kind.Create(t.Context(), l.call(), roleSpec()); err == nil {
		t.Fatal("the name isn't taken")
	}
	s.world.Settings.ReadLag = 0
	taken := l.call()
	taken.Taken = true
	s.clients.IAM = noBulk{s.clients.IAM}
	live, err := l.kind.Observe(t.Context(), taken, roleSpec())
	s.must(err)
	if live.Owner != graph.Ours || len(l.diff(roleSpec(), live)) > 0 {
		t.Errorf("asked by name it is %s and %s", live.Phase, live.Owner)
	}
	s.clients.IAM = s.clients.IAM.(noBulk).IAM
	s.server.Inject(core.FaultRule{Service: "iam", Action: "GetAccountAuthorizationDetails", Fault: core.FaultThrottle, Times: 1})
	if _, err := l.kind.Observe(t.Context(), l.call(), roleSpec()); err == nil {
		t.Fatal("a throttled read was taken for an empty one")
	}
}

func TestInstanceProfile(t *testing.T) {
	s := newSandbox(t)
	ctx := t.Context()
	for _, name := range []string{"one", "two"} {
		spec := roleSpec()
		spec.Trust = trust("ec2")
		newLife(s, kinds.Role{}, graph.NodeID("role/"+name), name).create(spec)
	}
	s.server.Advance(time.Minute)
	l := newLife(s, kinds.InstanceProfile{}, "instanceprofile/instances", "main-instances")
	l.run(kinds.InstanceProfileSpec{Role: graph.Lit("one")},
		edit{"without a role", func(id string) {
			_, err := s.clients.IAM.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: &id, RoleName: sdk.String("one")})
			s.must(err)
			if live := l.observe(kinds.InstanceProfileSpec{}); live.Out != nil || live.Phase != graph.Pending {
				t.Errorf("an empty profile is %s and gives %v", live.Phase, live.Out)
			}
		}, []string{"role"}},
		edit{"with another role", func(id string) {
			_, err := s.clients.IAM.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: &id, RoleName: sdk.String("one")})
			s.must(err)
			_, err = s.clients.IAM.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: &id, RoleName: sdk.String("two")})
			s.must(err)
		}, []string{"role"}},
		edit{"tags taken off", func(id string) {
			_, err := s.clients.IAM.UntagInstanceProfile(ctx, &iam.UntagInstanceProfileInput{InstanceProfileName: &id, TagKeys: []string{"team"}})
			s.must(err)
		}, []string{"tags.team"}},
	)
}

// noBulk is an IAM whose bulk read shows nothing yet.
type noBulk struct{ aws.IAM }

func (noBulk) GetAccountAuthorizationDetails(context.Context, *iam.GetAccountAuthorizationDetailsInput, ...func(*iam.Options)) (*iam.GetAccountAuthorizationDetailsOutput, error) {
	return &iam.GetAccountAuthorizationDetailsOutput{}, nil
}
