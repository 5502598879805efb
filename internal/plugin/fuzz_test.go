package plugin

import (
	"bytes"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// FuzzManifest: whatever is given for a manifest, it is refused or is one gateway with a name.
func FuzzManifest(f *testing.F) {
	for _, s := range []string{
		"", "---\n", "apiVersion: ecs.portkey.ai/v1alpha1\nkind: PortkeyGateway\nmetadata: {name: gw}\nspec: {region: us-east-1}\n",
		"kind: Secret\n---\napiVersion: ecs.portkey.ai/v1alpha1\nkind: PortkeyGateway\nmetadata: {name: gw}\n", "a: &a [*a]", "{", "kind: PortkeyGateway", "\n---\n---",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		gw, err := (&app{Environment: Environment{In: bytes.NewReader(text)}}).manifest("-")
		if (gw == nil) == (err == nil) {
			t.Fatalf("%q: %v, %v", text, gw, err)
		}
		if gw != nil && (gw.Name == "" || gw.Kind != v1alpha1.GatewayKind) {
			t.Errorf("%q is %s %q", text, gw.Kind, gw.Name)
		}
	})
}
