// Package graph is the vocabulary between what a user wants and what a cloud has: values that may
// refer to other nodes, nodes that are one object each, the graph they form, and the contract that
// every kind of object fulfils.
//
// It knows neither AWS nor Kubernetes and imports nothing else of this module.
package graph
