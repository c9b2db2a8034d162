package page

import (
	"context"
	"sync"
	"time"

	"speech-retrainer/internal/lifecycle"
)

// mostReports is how many runs are remembered.
const mostReports = 64

// reports are what runs have told, the latest that somebody has looked at.
type reports struct {
	now func() time.Time

	mu    sync.Mutex
	byRun map[string]*cache[lifecycle.Report]
	order []string
}

func newReports(now func() time.Time) *reports {
	return &reports{now: now, byRun: map[string]*cache[lifecycle.Report]{}}
}

// of is what a run tells, which read asks.
func (r *reports) of(ctx context.Context, run string, read func(context.Context) (lifecycle.Report, error)) kept[lifecycle.Report] {
	return r.cache(run, read).get(ctx, patience)
}

func (r *reports) cache(run string, read func(context.Context) (lifecycle.Report, error)) *cache[lifecycle.Report] {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.byRun[run]; c != nil {
		return c
	}
	if len(r.order) == mostReports {
		delete(r.byRun, r.order[0])
		r.order = r.order[1:]
	}
	c := &cache[lifecycle.Report]{read: read, least: runAge, limit: runLimit, now: r.now}
	r.byRun[run], r.order = c, append(r.order, run)
	return c
}
