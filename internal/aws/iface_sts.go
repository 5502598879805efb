package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// STS is what the operator calls of AWS Security Token Service: who it is.
type STS interface {
	GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error)
}
