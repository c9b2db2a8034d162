// Package overview is what serves for each model of a fleet, until when, and what is amiss: of the service as workers
// see it, and of the schedules and retrains in Temporal. Every error is a *exit.Failure.
package overview

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/schedules"
	"speech-retrainer/workflows"
)

// Read reads the models of the given names, without names all that have a schedule, and when there is none all that the
// installation has made. A model without a schedule is asked for on the fallback queue. unread is why the service could
// not be read, nil when it could: then the rows hold what Temporal knows.
func Read(ctx context.Context, s follow.Session, names []string, fallback string) (rows []Row, unread *exit.Failure, err error) {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	if len(names) == 0 {
		if names, err = knownModels(ctx, s); err != nil {
			return nil, nil, err
		}
	}
	scheduled, err := schedules.Standings(ctx, s, names)
	if err != nil {
		return nil, nil, err
	}
	running, err := runningRetrains(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	seen, err := observeAll(ctx, s, names, scheduled, fallback)
	if err != nil {
		var is bool
		if unread, is = errors.AsType[*exit.Failure](err); !is || unread.Code != exit.Failed {
			return nil, nil, err
		}
		// What Temporal knows is shown all the same: now it matters most.
		seen = withUnread(seen, names, running)
	}
	rows, retrains := join(withScheduled(seen, scheduled), scheduled, running)
	var group errgroup.Group
	group.SetLimit(schedules.AtOnce)
	for i, run := range retrains {
		if run.runID != "" {
			group.Go(func() error {
				rows[i].Trouble = s.Troubles(ctx, workflows.RetrainID(rows[i].Model), run.runID)
				return nil
			})
		}
	}
	return rows, unread, group.Wait()
}

// knownModels are the names of those that have a schedule. One that somebody made by hand for what can be no
// model's name is left out: asked for, it would spoil the answer for all others.
func knownModels(ctx context.Context, s follow.Session) ([]string, error) {
	names, err := schedules.Models(ctx, s)
	return slices.DeleteFunc(names, func(name string) bool { return decode.Name(name) != "" }), err
}

// join gives each row its schedule and its retrain, which are given back beside it. A name has one schedule and one
// retrain, of one locale.
func join(seen []lifecycle.Row, scheduled map[string]fleet.Standing, running map[string]ongoing) ([]Row, []ongoing) {
	rows, retrains := make([]Row, len(seen)), make([]ongoing, len(seen))
	for i, row := range seen {
		on, of := running[row.Name], scheduled[row.Name]
		if !oneLocale(row.Locale, cmp.Or(on.locale, of.Locale)) {
			on = ongoing{}
		}
		if !oneLocale(row.Locale, of.Locale) {
			of = fleet.Standing{}
		}
		rows[i], retrains[i] = newRow(row, of, on), on
		rows[i].several = i > 0 && seen[i-1].Name == row.Name || i+1 < len(seen) && seen[i+1].Name == row.Name
	}
	return rows, retrains
}

// oneLocale tells whether two locales can be one: one that is not known can be any.
func oneLocale(a, b string) bool { return a == "" || b == "" || lifecycle.SameLocale(a, b) }

// withScheduled gives each schedule a row of its locale. A model that has no version yet is read without a locale, or,
// when versions of the name in another locale are there, not at all.
func withScheduled(rows []lifecycle.Row, scheduled map[string]fleet.Standing) []lifecycle.Row {
	var more []lifecycle.Row
	for name, of := range scheduled {
		first := slices.IndexFunc(rows, func(r lifecycle.Row) bool { return r.Name == name })
		if of.Locale == "" || first < 0 {
			continue
		}
		own := slices.IndexFunc(rows, func(r lifecycle.Row) bool { return r.Name == name && oneLocale(r.Locale, of.Locale) })
		if own >= 0 {
			rows[own].Locale = cmp.Or(rows[own].Locale, of.Locale)
			continue
		}
		like := rows[first]
		more = append(more, lifecycle.Row{
			Name: name, Locale: of.Locale, Resource: like.Resource, ObservedAt: like.ObservedAt, CrawledAt: like.CrawledAt, CrawlSlow: like.CrawlSlow,
		})
	}
	return sorted(append(rows, more...))
}

// withUnread adds a row without observations for each model that was not read: those asked for, or when all were,
// those with a retrain that goes on.
func withUnread(rows []lifecycle.Row, names []string, running map[string]ongoing) []lifecycle.Row {
	if len(names) == 0 {
		for name := range running {
			names = append(names, name)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(rows, func(r lifecycle.Row) bool { return r.Name == name }) {
			rows = append(rows, lifecycle.Row{Name: name})
		}
	}
	return sorted(rows)
}
