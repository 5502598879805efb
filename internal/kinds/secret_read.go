package kinds

import (
	"context"
	"maps"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	smtypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// secret is what is known of a secret in Secrets Manager: never its value.
type secret struct {
	ARN, Name string
	// KMSKey is the ARN of the key that encrypts it; empty for AWS's own.
	KMSKey string
	// Leaving says that it is scheduled for deletion.
	Leaving bool
	Tags    map[string]string
	// Current and Previous are the ids of its present version and of the one before.
	Current, Previous string
}

func (s secret) live(call graph.Call) graph.Live {
	return graph.Live{ID: s.ARN, Phase: graph.Ready, Owner: proof(call, s.ARN, s.Tags), Out: map[graph.Attr]string{"arn": s.ARN}, Raw: s}
}

// readSecret finds a secret by its recorded ARN, or by its name: it may have been made again. Nil is absent.
func readSecret(ctx context.Context, call graph.Call) (*secret, error) {
	id := call.ID
	if id == "" {
		id = call.Name
	}
	out, err := secretDescription(ctx, world(call), id)
	if notFound(err) && id != call.Name && call.Name != "" {
		out, err = secretDescription(ctx, world(call), call.Name)
	}
	if err != nil {
		return nil, ignore(err, notFound)
	}
	s := &secret{
		ARN: sdk.ToString(out.ARN), Name: sdk.ToString(out.Name), KMSKey: sdk.ToString(out.KmsKeyId), Leaving: out.DeletedDate != nil,
		Tags: map[string]string{}, Current: aws.PresentVersion(out), Previous: aws.FormerVersion(out),
	}
	if strings.HasSuffix(s.KMSKey, awsOwnKey) {
		s.KMSKey = ""
	}
	for _, t := range out.Tags {
		s.Tags[sdk.ToString(t.Key)] = sdk.ToString(t.Value)
	}
	return s, nil
}

// awsOwnKey is the alias of AWS's own key for secrets. DescribeSecret leaves it out.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
const awsOwnKey = "alias/aws/secretsmanager"

// keyID is how a creation names a key.
func keyID(kmsKey string) *string {
	if kmsKey == "" {
		return nil
	}
	return &kmsKey
}

// diff compares what all secrets have in common.
func (s secret) diff(call graph.Call, kmsKey string) difference {
	var d difference
	if s.Leaving {
		d.text("deletion", "scheduled", "none")
	}
	d.text("kmsKey", s.KMSKey, kmsKey)
	return append(d, diffTags(call.Tags, s.Tags)...)
}

// mend puts that right, and notes what it did. A new key encrypts the versions that have a label anew, so that
// whoever reads them may decrypt with it.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html
func (s *secret) mend(ctx context.Context, call graph.Call, kmsKey string) error {
	c := world(call).Secrets
	if s.Leaving {
		if _, err := c.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: &s.ARN}); err != nil {
			return err
		}
		s.Leaving = false
	}
	if s.KMSKey != kmsKey {
		key := kmsKey
		if key == "" {
			key = awsOwnKey
		}
		if _, err := c.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{SecretId: &s.ARN, KmsKeyId: &key}); err != nil {
			return err
		}
		s.KMSKey = kmsKey
	}
	set, remove := tagPatch(call.Tags, s.Tags)
	err := retag(set, remove, func() error {
		_, err := c.TagResource(ctx, &secretsmanager.TagResourceInput{SecretId: &s.ARN, Tags: secretTags(set)})
		return err
	}, func() error {
		_, err := c.UntagResource(ctx, &secretsmanager.UntagResourceInput{SecretId: &s.ARN, TagKeys: remove})
		return err
	})
	if err == nil {
		s.Tags = retagged(call.Tags, s.Tags)
	}
	return err
}

func secretTags(tags map[string]string) []smtypes.Tag {
	var out []smtypes.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, smtypes.Tag{Key: sdk.String(k), Value: sdk.String(tags[k])})
	}
	return out
}
