// Command kubectl-portkey is the kubectl plugin: kubectl portkey status, verify, plan, approve, promote, abort, rollback, retry,
// history. What it plans is planned by the operator's own code, which only this package joins to the plugin.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/controllers"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/plugin"
)

// version is set at build time.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	env := plugin.Terminal(version)
	env.Planner, env.Logs = planner{}, logReader{}
	code := plugin.Run(ctx, os.Args, env)
	stop()
	os.Exit(code)
}

// planner plans as the operator does, with the AWS credentials of whoever calls.
type planner struct{}

// Plan implements plugin.Planner.
func (planner) Plan(ctx context.Context, gw *v1alpha1.PortkeyGateway, cluster string) (*plugin.Foreseen, error) {
	sdk, err := aws.Load(ctx)
	if err != nil {
		return nil, err
	}
	return foreseen(controllers.Preview(ctx, gw, cluster, aws.NewFactory(sdk, time.Now), time.Now))
}

// Offline implements plugin.Planner.
func (planner) Offline(ctx context.Context, gw *v1alpha1.PortkeyGateway) (*plugin.Foreseen, error) {
	return foreseen(controllers.PreviewOffline(ctx, gw, time.Now))
}

func foreseen(f *controllers.Foreseen, err error) (*plugin.Foreseen, error) {
	if err != nil {
		return nil, err
	}
	return &plugin.Foreseen{Plan: f.Plan, AccountID: f.AccountID, Warnings: f.Warnings, Assumptions: f.Assumptions}, nil
}
