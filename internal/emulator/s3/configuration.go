package s3

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/iam"
)

// What every new bucket has since 2023: SSE-S3 and blocked public access,
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
const (
	defaultEncryption = `<ServerSideEncryptionConfiguration xmlns="` + namespace + `"><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>`

	defaultPublicAccess = `<PublicAccessBlockConfiguration xmlns="` + namespace + `"><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>`
)

// configurable is a configuration that can be written: its elements, and the error of reading one
// that isn't there.
type configurable struct {
	elements     []string
	code, absent string
}

var configurables = map[string]configurable{
	"encryption": {[]string{"ServerSideEncryptionConfiguration", "Rule", "ApplyServerSideEncryptionByDefault", "SSEAlgorithm", "KMSMasterKeyID", "BucketKeyEnabled"},
		"ServerSideEncryptionConfigurationNotFoundError", "The server side encryption configuration was not found"},
	"publicAccessBlock": {[]string{"PublicAccessBlockConfiguration", "BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"},
		"NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"},
	"ownershipControls": {[]string{"OwnershipControls", "Rule", "ObjectOwnership"},
		"OwnershipControlsNotFoundError", "The bucket ownership controls were not found"},
	"versioning": {[]string{"VersioningConfiguration", "Status"}, "", ""},
	"lifecycle": {[]string{"LifecycleConfiguration", "Rule", "ID", "Status", "Filter", "Prefix", "And", "Tag", "Key", "Value", "ObjectSizeGreaterThan", "ObjectSizeLessThan",
		"Expiration", "Days", "Date", "ExpiredObjectDeleteMarker", "Transition", "StorageClass", "NoncurrentVersionExpiration", "NoncurrentVersionTransition",
		"NoncurrentDays", "NewerNoncurrentVersions", "AbortIncompleteMultipartUpload", "DaysAfterInitiation"},
		"NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"},
	"policy":  {nil, "NoSuchBucketPolicy", "The bucket policy does not exist"},
	"tagging": {nil, "NoSuchTagSet", "The TagSet does not exist"},
}

// fixed are the configurations that can only be read, with what a bucket without them answers: a
// document, or an error.
var fixed = map[string]struct{ document, code, absent string }{
	"cors":           {code: "NoSuchCORSConfiguration", absent: "The CORS configuration does not exist"},
	"website":        {code: "NoSuchWebsiteConfiguration", absent: "The specified bucket does not have a website configuration"},
	"replication":    {code: "ReplicationConfigurationNotFoundError", absent: "The replication configuration was not found"},
	"object-lock":    {code: "ObjectLockConfigurationNotFoundError", absent: "Object Lock configuration does not exist for this bucket"},
	"logging":        {document: `<BucketLoggingStatus xmlns="` + namespace + `"/>`},
	"accelerate":     {document: `<AccelerateConfiguration xmlns="` + namespace + `"/>`},
	"notification":   {document: `<NotificationConfiguration xmlns="` + namespace + `"/>`},
	"requestPayment": {document: `<RequestPaymentConfiguration xmlns="` + namespace + `"><Payer>BucketOwner</Payer></RequestPaymentConfiguration>`},
}

// minimumSize is the header by which a lifecycle configuration says the smallest object that moves
// between storage classes, https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
const (
	minimumSize    = "x-amz-transition-default-minimum-object-size"
	defaultMinimum = "all_storage_classes_128K"
)

func raw(document string) (core.RestResponse, error) {
	return core.RestResponse{Status: http.StatusOK, Header: map[string]string{"Content-Type": "application/xml"}, Body: []byte(xml.Header + document)}, nil
}

