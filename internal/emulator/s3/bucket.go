package s3

import (
	"encoding/xml"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

var (
	bucketPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	regionPattern = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)
)

// validName follows https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
func validName(name string) bool {
	if !bucketPattern.MatchString(name) || strings.Contains(name, "..") || net.ParseIP(name) != nil {
		return false
	}
	for _, p := range []string{"xn--", "sthree-", "amzn-s3-demo-"} {
		if strings.HasPrefix(name, p) {
			return false
		}
	}
	for _, x := range []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"} {
		if strings.HasSuffix(name, x) {
			return false
		}
	}
	return true
}

type createBody struct {
	LocationConstraint string
	Tags               []tag `xml:"Tags>Tag"`
}

// createBucket: the region is that of the endpoint, which LocationConstraint must repeat, save in
// us-east-1, where it must be left out for us-east-1 itself,
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
func (s *Service) createBucket(r *core.Request, name string) (core.RestResponse, error) {
	if !validName(name) {
		return core.RestResponse{}, core.Errorf("InvalidBucketName", "The specified bucket is not valid.")
	}
	var in createBody
	if len(r.Body) > 0 {
		if err := decode(r.Body, &in, "CreateBucketConfiguration", "LocationConstraint", "Tags", "Tag", "Key", "Value"); err != nil {
			return core.RestResponse{}, err
		}
	}
	region := r.Region
	switch {
	case in.LocationConstraint == "us-east-1" || (in.LocationConstraint != "" && !regionPattern.MatchString(in.LocationConstraint)):
		return core.RestResponse{}, core.Errorf("InvalidLocationConstraint", "The specified location-constraint is not valid")
	case region == "us-east-1":
		if in.LocationConstraint != "" {
			region = in.LocationConstraint
		}
	case in.LocationConstraint == "":
		return core.RestResponse{}, core.Errorf("IllegalLocationConstraintException", "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.")
	case in.LocationConstraint != region:
		return core.RestResponse{}, core.Errorf("IllegalLocationConstraintException", "The %s location constraint is incompatible for the region specific endpoint this request was sent to.", in.LocationConstraint)
	}
	tags, err := tagMap(in.Tags)
	if err != nil {
		return core.RestResponse{}, err
	}
	ownership := r.HTTP.Header.Get("X-Amz-Object-Ownership")
	if ownership == "" {
		ownership = "BucketOwnerEnforced"
	}
	if b := s.buckets[name]; b != nil {
		switch {
		case b.account != r.Account:
			return core.RestResponse{}, core.Errorf("BucketAlreadyExists", "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.").WithStatus(http.StatusConflict)
		case b.region != "us-east-1" || region != "us-east-1":
			return core.RestResponse{}, core.Errorf("BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.").WithStatus(http.StatusConflict)
		}
		// In us-east-1 creating one's own bucket again succeeds.
	} else {
		s.buckets[name] = &bucket{name: name, account: r.Account, region: region, created: r.Now(), tags: tags, objects: map[string]*object{},
			documents: map[string]string{
				"ownershipControls": `<OwnershipControls xmlns="` + namespace + `"><Rule><ObjectOwnership>` + ownership + `</ObjectOwnership></Rule></OwnershipControls>`,
				"encryption":        defaultEncryption, "publicAccessBlock": defaultPublicAccess,
			}}
	}
	out, err := respond(http.StatusOK, nil)
	out.Header["Location"] = "/" + name
	return out, err
}

// deleteBucket wants an empty bucket, https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html
func (s *Service) deleteBucket(c *call) (core.RestResponse, error) {
	if len(c.bucket.objects) > 0 {
		return core.RestResponse{}, core.Errorf("BucketNotEmpty", "The bucket you tried to delete is not empty").WithStatus(http.StatusConflict)
	}
	delete(s.buckets, c.name)
	return respond(http.StatusNoContent, nil)
}

func location(b *bucket) (core.RestResponse, error) {
	region := b.region
	if region == "us-east-1" {
		region = ""
	}
	return respond(http.StatusOK, struct {
		XMLName xml.Name `xml:"LocationConstraint"`
		NS      string   `xml:"xmlns,attr"`
		Region  string   `xml:",chardata"`
	}{NS: namespace, Region: region})
}

type owner struct{ ID string }

// ownerID is an account's canonical user id, of which only the form matters.
func ownerID(account string) string { return strings.Repeat("0", 52) + account }

type bucketItem struct {
	Name         string
	CreationDate time.Time
	BucketRegion string
	BucketArn    string
}

type bucketsOut struct {
	XMLName           xml.Name `xml:"ListAllMyBucketsResult"`
	NS                string   `xml:"xmlns,attr"`
	Owner             owner
	Buckets           []bucketItem `xml:"Buckets>Bucket"`
	ContinuationToken string       `xml:",omitempty"`
	Prefix            string       `xml:",omitempty"`
}

const maxBuckets = 10000

func (s *Service) listBuckets(r *core.Request) (core.RestResponse, error) {
	q := r.HTTP.URL.Query()
	limit, err := number(q.Get("max-buckets"), maxBuckets)
	if err != nil {
		return core.RestResponse{}, err
	}
	var list []*bucket
	for _, name := range sortedKeys(s.buckets) {
		b := s.buckets[name]
		if b.account == r.Account && strings.HasPrefix(name, q.Get("prefix")) && (q.Get("bucket-region") == "" || q.Get("bucket-region") == b.region) && s.w.Visible(b.created) {
			list = append(list, b)
		}
	}
	list, next, ok := core.Page(s.w, list, func(b *bucket) string { return b.name }, q.Get("continuation-token"), limit, maxBuckets)
	if !ok {
		return core.RestResponse{}, invalidToken()
	}
	out := bucketsOut{NS: namespace, Owner: owner{ownerID(r.Account)}, ContinuationToken: next, Prefix: q.Get("prefix")}
	for _, b := range list {
		out.Buckets = append(out.Buckets, bucketItem{b.name, b.created.UTC().Truncate(time.Second), b.region, b.arn()})
	}
	return respond(http.StatusOK, out)
}

func number(text string, most int) (int, error) {
	if text == "" {
		return most, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, core.Errorf("InvalidArgument", "Provided number not an integer or within integer range")
	}
	return min(n, most), nil
}

func invalidToken() error {
	return core.Errorf("InvalidArgument", "The continuation token provided is incorrect")
}
