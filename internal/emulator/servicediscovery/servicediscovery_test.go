package servicediscovery_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	api "github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/servicediscovery"
)

const account = "123456789012"

var scope = core.Scope{Account: account, Region: "us-east-1"}

type rig struct {
	t      *testing.T
	server *core.Server
	s      *servicediscovery.Service
	c      *api.Client
	url    string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	w := core.NewWorld(core.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	w.AddKey("AKIATEST", core.AccountRoot(account))
	s := servicediscovery.New(w)
	server := core.NewServer(w)
	server.Register(s.Mux())
	endpoint := "http://aws.test" // without a network: see core.Server.Do
	c := api.NewFromConfig(aws.Config{
		Region: scope.Region, BaseEndpoint: &endpoint, HTTPClient: server, Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	})
	return &rig{t, server, s, c, endpoint}
}

func (r *rig) create(name string) string {
	r.t.Helper()
	out, err := r.c.CreateHttpNamespace(context.Background(), &api.CreateHttpNamespaceInput{Name: &name, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}})
	if err != nil {
		r.t.Fatal(err)
	}
	r.server.Advance(time.Minute)
	return r.operation(*out.OperationId, types.OperationStatusSuccess)
}

// operation checks an operation's status and returns the namespace it is about.
func (r *rig) operation(id string, want types.OperationStatus) string {
	r.t.Helper()
	out, err := r.c.GetOperation(context.Background(), &api.GetOperationInput{OperationId: &id})
	if err != nil {
		r.t.Fatal(err)
	}
	if out.Operation.Status != want {
		r.t.Fatalf("operation is %s, want %s", out.Operation.Status, want)
	}
	return out.Operation.Targets["NAMESPACE"]
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code {
		t.Fatalf("error %v, want %s", err, code)
	}
}

