// Package overview is what serves for each model of a fleet, until when, and what is amiss: of the service as workers
// see it, and of the schedules and retrains in Temporal. Every error is a *exit.Failure.
package overview

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/schedules"
)

// Read reads the models of the given names, without names all of this installation: those that have a schedule, those whose
// marks are on the service, and those that are retrained now. Without names each queue is asked that a schedule or a running
// retrain names, and the fallback queue; a model without a schedule is asked for on that. The models that need a person come
// first. unread is why the service could not be read, nil when it could: then the rows hold what Temporal knows.
func Read(ctx context.Context, s follow.Session, names []string, fallback string) (rows []Row, unread *exit.Failure, err error) {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	l := look{session: s, names: names, fallback: fallback}
	if err := l.atTemporal(ctx); err != nil {
		return nil, nil, err
	}
	seen, err := l.atService(ctx)
	if err != nil {
		var is bool
		if unread, is = errors.AsType[*exit.Failure](err); !is || unread.Code != exit.Failed {
			return nil, nil, err
		}
		// What Temporal knows is shown all the same: now it matters most.
		seen = withUnread(seen, l.known())
	}
	l.askRetrains(ctx)
	l.askFailures(ctx, seen)
	l.unread = unread != nil
	return l.join(withScheduled(seen, l.scheduled)), unread, nil
}

// look is one look at models, and what Temporal has told so far.
type look struct {
	session  follow.Session
	fallback string
	// names are those asked for; empty for all.
	names     []string
	scheduled map[string]fleet.Standing
	running   map[string]ongoing
	ended     map[string]ended
	checks    map[string]checked
	// unread tells that what is shown of the service is not read now.
	unread bool
	// standings reads schedules; schedules.Standings when nil.
	standings func(ctx context.Context, names []string) (map[string]fleet.Standing, error)
}

// atTemporal reads schedules, retrains that go on or have failed, and checks.
func (l *look) atTemporal(ctx context.Context) (err error) {
	names := l.names
	if len(names) == 0 {
		if names, err = knownModels(ctx, l.session); err != nil {
			return err
		}
	}
	read := l.standings
	if read == nil {
		read = func(ctx context.Context, names []string) (map[string]fleet.Standing, error) {
			return schedules.Standings(ctx, l.session, names)
		}
	}
	if l.scheduled, err = read(ctx, names); err != nil {
		return err
	}
	// A schedule of that ID may be somebody's for something else.
	maps.DeleteFunc(l.scheduled, func(_ string, of fleet.Standing) bool { return !of.Checks() })
	if l.running, err = runningRetrains(ctx, l.session); err != nil {
		return err
	}
	if l.ended, err = endedRetrains(ctx, l.session, l.names); err != nil {
		return err
	}
	l.checks, err = lastChecks(ctx, l.session, slices.Sorted(maps.Keys(l.scheduled)))
	return err
}

// known are the models to show that Temporal knows: those asked for, else those with a schedule or a retrain.
func (l *look) known() []string {
	if len(l.names) > 0 {
		return l.names
	}
	return slices.Compact(slices.Sorted(slices.Values(slices.AppendSeq(slices.Collect(maps.Keys(l.scheduled)), maps.Keys(l.running)))))
}

// knownModels are the names of those that have a schedule. One that somebody made by hand for what can be no
// model's name is left out: asked for, it would spoil the answer for all others.
func knownModels(ctx context.Context, s follow.Session) ([]string, error) {
	names, err := schedules.Models(ctx, s)
	return slices.DeleteFunc(names, func(name string) bool { return decode.Name(name) != "" }), err
}

// join gives each row its schedule, its checks and its retrain. A name has one schedule and one retrain, of one locale; rows
// of another queue than the schedule's are of another resource.
func (l *look) join(seen []found) []Row {
	rows := make([]Row, len(seen))
	for i, row := range seen {
		of, scheduled := l.scheduled[row.Name]
		on, over, checks := l.running[row.Name], l.ended[row.Name], l.checks[row.Name]
		if !oneLocale(row.Locale, cmp.Or(on.locale, of.Locale)) {
			on = ongoing{}
		}
		now := time.Now()
		if !oneLocale(row.Locale, cmp.Or(over.locale, of.Locale)) || !l.unread && row.SucceededSince(now.Sub(over.At)) {
			over = ended{}
		}
		if !oneLocale(row.Locale, of.Locale) || !oneQueue(row.queue, of.TaskQueue) {
			of, scheduled, checks = fleet.Standing{}, false, checked{}
		}
		a := around{of: of, scheduled: scheduled, checks: checks.ChecksSeen, on: on, ended: over, place: l.session.Place, now: now}
		rows[i] = newRow(row.Row, a)
		rows[i].several = i > 0 && seen[i-1].Name == row.Name || i+1 < len(seen) && seen[i+1].Name == row.Name
	}
	slices.SortStableFunc(rows, urgency)
	return rows
}

// urgency orders rows by their most urgent need; those that need nobody stay in the order of their names, at the end.
func urgency(a, b Row) int {
	if len(a.Needs) == 0 || len(b.Needs) == 0 {
		return cmp.Compare(len(b.Needs), len(a.Needs))
	}
	return a.Needs[0].Compare(b.Needs[0])
}

// oneQueue tells whether two queues can be one: one that is not known can be any.
func oneQueue(a, b string) bool { return a == "" || b == "" || a == b }

// oneLocale tells whether two locales can be one: one that is not known can be any.
func oneLocale(a, b string) bool { return a == "" || b == "" || lifecycle.SameLocale(a, b) }

// withScheduled gives each schedule a row of its locale. A model that has no version yet is read without a locale, or,
// when versions of the name in another locale are there, not at all.
func withScheduled(rows []found, scheduled map[string]fleet.Standing) []found {
	var more []found
	for name, of := range scheduled {
		same := func(r found) bool { return r.Name == name && oneQueue(r.queue, of.TaskQueue) }
		first := slices.IndexFunc(rows, same)
		if of.Locale == "" || first < 0 {
			continue
		}
		own := slices.IndexFunc(rows, func(r found) bool { return same(r) && oneLocale(r.Locale, of.Locale) })
		if own >= 0 {
			rows[own].Locale = cmp.Or(rows[own].Locale, of.Locale)
			continue
		}
		like := rows[first]
		more = append(more, found{queue: like.queue, Row: lifecycle.Row{
			Name: name, Locale: of.Locale, Resource: like.Resource, ObservedAt: like.ObservedAt, CrawledAt: like.CrawledAt, CrawlSlow: like.CrawlSlow,
			Owner: like.Owner, OtherOwners: like.OtherOwners,
		}})
	}
	return sorted(append(rows, more...))
}

// withUnread adds a row without observations for each model of these names that was not read.
func withUnread(rows []found, names []string) []found {
	for _, name := range names {
		if !slices.ContainsFunc(rows, func(r found) bool { return r.Name == name }) {
			rows = append(rows, found{Row: lifecycle.Row{Name: name}})
		}
	}
	return sorted(rows)
}
