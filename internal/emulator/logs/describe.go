package logs

import (
	"maps"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type describeGroupsIn struct {
	LogGroupNamePrefix  *string
	LogGroupNamePattern *string
	LogGroupIdentifiers []string
	LogGroupClass       string
	Limit               *int
	NextToken           string
}

type groupView struct {
	LogGroupName              string `json:"logGroupName"`
	CreationTime              int64  `json:"creationTime"`
	Arn                       string `json:"arn"`
	LogGroupArn               string `json:"logGroupArn,omitempty"`
	LogGroupClass             string `json:"logGroupClass,omitempty"`
	MetricFilterCount         *int   `json:"metricFilterCount"`
	RetentionInDays           *int32 `json:"retentionInDays"`
	StoredBytes               *int64 `json:"storedBytes"`
	DeletionProtectionEnabled *bool  `json:"deletionProtectionEnabled"`
}

type describeGroupsOut struct {
	LogGroups []groupView `json:"logGroups"`
	NextToken string      `json:"nextToken,omitempty"`
}

const maxDescribe = 50

func limitOf(limit *int, most int) (int, error) {
	if limit == nil {
		return most, nil
	}
	if *limit < 1 || *limit > most {
		return 0, invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value between 1 and %d", *limit, most)
	}
	return *limit, nil
}

// describeLogGroups lists in ASCII order. A pattern is a substring, and then only arn, creationTime
// and logGroupName come back,
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
func (s *Service) describeLogGroups(q *core.Request, in *describeGroupsIn) (*describeGroupsOut, error) {
	if in.LogGroupNamePrefix != nil && in.LogGroupNamePattern != nil {
		return nil, invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	if len(in.LogGroupIdentifiers) > 0 && (in.LogGroupNamePrefix != nil || in.LogGroupNamePattern != nil || in.LogGroupClass != "") {
		return nil, invalid("LogGroup identifiers can't be used with other filters.")
	}
	limit, err := limitOf(in.Limit, maxDescribe)
	if err != nil {
		return nil, err
	}
	groups := s.scopes[q.Scope]
	var list []*group
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		g := groups[name]
		switch {
		case in.LogGroupNamePrefix != nil && !strings.HasPrefix(name, *in.LogGroupNamePrefix),
			in.LogGroupNamePattern != nil && !strings.Contains(name, *in.LogGroupNamePattern),
			in.LogGroupClass != "" && g.class != in.LogGroupClass,
			len(in.LogGroupIdentifiers) > 0 && !slices.Contains(in.LogGroupIdentifiers, name) && !slices.Contains(in.LogGroupIdentifiers, groupARN(q.Scope, name)),
			!s.w.Visible(g.created):
			continue
		}
		list = append(list, g)
	}
	list, next, ok := core.Page(s.w, list, func(g *group) string { return g.name }, in.NextToken, limit, maxDescribe)
	if !ok {
		return nil, invalid("The specified nextToken is invalid.")
	}
	out := &describeGroupsOut{LogGroups: []groupView{}, NextToken: next}
	for _, g := range list {
		arn := groupARN(q.Scope, g.name)
		v := groupView{LogGroupName: g.name, CreationTime: g.created.UnixMilli(), Arn: arn + ":*"}
		if in.LogGroupNamePattern == nil {
			stored := int64(0)
			v.LogGroupArn, v.LogGroupClass, v.MetricFilterCount, v.StoredBytes, v.DeletionProtectionEnabled = arn, g.class, new(int), &stored, &g.protected
			if g.retention != 0 {
				v.RetentionInDays = &g.retention
			}
		}
		out.LogGroups = append(out.LogGroups, v)
	}
	return out, nil
}
