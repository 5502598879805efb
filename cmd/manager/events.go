package main

import (
	"fmt"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/portkey-ai/portkey-ecs-operator/controllers"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/awsevents"
)

// listen has the leading manager read queues with events of AWS; without any the reconciler is deaf.
func listen(mgr ctrl.Manager, r *controllers.PortkeyGatewayReconciler, worlds *aws.Factory, queues []string) error {
	if len(queues) == 0 {
		return nil
	}
	r.Ear = controllers.NewEar(time.Now, nil)
	for _, url := range queues {
		queue, err := worlds.Queue(url)
		if err != nil {
			return fmt.Errorf("--events-queue-url: %w", err)
		}
		if err := mgr.Add(&awsevents.Listener{Queue: queue, URL: url, Wait: awsevents.LongPoll, Handle: r.Ear.Hear, Log: mgr.GetLogger().WithName("events")}); err != nil {
			return fmt.Errorf("listening to %s: %w", url, err)
		}
	}
	return nil
}
