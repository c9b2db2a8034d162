package fleet

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/robfig/cron"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/meant"
)

// timing says when a schedule fires.
type timing struct {
	Cron     string             `json:"cron,omitempty"`
	Every    lifecycle.Duration `json:"every,omitempty"`
	TimeZone string             `json:"timeZone,omitempty"`
	Jitter   lifecycle.Duration `json:"jitter,omitempty"`
}

// String is the timing as people read it.
func (t timing) String() string {
	text := "cron " + t.Cron
	if t.Cron == "" {
		text = "every " + t.Every.String()
	}
	if t.TimeZone != "" {
		text += " in " + t.TimeZone
	}
	if t.Jitter > 0 {
		text += ", up to " + t.Jitter.String() + " later"
	}
	return text
}

// daily is when a model is looked at whose fleet does not say. The jitter keeps a thousand checks from
// falling on one minute.
var daily = timing{Every: lifecycle.Duration(24 * time.Hour), Jitter: lifecycle.Duration(time.Hour)}

// leastEvery keeps a slip of the pen ("1s") from firing checks all the time; Temporal would take whole seconds.
const leastEvery = time.Minute

const tooOften = "fires more often than once a minute: each check asks the service; once a day will do"

// foreseen is how far ahead the firings of a schedule are counted.
const foreseen = 2 * 365 * 24 * time.Hour

// rhythm is how a timing fires from a moment on.
type rhythm struct {
	// never tells that it has no next firing.
	never bool
	// longest is the largest gap between two firings of the time foreseen.
	longest time.Duration
}

// rhythm counts the firings of a timing that was found right.
func (t timing) rhythm(now time.Time) rhythm {
	schedule, zone := t.schedule()
	if zone == nil {
		return rhythm{longest: t.Every.Std()}
	}
	if every, is := schedule.(cron.ConstantDelaySchedule); is {
		return rhythm{longest: every.Delay}
	}
	before := schedule.Next(now.In(zone))
	if before.IsZero() {
		return rhythm{never: true}
	}
	var longest time.Duration
	for end := now.Add(foreseen); before.Before(end); {
		next := schedule.Next(before)
		if next.IsZero() {
			// The library looks five years ahead.
			return rhythm{longest: max(longest, end.Sub(before))}
		}
		longest, before = max(longest, next.Sub(before)), next
	}
	return rhythm{longest: longest}
}

// schedule is the timing for the cron library, and the zone that its hours are of; none for one that counts from one
// firing to the next.
func (t timing) schedule() (cron.Schedule, *time.Location) {
	if t.Cron == "" {
		return nil, nil
	}
	schedule, err := cron.ParseStandard(t.Cron)
	zone, unknown := time.LoadLocation(t.TimeZone)
	if err != nil || unknown != nil {
		return nil, nil
	}
	if s, is := schedule.(*cron.SpecSchedule); is {
		// Given both, cron takes either the day of the month or that of the week; Temporal wants both at once. The
		// library does that, too, when one of them has a star.
		const star = 1 << 63
		both := *s
		both.Dom |= star
		return &both, zone
	}
	return schedule, zone
}

func readTiming(value any, report func(within, format string, args ...any)) timing {
	entry, ok := value.(map[string]any)
	if !ok {
		report("", "must be an object: {cron | every, timeZone, jitter}")
		return daily
	}
	var t timing
	text := func(key string) string {
		value, given := entry[key]
		s, is := value.(string)
		if given && (!is || s == "") {
			report(key, "must be a text")
		}
		return s
	}
	length := func(key string, least time.Duration) lifecycle.Duration {
		s := text(key)
		if s == "" {
			return 0
		}
		d, err := lifecycle.ParseDuration(s)
		switch {
		case err != nil || d < 0:
			report(key, "must be a duration like \"24h\" or \"7d\"")
		case d.Std() < least:
			report(key, tooOften)
		}
		return d
	}
	for _, key := range slices.Sorted(maps.Keys(entry)) {
		if fields := []string{"cron", "every", "timeZone", "jitter"}; !slices.Contains(fields, key) {
			message := "unknown field"
			if near := meant.Nearest(key, fields); near != "" {
				message += fmt.Sprintf(": did you mean %q?", near)
			}
			report(key, "%s", message)
		}
	}
	t.Cron, t.TimeZone = text("cron"), text("timeZone")
	t.Every, t.Jitter = length("every", leastEvery), length("jitter", 0)
	_, hasCron := entry["cron"]
	_, hasEvery := entry["every"]
	if hasCron == hasEvery {
		report("", "must have either cron or every")
	}
	if t.Cron != "" {
		schedule, err := cron.ParseStandard(t.Cron)
		every, constant := schedule.(cron.ConstantDelaySchedule)
		switch {
		case err != nil:
			report("cron", "must be a cron expression of five fields, like \"0 3 * * *\": %s", err)
		case constant && every.Delay < leastEvery:
			report("cron", tooOften)
		}
	}
	if _, err := lifecycle.Zone(t.TimeZone); err != nil {
		report("timeZone", "must be the name of a time zone, like Europe/Berlin")
	} else if t.TimeZone != "" && hasEvery {
		report("timeZone", "is for cron: every counts from one firing to the next")
	}
	return t
}
