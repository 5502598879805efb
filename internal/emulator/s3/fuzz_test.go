package s3

import (
	"encoding/xml"
	"testing"
)

// FuzzTagging: a REST-XML body is decoded or refused; what is taken is one document, of tags with different keys.
func FuzzTagging(f *testing.F) {
	for _, s := range []string{
		"", "<Tagging/>", "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>", "<Tagging><Other/></Tagging>",
		"<Tagging><TagSet><Tag><Key>a</Key></Tag><Tag><Key>a</Key></Tag></TagSet></Tagging>", "<Tagging>", "<Tagging/>x", "<Tagging/><Tagging/>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		tags, err := parseTagging([]byte(body))
		if err != nil {
			return
		}
		var document struct {
			XMLName xml.Name
		}
		if xml.Unmarshal([]byte(body), &document) != nil || len(tags) > maxTags {
			t.Errorf("%q is taken for %d tags", body, len(tags))
		}
	})
}
