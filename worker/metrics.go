package main

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"go.uber.org/zap"

	"speech-retrainer/activities"
	"speech-retrainer/internal/build"
	"speech-retrainer/internal/checks"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/metric"
	"speech-retrainer/internal/speech"
	"speech-retrainer/internal/telemetry"
)

// checksEvery is how often Temporal is asked for the checks of models, by a worker whose metrics somebody can read.
const checksEvery = time.Minute

// requests counts and traces the requests to the Speech service.
type requests struct {
	// metrics are nil when nobody counts, traces when nobody hears of runs.
	metrics *telemetry.Metrics
	traces  *telemetry.Traces
	// resource is where they go.
	resource string
}

// Waited counts the wait for a turn.
func (r *requests) Waited(took time.Duration) {
	if r.metrics != nil {
		r.metrics.Record(metric.TurnWait, took.Seconds())
	}
}

// Sending counts an answer and how long it took.
func (r *requests) Sending(ctx context.Context, operation string) (sent context.Context, answered func(status int)) {
	start := time.Now()
	ctx, ended := r.traces.Request(ctx, operation, r.resource)
	return ctx, func(status int) {
		ended(status)
		if r.metrics != nil {
			class, code := classOf(status)
			r.metrics.Add(metric.Requests, 1, operation, class, code)
			r.metrics.Record(metric.RequestDuration, time.Since(start).Seconds(), operation)
		}
	}
}

// classOf are the class and the code of an answer as labels. A code that no standard names is not told apart: whoever
// answers in the service's place must not make labels.
func classOf(status int) (class, code string) {
	switch {
	case status == 0:
		return "none", "none"
	case http.StatusText(status) == "":
		return metric.Other, metric.Other
	}
	return strconv.Itoa(status/100) + "xx", strconv.Itoa(status)
}

// tellReady makes known whether this worker is ready, from its first moment on.
func (m *Main) tellReady(status *readiness, s settings) {
	if m.metrics == nil {
		return
	}
	m.metrics.Observe(func(ctx context.Context, report telemetry.Report) {
		report(metric.Ready, truth(status.ready(ctx) == nil))
		report(metric.Build, 1, build.Read().Version, m.Flags.TaskQueue, s.speech.Resource())
		reportQuota(report, s.speech.Quota())
	})
}

// tell makes known what the activities of this worker and the checks show of the fleet.
func (m *Main) tell(of activities.Figures, watch *checks.Watch) {
	if m.metrics == nil {
		return
	}
	m.metrics.Observe(func(_ context.Context, report telemetry.Report) {
		for name, n := range of.Waits() {
			report(metric.Waits, float64(n), name)
		}
		if fleet, known := of.Vitals(); known {
			reportVitals(report, fleet)
			reportSpending(report, of.Spending(), fleet.Now)
		}
		reportChecks(report, watch.State(), time.Now())
	})
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func reportQuota(report telemetry.Report, q speech.Quota) {
	report(metric.QuotaShare, q.Share)
	report(metric.QuotaInForce, q.InForce)
	report(metric.Throttled, truth(q.Throttled))
	report(metric.TurnsWaiting, float64(q.Waiting))
}

func reportVitals(report telemetry.Report, fleet activities.FleetVitals) {
	report(metric.ListingAge, fleet.Age.Seconds())
	report(metric.Models, float64(len(fleet.Models)+fleet.LeftOut))
	report(metric.ModelsLeftOut, float64(fleet.LeftOut))
	for _, v := range fleet.Models {
		if v.ExpiresAt != nil {
			report(metric.ToExpiry, v.ExpiresAt.Sub(fleet.Now).Hours()/24, v.Name, v.Locale)
		}
		for _, r := range v.Rates {
			report(metric.WordErrorRate, r.Rate, v.Name, v.Locale, r.Test, r.Side)
		}
		for _, kind := range v.Alarms {
			report(metric.ModelAlarm, 1, v.Name, v.Locale, kind)
		}
	}
}

// reportSpending tells of the month of the estimate only: of the next one nothing is known yet.
func reportSpending(report telemetry.Report, s activities.Spending, now time.Time) {
	if s.At.IsZero() || s.At.UTC().Format("2006-01") != now.UTC().Format("2006-01") {
		return
	}
	report(metric.MonthSpent, s.Spent.Amount, s.Spent.Currency)
	report(metric.MonthBudget, s.Budget, s.Spent.Currency)
}

func reportChecks(report telemetry.Report, s checks.State, now time.Time) {
	if s.At.IsZero() {
		return
	}
	report(metric.TemporalAge, now.Sub(s.At).Seconds())
	report(metric.ScheduleCount, float64(s.Active), "false")
	report(metric.ScheduleCount, float64(s.Paused), "true")
	report(metric.ChecksLeftOut, float64(s.LeftOut))
	for _, c := range s.Checks {
		if !c.GoodAt.IsZero() {
			report(metric.CheckAge, max(now.Sub(c.GoodAt), 0).Seconds(), c.Model)
		}
		report(metric.CheckFailed, truth(c.Failed), c.Model)
		report(metric.RetrainFailed, truth(c.RetrainFailed), c.Model)
		if c.Alarm != "" {
			report(metric.ModelAlarm, 1, c.Model, c.Locale, metric.OneOf(c.Alarm, lifecycle.AlarmKinds))
		}
	}
	for _, q := range s.Questions {
		report(metric.ApprovalLeft, q.Until.Sub(now).Seconds(), q.Model)
	}
}

// watchChecks asks Temporal for the checks of models until the returned function is called. What cannot be read is said
// once, until it could again.
func (m *Main) watchChecks(ctx context.Context, watch *checks.Watch) (stop func()) {
	if m.metrics == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done, said := make(chan struct{}), time.Time{}
	go func() {
		defer close(done)
		watch.Run(ctx, checksEvery, func(err error) {
			if at := watch.State().At; said.IsZero() || at.After(said) {
				said = time.Now()
				m.logger.Warn("the metrics of checks are not kept current", zap.Error(err))
			}
		})
	}()
	return func() {
		cancel()
		<-done
	}
}
