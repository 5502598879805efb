package kinds

import (
	"context"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	cachetypes "github.com/aws/aws-sdk-go-v2/service/elasticache/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// CacheUser is a user of caches with role-based access: one that logs in with a password, with an IAM role,
// or, for the default user of Redis OSS that nobody shall log in as, not at all.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUser.html
//
// Outputs: "id" and "arn", when it is active.
type CacheUser struct{}

// CacheUserSpec is what a user should be.
type CacheUserSpec struct {
	// Engine is valkey or redis.
	Engine string `json:"engine"`
	// UserName is what clients log in as; it can't be changed. With IAM it is the id.
	UserName string `json:"userName"`
	// Access is ElastiCache's access string, as "on ~* &* +@all".
	Access string `json:"access"`
	// Authentication is password, iam or no-password-required.
	Authentication string `json:"authentication"`
	// Password is the ARN of the secret with the password.
	Password graph.Value `json:"password,omitzero"`
}

// The ways to log in.
const (
	CacheUserPassword   = string(cachetypes.InputAuthenticationTypePassword)
	CacheUserIAM        = string(cachetypes.InputAuthenticationTypeIam)
	CacheUserNoPassword = string(cachetypes.InputAuthenticationTypeNoPassword)
)

type cacheUser struct {
	ID, ARN, Engine, UserName, Access, Status, Authentication string
	// Present is the present version of the secret with its password.
	Present string
	Tags    map[string]string
}

func (u cacheUser) live(call graph.Call) graph.Live {
	l := graph.Live{ID: u.ID, Phase: graph.Ready, Owner: proof(call, u.ID, u.Tags), Out: map[graph.Attr]string{"id": u.ID, "arn": u.ARN}, Raw: u}
	switch u.Status {
	case "active", "":
	case "deleting":
		l.Phase, l.Recheck = graph.Deleting, accessChanging
	default: // creating, modifying: whoever uses it goes on doing so
		l.Phase, l.Why, l.Recheck = graph.Pending, "is "+u.Status, accessChanging
		if u.Status == "creating" {
			l.Out = nil
		}
	}
	return l
}

// Name implements graph.Kind.
func (CacheUser) Name() string { return "CacheUser" }

// List implements graph.Lister.
func (CacheUser) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return cacheNodes(ctx, call, "user"), nil
}

// Observe implements graph.Kind.
func (CacheUser) Observe(ctx context.Context, call graph.Call, spec CacheUserSpec) (graph.Live, error) {
	w := world(call)
	out, err := w.Cache.DescribeUsers(ctx, &elasticache.DescribeUsersInput{UserId: sdk.String(cacheName(call))})
	if notFound(err) || (err == nil && len(out.Users) == 0) {
		return graph.Live{Phase: graph.Absent}, nil
	}
	if err != nil {
		return graph.Live{}, err
	}
	x := out.Users[0]
	u := cacheUser{ID: sdk.ToString(x.UserId), ARN: sdk.ToString(x.ARN), Engine: strings.ToLower(sdk.ToString(x.Engine)), UserName: sdk.ToString(x.UserName),
		Access: sdk.ToString(x.AccessString), Status: sdk.ToString(x.Status)}
	if x.Authentication != nil {
		u.Authentication = string(x.Authentication.Type)
		if x.Authentication.Type == cachetypes.AuthenticationTypeNoPassword {
			u.Authentication = CacheUserNoPassword // it is asked for by another word than it is told
		}
	}
	if u.Tags, err = tagsOf(ctx, call, u.ARN); err != nil {
		return graph.Live{}, err
	}
	if known(spec.Password) {
		if u.Present, err = currentVersion(ctx, w, spec.Password.String()); err != nil {
			return graph.Live{}, err
		}
	}
	return u.live(call), nil
}

