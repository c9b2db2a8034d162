package telemetry

import (
	"context"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"speech-retrainer/internal/metric"
)

func page(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Page().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	require.Equal(t, 200, w.Code)
	return w.Body.String()
}

// Each metric of the catalogue is on the page under its own name, with its own text and its own labels.
func TestPageHoldsTheCatalogue(t *testing.T) {
	t.Parallel()
	m, err := NewMetrics(zap.NewNop())
	require.NoError(t, err)
	m.Observe(func(_ context.Context, report Report) {
		for _, of := range metric.All {
			if of.Kind == metric.Gauge {
				report(of.Name, 1, of.Labels...)
			}
		}
	})
	for _, of := range metric.All {
		switch of.Kind {
		case metric.Counter:
			m.Add(of.Name, 1, of.Labels...)
		case metric.Histogram:
			m.Record(of.Name, 1, of.Labels...)
		}
	}
	text := page(t, m)
	declared := map[string]bool{}
	for _, line := range regexp.MustCompile(`(?m)^# TYPE (\S+) (\S+)$`).FindAllStringSubmatch(text, -1) {
		declared[line[1]+" "+line[2]] = true
	}
	require.Len(t, declared, len(metric.All), text)
	for _, of := range metric.All {
		require.True(t, declared[of.Exposed()+" "+string(of.Kind)], "%s\n%s", of.Exposed(), text)
		require.Contains(t, text, "# HELP "+of.Exposed()+" "+of.Help+"\n")
		require.Regexp(t, `^retrainer_[a-z_]*[a-z]$`, of.Name)
		require.True(t, strings.HasSuffix(of.Help, "."))
		require.Equal(t, of.Kind == metric.Histogram, len(of.Buckets) > 0)
	}
	require.NotContains(t, text, "otel_scope")
}

// What workflows and activities count by the SDK's handler has the labels of the catalogue, and none of the SDK's.
func TestHandlerCountsWithOurLabels(t *testing.T) {
	t.Parallel()
	m, err := NewMetrics(zap.NewNop())
	require.NoError(t, err)
	h := m.Handler().WithTags(map[string]string{"namespace": "default", "workflow_type": "Retrain", "run_id": "7"})
	h.WithTags(map[string]string{"outcome": "failed", "failure": "TimedOut"}).Counter(metric.Runs).Inc(2)
	h.WithTags(map[string]string{"stage": "train"}).Timer(metric.StageDuration).Record(2 * time.Hour)
	h.Counter("temporal_request").Inc(1)
	text := page(t, m)
	require.Contains(t, text, `retrainer_runs_total{failure="TimedOut",outcome="failed",workflow_type="Retrain"} 2`)
	require.Contains(t, text, `retrainer_stage_duration_seconds_bucket{stage="train",workflow_type="Retrain",le="10800"} 1`)
	require.Contains(t, text, `temporal_request_total{namespace="default",run_id="7",workflow_type="Retrain"} 1`)
	require.Contains(t, text, `retrainer_bad_bases_stopped_total 0`)
}

// What an alert waits for is there with 0 before the first event, under the labels that the SDK's handler counts it with.
func TestTheFirstOfEachKindIsAnIncrease(t *testing.T) {
	t.Parallel()
	m, err := NewMetrics(zap.NewNop())
	require.NoError(t, err)
	before := page(t, m)
	h := m.Handler().WithTags(map[string]string{"namespace": "default"})
	of := func(name string, labels map[string]string) { h.WithTags(labels).Counter(name).Inc(1) }
	of(metric.Runs, map[string]string{"workflow_type": "Rollback", "outcome": "failed", "failure": "DeployFailed"})
	of(metric.Runs, map[string]string{"workflow_type": "Renew", "outcome": "started", "failure": ""})
	of(metric.NotificationAttempts, map[string]string{"event": "failed", "format": "teams", "result": "refused"})
	after := page(t, m)
	for _, series := range []string{
		`retrainer_runs_total{failure="DeployFailed",outcome="failed",workflow_type="Rollback"} `,
		`retrainer_runs_total{failure="",outcome="started",workflow_type="Renew"} `,
		`retrainer_notification_attempts_total{event="failed",format="teams",result="refused"} `,
	} {
		require.Contains(t, before, "\n"+series+"0\n")
		require.Contains(t, after, "\n"+series+"1\n")
	}
	require.Equal(t, strings.Count(before, "\nretrainer_"), strings.Count(after, "\nretrainer_"), "no series beside those")
	require.LessOrEqual(t, strings.Count(before, "\nretrainer_runs_total"), 80, "they are bounded")
}

// A source that asks somebody, as the worker asks Temporal whether it is there, counts a request of a kind that was never counted
// before. It must not wait for the page that waits for it.
func TestASourceMayCount(t *testing.T) {
	t.Parallel()
	m, err := NewMetrics(zap.NewNop())
	require.NoError(t, err)
	m.Observe(func(_ context.Context, report Report) {
		m.Handler().WithTags(map[string]string{"operation": "GetSystemInfo"}).Counter("temporal_request").Inc(1)
		report(metric.Ready, 1)
	})
	served := make(chan string, 1)
	go func() { served <- page(t, m) }()
	select {
	case text := <-served:
		require.Contains(t, text, "\nretrainer_ready 1\n")
		require.Contains(t, text, "temporal_request")
	case <-time.After(20 * time.Second):
		t.Fatal("the page never came")
	}
}
