package activities

import (
	"context"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// Glance is what a worker's listing shows of all models of its owner, for who looks at it in the worker itself.
type Glance struct {
	Rows []lifecycle.Row
	// Bases are the base models of the versions' locales, by ID.
	Bases map[string]lifecycle.Model
	// Bare are the rates of bare base models that the runs of versions have measured beside them, by version; their names are
	// those of the tests.
	Bare map[string][]lifecycle.ObservedTest
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
	g := Glance{
		Bases: map[string]lifecycle.Model{}, Bare: l.bare(), Resource: a.speech.Resource(), ObservedAt: v.ObservedAt, LookedAt: v.LookedAt,
	}
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

// bareEnd ends the sr.step of an evaluation that measures bare base models beside a test.
const bareEnd = "/base"

// bare are the rates of bare base models that the runs of our versions have measured.
func (l *listing) bare() map[string][]lifecycle.ObservedTest {
	all := map[string][]lifecycle.ObservedTest{}
	runs := map[string]string{}
	for _, m := range l.models {
		if run := m.CustomProperties[lifecycle.MarkRun]; run != "" && l.ours(m.Object) {
			runs[m.CustomProperties[lifecycle.MarkModel]+"\n"+run] = m.ID()
		}
	}
	for _, i := range l.ofBases {
		e := l.evaluations[i]
		of, known := runs[e.CustomProperties[lifecycle.MarkModel]+"\n"+e.CustomProperties[lifecycle.MarkRun]]
		if known && e.Dataset != nil && e.Status == speech.StatusSucceeded {
			test := l.testOf(e)
			test.Name = strings.TrimSuffix(test.Name, bareEnd)
			all[of] = append(all[of], test)
		}
	}
	return all
}
