package bench

import (
	"context"
	"math"
	"slices"
	"time"

	"speech-retrainer/internal/stack"
)

// span is a stretch of time.
type span struct{ from, to time.Time }

// gaps is how long none of the spans lasted, within a frame; gaps shorter than least are left out.
func gaps(spans []span, frame span, least time.Duration) time.Duration {
	sorted := slices.SortedFunc(slices.Values(spans), func(a, b span) int { return a.from.Compare(b.from) })
	var total time.Duration
	until := frame.from
	for _, s := range append(sorted, span{frame.to, frame.to}) {
		if gap := min(s.from.Sub(until), frame.to.Sub(until)); gap >= max(least, 1) {
			total += gap
		}
		if s.to.After(until) {
			until = s.to
		}
	}
	return total
}

// jobs are the times in which the service worked on anything within a frame: no client can save them. Its clock must be
// that of this machine.
func (s *site) jobs(ctx context.Context, frame span) ([]span, error) {
	all, err := s.emulator.Objects(ctx, "")
	var spans []span
	for _, o := range all {
		switch {
		case o.Kind == stack.Projects:
		case o.Status == "Succeeded" || o.Status == "Failed":
			spans = append(spans, span{o.Created, o.LastAction})
		default:
			spans = append(spans, span{o.Created, frame.to})
		}
	}
	return spans, err
}

// percentile is the smallest value that so many percent do not exceed; 0 of none.
func percentile(values []float64, percent float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(0, int(math.Ceil(percent/100*float64(len(sorted))))-1)]
}
