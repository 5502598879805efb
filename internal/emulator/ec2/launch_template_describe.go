package ec2

import (
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type launchTemplateItem struct {
	ID        string    `xml:"launchTemplateId"`
	Name      string    `xml:"launchTemplateName"`
	Created   time.Time `xml:"createTime"`
	CreatedBy string    `xml:"createdBy"`
	Default   int64     `xml:"defaultVersionNumber"`
	Latest    int64     `xml:"latestVersionNumber"`
	Tags      []tagItem `xml:"tagSet>item"`
}

func (t *launchTemplate) item() launchTemplateItem {
	return launchTemplateItem{t.id, t.name, t.created, t.createdBy, t.deflt, t.latestNumber(), tagItems(t.tags)}
}

type describeLaunchTemplatesIn struct {
	IDs   []string `q:"LaunchTemplateId"`
	Names []string `q:"LaunchTemplateName"`
	DescribeIn
}

type describeLaunchTemplatesOut struct {
	Templates []launchTemplateItem `xml:"launchTemplates>item"`
	Next      string               `xml:"nextToken,omitempty"`
}

func (s *Service) describeLaunchTemplates(q *core.Request, in *describeLaunchTemplatesIn) (*describeLaunchTemplatesOut, error) {
	r := s.region(q.Scope)
	for _, name := range in.Names {
		t, err := r.template("", name)
		if err != nil {
			return nil, err
		}
		if !q.World.Visible(t.created) {
			return nil, noTemplateName(name)
		}
		in.IDs = append(in.IDs, t.id)
	}
	page, next, err := describe(q, &r.templates, kindLaunchTemplate, in.IDs, fields[*launchTemplate]{
		"create-time":          func(t *launchTemplate) []string { return one(t.created.Format(time.RFC3339)) },
		"launch-template-name": func(t *launchTemplate) []string { return one(t.name) },
	}, in.DescribeIn)
	return &describeLaunchTemplatesOut{mapped(page, (*launchTemplate).item), next}, err
}
