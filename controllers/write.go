package controllers

import (
	"context"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
)

// recordTimeout bounds recording what a walk did.
const recordTimeout = 10 * time.Second

// WritesEnd is how long after its context has ended a reconciliation may still write: a mutation that had begun, and
// the record of the walk. It must end before another manager can become the leader; see the lease in cmd/manager.
const WritesEnd = engine.MutationTimeout + recordTimeout

// patch changes metadata by a merge patch: a typed update would rewrite the user's spec. It is
// refused when somebody has changed the object since it was read.
func (r *PortkeyGatewayReconciler) patch(ctx context.Context, gw *v1alpha1.PortkeyGateway, change func()) error {
	base := gw.DeepCopy()
	change()
	status := gw.Status
	err := r.Patch(ctx, gw, client.MergeFromWithOptions(base, client.MergeFromWithOptimisticLock{}))
	gw.Status = status
	if err != nil {
		return fmt.Errorf("patching metadata: %w", err)
	}
	return nil
}

// report changes status and patches it where that makes a difference. Spec and annotations stay those
// that this reconciliation read, though the answer may have newer ones: what status says is of these.
func (r *PortkeyGatewayReconciler) report(ctx context.Context, gw *v1alpha1.PortkeyGateway, change func(*v1alpha1.PortkeyGateway, time.Time)) error {
	return r.write(ctx, gw, change, client.MergeFrom)
}

// write is report by a patch of a given kind.
func (r *PortkeyGatewayReconciler) write(ctx context.Context, gw *v1alpha1.PortkeyGateway, change func(*v1alpha1.PortkeyGateway, time.Time), patch func(client.Object) client.Patch) error {
	base := gw.DeepCopy()
	change(gw, r.Now())
	if same(base.Status, gw.Status) {
		return nil
	}
	answer := gw.DeepCopy()
	if err := r.Status().Patch(ctx, answer, patch(base)); err != nil {
		return fmt.Errorf("patching status: %w", err)
	}
	gw.Status, gw.ResourceVersion = answer.Status, answer.ResourceVersion
	logTransitions(log.FromContext(ctx), base, gw)
	return nil
}
