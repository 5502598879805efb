// Command kubectl-portkey is the kubectl plugin: kubectl portkey status, promote, abort, rollback, retry, history.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/portkey-ai/portkey-ecs-operator/internal/plugin"
)

// version is set at build time.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := plugin.Run(ctx, os.Args, plugin.Terminal(version))
	stop()
	os.Exit(code)
}
