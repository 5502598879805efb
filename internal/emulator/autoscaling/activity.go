package autoscaling

import (
	"fmt"
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// activity is a scaling activity:
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Activity.html
type activity struct {
	ActivityId, AutoScalingGroupName, AutoScalingGroupARN string
	Description, Cause                                    string
	StartTime                                             time.Time
	EndTime                                               *time.Time `xml:",omitempty"`
	StatusCode                                            string
	StatusMessage                                         string `xml:",omitempty"`
	Progress                                              int
	Details                                               string
}

// maxActivities is how many a group remembers; AWS keeps six weeks.
const maxActivities = 500

const timeFormat = "2006-01-02T15:04:05Z"

// because sets why the group's next activities happen.
func (g *group) because(now time.Time, format string, args ...any) {
	g.cause = fmt.Sprintf("At %s %s.  ", now.UTC().Format(timeFormat), fmt.Sprintf(format, args...))
}

// begin writes a new activity.
func (s *Service) begin(g *group, description, cause string) *activity {
	now := s.world.Clock.Now()
	a := &activity{ActivityId: s.world.UUID(), AutoScalingGroupName: g.Name, AutoScalingGroupARN: g.ARN, Description: description,
		Cause: cause, StartTime: now, StatusCode: "InProgress", Progress: 50}
	if len(g.activities) == maxActivities {
		g.activities = slices.Delete(g.activities, 0, 1)
	}
	g.activities = append(g.activities, a)
	return a
}

// end finishes an activity that hasn't ended.
func (s *Service) end(a *activity, code, message string) {
	if a == nil || a.EndTime != nil {
		return
	}
	now := s.world.Clock.Now()
	a.EndTime, a.StatusCode, a.StatusMessage, a.Progress = &now, code, message, 100
}

func (g *group) busy() bool {
	return slices.ContainsFunc(g.activities, func(a *activity) bool { return a.EndTime == nil })
}

type describeActivitiesIn struct {
	AutoScalingGroupName string
	ActivityIds          []string
	MaxRecords           int
	NextToken            string
}

type describeActivitiesOut struct {
	Activities []*activity `xml:"Activities>member"`
	NextToken  string      `xml:",omitempty"`
}

// describeActivities lists the newest first.
func (s *Service) describeActivities(r *core.Request, in *describeActivitiesIn) (*describeActivitiesOut, error) {
	if in.AutoScalingGroupName != "" {
		if _, err := s.named(r.Scope, in.AutoScalingGroupName); err != nil {
			return nil, err
		}
	}
	var all []*activity
	for _, g := range s.region(r.Scope).groups {
		if in.AutoScalingGroupName != "" && g.Name != in.AutoScalingGroupName {
			continue
		}
		for _, a := range slices.Backward(g.activities) {
			if len(in.ActivityIds) == 0 || slices.Contains(in.ActivityIds, a.ActivityId) {
				all = append(all, a)
			}
		}
	}
	page, next, err := paginate(r, all, func(a *activity) string { return a.ActivityId }, in.NextToken, in.MaxRecords, 100, 100)
	return &describeActivitiesOut{page, next}, err
}

func paginate[T any](r *core.Request, items []T, key func(T) string, token string, size, deflt, most int) ([]T, string, error) {
	if size < 0 || size > most {
		return nil, "", invalid("The value of MaxRecords is not valid. The value must be between 1 and %d.", most)
	}
	page, next, ok := core.Page(r.World, items, key, token, size, deflt)
	if !ok {
		return nil, "", core.Errorf("InvalidNextToken", "The token '%s' is invalid.", token)
	}
	return page, next, nil
}
