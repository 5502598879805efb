// Package manifests is a table of gateways that the API server has to take, refuse or let nobody change.
// The admission tests try it on a real API server; the controller's tests assert that for what is refused
// no AWS call is made.
package manifests

import (
	"fmt"
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// Minimal is the recommended small deployment, equal to config/samples/minimal.yaml.
const Minimal = `
apiVersion: ecs.portkey.ai/v1alpha1
kind: PortkeyGateway
metadata:
  name: portkey-gateway
spec:
  region: us-east-1
  credentials:
    license: {secretARN: "arn:aws:secretsmanager:us-east-1:123456789012:secret:portkey/license-AbCdEf"}
    registry: {secretARN: "arn:aws:secretsmanager:us-east-1:123456789012:secret:portkey/registry-AbCdEf"}
  storage: {logBucket: dev-logs}
  loadBalancer: {}
`

// Case is a manifest: Minimal with a patch.
type Case struct {
	// Name is a DNS label and unique among all cases, so that it can name the object, too.
	Name string
	// Why says why it is so, where the name doesn't.
	Why string
	// Patch is merged into Minimal as YAML: maps are merged, null removes, everything else replaces.
	Patch string
	// Want is a part of the message with which the manifest is refused: it says what to write instead.
	Want string
}

// Object is the manifest, named after the case unless its patch names it.
func (c Case) Object() *unstructured.Unstructured {
	return object(c.Name, c.Patch)
}

// Update is a change of an existing gateway.
type Update struct {
	// Name is a DNS label and unique among all cases.
	Name string
	// Why says why it is so.
	Why string
	// From and To are merged into Minimal, each by itself.
	From, To string
	// Want is a part of the message with which the update is refused; empty: it is accepted.
	Want string
}

// Before is the gateway as it is created.
func (u Update) Before() *unstructured.Unstructured { return object(u.Name, u.From) }

// After is the gateway as it is applied then.
func (u Update) After() *unstructured.Unstructured { return object(u.Name, u.To) }

// object panics on a malformed table: that is a mistake in this package.
func object(name, patch string) *unstructured.Unstructured {
	base := parse(Minimal)
	base["metadata"] = map[string]any{"name": name}
	return &unstructured.Unstructured{Object: merge(base, parse(patch))}
}

func parse(doc string) map[string]any {
	out := map[string]any{}
	if err := yaml.UnmarshalStrict([]byte(doc), &out); err != nil {
		panic(fmt.Sprintf("manifests: %v in:\n%s", err, doc))
	}
	return out
}

func merge(base, patch map[string]any) map[string]any {
	out := maps.Clone(base)
	for k, v := range patch {
		sub, isMap := v.(map[string]any)
		under, wasMap := out[k].(map[string]any)
		switch {
		case v == nil:
			delete(out, k)
		case isMap && wasMap:
			out[k] = merge(under, sub)
		default:
			out[k] = v
		}
	}
	return out
}
