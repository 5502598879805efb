package kinds

import (
	"context"
	"errors"
	"maps"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// Bucket is an S3 bucket for logs: closed to the public, its objects the account's own. That is also what
// AWS gives new buckets, so it costs no calls, and is put back when somebody changes it. AWS encrypts
// every bucket, by SSE-S3 unless somebody names a key, which is theirs to choose.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
//
// It is never deleted: what is in it is the user's. It stays with its tags, by which a deployment of the
// same name takes it up again.
//
// Outputs: "name", at once.
type Bucket struct{}

// BucketSpec is what a bucket should be. Its name is the node's.
type BucketSpec struct {
	// Region is where it lies; it can't be changed.
	Region string `json:"region"`
}

type bucket struct {
	Name, Region, Ownership string
	Closed                  bool
	Tags                    map[string]string
}

func (b bucket) live(call graph.Call) graph.Live {
	return graph.Live{ID: b.Name, Phase: graph.Ready, Owner: proof(call, b.Name, b.Tags), Raw: b, Out: map[graph.Attr]string{"name": b.Name}}
}

// Name implements graph.Kind.
func (Bucket) Name() string { return "Bucket" }

// in calls S3 in the bucket's region, which needn't be the deployment's.
func (s BucketSpec) in(o *s3.Options) {
	if s.Region != "" {
		o.Region = s.Region
	}
}

// Observe implements graph.Kind. A bucket without a spec isn't looked at: it isn't deleted.
func (Bucket) Observe(ctx context.Context, call graph.Call, spec BucketSpec) (graph.Live, error) {
	c, name := world(call).S3, call.Name
	if spec.Region == "" {
		return graph.Live{ID: call.ID, Phase: graph.Ready, Owner: graph.Ours}, nil
	}
	switch _, err := aws.BucketRegion(ctx, c, name, spec.Region); {
	case errors.Is(err, aws.ErrElsewhere):
		return graph.Live{ID: name, Phase: graph.Ready, Owner: graph.Foreign}, nil
	case notFound(err):
		return graph.Live{Phase: graph.Absent}, nil
	case err != nil:
		return graph.Live{}, err
	}
	b := bucket{Name: name, Region: spec.Region, Tags: map[string]string{}}
	tags, err := c.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &name}, spec.in)
	if ignore(err, notFound) != nil {
		return graph.Live{}, err
	}
	if err == nil {
		for _, t := range tags.TagSet {
			b.Tags[sdk.ToString(t.Key)] = sdk.ToString(t.Value)
		}
	}
	if l := b.live(call); l.Owner == graph.Foreign {
		return l, nil
	}
	block, err := c.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &name}, spec.in)
	if ignore(err, notFound) != nil {
		return graph.Live{}, err
	}
	if err == nil {
		p := block.PublicAccessBlockConfiguration
		b.Closed = p != nil && sdk.ToBool(p.BlockPublicAcls) && sdk.ToBool(p.BlockPublicPolicy) && sdk.ToBool(p.IgnorePublicAcls) && sdk.ToBool(p.RestrictPublicBuckets)
	}
	controls, err := c.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: &name}, spec.in)
	if ignore(err, notFound) != nil {
		return graph.Live{}, err
	}
	if err == nil && controls.OwnershipControls != nil {
		for _, r := range controls.OwnershipControls.Rules {
			b.Ownership = string(r.ObjectOwnership)
		}
	}
	return b.live(call), nil
}

// Diff implements graph.Kind.
func (Bucket) Diff(call graph.Call, want BucketSpec, live graph.Live) []graph.Change {
	have := raw[bucket](live)
	var d difference
	d.fixed("region", have.Region, want.Region)
	d.flag("publicAccessBlocked", have.Closed, true)
	d.text("ownership", have.Ownership, string(s3types.ObjectOwnershipBucketOwnerEnforced))
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// Create implements graph.Kind. us-east-1 isn't named: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
func (Bucket) Create(ctx context.Context, call graph.Call, spec BucketSpec) (graph.Live, error) {
	in := &s3.CreateBucketInput{
		Bucket: &call.Name, ObjectOwnership: s3types.ObjectOwnershipBucketOwnerEnforced,
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{Tags: toBucketTags(call.Tags)},
	}
	if spec.Region != "us-east-1" {
		in.CreateBucketConfiguration.LocationConstraint = s3types.BucketLocationConstraint(spec.Region)
	}
	if _, err := world(call).S3.CreateBucket(ctx, in, spec.in); err != nil {
		return graph.Live{}, err
	}
	return bucket{
		Name: call.Name, Region: spec.Region, Closed: true, Ownership: string(s3types.ObjectOwnershipBucketOwnerEnforced), Tags: call.Tags,
	}.live(call), nil
}

// Update implements graph.Kind.
func (Bucket) Update(ctx context.Context, call graph.Call, spec BucketSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	c, b := world(call).S3, raw[bucket](live)
	if touches(changes, "publicAccessBlocked") {
		yes := sdk.Bool(true)
		if _, err := c.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: &b.Name, PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
			BlockPublicAcls: yes, BlockPublicPolicy: yes, IgnorePublicAcls: yes, RestrictPublicBuckets: yes,
		}}, spec.in); err != nil {
			return live, err
		}
		b.Closed = true
	}
	if touches(changes, "ownership") {
		if _, err := c.PutBucketOwnershipControls(ctx, &s3.PutBucketOwnershipControlsInput{Bucket: &b.Name, OwnershipControls: &s3types.OwnershipControls{
			Rules: []s3types.OwnershipControlsRule{{ObjectOwnership: s3types.ObjectOwnershipBucketOwnerEnforced}},
		}}, spec.in); err != nil {
			return live, err
		}
		b.Ownership = string(s3types.ObjectOwnershipBucketOwnerEnforced)
	}
	if touches(changes, "tags") {
		// All tags are written at once: those of others too.
		b.Tags = retagged(call.Tags, b.Tags)
		if _, err := c.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: &b.Name, Tagging: &s3types.Tagging{TagSet: toBucketTags(b.Tags)}}, spec.in); err != nil {
			return live, err
		}
	}
	return b.live(call), nil
}

// Delete implements graph.Kind: the bucket stays.
func (Bucket) Delete(context.Context, graph.Call, graph.Live) (bool, error) { return true, nil }

func toBucketTags(tags map[string]string) []s3types.Tag {
	var out []s3types.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, s3types.Tag{Key: sdk.String(k), Value: sdk.String(tags[k])})
	}
	return out
}
