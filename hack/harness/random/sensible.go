package random

import (
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

// ownBucket is the bucket that storage.create makes.
const ownBucket = "acme-portkey-logs"

// sensible changes what the API server takes and AWS, or the account's world, doesn't: that is refused with a
// reason, of which other tests are, and no pair of specs comes about. Each says what it is that isn't possible.
func sensible(spec map[string]any) {
	storage := child(spec, "storage")
	switch create, _ := storage["create"].(bool); {
	case create: // a bucket that is there already isn't made
		storage["logBucket"] = ownBucket
	case text(storage, "logBucket") == ownBucket: // and one that isn't, can't be used
		storage["logBucket"] = emulator.LogBucket
	}
	if c := child(spec, "capacity", "ec2"); c != nil {
		kind := text(c, "instanceType")
		if kind == "" {
			kind = "t4g.medium"
		}
		if ami := child(c, "ami"); text(ami, "id") != "" { // instances start from images of their architecture only
			ami["id"] = recommended(kind)
		}
		if !strings.HasSuffix(kind, ".xlarge") { // a small instance has network interfaces for few tasks
			c["maxSize"] = int64(10)
		}
	}
	login(child(spec, "cache", "elastiCache"))
}

// login lets the tasks log in to a cache of somebody else's as it wants them to.
func login(cache map[string]any) {
	switch text(cache, "replicationGroupID") {
	case encryptedCache:
		delete(cache, "auth")
	case tokenCache:
		cache["auth"] = map[string]any{"secretARN": cacheSecret}
	case iamCache:
		cache["auth"] = map[string]any{"iam": map[string]any{"userName": iamUser}}
	}
}

// cacheSecret is the ARN of the secret that Prepare makes for its caches.
const cacheSecret = "arn:aws:secretsmanager:" + region + ":" + emulator.Account + ":secret:" + cacheSecretName + "-AbCdEf"

// recommended is the first release of the ECS-optimised image for an instance type.
func recommended(instanceType string) string {
	architecture := "x86_64"
	if family, _, _ := strings.Cut(instanceType, "."); strings.HasSuffix(family, "g") {
		architecture = "arm64"
	}
	return ec2.ECSOptimizedImage(region, architecture, 1).ID
}
