package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"speech-retrainer/activities"
	"speech-retrainer/internal/checks"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/metric"
	"speech-retrainer/internal/telemetry"
)

// A worker tells of itself from its first moment on, also while Temporal is away, and never of its key.
func TestMetricsPage(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	env := goodEnv(server.address)
	p := start(t, env)
	page := func() string {
		code, text := get(t, "http://"+p.http+"/metrics")
		require.Equal(t, http.StatusOK, code)
		return text
	}
	require.Eventually(t, func() bool { return strings.Contains(page(), "\nretrainer_ready 1\n") }, soon, 10*time.Millisecond)
	text := page()
	for _, line := range []string{
		"retrainer_speech_quota_share_ratio 1", "retrainer_speech_throttled 0", `retrainer_build_info{resource=`, "temporal_request_total",
		"retrainer_notifications_lost_total{event=\"approval\"} 0",
	} {
		require.Contains(t, text, line)
	}
	require.NotContains(t, text, env["SPEECH_KEY"])
	server.down.Store(true)
	require.Contains(t, page(), "\nretrainer_ready 0\n")
}

// gauges is what sources report, as name{labels} value.
func gauges(report func(telemetry.Report)) []string {
	var all []string
	report(func(name string, value float64, labels ...string) {
		all = append(all, fmt.Sprint(name, labels, " ", value))
	})
	return all
}

func TestReports(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	fleet := activities.FleetVitals{Now: now, Age: time.Minute, LeftOut: 2, Models: []lifecycle.Vitals{
		{
			Name: "desk", Locale: "en-US", ExpiresAt: lifecycle.Ptr(now.Add(-36 * time.Hour)), Alarms: []string{"expired", "stuck"},
			Rates: []lifecycle.VitalRate{{Test: "calls", Side: lifecycle.SideBase, Rate: 0.2}},
		},
		{Name: "new", Locale: "de-DE"},
	}}
	require.Equal(t, []string{
		"retrainer_listing_age_seconds[] 60", "retrainer_models[] 4", "retrainer_models_left_out[] 2",
		"retrainer_model_time_to_expiry_days[desk en-US] -1.5", "retrainer_model_word_error_rate_ratio[desk en-US calls base] 0.2",
		"retrainer_model_alarm[desk en-US expired] 1", "retrainer_model_alarm[desk en-US stuck] 1",
	}, gauges(func(r telemetry.Report) { reportVitals(r, fleet) }))

	spent := activities.Spending{At: now, Spent: lifecycle.Cost{Amount: 12.5, Currency: "EUR"}, Budget: 400}
	require.Equal(t, []string{"retrainer_month_spent_money[EUR] 12.5", "retrainer_month_budget_money[EUR] 400"},
		gauges(func(r telemetry.Report) { reportSpending(r, spent, now) }))
	require.Empty(t, gauges(func(r telemetry.Report) { reportSpending(r, spent, now.AddDate(0, 1, 0)) }), "another month")
	require.Empty(t, gauges(func(r telemetry.Report) { reportSpending(r, activities.Spending{}, now) }))

	require.Empty(t, gauges(func(r telemetry.Report) { reportChecks(r, checks.State{}, now) }), "nothing is known yet")
	state := checks.State{
		At: now.Add(-time.Minute), Active: 2, Paused: 1, LeftOut: 4,
		Checks:    []checks.Check{{Model: "desk", GoodAt: now.Add(-time.Hour), Failed: true}, {Model: "new", RetrainFailed: true}},
		Questions: []checks.Question{{Model: "desk", Until: now.Add(time.Hour)}},
	}
	require.Equal(t, []string{
		"retrainer_temporal_look_age_seconds[] 60", "retrainer_schedules[false] 2", "retrainer_schedules[true] 1",
		"retrainer_schedules_left_out[] 4",
		"retrainer_model_last_good_check_age_seconds[desk] 3600", "retrainer_model_last_check_failed[desk] 1", "retrainer_model_last_retrain_failed[desk] 0",
		"retrainer_model_last_check_failed[new] 0", "retrainer_model_last_retrain_failed[new] 1", "retrainer_approval_time_left_seconds[desk] 3600",
	}, gauges(func(r telemetry.Report) { reportChecks(r, state, now) }))
}

// Whoever answers in the service's place cannot make labels.
func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	m, err := telemetry.NewMetrics(zap.NewNop())
	require.NoError(t, err)
	for status := range 1000 {
		_, answered := (&requests{metrics: m}).Sending(t.Context(), "list models")
		answered(status)
	}
	(&requests{metrics: m}).Waited(time.Second)
	var page strings.Builder
	w := recorder{&page}
	m.Page().ServeHTTP(w, (&http.Request{Header: http.Header{}}).WithContext(context.Background()))
	lines := strings.Count(page.String(), metric.Requests+"_total{")
	require.Less(t, lines, 70)
	for _, line := range []string{
		`{class="none",code="none",operation="list models"} 1`, `{class="4xx",code="429",operation="list models"} 1`, `{class="other",code="other"`,
	} {
		require.Contains(t, page.String(), line)
	}
	require.Contains(t, page.String(), `retrainer_speech_turn_wait_seconds_count 1`)
}

// recorder is an answer that is kept.
type recorder struct{ *strings.Builder }

func (recorder) Header() http.Header { return http.Header{} }
func (recorder) WriteHeader(int)     {}
