package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"k8s.io/client-go/rest"

	"github.com/portkey-ai/portkey-ecs-operator/hack/sandbox/child"
)

const (
	// managerTimeout bounds the manager's start.
	managerTimeout = time.Minute
	// managerSync is as short as the manager takes it, so that nobody waits long for a repair.
	managerSync = time.Minute
	// managerRecheck keeps the manager from waiting as long as the real AWS would take.
	managerRecheck = time.Second
	// managerLogLines are shown when the manager has ended.
	managerLogLines = 30
)

// manager is the operator's manager, run as a child.
type manager struct {
	*child.Process
	log string
}

// startManager starts bin/manager as its Deployment would, and returns when it is ready.
func startManager(ctx context.Context, admin *rest.Config, aws *cloud, dir *workDir) (*manager, error) {
	binary, err := managerBinary()
	if err != nil {
		return nil, err
	}
	account, err := shippedAccount()
	if err != nil {
		return nil, err
	}
	config, err := impersonate(ctx, admin, account)
	if err != nil {
		return nil, err
	}
	kubeconfig := filepath.Join(dir.state(), "manager.kubeconfig")
	if err := writeKubeconfig(kubeconfig, config); err != nil {
		return nil, err
	}
	probe, err := freeAddress()
	if err != nil {
		return nil, err
	}
	m := &manager{log: dir.file(managerLogFile)}
	log, err := os.Create(m.log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the child has a descriptor of its own
	cmd := exec.Command(binary,
		"--leader-elect", "--leader-election-namespace="+account.Namespace,
		"--health-probe-bind-address="+probe, "--metrics-bind-address=0",
		"--probe-endpoints=false", // the emulated load balancers' names are nobody's
		"--sync-interval="+managerSync.String(), "--max-recheck="+managerRecheck.String())
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir.state(), log, log
	cmd.Env = cleanEnviron(append(aws.credentials(), variable{"KUBECONFIG", kubeconfig},
		// Nothing of the user's own AWS configuration applies here.
		variable{"AWS_CONFIG_FILE", os.DevNull}, variable{"AWS_SHARED_CREDENTIALS_FILE", os.DevNull}, variable{"AWS_EC2_METADATA_DISABLED", "true"})...)
	if m.Process, err = child.Start("manager", cmd); err != nil {
		return nil, err
	}
	if err := m.await(ctx, "http://"+probe+"/readyz"); err != nil {
		m.Process.Stop(killAfter)
		return nil, err
	}
	return m, nil
}

// managerBinary is the manager that was built together with this program.
func managerBinary() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	path := filepath.Join(filepath.Dir(exe), "manager")
	if !exists(path) {
		return "", fmt.Errorf("there is no %s: run `make build`, or use --without-manager", path)
	}
	return path, nil
}

// await asks the manager's probe until it is ready.
func (m *manager) await(ctx context.Context, url string) error {
	client := &http.Client{Timeout: time.Second}
	defer client.CloseIdleConnections()
	timeout := time.After(managerTimeout)
	for {
		if answer, err := client.Get(url); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-m.Process.Done():
			return m.ended()
		case <-timeout:
			return fmt.Errorf("the manager isn't ready after %s; the end of its log:\n%s", managerTimeout, child.Tail(m.log, managerLogLines))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// ended tells that the manager has ended by itself, and its last words.
func (m *manager) ended() error {
	return fmt.Errorf("THE MANAGER HAS ENDED (%s); the end of %s:\n%s", m.Exit(), m.log, child.Tail(m.log, managerLogLines))
}

// Done is closed when the manager has ended; nil, for ever open, without a manager.
func (m *manager) Done() <-chan struct{} {
	if m == nil {
		return nil
	}
	return m.Process.Done()
}

// Stop ends the manager, if there is one.
func (m *manager) Stop(grace time.Duration) {
	if m != nil {
		m.Process.Stop(grace)
	}
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}
