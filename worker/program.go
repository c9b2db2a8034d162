package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/pflag"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.uber.org/zap"

	"speech-retrainer/activities"
	"speech-retrainer/internal/checks"
	"speech-retrainer/internal/telemetry"
)

// Exit codes of the worker.
const (
	exitStopped = 0
	exitFailed  = 1
	exitUsage   = 2
)

// Main is the worker as a program. Tests build one, replace what it takes from the process, and run it.
type Main struct {
	Flags Flags

	// Env is where settings come from.
	Env envconfig.EnvLookup
	// Stdout receives help and the answer of healthcheck, Stderr the log.
	Stdout, Stderr io.Writer
	// Terminal tells that Stderr is one.
	Terminal bool
	// Dial connects to Temporal; the client's own way unless a test replaces it.
	Dial func(context.Context, client.Options) (client.Client, error)
	// Listening is called with the address of the HTTP server once it is bound; may be nil.
	Listening func(net.Addr)

	logger *zap.Logger
	// metrics are what is counted; nil when nobody can read them.
	metrics *telemetry.Metrics
}

// NewMain returns the worker as the operator starts it.
func NewMain() *Main {
	return &Main{Env: envconfig.EnvLookupOS, Stdout: os.Stdout, Stderr: os.Stderr, Dial: client.DialContext}
}

// Execute does what the command line asks for and returns the exit code: 0 after a clean stop, 1 when
// the worker could not start or go on, 2 when the command line is wrong. It prints one message for
// each error.
func (m *Main) Execute(ctx context.Context, args []string) int {
	if len(args) > 0 && args[0] == "healthcheck" {
		return m.healthcheck(ctx, args[1:])
	}
	switch err := m.ParseFlags(args); {
	case errors.Is(err, pflag.ErrHelp), errors.Is(err, errVersion):
		return exitStopped
	case err != nil:
		fmt.Fprintf(m.Stderr, "worker: %v\nsee: worker --help\n", err)
		return exitUsage
	}
	if err := m.Run(ctx); err != nil {
		m.logger.Error(err.Error())
		return exitFailed
	}
	return exitStopped
}

// Run works until ctx ends, then stops gracefully and returns nil. It returns an error at once when a
// setting is wrong or the HTTP port is taken, and later when Temporal refuses the worker for good. A
// Temporal that cannot be reached is no error: it is tried again until ctx ends.
func (m *Main) Run(ctx context.Context) error {
	if m.logger == nil {
		m.logger = zap.NewNop()
	}
	page := http.NotFoundHandler()
	if m.Flags.HTTP != "" {
		var err error
		if m.metrics, err = telemetry.NewMetrics(m.logger); err != nil {
			return err
		}
		page = m.metrics.Page()
	}
	traces, err := telemetry.NewTraces(ctx, m.getenv, "speech-retrainer-worker", m.logger)
	if err != nil {
		return err
	}
	defer traces.Close()
	settings, err := readSettings(m.Env, m.logger, &requests{metrics: m.metrics, traces: traces})
	if err != nil {
		return err
	}

	status := &readiness{}
	status.set(stateConnecting, "connecting to Temporal at "+settings.temporal.HostPort)
	m.tellReady(status, settings)
	stopHTTP, err := m.serve(status, page)
	if err != nil {
		return err
	}
	defer stopHTTP()

	connection, err := connector{dial: m.Dial, options: settings.temporal, logger: m.logger}.connect(ctx)
	if err != nil || connection.client == nil {
		return err
	}
	defer connection.client.Close()
	status.ask(connection.check)
	status.listen(settings.speech.Refused)

	w := worker.New(connection.client, m.Flags.TaskQueue, m.workerOptions())
	doing := register(w, connection, settings)
	watch := checks.New(connection.client, settings.Owner)
	m.tell(activities.FiguresOf(doing), watch)
	defer m.watchChecks(ctx, watch)()
	if err := w.Start(); err != nil {
		return fmt.Errorf("start polling task queue %q in namespace %q: %w", m.Flags.TaskQueue, settings.temporal.Namespace, err)
	}
	status.set(stateReady, "")
	m.logger.Info("ready: polling for work", zap.String("taskQueue", m.Flags.TaskQueue),
		zap.String("namespace", settings.temporal.Namespace), zap.String("temporal", settings.temporal.HostPort),
		zap.String("resource", settings.speech.Resource()))

	interrupt := make(chan any)
	unhook := context.AfterFunc(ctx, func() {
		status.set(stateStopping, "stopping")
		m.logger.Info("stopping: running activities are handed over", zap.Duration("atMost", m.Flags.StopTimeout))
		close(interrupt)
	})
	defer unhook()
	// Run finds the worker started, and returns after it has stopped, for whatever reason.
	if err := w.Run(interrupt); err != nil {
		return fmt.Errorf("temporal refused the worker on task queue %q for good: %w", m.Flags.TaskQueue, err)
	}
	m.logger.Info("stopped")
	return nil
}

func (m *Main) getenv(name string) string {
	value, _ := m.Env.LookupEnv(name)
	return value
}

func (m *Main) workerOptions() worker.Options {
	return worker.Options{
		MaxConcurrentActivityExecutionSize: m.Flags.MaxActivities,
		// The SDK buffers heartbeats up to the smaller of these and 0.8 x the heartbeat time-out, and a
		// cancellation arrives with a heartbeat: the throttle is how long a cancel can take.
		MaxHeartbeatThrottleInterval:     m.Flags.HeartbeatThrottle,
		DefaultHeartbeatThrottleInterval: m.Flags.HeartbeatThrottle,
		// Without it activities are abandoned at once and their next attempt waits for the heartbeat
		// time-out; with it a wait hands over to the next worker within milliseconds.
		WorkerStopTimeout: m.Flags.StopTimeout,
		Interceptors:      append([]interceptor.WorkerInterceptor{&activities.Interceptor{}}, pointInterceptors...),
	}
}

// stopGrace is how long requests under way get when the HTTP server stops.
const stopGrace = 2 * time.Second
