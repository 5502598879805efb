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
	if err != nil {
		return unusable(err, v1alpha1.ReasonKeyUnusable, fmt.Sprintf("secrets.kmsKeyARN: there is no key %s: create it, or correct kmsKeyARN", arn))
	}
	if problem := keyProblem(key); problem != "" {
		return no("%s, or name another", problem)
	}
	if !key.Symmetric {
		return no("isn't symmetric, and AWS Secrets Manager takes no other: name a symmetric encryption key")
	}
	return nil
}

// keyProblem says why a key can't be used, and what to do; empty where it can.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
func keyProblem(key aws.Key) string {
	switch {
	case key.Leaving:
		return fmt.Sprintf("is scheduled for deletion (%s): cancel that and enable it", key.State)
	case !key.Usable:
		return fmt.Sprintf("is %s: enable it", key.State)
	}
	return ""
}

// checkKeyOf makes sure that the key of the user's own can be used that encrypts a secret of theirs: without it no task
// can read the secret.
func checkKeyOf(ctx context.Context, w *aws.World, field, secret string, read secretRead) *refusal {
	if read.KMSKey == "" {
		return nil
	}
	missing := fmt.Sprintf("%s: there is no key %s, with which the secret %s is encrypted: have it encrypted with another (aws secretsmanager update-secret), or name another secret", field, read.KMSKey, secret)
	arn, err := secretKeyARN(ctx, w, secret, read, nil)
	if err != nil {
		return unusable(err, v1alpha1.ReasonKeyUnusable, missing)
	}
	key, err := aws.DescribeKey(ctx, w.KMS, arn)
	if err != nil {
		return unusable(err, v1alpha1.ReasonKeyUnusable, missing)
	}
	if problem := keyProblem(key); problem != "" {
		return &refusal{reason: v1alpha1.ReasonKeyUnusable, message: fmt.Sprintf("%s: the key %s, with which the secret %s is encrypted, %s, or name another secret", field, arn, secret, problem)}
	}
	return nil
}
