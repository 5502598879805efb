package controllers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// An object may go and leave its deployment in AWS in two ways. Retain is for what goes on: it is a part of the
// spec, and the same name takes everything up again. Abandoning is for what can't be deleted any more, since
// nobody gets into the account: it is asked for once it has turned out so, for one object by its UID.

// abandoned reports whether somebody asks to leave a gateway's objects in AWS. A UID is in no manifest, so that
// the wish can't outlive the object that it is about.
func abandoned(gw *v1alpha1.PortkeyGateway) bool {
	return gw.UID != "" && gw.Annotations[v1alpha1.AnnotationAbandon] == string(gw.UID)
}

// abandon lets a gateway go without a call to AWS.
func (r *PortkeyGatewayReconciler) abandon(ctx context.Context, gw *v1alpha1.PortkeyGateway) (ctrl.Result, error) {
	return r.leave(ctx, gw, corev1.EventTypeWarning, "Abandoned", "abandoned, as "+v1alpha1.AnnotationAbandon+" asks")
}

// retain lets a gateway go as deletionPolicy Retain has it.
func (r *PortkeyGatewayReconciler) retain(ctx context.Context, gw *v1alpha1.PortkeyGateway) (ctrl.Result, error) {
	return r.leave(ctx, gw, corev1.EventTypeNormal, "Retained", "deletionPolicy is Retain: a PortkeyGateway of the same name in this namespace takes them up again")
}

// leave lets a gateway go, and tells people what of it stays and how to find it.
func (r *PortkeyGatewayReconciler) leave(ctx context.Context, gw *v1alpha1.PortkeyGateway, kind, reason, why string) (ctrl.Result, error) {
	all, unlisted := left(gw)
	count := fmt.Sprintf("%d objects stay", len(all))
	if len(all) == 0 {
		count = "whatever was made stays, of which there is no record,"
		unlisted = []string{fmt.Sprintf("roles and Auto Scaling groups with -%s- in their names", r.owner(gw).Hash())}
	}
	p, _ := pinned(gw)
	account := p.account
	if account == "" {
		account = gw.Status.AccountID
	}
	where := "in AWS, " + gw.Spec.Region
	if account != "" {
		where = "in AWS account " + account + ", " + gw.Spec.Region
	}
	find := fmt.Sprintf("aws resourcegroupstaggingapi get-resources --region %s --tag-filters Key=%s,Values=%s Key=%s,Values=%s",
		gw.Spec.Region, own.TagCluster, r.Cluster, own.TagOwner, r.owner(gw))
	message := fmt.Sprintf("%s %s: %s. To list them: %s", count, where, why, find)
	if len(unlisted) > 0 {
		message += "; and besides, which that doesn't show: " + strings.Join(unlisted, ", ")
	}
	log.FromContext(ctx).Info("Objects stay in AWS", "reason", reason, "account", account, "region", gw.Spec.Region, "objects", all, "find", find)
	return r.letGo(ctx, gw, kind, reason, message)
}

// left lists a gateway's recorded objects, and those among them that AWS's tagging API doesn't show: it has
// neither roles nor Auto Scaling groups.
// https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
func left(gw *v1alpha1.PortkeyGateway) (all, unlisted []string) {
	for i := range gw.Status.Resources {
		x := &gw.Status.Resources[i]
		if x.ID == "" {
			continue // its creation was announced, but never answered
		}
		all = append(all, fmt.Sprintf("%s %s (%s)", x.Kind, x.ID, x.Node))
		if slices.Contains([]string{kinds.Role{}.Name(), kinds.AutoScalingGroup{}.Name()}, x.Kind) {
			unlisted = append(unlisted, x.Kind+" "+x.ID)
		}
	}
	return all, unlisted
}

// lastResort is what somebody can do who will never get into the account again.
func lastResort(gw *v1alpha1.PortkeyGateway) string {
	if have := gw.Annotations[v1alpha1.AnnotationAbandon]; have != "" {
		return fmt.Sprintf("; the annotation %s is %s, but has to be this object's metadata.uid, %s", v1alpha1.AnnotationAbandon, quote(have), gw.UID)
	}
	return fmt.Sprintf("; if nobody gets into that account any more, kubectl annotate portkeygateway %s -n %s %s=%s lets this object go and leaves all in AWS",
		gw.Name, gw.Namespace, v1alpha1.AnnotationAbandon, gw.UID)
}

// tooEarly warns of a wish to abandon that would have the next deletion delete nothing.
func tooEarly(gw *v1alpha1.PortkeyGateway) string {
	if !abandoned(gw) {
		return ""
	}
	return fmt.Sprintf("the annotation %s is set: once this gateway is deleted, all of it stays in AWS", v1alpha1.AnnotationAbandon)
}
