package kinds

import (
	"context"
	"maps"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// certificateTags reads the tags of a certificate.
// https://docs.aws.amazon.com/acm/latest/APIReference/API_ListTagsForCertificate.html
func certificateTags(ctx context.Context, w *aws.World, arn string) (map[string]string, error) {
	out, err := w.ACM.ListTagsForCertificate(ctx, &acm.ListTagsForCertificateInput{CertificateArn: &arn})
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for _, t := range out.Tags {
		tags[sdk.ToString(t.Key)] = sdk.ToString(t.Value)
	}
	return tags, nil
}

// retagCertificate puts the tags of a certificate right.
func retagCertificate(ctx context.Context, w *aws.World, arn string, set map[string]string, remove []string) error {
	return retag(set, remove, func() error {
		_, err := w.ACM.AddTagsToCertificate(ctx, &acm.AddTagsToCertificateInput{CertificateArn: &arn, Tags: toACMTags(set)})
		return err
	}, func() error {
		var tags []acmtypes.Tag
		for _, k := range remove {
			tags = append(tags, acmtypes.Tag{Key: sdk.String(k)})
		}
		_, err := w.ACM.RemoveTagsFromCertificate(ctx, &acm.RemoveTagsFromCertificateInput{CertificateArn: &arn, Tags: tags})
		return err
	})
}

func toACMTags(tags map[string]string) []acmtypes.Tag {
	var out []acmtypes.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, acmtypes.Tag{Key: sdk.String(k), Value: sdk.String(tags[k])})
	}
	return out
}

// List implements graph.Lister.
func (Certificate) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return taggedNodes(ctx, call, "acm", ":certificate/", true), nil
}
