package secretsmanager

import (
	"bytes"
	"regexp"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

var (
	namePattern  = regexp.MustCompile(`^[A-Za-z0-9/_+=.@!-]{1,512}$`)
	tokenPattern = regexp.MustCompile(`^.{32,64}$`)
)

// maxValue is the size of a value in bytes,
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
const maxValue = 65536

// value is what a version holds.
type value struct {
	SecretString *string
	SecretBinary []byte
}

func (v value) given() bool { return v.SecretString != nil || v.SecretBinary != nil }

func (v value) check() error {
	switch {
	case v.SecretString != nil && v.SecretBinary != nil:
		return invalidParameter("You can't specify both a binary secret value and a string secret value in the same secret.")
	case v.SecretString != nil && len(*v.SecretString) > maxValue, len(v.SecretBinary) > maxValue:
		return core.Errorf("ValidationException", "1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length less than or equal to %d", maxValue)
	}
	return nil
}

func (v *version) same(w value) bool {
	if (v.text == nil) != (w.SecretString == nil) || (v.text != nil && *v.text != *w.SecretString) {
		return false
	}
	return bytes.Equal(v.binary, w.SecretBinary)
}

func checkToken(token string) error {
	if token == "" {
		return invalidRequest("You must provide a ClientRequestToken value. We recommend a UUID-type value.")
	}
	if !tokenPattern.MatchString(token) {
		return invalidParameter("ClientRequestToken must be 32-64 characters long.")
	}
	return nil
}

type createIn struct {
	Name, Description, ClientRequestToken string
	KMSKeyID                              string `json:"KmsKeyId"`
	SecretString                          *string
	SecretBinary                          []byte
	Tags                                  []tag
}

type identityOut struct {
	ARN       string
	Name      string
	VersionID string `json:"VersionId,omitempty"`
}

// createSecret is idempotent for the same token and value,
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
func (s *Service) createSecret(q *core.Request, in *createIn) (*identityOut, error) {
	v := value{in.SecretString, in.SecretBinary}
	if !namePattern.MatchString(in.Name) {
		return nil, core.Errorf("ValidationException", "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
	}
	if err := checkToken(in.ClientRequestToken); err != nil {
		return nil, err
	}
	if err := v.check(); err != nil {
		return nil, err
	}
	tags, err := merge(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	if x := s.scopes[q.Scope][in.Name]; x != nil {
		switch {
		case x.deleting:
			return nil, invalidRequest("You can't create this secret because a secret with this name is already scheduled for deletion.")
		case x.token == in.ClientRequestToken && x.unchanged(in.ClientRequestToken, v):
			return &identityOut{x.arn, x.name, x.versionID(in.ClientRequestToken)}, nil
		}
		return nil, core.Errorf("ResourceExistsException", "The operation failed because the secret %s already exists.", in.Name)
	}
	key, err := s.findKey(q.Scope, in.KMSKeyID)
	if err != nil {
		return nil, err
	}
	now := q.Now()
	x := &secret{key: key, called: called(q.Scope, in.KMSKeyID), name: in.Name, arn: q.ARN("secretsmanager", "secret:"+in.Name+"-"+suffix(s.w)), description: in.Description,
		created: now, changed: now, tags: tags, token: in.ClientRequestToken}
	if v.given() {
		x.versions = []*version{{id: in.ClientRequestToken, text: v.SecretString, binary: v.SecretBinary, created: now, stages: []string{current}, keys: []string{key}}}
	}
	if s.scopes[q.Scope] == nil {
		s.scopes[q.Scope] = map[string]*secret{}
	}
	s.scopes[q.Scope][x.name] = x
	return &identityOut{x.arn, x.name, x.versionID(in.ClientRequestToken)}, nil
}

// suffix is the six random characters at the end of a secret's ARN.
func suffix(w *core.World) string { return w.Alnum(6) }

func (x *secret) unchanged(token string, v value) bool {
	old := x.version(token)
	return (old == nil && !v.given()) || (old != nil && old.same(v))
}

func (x *secret) version(id string) *version {
	for _, v := range x.versions {
		if v.id == id {
			return v
		}
	}
	return nil
}

func (x *secret) versionID(id string) string {
	if x.version(id) == nil {
		return ""
	}
	return id
}
