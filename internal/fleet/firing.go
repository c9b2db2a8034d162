package fleet

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/lifecycle"
)

// firing says when a schedule fires whose timing nobody has noted, as String says it of one that is: Temporal keeps a cron
// expression as a calendar, which is written as one again. Empty for one that never fires.
func firing(s *client.ScheduleSpec) string {
	if s == nil {
		return ""
	}
	var times []string
	for _, cron := range s.CronExpressions {
		times = append(times, "cron "+cron)
	}
	for _, calendar := range s.Calendars {
		times = append(times, "cron "+cronOf(calendar))
	}
	for _, interval := range s.Intervals {
		text := "every " + lifecycle.Duration(interval.Every).String()
		if interval.Offset > 0 {
			text += " from " + lifecycle.Duration(interval.Offset).String() + " on"
		}
		times = append(times, text)
	}
	if len(times) == 0 {
		return ""
	}
	text := strings.Join(times, " and ")
	if s.TimeZoneName != "" && s.TimeZoneName != "UTC" {
		text += " in " + s.TimeZoneName
	}
	if s.Jitter > 0 {
		text += ", up to " + lifecycle.Duration(s.Jitter).String() + " later"
	}
	if !s.StartAt.IsZero() {
		text += ", not before " + s.StartAt.UTC().Format(time.RFC3339)
	}
	if !s.EndAt.IsZero() {
		text += ", until " + s.EndAt.UTC().Format(time.RFC3339)
	}
	if len(s.Skip) > 0 {
		text += ", with exceptions"
	}
	return text
}

// cronOf is a calendar as a cron expression of five fields, and what such a one cannot say after it.
func cronOf(c client.ScheduleCalendarSpec) string {
	text := strings.Join([]string{
		cronField(c.Minute, 0, 59), cronField(c.Hour, 0, 23), cronField(c.DayOfMonth, 1, 31), cronField(c.Month, 1, 12), cronField(c.DayOfWeek, 0, 6),
	}, " ")
	if second := cronField(c.Second, 0, 59); second != "0" {
		text += " at second " + second
	}
	if len(c.Year) > 0 {
		text += " in the year " + cronField(c.Year, 0, 0)
	}
	return text
}

func cronField(ranges []client.ScheduleRange, first, last int) string {
	var parts []string
	for _, r := range ranges {
		end, step := max(r.End, r.Start), max(r.Step, 1)
		part := fmt.Sprintf("%d-%d", r.Start, end)
		switch {
		case r.Start == first && end == last:
			part = "*"
		case r.Start == end:
			part = fmt.Sprint(r.Start)
		}
		if step > 1 && r.Start != end {
			part += fmt.Sprintf("/%d", step)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ",")
}
