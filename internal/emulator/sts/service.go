// Package sts emulates the AWS Security Token Service.
package sts

import (
	"net/http"
	"regexp"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/iam"
)

// Service is STS of every account and region.
type Service struct {
	w   *core.World
	iam *iam.Service
}

// New returns STS; roles are those of iam.
func New(w *core.World, iam *iam.Service) *Service { return &Service{w: w, iam: iam} }

// Mux returns STS's actions, https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html
func (s *Service) Mux() *core.Mux {
	m := &core.Mux{Service: "sts", Protocol: core.Query, Namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
		Throttled: core.Error{Code: "Throttling", Message: "Rate exceeded"}}
	core.Handle(m, "GetCallerIdentity", s.getCallerIdentity)
	core.Handle(m, "AssumeRole", s.assumeRole)
	core.Handle(m, "AssumeRoleWithWebIdentity", s.assumeRoleWithWebIdentity)
	return m
}

type identityOut struct{ Arn, UserId, Account string }

func (s *Service) getCallerIdentity(q *core.Request, _ *core.Empty) (*identityOut, error) {
	return &identityOut{q.Principal.ARN, q.Principal.UserID, q.Account}, nil
}

type credentials struct {
	AccessKeyId, SecretAccessKey, SessionToken string
	Expiration                                 time.Time
}

type assumedRoleUser struct{ AssumedRoleId, Arn string }

var (
	sessionPattern = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	rolePattern    = regexp.MustCompile(`^arn:(aws|aws-cn|aws-us-gov):iam::(\d{12}):role/(.+/)?([\w+=,.@-]+)$`)
)

// The bounds of a session's length in seconds; chained roles get an hour at most,
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const (
	minSession     = 900
	maxSession     = 43200
	defaultSession = 3600
	maxChained     = 3600
)

// request checks what both ways to assume a role share.
func request(roleARN, session string, seconds *int) (account, name string, duration int, err error) {
	m := rolePattern.FindStringSubmatch(roleARN)
	switch {
	case m == nil:
		return "", "", 0, core.Errorf("ValidationError", "%s is invalid", roleARN)
	case !sessionPattern.MatchString(session):
		return "", "", 0, core.Errorf("ValidationError", "1 validation error detected: Value '%s' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*", session)
	}
	duration = defaultSession
	if seconds != nil {
		duration = *seconds
	}
	switch {
	case duration < minSession:
		return "", "", 0, core.Errorf("ValidationError", "1 validation error detected: Value '%d' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to %d", duration, minSession)
	case duration > maxSession:
		return "", "", 0, core.Errorf("ValidationError", "1 validation error detected: Value '%d' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to %d", duration, maxSession)
	}
	return m[2], m[4], duration, nil
}

func checkDuration(duration int, role iam.RoleInfo) error {
	if duration > role.MaxSessionDuration {
		return core.Errorf("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return nil
}

// session makes credentials that act as the role, in the role's account.
func (s *Service) session(account string, role iam.RoleInfo, name string, seconds int, now time.Time) (credentials, assumedRoleUser) {
	partition := rolePattern.FindStringSubmatch(role.ARN)[1]
	c := credentials{AccessKeyId: "ASIA" + s.w.Alnum(16), SecretAccessKey: s.w.Hex(40), SessionToken: "emulator" + s.w.Hex(64),
		Expiration: now.Add(time.Duration(seconds) * time.Second).UTC().Truncate(time.Second)}
	u := assumedRoleUser{role.ID + ":" + name, "arn:" + partition + ":sts::" + account + ":assumed-role/" + role.Name + "/" + name}
	s.w.AddKey(c.AccessKeyId, core.Principal{Account: account, ARN: u.Arn, UserID: u.AssumedRoleId, RoleARN: role.ARN})
	return c, u
}

func denied(who, action, roleARN string) error {
	return core.Errorf("AccessDenied", "User: %s is not authorized to perform: %s on resource: %s", who, action, roleARN).WithStatus(http.StatusForbidden)
}
