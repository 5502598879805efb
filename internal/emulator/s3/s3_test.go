package s3_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/s3"
)

const (
	home = "111111111111"
	away = "222222222222"
)

type fixture struct {
	w   *core.World
	srv *core.Server
	s   *s3.Service
	url string
}

func start(t *testing.T) fixture {
	w := core.NewWorld(core.NewClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)))
	w.AddKey(home, core.AccountRoot(home))
	w.AddKey(away, core.AccountRoot(away))
	srv := core.NewServer(w)
	s := s3.New(w)
	srv.Register(s.Mux())
	h := httptest.NewServer(srv)
	t.Cleanup(h.Close)
	return fixture{w, srv, s, h.URL}
}

func (f fixture) client(account, region string) *awss3.Client {
	return awss3.New(awss3.Options{Region: region, BaseEndpoint: &f.url, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(account, "secret", "")})
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func second[T any](_ T, err error) error { return err }

func in(region string) *types.CreateBucketConfiguration {
	return &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(region)}
}

func TestNamesAndRegions(t *testing.T) {
	f, ctx := start(t), t.Context()
	b := aws.String("logs-bucket")
	us, eu, other := f.client(home, "us-east-1"), f.client(home, "eu-west-1"), f.client(away, "eu-west-1")
	create := func(c *awss3.Client, name string, conf *types.CreateBucketConfiguration) error {
		return second(c.CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: &name, CreateBucketConfiguration: conf}))
	}
	wantCode(t, create(eu, "Logs", in("eu-west-1")), "InvalidBucketName")
	wantCode(t, create(eu, *b, nil), "IllegalLocationConstraintException")
	wantCode(t, create(eu, *b, in("eu-central-1")), "IllegalLocationConstraintException")
	wantCode(t, create(us, *b, in("us-east-1")), "InvalidLocationConstraint")
	ok(t, create(eu, *b, in("eu-west-1")))
	wantCode(t, create(eu, *b, in("eu-west-1")), "BucketAlreadyOwnedByYou")
	wantCode(t, create(other, *b, in("eu-west-1")), "BucketAlreadyExists")
	ok(t, create(us, "us-bucket", nil))
	ok(t, create(us, "us-bucket", nil)) // in us-east-1 only

	head, err := eu.HeadBucket(ctx, &awss3.HeadBucketInput{Bucket: b})
	ok(t, err)
	if aws.ToString(head.BucketRegion) != "eu-west-1" {
		t.Error(aws.ToString(head.BucketRegion))
	}
	wantCode(t, second(us.ListObjectsV2(ctx, &awss3.ListObjectsV2Input{Bucket: b})), "PermanentRedirect")
	for bucket, want := range map[string]types.BucketLocationConstraint{"logs-bucket": "eu-west-1", "us-bucket": ""} {
		location, err := us.GetBucketLocation(ctx, &awss3.GetBucketLocationInput{Bucket: &bucket})
		ok(t, err)
		if location.LocationConstraint != want {
			t.Error(location.LocationConstraint)
		}
	}
	wantCode(t, second(other.HeadBucket(ctx, &awss3.HeadBucketInput{Bucket: b})), "Forbidden")
	wantCode(t, second(eu.HeadBucket(ctx, &awss3.HeadBucketInput{Bucket: aws.String("nothing")})), "NotFound")
	wantCode(t, second(eu.DeleteBucket(ctx, &awss3.DeleteBucketInput{Bucket: aws.String("nothing")})), "NoSuchBucket")

	f.w.Settings.PageSize = 1
	seen := ""
	for p := awss3.NewListBucketsPaginator(eu, &awss3.ListBucketsInput{}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		ok(t, err)
		for _, b := range page.Buckets {
			seen += *b.Name + " "
		}
	}
	if seen != "logs-bucket us-bucket " {
		t.Error(seen)
	}
	if list, err := other.ListBuckets(ctx, &awss3.ListBucketsInput{}); err != nil || len(list.Buckets) != 0 {
		t.Error(list, err)
	}
}

func TestVirtualHost(t *testing.T) {
	f, ctx := start(t), t.Context()
	f.s.Host = "emulator.test"
	c := awss3.New(awss3.Options{Region: "us-east-1", BaseEndpoint: aws.String("http://emulator.test"), RetryMaxAttempts: 1, HTTPClient: f.srv,
		Credentials: credentials.NewStaticCredentialsProvider(home, "secret", "")})
	ok(t, second(c.CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: aws.String("virtual")})))
	if all := f.srv.Resources(false); len(all) != 1 || all[0].Name != "virtual" || all[0].Kind != "Bucket" {
		t.Errorf("%+v", all)
	}
	ok(t, second(c.PutObject(ctx, &awss3.PutObjectInput{Bucket: aws.String("virtual"), Key: aws.String("a/b"), Body: strings.NewReader("x")})))
}
