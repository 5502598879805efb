// Package secretsmanager emulates AWS Secrets Manager, without replication and managed rotation. Rotation is by functions:
// see Rotator.
package secretsmanager

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Service is Secrets Manager of every account and region.
type Service struct {
	w         *core.World
	keys      Keys
	functions Functions
	scopes    map[core.Scope]map[string]*secret // by name
}

type secret struct {
	name, arn, description    string
	created, changed, readDay time.Time
	// deletion is when the secret goes for good; zero unless it is scheduled.
	deletion time.Time
	// deleting is set by DeleteSecret, which forced makes immediate.
	deleting, forced bool
	versions         []*version
	tags             map[string]string
	token            string // of CreateSecret
	// key is the ARN of the key that encrypts new versions; empty for AWS's own. called is what its owner calls it.
	key, called string
	// rotation is nil until it is turned on for the first time.
	rotation *rotation
}

type version struct {
	id      string
	text    *string
	binary  []byte
	created time.Time
	stages  []string
	// keys are the ARNs of the keys that decrypt it, empty for AWS's own: any of them does.
	keys []string
}

// empty reports whether a version has no value yet: a rotation makes it before its function fills it in.
func (v *version) empty() bool { return v.text == nil && v.binary == nil }

const (
	current      = "AWSCURRENT"
	previous     = "AWSPREVIOUS"
	pendingStage = "AWSPENDING"
)

// Keys are the customer managed keys of AWS KMS.
type Keys interface {
	Find(scope core.Scope, id string) (arn string, ok bool)
	Enabled(arn string) bool
}

// SetKeys lets secrets be encrypted with customer managed keys; without there are none.
func (s *Service) SetKeys(k Keys) { s.keys = k }

// New returns Secrets Manager of a world.
func New(w *core.World) *Service {
	s := &Service{w: w}
	reset := func() { s.scopes = map[core.Scope]map[string]*secret{} }
	reset()
	w.OnReset(reset)
	w.AddInventory(s.inventory)
	w.AddTagger("secretsmanager", func(scope core.Scope) map[string]map[string]string {
		out := map[string]map[string]string{}
		for _, x := range s.scopes[scope] {
			if !x.deleting {
				out[x.arn] = maps.Clone(x.tags)
			}
		}
		return out
	})
	return s
}

// Value returns the current text of a secret, by name, ARN, or ARN without its random suffix.
func (s *Service) Value(scope core.Scope, arnOrName string) (string, bool) {
	x := s.lookup(scope, arnOrName)
	if x == nil || x.deleting {
		return "", false
	}
	if v := x.staged(current); v != nil && v.text != nil {
		return *v.text, true
	}
	return "", false
}

func (s *Service) lookup(scope core.Scope, id string) *secret {
	all := s.scopes[scope]
	if !strings.HasPrefix(id, "arn:") {
		return all[id]
	}
	for _, x := range all {
		// A partial ARN has no suffix of hyphen and six characters.
		if x.arn == id || x.arn[:len(x.arn)-7] == id {
			return x
		}
	}
	return nil
}

func (x *secret) staged(stage string) *version {
	for _, v := range x.versions {
		if slices.Contains(v.stages, stage) {
			return v
		}
	}
	return nil
}

func (s *Service) inventory(all bool) []core.Resource {
	var out []core.Resource
	for scope, secrets := range s.scopes {
		for _, x := range secrets {
			state := "active"
			if x.deleting {
				if !all {
					continue
				}
				state = "scheduled for deletion"
			}
			out = append(out, core.Resource{Service: "secretsmanager", Kind: "Secret", ID: x.arn, Name: x.name, ARN: x.arn,
				Account: scope.Account, Region: scope.Region, Tags: maps.Clone(x.tags), State: state, Taggable: true,
				Settings: map[string]any{"description": x.description, "kmsKeyId": x.key}})
		}
	}
	return out
}

func notFound() error {
	return core.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

func invalidRequest(format string, args ...any) error {
	return core.Errorf("InvalidRequestException", format, args...)
}

func invalidParameter(format string, args ...any) error {
	return core.Errorf("InvalidParameterException", format, args...)
}

// any finds a secret, even one that is scheduled for deletion.
func (s *Service) any(scope core.Scope, id string) (*secret, error) {
	x := s.lookup(scope, id)
	if x == nil || x.forced || !s.w.Visible(x.created) {
		return nil, notFound()
	}
	return x, nil
}

func (s *Service) live(scope core.Scope, id string) (*secret, error) {
	x, err := s.any(scope, id)
	if err == nil && x.deleting {
		return nil, invalidRequest("You can't perform this operation on the secret because it was marked for deletion.")
	}
	return x, err
}

// Mux returns the actions, https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html
// Their rates (thousands per second) are never reached here.
func (s *Service) Mux() *core.Mux {
	m := &core.Mux{Service: "secretsmanager", Protocol: core.JSON11, Namespace: "secretsmanager",
		Throttled: core.Error{Code: "ThrottlingException", Message: "Rate exceeded"}}
	core.Handle(m, "CreateSecret", s.createSecret)
	core.Handle(m, "DescribeSecret", s.describeSecret)
	core.Handle(m, "GetSecretValue", s.getSecretValue)
	core.Handle(m, "PutSecretValue", s.putSecretValue)
	core.Handle(m, "UpdateSecret", s.updateSecret)
	core.Handle(m, "DeleteSecret", s.deleteSecret)
	core.Handle(m, "RestoreSecret", s.restoreSecret)
	core.Handle(m, "ListSecrets", s.listSecrets)
	core.Handle(m, "ListSecretVersionIds", s.listSecretVersionIDs)
	core.Handle(m, "TagResource", s.tagResource)
	core.Handle(m, "UntagResource", s.untagResource)
	core.Handle(m, "GetResourcePolicy", s.getResourcePolicy)
	core.Handle(m, "RotateSecret", s.rotateSecret)
	core.Handle(m, "CancelRotateSecret", s.cancelRotateSecret)
	core.Handle(m, "UpdateSecretVersionStage", s.updateSecretVersionStage)
	return m
}
