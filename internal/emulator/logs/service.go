// Package logs emulates Amazon CloudWatch Logs: groups, streams and plain reads of events.
package logs

import (
	"maps"
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Service is CloudWatch Logs of every account and region.
type Service struct {
	w      *core.World
	scopes map[core.Scope]map[string]*group
}

type group struct {
	name      string
	class     string
	created   time.Time
	retention int32 // 0: never expire
	protected bool
	tags      map[string]string
	streams   map[string]*stream
}

type stream struct {
	name    string
	created time.Time
	events  []event // in the order of their timestamps
	last    time.Time
}

// event times are in milliseconds since the epoch, as in the API.
type event struct {
	at, ingested int64
	message      string
}

// New returns CloudWatch Logs of a world.
func New(w *core.World) *Service {
	s := &Service{w: w}
	reset := func() { s.scopes = map[core.Scope]map[string]*group{} }
	reset()
	w.OnReset(reset)
	w.AddInventory(s.inventory)
	w.AddTagger("logs", func(scope core.Scope) map[string]map[string]string {
		out := map[string]map[string]string{}
		for _, g := range s.scopes[scope] {
			out[groupARN(scope, g.name)] = maps.Clone(g.tags)
		}
		return out
	})
	return s
}

// GroupExists reports whether a log group exists: the awslogs driver doesn't make one by itself.
func (s *Service) GroupExists(scope core.Scope, name string) bool {
	return s.scopes[scope][name] != nil
}

// Write appends a message, as a container's log driver does; it makes the stream, not the group.
// It reports whether the group exists.
func (s *Service) Write(scope core.Scope, groupName, streamName, message string) bool {
	g := s.scopes[scope][groupName]
	if g == nil {
		return false
	}
	now := s.w.Clock.Now()
	st := g.streams[streamName]
	if st == nil {
		st = &stream{name: streamName, created: now}
		g.streams[streamName] = st
	}
	st.add(event{now.UnixMilli(), now.UnixMilli(), message})
	st.last = now
	return true
}

func (st *stream) add(e event) {
	i, _ := slices.BinarySearchFunc(st.events, e, func(a, b event) int {
		if a.at <= b.at {
			return -1
		}
		return 1
	})
	st.events = slices.Insert(st.events, i, e)
}

func groupARN(scope core.Scope, name string) string { return scope.ARN("logs", "log-group:"+name) }

func (s *Service) inventory(bool) []core.Resource {
	var out []core.Resource
	for scope, groups := range s.scopes {
		for _, g := range groups {
			out = append(out, core.Resource{Service: "logs", Kind: "LogGroup", ID: g.name, Name: g.name, ARN: groupARN(scope, g.name),
				Account: scope.Account, Region: scope.Region, Tags: maps.Clone(g.tags), State: "active", Taggable: true,
				Settings: map[string]any{"retentionInDays": g.retention, "logGroupClass": g.class, "deletionProtectionEnabled": g.protected}})
			for _, st := range g.streams {
				out = append(out, core.Resource{Service: "logs", Kind: "LogStream", ID: g.name + ":" + st.name, Name: st.name,
					ARN: groupARN(scope, g.name) + ":log-stream:" + st.name, Account: scope.Account, Region: scope.Region, State: "active"})
			}
		}
	}
	return out
}

func notFound(what string) error {
	return core.Errorf("ResourceNotFoundException", "The specified %s does not exist.", what)
}

func invalid(format string, args ...any) error {
	return core.Errorf("InvalidParameterException", format, args...)
}

func (s *Service) group(scope core.Scope, name string) (*group, error) {
	if err := checkGroupName(name); err != nil {
		return nil, err
	}
	if g := s.scopes[scope][name]; g != nil {
		return g, nil
	}
	return nil, notFound("log group")
}
