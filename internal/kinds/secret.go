package kinds

import (
	"context"
	"crypto/rand"
	"encoding/json"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// Secret is a secret with a password that is generated once, at creation, and that nobody but its users
// reads. One that somebody scheduled for deletion is restored. Its own deletion is at once, without a
// recovery window: the cache that it opens is gone by then, and its name is free again.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
//
// Outputs: "arn" at once.
type Secret struct{}

// SecretSpec is what a secret should be.
type SecretSpec struct {
	// Key is the JSON key of the password.
	Key string `json:"key"`
	// Description is for people.
	Description string `json:"description,omitempty"`
	// KMSKey is the ARN of the key that encrypts it; empty for AWS's own.
	KMSKey string `json:"kmsKey,omitempty"`
}

// Name implements graph.Kind.
func (Secret) Name() string { return "Secret" }

// Observe implements graph.Kind.
func (Secret) Observe(ctx context.Context, call graph.Call, _ SecretSpec) (graph.Live, error) {
	s, err := readSecret(ctx, call)
	if s == nil || err != nil {
		return graph.Live{Phase: graph.Absent}, err
	}
	return s.live(call), nil
}

// Diff implements graph.Kind.
func (Secret) Diff(call graph.Call, want SecretSpec, live graph.Live) []graph.Change {
	return raw[secret](live).diff(call, want.KMSKey)
}

// Create implements graph.Kind. The token makes it idempotent; a crash between the creation and its record
// finds the secret by its name, with the password it got first.
func (Secret) Create(ctx context.Context, call graph.Call, spec SecretSpec) (graph.Live, error) {
	w := world(call)
	value, err := json.Marshal(map[string]string{spec.Key: (rand.Text() + rand.Text())[:passwordLength]})
	if err != nil { // plain strings
		return graph.Live{}, err
	}
	out, err := w.Secrets.CreateSecret(ctx, &secretsmanager.CreateSecretInput{
		Name: &call.Name, Description: &spec.Description, ClientRequestToken: &call.Token, SecretString: sdk.String(string(value)), Tags: secretTags(call.Tags),
		KmsKeyId: keyID(spec.KMSKey),
	})
	w.Reads.Forget("secrets/")
	if err != nil {
		return graph.Live{}, err
	}
	return secret{ARN: sdk.ToString(out.ARN), Name: call.Name, KMSKey: spec.KMSKey, Tags: call.Tags}.live(call), nil
}

// Update implements graph.Kind.
func (Secret) Update(ctx context.Context, call graph.Call, spec SecretSpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	have := raw[secret](live)
	defer world(call).Reads.Forget("secrets/")
	err := have.mend(ctx, call, spec.KMSKey)
	return have.live(call), err
}

// Delete implements graph.Kind. AWS answers before the secret is gone, so absence is seen by the next look.
func (Secret) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	w := world(call)
	w.Reads.Forget("secrets/")
	_, err := w.Secrets.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &live.ID, ForceDeleteWithoutRecovery: sdk.Bool(true)})
	return notFound(err), ignore(err, notFound)
}

// passwordLength gives 160 bits in letters and digits, which every client takes as they are; ElastiCache's AUTH
// tokens have 16 to 128 characters.
const passwordLength = 32
