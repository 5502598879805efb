package secretsmanager

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// rotationRules is when a secret is rotated. Expressions with cron() aren't emulated.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
type rotationRules struct {
	AutomaticallyAfterDays *int64 `json:",omitempty"`
	Duration               string `json:",omitempty"`
	ScheduleExpression     string `json:",omitempty"`
}

const (
	day = 24 * time.Hour
	// maxDays bounds AutomaticallyAfterDays, https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html
	maxDays = 1000
	// minRate: "You can rotate a secret as often as every four hours."
	minRate = 4 * time.Hour
)

var (
	ratePattern   = regexp.MustCompile(`^rate\(([0-9]{1,3}) (hour|day)s?\)$`)
	windowPattern = regexp.MustCompile(`^([0-9]{1,2})h$`)
)

func (r *rotationRules) check() error {
	if r == nil {
		return nil
	}
	days := r.AutomaticallyAfterDays
	switch {
	case days != nil && r.ScheduleExpression != "":
		return invalidParameter("You can't specify both AutomaticallyAfterDays and ScheduleExpression.")
	case days == nil && r.ScheduleExpression == "":
		return invalidParameter("You must specify AutomaticallyAfterDays or ScheduleExpression.")
	case days != nil && (*days < 1 || *days > maxDays):
		return invalidParameter("AutomaticallyAfterDays must be between 1 and %d.", maxDays)
	case strings.HasPrefix(r.ScheduleExpression, "cron("):
		return invalidParameter("The emulator does not support cron() in ScheduleExpression.")
	case days == nil && r.interval() == 0:
		return invalidParameter("Invalid ScheduleExpression %s.", r.ScheduleExpression)
	case r.interval() < minRate:
		return invalidParameter("A secret can be rotated every four hours at most.")
	}
	if r.Duration == "" {
		return nil
	}
	// "The window must not extend into the next rotation window or the next UTC day."
	if d := r.duration(); d < time.Hour || d > day || d > r.interval() {
		return invalidParameter("Invalid Duration %s.", r.Duration)
	}
	return nil
}

// interval is the time between two rotations.
func (r *rotationRules) interval() time.Duration {
	if r.AutomaticallyAfterDays != nil {
		return time.Duration(*r.AutomaticallyAfterDays) * day
	}
	parts := ratePattern.FindStringSubmatch(r.ScheduleExpression)
	if parts == nil {
		return 0
	}
	n, _ := strconv.Atoi(parts[1])
	if parts[2] == "hour" {
		return time.Duration(n) * time.Hour
	}
	return time.Duration(n) * day
}

// duration is how long a window is open: "for a ScheduleExpression in hours, the window automatically closes after one
// hour. For a ScheduleExpression in days, the window automatically closes at the end of the UTC day."
func (r *rotationRules) duration() time.Duration {
	if parts := windowPattern.FindStringSubmatch(r.Duration); parts != nil {
		n, _ := strconv.Atoi(parts[1])
		return time.Duration(n) * time.Hour
	}
	if r.Duration != "" {
		return 0
	}
	if strings.Contains(r.ScheduleExpression, "hour") {
		return time.Hour
	}
	return day
}

// window is when the next rotation may be, after one or the change of a schedule. "Secrets Manager rotates your secret at
// any time during this window": here at its beginning. "If you use a rate() expression, the rotation window starts at
// midnight", and in hours from there.
func (r *rotationRules) window(after time.Time) (begin, end time.Time) {
	midnight := after.UTC().Truncate(day)
	begin = midnight.Add(r.interval())
	if strings.Contains(r.ScheduleExpression, "hour") {
		for begin = midnight; !begin.After(after); {
			begin = begin.Add(r.interval())
		}
	}
	return begin, begin.Add(r.duration())
}
