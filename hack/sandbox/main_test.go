package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"go.uber.org/goleak"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"
)

// TestMain lets the test binary, under another name, be the sandbox or its manager.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "sandbox":
		main()
		return
	case "manager":
		if err := fakeManager(os.Args[1:]); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	ctrllog.SetLogger(logr.Discard())
	goleak.VerifyTestMain(m)
}

// running is a sandbox under test.
type running struct {
	t        *testing.T
	dir      string
	cmd      *exec.Cmd
	out, err lockedBuffer
	done     chan struct{}
}

// run starts a sandbox in dir, with a fake manager beside it.
func run(t *testing.T, dir string, env []string, args ...string) *running {
	t.Helper()
	if assets := os.Getenv(assetsVariable); assets == "" {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not set", assetsVariable)
		}
		t.Skipf(`needs a control plane: run make test, or export %s="$(hack/envtest/ensure.sh)"`, assetsVariable)
	}
	bin := t.TempDir()
	for _, name := range []string{"sandbox", "manager"} {
		install := exec.Command("cp", os.Args[0], filepath.Join(bin, name))
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	r := &running{t: t, dir: dir, done: make(chan struct{})}
	r.cmd = exec.Command(filepath.Join(bin, "sandbox"), append([]string{"up", "--dir", dir}, args...)...)
	r.cmd.Stdout, r.cmd.Stderr, r.cmd.Env = &r.out, &r.err, append(os.Environ(), env...)
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = r.cmd.Wait()
		close(r.done)
	}()
	t.Cleanup(func() {
		_ = r.cmd.Process.Signal(syscall.SIGTERM)
		r.exit()
		if t.Failed() {
			t.Logf("the sandbox said:\n%s%s", r.out.String(), r.err.String())
		}
	})
	return r
}

// await waits until the sandbox has said something on stdout.
func (r *running) await(text string) {
	r.t.Helper()
	for end := time.Now().Add(3 * time.Minute); !strings.Contains(r.out.String(), text); time.Sleep(20 * time.Millisecond) {
		select {
		case <-r.done:
			r.t.Fatalf("the sandbox ended before it said %q:\n%s%s", text, r.out.String(), r.err.String())
		default:
		}
		if time.Now().After(end) {
			r.t.Fatalf("the sandbox didn't say %q:\n%s%s", text, r.out.String(), r.err.String())
		}
	}
}

// exit waits for the end of the sandbox and returns its exit code.
func (r *running) exit() int {
	select {
	case <-r.done:
	case <-time.After(time.Minute):
		_ = r.cmd.Process.Kill()
		<-r.done
		r.t.Error("the sandbox didn't end")
	}
	return r.cmd.ProcessState.ExitCode()
}

// env reads the env file.
func (r *running) env() map[string]string {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, envFile))
	if err != nil {
		r.t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n") {
		name, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if !ok || !strings.HasPrefix(line, "export ") {
			r.t.Errorf("the env file has the line %q", line)
		}
		out[name] = value
	}
	return out
}

// noneLeft makes sure that no process of the sandbox is left: all of them name its directory.
func (r *running) noneLeft() {
	r.t.Helper()
	var left []string
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if left = processes(r.dir); len(left) == 0 {
			return
		}
	}
	r.t.Errorf("processes left:\n%s", strings.Join(left, "\n"))
}

// processes lists the processes that have text in their command line, as Linux tells.
func processes(text string) []string {
	var out []string
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err != nil {
			continue
		}
		line, _ := os.ReadFile("/proc/" + e.Name() + "/cmdline")
		cwd, _ := os.Readlink("/proc/" + e.Name() + "/cwd")
		if bytes.Contains(line, []byte(text)) || strings.HasPrefix(cwd, text) {
			out = append(out, e.Name()+" "+string(bytes.ReplaceAll(line, []byte{0}, []byte{' '})))
		}
	}
	return out
}

// files lists what is in a directory.
func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	slices.Sort(out)
	return out
}

// lockedBuffer is a buffer that one goroutine writes and another reads.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var _ io.Writer = &lockedBuffer{}
