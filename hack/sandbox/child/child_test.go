package child

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain lets the test binary be the parent that is killed.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "parent" {
		p, err := Start("sleep", exec.Command("sleep", "60"))
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(p.cmd.Process.Pid)
		time.Sleep(time.Minute)
	}
	goleak.VerifyTestMain(m)
}

func TestStopIsPoliteFirst(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	p := start(t, "trap 'echo bye >"+out+"; exit 0' TERM; echo >"+out+".ready; while :; do sleep 0.05; done")
	waitFor(t, "the trap", func() bool { return exists(out + ".ready") })
	p.Stop(10 * time.Second)
	if !exists(out) {
		t.Error("the child was killed before it could end by itself")
	}
	if p.Err() != nil {
		t.Error(p.Err())
	}
}

func TestStopKillsWhoDoesNotListenWithChildren(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	p := start(t, "trap '' TERM; sleep 61 & echo $! >"+out+"; wait; sleep 61")
	var grandchild int
	waitFor(t, "the grandchild", func() bool {
		text, _ := os.ReadFile(out)
		grandchild, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		return grandchild > 0
	})
	p.Stop(100 * time.Millisecond)
	waitFor(t, "the grandchild's end", func() bool { return !alive(grandchild) })
}

func TestStopAfterTheEnd(t *testing.T) {
	p := start(t, "exit 3")
	<-p.Done()
	p.Stop(time.Second)
	if p.Err() == nil || p.Exit() != "exit status 3" {
		t.Errorf("exit code 3 is an error, got %v, %s", p.Err(), p.Exit())
	}
	(*Process)(nil).Stop(time.Second)
}

func TestChildrenDieWithAKilledParent(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux kills them")
	}
	parent := exec.Command(os.Args[0], "parent")
	stdout, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Fscan(stdout, &pid); err != nil || pid == 0 {
		t.Fatalf("no child: %v", err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	waitFor(t, "the child's end", func() bool { return !alive(pid) })
}

func TestTail(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte(strings.Repeat("filler\n", 20000)+"one\ntwo\nthree\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := Tail(path, 2); got != "two\nthree" {
		t.Errorf("got %q", got)
	}
	if got := Tail(path+".none", 2); !strings.Contains(got, "no such file") {
		t.Errorf("got %q", got)
	}
}

func start(t *testing.T, script string) *Process {
	t.Helper()
	p, err := Start("sh", exec.Command("sh", "-c", script))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Stop(0) })
	return p
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// alive reports whether a process runs. A zombie, which only waits for its parent to notice, doesn't.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(stat), ") Z ")
}