// configuration reads, writes or deletes a bucket's subresource.
func (s *Service) configuration(c *call) (core.RestResponse, error) {
	sub, b := subresource(c.HTTP), c.bucket
	if f, ok := fixed[sub]; ok && c.HTTP.Method == http.MethodGet {
		if f.document == "" {
			return core.RestResponse{}, core.Errorf(f.code, "%s", f.absent).WithStatus(http.StatusNotFound)
		}
		return raw(f.document)
	}
	if sub == "acl" && c.HTTP.Method == http.MethodGet {
		id := ownerID(b.account)
		return raw(`<AccessControlPolicy xmlns="` + namespace + `"><Owner><ID>` + id + `</ID></Owner><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>` + id + `</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>`)
	}
	k, ok := configurables[sub]
	if !ok {
		return core.RestResponse{}, notImplemented(c.Action)
	}
	switch {
	case c.HTTP.Method == http.MethodPut:
		out, err := b.put(sub, k, c.Body)
		if err == nil && sub == "lifecycle" {
			b.minimum = cmp.Or(c.HTTP.Header.Get(minimumSize), defaultMinimum)
			out.Header[minimumSize] = b.minimum
		}
		return out, err
	case c.HTTP.Method == http.MethodDelete && sub != "versioning":
		delete(b.documents, sub)
		switch sub {
		case "encryption": // back to the default: buckets are always encrypted
			b.documents[sub] = defaultEncryption
		case "tagging":
			b.tags = nil
		}
		return respond(http.StatusNoContent, nil)
	case c.HTTP.Method != http.MethodGet:
		return core.RestResponse{}, notImplemented(c.Action)
	case sub == "versioning" && b.documents[sub] == "":
		return raw(`<VersioningConfiguration xmlns="` + namespace + `"/>`)
	case sub == "tagging" && len(b.tags) > 0:
		return b.tagging()
	case b.documents[sub] == "":
		return core.RestResponse{}, core.Errorf(k.code, "%s", k.absent).WithStatus(http.StatusNotFound)
	case sub == "policy":
		return core.RestResponse{Status: http.StatusOK, Header: map[string]string{"Content-Type": "application/json"}, Body: []byte(b.documents[sub])}, nil
	}
	out, err := raw(b.documents[sub])
	if sub == "lifecycle" {
		out.Header[minimumSize] = b.minimum
	}
	return out, err
}

func (b *bucket) put(sub string, k configurable, body []byte) (core.RestResponse, error) {
	var err error
	switch sub {
	case "policy":
		if err := b.putPolicy(string(body)); err != nil {
			return core.RestResponse{}, err
		}
		return respond(http.StatusNoContent, nil)
	case "tagging":
		if b.tags, err = parseTagging(body); err != nil {
			return core.RestResponse{}, err
		}
		return respond(http.StatusNoContent, nil)
	case "versioning":
		var v struct{ Status string }
		if err = decode(body, &v, k.elements...); err == nil && v.Status != "Enabled" && v.Status != "Suspended" {
			err = malformed()
		}
	case "encryption":
		var v struct {
			Algorithm []string `xml:"Rule>ApplyServerSideEncryptionByDefault>SSEAlgorithm"`
		}
		if err = decode(body, &v, k.elements...); err == nil && (len(v.Algorithm) != 1 || !slices.Contains([]string{"AES256", "aws:kms", "aws:kms:dsse"}, v.Algorithm[0])) {
			err = malformed()
		}
	case "lifecycle":
		var v struct {
			Rule []struct{ Status string }
		}
		if err = decode(body, &v, k.elements...); err == nil && len(v.Rule) == 0 {
			err = malformed()
		}
		for _, r := range v.Rule {
			if r.Status != "Enabled" && r.Status != "Disabled" {
				err = malformed()
			}
		}
	default:
		err = decode(body, &struct{}{}, k.elements...)
	}
	if err != nil {
		return core.RestResponse{}, err
	}
	text := strings.TrimSpace(string(body))
	if strings.HasPrefix(text, "<?xml") {
		text = strings.TrimSpace(text[strings.Index(text, "?>")+2:])
	}
	b.documents[sub] = text
	return respond(http.StatusOK, nil)
}

// putPolicy keeps a bucket's policy; every resource must be this bucket or in it.
func (b *bucket) putPolicy(text string) error {
	if err := iam.CheckResourcePolicy(text); err != nil {
		var e *core.Error
		if errors.As(err, &e) {
			return core.Errorf("MalformedPolicy", "%s", e.Message)
		}
		return err
	}
	if !iam.ResourcesWithin(text, b.arn()) {
		return core.Errorf("MalformedPolicy", "Policy has invalid resource")
	}
	b.documents["policy"] = text
	return nil
}

func malformed() error {
	return core.Errorf("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
}

// decode reads an XML body in which only some elements may occur.
func decode(body []byte, into any, elements ...string) error {
	dec := xml.NewDecoder(bytes.NewReader(body))
	for {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return malformed()
		}
		if e, ok := t.(xml.StartElement); ok && !slices.Contains(elements, e.Name.Local) {
			return malformed()
		}
	}
	if err := xml.Unmarshal(body, into); err != nil {
		return malformed()
	}
	return nil
}
