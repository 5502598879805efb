package logs

import "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"

// Requests per second of the two group calls,
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
const groupRate = 10

// Mux returns the actions of CloudWatch Logs,
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Operations.html
func (s *Service) Mux() *core.Mux {
	m := &core.Mux{Service: "logs", Protocol: core.JSON11, Namespace: "Logs_20140328", LowerCamel: true,
		Throttled: core.Error{Code: "ThrottlingException", Message: "Rate exceeded"},
		Bucket: func(action string) (string, float64, float64) {
			switch action {
			case "CreateLogGroup", "DescribeLogGroups":
				return action, groupRate, groupRate
			}
			return "", 0, 0
		}}
	core.Handle(m, "CreateLogGroup", s.createLogGroup)
	core.Handle(m, "DeleteLogGroup", s.deleteLogGroup)
	core.Handle(m, "DescribeLogGroups", s.describeLogGroups)
	core.Handle(m, "PutRetentionPolicy", s.putRetentionPolicy)
	core.Handle(m, "DeleteRetentionPolicy", s.deleteRetentionPolicy)
	core.Handle(m, "PutLogGroupDeletionProtection", s.putDeletionProtection)
	core.Handle(m, "TagResource", s.tagResource)
	core.Handle(m, "UntagResource", s.untagResource)
	core.Handle(m, "ListTagsForResource", s.listTagsForResource)
	core.Handle(m, "ListTagsLogGroup", s.listTagsLogGroup)
	core.Handle(m, "CreateLogStream", s.createLogStream)
	core.Handle(m, "DeleteLogStream", s.deleteLogStream)
	core.Handle(m, "DescribeLogStreams", s.describeLogStreams)
	core.Handle(m, "PutLogEvents", s.putLogEvents)
	core.Handle(m, "GetLogEvents", s.getLogEvents)
	core.Handle(m, "FilterLogEvents", s.filterLogEvents)
	return m
}
