// Package child runs processes that never outlive this one: each in a process group of its own, so
// that a Ctrl-C in the terminal reaches only the parent, which then ends them in order; and on Linux
// the kernel kills them when the parent dies without having had the time.
package child

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// Process is a running child.
type Process struct {
	name string
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// Start starts cmd.
func Start(name string, cmd *exec.Cmd) (*Process, error) {
	cmd.SysProcAttr = attributes()
	p := &Process{name: name, cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel sends the parent death signal when the thread ends that started the child:
		// this goroutine keeps that thread for as long as the child runs.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	return p, nil
}

// Name is what the child is called.
func (p *Process) Name() string { return p.name }

// Done is closed when the child has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says how the child ended; nil is a clean exit. It may be called once Done is closed.
func (p *Process) Err() error { return p.err }

// Exit says in words how the child ended, as "exit status 1" or "signal: killed".
func (p *Process) Exit() string { return p.cmd.ProcessState.String() }

// Stop ends the child and what it has started: politely if grace is positive, and in any case after
// grace. It returns when the child is gone.
func (p *Process) Stop(grace time.Duration) {
	if p == nil {
		return
	}
	if grace > 0 {
		p.signal(syscall.SIGTERM)
		select {
		case <-p.done:
			return
		case <-time.After(grace):
		}
	}
	p.signal(syscall.SIGKILL)
	<-p.done
}

// signal reaches the whole group, unless the child is gone: its number may be somebody else's by then.
func (p *Process) signal(s syscall.Signal) {
	select {
	case <-p.done:
	default:
		if err := syscall.Kill(-p.cmd.Process.Pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
			_ = p.cmd.Process.Signal(s)
		}
	}
}
