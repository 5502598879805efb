// Package own is how an object in AWS proves whose it is: the ownership tags, the deterministic
// names that carry the owner's hash, and the client tokens that make creation idempotent.
package own

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"strings"
)

// The ownership tags. Cluster, Owner and Node together are the proof; UID is for people, so that a
// restored or re-created resource of the same name finds what is its own.
const (
	TagCluster = "ecs.portkey.ai/cluster"
	TagOwner   = "ecs.portkey.ai/owner"
	TagNode    = "ecs.portkey.ai/node"
	TagUID     = "ecs.portkey.ai/uid"
)

// Owner is the Kubernetes object that owns a deployment.
type Owner struct {
	// Cluster identifies the Kubernetes cluster: by default the UID of its kube-system namespace.
	Cluster string
	// Kind, Namespace and Name are the owner's.
	Kind, Namespace, Name string
	// UID is the owner's UID.
	UID string
}

// String is the owner as the tag has it: Kind/namespace/name.
func (o Owner) String() string { return o.Kind + "/" + o.Namespace + "/" + o.Name }

// Proof returns the tags that prove that a node's object is the owner's.
func (o Owner) Proof(node string) map[string]string {
	return map[string]string{TagCluster: o.Cluster, TagOwner: o.String(), TagNode: node}
}

// Tags returns all tags of a node's object: the user's, those of the node, and ownership, which
// wins.
func (o Owner) Tags(node, name string, user, extra map[string]string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, user)
	if name != "" {
		out["Name"] = name
	}
	maps.Copy(out, extra)
	maps.Copy(out, o.Proof(node))
	out[TagUID] = o.UID
	return out
}

// Hash is eight hexadecimal digits that stand for the owner in names, so that equal names in other
// namespaces and clusters never collide.
func (o Owner) Hash() string { return digest(o.Cluster, o.String())[:8] }

// ObjectName builds prefix-hash-suffix within limit characters: the prefix gives way, hash and suffix
// never do.
func (o Owner) ObjectName(prefix, suffix string, limit int) string {
	tail := "-" + o.Hash()
	if suffix != "" {
		tail += "-" + suffix
	}
	if room := limit - len(tail); len(prefix) > room {
		prefix = strings.TrimRight(prefix[:max(room, 0)], "-.")
	}
	return prefix + tail
}

// Token returns the client token of a creation: equal for the same owner, node, parameters and
// incarnation, and different for any other. 32 characters fit every service.
func (o Owner) Token(node string, params any, incarnation string) string {
	return digest(o.Cluster, o.String(), node, text(params), incarnation)[:32]
}

// Digest returns the hexadecimal SHA-256 of anything that prints as JSON: for content-hash tags.
func Digest(v any) string {
	return digest(text(v))
}

// text prints plain data.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("own: content can't be printed: " + err.Error())
	}
	return string(b)
}

// Proves reports whether tags carry the whole proof.
func Proves(tags, proof map[string]string) bool {
	for k, v := range proof {
		if tags[k] != v {
			return false
		}
	}
	return len(proof) > 0
}

// digest hashes parts unambiguously: each is written with its length.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		b, _ := json.Marshal(p)
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))
}
