package plugin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"
)

// The exit codes.
const (
	exitDone = 0
	// exitFailed: refused, by the operator or already here, or something else went wrong.
	exitFailed = 1
	// exitUsage: the command line isn't one.
	exitUsage = 2
	// exitChanges is what plan says when there are changes, as terraform plan -detailed-exitcode does; a command line
	// that isn't one is then exitFailed.
	exitChanges = 2
	// exitUnanswered: the annotation is set, and the operator hasn't answered it within --timeout.
	exitUnanswered = 3
	// exitInterrupted is what shells report of a process that Ctrl-C ended.
	exitInterrupted = 130
)

// Environment is where the plugin runs.
type Environment struct {
	// In is where a manifest is read from, Out is for what was asked for, Err for everything else.
	In       io.Reader
	Out, Err io.Writer
	// Version is what --version prints.
	Version string
	// Colours says whether Out understands colours, Redraw whether it can be cleared.
	Colours, Redraw bool
	// Now is the time that ages are reckoned from.
	Now func() time.Time

	// Planner makes plans; nil where there is none.
	Planner Planner
	// Logs reads what tasks have logged; nil where nothing does.
	Logs LogReader

	// connect takes the place of the kubeconfig in tests; lookup of DNS, getenv of the process's environment, and
	// newTrace of chance.
	connect  func() (*cluster, error)
	lookup   func(ctx context.Context, host string) ([]string, error)
	getenv   func(string) string
	newTrace func() string
}

// Terminal is the process's own environment. Colours go to terminals only, and not where NO_COLOR says
// otherwise (https://no-color.org).
func Terminal(version string) Environment {
	terminal := term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("TERM") != "dumb"
	return Environment{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Version: version, Now: time.Now,
		Colours: terminal && os.Getenv("NO_COLOR") == "", Redraw: terminal,
	}
}

// completer is the name under which kubectl looks for a plugin's completions
// (https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/): a link to the plugin.
const completer = "kubectl_complete-portkey"

// Run runs a command line, of which the first word is the program, and returns the exit code.
func Run(ctx context.Context, args []string, env Environment) int {
	a := &app{Environment: env}
	if a.getenv == nil {
		a.getenv = os.Getenv
	}
	root := a.command()
	words := args[1:]
	if strings.TrimSuffix(filepath.Base(args[0]), ".exe") == completer {
		words = append([]string{"__complete"}, words...)
	}
	root.SetArgs(words)
	planning := false
	if cmd, _, err := root.Find(words); err == nil {
		planning = cmd.Name() == planVerb
	}
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	var ended *endedError
	switch {
	case errors.As(err, &ended):
	case ctx.Err() != nil:
		ended = &endedError{code: exitInterrupted}
	case !a.ran:
		ended = usage("%w", err)
		err = ended
	default:
		ended = &endedError{code: exitFailed}
	}
	if planning && ended.code == exitUsage && ended.why != "" {
		ended.code = exitFailed
	}
	if text := clean(err.Error()); text != "" {
		_, _ = fmt.Fprintln(env.Err, "error: "+text)
	}
	return ended.code
}

// endedError is an error with an exit code of its own.
type endedError struct {
	code int
	// why is told on Err; empty where Out has it.
	why string
}

func (e *endedError) Error() string { return e.why }

// usage is an error in the command line.
func usage(format string, args ...any) *endedError {
	return &endedError{code: exitUsage, why: fmt.Errorf(format, args...).Error() + ": see " + programName + " --help"}
}
