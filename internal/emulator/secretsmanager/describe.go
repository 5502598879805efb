package secretsmanager

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type view struct {
	ARN, Name        string
	Description      string `json:",omitempty"`
	KMSKeyID         string `json:"KmsKeyId,omitempty"`
	CreatedDate      time.Time
	LastChangedDate  time.Time
	LastAccessedDate time.Time
	DeletedDate      time.Time
	RotationEnabled  *bool
	// RotationLambdaARN and RotationRules stay when rotation is turned off; the dates don't.
	RotationLambdaARN string         `json:",omitempty"`
	RotationRules     *rotationRules `json:",omitempty"`
	LastRotatedDate   time.Time
	NextRotationDate  time.Time
	Tags              []tag
	// The stages of versions have another name in lists.
	VersionIDsToStages     map[string][]string `json:"VersionIdsToStages"`
	SecretVersionsToStages map[string][]string
}

func (x *secret) view(list bool) view {
	v := view{ARN: x.arn, Name: x.name, Description: x.description, KMSKeyID: x.keyID(), CreatedDate: x.created, LastChangedDate: x.changed,
		LastAccessedDate: x.readDay, DeletedDate: x.deletion, Tags: tagList(x.tags)}
	if r := x.rotation; r != nil {
		v.RotationEnabled, v.RotationLambdaARN, v.RotationRules = &r.enabled, r.function, r.rules
		if r.enabled {
			v.LastRotatedDate, v.NextRotationDate = r.rotated, r.next
		}
	}
	stages := map[string][]string{}
	for _, n := range x.versions {
		if len(n.stages) > 0 {
			stages[n.id] = n.stages
		}
	}
	if list {
		v.SecretVersionsToStages = stages
	} else {
		v.VersionIDsToStages = stages
	}
	return v
}

func (s *Service) describeSecret(q *core.Request, in *secretIn) (*view, error) {
	x, err := s.any(q.Scope, in.SecretID)
	if err != nil {
		return nil, err
	}
	v := x.view(false)
	return &v, nil
}

type filter struct {
	Key    string
	Values []string
}

type listIn struct {
	Filters                []filter
	IncludePlannedDeletion bool
	SortOrder              string
	MaxResults             *int
	NextToken              string
}

type listOut struct {
	SecretList []view
	NextToken  string `json:",omitempty"`
}

const maxPage = 100

func pageSize(limit *int) (int, error) {
	if limit == nil {
		return maxPage, nil
	}
	if *limit < 1 || *limit > maxPage {
		return 0, invalidParameter("MaxResults must be between 1 and %d.", maxPage)
	}
	return *limit, nil
}

func (s *Service) listSecrets(q *core.Request, in *listIn) (*listOut, error) {
	limit, err := pageSize(in.MaxResults)
	if err != nil {
		return nil, err
	}
	var list []*secret
	for _, x := range s.scopes[q.Scope] {
		if (x.deleting && !in.IncludePlannedDeletion) || x.forced || !s.w.Visible(x.created) {
			continue
		}
		ok := true
		for _, f := range in.Filters {
			hit, err := f.matches(x)
			if err != nil {
				return nil, err
			}
			ok = ok && hit
		}
		if ok {
			list = append(list, x)
		}
	}
	slices.SortFunc(list, func(a, b *secret) int { return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.name, b.name)) })
	switch in.SortOrder {
	case "asc":
	case "", "desc":
		slices.Reverse(list)
	default:
		return nil, invalidParameter("Invalid SortOrder %s", in.SortOrder)
	}
	list, next, ok := core.Page(s.w, list, func(x *secret) string { return x.arn }, in.NextToken, limit, maxPage)
	if !ok {
		return nil, core.Errorf("InvalidNextTokenException", "Invalid NextToken")
	}
	out := &listOut{SecretList: []view{}, NextToken: next}
	for _, x := range list {
		out.SecretList = append(out.SecretList, x.view(true))
	}
	return out, nil
}

// matches: values are prefixes, any of which may match; ! negates one,
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_search-secret.html
func (f filter) matches(x *secret) (bool, error) {
	var texts []string
	switch f.Key {
	case "name":
		texts = []string{x.name}
	case "description":
		texts = []string{x.description}
	case "tag-key":
		for k := range x.tags {
			texts = append(texts, k)
		}
	case "tag-value":
		for _, v := range x.tags {
			texts = append(texts, v)
		}
	default:
		return false, invalidParameter("The emulator does not support the filter %s.", f.Key)
	}
	return slices.ContainsFunc(f.Values, func(want string) bool {
		want, negated := strings.CutPrefix(want, "!")
		return negated != slices.ContainsFunc(texts, func(t string) bool {
			if f.Key == "description" {
				return strings.HasPrefix(strings.ToLower(t), strings.ToLower(want))
			}
			return strings.HasPrefix(t, want)
		})
	}), nil
}

type versionsIn struct {
	SecretID          string
	IncludeDeprecated bool
	MaxResults        *int
	NextToken         string
}

type versionView struct {
	VersionID     string `json:"VersionId"`
	VersionStages []string
	CreatedDate   time.Time
}

type versionsOut struct {
	ARN, Name string
	Versions  []versionView
	NextToken string `json:",omitempty"`
}

func (s *Service) listSecretVersionIDs(q *core.Request, in *versionsIn) (*versionsOut, error) {
	x, err := s.any(q.Scope, in.SecretID)
	if err != nil {
		return nil, err
	}
	limit, err := pageSize(in.MaxResults)
	if err != nil {
		return nil, err
	}
	var list []*version
	for _, v := range x.versions {
		if len(v.stages) > 0 || in.IncludeDeprecated {
			list = append(list, v)
		}
	}
	list, next, ok := core.Page(s.w, list, func(v *version) string { return v.id }, in.NextToken, limit, maxPage)
	if !ok {
		return nil, core.Errorf("InvalidNextTokenException", "Invalid NextToken")
	}
	out := &versionsOut{ARN: x.arn, Name: x.name, Versions: []versionView{}, NextToken: next}
	for _, v := range list {
		out.Versions = append(out.Versions, versionView{v.id, v.stages, v.created})
	}
	return out, nil
}
