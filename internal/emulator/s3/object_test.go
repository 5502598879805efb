package s3_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func TestObjects(t *testing.T) {
	f, ctx := start(t), t.Context()
	c, b := f.client(home, "us-east-1"), aws.String("b-1")
	ok(t, second(c.CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: b})))
	for _, k := range []string{"a/1", "a/2", "b", "c d/1"} {
		ok(t, second(c.PutObject(ctx, &awss3.PutObjectInput{Bucket: b, Key: &k, Body: strings.NewReader("body of " + k), Metadata: map[string]string{"m": "v"}})))
	}
	got, err := c.GetObject(ctx, &awss3.GetObjectInput{Bucket: b, Key: aws.String("c d/1")})
	ok(t, err)
	body, err := io.ReadAll(got.Body)
	ok(t, err)
	if string(body) != "body of c d/1" || got.Metadata["m"] != "v" {
		t.Errorf("%q %+v", body, got.Metadata)
	}
	head, err := c.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: b, Key: aws.String("b")})
	ok(t, err)
	if *head.ContentLength != 9 || head.LastModified == nil {
		t.Errorf("%+v", head)
	}
	wantCode(t, second(c.GetObject(ctx, &awss3.GetObjectInput{Bucket: b, Key: aws.String("z")})), "NoSuchKey")
	wantCode(t, second(c.GetObject(ctx, &awss3.GetObjectInput{Bucket: b, Key: aws.String("b"), Range: aws.String("bytes=0-1")})), "NotImplemented")
	wantCode(t, second(c.PutObject(ctx, &awss3.PutObjectInput{Bucket: b, Key: aws.String("z"), ACL: "public-read"})), "NotImplemented")
	f.w.Settings.PageSize = 2
	seen := ""
	for p := awss3.NewListObjectsV2Paginator(c, &awss3.ListObjectsV2Input{Bucket: b, Delimiter: aws.String("/")}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		ok(t, err)
		for _, o := range page.Contents {
			seen += *o.Key + ","
		}
		for _, o := range page.CommonPrefixes {
			seen += *o.Prefix + ","
		}
	}
	if seen != "b,a/,c d/," {
		t.Error(seen)
	}
	wantCode(t, second(c.DeleteBucket(ctx, &awss3.DeleteBucketInput{Bucket: b})), "BucketNotEmpty")
	for _, k := range []string{"a/1", "a/2", "b", "c d/1", "never"} {
		ok(t, second(c.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: b, Key: &k})))
	}
	ok(t, second(c.PutBucketVersioning(ctx, &awss3.PutBucketVersioningInput{Bucket: b, VersioningConfiguration: &types.VersioningConfiguration{Status: "Enabled"}})))
	wantCode(t, second(c.PutObject(ctx, &awss3.PutObjectInput{Bucket: b, Key: aws.String("z")})), "NotImplemented")
	ok(t, second(c.DeleteBucket(ctx, &awss3.DeleteBucketInput{Bucket: b})))
}

func TestAcceptsLogs(t *testing.T) {
	f := start(t)
	f.w.Lock()
	defer f.w.Unlock()
	scope := core.Scope{Account: home, Region: "eu-west-1"}
	allow := func(service, action, resource string) string {
		return fmt.Sprintf(`{"Effect":"Allow","Principal":{"Service":%q},"Action":%q,"Resource":%q}`, service, action, resource)
	}
	policy := func(s ...string) string {
		return `{"Version":"2012-10-17","Statement":[` + strings.Join(s, ",") + `]}`
	}
	const alb, nlb = "logdelivery.elasticloadbalancing.amazonaws.com", "delivery.logs.amazonaws.com"
	f.s.Add(scope, "both", policy(allow(alb, "s3:PutObject", "arn:aws:s3:::both/lb/AWSLogs/"+home+"/*"),
		allow(nlb, "s3:PutObject", "arn:aws:s3:::both/*"), allow(nlb, "s3:GetBucketAcl", "arn:aws:s3:::both")))
	f.s.Add(scope, "noacl", policy(allow(nlb, "s3:PutObject", "arn:aws:s3:::noacl/*")))
	f.s.Add(scope, "none", "")
	f.s.Add(core.Scope{Account: home, Region: "us-east-1"}, "far", policy(allow(alb, "s3:PutObject", "arn:aws:s3:::far/*")))
	for _, c := range []struct {
		bucket, prefix, kind string
		want                 bool
	}{
		{"both", "lb", "application", true},
		{"both", "other", "application", false},
		{"both", "", "network", true},
		{"noacl", "", "network", false},
		{"none", "", "application", false},
		{"far", "", "application", false},
		{"missing", "", "application", false},
	} {
		if got := f.s.AcceptsLogs(scope, c.bucket, c.prefix, c.kind); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
