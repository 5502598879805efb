package desired

import (
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// bucketPolicy allows actions on the objects of all buckets of the deployment, and on nothing else of them.
func (b *builder) bucketPolicy(actions ...string) graph.Value {
	storage := b.spec.Storage
	names := []string{storage.LogBucket, storage.ExportBucket, storage.FineTuneBucket}
	slices.Sort(names)
	var objects []string
	for _, name := range slices.Compact(names) {
		objects = append(objects, b.arn("s3", "", "", name+"/*"))
	}
	return policy(allow(objects, actions...))
}

// LogBucketNode is the node of the log bucket, where the operator makes it.
const LogBucketNode graph.NodeID = "bucket/log"

// bucket adds the log bucket, where the spec asks for it.
func (b *builder) bucket() {
	if s := b.spec.Storage; s.Create {
		add(b, v1alpha1.ConditionServicesReady, LogBucketNode, s.LogBucket, kinds.Bucket{}, kinds.BucketSpec{Region: s.Region})
	}
}

// stored are published when there is a bucket to write to.
func (b *builder) stored() []graph.Ref {
	if !b.spec.Storage.Create {
		return nil
	}
	return []graph.Ref{{Node: LogBucketNode, Attr: "name"}}
}
