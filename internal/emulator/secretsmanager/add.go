package secretsmanager

import "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"

// Add makes a secret with a text, as its owner did before, and returns its ARN; a secret of that name
// gets the text as its new version. The caller holds the world's lock.
func (s *Service) Add(scope core.Scope, name, text string) string {
	q := &core.Request{World: s.w, Scope: scope}
	if x := s.lookup(scope, name); x != nil {
		_, _ = x.put(s.w.UUID(), value{SecretString: &text}, nil, q.Now())
		return x.arn
	}
	out, err := s.createSecret(q, &createIn{Name: name, SecretString: &text, ClientRequestToken: s.w.UUID()})
	if err != nil {
		return ""
	}
	return out.ARN
}

// AddAs is Add for a secret whose ARN ends in given characters: documented manifests name it.
func (s *Service) AddAs(scope core.Scope, name, suffix, text string) string {
	s.Add(scope, name, text)
	x := s.lookup(scope, name)
	x.arn = x.arn[:len(x.arn)-len(suffix)] + suffix
	return x.arn
}
