package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// managerBound is how long the sandbox may take to be Ready, in real time, and managerEach how much
// longer for each gateway.
const (
	managerBound = 3 * time.Minute
	managerEach  = 15 * time.Second
)

// copies writes a manifest with so many gateways of a sample, each with a name of its own.
func copies(sample, dir string, gateways int) (string, error) {
	text, err := os.ReadFile(sample)
	if err != nil || gateways == 1 {
		return sample, err
	}
	name := regexp.MustCompile(`(?m)^(  name: ).*$`)
	var all strings.Builder
	for i := range gateways {
		all.WriteString("---\n")
		all.WriteString(name.ReplaceAllString(string(text), fmt.Sprintf("${1}gw-%d", i)))
	}
	path := filepath.Join(dir, "gateways.yaml")
	return path, os.WriteFile(path, []byte(all.String()), 0o600)
}

// managerMemory runs the sandbox with the real manager and so many gateways of the sample to Ready, and
// answers the high-water mark of the manager's resident memory in MiB.
func managerMemory(sandbox, sample string, gateways int) (int, error) {
	dir, err := os.MkdirTemp("", "portkey-bench")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	manifest, err := copies(sample, dir, gateways)
	if err != nil {
		return 0, err
	}
	bound := managerBound + time.Duration(gateways-1)*managerEach
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	cmd := exec.CommandContext(ctx, sandbox, "up", "--dir", filepath.Join(dir, "sandbox"), "--quotas", strconv.Itoa(gateways),
		"--apply", manifest, "--watch", "--timeout", bound.String())
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("starting the sandbox (make build, and KUBEBUILDER_ASSETS): %w", err)
	}
	peak := 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.Contains(lines.Text(), " is Ready after ") {
			peak, err = childPeak(cmd.Process.Pid, "manager")
			break
		}
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	go func() {
		for lines.Scan() { // lets it print its farewell
		}
	}()
	_ = cmd.Wait()
	if err == nil && peak == 0 {
		err = fmt.Errorf("the sandbox didn't become Ready within %s", bound)
	}
	return peak, err
}

// childPeak finds a child process by its name and reads its high-water mark, on Linux.
func childPeak(parent int, name string) (int, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		return 0, err
	}
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		s := string(b)
		if field(s, "Name") == name && field(s, "PPid") == strconv.Itoa(parent) {
			return highWater(s), nil
		}
	}
	return 0, fmt.Errorf("the sandbox has no child process %s", name)
}

// field reads a field of /proc/PID/status.
func field(status, name string) string {
	for line := range strings.Lines(status) {
		if v, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// highWater is the high-water mark of resident memory in MiB.
func highWater(status string) int {
	kib, _ := strconv.Atoi(strings.TrimSuffix(field(status, "VmHWM"), " kB"))
	return kib >> 10
}
