package activities

import (
	"context"
	"time"

	"speech-retrainer/internal/lifecycle"
)

// Glance is what a worker's listing shows of all models of its owner, for who looks at it in the worker itself.
type Glance struct {
	Rows []lifecycle.Row
	// Bases are the base models of the versions' locales, by ID.
	Bases map[string]lifecycle.Model
	// Resource is the host of the Speech resource.
	Resource string
	// ObservedAt is the service's now at that look, LookedAt the same moment by this process's clock.
	ObservedAt, LookedAt time.Time
}

// GlanceAt is what the listing of a's worker shows of all models, with the endpoint that each schedule names. It is no
// activity: it starts no workflow, and asks the service only when nobody has within SnapshotAge, as any look does. With
// atAll it takes what is known, however old; only what was never read is read then. The error is a temporal.ApplicationError,
// as that of an activity.
func GlanceAt(ctx context.Context, a *Activities, scheduled []lifecycle.ScheduledEndpoint, atAll bool) (Glance, error) {
	notBefore := a.lately()
	if atAll {
		notBefore = time.Time{}
	}
	about := subject{class: lifecycle.InvalidRequest, object: "models of " + a.speech.Resource(), next: "try again"}
	v, err := a.speech.View(ctx, notBefore, everything...)
	if err != nil {
		return Glance{}, classify(err, about)
	}
	l := a.indexed.of(a, v, everything)
	if l, err = a.addBases(ctx, l, notBefore, l.locales()...); err != nil {
		return Glance{}, classify(err, about)
	}
	g := Glance{Bases: map[string]lifecycle.Model{}, Resource: a.speech.Resource(), ObservedAt: v.ObservedAt, LookedAt: v.LookedAt}
	for _, listed := range l.bases {
		for _, m := range listed {
			g.Bases[m.ID()] = baseModel(m)
		}
	}
	for after := (*lifecycle.RowKey)(nil); ; {
		rows, next := l.rows(nil, after)
		g.Rows = append(g.Rows, rows...)
		if after = next; after == nil {
			break
		}
	}
	named := map[string]lifecycle.LiveRequest{}
	for _, s := range scheduled {
		named[s.Name] = s.Live()
	}
	for i := range g.Rows {
		l.addEndpoint(&g.Rows[i], named[g.Rows[i].Name])
	}
	return g, nil
}
