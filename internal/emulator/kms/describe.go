package kms

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Mux returns the actions, https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html
// DescribeKey's rate is never reached here: https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
func (s *Service) Mux() *core.Mux {
	m := &core.Mux{Service: "kms", Protocol: core.JSON11, Namespace: "TrentService",
		Throttled: core.Error{Code: "ThrottlingException", Message: "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."}}
	core.Handle(m, "DescribeKey", s.describeKey)
	return m
}

// describeKey answers a key of the account by its ID or ARN, or by an alias. One of another account is told only to whom its key
// policy lets, which none does here.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
func (s *Service) describeKey(q *core.Request, in *api.DescribeKeyInput) (*api.DescribeKeyOutput, error) {
	if err := core.Only(in, "KeyId"); err != nil {
		return nil, err
	}
	id := aws.ToString(in.KeyId)
	if strings.HasSuffix(id, "alias/aws/secretsmanager") {
		return nil, core.Errorf("InvalidParameterException", "The emulator describes no keys of AWS's own.")
	}
	arn, _ := s.Find(q.Scope, id)
	if parts := strings.Split(arn, ":"); len(parts) == 6 {
		switch {
		case parts[3] != q.Region:
			return nil, core.Errorf("NotFoundException", "Invalid arn %s", parts[3])
		case parts[4] != q.Account:
			return nil, core.Errorf("AccessDeniedException", "User: %s is not authorized to perform: kms:DescribeKey on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access", q.Principal.ARN)
		}
	}
	k := s.keys[arn]
	if k == nil && strings.Contains(arn, ":alias/") {
		return nil, core.Errorf("NotFoundException", "Alias %s is not found.", arn)
	}
	if k == nil {
		return nil, core.Errorf("NotFoundException", "Key '%s' does not exist", arn)
	}
	m := &types.KeyMetadata{
		AWSAccountId: &k.scope.Account, Arn: &k.arn, CreationDate: &k.created, CustomerMasterKeySpec: types.CustomerMasterKeySpec(k.spec), //nolint:staticcheck // AWS still answers it
		Description: aws.String(""), Enabled: k.state == types.KeyStateEnabled, KeyId: &k.id, KeyManager: types.KeyManagerTypeCustomer, KeySpec: k.spec,
		KeyState: k.state, KeyUsage: k.usage, MultiRegion: aws.Bool(strings.HasPrefix(k.id, "mrk-")), Origin: types.OriginTypeAwsKms,
	}
	if k.spec == types.KeySpecSymmetricDefault {
		m.EncryptionAlgorithms = []types.EncryptionAlgorithmSpec{types.EncryptionAlgorithmSpecSymmetricDefault}
	}
	if !k.deletion.IsZero() {
		m.DeletionDate = &k.deletion
	}
	return &api.DescribeKeyOutput{KeyMetadata: m}, nil
}
