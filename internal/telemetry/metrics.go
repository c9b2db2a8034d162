package telemetry

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	otelmetric "go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.temporal.io/sdk/client"
	temporal "go.temporal.io/sdk/contrib/opentelemetry"
	"go.uber.org/zap"

	"speech-retrainer/internal/metric"
)

// mostSeries is how many sets of labels one metric may have: models × tests × sides, with room.
const mostSeries = 200_000

// ofTemporal are the upper bounds of the SDK's own histograms, in seconds: from a request to a run.
var ofTemporal = []float64{0.005, 0.02, 0.1, 0.5, 1, 5, 30, 120, 600, 3600, 6 * 3600, 24 * 3600}

// Metrics are the counters of one worker, and the page on which Prometheus reads them.
type Metrics struct {
	provider *sdkmetric.MeterProvider
	registry *prometheus.Registry
	meter    otelmetric.Meter
	logger   *zap.Logger

	counters   map[string]otelmetric.Int64Counter
	histograms map[string]otelmetric.Float64Histogram
	gauges     map[string]otelmetric.Float64ObservableGauge

	mu      sync.Mutex
	sources []Source
	// seen is what the sources reported when the page was last asked for.
	seen []reading
}

// reading is one value of a gauge.
type reading struct {
	name   string
	value  float64
	labels []string
}

// Report takes one value of a gauge, with the values of its labels in the order of the catalogue.
type Report func(name string, value float64, labels ...string)

// Source reports gauges when somebody reads the page. It returns within seconds, and may ask others: what they count
// meanwhile is counted.
type Source func(ctx context.Context, report Report)

// NewMetrics makes the metrics of the catalogue, and a page of them.
func NewMetrics(logger *zap.Logger) (*Metrics, error) {
	m := &Metrics{
		registry: prometheus.NewRegistry(), logger: logger, counters: map[string]otelmetric.Int64Counter{},
		histograms: map[string]otelmetric.Float64Histogram{}, gauges: map[string]otelmetric.Float64ObservableGauge{},
	}
	reader, err := exporter.New(exporter.WithRegisterer(m.registry), exporter.WithoutScopeInfo(), exporter.WithoutTargetInfo())
	if err != nil {
		return nil, fmt.Errorf("make the metrics: %w", err)
	}
	options := []sdkmetric.Option{sdkmetric.WithReader(reader), sdkmetric.WithCardinalityLimit(mostSeries)}
	for _, of := range metric.All {
		options = append(options, sdkmetric.WithView(view(of)))
	}
	options = append(options, sdkmetric.WithView(sdkmetric.NewView(
		sdkmetric.Instrument{Name: "temporal_*", Kind: sdkmetric.InstrumentKindHistogram},
		sdkmetric.Stream{Aggregation: sdkmetric.AggregationExplicitBucketHistogram{Boundaries: ofTemporal, NoMinMax: true}},
	)))
	m.provider = sdkmetric.NewMeterProvider(options...)
	m.meter = m.provider.Meter("speech-retrainer")
	return m, m.declare()
}

// view gives a metric its text and its buckets, and drops all labels but its own: what the SDK knows of a run is bounded,
// but would make many series of each.
func view(of metric.Metric) sdkmetric.View {
	keys := make([]attribute.Key, 0, len(of.Labels))
	for _, label := range of.Labels {
		keys = append(keys, attribute.Key(label))
	}
	stream := sdkmetric.Stream{Name: of.Name, Description: of.Help, AttributeFilter: attribute.NewAllowKeysFilter(keys...)}
	if of.Kind == metric.Histogram {
		stream.Aggregation = sdkmetric.AggregationExplicitBucketHistogram{Boundaries: of.Buckets, NoMinMax: true}
	}
	return sdkmetric.NewView(sdkmetric.Instrument{Name: of.Name}, stream)
}

func (m *Metrics) declare() error {
	var observed []otelmetric.Observable
	for _, of := range metric.All {
		var err error
		switch of.Kind {
		case metric.Counter:
			m.counters[of.Name], err = m.meter.Int64Counter(of.Name)
			for _, values := range of.Zeros {
				m.Add(of.Name, 0, values...)
			}
		case metric.Histogram:
			m.histograms[of.Name], err = m.meter.Float64Histogram(of.Name, otelmetric.WithUnit("s"))
		case metric.Gauge:
			m.gauges[of.Name], err = m.meter.Float64ObservableGauge(of.Name)
			observed = append(observed, m.gauges[of.Name])
		}
		if err != nil {
			return fmt.Errorf("make the metric %s: %w", of.Name, err)
		}
	}
	_, err := m.meter.RegisterCallback(m.observe, observed...)
	return err
}

// Observe adds a source of gauges.
func (m *Metrics) Observe(s Source) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sources = append(m.sources, s)
}

// read asks the sources. It is done before the metrics are collected, which locks them: a source that asks Temporal would
// wait there for its own request to be counted, for ever, and with it the whole worker.
func (m *Metrics) read(ctx context.Context) {
	m.mu.Lock()
	sources := m.sources
	m.mu.Unlock()
	var seen []reading
	for _, s := range sources {
		s(ctx, func(name string, value float64, labels ...string) { seen = append(seen, reading{name, value, labels}) })
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen = seen
}

// observe passes on what was read. It runs while the metrics are locked: it must ask nobody, and count nothing.
func (m *Metrics) observe(_ context.Context, o otelmetric.Observer) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.seen {
		o.ObserveFloat64(m.gauges[r.name], r.value, otelmetric.WithAttributeSet(attributes(r.name, r.labels)))
	}
	return nil
}

// Add adds to a counter, with the values of its labels in the order of the catalogue.
func (m *Metrics) Add(name string, n int64, labels ...string) {
	m.counters[name].Add(context.Background(), n, otelmetric.WithAttributeSet(attributes(name, labels)))
}

// Record records a value of a histogram.
func (m *Metrics) Record(name string, value float64, labels ...string) {
	m.histograms[name].Record(context.Background(), value, otelmetric.WithAttributeSet(attributes(name, labels)))
}

func attributes(name string, values []string) attribute.Set {
	of, _ := metric.Of(name)
	all := make([]attribute.KeyValue, 0, len(values))
	for i, value := range values {
		all = append(all, attribute.String(of.Labels[i], value))
	}
	return attribute.NewSet(all...)
}

// Handler is where the Temporal client counts what it does, and through it workflows and activities.
func (m *Metrics) Handler() client.MetricsHandler {
	return temporal.NewMetricsHandler(temporal.MetricsHandlerOptions{
		Meter: m.meter, UseMonotonicCounters: true,
		OnError: func(err error) { m.logger.Warn("a metric cannot be counted", zap.Error(err)) },
	})
}

// Page serves the metrics as Prometheus reads them.
func (m *Metrics) Page() http.Handler {
	page := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorLog: zap.NewStdLog(m.logger)})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.read(r.Context())
		page.ServeHTTP(w, r)
	})
}