// Diff implements graph.Kind. A user takes changes only when it is active.
func (CacheUser) Diff(call graph.Call, want CacheUserSpec, live graph.Live) []graph.Change {
	have := raw[cacheUser](live)
	if have.Status != "active" && have.Status != "" {
		return nil
	}
	var d difference
	d.fixed("userName", have.UserName, want.UserName)
	if have.Engine == "valkey" && want.Engine == "redis" {
		d.fixed("engine", have.Engine, want.Engine)
	} else {
		d.text("engine", have.Engine, want.Engine)
	}
	d.set("access", strings.Fields(have.Access), strings.Fields(want.Access))
	d.text("authentication", have.Authentication, want.Authentication)
	d.password(call.Now, have.Tags[TagPassword], have.Present)
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// Create implements graph.Kind.
func (CacheUser) Create(ctx context.Context, call graph.Call, spec CacheUserSpec) (graph.Live, error) {
	w := world(call)
	mode := &cachetypes.AuthenticationMode{Type: cachetypes.InputAuthenticationType(spec.Authentication)}
	tags := call.Tags
	version := ""
	if known(spec.Password) {
		value, id, err := password(ctx, w, spec.Password.String(), "")
		if err != nil {
			return graph.Live{}, err
		}
		mode.Passwords, version = []string{value}, id
		tags = merged(tags, map[string]string{TagPassword: id})
	}
	out, err := w.Cache.CreateUser(ctx, &elasticache.CreateUserInput{
		UserId: sdk.String(cacheName(call)), UserName: &spec.UserName, Engine: &spec.Engine, AccessString: &spec.Access, AuthenticationMode: mode, Tags: toCacheTags(tags),
	})
	if err != nil {
		return graph.Live{}, err
	}
	return cacheUser{ID: sdk.ToString(out.UserId), ARN: sdk.ToString(out.ARN), Engine: spec.Engine, UserName: spec.UserName, Access: spec.Access,
		Status: sdk.ToString(out.Status), Authentication: spec.Authentication, Present: version, Tags: tags}.live(call), nil
}

// Update implements graph.Kind. A new password is valid beside the old one for a while, so that clients
// that run with the old one can be replaced.
func (k CacheUser) Update(ctx context.Context, call graph.Call, spec CacheUserSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	w, have := world(call), raw[cacheUser](live)
	version := parsePasswordVersion(have.Tags[TagPassword])
	if touches(changes, "engine", "access", "authentication", "password") {
		in := &elasticache.ModifyUserInput{UserId: &have.ID}
		if touches(changes, "engine") {
			in.Engine = &spec.Engine
		}
		if touches(changes, "access") {
			in.AccessString = &spec.Access
		}
		if touches(changes, "authentication", "password") {
			in.AuthenticationMode = &cachetypes.AuthenticationMode{Type: cachetypes.InputAuthenticationType(spec.Authentication)}
			if known(spec.Password) {
				value, id, err := password(ctx, w, spec.Password.String(), "")
				if err != nil {
					return live, err
				}
				next := passwordVersion{ID: id}
				in.AuthenticationMode.Passwords = []string{value}
				if version.ID != "" && version.ID != id {
					// The version before may be gone from the secret: then nobody can log in with it any more.
					if old, _, err := password(ctx, w, spec.Password.String(), version.ID); err == nil && old != value {
						in.AuthenticationMode.Passwords, next.Since = []string{value, old}, call.Now
					}
				}
				version = next
			}
		}
		out, err := w.Cache.ModifyUser(ctx, in)
		if err != nil {
			return live, err
		}
		have.Status, have.Engine, have.Access, have.Authentication = sdk.ToString(out.Status), spec.Engine, spec.Access, spec.Authentication
	}
	tagged := call
	if version.ID != "" {
		tagged.Tags = merged(call.Tags, map[string]string{TagPassword: version.String()})
	}
	if err := retagARN(ctx, tagged, have.ARN, have.Tags); err != nil {
		return live, err
	}
	have.Tags = retagged(tagged.Tags, have.Tags)
	return have.live(call), nil
}

// Delete implements graph.Kind.
func (CacheUser) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	_, err := world(call).Cache.DeleteUser(ctx, &elasticache.DeleteUserInput{UserId: &live.ID})
	return notFound(err), ignore(err, notFound)
}
