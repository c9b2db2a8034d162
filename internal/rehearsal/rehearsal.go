// Package rehearsal plays years of a fleet in a minute: the real Renew and Retrain on a local Speech service
// whose clock jumps to the next moment that matters. Nothing real is touched.
package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/activities"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

// MostChecks bounds the checks of one model.
const MostChecks = 60

const (
	day   = 24 * time.Hour
	queue = "rehearsal"
	owner = "rehearsal"
	// speed lets a training of the local service end between two looks.
	speed = 5000
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

	mu       sync.Mutex
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
}

// Run rehearses. The error says why it could not go on; that a model expired is part of the Result.
func Run(ctx context.Context, o Options) (Result, error) {
	folder, err := os.MkdirTemp("", "rehearsal-")
	if err != nil {
		return Result{}, err
	}
	defer func() { _ = os.RemoveAll(folder) }() // it lies in the system's folder for temporary files
	if err := writeProps(folder); err != nil {
		return Result{}, err
	}
	settings := emulator.Plain()
	settings.RateLimit, settings.RetryAfter, settings.PageSize, settings.MaxTop = 0, 0, 1000, 1000
	service, err := emulator.New(emulator.Options{Settings: settings, Speed: speed, Files: folder, Now: o.Begin})
	if err != nil {
		return Result{}, err
	}
	defer func() { _ = service.Close() }() // its state and its content end with the rehearsal
	url, hangUp, err := serve(ctx, service)
	if err != nil {
		return Result{}, err
	}
	defer hangUp()
	r := &rehearsal{Options: o, service: service, url: url}
	access := resource.Access{Endpoint: r.url, Key: "rehearsal"}
	if r.speech, err = speech.New(speech.Config{Access: access, NoQuota: true}); err != nil {
		return Result{}, err
	}
	w := worker.New(o.Client, queue, worker.Options{})
	workflows.Register(w, workflows.Options{})
	activities.Register(w, activities.New(activities.Options{
		Speech: r.speech, Owner: owner, Home: owner, ListLag: time.Millisecond, Pace: 15 * time.Millisecond, SnapshotAge: time.Nanosecond,
		Runs: activities.TemporalRuns(o.Client), Getenv: func(string) string { return "" },
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

func (r *rehearsal) run(ctx context.Context) (Result, error) {
	from := r.service.Now()
	to := from.AddDate(r.Years, 0, 0)
	parts := make([]*part, len(r.Models))
	locales := []string{}
	for i, m := range r.Models {
		p := &part{summary: Summary{Model: m.Request.Name, Notes: []string{}}, next: from}
		var err error
		if p.request, p.raw, err = standIn(m, r.url, &p.summary.Notes); err != nil {
			return Result{}, err
		}
		parts[i] = p
		if !slices.Contains(locales, m.Request.Locale) {
			locales = append(locales, m.Request.Locale)
		}
	}
	release := from.Add(releases)
	for {
		at := release
		for _, p := range parts {
			if p.next.Before(at) && p.summary.Checks < MostChecks {
				at = p.next
			}
		}
		if at.After(to) {
			break
		}
		if at.After(r.service.Now()) {
			if err := r.service.SetTime(ctx, at); err != nil {
				return Result{}, err
			}
		}
		if !at.Before(release) {
			if err := r.release(locales); err != nil {
				return Result{}, err
			}
			release = release.Add(releases)
			for _, p := range parts {
				p.next = at
			}
		}
		group, checking := errgroup.WithContext(ctx)
		group.SetLimit(atOnce)
		for _, p := range parts {
			if !p.next.After(at) && p.summary.Checks < MostChecks {
				group.Go(func() error { return r.check(checking, p) })
			}
		}
		if err := group.Wait(); err != nil {
			return Result{}, err
		}
	}
	if err := r.service.SetTime(ctx, latest(to, r.service.Now())); err != nil {
		return Result{}, err
	}
	result := Result{From: from, To: to, Timeline: r.timeline, Models: []Summary{}}
	for _, p := range parts {
		if err := r.watch(ctx, p); err != nil {
			return Result{}, err
		}
		result.Models = append(result.Models, p.summary)
	}
	result.Timeline = r.timeline
	return result, nil
}

func (r *rehearsal) release(locales []string) error {
	for _, locale := range locales {
		if _, err := r.service.ReleaseBaseModel(emulator.BaseModel{Locale: locale}); err != nil {
			return fmt.Errorf("release a base model for %s: %w", locale, err)
		}
		r.tell(Event{At: r.service.Now(), What: "released", Why: "a base model for " + locale + " came out"})
	}
	return nil
}

func (r *rehearsal) tell(e Event) {
	e.At = e.At.UTC().Truncate(time.Second)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.timeline = append(r.timeline, e)
	if r.Progress != nil {
		r.Progress(e)
	}
}

// watch asks the service itself, not the product, whether what serves has expired.
func (r *rehearsal) watch(ctx context.Context, p *part) error {
	expired := ""
	if p.request.Deploy != nil {
		endpoints, _, err := r.speech.ListEndpoints(ctx, speech.Filter{DisplayName: p.request.Deploy.Endpoint})
		if err != nil {
			return err
		}
		for _, e := range endpoints {
			serving, err := r.service.ServingOf(e.ID())
			if err != nil {
				return err
			}
			if serving.Fallback {
				expired = serving.ModelID
			}
		}
	} else if p.expires != nil && !p.expires.After(r.service.Now()) {
		expired = "the champion"
	}
	if expired != "" && !p.summary.Expired {
		p.summary.Expired = true
		r.tell(Event{At: r.service.Now(), Model: p.summary.Model, What: "expired", Why: expired + " expired while it served"})
	}
	return nil
}

// check is one firing of the model's schedule, and the retrain that it starts.
func (r *rehearsal) check(ctx context.Context, p *part) error {
	if err := r.watch(ctx, p); err != nil {
		return err
	}
	p.summary.Checks++
	name := p.summary.Model
	options := client.StartWorkflowOptions{ID: fmt.Sprintf("rehearse/%s/%d", name, p.summary.Checks), TaskQueue: queue}
	started, err := r.Client.ExecuteWorkflow(ctx, options, workflows.TypeRenew, p.raw)
	if err != nil {
		return fmt.Errorf("check %s: %w", name, err)
	}
	var renewed lifecycle.RenewReport
	if err := started.Get(ctx, &renewed); err != nil {
		return fmt.Errorf("check %s: %w", name, err)
	}
	now := r.service.Now()
	before := p.alarms
	p.alarms = nil
	for _, alarm := range renewed.Alarms {
		// In a rehearsal no web hook listens, so that no alarm counts as sent.
		if p.alarms = append(p.alarms, alarm.Key); !slices.Contains(before, alarm.Key) {
			p.summary.Alarms++
			r.tell(Event{At: now, Model: name, What: "alarm", Why: alarm.Message})
		}
	}
	p.next = now.Add(day)
	if renewed.Outcome == workflows.RenewCurrent {
		p.next = later(now, renewed.NextCheck, p.expires)
		return nil
	}
	return r.retrain(ctx, p, *renewed.RetrainRunID, renewed.Reason)
}

// retrain waits for the retrain that was started, and tells how it ended.
func (r *rehearsal) retrain(ctx context.Context, p *part, run, why string) error {
	var report lifecycle.Report
	err := r.Client.GetWorkflow(ctx, workflows.RetrainID(p.summary.Model), run).Get(ctx, &report)
	event := Event{At: r.service.Now(), Model: p.summary.Model, Why: why}
	var failed *temporal.ApplicationError
	switch {
	case errors.As(err, &failed):
		event.What, event.Why = "failed", why+"; "+failed.Message()
		p.summary.Failed++
		r.tell(event)
		return nil
	case err != nil:
		return fmt.Errorf("the retrain of %s: %w", p.summary.Model, err)
	}
	event.Base = report.BaseModel.DisplayName
	if len(report.Tests) > 0 {
		event.WER, event.Compared = report.Tests[0].WordErrorRate, report.Tests[0].Champion
		if event.Compared == nil {
			event.Compared = report.Tests[0].Base
		}
	}
	event.ExpiresAt = report.Version.ExpiresAt
	if a := report.Approval; a != nil {
		event.Why += "; " + a.Reason
	}
	if report.Outcome == lifecycle.Rejected {
		event.What = "rejected"
		if report.Verdict != nil {
			event.Why += "; " + report.Verdict.Reason
		}
		p.summary.Rejected++
		r.tell(event)
		return nil
	}
	event.What = "renewed"
	p.summary.Renewals++
	if p.expires != nil {
		left := p.expires.Sub(r.service.Now())
		margin := lifecycle.Duration(max(left, 0).Truncate(time.Hour))
		if p.summary.LeastMargin == nil || margin < *p.summary.LeastMargin {
			p.summary.LeastMargin = &margin
		}
		if left < 0 {
			p.summary.Expired = true
			r.tell(Event{At: r.service.Now(), Model: p.summary.Model, What: "expired", Why: "the version before expired while the new one was made"})
		}
	}
	p.expires = report.Version.ExpiresAt
	p.next = later(r.service.Now(), nil, p.expires)
	r.tell(event)
	return nil
}

// later is the next moment at which a check could come to another answer: what Renew says, the days of the
// alarms, the day of expiry and the days after it.
func later(now time.Time, said, expires *time.Time) time.Time {
	next := now.Add(400 * day)
	use := func(t time.Time) {
		if t.After(now) && t.Before(next) {
			next = t
		}
	}
	if said != nil {
		use(*said)
	}
	if expires != nil {
		for _, days := range []int{90, 60, 30, 7} {
			use(expires.Add(-time.Duration(days)*day + time.Minute))
		}
		use(expires.Add(time.Minute))
	}
	return next
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
