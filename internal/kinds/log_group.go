package kinds

import (
	"context"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// LogGroup is a CloudWatch Logs group; its name is its identity.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html
//
// Outputs: "name" and "arn" (without the ":*" that some policies want), at once.
type LogGroup struct{}

// LogGroupSpec is what a log group should be.
type LogGroupSpec struct {
	// RetentionDays is how long entries are kept; 0 leaves that to others.
	RetentionDays int `json:"retentionDays,omitempty"`
	// Prefix is what the names of the deployment's log groups begin with: all groups of one prefix
	// are read by one listing. Empty, the group is listed by its own name.
	Prefix string `json:"-"`
}

type logGroup struct {
	ARN, Name string
	Retention int
	Tags      map[string]string
	Created   time.Time
}

func (g logGroup) live(call graph.Call) graph.Live {
	return graph.Live{
		ID: g.Name, Phase: graph.Ready, Owner: proof(call, g.Name, g.Tags),
		Out: map[graph.Attr]string{"name": g.Name, "arn": g.ARN, "since": instant(g.Created)}, Raw: g,
	}
}

// Name implements graph.Kind.
func (LogGroup) Name() string { return "LogGroup" }

// Observe implements graph.Kind. A listing is enough: creation refuses a name that is taken.
func (LogGroup) Observe(ctx context.Context, call graph.Call, spec LogGroupSpec) (graph.Live, error) {
	w := world(call)
	name := nameOf(call)
	prefix := name
	if spec.Prefix != "" && strings.HasPrefix(name, spec.Prefix) && !call.Taken {
		prefix = spec.Prefix
	}
	groups, err := aws.Read(ctx, w.Reads, "logs/"+prefix, func(ctx context.Context) ([]logtypes.LogGroup, error) {
		return pages(ctx, cloudwatchlogs.NewDescribeLogGroupsPaginator(w.Logs, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &prefix}),
			func(p *cloudwatchlogs.DescribeLogGroupsOutput) []logtypes.LogGroup { return p.LogGroups })
	})
	if err != nil {
		return graph.Live{}, err
	}
	for i := range groups {
		if sdk.ToString(groups[i].LogGroupName) != name {
			continue
		}
		g := logGroup{ARN: logGroupARN(w, name), Name: name, Retention: int(sdk.ToInt32(groups[i].RetentionInDays)), Created: time.UnixMilli(sdk.ToInt64(groups[i].CreationTime))}
		if arn := sdk.ToString(groups[i].LogGroupArn); arn != "" {
			g.ARN = arn
		}
		if earlier, ok := seen[logGroup](call, g.Name); ok {
			g.Tags = earlier.Tags
		} else if g.Tags, err = tagsOf(ctx, call, g.ARN); err != nil {
			return graph.Live{}, err
		}
		return g.live(call), nil
	}
	return graph.Live{Phase: graph.Absent}, nil
}

// Diff implements graph.Kind.
func (LogGroup) Diff(call graph.Call, want LogGroupSpec, live graph.Live) []graph.Change {
	have := raw[logGroup](live)
	var d difference
	if want.RetentionDays != 0 {
		d.number("retentionDays", have.Retention, want.RetentionDays)
	}
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// Create implements graph.Kind.
func (LogGroup) Create(ctx context.Context, call graph.Call, spec LogGroupSpec) (graph.Live, error) {
	w := world(call)
	if _, err := w.Logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &call.Name, Tags: call.Tags}); err != nil {
		return graph.Live{}, err
	}
	for _, prefix := range []string{call.Name, spec.Prefix} {
		aws.Amend(w.Reads, "logs/"+prefix, func(all []logtypes.LogGroup) []logtypes.LogGroup {
			return append(slices.Clone(all), logtypes.LogGroup{LogGroupName: &call.Name, CreationTime: sdk.Int64(call.Now.UnixMilli())})
		})
	}
	g := logGroup{ARN: logGroupARN(w, call.Name), Name: call.Name, Tags: call.Tags, Created: call.Now}
	if spec.RetentionDays != 0 {
		if err := putRetention(ctx, w, call.Name, spec.RetentionDays); err != nil {
			live := g.live(call)
			live.Phase, live.Why = graph.Pending, "its retention isn't set"
			return live, err
		}
		g.Retention = spec.RetentionDays
	}
	return g.live(call), nil
}

// Update implements graph.Kind.
func (LogGroup) Update(ctx context.Context, call graph.Call, spec LogGroupSpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	w := world(call)
	have := raw[logGroup](live)
	w.Reads.Forget("logs/")
	if spec.RetentionDays != 0 && have.Retention != spec.RetentionDays {
		if err := putRetention(ctx, w, have.Name, spec.RetentionDays); err != nil {
			return live, err
		}
		have.Retention = spec.RetentionDays
	}
	if err := retagARN(ctx, call, have.ARN, have.Tags); err != nil {
		return live, err
	}
	have.Tags = retagged(call.Tags, have.Tags)
	return have.live(call), nil
}

// Delete implements graph.Kind.
func (LogGroup) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	w := world(call)
	_, err := w.Logs.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: sdk.String(raw[logGroup](live).Name)})
	return ignore(err, notFound) == nil, ignore(err, notFound)
}

func putRetention(ctx context.Context, w *aws.World, name string, days int) error {
	_, err := w.Logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &name, RetentionInDays: number(days)})
	return err
}

func logGroupARN(w *aws.World, name string) string {
	return w.ARN("logs", w.Region, w.Account, "log-group:"+name)
}
