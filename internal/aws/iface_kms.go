package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// KMS is what the operator calls of AWS Key Management Service: Secrets Manager does the rest in its name.
type KMS interface {
	DescribeKey(context.Context, *kms.DescribeKeyInput, ...func(*kms.Options)) (*kms.DescribeKeyOutput, error)
}
