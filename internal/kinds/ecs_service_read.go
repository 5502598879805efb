package kinds

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// maxDescribed is how many services one DescribeServices takes, and maxRevisions how many revisions
// one DescribeServiceRevisions does.
const (
	maxDescribed = 10
	maxRevisions = 20
)

// clusterOf is the cluster that the service is in: the spec's, or the recorded service's.
func clusterOf(call graph.Call, spec ServiceSpec) (string, error) {
	if known(spec.Cluster) {
		return spec.Cluster.String(), nil
	}
	if call.ID == "" {
		return "", nil
	}
	if parts := strings.Split(call.ID, "/"); len(parts) == 3 { // arn:…:service/cluster/name
		return parts[1], nil
	}
	return "", fmt.Errorf("the ARN %s doesn't name the service's cluster", call.ID)
}

// serviceName is the service's name: one that was only found is known by its ARN.
func serviceName(call graph.Call) string {
	name := nameOf(call)
	return name[strings.LastIndexByte(name, '/')+1:]
}

// readService reads a service together with its peers; its zero value where there is none.
func readService(ctx context.Context, w *aws.World, cluster, name string, peers []string) (ecstypes.Service, error) {
	names := slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(peers), name))))
	i := slices.Index(names, name) / maxDescribed * maxDescribed
	names = names[i:min(i+maxDescribed, len(names))]
	services, err := aws.Read(ctx, w.Reads, "ecs/services/"+cluster+"/"+strings.Join(names, ","), func(ctx context.Context) ([]ecstypes.Service, error) {
		out, err := w.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{
			Cluster: &cluster, Services: names, Include: []ecstypes.ServiceField{ecstypes.ServiceFieldTags},
		})
		if err != nil {
			return nil, err
		}
		return out.Services, missing(out.Failures)
	})
	for i := range services {
		if s := &services[i]; sdk.ToString(s.ServiceName) == name && sdk.ToString(s.Status) != "INACTIVE" {
			found := *s
			found.Status = sdk.String(cmp.Or(sdk.ToString(s.Status), "ACTIVE"))
			return found, err
		}
	}
	return ecstypes.Service{}, err
}

// rollback is a deployment that ECS took back.
type rollback struct {
	// Why is ECS's reason; ARN is the deployment's and Revision its task definition's. Image is what serves
	// instead, where ECS remembers it.
	Why, ARN, Revision, Image string
	Started                   time.Time
}

// rolledBack is the deployment of what is wanted when ECS took it back, and nil when it didn't. The
// newest deployment of just that decides; deployments are kept for 90 days.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
func rolledBack(ctx context.Context, w *aws.World, s service, want serviceRevision) (*rollback, error) {
	deployments, err := newestDeployments(ctx, w, s)
	if unsupported(err) {
		return s.guessedRollback(want.definition), nil
	}
	if err != nil {
		return nil, err
	}
	var arns []string
	for i := range deployments {
		arns = append(arns, sdk.ToString(deployments[i].TargetServiceRevisionArn))
	}
	revisions, err := readRevisions(ctx, w, arns)
	if unsupported(err) {
		return s.guessedRollback(want.definition), nil
	}
	if err != nil {
		return nil, err
	}
	wanted, image := map[string]bool{}, ""
	for arn, r := range revisions {
		if sdk.ToString(r.TaskDefinition) == sdk.ToString(s.TaskDefinition) {
			image = imageOf(r)
		}
		wanted[arn] = want.tried(remembered(r), sdk.ToString(s.TaskDefinition))
	}
	for i := range deployments {
		d := &deployments[i]
		if !wanted[sdk.ToString(d.TargetServiceRevisionArn)] {
			continue
		}
		// A deployment also stops when another takes its place: that is no verdict on it.
		if takenBack(d.Status) || (i == 0 && d.Status == ecstypes.ServiceDeploymentStatusStopped) {
			return &rollback{
				Why: cmp.Or(sdk.ToString(d.StatusReason), "ECS rolled the deployment back"), ARN: sdk.ToString(d.ServiceDeploymentArn),
				Revision: want.definition, Image: image, Started: sdk.ToTime(d.CreatedAt),
			}, nil
		}
		break
	}
	return nil, nil
}

// guessedRollback is rolledBack where there are no service deployments to ask: it tells by the task
// definition alone.
func (s service) guessedRollback(want string) *rollback {
	if sdk.ToString(s.TaskDefinition) == want {
		return nil
	}
	if why := s.seemsRolledBack(want); why != "" {
		return &rollback{Why: why + " (judged by what the service says, since ecs:ListServiceDeployments isn't to be had here)", Revision: want}
	}
	return nil
}

// seemsRolledBack judges by the service alone, where there are no service deployments to ask: what
// was deployed last isn't there any more, and ECS speaks of rolling back.
func (s service) seemsRolledBack(want string) string {
	if s.Attempted != want {
		return ""
	}
	for i := range s.Deployments {
		if why := sdk.ToString(s.Deployments[i].RolloutStateReason); strings.Contains(why, "rolling back") {
			return why
		}
	}
	for _, e := range s.Events {
		if why := sdk.ToString(e.Message); strings.Contains(why, "rolling back") {
			return why
		}
	}
	return ""
}
