package s3

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// maxKey is the length of a key in bytes, https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
const maxKey = 1024

func (s *Service) object(c *call) (core.RestResponse, error) {
	b := c.bucket
	if len(c.key) > maxKey {
		return core.RestResponse{}, core.Errorf("KeyTooLongError", "Your key is too long")
	}
	if strings.Contains(b.documents["versioning"], "<Status>") && c.HTTP.Method != http.MethodGet && c.HTTP.Method != http.MethodHead {
		// Versions of objects are not emulated: better no write than a wrong one.
		return core.RestResponse{}, notImplemented(c.Action + " in a bucket with versioning")
	}
	switch c.Action {
	case "PutObject":
		body, err := payload(c)
		if err != nil {
			return core.RestResponse{}, err
		}
		o := b.store(c.key, body, c.Now())
		o.contentType = c.HTTP.Header.Get("Content-Type")
		for k, v := range c.HTTP.Header {
			if name, ok := strings.CutPrefix(strings.ToLower(k), "x-amz-meta-"); ok {
				o.metadata[name] = v[0]
			}
		}
		out, err := respond(http.StatusOK, nil)
		out.Header["ETag"] = o.etag
		out.Header["x-amz-server-side-encryption"] = "AES256"
		return out, err
	case "DeleteObject":
		delete(b.objects, c.key)
		return respond(http.StatusNoContent, nil)
	case "GetObject", "HeadObject":
		o := b.objects[c.key]
		if o == nil {
			return core.RestResponse{}, core.Errorf("NoSuchKey", "The specified key does not exist.").WithStatus(http.StatusNotFound)
		}
		return o.answer(c.HTTP.Method), nil
	}
	return core.RestResponse{}, notImplemented(c.Action)
}

func (b *bucket) store(key string, body []byte, now time.Time) *object {
	sum := md5.Sum(body)
	o := &object{key: key, etag: `"` + hex.EncodeToString(sum[:]) + `"`, body: body, modified: now, metadata: map[string]string{}}
	b.objects[key] = o
	return o
}

func (o *object) answer(method string) core.RestResponse {
	out := core.RestResponse{Status: http.StatusOK, Body: o.body, Header: map[string]string{
		"ETag": o.etag, "Last-Modified": o.modified.UTC().Format(http.TimeFormat), "Content-Length": strconv.Itoa(len(o.body)),
		"Accept-Ranges": "bytes", "x-amz-server-side-encryption": "AES256", "Content-Type": "binary/octet-stream"}}
	if o.contentType != "" {
		out.Header["Content-Type"] = o.contentType
	}
	for k, v := range o.metadata {
		out.Header["x-amz-meta-"+k] = v
	}
	if method == http.MethodHead {
		out.Body = nil
	}
	return out
}

// payload is the object's bytes: clients may send them in signed chunks,
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
func payload(c *call) ([]byte, error) {
	if !strings.HasPrefix(c.HTTP.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return c.Body, nil
	}
	var out []byte
	rest := c.Body
	for {
		line, after, ok := bytes.Cut(rest, []byte("\r\n"))
		if !ok {
			return nil, core.Errorf("IncompleteBody", "The request body terminated unexpectedly")
		}
		size, _, _ := strings.Cut(string(line), ";")
		n, err := strconv.ParseUint(size, 16, 31)
		if err != nil || int(n)+2 > len(after) && n > 0 {
			return nil, core.Errorf("IncompleteBody", "The request body terminated unexpectedly")
		}
		if n == 0 {
			return out, nil
		}
		out = append(out, after[:n]...)
		rest = after[n+2:]
	}
}
