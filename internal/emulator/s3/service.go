// Package s3 emulates the part of Amazon S3 that deals with buckets, and plain objects.
package s3

import (
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Service is Amazon S3. Bucket names are unique across all accounts of a partition.
type Service struct {
	w       *core.World
	buckets map[string]*bucket
	// Host is the emulator's host name: below it, the first label is a bucket.
	Host string
}

type bucket struct {
	name, account, region string
	created               time.Time
	tags                  map[string]string
	// documents are the configurations by subresource ("policy", "encryption", …).
	documents map[string]string
	objects   map[string]*object
	// minimum is the lifecycle configuration's default smallest object.
	minimum string
}

type object struct {
	key, etag, contentType string
	body                   []byte
	modified               time.Time
	metadata               map[string]string
}

// New returns Amazon S3 of a world.
func New(w *core.World) *Service {
	s := &Service{w: w}
	reset := func() { s.buckets = map[string]*bucket{} }
	reset()
	w.OnReset(reset)
	w.AddInventory(s.inventory)
	w.AddTagger("s3", func(scope core.Scope) map[string]map[string]string {
		out := map[string]map[string]string{}
		for _, b := range s.buckets {
			if b.account == scope.Account && b.region == scope.Region {
				out[b.arn()] = maps.Clone(b.tags)
			}
		}
		return out
	})
	return s
}

func (b *bucket) arn() string {
	return "arn:" + core.Scope{Region: b.region}.Partition() + ":s3:::" + b.name
}

func (s *Service) inventory(bool) []core.Resource {
	var out []core.Resource
	for _, b := range s.buckets {
		settings := map[string]any{"objects": len(b.objects)}
		for k, v := range b.documents {
			settings[k] = v
		}
		out = append(out, core.Resource{Service: "s3", Kind: "Bucket", ID: b.name, Name: b.name, ARN: b.arn(), Account: b.account,
			Region: b.region, Tags: maps.Clone(b.tags), State: "active", Taggable: true, Settings: settings})
	}
	return out
}

// Mux returns S3, a REST service.
func (s *Service) Mux() *core.Mux {
	return &core.Mux{Service: "s3", Protocol: core.Rest, Rest: s.serve,
		Throttled: core.Error{Code: "SlowDown", Message: "Please reduce your request rate.", Status: http.StatusServiceUnavailable},
		RestAction: func(h *http.Request) string {
			bucket, key := s.target(h)
			return actionOf(h, bucket, key)
		}}
}

// target finds bucket and key, in path style or virtual-hosted style,
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
func (s *Service) target(h *http.Request) (bucket, key string) {
	host := h.Host
	if host == "" { // a request that never was on a wire
		host = h.URL.Host
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	path := strings.TrimPrefix(h.URL.Path, "/")
	if net.ParseIP(strings.Trim(host, "[]")) == nil {
		if b, ok := strings.CutSuffix(host, ".localhost"); ok {
			return b, path
		}
		if b, ok := strings.CutSuffix(host, "."+s.Host); ok && s.Host != "" {
			return b, path
		}
		for _, mark := range []string{".s3.", ".s3-"} {
			if i := strings.LastIndex(host, mark); i > 0 && (strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".amazonaws.com.cn")) {
				return host[:i], path
			}
		}
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}

// subresources are the query keys that name a configuration of a bucket.
var subresources = map[string]string{
	"location": "Location", "tagging": "Tagging", "encryption": "Encryption", "policy": "Policy", "versioning": "Versioning",
	"lifecycle": "LifecycleConfiguration", "acl": "Acl", "cors": "Cors", "website": "Website", "logging": "Logging",
	"replication": "Replication", "requestPayment": "RequestPayment", "accelerate": "AccelerateConfiguration",
	"object-lock": "ObjectLockConfiguration", "notification": "NotificationConfiguration", "policyStatus": "PolicyStatus",
}

// whole are the subresources whose action has another form.
var whole = map[string]string{"publicAccessBlock": "PublicAccessBlock", "ownershipControls": "BucketOwnershipControls"}

var verbs = map[string]string{http.MethodGet: "Get", http.MethodPut: "Put", http.MethodDelete: "Delete", http.MethodHead: "Head"}

// subresource is the one that a request names, if any.
func subresource(h *http.Request) string {
	q := h.URL.Query()
	for k := range q {
		if subresources[k] != "" || whole[k] != "" {
			return k
		}
	}
	return ""
}

func actionOf(h *http.Request, bucket, key string) string {
	verb := verbs[h.Method]
	if verb == "" {
		return h.Method
	}
	if key != "" {
		if sub := subresource(h); sub != "" {
			return verb + "Object" + subresources[sub]
		}
		return verb + "Object"
	}
	if bucket == "" {
		return "ListBuckets"
	}
	sub := subresource(h)
	switch {
	case whole[sub] != "":
		return verb + whole[sub]
	case sub == "lifecycle" && h.Method == http.MethodDelete:
		return "DeleteBucketLifecycle"
	case sub == "object-lock":
		return verb + subresources[sub]
	case sub != "":
		return verb + "Bucket" + subresources[sub]
	case h.Method == http.MethodGet && h.URL.Query().Has("list-type"):
		return "ListObjectsV2"
	case h.Method == http.MethodGet:
		return "ListObjects"
	case h.Method == http.MethodPut:
		return "CreateBucket"
	default:
		return verb + "Bucket"
	}
}

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
