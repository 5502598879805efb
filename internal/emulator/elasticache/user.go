package elasticache

import (
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// The states of users and user groups.
const (
	statusActive = "active" // the other states are those of caches
)

// How users prove who they are.
const (
	authPassword = "password"
	authNone     = "no-password"
	authIAM      = "iam"
)

// user is an access control list entry of caches with role-based access.
type user struct {
	object
	name, engine, access string
	kind                 string
	passwords            []string
	status               string
}

func absentUser(id string) error { return absent("UserNotFound", "User %s not found.", id) }

func (s *Service) handleUsers() {
	core.Handle(s.mux, "CreateUser", s.createUser)
	core.Handle(s.mux, "DescribeUsers", s.describeUsers)
	core.Handle(s.mux, "ModifyUser", s.modifyUser)
	core.Handle(s.mux, "DeleteUser", s.deleteUser)
	core.Handle(s.mux, "CreateUserGroup", s.createUserGroup)
	core.Handle(s.mux, "DescribeUserGroups", s.describeUserGroups)
	core.Handle(s.mux, "ModifyUserGroup", s.modifyUserGroup)
	core.Handle(s.mux, "DeleteUserGroup", s.deleteUserGroup)
}

type authenticationOut struct {
	Type          string
	PasswordCount *int
}

type userOut struct {
	ARN, UserId, UserName, Status, Engine, AccessString, MinimumEngineVersion string
	UserGroupIds                                                              []string `xml:"UserGroupIds>member"`
	Authentication                                                            authenticationOut
}

func (s *Service) userOut(scope core.Scope, u *user) userOut {
	o := userOut{ARN: u.arn, UserId: u.id, UserName: u.name, Status: u.status, Engine: u.engine, AccessString: u.access, MinimumEngineVersion: minimumVersion(u.engine)}
	o.Authentication.Type = u.kind
	if u.kind == authPassword {
		n := len(u.passwords)
		o.Authentication.PasswordCount = &n
	}
	for _, g := range s.groupsOf(scope, u.id) {
		o.UserGroupIds = append(o.UserGroupIds, g.id)
	}
	return o
}

// minimumVersion is the first one with role-based access.
func minimumVersion(engine string) string {
	if engine == valkey {
		return "7.2"
	}
	return "6.0"
}

type authenticationMode struct {
	Type      string
	Passwords []string
}

// authentication checks how a user shall prove who it is: by one mode, given in either form.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUser.html
func authentication(mode *authenticationMode, passwords []string, none *bool) (kind string, _ []string, err error) {
	if mode != nil {
		if len(passwords) > 0 || none != nil {
			return "", nil, invalidCombination("AuthenticationMode can't be combined with Passwords or NoPasswordRequired.")
		}
		switch mode.Type {
		case "password":
			passwords = mode.Passwords
		case "no-password-required":
			none = new(bool)
			*none = true
		case "iam":
			if len(mode.Passwords) > 0 {
				return "", nil, invalidCombination("Passwords can't be used with IAM authentication.")
			}
			return authIAM, nil, nil
		default:
			return "", nil, invalidValue("Invalid authentication type %s: password, no-password-required or iam is expected.", mode.Type)
		}
	}
	switch {
	case none != nil && *none && len(passwords) > 0:
		return "", nil, invalidCombination("Password fields are not allowed with authentication type: no-password.")
	case none != nil && *none:
		return authNone, nil, nil
	case len(passwords) == 0 || len(passwords) > 2:
		return "", nil, invalidValue("Input Authentication type: null is not in the allowed list: [password,no-password-required,iam]")
	}
	for _, p := range passwords {
		if len(p) < 16 || len(p) > 128 {
			return "", nil, invalidValue("Passwords length must be between 16-128 characters.")
		}
	}
	return authPassword, passwords, nil
}

// checkAccess is the part of the grammar that everything depends on: on and off, and no passwords.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html#Access-string
func checkAccess(access string) error {
	words := strings.Fields(access)
	if len(words) == 0 {
		return invalidValue("AccessString must not be empty.")
	}
	for _, w := range words {
		if w == "reset" || w == "nopass" || w == "resetpass" || strings.ContainsAny(w[:1], "<>#!") {
			return invalidValue("Invalid access string: %s can't be a part of it.", w)
		}
		if w != "on" && w != "off" && w != "allkeys" && w != "allcommands" && w != "allchannels" && w != "nocommands" && w != "resetkeys" && w != "resetchannels" &&
			!strings.ContainsAny(w[:1], "~%&+-(") {
			return invalidValue("Invalid access string: %s isn't understood.", w)
		}
	}
	return nil
}

type createUserIn struct {
	UserId             string `q:",required"`
	UserName           string `q:",required"`
	Engine             string `q:",required"`
	AccessString       string `q:",required"`
	AuthenticationMode *authenticationMode
	Passwords          []string
	NoPasswordRequired *bool
	Tags               tagList `q:",item=Tag"`
}

func (s *Service) createUser(q *core.Request, in *createUserIn) (*userOut, error) {
	id, err := userID("UserId", in.UserId)
	if err != nil {
		return nil, err
	}
	reg := s.region(q.Scope)
	if reg.users[id] != nil {
		return nil, core.Errorf("UserAlreadyExists", "User %s already exists.", id)
	}
	u := &user{name: in.UserName, engine: strings.ToLower(in.Engine), access: in.AccessString, status: statusActive}
	if u.engine != valkey && u.engine != redis {
		return nil, invalidValue("Unknown parameter for Engine: %s, must be one of: REDIS, VALKEY", in.Engine)
	}
	if err := checkAccess(u.access); err != nil {
		return nil, err
	}
	if u.kind, u.passwords, err = authentication(in.AuthenticationMode, in.Passwords, in.NoPasswordRequired); err != nil {
		return nil, err
	}
	// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html#auth-iam-limits
	if u.kind == authIAM && u.name != id {
		return nil, invalidCombination("The username and user id properties must be identical for IAM-enabled ElastiCache users.")
	}
	if u.object, err = s.newObject(q, "user", id, in.Tags); err != nil {
		return nil, err
	}
	reg.users[id] = u
	out := s.userOut(q.Scope, u)
	return &out, nil
}

type describeUsersIn struct {
	page
	UserId, Engine string
}

type usersOut struct {
	Users  []userOut `xml:"Users>member"`
	Marker string    `xml:",omitempty"`
}

func (s *Service) describeUsers(q *core.Request, in *describeUsersIn) (*usersOut, error) {
	reg := s.region(q.Scope)
	if in.UserId != "" {
		u, ok := seen(q, reg.users, strings.ToLower(in.UserId))
		if !ok {
			return nil, absentUser(in.UserId)
		}
		return &usersOut{Users: []userOut{s.userOut(q.Scope, u)}}, nil
	}
	all := slices.DeleteFunc(listed(q, reg.users), func(u *user) bool { return in.Engine != "" && !strings.EqualFold(in.Engine, u.engine) })
	list, next, err := paginate(q, in.page, all, idOf)
	out := &usersOut{Marker: next}
	for _, u := range list {
		out.Users = append(out.Users, s.userOut(q.Scope, u))
	}
	return out, err
}

// changeable finds a user that isn't on its way to another state.
func (s *Service) changeableUser(q *core.Request, id string) (*user, error) {
	u := s.region(q.Scope).users[strings.ToLower(id)]
	switch {
	case u == nil:
		return nil, absentUser(id)
	case u.status != statusActive:
		return nil, core.Errorf("InvalidUserState", "User %s is not in active state.", u.id)
	case u.builtIn:
		return nil, invalidValue("The default user can't be modified or deleted.")
	}
	return u, nil
}

type modifyUserIn struct {
	UserId             string `q:",required"`
	AccessString       string
	AppendAccessString string
	Engine             string
	AuthenticationMode *authenticationMode
	Passwords          []string
	NoPasswordRequired *bool
}

func (s *Service) modifyUser(q *core.Request, in *modifyUserIn) (*userOut, error) {
	u, err := s.changeableUser(q, in.UserId)
	if err != nil {
		return nil, err
	}
	next := *u
	if in.AccessString != "" {
		next.access = in.AccessString
	}
	if in.AppendAccessString != "" {
		next.access += " " + in.AppendAccessString
	}
	if err := checkAccess(next.access); err != nil {
		return nil, err
	}
	if in.AuthenticationMode != nil || len(in.Passwords) > 0 || in.NoPasswordRequired != nil {
		if next.kind, next.passwords, err = authentication(in.AuthenticationMode, in.Passwords, in.NoPasswordRequired); err != nil {
			return nil, err
		}
		if next.kind == authIAM && u.name != u.id {
			return nil, invalidCombination("The username and user id properties must be identical for IAM-enabled ElastiCache users.")
		}
	}
	if in.Engine != "" && !strings.EqualFold(in.Engine, u.engine) {
		if !strings.EqualFold(in.Engine, valkey) {
			return nil, invalidCombination("The engine of a user can only be changed to valkey.")
		}
		next.engine = valkey
	}
	u.access, u.kind, u.passwords, u.engine, u.status = next.access, next.kind, next.passwords, next.engine, statusModifying
	s.world.Clock.After(accessChanging, func() { u.status = statusActive })
	out := s.userOut(q.Scope, u)
	return &out, nil
}

type deleteUserIn struct {
	UserId string `q:",required"`
}

// deleteUser takes the user out of its groups, except one that a group needs.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteUser.html
func (s *Service) deleteUser(q *core.Request, in *deleteUserIn) (*userOut, error) {
	u, err := s.changeableUser(q, in.UserId)
	if err != nil {
		return nil, err
	}
	groups := s.groupsOf(q.Scope, u.id)
	for _, g := range groups {
		if u.name == "default" && g.engine == redis {
			return nil, core.Errorf("DefaultUserAssociatedToUserGroup", "Default user is associated to user group %s and can't be deleted.", g.id)
		}
	}
	out := s.userOut(q.Scope, u)
	u.status, out.Status = statusDeleting, statusDeleting
	reg := s.region(q.Scope)
	s.world.Clock.After(accessChanging, func() {
		for _, g := range groups {
			g.users = slices.DeleteFunc(g.users, func(id string) bool { return id == u.id })
		}
		delete(reg.users, u.id)
	})
	return &out, nil
}
