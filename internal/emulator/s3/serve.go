package s3

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/iam"
)

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

// call is a request to a bucket.
type call struct {
	*core.Request
	bucket *bucket
	name   string
	key    string
}

func notImplemented(what string) error {
	return core.Errorf("NotImplemented", "A header or query you provided implies functionality that is not implemented: %s", what).WithStatus(http.StatusNotImplemented)
}

func noSuchBucket() error {
	return core.Errorf("NoSuchBucket", "The specified bucket does not exist").WithStatus(http.StatusNotFound)
}

func denied() error {
	return core.Errorf("AccessDenied", "Access Denied").WithStatus(http.StatusForbidden)
}

func respond(status int, body any) (core.RestResponse, error) {
	out := core.RestResponse{Status: status, Header: map[string]string{"Content-Type": "application/xml"}}
	if body == nil {
		return out, nil
	}
	b, err := xml.Marshal(body)
	out.Body = append([]byte(xml.Header), b...)
	return out, err
}

// headers are those that may come with any request, or change nothing that is emulated.
var headers = []string{"x-amz-content-sha256", "x-amz-date", "x-amz-security-token", "x-amz-user-agent", "x-amz-expected-bucket-owner",
	"x-amz-sdk-checksum-algorithm", "x-amz-checksum-mode", "x-amz-trailer", "x-amz-decoded-content-length", "x-amz-te",
	"x-amz-checksum-crc32", "x-amz-checksum-crc32c", "x-amz-checksum-crc64nvme", "x-amz-checksum-sha1", "x-amz-checksum-sha256"}

// queries are the parameters of each action beside its subresource.
var queries = map[string][]string{
	"ListObjectsV2": {"list-type", "prefix", "delimiter", "max-keys", "continuation-token", "start-after", "encoding-type", "fetch-owner"},
	"ListBuckets":   {"max-buckets", "continuation-token", "prefix", "bucket-region"},
}

// strict refuses what the emulator would otherwise ignore.
func strict(r *core.Request) error {
	for k, v := range r.HTTP.Header {
		k = strings.ToLower(k)
		switch {
		case k == "range", k == "if-match", k == "if-none-match", k == "if-modified-since", k == "if-unmodified-since":
			return notImplemented(k)
		case !strings.HasPrefix(k, "x-amz-"), slices.Contains(headers, k):
		case k == "x-amz-acl" && v[0] == "private", k == "x-amz-server-side-encryption" && v[0] == "AES256",
			k == "x-amz-storage-class" && v[0] == "STANDARD", k == "x-amz-bucket-object-lock-enabled" && strings.EqualFold(v[0], "false"):
			// These are the defaults.
		case r.Action == "PutBucketLifecycleConfiguration" && k == minimumSize:
		case r.Action == "CreateBucket" && k == "x-amz-object-ownership", r.Action == "PutObject" && strings.HasPrefix(k, "x-amz-meta-"):
		default:
			return notImplemented(k)
		}
	}
	for k := range r.HTTP.URL.Query() {
		switch {
		case k == "x-id", strings.HasPrefix(k, "X-Amz-"), k == subresource(r.HTTP), slices.Contains(queries[r.Action], k):
		default:
			return notImplemented(k)
		}
	}
	return nil
}

func (s *Service) serve(r *core.Request) (core.RestResponse, error) {
	name, key := s.target(r.HTTP)
	params := map[string]string{}
	if name != "" {
		params["Bucket"] = name
	}
	if key != "" {
		params["Key"] = key
	}
	for k, v := range r.HTTP.URL.Query() {
		params[k] = strings.Join(v, ",")
	}
	r.Params = params
	if err := strict(r); err != nil {
		return core.RestResponse{}, err
	}
	switch r.Action {
	case "ListBuckets":
		return s.listBuckets(r)
	case "CreateBucket":
		return s.createBucket(r, name)
	}
	b := s.buckets[name]
	if b == nil || !s.w.Visible(b.created) {
		return core.RestResponse{}, noSuchBucket()
	}
	if owner := r.HTTP.Header.Get("X-Amz-Expected-Bucket-Owner"); owner != "" && owner != b.account {
		return core.RestResponse{}, denied()
	}
	if !s.may(r, b, key) {
		if r.HTTP.Method == http.MethodHead {
			// The owner's region is told even to strangers.
			return core.RestResponse{Status: http.StatusForbidden, Header: map[string]string{"x-amz-bucket-region": b.region}}, nil
		}
		return core.RestResponse{}, denied()
	}
	// The global endpoint, us-east-1, tells the location of any bucket.
	if b.region != r.Region && (r.Action != "GetBucketLocation" || r.Region != "us-east-1") {
		return redirect(r, b)
	}
	c := &call{r, b, name, key}
	if key != "" {
		return s.object(c)
	}
	switch r.Action {
	case "HeadBucket":
		return core.RestResponse{Status: http.StatusOK, Header: map[string]string{"x-amz-bucket-region": b.region, "x-amz-access-point-alias": "false"}}, nil
	case "DeleteBucket":
		return s.deleteBucket(c)
	case "ListObjectsV2":
		return s.listObjects(c)
	case "GetBucketLocation":
		return location(b)
	}
	return s.configuration(c)
}

// may reports whether the caller's account owns the bucket, or its policy lets the caller in.
func (s *Service) may(r *core.Request, b *bucket, key string) bool {
	if r.Account == b.account {
		return true
	}
	resource := b.arn()
	if key != "" {
		resource += "/" + key
	}
	action := map[string]string{"HeadBucket": "ListBucket", "ListObjectsV2": "ListBucket", "HeadObject": "GetObject"}[r.Action]
	if action == "" {
		action = r.Action
	}
	root := "arn:" + core.Scope{Region: b.region}.Partition() + ":iam::" + r.Account + ":root"
	return iam.ResourcePolicyAllows(b.documents["policy"], map[string][]string{"AWS": {r.Account, root, r.Principal.ARN, r.Principal.RoleARN}},
		"s3:"+action, resource, map[string]string{"aws:principalaccount": r.Account})
}

// redirect is the answer of the wrong region's endpoint,
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html
func redirect(r *core.Request, b *bucket) (core.RestResponse, error) {
	out, err := respond(http.StatusMovedPermanently, struct {
		XMLName                                 xml.Name `xml:"Error"`
		Code, Message, Endpoint, Bucket, Region string
	}{Code: "PermanentRedirect", Message: "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
		Endpoint: b.name + ".s3." + b.region + ".amazonaws.com", Bucket: b.name, Region: b.region})
	out.Header["x-amz-bucket-region"] = b.region
	if r.HTTP.Method == http.MethodHead {
		out.Body = nil
	}
	return out, err
}
