package s3_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func TestConfigurations(t *testing.T) {
	f, ctx := start(t), t.Context()
	c, b := f.client(home, "us-east-1"), aws.String("b-1")
	ok(t, second(c.CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: b})))

	enc, err := c.GetBucketEncryption(ctx, &awss3.GetBucketEncryptionInput{Bucket: b})
	ok(t, err)
	if enc.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm != "AES256" {
		t.Errorf("%+v", enc)
	}
	ok(t, second(c.PutBucketEncryption(ctx, &awss3.PutBucketEncryptionInput{Bucket: b, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
		Rules: []types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: "aws:kms"}}}}})))
	enc, err = c.GetBucketEncryption(ctx, &awss3.GetBucketEncryptionInput{Bucket: b})
	ok(t, err)
	if enc.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm != "aws:kms" {
		t.Errorf("%+v", enc)
	}
	pab, err := c.GetPublicAccessBlock(ctx, &awss3.GetPublicAccessBlockInput{Bucket: b})
	ok(t, err)
	if !*pab.PublicAccessBlockConfiguration.RestrictPublicBuckets {
		t.Errorf("%+v", pab)
	}
	own, err := c.GetBucketOwnershipControls(ctx, &awss3.GetBucketOwnershipControlsInput{Bucket: b})
	ok(t, err)
	if own.OwnershipControls.Rules[0].ObjectOwnership != "BucketOwnerEnforced" {
		t.Errorf("%+v", own)
	}
	v, err := c.GetBucketVersioning(ctx, &awss3.GetBucketVersioningInput{Bucket: b})
	ok(t, err)
	if v.Status != "" {
		t.Error(v.Status)
	}
	wantCode(t, second(c.GetBucketTagging(ctx, &awss3.GetBucketTaggingInput{Bucket: b})), "NoSuchTagSet")
	ok(t, second(c.PutBucketTagging(ctx, &awss3.PutBucketTaggingInput{Bucket: b, Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}})))
	tags, err := c.GetBucketTagging(ctx, &awss3.GetBucketTaggingInput{Bucket: b})
	ok(t, err)
	if *tags.TagSet[0].Value != "b" || f.w.Tagged(core.Scope{Account: home, Region: "us-east-1"})["arn:aws:s3:::b-1"]["a"] != "b" {
		t.Errorf("%+v", tags)
	}
	ok(t, second(c.DeleteBucketTagging(ctx, &awss3.DeleteBucketTaggingInput{Bucket: b})))
	wantCode(t, second(c.GetBucketPolicy(ctx, &awss3.GetBucketPolicyInput{Bucket: b})), "NoSuchBucketPolicy")
	wantCode(t, second(c.PutBucketPolicy(ctx, &awss3.PutBucketPolicyInput{Bucket: b, Policy: aws.String(`{}`)})), "MalformedPolicy")
	wantCode(t, second(c.PutBucketPolicy(ctx, &awss3.PutBucketPolicyInput{Bucket: b, Policy: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::other/*"}]}`)})), "MalformedPolicy")
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::b-1"}]}`
	wantCode(t, second(f.client(away, "us-east-1").ListObjectsV2(ctx, &awss3.ListObjectsV2Input{Bucket: b})), "AccessDenied")
	ok(t, second(c.PutBucketPolicy(ctx, &awss3.PutBucketPolicyInput{Bucket: b, Policy: &policy})))
	ok(t, second(f.client(away, "us-east-1").ListObjectsV2(ctx, &awss3.ListObjectsV2Input{Bucket: b})))
	got, err := c.GetBucketPolicy(ctx, &awss3.GetBucketPolicyInput{Bucket: b})
	ok(t, err)
	if *got.Policy != policy {
		t.Error(*got.Policy)
	}
	wantCode(t, second(c.GetBucketLifecycleConfiguration(ctx, &awss3.GetBucketLifecycleConfigurationInput{Bucket: b})), "NoSuchLifecycleConfiguration")
	ok(t, second(c.PutBucketLifecycleConfiguration(ctx, &awss3.PutBucketLifecycleConfigurationInput{Bucket: b, LifecycleConfiguration: &types.BucketLifecycleConfiguration{
		Rules: []types.LifecycleRule{{ID: aws.String("x"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{Prefix: aws.String("p/")}, Expiration: &types.LifecycleExpiration{Days: aws.Int32(30)}}}}})))
	life, err := c.GetBucketLifecycleConfiguration(ctx, &awss3.GetBucketLifecycleConfigurationInput{Bucket: b})
	ok(t, err)
	if *life.Rules[0].Expiration.Days != 30 || *life.Rules[0].Filter.Prefix != "p/" || life.TransitionDefaultMinimumObjectSize != "all_storage_classes_128K" {
		t.Errorf("%+v", life.Rules)
	}
	for want, err := range map[string]error{
		"NoSuchCORSConfiguration":               second(c.GetBucketCors(ctx, &awss3.GetBucketCorsInput{Bucket: b})),
		"NoSuchWebsiteConfiguration":            second(c.GetBucketWebsite(ctx, &awss3.GetBucketWebsiteInput{Bucket: b})),
		"ReplicationConfigurationNotFoundError": second(c.GetBucketReplication(ctx, &awss3.GetBucketReplicationInput{Bucket: b})),
		"ObjectLockConfigurationNotFoundError":  second(c.GetObjectLockConfiguration(ctx, &awss3.GetObjectLockConfigurationInput{Bucket: b})),
		"NotImplemented":                        second(c.GetBucketPolicyStatus(ctx, &awss3.GetBucketPolicyStatusInput{Bucket: b})),
	} {
		wantCode(t, err, want)
	}
	for _, err := range []error{
		second(c.GetBucketAcl(ctx, &awss3.GetBucketAclInput{Bucket: b})),
		second(c.GetBucketLogging(ctx, &awss3.GetBucketLoggingInput{Bucket: b})),
		second(c.GetBucketRequestPayment(ctx, &awss3.GetBucketRequestPaymentInput{Bucket: b})),
		second(c.GetBucketAccelerateConfiguration(ctx, &awss3.GetBucketAccelerateConfigurationInput{Bucket: b})),
	} {
		ok(t, err)
	}
	wantCode(t, second(c.PutBucketLogging(ctx, &awss3.PutBucketLoggingInput{Bucket: b, BucketLoggingStatus: &types.BucketLoggingStatus{}})), "NotImplemented")
}
