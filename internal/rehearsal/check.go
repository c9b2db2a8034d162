package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

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
		p.tell(Event{At: r.service.Now(), Model: p.summary.Model, What: "expired", Why: expired + " expired while it served"})
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
			p.tell(Event{At: now, Model: name, What: "alarm", Why: alarm.Message})
		}
	}
	p.next = checkAfter(now)
	if renewed.Outcome == workflows.RenewCurrent {
		p.next = checkAfter(later(now, renewed.NextCheck, p.expires))
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
		p.tell(event)
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
		p.tell(event)
		return nil
	}
	if report.Version.Taken {
		event.Why += fmt.Sprintf("; nothing was trained: %s was taken", report.Version.DisplayName)
	}
	if p.lastResort(r.service.Now()) && report.Verdict != nil {
		event.Why += "; " + report.Verdict.Reason
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
			p.tell(Event{At: r.service.Now(), Model: p.summary.Model, What: "expired", Why: "the version before expired while the new one was made"})
		}
	}
	p.expires = report.Version.ExpiresAt
	p.tell(event)
	return nil
}

// lastResort tells that what serves expires so soon that the last resort decides.
func (p *part) lastResort(now time.Time) bool {
	return p.expires != nil && p.expires.Sub(now) < p.request.LastResort.Before.Std()
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

// checkAfter is the first moment after t at which schedules fire: once a day.
func checkAfter(t time.Time) time.Time {
	at := t.UTC().Truncate(day).Add(checkedAt)
	if !at.After(t) {
		at = at.Add(day)
	}
	return at
}
