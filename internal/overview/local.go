package overview

import (
	"context"
	"maps"
	"slices"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
)

// Local is where a worker reads models by itself, without asking itself through Temporal.
type Local struct {
	// Queue is the worker's task queue.
	Queue string
	// Standings reads the schedules of models. Its error is a *exit.Failure.
	Standings func(ctx context.Context, names []string) (map[string]fleet.Standing, error)
	// Rows are what the worker's own listing shows of all models, with the endpoints that these schedules name; or why it shows
	// nothing.
	Rows func(ctx context.Context, scheduled []lifecycle.ScheduledEndpoint) ([]lifecycle.Row, *exit.Failure)
}

// ReadLocal reads all models of a worker's own resource, and what Temporal knows of those that other queues check; scheduled
// are their schedules by name. It starts no workflow. Without the service the rows hold what Temporal knows. The error tells
// that Temporal could not be read: the rows then hold what the service shows, and nobody is said to be needed for want of a
// schedule.
func ReadLocal(ctx context.Context, s follow.Session, local Local) (rows []Row, scheduled map[string]fleet.Standing, err error) {
	l := look{session: s, fallback: local.Queue, standings: local.Standings}
	err = l.atTemporal(ctx)
	own := map[string]fleet.Standing{}
	for name, of := range l.scheduled {
		if of.TaskQueue == local.Queue {
			own[name] = of
		}
	}
	shown, unread := local.Rows(ctx, named(nil, own))
	var all []found
	for _, row := range shown {
		all = append(all, found{Row: row, queue: local.Queue})
	}
	for _, name := range l.known() {
		queue := l.queueOf(name)
		if slices.ContainsFunc(all, func(r found) bool { return r.Name == name && r.queue == queue }) {
			continue
		}
		row := lifecycle.Row{Name: name, Locale: l.scheduled[name].Locale}
		if queue == local.Queue && unread == nil && len(shown) > 0 {
			row.Resource, row.ObservedAt, row.CrawledAt, row.Owner = shown[0].Resource, shown[0].ObservedAt, shown[0].CrawledAt, shown[0].Owner
		}
		all = append(all, found{Row: row, queue: queue})
	}
	l.askRetrains(ctx)
	l.askFailures(ctx, all)
	l.unread = unread != nil
	rows = l.join(withScheduled(sorted(all), l.scheduled))
	if err != nil {
		for i := range rows {
			rows[i].Needs = slices.DeleteFunc(rows[i].Needs, func(n lifecycle.Need) bool { return n.Kind == lifecycle.NeedSchedule })
		}
	}
	return rows, maps.Clone(l.scheduled), err
}
