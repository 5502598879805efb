package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sandbox/progress"
)

// followEvery is how often the gateways are looked at: often enough for a reader, and simpler than a
// watch that has to be kept alive.
const followEvery = 200 * time.Millisecond

// follow shows how the applied gateways become Ready, sums up, and then shows whatever happens to
// them until ctx ends. It is an error if they don't become Ready in time.
func (s *sandbox) follow(ctx context.Context) error {
	keys, err := gatewaysIn(s.apply)
	if err != nil {
		return err
	}
	kube, err := newClient(s.plane.Config)
	if err != nil {
		return err
	}
	printers := map[types.NamespacedName]*progress.Printer{}
	for _, key := range keys {
		printers[key] = &progress.Printer{Out: s.out, Now: time.Now, Start: s.started, Color: isTerminal(s.out)}
		if len(keys) > 1 {
			printers[key].Label = key.Name
		}
	}
	_, _ = fmt.Fprintf(s.out, "\n%s\n", s.heading(keys))
	told := false
	for ticks := time.NewTicker(followEvery); ; {
		var ready []*v1alpha1.PortkeyGateway
		for _, key := range keys {
			gw := &v1alpha1.PortkeyGateway{}
			switch err := kube.Get(ctx, key, gw); {
			case apierrors.IsNotFound(err):
				printers[key].Gone(s.left())
			case err == nil:
				printers[key].Observe(gw)
				if isReady(gw) {
					ready = append(ready, gw)
				}
			}
			printers[key].Idle()
		}
		switch {
		case told:
		case len(ready) == len(keys):
			told = true
			s.summary(ready)
		case time.Since(s.started) > s.timeout:
			return s.late(ctx, kube, keys)
		}
		select {
		case <-ctx.Done():
			ticks.Stop()
			return nil
		case <-ticks.C:
		}
	}
}

func (s *sandbox) heading(keys []types.NamespacedName) string {
	var names []string
	for _, k := range keys {
		names = append(names, k.String())
	}
	pace := fmt.Sprintf("AWS's delays pass %v times as fast as the clock", s.scale)
	switch s.scale {
	case 1:
		pace = "AWS's delays last as long as they do"
	case 0:
		pace = "AWS's clock stands still until it is stepped"
	}
	return fmt.Sprintf("%s: %s\n%7s  %7s  %-20s %s", strings.Join(names, ", "), pace, "elapsed", "ready", "what", "now")
}

// left says what is in AWS besides what was there before.
func (s *sandbox) left() string {
	counts := map[string]int{}
	for _, r := range s.aws.Made(false) {
		counts[r.Kind]++
	}
	if len(counts) == 0 {
		return "AWS is as it was before"
	}
	return "in AWS is left: " + phrase(counts)
}

func isReady(gw *v1alpha1.PortkeyGateway) bool {
	return gw.Status.ObservedGeneration == gw.Generation && meta.IsStatusConditionTrue(gw.Status.Conditions, v1alpha1.ConditionReady)
}

// late says what is the matter with gateways that haven't become Ready in time.
func (s *sandbox) late(ctx context.Context, kube client.Client, keys []types.NamespacedName) error {
	var b strings.Builder
	fmt.Fprintf(&b, "not Ready after %s", s.timeout)
	for _, key := range keys {
		gw := &v1alpha1.PortkeyGateway{}
		if err := kube.Get(ctx, key, gw); err != nil {
			fmt.Fprintf(&b, "\n%s: %v", key, err)
			continue
		}
		if isReady(gw) {
			continue
		}
		fmt.Fprintf(&b, "\n%s:", key)
		for _, c := range gw.Status.Conditions {
			fmt.Fprintf(&b, "\n  %-16s %-7s %-20s %s", c.Type, c.Status, c.Reason, c.Message)
		}
		if len(gw.Status.Conditions) == 0 {
			b.WriteString(" it has no conditions: the manager hasn't looked at it")
		}
	}
	return errors.New(b.String())
}
