package controllers

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// Kubernetes Secrets that a spec names are read one by one, uncached, at each walk. They are neither listed nor
// watched, which would need rights to all of a namespace's, and they aren't kept: when the walk is over, what was
// read is forgotten. The right to read them is no part of the manager's own role: see config/rbac.

// SecretReaderRole is the ClusterRole that lets the manager read a namespace's Secrets where it is bound there.
const SecretReaderRole = "portkey-ecs-operator-portkeygateway-secret-reader"

// maxSecretBytes is the size of what a secret in Secrets Manager holds.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
const maxSecretBytes = 65536

// readSources reads the Secrets that the spec names into the session. What can't be used is a refusal until the
// generation was admitted; later the copies stay as they are, and that is said.
func (r *PortkeyGatewayReconciler) readSources(ctx context.Context, gw *v1alpha1.PortkeyGateway, s *session) (*refusal, error) {
	s.sources, s.stale = map[graph.NodeID]desired.Source{}, ""
	read := map[string]desired.Source{}
	var stale []string
	for _, m := range desired.Mirrors(gw.Resolved()) {
		source, known := read[m.Secret]
		problem := ""
		if !known {
			var err error
			if source, problem, err = r.readSource(ctx, gw.Namespace, m); err != nil {
				return nil, err
			}
		}
		if problem == "" {
			read[m.Secret] = source
			problem = unfit(gw.Namespace, m, source.Values.Open())
		}
		switch {
		case problem == "":
			s.sources[m.Node] = source
		case s.admitted != gw.Generation:
			return &refusal{reason: v1alpha1.ReasonSecretUnusable, message: m.Field + ": " + problem}, nil
		default:
			stale = append(stale, m.Field+": "+problem+", and until then its copy stays as it is")
		}
	}
	s.stale = strings.Join(stale, "; ")
	return nil, nil //nolint:nilnil // nothing speaks against it
}

// readSource reads a Secret; problem says why it can't be, in words for people.
func (r *PortkeyGatewayReconciler) readSource(ctx context.Context, namespace string, m desired.Mirror) (_ desired.Source, problem string, _ error) {
	secret := &corev1.Secret{}
	err := r.Reader.Get(ctx, types.NamespacedName{Namespace: namespace, Name: m.Secret}, secret)
	switch {
	case apierrors.IsNotFound(err):
		return desired.Source{}, fmt.Sprintf("there is no Secret %s in the namespace %s: create it with the %s, or correct secretRef.name", m.Secret, namespace, keysOf(needed(m))), nil
	case apierrors.IsForbidden(err):
		return desired.Source{}, fmt.Sprintf("the operator may not read the Secret %s in the namespace %s: have an administrator run kubectl create rolebinding portkey-secret-reader --namespace=%s --clusterrole=%s --%s",
			m.Secret, namespace, namespace, SecretReaderRole, reader(err)), nil
	case err != nil:
		return desired.Source{}, "", fmt.Errorf("reading the Secret %s/%s: %w", namespace, m.Secret, err)
	}
	values := make(map[string]string, len(secret.Data))
	for k, v := range secret.Data {
		values[k] = string(v)
	}
	return desired.Source{State: string(secret.UID) + "/" + secret.ResourceVersion, Values: graph.Seal(values)}, "", nil
}

// forbiddenUser finds in the API server's answer who it is that may not.
var forbiddenUser = regexp.MustCompile(`User "([^"]+)"`)

// reader is how kubectl names the manager as the subject of a binding.
func reader(err error) string {
	user := "system:serviceaccount:portkey-ecs-operator-system:portkey-ecs-operator-controller-manager"
	if m := forbiddenUser.FindStringSubmatch(err.Error()); m != nil {
		user = m[1]
	}
	if account, ok := strings.CutPrefix(user, "system:serviceaccount:"); ok {
		return "serviceaccount=" + account
	}
	return "user=" + user
}

// unfit says why a Secret can't be copied; it names keys, and never a value.
func unfit(namespace string, m desired.Mirror, values map[string]string) string {
	name := fmt.Sprintf("the Secret %s in the namespace %s", m.Secret, namespace)
	var missing, binary []string
	size := 0
	for _, key := range slices.Sorted(maps.Values(m.Keys)) {
		v := values[key]
		size += len(key) + len(v)
		switch {
		case v == "" && !slices.Contains(m.Optional, key):
			missing = append(missing, key)
		case !utf8.ValidString(v) || strings.ContainsRune(v, 0):
			binary = append(binary, key)
		}
	}
	switch {
	case len(missing) > 0:
		return fmt.Sprintf("%s has no value for the %s: add %s", name, keysOf(missing), them(missing))
	case len(binary) > 0:
		return fmt.Sprintf("%s holds under the %s what is no text: environment variables are text", name, keysOf(binary))
	case size > maxSecretBytes:
		return fmt.Sprintf("%s holds more than the %d bytes that AWS Secrets Manager takes: shorten the value", name, maxSecretBytes)
	}
	return ""
}

// needed are the keys that a Secret must have.
func needed(m desired.Mirror) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Values(m.Keys)), func(k string) bool { return slices.Contains(m.Optional, k) })
}

func keysOf(keys []string) string {
	if len(keys) == 1 {
		return "key " + keys[0]
	}
	return "keys " + strings.Join(keys[:len(keys)-1], ", ") + " and " + keys[len(keys)-1]
}

func them(keys []string) string {
	if len(keys) == 1 {
		return "it"
	}
	return "them"
}

// written are the copies whose Secrets have been written since a walk last looked at them.
func (s *session) written(gw *v1alpha1.PortkeyGateway) map[graph.NodeID]string {
	out := map[graph.NodeID]string{}
	for _, m := range desired.Mirrors(gw.Resolved()) {
		if source, ok := s.sources[m.Node]; ok && s.copied[m.Node] != source.State {
			out[m.Node] = source.State
		}
	}
	return out
}

// looked notes that a walk has looked at copies.
func (s *session) looked(written map[graph.NodeID]string) {
	if s.copied == nil {
		s.copied = map[graph.NodeID]string{}
	}
	maps.Copy(s.copied, written)
}
