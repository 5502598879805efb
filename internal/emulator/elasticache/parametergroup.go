package elasticache

import (
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// parameterGroup holds settings for the engines of one family.
type parameterGroup struct {
	object
	family, description string
	// values are the parameters that somebody set.
	values map[string]string
}

func absentParameterGroup(name string) error {
	return absent("CacheParameterGroupNotFound", "CacheParameterGroup %s not found.", name)
}

// addDefaults makes what every account has: two parameter groups for each family, and the user named
// default. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.html,
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
func (s *Service) addDefaults(scope core.Scope, r *region) {
	for _, f := range families() {
		for suffix, values := range map[string]map[string]string{"": nil, ".cluster.on": {"cluster-enabled": "yes"}} {
			name := "default." + f + suffix
			r.parameterGroups[name] = &parameterGroup{object: object{id: name, arn: scope.ARN(serviceName, "parametergroup:"+name), builtIn: true},
				family: f, description: "Default parameter group for " + f, values: values}
		}
	}
	r.users["default"] = &user{object: object{id: "default", arn: scope.ARN(serviceName, "user:default"), builtIn: true}, name: "default", engine: redis,
		access: "on ~* +@all", kind: authNone, status: statusActive}
}

// value is a parameter's value in the group.
func (g *parameterGroup) value(name string) string {
	if v, ok := g.values[name]; ok {
		return v
	}
	p, _ := findParameter(name)
	return p.deflt
}

func (g *parameterGroup) clustered() bool { return g.value("cluster-enabled") == "yes" }

func (s *Service) handleParameterGroups() {
	core.Handle(s.mux, "CreateCacheParameterGroup", s.createParameterGroup)
	core.Handle(s.mux, "DescribeCacheParameterGroups", s.describeParameterGroups)
	core.Handle(s.mux, "ModifyCacheParameterGroup", s.modifyParameterGroup)
	core.Handle(s.mux, "ResetCacheParameterGroup", s.resetParameterGroup)
	core.Handle(s.mux, "DeleteCacheParameterGroup", s.deleteParameterGroup)
	core.Handle(s.mux, "DescribeCacheParameters", s.describeParameters)
	core.Handle(s.mux, "DescribeCacheEngineVersions", s.describeVersions)
}

type parameterGroupOut struct {
	ARN, CacheParameterGroupName, CacheParameterGroupFamily, Description string
	IsGlobal                                                             bool
}

type oneParameterGroupOut struct{ CacheParameterGroup parameterGroupOut }

func (g *parameterGroup) out() parameterGroupOut {
	return parameterGroupOut{ARN: g.arn, CacheParameterGroupName: g.id, CacheParameterGroupFamily: g.family, Description: g.description}
}

type createParameterGroupIn struct {
	CacheParameterGroupName   string  `q:",required"`
	CacheParameterGroupFamily string  `q:",required"`
	Description               string  `q:",required"`
	Tags                      tagList `q:",item=Tag"`
}

// createParameterGroup follows
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheParameterGroup.html
func (s *Service) createParameterGroup(q *core.Request, in *createParameterGroupIn) (*oneParameterGroupOut, error) {
	name, err := groupName("CacheParameterGroupName", in.CacheParameterGroupName)
	if err != nil {
		return nil, err
	}
	reg := s.region(q.Scope)
	switch {
	case strings.HasPrefix(name, "default."):
		return nil, invalidValue("The parameter CacheParameterGroupName is not a valid identifier: names beginning with default. are ElastiCache's own.")
	case !slices.Contains(families(), in.CacheParameterGroupFamily):
		return nil, invalidValue("CacheParameterGroupFamily %s is not a valid parameter group family. The emulator knows %s.", in.CacheParameterGroupFamily, strings.Join(families(), ", "))
	case reg.parameterGroups[name] != nil:
		return nil, core.Errorf("CacheParameterGroupAlreadyExists", "Parameter group %s already exists", name)
	}
	g := &parameterGroup{family: in.CacheParameterGroupFamily, description: in.Description, values: map[string]string{}}
	if g.object, err = s.newObject(q, "parametergroup", name, in.Tags); err != nil {
		return nil, err
	}
	reg.parameterGroups[name] = g
	return &oneParameterGroupOut{g.out()}, nil
}

type describeParameterGroupsIn struct {
	page
	CacheParameterGroupName string
}

type parameterGroupsOut struct {
	CacheParameterGroups []parameterGroupOut `xml:"CacheParameterGroups>CacheParameterGroup"`
	Marker               string              `xml:",omitempty"`
}

func (s *Service) describeParameterGroups(q *core.Request, in *describeParameterGroupsIn) (*parameterGroupsOut, error) {
	reg := s.region(q.Scope)
	if in.CacheParameterGroupName != "" {
		g, ok := seen(q, reg.parameterGroups, strings.ToLower(in.CacheParameterGroupName))
		if !ok {
			return nil, absentParameterGroup(in.CacheParameterGroupName)
		}
		return &parameterGroupsOut{CacheParameterGroups: []parameterGroupOut{g.out()}}, nil
	}
	list, next, err := paginate(q, in.page, listed(q, reg.parameterGroups), idOf)
	out := &parameterGroupsOut{Marker: next}
	for _, g := range list {
		out.CacheParameterGroups = append(out.CacheParameterGroups, g.out())
	}
	return out, err
}

// own finds a group that may be changed.
func (s *Service) ownParameterGroup(q *core.Request, name string) (*parameterGroup, error) {
	g := s.region(q.Scope).parameterGroups[strings.ToLower(name)]
	if g == nil {
		return nil, absentParameterGroup(name)
	}
	if g.builtIn {
		return nil, invalidValue("Default parameter group %s cannot be modified or deleted.", g.id)
	}
	return g, nil
}

type nameValue struct {
	ParameterName  string `q:",required"`
	ParameterValue string
}

type modifyParameterGroupIn struct {
	CacheParameterGroupName string      `q:",required"`
	ParameterNameValues     []nameValue `q:",item=ParameterNameValue,required"`
}

type parameterGroupNameOut struct{ CacheParameterGroupName string }

// maxParameters of one call:
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyCacheParameterGroup.html
const maxParameters = 20

func (s *Service) modifyParameterGroup(q *core.Request, in *modifyParameterGroupIn) (*parameterGroupNameOut, error) {
	g, err := s.ownParameterGroup(q, in.CacheParameterGroupName)
	if err != nil {
		return nil, err
	}
	if n := len(in.ParameterNameValues); n == 0 || n > maxParameters {
		return nil, invalidValue("Between 1 and %d parameters can be modified in a single request.", maxParameters)
	}
	for _, v := range in.ParameterNameValues {
		p, ok := findParameter(v.ParameterName)
		if !ok {
			return nil, invalidValue("Could not find parameter with name %s among those that the emulator knows", v.ParameterName)
		}
		if err := p.check(v.ParameterValue); err != nil {
			return nil, err
		}
		if p.name == "cluster-enabled" && v.ParameterValue != g.value(p.name) && len(s.parameterised(q.Scope, g)) > 0 {
			return nil, core.Errorf("InvalidCacheParameterGroupState", "The parameter %s cannot be modified while the group is in use.", p.name)
		}
	}
	for _, v := range in.ParameterNameValues {
		g.values[v.ParameterName] = v.ParameterValue
	}
	return &parameterGroupNameOut{g.id}, nil
}

// parameterised are the replication groups with a parameter group.
func (s *Service) parameterised(scope core.Scope, g *parameterGroup) []*replicationGroup {
	var out []*replicationGroup
	for _, r := range s.region(scope).replicationGroups {
		if r.parameters == g {
			out = append(out, r)
		}
	}
	return out
}

type resetParameterGroupIn struct {
	CacheParameterGroupName string `q:",required"`
	ResetAllParameters      bool
	ParameterNameValues     []nameValue `q:",item=ParameterNameValue"`
}

func (s *Service) resetParameterGroup(q *core.Request, in *resetParameterGroupIn) (*parameterGroupNameOut, error) {
	g, err := s.ownParameterGroup(q, in.CacheParameterGroupName)
	if err != nil {
		return nil, err
	}
	if in.ResetAllParameters == (len(in.ParameterNameValues) > 0) {
		return nil, invalidCombination("Either ResetAllParameters or ParameterNameValues must be given.")
	}
	if in.ResetAllParameters {
		clear(g.values)
	}
	for _, v := range in.ParameterNameValues {
		delete(g.values, v.ParameterName)
	}
	return &parameterGroupNameOut{g.id}, nil
}

type deleteParameterGroupIn struct {
	CacheParameterGroupName string `q:",required"`
}

func (s *Service) deleteParameterGroup(q *core.Request, in *deleteParameterGroupIn) (*core.Empty, error) {
	g, err := s.ownParameterGroup(q, in.CacheParameterGroupName)
	if err != nil {
		return nil, err
	}
	if len(s.parameterised(q.Scope, g)) > 0 {
		return nil, core.Errorf("InvalidCacheParameterGroupState", "One or more cache clusters are still members of this parameter group %s, so the group cannot be deleted.", g.id)
	}
	delete(s.region(q.Scope).parameterGroups, g.id)
	return nil, nil
}

type describeParametersIn struct {
	page
	CacheParameterGroupName string `q:",required"`
	Source                  string
}

type parameterOut struct {
	ParameterName  string
	ParameterValue string
	Source         string
	DataType       string
	AllowedValues  string `xml:",omitempty"`
	IsModifiable   bool
	ChangeType     string
}

type parametersOut struct {
	Parameters []parameterOut `xml:"Parameters>Parameter"`
	Marker     string         `xml:",omitempty"`
}

// describeParameters: a parameter that was set is the user's, the others are the system's.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeCacheParameters.html
func (s *Service) describeParameters(q *core.Request, in *describeParametersIn) (*parametersOut, error) {
	g, ok := seen(q, s.region(q.Scope).parameterGroups, strings.ToLower(in.CacheParameterGroupName))
	if !ok {
		return nil, absentParameterGroup(in.CacheParameterGroupName)
	}
	if !slices.Contains([]string{"", "user", "system", "engine-default"}, in.Source) {
		return nil, invalidValue("Invalid source %s: user, system or engine-default is expected.", in.Source)
	}
	var all []parameterOut
	for _, p := range parameters {
		source := "system"
		if _, set := g.values[p.name]; set && !g.builtIn {
			source = "user"
		}
		if in.Source == "" || in.Source == source {
			all = append(all, parameterOut{p.name, g.value(p.name), source, p.kind, p.allowed, p.modifiable, p.change})
		}
	}
	list, next, err := paginate(q, in.page, all, func(p parameterOut) string { return p.ParameterName })
	return &parametersOut{list, next}, err
}
