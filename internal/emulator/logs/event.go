package logs

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// sequence stands for the sequence tokens, which AWS ignores since 2023.
const sequence = "49039859637021420130987246173823472734571823"

// maxEvents is the largest page of events and the largest batch.
const maxEvents = 10000

type inputEvent struct {
	Timestamp int64
	Message   string
}

type putEventsIn struct {
	LogGroupName, LogStreamName, SequenceToken string
	LogEvents                                  []inputEvent
}

type putEventsOut struct {
	NextSequenceToken string `json:"nextSequenceToken"`
}

func (s *Service) putLogEvents(q *core.Request, in *putEventsIn) (*putEventsOut, error) {
	_, st, err := s.stream(q.Scope, in.LogGroupName, in.LogStreamName)
	if err != nil {
		return nil, err
	}
	if len(in.LogEvents) < 1 || len(in.LogEvents) > maxEvents {
		return nil, invalid("The batch of events must have between 1 and %d events.", maxEvents)
	}
	if !slices.IsSortedFunc(in.LogEvents, func(a, b inputEvent) int { return cmp.Compare(a.Timestamp, b.Timestamp) }) {
		return nil, invalid("Log events in a single PutLogEvents request must be in chronological order.")
	}
	for _, e := range in.LogEvents {
		st.add(event{e.Timestamp, q.Now().UnixMilli(), e.Message})
	}
	st.last = q.Now()
	return &putEventsOut{sequence}, nil
}

type getEventsIn struct {
	LogGroupName, LogGroupIdentifier, LogStreamName string
	StartTime, EndTime                              *int64
	StartFromHead                                   bool
	Limit                                           *int
	NextToken                                       string
}

type outputEvent struct {
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
}

type getEventsOut struct {
	Events            []outputEvent `json:"events"`
	NextForwardToken  string        `json:"nextForwardToken"`
	NextBackwardToken string        `json:"nextBackwardToken"`
}

// getLogEvents pages in both directions; at the end a token comes back as it was given,
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
func (s *Service) getLogEvents(q *core.Request, in *getEventsIn) (*getEventsOut, error) {
	g, err := s.named(q.Scope, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	st := g.streams[in.LogStreamName]
	if st == nil {
		return nil, notFound("log stream")
	}
	limit, err := limitOf(in.Limit, maxEvents)
	if err != nil {
		return nil, err
	}
	if p := s.w.Settings.PageSize; p > 0 {
		limit = min(limit, p)
	}
	events := between(st.events, in.StartTime, in.EndTime)
	from, to := 0, min(limit, len(events))
	if !in.StartFromHead {
		from, to = max(0, len(events)-limit), len(events)
	}
	if in.NextToken != "" {
		direction, n, _ := strings.Cut(in.NextToken, "/")
		at, err := strconv.Atoi(n)
		if err != nil || at < 0 || at > len(events) {
			return nil, invalid("The specified nextToken is invalid.")
		}
		switch direction {
		case "f":
			from, to = at, min(at+limit, len(events))
		case "b":
			from, to = max(0, at-limit), at
		default:
			return nil, invalid("The specified nextToken is invalid.")
		}
	}
	out := &getEventsOut{Events: []outputEvent{}, NextForwardToken: "f/" + strconv.Itoa(to), NextBackwardToken: "b/" + strconv.Itoa(from)}
	for _, e := range events[from:to] {
		out.Events = append(out.Events, outputEvent{e.at, e.message, e.ingested})
	}
	return out, nil
}

func between(events []event, from, to *int64) []event {
	var out []event
	for _, e := range events {
		if (from == nil || e.at >= *from) && (to == nil || e.at < *to) {
			out = append(out, e)
		}
	}
	return out
}

type filterEventsIn struct {
	LogGroupName, LogGroupIdentifier string
	LogStreamNames                   []string
	LogStreamNamePrefix              string
	StartTime, EndTime               *int64
	FilterPattern                    string
	Limit                            *int
	NextToken                        string
	// Interleaved is taken and ignored: "the value is assumed to be true". The AWS CLI's logs tail
	// sends it.
	Interleaved *bool
}

type filteredEvent struct {
	EventID       string `json:"eventId"`
	LogStreamName string `json:"logStreamName"`
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
}

type filterEventsOut struct {
	Events             []filteredEvent `json:"events"`
	SearchedLogStreams []struct{}      `json:"searchedLogStreams"`
	NextToken          string          `json:"nextToken,omitempty"`
}

// filterLogEvents answers the oldest events first.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
func (s *Service) filterLogEvents(q *core.Request, in *filterEventsIn) (*filterEventsOut, error) {
	g, err := s.named(q.Scope, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	limit, err := limitOf(in.Limit, maxEvents)
	if err != nil {
		return nil, err
	}
	if len(in.LogStreamNames) > 0 && in.LogStreamNamePrefix != "" {
		return nil, invalid("logStreamNames and logStreamNamePrefix can't be used together.")
	}
	pattern, err := parsePattern(in.FilterPattern)
	if err != nil {
		return nil, err
	}
	var list []filteredEvent
	for _, name := range slices.Sorted(maps.Keys(g.streams)) {
		if (len(in.LogStreamNames) > 0 && !slices.Contains(in.LogStreamNames, name)) || !strings.HasPrefix(name, in.LogStreamNamePrefix) {
			continue
		}
		for i, e := range between(g.streams[name].events, in.StartTime, in.EndTime) {
			if pattern.matches(e.message) {
				list = append(list, filteredEvent{name + "/" + strconv.Itoa(i), name, e.at, e.message, e.ingested})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b filteredEvent) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
	list, next, ok := core.Page(s.w, list, func(e filteredEvent) string { return e.EventID }, in.NextToken, limit, maxEvents)
	if !ok {
		return nil, invalid("The specified nextToken is invalid.")
	}
	return &filterEventsOut{append([]filteredEvent{}, list...), []struct{}{}, next}, nil
}
