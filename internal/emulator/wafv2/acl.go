package wafv2

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// createIn leaves out what isn't served: captcha, challenge, token, association and data protection
// settings, and custom responses.
type createIn struct {
	Name, Scope, Description        string
	DefaultAction, VisibilityConfig any
	Rules                           []any
	Tags                            []tag
}

type summaryOut struct {
	ARN         string
	ID          string `json:"Id"`
	Name        string
	LockToken   string
	Description string `json:",omitempty"`
}

type createOut struct{ Summary summaryOut }

func (a *webACL) summary() summaryOut {
	return summaryOut{a.ARN, a.ID, a.Name, a.LockToken, a.Description}
}

// Quotas, https://docs.aws.amazon.com/waf/latest/developerguide/limits.html
const (
	maxACLs     = 100
	maxCapacity = 5000
)

var namePattern = regexp.MustCompile(`^[\w-]{1,128}$`)

// createWebACL: https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html
func (s *Service) createWebACL(r *core.Request, in *createIn) (*createOut, error) {
	if err := regional(in.Scope); err != nil {
		return nil, err
	}
	if !namePattern.MatchString(in.Name) {
		return nil, invalid("The parameter contains formatting that is not valid., field: NAME, parameter: %s", in.Name)
	}
	if one(in.DefaultAction, "Allow", "Block") == "" {
		return nil, invalid("You have used none or multiple values for a field that requires exactly one value., field: DEFAULT_ACTION")
	}
	if err := checkVisibility(in.VisibilityConfig); err != nil {
		return nil, err
	}
	capacity, err := checkRules(in.Rules)
	if err != nil {
		return nil, err
	}
	tags, err := tagMap(in.Tags)
	if err != nil {
		return nil, err
	}
	st := s.scope(r.Scope)
	for _, a := range st.acls {
		if a.Name == in.Name {
			return nil, core.Errorf("WAFDuplicateItemException", "AWS WAF couldn’t perform the operation because some resource in your request is a duplicate of an existing one.")
		}
	}
	if len(st.acls) >= maxACLs {
		return nil, core.Errorf("WAFLimitsExceededException", "AWS WAF couldn’t perform the operation because you exceeded your resource limit.")
	}
	a := s.newACL(r.Scope, in.Name)
	a.Description, a.DefaultAction, a.VisibilityConfig, a.Capacity, a.Tags = in.Description, in.DefaultAction, in.VisibilityConfig, capacity, tags
	if in.Rules != nil {
		a.Rules = in.Rules
	}
	return &createOut{a.summary()}, nil
}

// regional refuses the scope of CloudFront, which isn't emulated.
func regional(scope string) error {
	switch scope {
	case "REGIONAL":
		return nil
	case "CLOUDFRONT":
		return invalid("The emulator does not support the scope CLOUDFRONT.")
	default:
		return invalid("The parameter contains an enum value that is not valid., field: SCOPE_VALUE, parameter: %s", scope)
	}
}

type getIn struct {
	ARN, Name, Scope string
	ID               string `json:"Id"`
}

type aclOut struct {
	ARN                             string
	ID                              string `json:"Id"`
	Name                            string
	Description                     string `json:",omitempty"`
	DefaultAction, VisibilityConfig any
	Rules                           []any
	Capacity                        int
	ManagedByFirewallManager        bool
	LabelNamespace                  string
}

type getOut struct {
	WebACL    *aclOut
	LockToken string `json:",omitempty"`
}

func (a *webACL) out(scope core.Scope) *aclOut {
	return &aclOut{ARN: a.ARN, ID: a.ID, Name: a.Name, Description: a.Description, DefaultAction: a.DefaultAction, VisibilityConfig: a.VisibilityConfig,
		Rules: a.Rules, Capacity: a.Capacity, LabelNamespace: "awswaf:" + scope.Account + ":webacl:" + a.Name + ":"}
}

