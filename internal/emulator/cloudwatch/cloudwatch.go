// Package cloudwatch describes the alarms that the emulator's other services know of. It makes none, and has no
// metrics: in which state an alarm is, people say (POST /_emulator/alarms), or the service whose alarm it is.
package cloudwatch

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Service is Amazon CloudWatch's alarms of every account and region.
type Service struct {
	w *core.World
	// given are the states of the alarms that people made, by name.
	given func(core.Scope) map[string]string
}

// New returns the alarms of a world; given are those that people made.
func New(w *core.World, given func(core.Scope) map[string]string) *Service {
	return &Service{w: w, given: given}
}

// Mux returns the actions, in the protocol that SDKs speak now.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Operations.html
// The rate of DescribeAlarms, 9 in a second, is
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
func (s *Service) Mux() *core.Mux {
	m := &core.Mux{Service: "monitoring", LogName: "cloudwatch", Protocol: core.CBOR, Namespace: "GraniteServiceVersion20100801",
		Throttled: core.Error{Code: "ThrottlingException", Message: "Rate exceeded"},
		Bucket:    func(action string) (string, float64, float64) { return action, 9, 9 }}
	core.Handle(m, "DescribeAlarms", s.describeAlarms)
	return m
}

// Bounds of https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
const (
	maxNames, maxPage = 100, 100
	defaultPage       = 50
)

// describeAlarms tells metric alarms, of which alone there are any: those of other types are in lists of their own.
// A name without an alarm is no error.
func (s *Service) describeAlarms(q *core.Request, in *api.DescribeAlarmsInput) (*api.DescribeAlarmsOutput, error) {
	if err := core.Only(in, "AlarmNames", "AlarmNamePrefix", "AlarmTypes", "MaxRecords", "NextToken", "StateValue"); err != nil {
		return nil, err
	}
	limit := int(cmp.Or(aws.ToInt32(in.MaxRecords), defaultPage))
	prefix := aws.ToString(in.AlarmNamePrefix)
	switch {
	case limit < 1 || limit > maxPage:
		return nil, invalid("MaxRecords must be between 1 and %d", maxPage)
	case len(in.AlarmNames) > maxNames:
		return nil, invalid("AlarmNames must have at most %d members", maxNames)
	case prefix != "" && len(in.AlarmNames) > 0:
		return nil, invalid("AlarmNamePrefix and AlarmNames can't be used together")
	}
	out := &api.DescribeAlarmsOutput{MetricAlarms: []types.MetricAlarm{}, CompositeAlarms: []types.CompositeAlarm{}}
	if len(in.AlarmTypes) > 0 && !slices.Contains(in.AlarmTypes, types.AlarmTypeMetricAlarm) {
		return out, nil
	}
	var list []types.MetricAlarm
	for name, state := range s.given(q.Scope) {
		if (len(in.AlarmNames) == 0 || slices.Contains(in.AlarmNames, name)) && strings.HasPrefix(name, prefix) && (in.StateValue == "" || string(in.StateValue) == state) {
			list = append(list, types.MetricAlarm{AlarmName: &name, AlarmArn: aws.String(q.ARN("cloudwatch", "alarm:"+name)), StateValue: types.StateValue(state)})
		}
	}
	slices.SortFunc(list, func(a, b types.MetricAlarm) int { return cmp.Compare(*a.AlarmName, *b.AlarmName) })
	list, next, ok := core.Page(s.w, list, func(a types.MetricAlarm) string { return *a.AlarmName }, aws.ToString(in.NextToken), limit, maxPage)
	if !ok {
		return nil, core.Errorf("InvalidNextToken", "The next token specified is invalid.")
	}
	out.MetricAlarms = append(out.MetricAlarms, list...)
	if next != "" {
		out.NextToken = &next
	}
	return out, nil
}

func invalid(format string, args ...any) error {
	return core.Errorf("ValidationError", format, args...)
}
