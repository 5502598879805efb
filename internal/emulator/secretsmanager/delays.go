package secretsmanager

import "time"

// forceDelay is how long a secret deleted without recovery still holds its name: "there might be a
// short delay before the secret is permanently deleted",
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
const forceDelay = 3 * time.Second