// getWebACL finds by ARN, or by name, id and scope:
// https://docs.aws.amazon.com/waf/latest/APIReference/API_GetWebACL.html
func (s *Service) getWebACL(r *core.Request, in *getIn) (*getOut, error) {
	var a *webACL
	if in.ARN != "" {
		if in.Name != "" || in.ID != "" || in.Scope != "" {
			return nil, invalid("Specify either the ARN, or name, id and scope.")
		}
		if err := checkACL(in.ARN); err != nil {
			return nil, err
		}
		a = s.scope(r.Scope).acls[in.ARN]
	} else {
		var err error
		if a, err = s.find(r.Scope, in.Name, in.ID, in.Scope); err != nil {
			return nil, err
		}
	}
	if a == nil || !s.w.Visible(a.created) {
		return nil, nonexistent()
	}
	return &getOut{a.out(r.Scope), a.LockToken}, nil
}

func (s *Service) find(scope core.Scope, name, id, kind string) (*webACL, error) {
	if err := regional(kind); err != nil {
		return nil, err
	}
	a := s.scope(scope).acls[scope.ARN("wafv2", "regional/webacl/"+name+"/"+id)]
	if a == nil {
		return nil, nonexistent()
	}
	return a, nil
}

type listIn struct {
	Scope, NextMarker string
	Limit             *int
}

type listOut struct {
	WebACLs    []summaryOut
	NextMarker string `json:",omitempty"`
}

const maxPage = 100

func (s *Service) listWebACLs(r *core.Request, in *listIn) (*listOut, error) {
	if err := regional(in.Scope); err != nil {
		return nil, err
	}
	limit := 0
	if in.Limit != nil {
		if limit = *in.Limit; limit < 1 || limit > maxPage {
			return nil, invalid("The parameter must be between 1 and %d., field: LIMIT, parameter: %d", maxPage, limit)
		}
	}
	var list []*webACL
	for _, a := range s.scope(r.Scope).acls {
		if s.w.Visible(a.created) {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b *webACL) int { return cmp.Compare(a.Name, b.Name) })
	list, next, ok := core.Page(s.w, list, func(a *webACL) string { return a.Name }, in.NextMarker, limit, maxPage)
	if !ok {
		return nil, invalid("The next marker is not valid., field: NEXT_MARKER, parameter: %s", in.NextMarker)
	}
	out := &listOut{WebACLs: []summaryOut{}, NextMarker: next}
	for _, a := range list {
		out.WebACLs = append(out.WebACLs, a.summary())
	}
	return out, nil
}

type deleteIn struct {
	Name, Scope, LockToken string
	ID                     string `json:"Id"`
}

// deleteWebACL: "You can't delete a web ACL that is associated with any resource":
// https://docs.aws.amazon.com/waf/latest/APIReference/API_DeleteWebACL.html
func (s *Service) deleteWebACL(r *core.Request, in *deleteIn) (*core.Empty, error) {
	a, err := s.find(r.Scope, in.Name, in.ID, in.Scope)
	switch {
	case err != nil:
		return nil, err
	case in.LockToken != a.LockToken:
		return nil, core.Errorf("WAFOptimisticLockException", "AWS WAF couldn’t save your changes because someone changed the resource after you started to edit it. Reapply your changes.")
	case len(s.resourcesOf(r.Scope, a.ARN)) > 0:
		return nil, core.Errorf("WAFAssociatedItemException", "AWS WAF couldn’t perform the operation because your resource is being used by another resource or it’s associated with another resource.")
	}
	delete(s.scope(r.Scope).acls, a.ARN)
	return nil, nil
}

var aclPattern = regexp.MustCompile(`^arn:[a-z-]+:wafv2:[a-z0-9-]+:\d{12}:regional/webacl/[\w-]+/[\w-]+$`)

func checkACL(arn string) error {
	if !aclPattern.MatchString(arn) {
		return invalid("The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes., field: WEB_ACL_ARN, parameter: %s", strings.TrimSpace(arn))
	}
	return nil
}
