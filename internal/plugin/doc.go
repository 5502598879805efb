// Package plugin is kubectl portkey: it shows a gateway, its rollout and its plan to people and machines, and acts on
// it by the annotations of api/v1alpha1: whatever it does can be done with kubectl annotate, too. It knows that package
// and internal/reach, which asks a gateway as its clients do, and nothing else of the operator. What plans a manifest is given to it by cmd/kubectl-portkey.
package plugin
