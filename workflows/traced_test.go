package workflows_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.uber.org/zap"

	shared "speech-retrainer/internal/bundle"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/internal/telemetry"
	"speech-retrainer/workflows"
)

// traced are traces to a collector.
func traced(t *testing.T) (*telemetry.Traces, *shared.Collector) {
	t.Helper()
	collector := shared.Collect(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	traces, err := telemetry.NewTraces(t.Context(), func(name string) string {
		return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL}[name]
	}, "test", zap.NewNop())
	require.NoError(t, err)
	return traces, collector
}

// interceptors are those of a worker whose client takes part in traces.
func interceptors(traces *telemetry.Traces) (all []interceptor.WorkerInterceptor) {
	var o client.Options
	traces.Intercept(&o)
	for _, i := range o.Interceptors {
		all = append(all, i.(interceptor.WorkerInterceptor))
	}
	return all
}

// Whoever starts a run begins a trace that goes through its workflow and its activities to each request that they send to
// the service. Nothing of it goes to the service, and nothing in it is a URL's query.
func TestOneTrace(t *testing.T) {
	traces, collector := traced(t)
	sent := &headers{seen: http.Header{}}
	b := setup(t, func(_ *emulator.Settings, c *speech.Config) { c.Observer, c.Transport = tracedRequests{traces}, sent })
	b.SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: patience, Interceptors: interceptors(traces)})
	const root = "4bf92f3577b34da6a3ce929d0e0e4736"
	payload, err := converter.GetDefaultDataConverter().ToPayload(map[string]string{"traceparent": "00-" + root + "-00f067aa0ba902b7-01"})
	require.NoError(t, err)
	b.SetHeader(&commonpb.Header{Fields: map[string]*commonpb.Payload{"_tracer-data": payload}})
	report, err := b.retrain(nil)
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, report.Outcome)
	traces.Close()

	byID, names := map[string]shared.Span{}, map[string]int{}
	for _, s := range collector.Spans() {
		require.Equal(t, root, s.Trace, s.Name)
		byID[s.ID] = s
		names[s.Name]++
		for key, value := range s.Attributes {
			require.NotContains(t, value, "?", "%s of %s", key, s.Name)
			require.NotContains(t, value, "://")
		}
	}
	require.Equal(t, 1, names["speech: create model"], "%v", names)
	require.Equal(t, 1, names["RunActivity:CreateVersion"])
	for _, s := range byID {
		if strings.HasPrefix(s.Name, "speech: ") {
			require.True(t, strings.HasPrefix(byID[s.Parent].Name, "RunActivity:"), "%s is below %s", s.Name, byID[s.Parent].Name)
			require.Contains(t, s.Attributes["http.response.status_code"], "20")
		}
	}
	require.NotEmpty(t, sent.seen.Get("User-Agent"))
	for _, name := range []string{"Traceparent", "Tracestate", "Baggage"} {
		require.Empty(t, sent.seen.Values(name))
	}
}

// tracedRequests is an observer that only traces.
type tracedRequests struct{ traces *telemetry.Traces }

func (tracedRequests) Waited(time.Duration) {}

func (r tracedRequests) Sending(ctx context.Context, operation string) (context.Context, func(int)) {
	return r.traces.Request(ctx, operation, "127.0.0.1")
}

// headers is a transport that keeps which headers went out.
type headers struct {
	mu   sync.Mutex
	seen http.Header
}

// RoundTrip sends a request.
func (h *headers) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	for name, values := range r.Header {
		h.seen[name] = append(h.seen[name], values...)
	}
	h.mu.Unlock()
	return http.DefaultTransport.RoundTrip(r)
}

// Traces change headers, which no history depends on.
func TestReplayWithTraces(t *testing.T) {
	traces, _ := traced(t)
	for name, history := range recorded(t) {
		r, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{DisableDeadlockDetection: true, Interceptors: interceptors(traces)})
		require.NoError(t, err)
		workflows.Register(r, workflows.Options{})
		require.NoError(t, replay(r, history), name)
	}
}