func TestCreateIsAsynchronous(t *testing.T) {
	r, ctx := newRig(t), context.Background()
	in := &api.CreateHttpNamespaceInput{Name: aws.String("portkey"), CreatorRequestId: aws.String("one")}
	out, err := r.c.CreateHttpNamespace(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	id := r.operation(*out.OperationId, types.OperationStatusSubmitted)
	_, err = r.c.GetNamespace(ctx, &api.GetNamespaceInput{Id: &id})
	wantCode(t, err, "NamespaceNotFound")
	r.server.Advance(2 * time.Second)
	r.operation(*out.OperationId, types.OperationStatusPending)
	r.server.Advance(time.Minute)
	r.operation(*out.OperationId, types.OperationStatusSuccess)
	got, err := r.c.GetNamespace(ctx, &api.GetNamespaceInput{Id: &id})
	if err != nil {
		t.Fatal(err)
	}
	if *got.Namespace.Name != "portkey" || *got.Namespace.Properties.HttpProperties.HttpName != "portkey" || got.Namespace.Type != types.NamespaceTypeHttp {
		t.Fatalf("%+v", got.Namespace)
	}
	again, err := r.c.CreateHttpNamespace(ctx, in)
	if err != nil || *again.OperationId != *out.OperationId {
		t.Fatalf("the same request must be idempotent: %v", err)
	}
	_, err = r.c.CreateHttpNamespace(ctx, &api.CreateHttpNamespaceInput{Name: aws.String("portkey"), CreatorRequestId: aws.String("two")})
	var exists *types.NamespaceAlreadyExists
	if !errors.As(err, &exists) || aws.ToString(exists.NamespaceId) != id || aws.ToString(exists.CreatorRequestId) != "one" {
		t.Fatalf("want NamespaceAlreadyExists with the id, got %v", err)
	}
	if n, ok := r.s.Namespace(scope, "portkey"); !ok || n.ID != id || n.ARN != *got.Namespace.Arn {
		t.Fatalf("%+v %v", n, ok)
	}
}

func TestDeleteRefusesWhileServicesRemain(t *testing.T) {
	r, ctx := newRig(t), context.Background()
	id := r.create("portkey")
	srv := r.s.CreateService(scope, id, "redis")
	if r.s.CreateService(scope, id, "redis") != srv {
		t.Fatal("CreateService must be idempotent by name")
	}
	r.s.RegisterInstance(scope, srv, "task", map[string]string{"AWS_INSTANCE_IPV4": "10.0.0.1"})
	_, err := r.c.DeleteNamespace(ctx, &api.DeleteNamespaceInput{Id: &id})
	wantCode(t, err, "ResourceInUse")
	_, err = r.c.DeleteService(ctx, &api.DeleteServiceInput{Id: &srv})
	wantCode(t, err, "ResourceInUse")
	list, err := r.c.ListServices(ctx, &api.ListServicesInput{Filters: []types.ServiceFilter{{Name: types.ServiceFilterNameNamespaceId, Values: []string{id}}}})
	if err != nil || len(list.Services) != 1 || *list.Services[0].InstanceCount != 1 {
		t.Fatalf("%+v %v", list, err)
	}
	instances, err := r.c.ListInstances(ctx, &api.ListInstancesInput{ServiceId: &srv})
	if err != nil || len(instances.Instances) != 1 {
		t.Fatalf("%+v %v", instances, err)
	}
	r.s.DeregisterInstance(scope, srv, "task")
	if got, err := r.c.GetService(ctx, &api.GetServiceInput{Id: &srv}); err != nil || *got.Service.NamespaceId != id {
		t.Fatalf("%+v %v", got, err)
	}
	if _, err = r.c.DeleteService(ctx, &api.DeleteServiceInput{Id: &srv}); err != nil {
		t.Fatal(err)
	}
	_, err = r.c.GetService(ctx, &api.GetServiceInput{Id: &srv})
	wantCode(t, err, "ServiceNotFound")
	out, err := r.c.DeleteNamespace(ctx, &api.DeleteNamespaceInput{Id: &id})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.c.DeleteNamespace(ctx, &api.DeleteNamespaceInput{Id: &id})
	wantCode(t, err, "DuplicateRequest")
	r.server.Advance(time.Minute)
	r.operation(*out.OperationId, types.OperationStatusSuccess)
	_, err = r.c.DeleteNamespace(ctx, &api.DeleteNamespaceInput{Id: &id})
	wantCode(t, err, "NamespaceNotFound")
	if rs := r.server.Resources(true); len(rs) != 0 {
		t.Fatalf("left over: %+v", rs)
	}
}

func TestListsFilterAndPage(t *testing.T) {
	r, ctx := newRig(t), context.Background()
	for i := range 5 {
		r.create(fmt.Sprintf("space-%d", i))
	}
	r.server.World.Settings.PageSize = 2
	count := func(filters ...types.NamespaceFilter) int {
		n, p := 0, api.NewListNamespacesPaginator(r.c, &api.ListNamespacesInput{Filters: filters})
		for p.HasMorePages() {
			page, err := p.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			n += len(page.Namespaces)
		}
		return n
	}
	for _, c := range []struct {
		why  string
		f    []types.NamespaceFilter
		want int
	}{
		{"all", nil, 5},
		{"by name", []types.NamespaceFilter{{Name: types.NamespaceFilterNameName, Values: []string{"space-3"}}}, 1},
		{"by HTTP name's beginning", []types.NamespaceFilter{{Name: types.NamespaceFilterNameHttpName, Condition: types.FilterConditionBeginsWith, Values: []string{"space"}}}, 5},
		{"by type", []types.NamespaceFilter{{Name: types.NamespaceFilterNameType, Values: []string{"DNS_PRIVATE"}}}, 0},
		{"all must match", []types.NamespaceFilter{{Name: types.NamespaceFilterNameType, Values: []string{"HTTP"}}, {Name: types.NamespaceFilterNameName, Values: []string{"no"}}}, 0},
	} {
		if got := count(c.f...); got != c.want {
			t.Errorf("%s: %d, want %d", c.why, got, c.want)
		}
	}
	ops, err := r.c.ListOperations(ctx, &api.ListOperationsInput{Filters: []types.OperationFilter{{Name: types.OperationFilterNameStatus, Values: []string{"SUCCESS"}}}})
	if err != nil || len(ops.Operations) != 2 || ops.NextToken == nil {
		t.Fatalf("%+v %v", ops, err)
	}
	_, err = r.c.ListNamespaces(ctx, &api.ListNamespacesInput{NextToken: aws.String("!")})
	wantCode(t, err, "InvalidInput")
}

func TestUpdateAndTags(t *testing.T) {
	r, ctx := newRig(t), context.Background()
	id := r.create("portkey")
	if _, err := r.c.UpdateHttpNamespace(ctx, &api.UpdateHttpNamespaceInput{Id: &id, Namespace: &types.HttpNamespaceChange{Description: aws.String("new")}}); err != nil {
		t.Fatal(err)
	}
	r.server.Advance(time.Minute)
	got, err := r.c.GetNamespace(ctx, &api.GetNamespaceInput{Id: &id})
	if err != nil || *got.Namespace.Description != "new" {
		t.Fatalf("%+v %v", got, err)
	}
	arn := got.Namespace.Arn
	if _, err := r.c.TagResource(ctx, &api.TagResourceInput{ResourceARN: arn, Tags: []types.Tag{{Key: aws.String("c"), Value: aws.String("d")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.c.UntagResource(ctx, &api.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	tags, err := r.c.ListTagsForResource(ctx, &api.ListTagsForResourceInput{ResourceARN: arn})
	if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Key != "c" {
		t.Fatalf("%+v %v", tags, err)
	}
	_, err = r.c.ListTagsForResource(ctx, &api.ListTagsForResourceInput{ResourceARN: aws.String(*arn + "x")})
	wantCode(t, err, "ResourceNotFoundException")
	_, err = r.c.TagResource(ctx, &api.TagResourceInput{ResourceARN: arn, Tags: []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("d")}}})
	wantCode(t, err, "InvalidInput")
	_, err = r.c.CreateHttpNamespace(ctx, &api.CreateHttpNamespaceInput{Name: aws.String("no spaces")})
	wantCode(t, err, "InvalidInput")
}

func TestUnknownIsRefused(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct{ action, body string }{
		{"CreateHttpNamespace", `{"Name":"x","Color":"blue"}`}, {"CreatePrivateDnsNamespace", `{}`}, {"GetOperation", `{"OperationId":"x","OwnerAccount":"123456789012"}`},
	} {
		h, _ := http.NewRequest("POST", r.url, strings.NewReader(c.body))
		h.Header.Set("X-Amz-Target", "Route53AutoNaming_v20170314."+c.action)
		h.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/servicediscovery/aws4_request")
		resp, err := r.server.Do(h)
		if err != nil {
			t.Fatal(err)
		}
		if _ = resp.Body.Close(); resp.StatusCode != 400 {
			t.Errorf("%s %s: %+v", c.action, c.body, resp)
		}
	}
}
