package elasticache

import (
	"fmt"
	"strings"
	"time"
)

var weekdays = map[string]time.Weekday{"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday}

// windowStart is when a maintenance window begins, as time from the beginning of Sunday.
func windowStart(window string) (time.Duration, error) {
	start, end, ok := strings.Cut(strings.ToLower(window), "-")
	from, err := moment(start)
	if err != nil || !ok {
		return 0, invalidValue("Invalid maintenance window %s: ddd:hh24:mi-ddd:hh24:mi is expected.", window)
	}
	to, err := moment(end)
	if err != nil {
		return 0, invalidValue("Invalid maintenance window %s: ddd:hh24:mi-ddd:hh24:mi is expected.", window)
	}
	const week = 7 * 24 * time.Hour
	if (to-from+week)%week < time.Hour {
		return 0, invalidValue("The maintenance window must be at least 60 minutes.")
	}
	return from, nil
}

func moment(s string) (time.Duration, error) {
	day, clock, _ := strings.Cut(s, ":")
	d, known := weekdays[day]
	var h, m int
	if _, err := fmt.Sscanf(clock, "%d:%d", &h, &m); err != nil || !known || h < 0 || h > 23 || m < 0 || m > 59 {
		return 0, fmt.Errorf("not a moment of a week")
	}
	return time.Duration(d)*24*time.Hour + time.Duration(h)*time.Hour + time.Duration(m)*time.Minute, nil
}

// untilWindow is how long it is until the next maintenance window of a group.
func (r *replicationGroup) untilWindow(now time.Time) time.Duration {
	start, err := windowStart(r.maintenance)
	if err != nil {
		return 0
	}
	now = now.UTC()
	at := time.Duration(now.Weekday())*24*time.Hour + now.Sub(now.Truncate(24*time.Hour))
	const week = 7 * 24 * time.Hour
	return (start - at + week) % week
}
