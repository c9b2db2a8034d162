package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"speech-retrainer/internal/build"
	"speech-retrainer/internal/meant"
	"speech-retrainer/internal/telemetry"
	"speech-retrainer/workflows"
)

// Flags is the worker's command line.
type Flags struct {
	// TaskQueue is the queue worked on; one task queue is one Speech resource.
	TaskQueue string
	// HTTP is the address of the health server; empty turns it off.
	HTTP string
	// HeartbeatThrottle is the longest time between two heartbeats of a wait, and so about the longest
	// time until a wait learns that it was cancelled.
	HeartbeatThrottle time.Duration
	// MaxActivities is how many activities run at once, parked waits included.
	MaxActivities int
	// StopTimeout is how long a stop gives running activities to hand over.
	StopTimeout time.Duration
	// LogFormat and LogLevel are as in telemetry.LogOptions.
	LogFormat, LogLevel string
}

// Defaults of the flags. A parked wait is one sleeping goroutine, so memory hardly bounds their number:
// heartbeats do. 4,000 waits at one heartbeat per 12 s are 333 heartbeats a second, which a dev server
// with a database file still takes (380/s measured); the SDK's own default of 1,000 would let one
// resource's waits starve its short activities.
const (
	defaultHTTP              = "127.0.0.1:8080"
	defaultHeartbeatThrottle = 12 * time.Second
	defaultMaxActivities     = 4000
	defaultStopTimeout       = 10 * time.Second
	// mostThrottle keeps two heartbeats inside the heartbeat time-out of 60 s that waits have.
	mostThrottle = 45 * time.Second
)

const usageHead = `Work on the requests of one Temporal task queue, on one Speech resource, until
SIGINT or SIGTERM.

Settings come from the environment: SPEECH_ENDPOINT or SPEECH_REGION;
SPEECH_KEY, SPEECH_KEY_FILE or Entra ID; RETRAINER_OWNER; and TEMPORAL_ADDRESS,
TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, ... as the Temporal CLI reads them.

Usage:
  worker [flags]
  worker healthcheck [--url URL] [--timeout DURATION]

Examples:
  SPEECH_REGION=westeurope SPEECH_KEY_FILE=/run/secrets/speech worker
  worker --task-queue speech-2 --http 0.0.0.0:8080 --log-format json
  worker healthcheck --url http://127.0.0.1:8080/readyz

Flags:
`

// errVersion says that the version was printed, which was all that was asked for.
var errVersion = errors.New("the version was asked for")

// ParseFlags reads the command line into m.Flags and makes the logger. It returns pflag.ErrHelp or errVersion after
// printing the help or the version that was asked for, else an error that names the flag.
func (m *Main) ParseFlags(args []string) error {
	fs := newFlagSet("worker")
	f := &m.Flags
	fs.StringVar(&f.TaskQueue, "task-queue", workflows.DefaultTaskQueue, "Task queue to work on: one task queue for each Speech resource")
	fs.StringVar(&f.HTTP, "http", defaultHTTP, "Address that serves /healthz, /readyz and /metrics; '' turns it off")
	fs.DurationVar(&f.HeartbeatThrottle, "heartbeat-throttle", defaultHeartbeatThrottle,
		"Longest time between heartbeats of a wait, and until it sees a cancel; up to 45s for many thousands of waits")
	fs.IntVar(&f.MaxActivities, "max-activities", defaultMaxActivities, "Activities that run at once, waits included: keep it well above the waits expected")
	fs.DurationVar(&f.StopTimeout, "stop-timeout", defaultStopTimeout, "Time that a stop gives running activities to hand over")
	fs.StringVar(&f.LogFormat, "log-format", telemetry.FormatAuto, "Log as console or json; auto: console on a terminal, json elsewhere")
	fs.StringVar(&f.LogLevel, "log-level", "info", "Log debug, info, warn or error and above")
	version := fs.Bool("version", false, "Print the version and end")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			fmt.Fprint(m.Stdout, usageHead, fs.FlagUsagesWrapped(80))
		}
		return meant.Flag(fs, err)
	}
	if *version {
		fmt.Fprintln(m.Stdout, build.Read().Line("worker"))
		return errVersion
	}
	if err := f.check(fs.Args()); err != nil {
		return err
	}
	_, noColor := m.Env.LookupEnv("NO_COLOR")
	logger, err := telemetry.NewLogger(telemetry.LogOptions{
		Out: m.Stderr, Format: f.LogFormat, Level: f.LogLevel, Terminal: m.Terminal, Color: m.Terminal && !noColor,
	})
	m.logger = logger
	return err
}

func newFlagSet(name string) *pflag.FlagSet {
	fs := pflag.NewFlagSet(name, pflag.ContinueOnError)
	fs.SortFlags = false
	fs.Usage = func() {}
	return fs
}

func (f *Flags) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unknown command %q", rest[0])
	case f.TaskQueue == "":
		return errors.New("--task-queue must not be empty")
	case f.HeartbeatThrottle <= 0 || f.HeartbeatThrottle > mostThrottle:
		return fmt.Errorf("--heartbeat-throttle must be above 0 and at most %s, not %s", mostThrottle, f.HeartbeatThrottle)
	case f.MaxActivities < 1:
		return fmt.Errorf("--max-activities must be at least 1, not %d", f.MaxActivities)
	case f.StopTimeout < 0:
		return fmt.Errorf("--stop-timeout must not be negative, not %s", f.StopTimeout)
	}
	return nil
}
