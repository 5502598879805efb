package aws

import (
	"context"
	"errors"
	"net/http"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// SecretLeaving reports whether a secret is scheduled for deletion. Its value is none of the operator's
// business. A secret that doesn't exist is an error of class NotFound.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
func SecretLeaving(ctx context.Context, c Secrets, arn string) (bool, error) {
	out, err := c.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &arn})
	if err != nil {
		return false, err
	}
	return out.DeletedDate != nil, nil
}

// ErrElsewhere says that a bucket lies in another region than the one asked.
var ErrElsewhere = errors.New("the bucket lies in another region")

// BucketRegion answers the region of a bucket, asked in the region where it should be; empty where S3
// doesn't tell. One that lies elsewhere is answered by a redirect, which has no error code since a HEAD
// answer has no body: ErrElsewhere.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
func BucketRegion(ctx context.Context, c S3, bucket, region string) (string, error) {
	out, err := c.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket}, func(o *s3.Options) { o.Region = region })
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusMovedPermanently {
		return "", ErrElsewhere
	}
	if err != nil {
		return "", err
	}
	return sdk.ToString(out.BucketRegion), nil
}
