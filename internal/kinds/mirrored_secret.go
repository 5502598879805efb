package kinds

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// MirroredSecret is the copy of some keys of a Kubernetes Secret, as one JSON object. What tells it from another
// version is never made of the values, which would let short ones be guessed: see mirrored_secret_version.go.
//
// It is deleted with the shortest recovery window that AWS has, and restored where it is wanted again within it:
// somebody else may have come to read it meanwhile, and a Secret that is gone can be written again from it. One that
// is scheduled for deletion opens nothing and costs nothing, so it counts as gone.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html
//
// Outputs: "arn", and "version", the id of the present version, at once.
type MirroredSecret struct{}

// MirroredSecretSpec is what a copy should be.
type MirroredSecretSpec struct {
	// Source is the Kubernetes Secret's name, and Keys are the keys of the copy.
	Source string   `json:"source"`
	Keys   []string `json:"keys"`
	// State stands for the values: it changes with every write of the Secret. Empty while that wasn't read: the
	// copy's value is left as it is then. It says nothing to people, and would make plans of equal changes differ.
	State string `json:"-"`
	// Values are the values, by key.
	Values graph.Sealed `json:"values"`
	// KMSKey is the ARN of the key that encrypts it; empty for AWS's own.
	KMSKey string `json:"kmsKey,omitempty"`
}

// recoveryDays is the shortest recovery window.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
const recoveryDays = 7

const pathValue = "value"

// mirrored is a copy as it was read, and how its value compares.
type mirrored struct {
	secret
	// Other says that the value isn't the source's, News that the source was written since, and nobody wrote the copy.
	Other, News bool
}

func (m mirrored) live(call graph.Call) graph.Live {
	l := m.secret.live(call)
	l.Raw = m
	if m.Current != "" {
		l.Out["version"] = m.Current
	}
	return l
}

// Name implements graph.Kind.
func (MirroredSecret) Name() string { return "MirroredSecret" }

// Renews implements graph.Renewer.
func (MirroredSecret) Renews(changes []graph.Change) []graph.Attr {
	if touches(changes, pathValue) {
		return []graph.Attr{"version"}
	}
	return nil
}

// Observe implements graph.Kind. The value is read only where its version doesn't tell that it is the source's.
func (MirroredSecret) Observe(ctx context.Context, call graph.Call, spec MirroredSecretSpec) (graph.Live, error) {
	s, err := readSecret(ctx, call)
	if s == nil || err != nil {
		return graph.Live{Phase: graph.Absent}, err
	}
	m := mirrored{secret: *s}
	if m.live(call).Owner == graph.Ours {
		err = m.compare(ctx, call, spec)
	}
	return m.live(call), err
}

// Diff implements graph.Kind.
func (MirroredSecret) Diff(call graph.Call, want MirroredSecretSpec, live graph.Live) []graph.Change {
	have := raw[mirrored](live)
	d := have.diff(call, want.KMSKey)
	if have.Other {
		d = append(d, graph.Change{Path: pathValue, Have: "version " + have.Current, Want: "that of the Secret " + want.Source, News: have.News})
	}
	return d
}

// Create implements graph.Kind.
func (MirroredSecret) Create(ctx context.Context, call graph.Call, spec MirroredSecretSpec) (graph.Live, error) {
	text, err := spec.text()
	if err != nil {
		return graph.Live{}, err
	}
	w, version := world(call), spec.version(call, "")
	defer w.Reads.Forget("secrets/")
	out, err := w.Secrets.CreateSecret(ctx, &secretsmanager.CreateSecretInput{
		Name: &call.Name, Description: sdk.String("A copy of keys of a Kubernetes Secret, for the tasks of Portkey"),
		ClientRequestToken: &version, SecretString: &text, KmsKeyId: keyID(spec.KMSKey), Tags: secretTags(call.Tags),
	})
	if err != nil {
		return graph.Live{}, err
	}
	return mirrored{secret: secret{ARN: sdk.ToString(out.ARN), Name: call.Name, KMSKey: spec.KMSKey, Tags: call.Tags, Current: version}}.live(call), nil
}

// Update implements graph.Kind. The version's id is the request's token: a repeated call makes no second one.
func (MirroredSecret) Update(ctx context.Context, call graph.Call, spec MirroredSecretSpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	w, have := world(call), raw[mirrored](live)
	defer w.Reads.Forget("secrets/")
	left := have.Leaving
	if err := have.mend(ctx, call, spec.KMSKey); err != nil {
		return have.live(call), err
	}
	if left && have.Other { // it can be read now
		if err := have.compare(ctx, call, spec); err != nil {
			return have.live(call), err
		}
	}
	if !have.Other {
		return have.live(call), nil
	}
	text, err := spec.text()
	if err != nil {
		return have.live(call), err
	}
	version := spec.version(call, have.Current)
	if _, err := w.Secrets.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &have.ARN, ClientRequestToken: &version, SecretString: &text}); err != nil {
		return have.live(call), err
	}
	have.Current, have.Previous, have.Other = version, have.Current, false
	return have.live(call), nil
}

// Delete implements graph.Kind.
func (MirroredSecret) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	if raw[mirrored](live).Leaving {
		return true, nil
	}
	w := world(call)
	defer w.Reads.Forget("secrets/")
	_, err := w.Secrets.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &live.ID, RecoveryWindowInDays: sdk.Int64(recoveryDays)})
	return passes(err, notFound), ignore(err, notFound)
}

// text is the value as Secrets Manager holds it.
func (s MirroredSecretSpec) text() (string, error) {
	if s.Values.Empty() {
		return "", fmt.Errorf("the Secret %s can't be read, so that its copy can't be written", s.Source)
	}
	b, err := json.Marshal(s.Values.Open())
	return string(b), err
}

// mirroredNodes begin the ids of the nodes of copies.
const mirroredNodes = "mirrored-secret/"

// List implements graph.Lister.
func (MirroredSecret) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return secretNodes(ctx, call, true), nil
}

// secretNodes lists the owner's secrets that are copies, or that aren't.
func secretNodes(ctx context.Context, call graph.Call, copies bool) map[graph.NodeID]graph.Live {
	out := taggedNodes(ctx, call, "secretsmanager", ":secret:", true)
	for id := range out {
		if strings.HasPrefix(string(id), mirroredNodes) != copies {
			delete(out, id)
		}
	}
	return out
}
