package telemetry

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/client"
	temporal "go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"
	"go.uber.org/zap"

	"speech-retrainer/internal/secret"
)

// flushTime is how long a program that ends waits for its last spans to arrive.
const flushTime = 3 * time.Second

// complainEvery is how often it is said that spans do not arrive.
const complainEvery = time.Minute

// Traces tells a collector of runs: from whoever starts one, through its workflow and its activities, to each request to
// the Speech service. A nil *Traces tells nobody.
type Traces struct {
	provider    *sdktrace.TracerProvider
	tracer      trace.Tracer
	interceptor interceptor.Interceptor
}

// NewTraces makes the traces of a program when OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT names a
// collector (OTLP over HTTP), and returns nil when none does, or OTEL_SDK_DISABLED or OTEL_TRACES_EXPORTER=none turn them
// off. The exporter reads the other variables of OpenTelemetry, of the process. It sends nothing yet. The error names the
// variable.
func NewTraces(ctx context.Context, getenv func(string) string, service string, logger *zap.Logger) (*Traces, error) {
	if strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") ||
		cmp.Or(getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), getenv("OTEL_EXPORTER_OTLP_ENDPOINT")) == "" {
		return nil, nil
	}
	switch exporter := getenv("OTEL_TRACES_EXPORTER"); exporter {
	case "", "otlp":
	case "none":
		return nil, nil
	default:
		return nil, fmt.Errorf("OTEL_TRACES_EXPORTER is %q: only otlp and none are known", secret.Redact(exporter))
	}
	protocol := cmp.Or(getenv("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"), getenv("OTEL_EXPORTER_OTLP_PROTOCOL"), "http/protobuf")
	if protocol != "http/protobuf" {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL is %q: only http/protobuf is known", secret.Redact(protocol))
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("make the exporter of OTEL_EXPORTER_OTLP_ENDPOINT: %s", secret.Redact(err.Error()))
	}
	otel.SetErrorHandler(&complaint{logger: logger})
	return newTraces(service, sdktrace.WithBatcher(exporter))
}

func newTraces(service string, options ...sdktrace.TracerProviderOption) (*Traces, error) {
	// What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say goes before; of the process itself nothing is told.
	of, err := resource.Merge(resource.NewSchemaless(attribute.String("service.name", service)), resource.Environment())
	if err != nil {
		return nil, fmt.Errorf("read OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	t := &Traces{provider: sdktrace.NewTracerProvider(append(options, sdktrace.WithResource(of))...)}
	t.tracer = t.provider.Tracer("speech-retrainer")
	t.interceptor, err = temporal.NewTracingInterceptor(temporal.TracerOptions{
		Tracer: t.tracer, TextMapPropagator: propagation.TraceContext{}, DisableBaggage: true, AllowInvalidParentSpans: true,
		// Whoever follows a run asks for its status each second.
		DisableQueryTracing: true,
	})
	return t, err
}

// Intercept lets a Temporal client, and workers that are made of it, take part in traces.
func (t *Traces) Intercept(o *client.Options) {
	if t != nil {
		o.Interceptors = append(o.Interceptors, t.interceptor)
	}
}

// Request begins the span of a request to the Speech service, when it is part of a trace: what many share, as the looks of
// those who wait, is part of none. ended ends it with the status of the answer, zero when there was none. Nothing of the
// trace goes to the service.
func (t *Traces) Request(ctx context.Context, operation, host string) (spanned context.Context, ended func(status int)) {
	if t == nil || !trace.SpanContextFromContext(ctx).IsValid() {
		return ctx, func(int) {}
	}
	ctx, span := t.tracer.Start(ctx, "speech: "+operation, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("speech.operation", operation), attribute.String("server.address", host)))
	return ctx, func(status int) {
		switch {
		case status == 0:
			span.SetStatus(codes.Error, "no answer")
		case status >= 400:
			span.SetStatus(codes.Error, "")
			fallthrough
		default:
			span.SetAttributes(attribute.Int("http.response.status_code", status))
		}
		span.End()
	}
}

// Close sends what is left.
func (t *Traces) Close() {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		otel.Handle(err)
	}
}

// complaint says now and then that spans do not arrive, without what the address of the collector may hold.
type complaint struct {
	logger *zap.Logger

	mu   sync.Mutex
	said time.Time
}

// Handle hears of an error of OpenTelemetry.
func (c *complaint) Handle(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.said) >= complainEvery {
		c.said = now
		c.logger.Warn("traces do not arrive at the collector of OTEL_EXPORTER_OTLP_ENDPOINT", zap.String("error", secret.Redact(err.Error())))
	}
}
