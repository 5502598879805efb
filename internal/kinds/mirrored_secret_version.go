package kinds

import (
	"context"
	"encoding/json"
	"maps"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// Who may describe a secret, or read the trail of calls, sees the ids of its versions, which we choose. A hash of the
// value there, or in a tag or in status, would let anybody try passwords against it, and a key for the hash would be
// one more secret to keep. So the id stands for where the value came from: for the Secret's UID and resource version,
// which change with its content and say nothing of it. It has two halves. The first is the source's state. The second
// is made of the first, of the owner and of the version before, which Secrets Manager remembers as AWSPREVIOUS: so
// a version that somebody else wrote, or a label that somebody moved, never looks like one of ours.
//
// Where the first half isn't today's, the Secret was written since. That may have been a label of its own, or a key
// that nobody needs, so the value is read and compared: a new version is a rollout. Who may not read it, writes.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html

// versionHalf is the length of each half: ids have 32 to 64 characters.
const versionHalf = 24

// state is the first half of the version's id.
func (s MirroredSecretSpec) state() string {
	return own.Digest([]any{s.State, s.Keys})[:versionHalf]
}

// version is the id of the version that holds the source's present value after another one.
func (s MirroredSecretSpec) version(call graph.Call, before string) string {
	return versionAfter(call, s.state(), before)
}

func versionAfter(call graph.Call, state, before string) string {
	return state + "-" + own.Digest([]any{call.Owner, state, before})[:versionHalf]
}

// written reports whether the present version is one that we wrote.
func (s secret) written(call graph.Call) bool {
	state, _, _ := strings.Cut(s.Current, "-")
	return s.Current == versionAfter(call, state, s.Previous)
}

// unreadable reports whether a value can't be read for good: then it is taken for another.
func unreadable(err error) bool {
	c := aws.Classify(err).Class
	return c == graph.Denied || c == graph.NotFound
}

// compare finds out whether the copy holds what its source does.
func (m *mirrored) compare(ctx context.Context, call graph.Call, spec MirroredSecretSpec) error {
	if spec.State == "" || m.Current != "" && m.Current == spec.version(call, m.Previous) {
		return nil
	}
	m.Other, m.News = true, m.written(call)
	if m.Leaving || m.Current == "" {
		return nil // it has no value that could be read
	}
	out, err := world(call).Secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &m.ARN, VersionId: &m.Current})
	if err != nil {
		return ignore(err, unreadable)
	}
	m.Other = !holds(sdk.ToString(out.SecretString), spec.Values.Open())
	return nil
}

// holds reports whether a secret's text is the JSON object of values.
func holds(text string, values map[string]string) bool {
	var have map[string]string
	err := json.Unmarshal([]byte(text), &have)
	return err == nil && maps.Equal(have, values)
}
