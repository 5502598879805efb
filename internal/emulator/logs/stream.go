package logs

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

var streamPattern = regexp.MustCompile(`^[^:*]{1,512}$`)

type streamIn struct{ LogGroupName, LogStreamName string }

func (s *Service) createLogStream(q *core.Request, in *streamIn) (*core.Empty, error) {
	g, err := s.group(q.Scope, in.LogGroupName)
	if err != nil {
		return nil, err
	}
	if !streamPattern.MatchString(in.LogStreamName) {
		return nil, invalid("1 validation error detected: Value '%s' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*", in.LogStreamName)
	}
	if g.streams[in.LogStreamName] != nil {
		return nil, core.Errorf("ResourceAlreadyExistsException", "The specified log stream already exists")
	}
	g.streams[in.LogStreamName] = &stream{name: in.LogStreamName, created: q.Now()}
	return nil, nil
}

func (s *Service) deleteLogStream(q *core.Request, in *streamIn) (*core.Empty, error) {
	g, st, err := s.stream(q.Scope, in.LogGroupName, in.LogStreamName)
	if err == nil {
		delete(g.streams, st.name)
	}
	return nil, err
}

func (s *Service) stream(scope core.Scope, groupName, name string) (*group, *stream, error) {
	g, err := s.group(scope, groupName)
	if err != nil {
		return nil, nil, err
	}
	if st := g.streams[name]; st != nil {
		return g, st, nil
	}
	return nil, nil, notFound("log stream")
}

// named resolves a group given by name or by identifier (name or ARN).
func (s *Service) named(scope core.Scope, name, identifier string) (*group, error) {
	if (name == "") == (identifier == "") {
		return nil, invalid("Exactly one of logGroupName and logGroupIdentifier must be given.")
	}
	if identifier != "" {
		name = strings.TrimSuffix(strings.TrimPrefix(identifier, groupARN(scope, "")), ":*")
	}
	return s.group(scope, name)
}

type describeStreamsIn struct {
	LogGroupName        string
	LogGroupIdentifier  string
	LogStreamNamePrefix string
	OrderBy             string
	Descending          bool
	Limit               *int
	NextToken           string
}

type streamView struct {
	LogStreamName       string `json:"logStreamName"`
	Arn                 string `json:"arn"`
	CreationTime        int64  `json:"creationTime"`
	FirstEventTimestamp *int64 `json:"firstEventTimestamp"`
	LastEventTimestamp  *int64 `json:"lastEventTimestamp"`
	LastIngestionTime   *int64 `json:"lastIngestionTime"`
	StoredBytes         int64  `json:"storedBytes"`
	UploadSequenceToken string `json:"uploadSequenceToken"`
}

type describeStreamsOut struct {
	LogStreams []streamView `json:"logStreams"`
	NextToken  string       `json:"nextToken,omitempty"`
}

func (s *Service) describeLogStreams(q *core.Request, in *describeStreamsIn) (*describeStreamsOut, error) {
	g, err := s.named(q.Scope, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	limit, err := limitOf(in.Limit, maxDescribe)
	if err != nil {
		return nil, err
	}
	byTime := in.OrderBy == "LastEventTime"
	switch {
	case in.OrderBy != "" && in.OrderBy != "LogStreamName" && !byTime:
		return nil, invalid("1 validation error detected: Value '%s' at 'orderBy' failed to satisfy constraint: Member must satisfy enum value set: [LogStreamName, LastEventTime]", in.OrderBy)
	case byTime && in.LogStreamNamePrefix != "":
		return nil, invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	var list []*stream
	for _, name := range slices.Sorted(maps.Keys(g.streams)) {
		if strings.HasPrefix(name, in.LogStreamNamePrefix) {
			list = append(list, g.streams[name])
		}
	}
	if byTime {
		slices.SortStableFunc(list, func(a, b *stream) int { return cmp.Compare(a.last.UnixMilli(), b.last.UnixMilli()) })
	}
	if in.Descending {
		slices.Reverse(list)
	}
	list, next, ok := core.Page(s.w, list, func(st *stream) string { return st.name }, in.NextToken, limit, maxDescribe)
	if !ok {
		return nil, invalid("The specified nextToken is invalid.")
	}
	out := &describeStreamsOut{LogStreams: []streamView{}, NextToken: next}
	for _, st := range list {
		v := streamView{LogStreamName: st.name, Arn: groupARN(q.Scope, g.name) + ":log-stream:" + st.name, CreationTime: st.created.UnixMilli(),
			UploadSequenceToken: sequence}
		if n := len(st.events); n > 0 {
			last := st.last.UnixMilli()
			v.FirstEventTimestamp, v.LastEventTimestamp, v.LastIngestionTime = &st.events[0].at, &st.events[n-1].at, &last
		}
		out.LogStreams = append(out.LogStreams, v)
	}
	return out, nil
}
