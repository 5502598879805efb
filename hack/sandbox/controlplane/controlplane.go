package controlplane

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"k8s.io/client-go/rest"

	"github.com/portkey-ai/portkey-ecs-operator/hack/sandbox/child"
)

const (
	// etcdTimeout and serverTimeout bound a start on a machine that is busy with something else.
	etcdTimeout   = 30 * time.Second
	serverTimeout = 2 * time.Minute
	// attempts of a start: between the choice of a free port and its use somebody may take it.
	attempts = 3
	// poll is how often a starting server is asked whether it serves.
	poll = 50 * time.Millisecond
	// logLines of a server that doesn't start are shown.
	logLines = 15
)

// ControlPlane is a running Kubernetes API.
type ControlPlane struct {
	// Config reaches it as an administrator.
	Config *rest.Config

	etcd, server *child.Process
	logs         map[*child.Process]string
}

// Start starts etcd and kube-apiserver from the directory assets, and returns once the API server is
// ready. They write to dir alone, which must exist; the caller removes it after Stop.
func Start(ctx context.Context, assets, dir string) (*ControlPlane, error) {
	for attempt := 1; ; attempt++ {
		work := filepath.Join(dir, strconv.Itoa(attempt))
		if err := os.Mkdir(work, 0o700); err != nil {
			return nil, err
		}
		c := &ControlPlane{logs: map[*child.Process]string{}}
		err := c.start(ctx, assets, work)
		if err == nil {
			return c, nil
		}
		c.Stop()
		if attempt == attempts || !strings.Contains(err.Error(), "address already in use") {
			return nil, err
		}
	}
}

func (c *ControlPlane) start(ctx context.Context, assets, dir string) error {
	etcdURL, err := c.startEtcd(ctx, assets, dir)
	if err != nil {
		return err
	}
	return c.startServer(ctx, assets, dir, etcdURL)
}

// Stop ends both at once: nothing in them is worth an orderly end.
func (c *ControlPlane) Stop() {
	c.server.Stop(0)
	c.etcd.Stop(0)
}

// Wait returns an error when one of the two ends by itself, and nil when ctx does.
func (c *ControlPlane) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-c.etcd.Done():
		return c.ended(c.etcd)
	case <-c.server.Done():
		return c.ended(c.server)
	}
}

func (c *ControlPlane) ended(p *child.Process) error {
	return fmt.Errorf("%s has ended (%s); the end of its log:\n%s", p.Name(), p.Exit(), child.Tail(c.logs[p], logLines))
}

// run starts a binary with a log beside its data.
func (c *ControlPlane) run(assets, dir, name string, args ...string) (*child.Process, error) {
	path := filepath.Join(dir, name+".log")
	log, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the child has a descriptor of its own
	cmd := exec.Command(filepath.Join(assets, name), args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	p, err := child.Start(name, cmd)
	if err == nil {
		c.logs[p] = path
	}
	return p, err
}

// await asks until ready says yes, the process ends, or it takes too long.
func (c *ControlPlane) await(ctx context.Context, p *child.Process, timeout time.Duration, ready func() error) error {
	end := time.Now().Add(timeout)
	for {
		err := ready()
		if err == nil {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s isn't ready after %s (%w); the end of its log:\n%s", p.Name(), timeout, err, child.Tail(c.logs[p], logLines))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.Done():
			return c.ended(p)
		case <-time.After(poll):
		}
	}
}

// freePorts returns ports of 127.0.0.1 that nobody listens on.
func freePorts(n int) ([]string, error) {
	var open []io.Closer
	defer func() {
		for _, l := range open {
			_ = l.Close()
		}
	}()
	var ports []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		open = append(open, l)
		_, port, _ := net.SplitHostPort(l.Addr().String())
		ports = append(ports, port)
	}
	return ports, nil
}
