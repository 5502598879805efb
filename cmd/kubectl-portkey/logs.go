package main

import (
	"context"
	"errors"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/plugin"
)

// logReader reads Amazon CloudWatch Logs with the AWS credentials of whoever calls.
type logReader struct{}

// logPages is how many pages are read of a log group. AWS may answer pages without a line while it searches on.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
const logPages = 5

// Search implements plugin.LogReader.
func (logReader) Search(ctx context.Context, region, group string, since time.Time, terms []string) (lines []plugin.LogLine, complete bool, err error) {
	cfg, err := aws.Load(ctx)
	if err != nil {
		return nil, false, err
	}
	cfg.Region = region
	in := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group, StartTime: sdk.Int64(since.UnixMilli()), FilterPattern: sdk.String(anyOf(terms))}
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(cloudwatchlogs.NewFromConfig(cfg), in)
	for range logPages {
		if !pages.HasMorePages() {
			break
		}
		out, err := pages.NextPage(ctx)
		if err != nil {
			return nil, false, why(err)
		}
		for i := range out.Events {
			e := &out.Events[i]
			lines = append(lines, plugin.LogLine{At: time.UnixMilli(sdk.ToInt64(e.Timestamp)), Text: sdk.ToString(e.Message)})
		}
	}
	return lines, !pages.HasMorePages(), nil
}

// anyOf is a pattern of lines that have one of some terms.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
func anyOf(terms []string) string {
	out := make([]string, len(terms))
	for i, t := range terms {
		out[i] = `?"` + t + `"`
	}
	return strings.Join(out, " ")
}

// why is what AWS says, without what differs each time.
func why(err error) error {
	if m := aws.Classify(err).Message; m != "" {
		return errors.New(m)
	}
	return err
}
