package kinds

import (
	"context"
	"strconv"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
)

// targetText names a target as it is compared.
func targetText(id string, port int) string { return id + ":" + strconv.Itoa(port) }

// target is the application load balancer that the group should have.
func (s TargetGroupSpec) target() string {
	return targetText(s.LoadBalancer.String(), s.LoadBalancerPort)
}

// registered are the group's targets, as far as they were read.
func (g targetGroup) registered() []string {
	if g.Health == nil {
		return nil
	}
	return g.Health.targets
}

// aim makes an application load balancer the group's one target. Others go first: a group takes no second one, and the
// listener of a target can't be given another port.
func (g *targetGroup) aim(ctx context.Context, w *aws.World, spec TargetGroupSpec) error {
	want := spec.target()
	for _, have := range g.registered() {
		if have == want {
			continue
		}
		id, port := splitTarget(have)
		_, err := w.ELB.DeregisterTargets(ctx, &elbv2.DeregisterTargetsInput{TargetGroupArn: g.TargetGroupArn, Targets: []elbtypes.TargetDescription{{Id: &id, Port: number(port)}}})
		if err != nil {
			return err
		}
	}
	_, err := w.ELB.RegisterTargets(ctx, &elbv2.RegisterTargetsInput{
		TargetGroupArn: g.TargetGroupArn,
		Targets:        []elbtypes.TargetDescription{{Id: sdk.String(spec.LoadBalancer.String()), Port: number(spec.LoadBalancerPort)}},
	})
	if err != nil {
		return err
	}
	g.Health = &TargetHealth{Total: 1, targets: []string{want}} // not checked yet
	return nil
}

// splitTarget takes the text of a target apart again.
func splitTarget(text string) (id string, port int) {
	i := strings.LastIndex(text, ":")
	port, _ = strconv.Atoi(text[i+1:])
	return text[:i], port
}
