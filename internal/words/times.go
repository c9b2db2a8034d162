package words

import (
	"fmt"
	"time"

	"speech-retrainer/internal/lifecycle"
)

// Elapsed writes a length of time with its two greatest units: 0s, 12s, 3m05s, 2h40m, 6d3h. A negative
// one (clocks differ) is 0s.
func Elapsed(d time.Duration) string {
	d = max(d, 0).Truncate(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%dh", int(d.Hours())/24, int(d.Hours())%24)
}

// Took writes a length of time to the second, as a run's page in Temporal's web UI has it: 1m5s, 26h0m0s. Histories
// hold it: it stays as it is.
func Took(d time.Duration) string { return d.Round(time.Second).String() }

// Days writes a length of time in whole days where it has some, else as Elapsed does.
func Days(d time.Duration) string {
	if d >= 2*lifecycle.Day {
		return fmt.Sprintf("%d days", int(d/lifecycle.Day))
	}
	return Elapsed(d)
}

// Expiry is until when a version recognises speech, as the service's clock sees it: expires in 12 days, EXPIRED 2026-07-29,
// expiry unknown for nil.
func Expiry(t *time.Time, now time.Time) string {
	if t == nil {
		return "expiry unknown"
	}
	if left := t.Sub(now); left > 0 {
		return "expires in " + Days(left)
	}
	return "EXPIRED " + Day(*t)
}

// Soon writes a time to come as seen from now: in 12s, or the date when it is not near.
func Soon(now time.Time) func(time.Time) string {
	return func(t time.Time) string {
		switch left := t.Sub(now); {
		case left >= lifecycle.Day:
			return "on " + Moment(t)
		case left >= 0:
			return "in " + Elapsed(left)
		default:
			// What is shown is some seconds old.
			return "now"
		}
	}
}
