package elasticache

import (
	"regexp"
	"strings"
)

var (
	cachePattern = regexp.MustCompile(`^[a-z]([a-z0-9]|-[a-z0-9])*$`)
	groupPattern = regexp.MustCompile(`^[a-z][a-z0-9.-]*$`)
	userPattern  = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
)

// The lengths of names: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html,
// API_CreateServerlessCache.html, API_CreateCacheSubnetGroup.html, API_CreateUser.html
const (
	maxCacheName = 40
	maxGroupName = 255
	maxUserName  = 128
)

// cacheName is a name as it is stored: in lower case. It begins with a letter, and has no hyphen at its
// end nor two in a row.
func cacheName(param, name string) (string, error) {
	name = strings.ToLower(name)
	if len(name) > maxCacheName || !cachePattern.MatchString(name) {
		return "", invalidValue("The parameter %s is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.", param)
	}
	return name, nil
}

func groupName(param, name string) (string, error) {
	name = strings.ToLower(name)
	if len(name) > maxGroupName || !groupPattern.MatchString(name) {
		return "", invalidValue("The parameter %s must be provided and must contain only letters, digits and hyphens, and begin with a letter.", param)
	}
	return name, nil
}

func userID(param, id string) (string, error) {
	id = strings.ToLower(id)
	if len(id) > maxUserName || !userPattern.MatchString(id) {
		return "", invalidValue("The parameter %s must begin with a letter and contain only letters, digits and hyphens.", param)
	}
	return id, nil
}
