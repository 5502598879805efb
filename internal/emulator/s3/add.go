package s3

import (
	"net/http"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Add makes a bucket with a policy ("" for none), as its owner did before, and returns its ARN. The
// caller holds the world's lock.
func (s *Service) Add(scope core.Scope, name, policy string) string {
	if s.buckets[name] == nil {
		h := &http.Request{Header: http.Header{}}
		body := ""
		if scope.Region != "us-east-1" {
			body = `<CreateBucketConfiguration><LocationConstraint>` + scope.Region + `</LocationConstraint></CreateBucketConfiguration>`
		}
		if _, err := s.createBucket(&core.Request{World: s.w, Scope: scope, HTTP: h, Body: []byte(body)}, name); err != nil {
			return ""
		}
	}
	b := s.buckets[name]
	if policy != "" {
		b.documents["policy"] = policy
	}
	return b.arn()
}
