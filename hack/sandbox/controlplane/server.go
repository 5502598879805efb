package controlplane

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/keyutil"
)

// startServer starts kube-apiserver and sets Config.
func (c *ControlPlane) startServer(ctx context.Context, assets, dir, etcdURL string) error {
	ports, err := freePorts(1)
	if err != nil {
		return err
	}
	key, err := keyutil.MakeEllipticPrivateKeyPEM()
	if err != nil {
		return err
	}
	token, err := randomToken()
	if err != nil {
		return err
	}
	var (
		address   = "https://127.0.0.1:" + ports[0]
		keyPath   = filepath.Join(dir, "service-account.key")
		tokenPath = filepath.Join(dir, "tokens.csv")
		// The server makes itself a certificate for 127.0.0.1, and puts its CA beside it.
		caPath = filepath.Join(dir, "apiserver.crt")
	)
	for path, text := range map[string][]byte{keyPath: key, tokenPath: []byte(token + ",admin,admin,system:masters\n")} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
	}
	c.server, err = c.run(assets, dir, "kube-apiserver",
		"--etcd-servers="+etcdURL,
		"--bind-address=127.0.0.1", "--secure-port="+ports[0], "--cert-dir="+dir,
		"--token-auth-file="+tokenPath, "--authorization-mode=RBAC",
		"--service-account-issuer="+address,
		"--service-account-key-file="+keyPath, "--service-account-signing-key-file="+keyPath,
		"--service-cluster-ip-range=10.0.0.0/24",
		// There is nothing for the Service kubernetes to route to, and a loopback address is refused.
		"--endpoint-reconciler-type=none",
		// No controller makes the ServiceAccount `default` that pods would be refused without.
		"--disable-admission-plugins=ServiceAccount",
	)
	if err != nil {
		return err
	}
	return c.await(ctx, c.server, serverTimeout, func() error {
		ca, err := os.ReadFile(caPath)
		if err != nil {
			return err
		}
		config := &rest.Config{Host: address, BearerToken: token, TLSClientConfig: rest.TLSClientConfig{CAData: ca}, QPS: -1}
		client, err := kubernetes.NewForConfig(config)
		if err != nil {
			return err
		}
		if text, err := client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx); err != nil {
			return fmt.Errorf("/readyz: %w: %s", err, text)
		}
		c.Config = config
		return nil
	})
}

func randomToken() (string, error) {
	b := make([]byte, 16)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return hex.EncodeToString(b), nil
}
