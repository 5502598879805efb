package ecs

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// accountSettings are the settings with their defaults and values. The long ARN formats can't be
// turned off any more.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html
var accountSettings = []struct {
	name   types.SettingName
	deflt  string
	values []string
}{
	{types.SettingNameAwsvpcTrunking, "disabled", []string{"enabled", "disabled", "on", "off"}},
	{types.SettingNameContainerInsights, "disabled", []string{"enabled", "enhanced", "disabled", "on", "off"}},
	{types.SettingNameContainerInstanceLongArnFormat, "enabled", []string{"enabled"}},
	{types.SettingNameDefaultLogDriverMode, "non-blocking", []string{"blocking", "non-blocking"}},
	{types.SettingNameServiceLongArnFormat, "enabled", []string{"enabled"}},
	{types.SettingNameTagResourceAuthorization, "on", []string{"on", "off"}},
	{types.SettingNameTaskLongArnFormat, "enabled", []string{"enabled"}},
}

// accountDefault keys the setting of the whole account.
const accountDefault = ""

// setting is the effective value for a principal.
func (r *region) setting(principal string, name types.SettingName) string {
	for _, key := range []string{principal, accountDefault} {
		if v, ok := r.settings[key+" "+string(name)]; ok {
			return v
		}
	}
	for _, a := range accountSettings {
		if a.name == name {
			return a.deflt
		}
	}
	return ""
}

func (s *Service) put(r *core.Request, principal string, name types.SettingName, value *string) (*types.Setting, error) {
	v := aws.ToString(value)
	for _, a := range accountSettings {
		if a.name != name {
			continue
		}
		if !slices.Contains(a.values, v) {
			return nil, invalid("Invalid value %q for the account setting %s. Valid values: %s.", v, name, strings.Join(a.values, ", "))
		}
		s.region(r.Scope).settings[principal+" "+string(name)] = v
		arn := principal
		if arn == accountDefault {
			arn = "arn:" + r.Partition() + ":iam::" + r.Account + ":root"
		}
		return &types.Setting{Name: name, Value: aws.String(v), PrincipalArn: aws.String(arn), Type: types.SettingTypeUser}, nil
	}
	return nil, unsupported("the account setting " + string(name))
}

// putAccountSetting sets for the caller, or for the principal that is named.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutAccountSetting.html
func (s *Service) putAccountSetting(r *core.Request, in *api.PutAccountSettingInput) (*api.PutAccountSettingOutput, error) {
	set, err := s.put(r, principalOf(r, in.PrincipalArn), in.Name, in.Value)
	if err != nil {
		return nil, err
	}
	return &api.PutAccountSettingOutput{Setting: set}, nil
}

// principalOf is the key of a principal; root stands for the account's default.
func principalOf(r *core.Request, named *string) string {
	p := r.Principal.ARN
	if r.Principal.RoleARN != "" {
		p = r.Principal.RoleARN
	}
	if named != nil {
		p = *named
	}
	if strings.HasSuffix(p, ":root") {
		return accountDefault
	}
	return p
}

// putAccountSettingDefault sets for all that have no setting of their own.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutAccountSettingDefault.html
func (s *Service) putAccountSettingDefault(r *core.Request, in *api.PutAccountSettingDefaultInput) (*api.PutAccountSettingDefaultOutput, error) {
	set, err := s.put(r, accountDefault, in.Name, in.Value)
	if err != nil {
		return nil, err
	}
	return &api.PutAccountSettingDefaultOutput{Setting: set}, nil
}

// listAccountSettings lists what is set, or with effectiveSettings what holds.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListAccountSettings.html
func (s *Service) listAccountSettings(r *core.Request, in *api.ListAccountSettingsInput) (*api.ListAccountSettingsOutput, error) {
	reg, principal := s.region(r.Scope), principalOf(r, in.PrincipalArn)
	arn := principal
	if arn == accountDefault {
		arn = "arn:" + r.Partition() + ":iam::" + r.Account + ":root"
	}
	var found []types.Setting
	for _, a := range accountSettings {
		v, own := reg.settings[principal+" "+string(a.name)]
		if in.EffectiveSettings {
			v, own = reg.setting(principal, a.name), true
		}
		if own && (in.Name == "" || in.Name == a.name) && (in.Value == nil || *in.Value == v) {
			found = append(found, types.Setting{Name: a.name, Value: aws.String(v), PrincipalArn: aws.String(arn), Type: types.SettingTypeUser})
		}
	}
	limit := in.MaxResults
	if limit < 0 || limit > 10 {
		return nil, invalid("maxResults should be between 1 and 10.")
	}
	out, next, err := page(s, found, func(v types.Setting) string { return string(v.Name) }, in.NextToken, &limit, 10)
	if err != nil {
		return nil, err
	}
	return &api.ListAccountSettingsOutput{Settings: append([]types.Setting{}, out...), NextToken: next}, nil
}
