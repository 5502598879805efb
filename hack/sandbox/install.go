package main

import (
	"bytes"
	"context"
	_ "embed" // for seeded.yaml
	"errors"
	"fmt"
	"io"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/dist"
)

// servedTimeout is how long the API server may take to serve a new CRD.
const servedTimeout = 30 * time.Second

// seeded is what config/samples name of Kubernetes.
//
//go:embed seeded.yaml
var seeded []byte

// install applies what users install: the CRDs, and with everything also what the manager needs of
// Kubernetes. Its Deployment and Service are left out, since nothing here would run them. What config/samples name is
// there, too, as it is in AWS.
func install(ctx context.Context, config *rest.Config, everything bool) error {
	objects, err := decode(dist.Install)
	if err != nil {
		return fmt.Errorf("dist/install.yaml: %w", err)
	}
	kube, err := client.New(config, client.Options{})
	if err != nil {
		return err
	}
	for _, o := range objects {
		crd := o.GetKind() == "CustomResourceDefinition"
		if o.GetKind() == "Deployment" || o.GetKind() == "Service" || !crd && !everything {
			continue
		}
		if err := kube.Create(ctx, o.DeepCopy()); err != nil {
			return fmt.Errorf("installing %s %s: %w", o.GetKind(), o.GetName(), err)
		}
	}
	if err := awaitServed(ctx, config); err != nil {
		return err
	}
	if objects, err = decode(seeded); err != nil {
		return fmt.Errorf("seeded.yaml: %w", err)
	}
	for _, o := range objects {
		if err := kube.Create(ctx, o); err != nil {
			return fmt.Errorf("seeding %s %s: %w", o.GetKind(), o.GetName(), err)
		}
	}
	return nil
}

// awaitServed waits until the API server serves our kind.
func awaitServed(ctx context.Context, config *rest.Config) error {
	ctx, cancel := context.WithTimeout(ctx, servedTimeout)
	defer cancel()
	for {
		err := func() error {
			kube, err := newClient(config) // a new one, since a client remembers which kinds there are
			if err != nil {
				return err
			}
			return kube.List(ctx, &v1alpha1.PortkeyGatewayList{})
		}()
		switch {
		case err == nil:
			return nil
		case !meta.IsNoMatchError(err) && ctx.Err() == nil && !notServed(err):
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the API server doesn't serve portkeygateways: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// decode splits a YAML stream into objects.
func decode(text []byte) ([]*unstructured.Unstructured, error) {
	var out []*unstructured.Unstructured
	for dec := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096); ; {
		o := &unstructured.Unstructured{}
		err := dec.Decode(o)
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, err
		case len(o.Object) > 0:
			out = append(out, o)
		}
	}
}

// writeKubeconfig writes a kubeconfig that needs no other file.
func writeKubeconfig(path string, config *rest.Config) error {
	const name = "sandbox"
	c := clientcmdapi.NewConfig()
	c.Clusters[name] = &clientcmdapi.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData}
	c.AuthInfos[name] = &clientcmdapi.AuthInfo{Token: config.BearerToken}
	c.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name, Namespace: "default"}
	c.CurrentContext = name
	return clientcmd.WriteToFile(*c, path)
}
