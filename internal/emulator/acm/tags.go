package acm

import (
	"maps"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// maxTags bounds the tags of a certificate, https://docs.aws.amazon.com/acm/latest/userguide/tags-restrictions.html
const maxTags = 50

// checked is what a certificate has for tags with some more.
func checked(add []tag, have map[string]string) (map[string]string, error) {
	out := maps.Clone(have)
	if out == nil {
		out = map[string]string{}
	}
	for _, t := range add {
		if t.Key == "" || len(t.Key) > 128 || len(t.Value) > 256 || strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			return nil, core.Errorf("InvalidTagException", "The tag key or value isn't valid: %s", t.Key)
		}
		out[t.Key] = t.Value
	}
	if len(out) > maxTags {
		return nil, core.Errorf("TooManyTagsException", "A certificate has at most %d tags.", maxTags)
	}
	return out, nil
}

type tagIn struct {
	CertificateArn string
	Tags           []tag
}

func (s *Service) addTags(q *core.Request, in *tagIn) (*core.Empty, error) {
	c, err := s.certificate(q.Scope, in.CertificateArn)
	if err != nil {
		return nil, err
	}
	tags, err := checked(in.Tags, c.tags)
	if err != nil {
		return nil, err
	}
	c.tags = tags
	return nil, nil
}

// removeTags removes each tag by its key, where a value is given only with that value.
// https://docs.aws.amazon.com/acm/latest/APIReference/API_RemoveTagsFromCertificate.html
func (s *Service) removeTags(q *core.Request, in *struct {
	CertificateArn string
	Tags           []struct {
		Key   string
		Value *string
	}
}) (*core.Empty, error) {
	c, err := s.certificate(q.Scope, in.CertificateArn)
	if err != nil {
		return nil, err
	}
	for _, t := range in.Tags {
		if t.Value == nil || c.tags[t.Key] == *t.Value {
			delete(c.tags, t.Key)
		}
	}
	return nil, nil
}
