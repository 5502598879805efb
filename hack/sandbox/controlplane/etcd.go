package controlplane

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"time"
)

// startEtcd starts etcd and returns its address.
func (c *ControlPlane) startEtcd(ctx context.Context, assets, dir string) (string, error) {
	ports, err := freePorts(2)
	if err != nil {
		return "", err
	}
	address := "http://127.0.0.1:" + ports[0]
	c.etcd, err = c.run(assets, dir, "etcd",
		"--data-dir="+filepath.Join(dir, "etcd"),
		"--listen-client-urls="+address, "--advertise-client-urls="+address,
		"--listen-peer-urls=http://127.0.0.1:"+ports[1],
		"--unsafe-no-fsync", // nothing here has to survive a power cut
		"--log-level=warn",
	)
	if err != nil {
		return "", err
	}
	client := &http.Client{Timeout: time.Second}
	defer client.CloseIdleConnections()
	return address, c.await(ctx, c.etcd, etcdTimeout, func() error {
		answer, err := client.Get(address + "/health")
		if err != nil {
			return err
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("/health answers %s", answer.Status)
		}
		return nil
	})
}
