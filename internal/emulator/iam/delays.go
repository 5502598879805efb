package iam

import "time"

// Propagation is how long other services can't use a new or changed role or instance profile yet.
// AWS names no number ("changes might not be immediately visible",
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency);
// in practice it is some five to fifteen seconds.
const Propagation = 8 * time.Second
