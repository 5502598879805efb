package sts

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type webIdentityIn struct {
	RoleArn          string `q:",required"`
	RoleSessionName  string `q:",required"`
	WebIdentityToken string `q:",required"`
	DurationSeconds  *int
}

type webIdentityOut struct {
	Credentials                 credentials
	AssumedRoleUser             assumedRoleUser
	SubjectFromWebIdentityToken string
	Audience                    string
	Provider                    string
}

// assumeRoleWithWebIdentity is not signed: the token says who calls. Its signature is not verified,
// its issuer, subject, audience and expiry are,
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
func (s *Service) assumeRoleWithWebIdentity(q *core.Request, in *webIdentityIn) (*webIdentityOut, error) {
	account, name, duration, err := request(in.RoleArn, in.RoleSessionName, in.DurationSeconds)
	if err != nil {
		return nil, err
	}
	q.Account = account
	token, err := parseToken(in.WebIdentityToken)
	if err != nil {
		return nil, core.Errorf("InvalidIdentityToken", "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	}
	if token.Expires != 0 && q.Now().Unix() >= int64(token.Expires) {
		return nil, core.Errorf("ExpiredTokenException", "Token expired: current date/time %d must be before the expiration date/time %d", q.Now().Unix(), int64(token.Expires))
	}
	provider := strings.TrimPrefix(token.Issuer, "https://")
	role, ok := s.iam.Role(account, name)
	claims := map[string]string{provider + ":sub": token.Subject, provider + ":aud": token.Audience.first()}
	if !ok || role.ARN != in.RoleArn || !s.iam.AssumedByWebIdentity(in.RoleArn, provider, claims, q.Now()) {
		return nil, core.Errorf("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity").WithStatus(403)
	}
	if err := checkDuration(duration, role); err != nil {
		return nil, err
	}
	c, u := s.session(account, role, in.RoleSessionName, duration, q.Now())
	return &webIdentityOut{c, u, token.Subject, token.Audience.first(), "arn:" + rolePattern.FindStringSubmatch(role.ARN)[1] + ":iam::" + account + ":oidc-provider/" + provider}, nil
}

type jwt struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience audience `json:"aud"`
	Expires  float64  `json:"exp"`
}

// audience is a string or a list, as RFC 7519 allows.
type audience []string

// UnmarshalJSON implements json.Unmarshaler.
func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(a))
}

func (a audience) first() string {
	if len(a) == 0 {
		return ""
	}
	return a[0]
}

func parseToken(token string) (jwt, error) {
	var out jwt
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return out, core.Errorf("InvalidIdentityToken", "not a JWT")
	}
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return out, err
	}
	err = json.Unmarshal(b, &out)
	return out, err
}
