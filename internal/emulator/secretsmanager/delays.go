package secretsmanager

import "time"

// forceDelay is how long a secret deleted without recovery still holds its name: "there might be a
// short delay before the secret is permanently deleted",
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
const forceDelay = 3 * time.Second

// How fast a rotation goes isn't documented: a call of the function every other second. Nor is how often, and after how
// long, Secrets Manager tries one again that failed, but "multiple times".
const (
	rotationStep  = 2 * time.Second
	rotationRetry = 5 * time.Minute
	rotationTries = 5
)
