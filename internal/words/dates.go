package words

import (
	"time"

	"speech-retrainer/internal/lifecycle"
)

// The forms of a time, all in UTC. A stage's line or a table has the short form, a model card the long one; the page of
// a run in Temporal's web UI tells seconds, and histories hold it.
const (
	minuteForm     = "2006-01-02 15:04 UTC"
	secondForm     = "2006-01-02 15:04:05 UTC"
	longDayForm    = "2 January 2006"
	longMinuteForm = "2 January 2006 15:04 UTC"
)

// Day is a date: 2026-07-29.
func Day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// DayOf is Day, or none when there is no date.
func DayOf(t *time.Time, none string) string {
	if t == nil {
		return none
	}
	return Day(*t)
}

// Moment is a time for people: 2026-07-29 12:00 UTC, the date alone at midnight, as the service's expiry dates are.
func Moment(t time.Time) string {
	if midnight(t) {
		return Day(t)
	}
	return Minute(t)
}

// LongMoment is Moment as a model card writes it: 29 July 2026 12:00 UTC. The zero time is "not known".
func LongMoment(t time.Time) string {
	switch {
	case t.IsZero():
		return "not known"
	case midnight(t):
		return t.UTC().Format(longDayForm)
	}
	return t.UTC().Format(longMinuteForm)
}

func midnight(t time.Time) bool { return t.Equal(t.Truncate(24 * time.Hour)) }

// Minute is a time to the minute: 2026-07-29 12:00 UTC.
func Minute(t time.Time) string { return t.UTC().Format(minuteForm) }

// Second is a time to the second: 2026-07-29 12:00:05 UTC.
func Second(t time.Time) string { return t.UTC().Format(secondForm) }

// Stamp is Second where a heading says already that times are in UTC.
func Stamp(t time.Time) string { return t.UTC().Format(time.DateTime) }

// StampAfter is Stamp without the date when that is the one of first, which stands above it.
func StampAfter(t, first time.Time) string {
	if Day(t) == Day(first) {
		return t.UTC().Format(time.TimeOnly)
	}
	return Stamp(t)
}

// Dates are the days of what serves in one line, the same wherever they are shown; empty when none is known.
func Dates(d lifecycle.Dates) string {
	if !d.Known() {
		return ""
	}
	return "due " + DayOf(d.DueAt, "unknown") + ", last resort " + DayOf(d.LastResortAt, "unknown") + ", expires " + DayOf(d.ExpiresAt, "unknown")
}
