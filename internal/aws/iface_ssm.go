package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// SSM is what the operator calls of Systems Manager.
type SSM interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
}
