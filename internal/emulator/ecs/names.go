package ecs

import (
	"regexp"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// namePattern is what clusters, services, families, containers and capacity providers are named.
var namePattern = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,255}$`)

// arnParts splits arn:partition:ecs:region:account:type/a/b into its resource's parts; ok is false
// for what isn't an ARN of Amazon ECS.
func arnParts(ref string) (scope core.Scope, parts []string, ok bool) {
	f := strings.SplitN(ref, ":", 6)
	if len(f) != 6 || f[0] != "arn" || f[2] != "ecs" {
		return core.Scope{}, nil, false
	}
	return core.Scope{Account: f[4], Region: f[3]}, strings.Split(f[5], "/"), true
}

// cluster finds an ACTIVE cluster by name or ARN; an empty reference is the cluster "default".
func (r *region) cluster(ref *string) (*cluster, error) {
	c := r.anyCluster(ref)
	switch {
	case c == nil:
		return nil, core.Errorf("ClusterNotFoundException", "Cluster not found.")
	case c.status == "INACTIVE":
		return nil, core.Errorf("ClusterNotFoundException", "The referenced cluster was inactive.")
	}
	return c, nil
}

// anyCluster finds a cluster whatever its status.
func (r *region) anyCluster(ref *string) *cluster {
	name := "default"
	if ref != nil && *ref != "" {
		name = *ref
	}
	if scope, parts, ok := arnParts(name); ok {
		if scope != r.Scope || len(parts) != 2 || parts[0] != "cluster" {
			return nil
		}
		name = parts[1]
	}
	return r.clusters[name]
}

// inCluster resolves the name or ARN of something in a cluster to its last part.
func inCluster(c *cluster, kind, ref string) (string, error) {
	_, parts, ok := arnParts(ref)
	if !ok {
		return ref, nil
	}
	if parts[0] != kind || len(parts) != 3 {
		return "", invalid("Invalid identifier: %s", ref)
	}
	if parts[1] != c.name {
		return "", invalid("Identifier is for %s. Your cluster is %s", parts[1], c.name)
	}
	return parts[2], nil
}
