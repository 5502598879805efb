package harness

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// Sample is the gateway of config/samples/<name>.yaml, with what the API server fills in, after making what the
// sample says is there beforehand and Seed doesn't make.
func (h *Harness) Sample(name string) *v1alpha1.PortkeyGateway {
	raw, err := os.ReadFile(filepath.Join(root(), "config", "samples", name+".yaml"))
	must(err)
	gw := &v1alpha1.PortkeyGateway{}
	must(yaml.UnmarshalStrict(raw, gw))
	if n := gw.Spec.Network; n != nil && n.Existing != nil {
		h.Emulator.SeedNetwork(gw.Spec.Region)
	}
	for source, data := range map[*v1alpha1.SecretSource]map[string]string{
		&gw.Spec.Credentials.License:  {"PORTKEY_CLIENT_AUTH": "license", "ORGANISATIONS_TO_SYNC": "org-1"},
		&gw.Spec.Credentials.Registry: {"username": "portkeyenterprise", "password": "password"},
	} {
		if source.SecretRef != nil {
			h.WriteSecret(source.SecretRef.Name, data)
		}
	}
	gw.Namespace, gw.Generation, gw.UID = "default", 1, types.UID("uid-"+gw.Name)
	gw.Spec.ManagementPolicy, gw.Spec.DeletionPolicy = v1alpha1.ManagementReconcile, v1alpha1.DeletionDelete
	if gw.Spec.Mode == "" {
		gw.Spec.Mode = v1alpha1.ModeGateway
	}
	return gw
}

// Samples are the names of all samples.
func Samples() []string {
	files, err := filepath.Glob(filepath.Join(root(), "config", "samples", "*.yaml"))
	must(err)
	var out []string
	for _, f := range files {
		if name := strings.TrimSuffix(filepath.Base(f), ".yaml"); name != "kustomization" {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		panic(fmt.Sprintf("there are no samples below %s", root()))
	}
	return out
}

// root is the folder of go.mod: tests run in the folder of their package.
func root() string {
	dir, err := os.Getwd()
	must(err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		panic("no go.mod above the working directory")
	}
}
