package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/portkey-ai/portkey-ecs-operator/hack/sandbox/child"
)

// applyFile applies the manifest with kubectl, so that a user's own `kubectl apply` can go on from it.
func (s *sandbox) applyFile(ctx context.Context) error {
	objects, text, err := readManifest(s.apply)
	if err != nil {
		return err
	}
	if replaced := s.aws.localise(objects); len(replaced) > 0 {
		slices.SortFunc(replaced, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
		for _, r := range replaced {
			s.note("%s: %s is here %s", s.apply, r[0], r[1])
		}
		if text, err = encode(objects); err != nil {
			return err
		}
	}
	var out bytes.Buffer
	cmd := exec.Command(s.kubectl(), "apply", "--filename=-",
		"--kubeconfig="+s.dir.file(kubeconfigFile),
		"--cache-dir="+filepath.Join(s.dir.state(), "kubectl")) // and not in the user's home
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = bytes.NewReader(text), &out, &out, cleanEnviron()
	p, err := child.Start("kubectl", cmd)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		p.Stop(0)
		return ctx.Err()
	case <-p.Done():
	}
	said := strings.TrimSpace(out.String())
	if p.Err() != nil {
		return fmt.Errorf("applying %s: %w\n%s", s.apply, p.Err(), said)
	}
	for line := range strings.SplitSeq(said, "\n") {
		s.note("%s", line)
	}
	return nil
}

func readManifest(path string) ([]*unstructured.Unstructured, []byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	objects, err := decode(text)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return objects, text, nil
}

func encode(objects []*unstructured.Unstructured) ([]byte, error) {
	var b bytes.Buffer
	for _, o := range objects {
		text, err := yaml.Marshal(o.Object)
		if err != nil {
			return nil, err
		}
		b.WriteString("---\n")
		b.Write(text)
	}
	return b.Bytes(), nil
}

// gatewaysIn returns the names of the gateways in a manifest.
func gatewaysIn(path string) ([]types.NamespacedName, error) {
	objects, _, err := readManifest(path)
	if err != nil {
		return nil, err
	}
	var out []types.NamespacedName
	for _, o := range objects {
		if o.GetKind() != "PortkeyGateway" {
			continue
		}
		key := types.NamespacedName{Namespace: o.GetNamespace(), Name: o.GetName()}
		if key.Namespace == "" {
			key.Namespace = "default"
		}
		out = append(out, key)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: there is no PortkeyGateway to watch", path)
	}
	return out, nil
}
