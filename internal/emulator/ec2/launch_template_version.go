package ec2

import (
	"slices"
	"strconv"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type createTemplateVersionIn struct {
	ID          string       `q:"LaunchTemplateId"`
	Name        string       `q:"LaunchTemplateName"`
	Source      string       `q:"SourceVersion"`
	Description string       `q:"VersionDescription"`
	Data        templateData `q:"LaunchTemplateData,required"`
	Token       string       `q:"ClientToken"`
}

type templateVersionOut struct {
	Version templateVersionItem `xml:"launchTemplateVersion"`
}

// createLaunchTemplateVersion: versions are numbered in the order of creation and can't be changed,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
func (s *Service) createLaunchTemplateVersion(q *core.Request, in *createTemplateVersionIn) (*templateVersionOut, error) {
	r := s.region(q.Scope)
	t, err := r.template(in.ID, in.Name)
	if err != nil {
		return nil, err
	}
	if number, err := r.replay(q, in.Token); err != nil {
		return nil, err
	} else if v, err := t.version(number); number != "" && err == nil {
		return &templateVersionOut{t.versionItem(v)}, nil
	}
	data := in.Data
	if in.Source != "" {
		source, err := t.version(in.Source)
		if err != nil {
			return nil, err
		}
		data = data.over(source.data)
	}
	if err := checkVersion(in.Description, &data); err != nil {
		return nil, err
	}
	v := t.addVersion(q, in.Description, data)
	r.remember(q, in.Token, strconv.FormatInt(v.number, 10))
	return &templateVersionOut{t.versionItem(v)}, nil
}

type templateVersionItem struct {
	ID          string       `xml:"launchTemplateId"`
	Name        string       `xml:"launchTemplateName"`
	Number      int64        `xml:"versionNumber"`
	Description string       `xml:"versionDescription,omitempty"`
	Created     time.Time    `xml:"createTime"`
	CreatedBy   string       `xml:"createdBy"`
	Default     bool         `xml:"defaultVersion"`
	Data        templateData `xml:"launchTemplateData"`
}

func (t *launchTemplate) versionItem(v *templateVersion) templateVersionItem {
	return templateVersionItem{t.id, t.name, v.number, v.description, v.created, v.createdBy, v.number == t.deflt, v.data}
}

type deleteTemplateVersionsIn struct {
	ID       string   `q:"LaunchTemplateId"`
	Name     string   `q:"LaunchTemplateName"`
	Versions []string `q:"LaunchTemplateVersion,required"`
}

type deletedVersionItem struct {
	ID     string         `xml:"launchTemplateId"`
	Name   string         `xml:"launchTemplateName"`
	Number int64          `xml:"versionNumber"`
	Error  *responseError `xml:"responseError"`
}

type responseError struct {
	Code    string `xml:"code"`
	Message string `xml:"message"`
}

type deleteTemplateVersionsOut struct {
	Deleted []deletedVersionItem `xml:"successfullyDeletedLaunchTemplateVersionSet>item"`
	Kept    []deletedVersionItem `xml:"unsuccessfullyDeletedLaunchTemplateVersionSet>item"`
}

// deleteLaunchTemplateVersions tells for each version whether it went: "You can't delete the default
// version of a launch template",
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplateVersions.html
func (s *Service) deleteLaunchTemplateVersions(q *core.Request, in *deleteTemplateVersionsIn) (*deleteTemplateVersionsOut, error) {
	t, err := s.region(q.Scope).template(in.ID, in.Name)
	if err != nil {
		return nil, err
	}
	out := &deleteTemplateVersionsOut{}
	for _, text := range in.Versions {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, invalidValue("Value (%s) for parameter launchTemplateVersions is invalid.", text)
		}
		item := deletedVersionItem{ID: t.id, Name: t.name, Number: n}
		v, err := t.version(text)
		switch {
		case err != nil:
			item.Error = &responseError{"launchTemplateVersionDoesNotExist", "The specified launch template version does not exist."}
		case n == t.deflt:
			item.Error = &responseError{"unexpectedError", "You cannot delete the default version of a launch template."}
		default:
			t.versions = slices.DeleteFunc(t.versions, func(e *templateVersion) bool { return e == v })
			out.Deleted = append(out.Deleted, item)
			continue
		}
		out.Kept = append(out.Kept, item)
	}
	return out, nil
}

