package tagging_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	rgt "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/tagging"
)

func TestGetResources(t *testing.T) {
	w := core.NewWorld(core.NewClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)))
	w.AddKey("AKIATEST000000000000", core.AccountRoot("123456789012"))
	srv := core.NewServer(w)
	srv.Register(tagging.New(w).Mux())
	endpoint := "http://aws.test" // without a network: see core.Server.Do
	scope := core.Scope{Account: "123456789012", Region: "eu-west-1"}
	w.AddTagger("ec2", func(s core.Scope) map[string]map[string]string {
		if s != scope {
			return nil
		}
		out := map[string]map[string]string{s.ARN("ec2", "subnet/untagged"): {}}
		for i := range 5 {
			out[s.ARN("ec2", fmt.Sprint("vpc/vpc-", i))] = map[string]string{"n": fmt.Sprint(i % 2), "all": ""}
		}
		return out
	})
	w.AddTagger("s3", func(core.Scope) map[string]map[string]string {
		return map[string]map[string]string{"arn:aws:s3:::b": {"n": "1"}}
	})
	c := rgt.New(rgt.Options{Region: "eu-west-1", BaseEndpoint: &endpoint, HTTPClient: srv, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIATEST000000000000", "secret", "")})
	ctx := t.Context()
	get := func(in rgt.GetResourcesInput) string {
		t.Helper()
		var out []string
		for p := rgt.NewGetResourcesPaginator(c, &in); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range page.ResourceTagMappingList {
				out = append(out, (*m.ResourceARN)[strings.LastIndexAny(*m.ResourceARN, ":/")+1:])
			}
		}
		return strings.Join(out, " ")
	}
	filter := func(key string, values ...string) types.TagFilter {
		return types.TagFilter{Key: &key, Values: values}
	}
	for _, size := range []int{0, 2} {
		w.Settings.PageSize = size
		for _, test := range []struct {
			in   rgt.GetResourcesInput
			want string
		}{
			{rgt.GetResourcesInput{}, "vpc-0 vpc-1 vpc-2 vpc-3 vpc-4 b"},
			{rgt.GetResourcesInput{TagFilters: []types.TagFilter{filter("n", "1")}}, "vpc-1 vpc-3 b"},
			{rgt.GetResourcesInput{TagFilters: []types.TagFilter{filter("n", "1", "0"), filter("all")}}, "vpc-0 vpc-1 vpc-2 vpc-3 vpc-4"},
			{rgt.GetResourcesInput{ResourceTypeFilters: []string{"s3", "ec2:subnet"}}, "b"},
			{rgt.GetResourcesInput{ResourceTypeFilters: []string{"s3:bucket"}}, "b"},
			{rgt.GetResourcesInput{ResourceTypeFilters: []string{"ec2:vpc"}, TagFilters: []types.TagFilter{filter("n", "0")}}, "vpc-0 vpc-2 vpc-4"},
			{rgt.GetResourcesInput{ResourceARNList: []string{"arn:aws:s3:::b", "arn:aws:s3:::none"}}, "b"},
		} {
			if got := get(test.in); got != test.want {
				t.Errorf("%+v: got %q, want %q", test.in, got, test.want)
			}
		}
	}
	keys, err := c.GetTagKeys(ctx, &rgt.GetTagKeysInput{})
	if err != nil || strings.Join(keys.TagKeys, " ") != "all n" {
		t.Error(keys, err)
	}
	values, err := c.GetTagValues(ctx, &rgt.GetTagValuesInput{Key: aws.String("n")})
	if err != nil || strings.Join(values.TagValues, " ") != "0 1" {
		t.Error(values, err)
	}
	for _, in := range []rgt.GetResourcesInput{
		{ResourceARNList: []string{"a"}, TagFilters: []types.TagFilter{filter("n")}},
		{ResourceARNList: make([]string, 101)},
		{ResourcesPerPage: aws.Int32(101)},
		{TagFilters: make([]types.TagFilter, 51)},
	} {
		var e smithy.APIError
		if _, err := c.GetResources(ctx, &in); !errors.As(err, &e) || e.ErrorCode() != "InvalidParameterException" {
			t.Errorf("%v", err)
		}
	}
	var e smithy.APIError
	if _, err := c.GetResources(ctx, &rgt.GetResourcesInput{TagsPerPage: aws.Int32(100)}); !errors.As(err, &e) || e.ErrorCode() != "SerializationException" {
		t.Errorf("TagsPerPage is not emulated: %v", err)
	}
}

// TestDeletedObjectsLinger: what was listed is listed for a while after it is gone, with the tags that it had; what is
// made again under its ARN has those that it has now.
func TestDeletedObjectsLinger(t *testing.T) {
	clock := core.NewClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	w := core.NewWorld(clock)
	w.AddKey("AKIATEST000000000000", core.AccountRoot("123456789012"))
	srv, tags := core.NewServer(w), tagging.New(w)
	srv.Register(tags.Mux())
	endpoint := "http://aws.test" // without a network: see core.Server.Do
	objects := map[string]map[string]string{"arn:aws:s3:::a": {"n": "1"}, "arn:aws:s3:::b": {"n": "1"}}
	w.AddTagger("s3", func(core.Scope) map[string]map[string]string {
		out := map[string]map[string]string{}
		for arn, t := range objects {
			out[arn] = t
		}
		return out
	})
	c := rgt.New(rgt.Options{Region: "eu-west-1", BaseEndpoint: &endpoint, HTTPClient: srv, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIATEST000000000000", "secret", "")})
	listed := func() string {
		t.Helper()
		out, err := c.GetResources(t.Context(), &rgt.GetResourcesInput{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range out.ResourceTagMappingList {
			for _, tag := range m.Tags {
				got = append(got, (*m.ResourceARN)[len("arn:aws:s3:::"):]+"="+*tag.Value)
			}
		}
		return strings.Join(got, " ")
	}
	check := func(want string) {
		t.Helper()
		if got := listed(); got != want {
			t.Errorf("listed %q, want %q", got, want)
		}
	}
	check("a=1 b=1")
	delete(objects, "arn:aws:s3:::a")
	check("b=1") // nothing lingers unless it is asked for
	objects["arn:aws:s3:::a"] = map[string]string{"n": "2"}
	tags.Lingers = time.Hour
	check("a=2 b=1")
	delete(objects, "arn:aws:s3:::a")
	check("a=2 b=1")
	srv.Advance(59 * time.Minute)
	check("a=2 b=1")
	objects["arn:aws:s3:::a"] = map[string]string{"n": "3"}
	check("a=3 b=1")
	delete(objects, "arn:aws:s3:::a")
	check("a=3 b=1")
	srv.Advance(time.Hour)
	check("b=1")
}
