package telemetry_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"speech-retrainer/internal/bundle"
	"speech-retrainer/internal/telemetry"
)

// Nobody is told anything unless a collector is named, and what is not known is refused by its variable.
func TestTracesAreOffByDefault(t *testing.T) {
	t.Parallel()
	const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
	for name, tt := range map[string]struct {
		env  bundle.Env
		on   bool
		says string
	}{
		"nothing":          {env: bundle.Env{}},
		"a name alone":     {env: bundle.Env{"OTEL_SERVICE_NAME": "desk"}},
		"turned off":       {env: bundle.Env{endpoint: "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "TRUE"}},
		"no exporter":      {env: bundle.Env{endpoint: "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none"}},
		"another exporter": {env: bundle.Env{endpoint: "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "zipkin"}, says: "OTEL_TRACES_EXPORTER"},
		"another protocol": {env: bundle.Env{endpoint: "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, says: "OTEL_EXPORTER_OTLP_PROTOCOL"},
		"a collector":      {env: bundle.Env{endpoint: "http://127.0.0.1:1"}, on: true},
		"one for traces":   {env: bundle.Env{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "otlp"}, on: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			getenv := func(name string) string { return tt.env[name] }
			traces, err := telemetry.NewTraces(t.Context(), getenv, "test", zap.NewNop())
			if tt.says != "" {
				require.ErrorContains(t, err, tt.says)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.on, traces != nil)
			var o client.Options
			traces.Intercept(&o)
			require.Equal(t, tt.on, len(o.Interceptors) == 1)
			ctx, ended := traces.Request(t.Context(), "list models", "host")
			require.Equal(t, t.Context(), ctx, "what belongs to no trace begins none")
			ended(200)
			traces.Close()
		})
	}
}

// That a collector is away is said once a minute, without what its address holds.
func TestACollectorThatIsAway(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://ann:s3cret@127.0.0.1:1/?token=s3cret")
	core, logs := observer.New(zapcore.WarnLevel)
	traces, err := telemetry.NewTraces(t.Context(), func(string) string { return "http://ann:s3cret@127.0.0.1:1/?token=s3cret" }, "test", zap.New(core))
	require.ErrorContains(t, err, "OTEL_TRACES_EXPORTER")
	require.Nil(t, traces)
	traces, err = telemetry.NewTraces(t.Context(), func(name string) string {
		if name == "OTEL_EXPORTER_OTLP_ENDPOINT" {
			return "http://ann:s3cret@127.0.0.1:1/?token=s3cret"
		}
		return ""
	}, "test", zap.New(core))
	require.NoError(t, err)
	for range 3 {
		otel.Handle(context.DeadlineExceeded)
	}
	traces.Close()
	require.Equal(t, 1, logs.Len())
	for _, entry := range logs.All() {
		require.NotContains(t, entry.Message, "s3cret")
		require.NotContains(t, entry.ContextMap()["error"], "s3cret")
	}
}
