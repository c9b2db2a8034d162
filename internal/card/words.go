package card

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"speech-retrainer/internal/lifecycle"
)

// unknown stands where a table has no value.
const unknown = "–"

// number writes a count with separators: 12,345.
func number(n int64) string { return message.NewPrinter(language.English).Sprintf("%d", n) }

// count writes "1 line", "2 lines".
func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return number(n) + " " + noun + "s"
}

// moment writes a time in UTC: the date alone at midnight, as the service's expiry dates are.
func moment(t time.Time) string {
	t = t.UTC()
	switch {
	case t.IsZero():
		return "not known"
	case t.Equal(t.Truncate(24 * time.Hour)):
		return t.Format("2 January 2006")
	}
	return t.Format("2 January 2006 15:04 UTC")
}

// elapsed writes a length of time with its two greatest units: 12s, 3m05s, 2h40m, 6d3h.
func elapsed(d time.Duration) string {
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

func rate(fraction *float64) string {
	if fraction == nil {
		return unknown
	}
	return lifecycle.Percent(*fraction)
}

func points(difference *float64) string {
	if difference == nil {
		return unknown
	}
	return lifecycle.Points(*difference)
}

// between writes an interval of differences: "-3.1 to +0.2 points".
func between(interval *[2]float64) string {
	if interval == nil {
		return ""
	}
	return strings.TrimSuffix(lifecycle.Points(interval[0]), " points") + " to " + lifecycle.Points(interval[1])
}

func words(n *int64) string {
	if n == nil {
		return unknown
	}
	return number(*n)
}

// expiry says when a version stops recognising speech.
func expiry(at *time.Time) string {
	if at == nil {
		return "not known"
	}
	return moment(*at) + ", the last day that it recognises speech"
}

// outcome says how the run ended.
func outcome(r lifecycle.Report) line {
	said := clean(string(r.Outcome))
	switch r.Outcome {
	case lifecycle.Running:
		l := text(said)
		if r.Stage != nil {
			l = l.and(gap(", in stage "), text(string(*r.Stage)))
		}
		if w := r.WaitingFor; w != nil {
			l = l.and(gap("; waits for "), text(w.Kind), gap(" since "+moment(w.Since)))
			if w.Deadline != nil {
				l = l.and(gap(", until " + moment(*w.Deadline) + " at most"))
			}
		}
		return l
	case lifecycle.Rejected:
		return text(said + ": the version was trained and not promoted")
	case lifecycle.Skipped:
		return text(said + ": nothing was done")
	case lifecycle.Failed, lifecycle.Canceled:
		if r.Stage != nil {
			return text(said+" in stage", string(*r.Stage))
		}
	case lifecycle.Succeeded:
		if r.Version != nil && r.Endpoint != nil && r.Endpoint.VersionID != nil && *r.Endpoint.VersionID == r.Version.ID {
			return text(said + ": the endpoint serves this version")
		}
	}
	return text(said)
}
