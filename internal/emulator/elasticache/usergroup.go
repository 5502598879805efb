package elasticache

import (
	"maps"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// userGroup is a set of users that a cache knows.
type userGroup struct {
	object
	engine, status string
	users          []string
}

func absentUserGroup(id string) error {
	return absent("UserGroupNotFound", "UserGroup %s not found.", id)
}

// groupsOf are the groups that a user is in, by id.
func (s *Service) groupsOf(scope core.Scope, user string) []*userGroup {
	reg, out := s.region(scope), []*userGroup(nil)
	for _, id := range slices.Sorted(maps.Keys(reg.userGroups)) {
		if slices.Contains(reg.userGroups[id].users, user) {
			out = append(out, reg.userGroups[id])
		}
	}
	return out
}

type pendingUsersOut struct {
	UserIdsToAdd    []string `xml:"UserIdsToAdd>member"`
	UserIdsToRemove []string `xml:"UserIdsToRemove>member"`
}

type userGroupOut struct {
	ARN, UserGroupId, Status, Engine, MinimumEngineVersion string
	UserIds                                                []string `xml:"UserIds>member"`
	ReplicationGroups                                      []string `xml:"ReplicationGroups>member"`
	ServerlessCaches                                       []string `xml:"ServerlessCaches>member"`
	PendingChanges                                         *pendingUsersOut
}

func (s *Service) userGroupOut(scope core.Scope, g *userGroup) userGroupOut {
	o := userGroupOut{ARN: g.arn, UserGroupId: g.id, Status: g.status, Engine: g.engine, MinimumEngineVersion: minimumVersion(g.engine), UserIds: g.users}
	o.ReplicationGroups, o.ServerlessCaches = s.usersOf(scope, g.id)
	return o
}

// usersOf are the caches that use a group.
func (s *Service) usersOf(scope core.Scope, group string) (replicationGroups, serverless []string) {
	reg := s.region(scope)
	for _, id := range slices.Sorted(maps.Keys(reg.replicationGroups)) {
		if slices.Contains(reg.replicationGroups[id].userGroups, group) {
			replicationGroups = append(replicationGroups, id)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(reg.serverless)) {
		if reg.serverless[name].userGroup == group {
			serverless = append(serverless, name)
		}
	}
	return replicationGroups, serverless
}

// members checks who would be in a group: nobody twice, by name either; a Redis OSS group has a user
// named default, and a Valkey group nobody without authentication.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
func (s *Service) members(scope core.Scope, engine string, ids []string) error {
	names := map[string]bool{}
	for _, id := range ids {
		u := s.region(scope).users[id]
		switch {
		case u == nil || u.status == statusDeleting:
			return absentUser(id)
		case names[u.name]:
			return core.Errorf("DuplicateUserName", "Duplicate user name %s.", u.name)
		case engine == redis && u.engine != redis:
			return invalidCombination("A user group with engine redis can't contain user %s, whose engine is %s.", id, u.engine)
		case engine == valkey && u.kind == authNone:
			return invalidCombination("A user group with engine valkey can't contain user %s, which requires no password.", id)
		}
		names[u.name] = true
	}
	if engine == redis && !names["default"] {
		return core.Errorf("DefaultUserRequired", "User group must contain a user with the user name default.")
	}
	return nil
}

type createUserGroupIn struct {
	UserGroupId string `q:",required"`
	Engine      string `q:",required"`
	UserIds     []string
	Tags        tagList `q:",item=Tag"`
}

// createUserGroup follows
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUserGroup.html
func (s *Service) createUserGroup(q *core.Request, in *createUserGroupIn) (*userGroupOut, error) {
	id, err := userID("UserGroupId", in.UserGroupId)
	if err != nil {
		return nil, err
	}
	reg := s.region(q.Scope)
	if reg.userGroups[id] != nil {
		return nil, core.Errorf("UserGroupAlreadyExists", "User Group %s already exists.", id)
	}
	g := &userGroup{engine: strings.ToLower(in.Engine), status: statusCreating}
	if g.engine != valkey && g.engine != redis {
		return nil, invalidValue("Unknown parameter for Engine: %s, must be one of: REDIS, VALKEY", in.Engine)
	}
	for _, u := range in.UserIds {
		g.users = append(g.users, strings.ToLower(u))
	}
	if err := s.members(q.Scope, g.engine, g.users); err != nil {
		return nil, err
	}
	if g.object, err = s.newObject(q, "usergroup", id, in.Tags); err != nil {
		return nil, err
	}
	reg.userGroups[id] = g
	s.world.Clock.After(accessChanging, func() { g.status = statusActive })
	out := s.userGroupOut(q.Scope, g)
	return &out, nil
}

type describeUserGroupsIn struct {
	page
	UserGroupId string
}

type userGroupsOut struct {
	UserGroups []userGroupOut `xml:"UserGroups>member"`
	Marker     string         `xml:",omitempty"`
}

func (s *Service) describeUserGroups(q *core.Request, in *describeUserGroupsIn) (*userGroupsOut, error) {
	reg := s.region(q.Scope)
	if in.UserGroupId != "" {
		g, ok := seen(q, reg.userGroups, strings.ToLower(in.UserGroupId))
		if !ok {
			return nil, absentUserGroup(in.UserGroupId)
		}
		return &userGroupsOut{UserGroups: []userGroupOut{s.userGroupOut(q.Scope, g)}}, nil
	}
	list, next, err := paginate(q, in.page, listed(q, reg.userGroups), idOf)
	out := &userGroupsOut{Marker: next}
	for _, g := range list {
		out.UserGroups = append(out.UserGroups, s.userGroupOut(q.Scope, g))
	}
	return out, err
}

// activeUserGroup finds a group that isn't on its way to another state.
func (s *Service) activeUserGroup(scope core.Scope, id string) (*userGroup, error) {
	g := s.region(scope).userGroups[strings.ToLower(id)]
	switch {
	case g == nil:
		return nil, absentUserGroup(id)
	case g.status != statusActive:
		return nil, core.Errorf("InvalidUserGroupState", "User group %s is not in active state.", g.id)
	}
	return g, nil
}

type modifyUserGroupIn struct {
	UserGroupId     string `q:",required"`
	UserIdsToAdd    []string
	UserIdsToRemove []string
	Engine          string
}

func (s *Service) modifyUserGroup(q *core.Request, in *modifyUserGroupIn) (*userGroupOut, error) {
	g, err := s.activeUserGroup(q.Scope, in.UserGroupId)
	if err != nil {
		return nil, err
	}
	engine := g.engine
	if in.Engine != "" {
		if engine = strings.ToLower(in.Engine); engine != valkey && engine != g.engine {
			return nil, invalidCombination("The engine of a user group can only be changed to valkey.")
		}
	}
	users := slices.Clone(g.users)
	for _, id := range in.UserIdsToAdd {
		users = append(users, strings.ToLower(id))
	}
	for _, id := range in.UserIdsToRemove {
		i := slices.Index(users, strings.ToLower(id))
		if i < 0 {
			return nil, absentUser(id)
		}
		users = slices.Delete(users, i, i+1)
	}
	if slices.Equal(users, g.users) && engine == g.engine {
		return nil, invalidCombination("No modifications were requested")
	}
	if err := s.members(q.Scope, engine, users); err != nil {
		return nil, err
	}
	out := s.userGroupOut(q.Scope, g)
	out.PendingChanges = &pendingUsersOut{in.UserIdsToAdd, in.UserIdsToRemove}
	g.status, g.users, g.engine, out.Status = statusModifying, users, engine, statusModifying
	s.world.Clock.After(accessChanging, func() { g.status = statusActive })
	return &out, nil
}

type deleteUserGroupIn struct {
	UserGroupId string `q:",required"`
}

// deleteUserGroup: "The user group must first be disassociated from the replication group before it can
// be deleted", https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteUserGroup.html
func (s *Service) deleteUserGroup(q *core.Request, in *deleteUserGroupIn) (*userGroupOut, error) {
	g, err := s.activeUserGroup(q.Scope, in.UserGroupId)
	if err != nil {
		return nil, err
	}
	if r, c := s.usersOf(q.Scope, g.id); len(r)+len(c) > 0 {
		return nil, core.Errorf("InvalidUserGroupState", "User group %s is associated with %s and can't be deleted.", g.id, strings.Join(slices.Concat(r, c), ", "))
	}
	g.status = statusDeleting
	reg := s.region(q.Scope)
	s.world.Clock.After(accessChanging, func() { delete(reg.userGroups, g.id) })
	out := s.userGroupOut(q.Scope, g)
	return &out, nil
}
