package controllers

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// bucketChecks make sure that the buckets of the logs are there, or that the operator can make the one that it is to make.
func (r *PortkeyGatewayReconciler) bucketChecks(gw *v1alpha1.PortkeyGateway, spec v1alpha1.PortkeyGatewaySpec, w *aws.World) []check {
	var out []check
	s := spec.Storage
	bucket := func(field, name string) {
		what := "bucket " + name + " in " + s.Region
		ask := func(ctx context.Context) *refusal { return checkBucket(ctx, w, field, name, s.Region) }
		if s.Create && name == s.LogBucket {
			what = "bucket " + name + " to be made in " + s.Region
			ask = func(ctx context.Context) *refusal { return r.checkNewBucket(ctx, gw, w, name, s.Region) }
		}
		if !slices.ContainsFunc(out, func(c check) bool { return c.what == what }) {
			out = append(out, check{what, ask})
		}
	}
	bucket("logBucket", s.LogBucket)
	bucket("exportBucket", s.ExportBucket)
	bucket("fineTuneBucket", s.FineTuneBucket)
	return out
}

// checkBucket makes sure that a bucket exists, and lies where the spec says.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
func checkBucket(ctx context.Context, w *aws.World, field, bucket, want string) *refusal {
	region, err := aws.BucketRegion(ctx, w.S3, bucket, want)
	switch {
	case errors.Is(err, aws.ErrElsewhere):
		return &refusal{reason: v1alpha1.ReasonBucketUnusable, message: fmt.Sprintf(
			"storage.%s: the bucket %s doesn't lie in %s: set storage.region to its region", field, bucket, want)}
	case err != nil:
		return unusable(err, v1alpha1.ReasonBucketUnusable, fmt.Sprintf(
			"storage.%s: there is no bucket %s in %s: create it, or correct %s or region", field, bucket, want, field))
	case region != "" && region != want:
		return &refusal{reason: v1alpha1.ReasonBucketUnusable, message: fmt.Sprintf(
			"storage.%s: the bucket %s lies in %s, not in %s: set storage.region to %s", field, bucket, region, want, region)}
	}
	return nil
}

// checkNewBucket makes sure that the name of a bucket that is to be made isn't taken: names are unique to all accounts
// and regions of a partition. The deployment's own bucket, which outlives it, is taken up again. One that the operator
// may not see refuses too, since it is going to be looked at by the same call.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
func (r *PortkeyGatewayReconciler) checkNewBucket(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World, name, region string) *refusal {
	no := func(format string, args ...any) *refusal {
		return &refusal{reason: v1alpha1.ReasonBucketUnusable, message: "storage.logBucket: " + fmt.Sprintf(format, args...)}
	}
	_, err := aws.BucketRegion(ctx, w.S3, name, region)
	if errors.Is(err, aws.ErrElsewhere) {
		return no("the name %s is taken by a bucket in another region than %s: write another name; or, if that bucket is yours, set storage.region to its region and create to false", name, region)
	}
	if err == nil {
		call := graph.Call{World: w, Node: desired.LogBucketNode, Name: name, Owner: r.owner(gw).Proof(string(desired.LogBucketNode)), Now: r.Now()}
		for _, res := range gw.Status.Resources {
			if res.Node == string(desired.LogBucketNode) {
				call.ID = res.ID
			}
		}
		var live graph.Live
		if live, err = (kinds.Bucket{}).Observe(ctx, call, kinds.BucketSpec{Region: region}); err == nil {
			if live.Owner == graph.Foreign && live.Phase != graph.Absent {
				return no("the bucket %s is there already, and isn't this deployment's: write create: false to use it as it is, or another name", name)
			}
			return nil
		}
	}
	switch f := aws.Classify(err); f.Class {
	case graph.NotFound:
		return nil
	case graph.Denied:
		return no("the name %s is taken by a bucket of another account, or one that the operator may not see (%s): write another name, or allow its role that (config/iam)", name, f.Action)
	default:
		return unusable(err, v1alpha1.ReasonBucketUnusable, "")
	}
}
