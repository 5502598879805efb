package kinds

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"maps"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	smtypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

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
}

// secret is what is known of one: never its value.
type secret struct {
	ARN, Name, Description string
	Leaving                bool
	Tags                   map[string]string
}

func (s secret) live(call graph.Call) graph.Live {
	return graph.Live{ID: s.ARN, Phase: graph.Ready, Owner: proof(call, s.ARN, s.Tags), Out: map[graph.Attr]string{"arn": s.ARN}, Raw: s}
}

// Name implements graph.Kind.
func (Secret) Name() string { return "Secret" }

// Observe implements graph.Kind.
func (Secret) Observe(ctx context.Context, call graph.Call, _ SecretSpec) (graph.Live, error) {
	id := call.ID
	if id == "" {
		id = call.Name
	}
	out, err := secretDescription(ctx, world(call), id)
	if notFound(err) && id != call.Name && call.Name != "" {
		out, err = secretDescription(ctx, world(call), call.Name) // made again under its name
	}
	if notFound(err) {
		return graph.Live{Phase: graph.Absent}, nil
	}
	if err != nil {
		return graph.Live{}, err
	}
	s := secret{ARN: sdk.ToString(out.ARN), Name: sdk.ToString(out.Name), Description: sdk.ToString(out.Description), Leaving: out.DeletedDate != nil, Tags: map[string]string{}}
	for _, t := range out.Tags {
		s.Tags[sdk.ToString(t.Key)] = sdk.ToString(t.Value)
	}
	return s.live(call), nil
}

// Diff implements graph.Kind.
func (Secret) Diff(call graph.Call, _ SecretSpec, live graph.Live) []graph.Change {
	have := raw[secret](live)
	var d difference
	if have.Leaving {
		d.text("deletion", "scheduled", "none")
	}
	return append(d, diffTags(call.Tags, have.Tags)...)
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
	})
	w.Reads.Forget("secrets/")
	if err != nil {
		return graph.Live{}, err
	}
	return secret{ARN: sdk.ToString(out.ARN), Name: call.Name, Description: spec.Description, Tags: call.Tags}.live(call), nil
}

// Update implements graph.Kind.
func (Secret) Update(ctx context.Context, call graph.Call, _ SecretSpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	w, have := world(call), raw[secret](live)
	defer w.Reads.Forget("secrets/")
	if have.Leaving {
		if _, err := w.Secrets.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: &have.ARN}); err != nil {
			return live, err
		}
		have.Leaving = false
	}
	set, remove := tagPatch(call.Tags, have.Tags)
	err := retag(set, remove, func() error {
		_, err := w.Secrets.TagResource(ctx, &secretsmanager.TagResourceInput{SecretId: &have.ARN, Tags: secretTags(set)})
		return err
	}, func() error {
		_, err := w.Secrets.UntagResource(ctx, &secretsmanager.UntagResourceInput{SecretId: &have.ARN, TagKeys: remove})
		return err
	})
	if err != nil {
		return live, err
	}
	have.Tags = retagged(call.Tags, have.Tags)
	return have.live(call), nil
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

func secretTags(tags map[string]string) []smtypes.Tag {
	var out []smtypes.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, smtypes.Tag{Key: sdk.String(k), Value: sdk.String(tags[k])})
	}
	return out
}
