// Package dist holds what users install, for commands that have to work outside this repository.
package dist

import _ "embed"

// Install is install.yaml, which `make generate` makes from config/default: namespace, CRDs,
// ServiceAccount, roles and Deployment.
//
//go:embed install.yaml
var Install []byte
