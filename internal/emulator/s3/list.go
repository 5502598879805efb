package s3

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type objectItem struct {
	Key          string
	LastModified time.Time
	ETag         string
	Size         int
	StorageClass string
	Owner        *owner
}

type prefixItem struct{ Prefix string }

type objectsOut struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	NS                    string   `xml:"xmlns,attr"`
	Name                  string
	Prefix                string
	Delimiter             string `xml:",omitempty"`
	StartAfter            string `xml:",omitempty"`
	EncodingType          string `xml:",omitempty"`
	MaxKeys               int
	KeyCount              int
	IsTruncated           bool
	ContinuationToken     string `xml:",omitempty"`
	NextContinuationToken string `xml:",omitempty"`
	Contents              []objectItem
	CommonPrefixes        []prefixItem
}

const maxKeys = 1000

// listObjects lists keys in UTF-8 order; with a delimiter, keys that share a prefix up to it count as
// one, https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
func (s *Service) listObjects(c *call) (core.RestResponse, error) {
	q := c.HTTP.URL.Query()
	limit, err := number(q.Get("max-keys"), maxKeys)
	if err != nil {
		return core.RestResponse{}, err
	}
	prefix, delimiter := q.Get("prefix"), q.Get("delimiter")
	var names []string
	for _, key := range sortedKeys(c.bucket.objects) {
		rest, ok := strings.CutPrefix(key, prefix)
		if !ok || key <= q.Get("start-after") {
			continue
		}
		if i := strings.Index(rest, delimiter); delimiter != "" && i >= 0 {
			key = prefix + rest[:i+len(delimiter)]
			if len(names) > 0 && names[len(names)-1] == key {
				continue
			}
		}
		names = append(names, key)
	}
	var next string
	if limit > 0 {
		ok := false
		if names, next, ok = core.Page(s.w, names, func(n string) string { return n }, q.Get("continuation-token"), limit, maxKeys); !ok {
			return core.RestResponse{}, invalidToken()
		}
	} else {
		names = nil
	}
	encode := func(t string) string { return t }
	if q.Get("encoding-type") == "url" {
		encode = func(t string) string { return strings.ReplaceAll(url.QueryEscape(t), "%2F", "/") }
	}
	out := objectsOut{NS: namespace, Name: c.name, Prefix: encode(prefix), Delimiter: encode(delimiter), StartAfter: encode(q.Get("start-after")),
		EncodingType: q.Get("encoding-type"), MaxKeys: limit, KeyCount: len(names), IsTruncated: next != "",
		ContinuationToken: q.Get("continuation-token"), NextContinuationToken: next}
	for _, n := range names {
		o := c.bucket.objects[n]
		if o == nil || (delimiter != "" && strings.HasSuffix(n, delimiter) && n != prefix) {
			out.CommonPrefixes = append(out.CommonPrefixes, prefixItem{encode(n)})
			continue
		}
		item := objectItem{Key: encode(n), LastModified: o.modified.UTC().Truncate(time.Second), ETag: o.etag, Size: len(o.body), StorageClass: "STANDARD"}
		if q.Get("fetch-owner") == "true" {
			item.Owner = &owner{ownerID(c.bucket.account)}
		}
		out.Contents = append(out.Contents, item)
	}
	return respond(http.StatusOK, out)
}
