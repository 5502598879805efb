// Package plugin is kubectl portkey: it shows a gateway's rollout to people and machines, and acts on it by
// the annotations of api/v1alpha1. It knows that package and nothing else of the operator: whatever it does
// can be done with kubectl annotate, too.
package plugin
