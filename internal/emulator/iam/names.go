package iam

import (
	"regexp"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Lengths and quotas, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxRoleName      = 64
	maxName          = 128
	maxPath          = 512
	maxDescription   = 1000
	maxAttached      = 10
	maxVersions      = 5
	maxRoles         = 1000
	maxProfiles      = 1000
	maxPolicies      = 1500
	minSession       = 3600
	maxSession       = 43200
	defaultPageItems = 100
	maxPageItems     = 1000
)

var (
	namePattern = regexp.MustCompile(`^[\w+=,.@-]+$`)
	pathPattern = regexp.MustCompile(`^(/|/[\x21-\x7e]+/)$`)
)

// constraint is the error of a value that breaks its shape.
func constraint(value, member, rule string) error {
	return invalid("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must %s", value, member, rule)
}

func checkName(member, name string, most int) error {
	switch {
	case len(name) > most:
		return constraint(name, member, "have length less than or equal to "+itoa(most))
	case name == "":
		return constraint(name, member, "have length greater than or equal to 1")
	case !namePattern.MatchString(name):
		return invalid("The specified value for %s is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-", member)
	}
	return nil
}

// checkPath returns the path, "/" when there is none.
func checkPath(path *string) (string, error) {
	if path == nil {
		return "/", nil
	}
	switch {
	case len(*path) > maxPath:
		return "", constraint(*path, "path", "have length less than or equal to "+itoa(maxPath))
	case !pathPattern.MatchString(*path):
		return "", invalid("The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	}
	return *path, nil
}

func checkDescription(d string) error {
	if len(d) > maxDescription {
		return constraint(d, "description", "have length less than or equal to "+itoa(maxDescription))
	}
	return nil
}

func checkSession(seconds *int) (int, error) {
	if seconds == nil {
		return minSession, nil
	}
	switch {
	case *seconds < minSession:
		return 0, constraint(itoa(*seconds), "maxSessionDuration", "have value greater than or equal to "+itoa(minSession))
	case *seconds > maxSession:
		return 0, constraint(itoa(*seconds), "maxSessionDuration", "have value less than or equal to "+itoa(maxSession))
	}
	return *seconds, nil
}

type paging struct {
	Marker   string
	MaxItems *int
}

type page struct {
	IsTruncated bool
	Marker      string `xml:",omitempty"`
}

func cut[T any](w *core.World, items []T, key func(T) string, p paging) ([]T, page, error) {
	limit := 0
	if p.MaxItems != nil {
		limit = *p.MaxItems
		if limit < 1 || limit > maxPageItems {
			return nil, page{}, constraint(itoa(limit), "maxItems", "have value between 1 and 1000")
		}
	}
	out, next, ok := core.Page(w, items, key, p.Marker, limit, defaultPageItems)
	if !ok {
		return nil, page{}, invalid("Invalid Marker.")
	}
	return out, page{next != "", next}, nil
}

func self(s string) string { return s }

func checkPrefix(prefix string) error {
	if prefix != "" && !strings.HasPrefix(prefix, "/") {
		return invalid("The specified value for pathPrefix is invalid. It must begin with the / character.")
	}
	return nil
}
