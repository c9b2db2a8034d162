// Package rehearsal plays years of a fleet in a minute: the real Renew and Retrain on a local Speech service
// whose clock jumps to the next moment that matters. Nothing real is touched.
package rehearsal

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"time"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/activities"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

const (
	day   = 24 * time.Hour
	queue = "rehearsal"
	owner = "rehearsal"
	// ahead is more than any job of the local service lasts: its clock stands still while models are checked.
	ahead = 30 * day
	// checkedAt is when schedules fire, after midnight.
	checkedAt = 3 * time.Hour
	// atOnce is how many models are checked side by side.
	atOnce = 10
	// releases is how often a base model comes out.
	releases = 91 * day
)

// rehearsal is one at work.
type rehearsal struct {
	Options
	service *emulator.Server
	speech  *speech.Client
	url     string
	// schedules are those that the models would have.
	schedules scheduled
	// released counts the base models of each locale that have come out.
	released int

	// parts are the models in the order of the fleet, of the same by name.
	parts []*part
	of    map[string]*part
	// seen are the objects of the service that were counted.
	seen      map[string]bool
	trainings []training
	// names are the display names of versions, each followed by what it is called here.
	names    []string
	timeline []Event
}

// part is one model at work.
type part struct {
	summary Summary
	request lifecycle.Request
	raw     json.RawMessage
	next    time.Time
	// expires is the expiry of what serves.
	expires *time.Time
	// alarms are the keys of those that stood at the check before.
	alarms []string
	// events are those of the present check: told in the order of the fleet, however models were checked side by side.
	events []Event
	// pilot tells that others wait for this model.
	pilot bool
}

func (p *part) tell(e Event) { p.events = append(p.events, e) }

// Run rehearses. The error says why it could not go on; that a model expired is part of the Result.
func Run(ctx context.Context, o Options) (Result, error) {
	folder, err := os.MkdirTemp("", "rehearsal-")
	if err != nil {
		return Result{}, err
	}
	defer func() { _ = os.RemoveAll(folder) }() // it lies in the system's folder for temporary files
	if err := writeProps(folder, o.Models); err != nil {
		return Result{}, err
	}
	settings := emulator.Plain()
	settings.RateLimit, settings.RetryAfter, settings.PageSize, settings.MaxTop, settings.QueueTime = 0, 0, 1000, 1000, 0
	service, err := emulator.New(emulator.Options{
		Settings: settings, Frozen: true, Ahead: ahead, Files: folder, Now: o.Begin.UTC().Truncate(day),
	})
	if err != nil {
		return Result{}, err
	}
	defer func() { _ = service.Close() }() // its state and its content end with the rehearsal
	if err := planTrainings(service, o.Models); err != nil {
		return Result{}, err
	}
	url, hangUp, err := serve(ctx, service)
	if err != nil {
		return Result{}, err
	}
	defer hangUp()
	r := &rehearsal{
		Options: o, service: service, url: url, of: map[string]*part{}, seen: map[string]bool{},
		schedules: scheduled{Runs: activities.TemporalRuns(o.Client), of: map[string]lifecycle.LiveRequest{}},
	}
	access := resource.Access{Endpoint: r.url, Key: "rehearsal"}
	if r.speech, err = speech.New(speech.Config{Access: access, NoQuota: true}); err != nil {
		return Result{}, err
	}
	if err := r.cast(); err != nil {
		return Result{}, err
	}
	w := worker.New(o.Client, queue, worker.Options{})
	workflows.Register(w, workflows.Options{})
	activities.Register(w, activities.New(activities.Options{
		Speech: r.speech, Owner: owner, Home: owner, ListLag: time.Millisecond, Pace: 15 * time.Millisecond, SnapshotAge: time.Nanosecond,
		Runs: r.schedules, Getenv: func(string) string { return "" },
	}))
	if err := w.Start(); err != nil {
		return Result{}, fmt.Errorf("start the rehearsal's worker: %w", err)
	}
	defer w.Stop()
	return r.run(ctx)
}

// silent is a logger for the client of a rehearsal.
func silent() log.Logger {
	return log.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))
}

// cast makes the parts of the models.
func (r *rehearsal) cast() error {
	for _, m := range r.Models {
		p := &part{
			summary: Summary{Model: m.Request.Name, Currency: m.Request.Renew.Prices.List().Currency, Notes: []string{}},
			next:    checkAfter(r.service.Now()),
			pilot:   slices.ContainsFunc(r.Models, func(other Model) bool { return other.Request.Renew.Pilot == m.Request.Name }),
		}
		var err error
		if p.request, p.raw, err = standIn(m, r.url, &p.summary.Notes); err != nil {
			return err
		}
		r.parts, r.of[m.Request.Name] = append(r.parts, p), p
		r.schedules.schedule(p)
	}
	return nil
}

func (r *rehearsal) run(ctx context.Context) (Result, error) {
	from := r.service.Now()
	to := from.AddDate(r.Years, 0, 0)
	release := from.Add(releases)
	for {
		at := release
		for _, p := range r.parts {
			if p.next.Before(at) {
				at = p.next
			}
		}
		if at.After(to) {
			break
		}
		if err := r.service.SetTime(ctx, at); err != nil {
			return Result{}, err
		}
		var err error
		if at.Equal(release) {
			release = release.Add(releases)
			err = r.release()
		} else {
			err = r.checks(ctx, at)
		}
		if err != nil {
			return Result{}, err
		}
	}
	if err := r.service.SetTime(ctx, to); err != nil {
		return Result{}, err
	}
	result := Result{From: from, To: to, Seed: r.Seed, Models: []Summary{}, Peak: peak(r.trainings), LaterPeak: peak(afterFirst(r.trainings))}
	for _, p := range r.parts {
		if err := r.watch(ctx, p); err != nil {
			return Result{}, err
		}
		r.tell(p.events...)
		result.Models = append(result.Models, p.summary)
	}
	result.Timeline = r.timeline
	return result, nil
}

// checks are those of a moment. Pilots go before those that wait for them, and where a budget says what is left, one model
// goes after the other: what comes of the others does not depend on who is first.
func (r *rehearsal) checks(ctx context.Context, at time.Time) error {
	limit := atOnce
	if slices.ContainsFunc(r.parts, func(p *part) bool { return p.request.Renew.Budget != nil }) {
		limit = 1
	}
	for _, pilots := range []bool{true, false} {
		group, checking := errgroup.WithContext(ctx)
		group.SetLimit(limit)
		for _, p := range r.parts {
			if p.pilot == pilots && !p.next.After(at) {
				group.Go(func() error { return r.check(checking, p) })
			}
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	r.count()
	for _, p := range r.parts {
		if len(p.events) > 0 {
			r.wake(p, at)
		}
		r.tell(p.events...)
		p.events = nil
	}
	return nil
}

// wake lets those be checked on the next day that wait for a model with which something has happened.
func (r *rehearsal) wake(pilot *part, at time.Time) {
	for _, p := range r.parts {
		if next := checkAfter(at); p.request.Renew.Pilot == pilot.summary.Model && p.next.After(next) {
			p.next = next
		}
	}
}

// tell tells what happened.
func (r *rehearsal) tell(events ...Event) {
	for _, e := range events {
		e.At, e.Why = e.At.UTC().Truncate(time.Second), r.called(e.Why)
		r.timeline = append(r.timeline, e)
		if r.Progress != nil {
			r.Progress(e)
		}
	}
}
