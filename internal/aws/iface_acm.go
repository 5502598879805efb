package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/acm"
)

// ACM is what the operator calls of AWS Certificate Manager: whether a certificate is issued, and for which names.
type ACM interface {
	DescribeCertificate(context.Context, *acm.DescribeCertificateInput, ...func(*acm.Options)) (*acm.DescribeCertificateOutput, error)
}
