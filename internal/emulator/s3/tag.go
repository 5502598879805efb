package s3

import (
	"encoding/xml"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type tag struct{ Key, Value string }

// maxTags is the number of tags of a bucket,
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html
const maxTags = 50

func tagMap(list []tag) (map[string]string, error) {
	out := map[string]string{}
	for _, t := range list {
		n := utf8.RuneCountInString(t.Key)
		switch {
		case n < 1 || n > 128:
			return nil, core.Errorf("InvalidTag", "The TagKey you have provided is invalid")
		case utf8.RuneCountInString(t.Value) > 256:
			return nil, core.Errorf("InvalidTag", "The TagValue you have provided is invalid")
		case strings.HasPrefix(t.Key, "aws:"):
			return nil, core.Errorf("InvalidTag", "System tags cannot be added/updated by requester")
		}
		if _, ok := out[t.Key]; ok {
			return nil, core.Errorf("InvalidTag", "Cannot provide multiple Tags with the same key")
		}
		out[t.Key] = t.Value
	}
	if len(out) > maxTags {
		return nil, core.Errorf("BadRequest", "Bucket tag count cannot be greater than %d", maxTags)
	}
	return out, nil
}

// parseTagging reads the whole set: a put replaces every tag.
func parseTagging(body []byte) (map[string]string, error) {
	var in struct {
		Tags []tag `xml:"TagSet>Tag"`
	}
	if err := decode(body, &in, "Tagging", "TagSet", "Tag", "Key", "Value"); err != nil {
		return nil, err
	}
	return tagMap(in.Tags)
}

func (b *bucket) tagging() (core.RestResponse, error) {
	out := struct {
		XMLName xml.Name `xml:"Tagging"`
		NS      string   `xml:"xmlns,attr"`
		Tags    []tag    `xml:"TagSet>Tag"`
	}{NS: namespace}
	for _, k := range sortedKeys(b.tags) {
		out.Tags = append(out.Tags, tag{k, b.tags[k]})
	}
	return respond(http.StatusOK, out)
}
