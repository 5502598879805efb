package aws

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// SecretState is what matters of a secret. Its value is none of the operator's business.
type SecretState struct {
	// Leaving says that it is scheduled for deletion.
	Leaving bool
	// Version is the id of its present version; empty while it has no value.
	Version string
	// KMSKey is the customer managed key that encrypts it, as its owner named it: an ARN, an ID or an alias. Empty for
	// AWS's own, with which everybody may decrypt who may read the secret.
	KMSKey string
}

// currentStage and previousStage are the staging labels of a secret's present version and of the one before.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
const (
	currentStage  = "AWSCURRENT"
	previousStage = "AWSPREVIOUS"
)

// DescribeSecret reads a secret's state; one that doesn't exist is an error of class NotFound.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
func DescribeSecret(ctx context.Context, c Secrets, arn string) (SecretState, error) {
	out, err := c.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &arn})
	if err != nil {
		return SecretState{}, err
	}
	state := SecretState{Leaving: out.DeletedDate != nil, Version: PresentVersion(out), KMSKey: sdk.ToString(out.KmsKeyId)}
	if strings.HasSuffix(state.KMSKey, ownSecretsKey) {
		state.KMSKey = ""
	}
	return state, nil
}

// ownSecretsKey ends the name of the key of AWS's own, which DescribeSecret leaves out.
const ownSecretsKey = "alias/aws/secretsmanager"

// SecretKeyARN is the ARN of the key that encrypts a secret, which is what policies name: a key without one is of the
// secret's own account and region. An alias is asked of AWS KMS.
// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
func SecretKeyARN(ctx context.Context, c KMS, secretARN, key string) (string, error) {
	if !strings.HasPrefix(key, "arn:") {
		name := key
		if !strings.HasPrefix(key, "alias/") {
			name = "key/" + key
		}
		parts := strings.SplitN(secretARN, ":", 6)
		if len(parts) < 6 {
			return "", fmt.Errorf("%s is no ARN of a secret", secretARN)
		}
		key = strings.Join([]string{"arn", parts[1], "kms", parts[3], parts[4], name}, ":")
	}
	if !strings.Contains(key, ":alias/") {
		return key, nil
	}
	k, err := DescribeKey(ctx, c, key)
	return k.ARN, err
}

// SecretShape is what a version of a secret looks like to who may not know its values.
type SecretShape struct {
	// Binary says that it is no text.
	Binary bool
	// Object says that it is a JSON object, and Keys are those of its keys that have a value.
	Object bool
	Keys   []string
}

// ReadSecretShape reads a secret's present value, and answers its shape alone: the value goes no further than this.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
func ReadSecretShape(ctx context.Context, c Secrets, arn string) (SecretShape, error) {
	// The label is named so that a policy may allow just that: secretsmanager:VersionStage.
	out, err := c.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn, VersionStage: sdk.String(currentStage)})
	if err != nil {
		return SecretShape{}, err
	}
	if out.SecretString == nil {
		return SecretShape{Binary: true}, nil
	}
	var values map[string]any
	if err := json.Unmarshal([]byte(*out.SecretString), &values); err != nil || values == nil {
		return SecretShape{}, nil //nolint:nilerr // the error may have a piece of the value in it
	}
	shape := SecretShape{Object: true}
	for key, value := range values {
		if value != nil && value != "" {
			shape.Keys = append(shape.Keys, key)
		}
	}
	slices.Sort(shape.Keys)
	return shape, nil
}

// PresentVersion is the id of a described secret's present version; empty while it has none.
func PresentVersion(out *secretsmanager.DescribeSecretOutput) string {
	return labelled(out, currentStage)
}

// FormerVersion is the id of the version that was present before that; empty where there was none.
func FormerVersion(out *secretsmanager.DescribeSecretOutput) string {
	return labelled(out, previousStage)
}

func labelled(out *secretsmanager.DescribeSecretOutput, label string) string {
	for id, stages := range out.VersionIdsToStages {
		if slices.Contains(stages, label) {
			return id
		}
	}
	return ""
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

// Certificate is what matters of a certificate of AWS Certificate Manager.
type Certificate struct {
	// Status is AWS's word: CertificateIssued when it can be used.
	Status string
	// Names are the names that it is for.
	Names []string
}

// CertificateIssued is the status of certificates that can be used.
const CertificateIssued = string(acmtypes.CertificateStatusIssued)

// ReadCertificate reads a certificate; one that doesn't exist is an error of class NotFound.
// https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html
func ReadCertificate(ctx context.Context, c ACM, arn string) (Certificate, error) {
	out, err := c.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &arn})
	if err != nil {
		return Certificate{}, err
	}
	names := out.Certificate.SubjectAlternativeNames
	if len(names) == 0 { // an imported certificate may have none
		names = []string{sdk.ToString(out.Certificate.DomainName)}
	}
	return Certificate{Status: string(cmp.Or(out.Certificate.Status, acmtypes.CertificateStatusIssued)), Names: names}, nil
}

// FindWebACL makes sure that a web ACL exists; one that doesn't is an error of class NotFound.
// https://docs.aws.amazon.com/waf/latest/APIReference/API_GetWebACL.html
func FindWebACL(ctx context.Context, c WAF, arn string) error {
	_, err := c.GetWebACL(ctx, &wafv2.GetWebACLInput{ARN: &arn})
	return err
}

// Key is what matters of a key of AWS KMS.
type Key struct {
	ARN string
	// State is AWS's word. Usable says that a key in it encrypts and decrypts, and Leaving that it is to be deleted.
	State           string
	Usable, Leaving bool
	// Symmetric says that it can encrypt secrets.
	Symmetric bool
}

// DescribeKey reads a key; one that doesn't exist is an error of class NotFound.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
func DescribeKey(ctx context.Context, c KMS, arn string) (Key, error) {
	out, err := c.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &arn})
	if err != nil {
		return Key{}, err
	}
	m := out.KeyMetadata
	state := cmp.Or(m.KeyState, kmstypes.KeyStateEnabled)
	return Key{
		ARN: sdk.ToString(m.Arn), State: string(state),
		// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
		Usable:    state == kmstypes.KeyStateEnabled || state == kmstypes.KeyStateUpdating,
		Leaving:   state == kmstypes.KeyStatePendingDeletion || state == kmstypes.KeyStatePendingReplicaDeletion,
		Symmetric: cmp.Or(m.KeySpec, kmstypes.KeySpecSymmetricDefault) == kmstypes.KeySpecSymmetricDefault,
	}, nil
}

// FindFunction makes sure that a function exists, with its version or alias where the ARN ends in one; one that doesn't
// is an error of class NotFound.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
func FindFunction(ctx context.Context, c Lambda, arn string) error {
	_, err := c.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &arn})
	return err
}
