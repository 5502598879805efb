// Package awsconfig holds what is made in AWS for the operator, for commands that have to work outside this
// repository.
package awsconfig

import _ "embed"

// EventsTemplate is the CloudFormation template of the event queue and its rules.
//
//go:embed events.cloudformation.yaml
var EventsTemplate []byte
