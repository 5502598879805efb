package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/hack/sandbox/child"
)

// assetsVariable names the directory of etcd, kube-apiserver and kubectl, as it does for envtest.
const assetsVariable = "KUBEBUILDER_ASSETS"

const ensureScript = "hack/envtest/ensure.sh"

// findAssets returns the directory of etcd, kube-apiserver and kubectl. In the repository they are
// made if need be, which takes minutes the first time and is told on progress.
func findAssets(ctx context.Context, progress io.Writer) (string, error) {
	if dir := os.Getenv(assetsVariable); dir != "" {
		dir, err := filepath.Abs(dir)
		if err != nil {
			return "", err
		}
		for _, name := range []string{"etcd", "kube-apiserver", "kubectl"} {
			if !exists(filepath.Join(dir, name)) {
				return "", fmt.Errorf("%s=%s lacks %s: unset it inside the repository, and the sandbox makes the binaries itself", assetsVariable, dir, name)
			}
		}
		return dir, nil
	}
	script, err := findUpwards(ensureScript)
	if err != nil {
		return "", fmt.Errorf(`the sandbox needs etcd, kube-apiserver and kubectl: set %s to the directory that holds them, or run this inside the operator's repository, where %s makes them`, assetsVariable, ensureScript)
	}
	var out bytes.Buffer
	cmd := exec.Command(script)
	cmd.Stdout, cmd.Stderr = &out, progress
	p, err := child.Start(ensureScript, cmd)
	if err != nil {
		return "", err
	}
	select {
	case <-ctx.Done():
		p.Stop(killAfter)
		return "", ctx.Err()
	case <-p.Done():
	}
	if p.Err() != nil {
		return "", fmt.Errorf("%s: %w", script, p.Err())
	}
	return strings.TrimSpace(out.String()), nil
}

// findUpwards looks for a file of the repository, from this program on upwards and from the current
// directory on upwards.
func findUpwards(name string) (string, error) {
	var from []string
	if exe, err := os.Executable(); err == nil {
		from = append(from, filepath.Dir(exe))
	}
	if wd, err := os.Getwd(); err == nil {
		from = append(from, wd)
	}
	for _, dir := range from {
		for {
			if path := filepath.Join(dir, name); exists(path) {
				return path, nil
			}
			parent := filepath.Dir(dir)
			if parent == dir {
				break
			}
			dir = parent
		}
	}
	return "", errors.New("not found: " + name)
}
