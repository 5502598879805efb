package ec2

import (
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type launchTemplate struct {
	object
	name          string
	createdBy     string
	latest, deflt int64
	versions      []*templateVersion // ascending; deleted numbers aren't reused
}

type templateVersion struct {
	number      int64
	description string
	created     time.Time
	createdBy   string
	data        templateData
}

func (s *Service) registerLaunchTemplates(m *core.Mux) {
	core.Handle(m, "CreateLaunchTemplate", s.createLaunchTemplate)
	core.Handle(m, "CreateLaunchTemplateVersion", s.createLaunchTemplateVersion)
	core.Handle(m, "ModifyLaunchTemplate", s.modifyLaunchTemplate)
	core.Handle(m, "DeleteLaunchTemplate", s.deleteLaunchTemplate)
	core.Handle(m, "DeleteLaunchTemplateVersions", s.deleteLaunchTemplateVersions)
	core.Handle(m, "DescribeLaunchTemplates", s.describeLaunchTemplates)
	core.Handle(m, "DescribeLaunchTemplateVersions", s.describeLaunchTemplateVersions)
}

// templateName: 3 to 128 characters of this set,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html
var templateName = regexp.MustCompile(`^[a-zA-Z0-9().\-/_]{3,128}$`)

type createLaunchTemplateIn struct {
	Name        string       `q:"LaunchTemplateName,required"`
	Description string       `q:"VersionDescription"`
	Data        templateData `q:"LaunchTemplateData,required"`
	Token       string       `q:"ClientToken"`
	TagSpecs
}

type launchTemplateOut struct {
	Template launchTemplateItem `xml:"launchTemplate"`
}

func (s *Service) createLaunchTemplate(q *core.Request, in *createLaunchTemplateIn) (*launchTemplateOut, error) {
	r := s.region(q.Scope)
	tags, err := in.of(kindLaunchTemplate)
	if err != nil {
		return nil, err
	}
	if id, err := r.replay(q, in.Token); err != nil {
		return nil, err
	} else if t, exists := r.templates.get(id); exists {
		return &launchTemplateOut{t.item()}, nil
	}
	if !templateName.MatchString(in.Name) {
		return nil, core.Errorf("InvalidLaunchTemplateName.MalformedException", "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.")
	}
	if r.templates.any(func(t *launchTemplate) bool { return t.name == in.Name }) {
		return nil, core.Errorf("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.")
	}
	if err := checkVersion(in.Description, &in.Data); err != nil {
		return nil, err
	}
	t := &launchTemplate{object: r.newObject(kindLaunchTemplate, tags), name: in.Name, createdBy: q.Principal.ARN, deflt: 1}
	t.addVersion(q, in.Description, in.Data)
	r.templates.add(t)
	r.remember(q, in.Token, t.id)
	return &launchTemplateOut{t.item()}, nil
}

func checkVersion(description string, d *templateData) error {
	if len(description) > maxGroupText {
		return invalidValue("The version description exceeds %d characters.", maxGroupText)
	}
	return d.check()
}

func (t *launchTemplate) addVersion(q *core.Request, description string, d templateData) *templateVersion {
	t.latest++
	v := &templateVersion{number: t.latest, description: description, created: q.Now(), createdBy: q.Principal.ARN, data: d}
	t.versions = append(t.versions, v)
	return v
}

// template finds a launch template by id or name, exactly one of which is given.
func (r *region) template(id, name string) (*launchTemplate, error) {
	switch {
	case (id == "") == (name == ""):
		return nil, core.Errorf("InvalidParameterCombination", "You must specify either a launch template ID or a launch template name, but not both.")
	case id != "":
		return r.templates.need(kindLaunchTemplate, id)
	}
	for _, t := range r.templates.items {
		if t.name == name {
			return t, nil
		}
	}
	return nil, noTemplateName(name)
}

func noTemplateName(name string) error {
	return core.Errorf("InvalidLaunchTemplateName.NotFoundException", "The specified launch template, with template name %s, does not exist.", name)
}

// version finds a version by number, $Latest or $Default.
func (t *launchTemplate) version(text string) (*templateVersion, error) {
	n := int64(0)
	switch text {
	case "$Latest":
		n = t.latestNumber()
	case "$Default":
		n = t.deflt
	default:
		var err error
		if n, err = strconv.ParseInt(text, 10, 64); err != nil {
			return nil, core.Errorf("InvalidLaunchTemplateId.VersionNotFound", "Could not find the specified version %s for the launch template with ID %s.", text, t.id)
		}
	}
	i := slices.IndexFunc(t.versions, func(v *templateVersion) bool { return v.number == n })
	if i < 0 {
		return nil, core.Errorf("InvalidLaunchTemplateId.VersionNotFound", "Could not find the specified version %s for the launch template with ID %s.", text, t.id)
	}
	return t.versions[i], nil
}

// latestNumber is the highest version that isn't deleted.
func (t *launchTemplate) latestNumber() int64 { return t.versions[len(t.versions)-1].number }

type modifyLaunchTemplateIn struct {
	ID      string `q:"LaunchTemplateId"`
	Name    string `q:"LaunchTemplateName"`
	Default string `q:"SetDefaultVersion"`
	Token   string `q:"ClientToken"`
}

func (s *Service) modifyLaunchTemplate(q *core.Request, in *modifyLaunchTemplateIn) (*launchTemplateOut, error) {
	r := s.region(q.Scope)
	t, err := r.template(in.ID, in.Name)
	if err != nil {
		return nil, err
	}
	if _, err := r.replay(q, in.Token); err != nil {
		return nil, err
	}
	if in.Default != "" {
		v, err := t.version(in.Default)
		if err != nil {
			return nil, err
		}
		t.deflt = v.number
	}
	r.remember(q, in.Token, t.id)
	return &launchTemplateOut{t.item()}, nil
}

type deleteLaunchTemplateIn struct {
	ID   string `q:"LaunchTemplateId"`
	Name string `q:"LaunchTemplateName"`
}

// deleteLaunchTemplate "deletes all of its versions"; Auto Scaling groups don't hold it,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplate.html
func (s *Service) deleteLaunchTemplate(q *core.Request, in *deleteLaunchTemplateIn) (*launchTemplateOut, error) {
	r := s.region(q.Scope)
	t, err := r.template(in.ID, in.Name)
	if err != nil {
		return nil, err
	}
	r.templates.remove(t.id)
	return &launchTemplateOut{t.item()}, nil
}

// LaunchTemplateVersion resolves a version: a number, $Latest or $Default ("" too).
func (s *Service) LaunchTemplateVersion(scope core.Scope, id, version string) (int64, bool) {
	t, exists := s.region(scope).templates.get(id)
	if !exists {
		return 0, false
	}
	if version == "" {
		version = "$Default"
	}
	v, err := t.version(version)
	if err != nil {
		return 0, false
	}
	return v.number, true
}

// LaunchTemplateByName returns a template's id.
func (s *Service) LaunchTemplateByName(scope core.Scope, name string) (string, bool) {
	for _, t := range s.region(scope).templates.items {
		if t.name == name {
			return t.id, true
		}
	}
	return "", false
}

// LaunchTemplateName returns a template's name.
func (s *Service) LaunchTemplateName(scope core.Scope, id string) (string, bool) {
	t, exists := s.region(scope).templates.get(id)
	if !exists {
		return "", false
	}
	return t.name, true
}
