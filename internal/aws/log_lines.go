package aws

import (
	"context"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// LogPages is how many pages FindLogLines reads. AWS may answer pages without a line while it searches on.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
const LogPages = 5

// LogLine is a line of a log.
type LogLine struct {
	At   time.Time
	Text string
}

// FindLogLines reads the lines of a log group since a moment that have one of some terms; complete says that there are no
// more. It is kubectl portkey's, with the credentials of whoever calls: the operator reads no logs.
func FindLogLines(ctx context.Context, cfg sdk.Config, group string, since time.Time, terms []string) (lines []LogLine, complete bool, err error) {
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(cloudwatchlogs.NewFromConfig(cfg), &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: &group, StartTime: sdk.Int64(since.UnixMilli()), FilterPattern: sdk.String(withAny(terms)),
	})
	for range LogPages {
		if !pages.HasMorePages() {
			break
		}
		out, err := pages.NextPage(ctx)
		if err != nil {
			return nil, false, err
		}
		for i := range out.Events {
			e := &out.Events[i]
			lines = append(lines, LogLine{At: time.UnixMilli(sdk.ToInt64(e.Timestamp)), Text: sdk.ToString(e.Message)})
		}
	}
	return lines, !pages.HasMorePages(), nil
}

// withAny is a pattern of lines that have one of some terms.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
func withAny(terms []string) string {
	out := make([]string, len(terms))
	for i, t := range terms {
		out[i] = `?"` + t + `"`
	}
	return strings.Join(out, " ")
}
