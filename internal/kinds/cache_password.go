package kinds

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// A cache's password never leaves this file and the request that sets it: it is read from Secrets Manager
// when it is set, and in no spec, output, record or message. What is remembered, in a tag of the object
// that has the password, is the version of the secret that it was.

// PasswordKey is the JSON key of a secret that holds a cache's password.
const PasswordKey = "REDIS_PASSWORD"

// TagPassword is the tag that names the version of the secret whose value an object has as its password.
const TagPassword = "ecs.portkey.ai/password"

// passwordVersion is what TagPassword says: a version, and since when an older password is valid beside it.
type passwordVersion struct {
	ID    string
	Since time.Time
}

func parsePasswordVersion(tag string) passwordVersion {
	id, since, beside := strings.Cut(tag, "@")
	v := passwordVersion{ID: id}
	if n, err := strconv.ParseInt(since, 10, 64); beside && err == nil {
		v.Since = time.Unix(n, 0)
	}
	return v
}

func (v passwordVersion) String() string {
	if v.Since.IsZero() {
		return v.ID
	}
	return v.ID + "@" + strconv.FormatInt(v.Since.Unix(), 10)
}

// overdue reports whether an older password has been valid for long enough.
func (v passwordVersion) overdue(now time.Time) bool {
	return !v.Since.IsZero() && now.Sub(v.Since) >= tokenOverlap
}

// secretDescription describes a secret, once in a walk.
func secretDescription(ctx context.Context, w *aws.World, id string) (*secretsmanager.DescribeSecretOutput, error) {
	return aws.Read(ctx, w.Reads, "secrets/"+id, func(ctx context.Context) (*secretsmanager.DescribeSecretOutput, error) {
		return w.Secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &id})
	})
}

// currentVersion is the id of a secret's present version.
func currentVersion(ctx context.Context, w *aws.World, arn string) (string, error) {
	out, err := secretDescription(ctx, w, arn)
	if err != nil {
		return "", err
	}
	return aws.PresentVersion(out), nil
}

// password reads a version of a secret, or the present one, and answers the password and its version.
func password(ctx context.Context, w *aws.World, arn, version string) (value, id string, _ error) {
	in := &secretsmanager.GetSecretValueInput{SecretId: &arn}
	if version != "" {
		in.VersionId = &version
	}
	out, err := w.Secrets.GetSecretValue(ctx, in)
	if err != nil {
		return "", "", err
	}
	keys := map[string]any{}
	if err := json.Unmarshal([]byte(sdk.ToString(out.SecretString)), &keys); err != nil {
		// The error would quote the value.
		return "", "", fmt.Errorf("the secret %s isn't JSON: give it the key %s", arn, PasswordKey)
	}
	if value, _ = keys[PasswordKey].(string); value == "" {
		return "", "", fmt.Errorf("the secret %s has no JSON key %s with a text", arn, PasswordKey)
	}
	return value, sdk.ToString(out.VersionId), nil
}

// password compares the version that an object has with the secret's present one. An object without
// the tag has whatever it has: it is only tagged.
func (d *difference) password(now time.Time, tag, present string) {
	have := parsePasswordVersion(tag)
	switch {
	case present == "":
	case have.ID != present:
		*d = append(*d, graph.Change{Path: "password", Have: "version " + have.ID, Want: "version " + present})
	case have.overdue(now):
		*d = append(*d, graph.Change{Path: "password", Have: "an older one beside it", Want: "version " + present + " alone"})
	}
}
