package controllers

import (
	"context"
	"fmt"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
)

// checkKey makes sure that Secrets Manager can encrypt with a key: it takes symmetric ones, and those that are enabled.
// That it lies in the region, the API server has checked.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
func checkKey(ctx context.Context, w *aws.World, arn string) *refusal {
	no := func(format string, args ...any) *refusal {
		return &refusal{reason: v1alpha1.ReasonKeyUnusable, message: "secrets.kmsKeyARN: the key " + arn + " " + fmt.Sprintf(format, args...)}
	}
	key, err := aws.DescribeKey(ctx, w.KMS, arn)
	switch {
	case err != nil:
		return unusable(err, v1alpha1.ReasonKeyUnusable, fmt.Sprintf("secrets.kmsKeyARN: there is no key %s: create it, or correct kmsKeyARN", arn))
	case key.Leaving:
		return no("is scheduled for deletion (%s): cancel that and enable it, or name another", key.State)
	case !key.Symmetric:
		return no("isn't symmetric, and AWS Secrets Manager takes no other: name a symmetric encryption key")
	case !key.Usable:
		return no("is %s: enable it, or name another", key.State)
	}
	return nil
}
