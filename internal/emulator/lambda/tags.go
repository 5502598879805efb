package lambda

import (
	"maps"
	"net/http"
	"strings"
	"unicode/utf8"

	api "github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// maxTags of a function, https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html
const maxTags = 50

func merged(have, with map[string]string) (map[string]string, error) {
	out := maps.Clone(have)
	if out == nil {
		out = map[string]string{}
	}
	for k, v := range with {
		switch {
		case k == "" || utf8.RuneCountInString(k) > 128:
			return nil, invalid("Tag keys must have between 1 and 128 characters.")
		case utf8.RuneCountInString(v) > 256:
			return nil, invalid("The value of the tag %s has more than 256 characters.", k)
		case strings.HasPrefix(strings.ToLower(k), "aws:"):
			return nil, invalid("Tag keys can't begin with aws:.")
		}
		out[k] = v
	}
	if len(out) > maxTags {
		return nil, invalid("A function has at most %d tags.", maxTags)
	}
	return out, nil
}

func (s *Service) listTags(c *call) (core.RestResponse, error) {
	f, err := s.seen(c)
	if err != nil {
		return core.RestResponse{}, err
	}
	out := &api.ListTagsOutput{Tags: map[string]string{}}
	maps.Copy(out.Tags, f.tags)
	return respond(http.StatusOK, out)
}

// tagResource isn't taken during an update either, as
// https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html lists it. It follows
// https://docs.aws.amazon.com/lambda/latest/api/API_TagResource.html
func (s *Service) tagResource(c *call) (core.RestResponse, error) {
	var in api.TagResourceInput
	if err := c.decode(&in); err != nil {
		return core.RestResponse{}, err
	}
	f, err := s.changeable(c, "")
	if err != nil {
		return core.RestResponse{}, err
	}
	tags, err := merged(f.tags, in.Tags)
	if err != nil {
		return core.RestResponse{}, err
	}
	f.tags = tags
	return respond(http.StatusNoContent, nil)
}

func (s *Service) untagResource(c *call) (core.RestResponse, error) {
	f, err := s.changeable(c, "")
	if err != nil {
		return core.RestResponse{}, err
	}
	keys := c.HTTP.URL.Query()["tagKeys"]
	if len(keys) == 0 {
		return core.RestResponse{}, invalid("tagKeys is required.")
	}
	for _, k := range keys {
		delete(f.tags, k)
	}
	return respond(http.StatusNoContent, nil)
}
