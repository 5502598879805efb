// Package lambda emulates AWS Lambda as far as functions from an archive go: their code, configuration,
// states, networks and tags, as https://docs.aws.amazon.com/lambda/latest/api/Welcome.html documents them.
//
// No code runs. What a function does or answers is what somebody declared, and else what a function answers
// that crashes. Versions, aliases, layers, images, code in S3, event sources, URLs, resource policies and
// concurrency aren't served: requests that ask for them are refused.
package lambda
