package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
)

// The files of a sandbox's directory.
const (
	envFile        = "env"
	kubeconfigFile = "kubeconfig"
	managerLogFile = "manager.log"
	// stateDir holds what nobody but the sandbox looks at.
	stateDir = "state"
	lockFile = ".sandbox.lock"
)

// workDir is the directory of a sandbox.
type workDir struct {
	path string
	lock *os.File
	// made are the directories that weren't there before, the innermost first.
	made []string
}

// openDir makes the directory if need be, and makes it this sandbox's own.
func openDir(path string) (*workDir, error) {
	d := &workDir{}
	if path == "" {
		temporary, err := os.MkdirTemp("", "portkey-sandbox-")
		if err != nil {
			return nil, err
		}
		d.path, d.made = temporary, []string{temporary}
	} else {
		absolute, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		d.path = absolute
		for p := absolute; !exists(p); p = filepath.Dir(p) {
			d.made = append(d.made, p)
		}
		if err := os.MkdirAll(absolute, 0o700); err != nil {
			return nil, err
		}
	}
	if err := d.acquire(); err != nil {
		for _, path := range d.made {
			_ = os.Remove(path)
		}
		return nil, err
	}
	// What is left of a sandbox that was killed.
	d.clear(false)
	if err := os.Mkdir(d.state(), 0o700); err != nil {
		d.close(false)
		return nil, err
	}
	return d, nil
}

// acquire takes the lock, which the kernel releases however this process ends.
func (d *workDir) acquire() error {
	lock, err := os.OpenFile(d.file(lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return fmt.Errorf("another sandbox runs in %s: give this one another --dir", d.path)
		}
		return err
	}
	d.lock = lock
	return nil
}

func (d *workDir) file(name string) string { return filepath.Join(d.path, name) }
func (d *workDir) state() string           { return d.file(stateDir) }

// close removes all that the sandbox wrote, and the directory if it made it. keepLog spares the
// manager's log, for whom it is to tell why the sandbox failed.
func (d *workDir) close(keepLog bool) {
	keepLog = keepLog && exists(d.file(managerLogFile))
	d.clear(keepLog)
	_ = os.Remove(d.file(lockFile))
	_ = d.lock.Close()
	if keepLog {
		return
	}
	for _, path := range d.made {
		_ = os.Remove(path) // not if somebody else has put something there
	}
}

func (d *workDir) clear(keepLog bool) {
	_ = os.RemoveAll(d.state())
	for _, name := range []string{envFile, kubeconfigFile, managerLogFile} {
		if name != managerLogFile || !keepLog {
			_ = os.Remove(d.file(name))
		}
	}
}

// variable is a line of the env file.
type variable struct{ name, value string }

// writeEnv writes the env file, at once: somebody may be waiting for it to appear.
func (d *workDir) writeEnv(all []variable) error {
	var b strings.Builder
	for _, v := range all {
		fmt.Fprintf(&b, "export %s=%s\n", v.name, quote(v.value))
	}
	draft := filepath.Join(d.state(), envFile)
	if err := os.WriteFile(draft, []byte(b.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(draft, d.file(envFile))
}

var harmless = regexp.MustCompile(`^[A-Za-z0-9_/.:@%+,=-]*$`)

// quote protects a value from the shell where it needs it.
func quote(s string) string {
	if harmless.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// cleanEnviron is this process's environment without what could lead to another cluster or account.
func cleanEnviron(more ...variable) []string {
	env := slices.DeleteFunc(os.Environ(), func(s string) bool {
		return strings.HasPrefix(s, "AWS_") || strings.HasPrefix(s, "KUBE")
	})
	for _, v := range more {
		env = append(env, v.name+"="+v.value)
	}
	return env
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
