// Package controlplane runs etcd and kube-apiserver on free loopback ports, with all their files in
// one directory. They are what a Kubernetes API needs and no more: RBAC is on and ServiceAccount
// tokens are issued, but no controller runs, so that namespaces aren't finalized and nothing is
// garbage-collected.
//
// envtest does nearly the same for tests, but its processes outlive a killed parent, and it keeps
// files of its own in the user's cache.
package controlplane
