package e2e

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
)

// page is what a worker tells of itself.
func (b *bench) page(health string) string {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, health+"/metrics", nil)
	require.NoError(b, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(b, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(b, err)
	require.Equal(b, http.StatusOK, response.StatusCode, string(text))
	return string(text)
}

// A worker counts what it does, and tells how its models stand; a collector hears of one trace from starter to the requests
// of the run. Neither hears of the key.
func TestMetricsAndTraces(t *testing.T) {
	t.Parallel()
	collector := bundle.Collect(t)
	b := setUp(t, key("k3y-of-the-metrics-test"))
	b.env = []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + collector.URL}
	w := b.worker(b.env[0], "OTEL_BSP_SCHEDULE_DELAY=200")
	report := b.serve()
	text := b.page(w.Health)
	for _, line := range []string{
		`retrainer_runs_total{failure="",outcome="succeeded",workflow_type="Retrain"} 1`,
		`retrainer_speech_requests_total{class="2xx",code="201",operation="create model"} 1`,
		`retrainer_stage_duration_seconds_count{stage="train",workflow_type="Retrain"} 1`,
		`retrainer_notice_delay_seconds_count{activity="AwaitVersion"} 1`,
		`retrainer_model_word_error_rate_ratio{locale="en-US",model="` + b.name + `",side="champion",test="desk calls"} `,
		`retrainer_model_time_to_expiry_days{locale="en-US",model="` + b.name + `"} `,
		"retrainer_models 1\n", "retrainer_ready 1\n", "temporal_request_total{",
	} {
		require.Contains(t, text, line)
	}
	require.NotContains(t, text, "k3y-of-the-metrics-test")

	var began bundle.Span
	b.await("the span of the request that made the version", func(context.Context) error {
		spans, made := collector.Spans(), 0
		for _, s := range spans {
			if s.Name == "StartWorkflow:Retrain" {
				began = s
			}
		}
		for _, s := range spans {
			if s.Name == "speech: create model" && s.Service == "speech-retrainer-worker" && s.Trace == began.Trace {
				made++
			}
		}
		return unless(made == 1, "%d of %d spans", made, len(spans))
	})
	require.Equal(t, "speech-retrainer-starter", began.Service)
	require.Empty(t, began.Parent)
	require.Contains(t, began.Attributes["temporalWorkflowID"], *report.WorkflowID)
	require.NotContains(t, string(collector.Raw()), "k3y-of-the-metrics-test")
}
