package desired

import (
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
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