type describeTemplateVersionsIn struct {
	ID       string   `q:"LaunchTemplateId"`
	Name     string   `q:"LaunchTemplateName"`
	Versions []string `q:"LaunchTemplateVersion"`
	Min      string   `q:"MinVersion"`
	Max      string   `q:"MaxVersion"`
	DescribeIn
}

type describeTemplateVersionsOut struct {
	Versions []templateVersionItem `xml:"launchTemplateVersionSet>item"`
	Next     string                `xml:"nextToken,omitempty"`
}

// describedVersion lets versions be filtered.
type describedVersion struct {
	object
	t *launchTemplate
	v *templateVersion
}

// describeLaunchTemplateVersions lists one template's versions, or the latest or default version of
// all templates, the newest first,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html
func (s *Service) describeLaunchTemplateVersions(q *core.Request, in *describeTemplateVersionsIn) (*describeTemplateVersionsOut, error) {
	r := s.region(q.Scope)
	all, err := r.versions(q, in)
	if err != nil {
		return nil, err
	}
	data := func(f func(*templateData) string) func(*describedVersion) []string {
		return func(e *describedVersion) []string { return one(f(&e.v.data)) }
	}
	all, err = fields[*describedVersion]{
		"create-time":        func(e *describedVersion) []string { return one(e.v.created.Format(time.RFC3339)) },
		"http-endpoint":      data(func(d *templateData) string { return d.metadata().Endpoint }),
		"http-tokens":        data(func(d *templateData) string { return d.metadata().Tokens }),
		"image-id":           data(func(d *templateData) string { return d.ImageID }),
		"instance-type":      data(func(d *templateData) string { return d.InstanceType }),
		"is-default-version": func(e *describedVersion) []string { return boolean(e.v.number == e.t.deflt) },
		"iam-instance-profile": data(func(d *templateData) string {
			if d.Profile == nil {
				return ""
			}
			return d.Profile.ARN
		}),
	}.apply(all, in.Filters)
	if err != nil {
		return nil, err
	}
	page, next, err := paginate(q, all, func(e *describedVersion) string { return e.id }, in.Paging)
	return &describeTemplateVersionsOut{mapped(page, func(e *describedVersion) templateVersionItem { return e.t.versionItem(e.v) }), next}, err
}

func (r *region) versions(q *core.Request, in *describeTemplateVersionsIn) ([]*describedVersion, error) {
	var out []*describedVersion
	add := func(t *launchTemplate, v *templateVersion) {
		id := t.id + "/" + strconv.FormatInt(v.number, 10)
		if q.World.Visible(v.created) && !slices.ContainsFunc(out, func(e *describedVersion) bool { return e.id == id }) {
			out = append(out, &describedVersion{object{id: id}, t, v})
		}
	}
	if in.ID == "" && in.Name == "" {
		for _, text := range in.Versions {
			if text != "$Latest" && text != "$Default" {
				return nil, core.Errorf("InvalidParameterCombination", "You must specify a launch template ID or name unless the versions are $Latest or $Default.")
			}
			for _, t := range r.templates.items {
				v, err := t.version(text)
				if err != nil {
					return nil, err
				}
				add(t, v)
			}
		}
		if len(in.Versions) == 0 {
			return nil, core.Errorf("MissingParameter", "Either a launch template ID or name, or the versions $Latest or $Default must be specified.")
		}
		return out, nil
	}
	t, err := r.template(in.ID, in.Name)
	if err != nil {
		return nil, err
	}
	if !q.World.Visible(t.created) {
		if in.ID == "" {
			return nil, noTemplateName(in.Name)
		}
		return nil, kindLaunchTemplate.missing(in.ID)
	}
	for _, text := range in.Versions {
		v, err := t.version(text)
		if err != nil {
			return nil, err
		}
		add(t, v)
	}
	if len(in.Versions) > 0 {
		return out, nil
	}
	low, high, err := versionRange(in.Min, in.Max)
	if err != nil {
		return nil, err
	}
	for _, v := range slices.Backward(t.versions) {
		if v.number >= low && v.number <= high {
			add(t, v)
		}
	}
	return out, nil
}

func versionRange(low, high string) (from, to int64, err error) {
	from, to = 1, 1<<62
	for _, e := range []struct {
		text string
		n    *int64
	}{{low, &from}, {high, &to}} {
		if e.text == "" {
			continue
		}
		if *e.n, err = strconv.ParseInt(e.text, 10, 64); err != nil {
			return 0, 0, invalidValue("Value (%s) for parameter version is invalid.", e.text)
		}
	}
	return from, to, nil
}
