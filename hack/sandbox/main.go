// Command sandbox runs everything that the operator needs, on one machine and without an account
// anywhere: a Kubernetes API (etcd and kube-apiserver), an emulated AWS, and the manager itself.
//
//	sandbox up [--dir DIR] [--without-manager] [--time-scale N] [--apply FILE [--watch]]
//
// It writes DIR/env for the shell, says `sandbox ready`, and runs until Ctrl-C; then nothing is left
// of it, neither process nor file.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"
)

const usage = `Usage: sandbox up [flags]

Runs a Kubernetes API, an emulated AWS and the operator's manager on this machine until it is
interrupted. When it says "sandbox ready", point a shell at it with: source DIR/env

`

// The defaults of --time-scale. Whoever looks on wants to see minutes of AWS pass in seconds; whoever
// tests against the sandbox should have to ask for it.
const (
	plainScale = 1
	watchScale = 60
)

// options are the flags of `sandbox up`.
type options struct {
	dir            string
	withoutManager bool
	scale          float64
	apply          string
	watch          bool
	timeout        time.Duration
	quotas         int
}

func parse(args []string) (options, error) {
	var o options
	fs := flag.NewFlagSet("sandbox up", flag.ContinueOnError)
	fs.Usage = func() {
		_, _ = fmt.Fprint(fs.Output(), usage)
		fs.PrintDefaults()
	}
	fs.StringVar(&o.dir, "dir", "", "Directory for env, kubeconfig and manager.log. Removed at the end if it wasn't there before. Default: a temporary one.")
	fs.BoolVar(&o.withoutManager, "without-manager", false, "Don't run the manager, which is bin/manager beside this program.")
	fs.Float64Var(&o.scale, "time-scale", -1, fmt.Sprintf("How many times faster than the wall clock AWS's delays pass; 0 stops AWS's clock, to be stepped at /_emulator/clock. Default: %d, with --watch %d.", plainScale, watchScale))
	fs.StringVar(&o.apply, "apply", "", "Manifest to apply, as kubectl does.")
	fs.BoolVar(&o.watch, "watch", false, "Show how the applied gateways become Ready.")
	fs.IntVar(&o.quotas, "quotas", 1, "How many times a new account's quotas of VPCs, addresses and gateways the account has: for more than five deployments.")
	fs.DurationVar(&o.timeout, "timeout", 10*time.Minute, "How long --watch waits for Ready before it gives up.")
	if len(args) == 0 || args[0] != "up" {
		fs.Usage()
		if len(args) > 0 && (args[0] == "-h" || args[0] == "--help" || args[0] == "help") {
			return o, flag.ErrHelp
		}
		return o, errors.New("the command is `sandbox up`")
	}
	if err := fs.Parse(args[1:]); err != nil {
		return o, err
	}
	scaled := false
	fs.Visit(func(f *flag.Flag) { scaled = scaled || f.Name == "time-scale" })
	switch {
	case fs.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	case o.watch && o.apply == "":
		return o, errors.New("--watch needs --apply: there is nothing to watch otherwise")
	case o.watch && o.withoutManager:
		return o, errors.New("--watch waits for the manager's work: it doesn't go with --without-manager")
	case o.quotas < 1:
		return o, fmt.Errorf("--quotas is at least 1, got %d", o.quotas)
	case scaled && o.scale < 0:
		return o, fmt.Errorf("--time-scale is 0 or more, got %v", o.scale)
	case !scaled && o.watch:
		o.scale = watchScale
	case !scaled:
		o.scale = plainScale
	}
	return o, nil
}

func main() {
	o, err := parse(os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(2)
	}
	// Kubernetes libraries have nothing to tell here, and complain when nobody says so.
	ctrllog.SetLogger(logr.Discard())
	// A reader that went away (`sandbox up | head -1`) must not keep the end from being orderly.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err = up(ctx, o, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}
