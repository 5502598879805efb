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
	if spec["capacity"] == nil && scaled(spec) {
		spec["capacity"] = map[string]any{"ec2": map[string]any{}}
	}
	if c := child(spec, "capacity", "ec2"); c != nil {
		roomy(c)
	}
	login(child(spec, "cache", "elastiCache"))
	for _, service := range []string{"gateway", "dataService"} {
		for _, v := range child(spec, service, "secretEnv") {
			if from, _ := v.(map[string]any); from["secretRef"] != nil { // a variable is one value of a Secret
				from["key"] = "REDIS_PASSWORD"
			}
		}
	}
}

// scaled reports whether the tasks may be too many or too large for instances of the default size and number.
func scaled(spec map[string]any) bool {
	for _, service := range []string{"gateway", "dataService"} {
		for _, field := range []string{"replicas", "autoscaling", "resources"} {
			if child(spec, service)[field] != nil {
				return true
			}
		}
	}
	return false
}

// roomy gives instances room for all tasks at the peak of a rollout, also while services of before are still there: a
// rollout without room waits for ever, of which status warns. And they start from images of their architecture.
func roomy(c map[string]any) {
	if !strings.HasSuffix(text(c, "instanceType"), ".xlarge") {
		c["instanceType"] = "t4g.xlarge"
	}
	c["maxSize"] = int64(10)
	if ami := child(c, "ami"); text(ami, "id") != "" {
		ami["id"] = recommended(text(c, "instanceType"))
	}
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
