package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/hack/sandbox/controlplane"
)

// killAfter is how long a child may take to end by itself: what it would record goes away anyway.
const killAfter = 5 * time.Second

// sandbox is what runs.
type sandbox struct {
	options
	out, log io.Writer

	dir     *workDir
	assets  string
	plane   *controlplane.ControlPlane
	aws     *cloud
	manager *manager
	// started is when the first thing was applied; counts and times are told from there.
	started time.Time
}

// up runs a sandbox until ctx ends. Out gets `sandbox ready` and what --watch shows; log the rest.
func up(ctx context.Context, o options, out, log io.Writer) (err error) {
	s := &sandbox{options: o, out: out, log: log}
	if s.dir, err = openDir(o.dir); err != nil {
		return err
	}
	defer func() {
		if ctx.Err() != nil {
			err = nil // being asked to end is no failure, and whatever that broke off neither
		}
		if s.stop(err != nil) {
			err = fmt.Errorf("%w\nThe manager's log is kept: %s", err, s.dir.file(managerLogFile))
		}
	}()
	if err := s.start(ctx); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, "sandbox ready"); err != nil {
		fmt.Fprintln(log, "sandbox: nobody reads:", err)
	}
	return s.run(ctx)
}

// start starts everything, in the order in which one needs the other.
func (s *sandbox) start(ctx context.Context) (err error) {
	began := time.Now()
	if !s.withoutManager {
		if _, err := managerBinary(); err != nil {
			return err // before minutes are spent on the rest
		}
	}
	if s.assets, err = findAssets(ctx, s.log); err != nil {
		return err
	}
	if s.aws, err = startCloud(s.scale, s.quotas); err != nil {
		return err
	}
	s.note("starting etcd and kube-apiserver")
	if s.plane, err = controlplane.Start(ctx, s.assets, s.dir.state()); err != nil {
		return err
	}
	if err := writeKubeconfig(s.dir.file(kubeconfigFile), s.plane.Config); err != nil {
		return err
	}
	if err := install(ctx, s.plane.Config, !s.withoutManager); err != nil {
		return err
	}
	if !s.withoutManager {
		s.note("starting the manager with the rights of its ServiceAccount")
		if s.manager, err = startManager(ctx, s.plane.Config, s.aws, s.dir); err != nil {
			return err
		}
	}
	if err := s.dir.writeEnv(append([]variable{{"KUBECONFIG", s.dir.file(kubeconfigFile)}}, s.aws.variables()...)); err != nil {
		return err
	}
	s.started = time.Now()
	if s.apply != "" {
		if err := s.applyFile(ctx); err != nil {
			return err
		}
	}
	s.note("up after %.1f s; in a shell: source %s", time.Since(began).Seconds(), quote(s.dir.file(envFile)))
	return nil
}

// run keeps the sandbox up until ctx ends or something in it does.
func (s *sandbox) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, 2)
	go func() { failed <- s.plane.Wait(ctx) }()
	if s.watch {
		go func() {
			if err := s.follow(ctx); err != nil {
				failed <- err
			}
		}()
	}
	managerDone := s.manager.Done()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return err
		case <-managerDone:
			err := s.manager.ended()
			if s.watch {
				return err
			}
			// Whoever drives the sandbox may want to look around.
			s.note("%v", err)
			managerDone = nil
		}
	}
}

// stop ends everything and removes every file. It reports whether the manager's log was kept, which
// is so when the sandbox failed and there is one.
func (s *sandbox) stop(failed bool) (kept bool) {
	s.manager.Stop(killAfter)
	if s.plane != nil {
		s.plane.Stop()
	}
	if s.aws != nil {
		s.aws.stop()
	}
	s.dir.close(failed)
	return failed && exists(s.dir.file(managerLogFile))
}

func (s *sandbox) note(format string, args ...any) {
	_, _ = fmt.Fprintf(s.log, "sandbox: "+format+"\n", args...)
}

// kubectl is the path of kubectl, as one would type it.
func (s *sandbox) kubectl() string { return filepath.Join(s.assets, "kubectl") }

// isTerminal reports whether colours make sense on w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
