package aws

import (
	"context"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// MissingAlarms are those of some names, 100 at most, of which there is no alarm of any type in the account and region.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
func MissingAlarms(ctx context.Context, c CloudWatch, names []string) ([]string, error) {
	missing := slices.Clone(names)
	found := func(name *string) {
		missing = slices.DeleteFunc(missing, func(n string) bool { return n == sdk.ToString(name) })
	}
	pages := cloudwatch.NewDescribeAlarmsPaginator(c, &cloudwatch.DescribeAlarmsInput{
		AlarmNames: names, AlarmTypes: types.AlarmType("").Values(), MaxRecords: sdk.Int32(100),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for i := range page.MetricAlarms {
			found(page.MetricAlarms[i].AlarmName)
		}
		for i := range page.CompositeAlarms {
			found(page.CompositeAlarms[i].AlarmName)
		}
		for i := range page.LogAlarms {
			found(page.LogAlarms[i].AlarmName)
		}
	}
	return missing, nil
}
