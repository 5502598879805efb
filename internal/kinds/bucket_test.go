package kinds_test

import (
	"slices"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

func TestBucket(t *testing.T) {
	for _, region := range []string{"us-east-1", sandboxRegion} {
		t.Run(region, func(t *testing.T) {
			s := newSandbox(t)
			ctx, api := t.Context(), s.clients.S3
			in := func(o *s3.Options) { o.Region = region }
			spec := kinds.BucketSpec{Region: region}
			l := newLife(s, kinds.Bucket{}, "bucket/log", "acme-logs")
			if live := l.observe(spec); live.Phase != graph.Absent {
				t.Fatalf("it is %s before it is made", live.Phase)
			}
			if got := count(s.calls(func() { l.equal(spec, l.create(spec)) })); got != "CreateBucket" {
				t.Errorf("made by %s", got)
			}
			l.equal(spec, l.ready(spec))
			for _, e := range []edit{
				{"open to the public", func(string) {
					_, err := api.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: &l.name, PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{BlockPublicAcls: sdk.Bool(true)}}, in)
					s.must(err)
				}, []string{"publicAccessBlocked"}},
				{"objects of others", func(string) {
					_, err := api.PutBucketOwnershipControls(ctx, &s3.PutBucketOwnershipControlsInput{Bucket: &l.name, OwnershipControls: &s3types.OwnershipControls{
						Rules: []s3types.OwnershipControlsRule{{ObjectOwnership: s3types.ObjectOwnershipObjectWriter}},
					}}, in)
					s.must(err)
				}, []string{"ownership"}},
			} {
				e.do(l.id)
				if got := l.diff(spec, l.observe(spec)); !slices.Equal(got, e.want) {
					t.Fatalf("%s: differs in %v", e.why, got)
				}
				l.put(spec)
			}
			l.tags(spec)
			l.foreign(spec)
			gone, err := l.kind.Delete(ctx, l.call(), l.observe(spec))
			if !gone || err != nil {
				t.Errorf("deleted: %t, %v", gone, err)
			}
			if live := l.observe(spec); live.Phase != graph.Ready || live.Owner != graph.Ours {
				t.Errorf("what is in it stays, and it is found again: %+v", live)
			}
			elsewhere := kinds.BucketSpec{Region: "ap-south-1"}
			if live := l.observe(elsewhere); live.Owner != graph.Foreign {
				t.Errorf("in another region it isn't the one that is wanted: %+v", live)
			}
		})
	}
}
