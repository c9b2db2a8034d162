package card

import (
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// unknown stands where a table has no value.
const unknown = "–"

func rate(fraction *float64) string { return words.Rate(fraction, unknown) }

func points(difference *float64) string { return words.Points(difference, unknown) }

func tally(n *int64) string {
	if n == nil {
		return unknown
	}
	return words.Number(*n)
}

// expiry says when a version stops recognising speech.
func expiry(at *time.Time) string {
	if at == nil {
		return "not known"
	}
	return words.LongMoment(*at) + ", the last day that it recognises speech"
}

// outcome says how the run ended.
func outcome(r lifecycle.Report) line {
	said := oneLine(string(r.Outcome))
	switch r.Outcome {
	case lifecycle.Running:
		l := text(said)
		if r.Stage != nil {
			l = l.and(gap(", in stage "), text(string(*r.Stage)))
		}
		if w := r.WaitingFor; w != nil {
			l = l.and(gap("; waits for "), text(string(w.Kind)), gap(" since "+words.LongMoment(w.Since)))
			if w.Deadline != nil {
				l = l.and(gap(", until " + words.LongMoment(*w.Deadline) + " at most"))
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
