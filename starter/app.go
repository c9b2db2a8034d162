package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/document"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/screen"
	"speech-retrainer/internal/telemetry"
)

// Options is all that the program takes from its process, so that tests run the whole of it.
type Options struct {
	// Args is the command line without the program's name.
	Args []string
	// Stdin is read for `--file -`. Stdout receives results, Stderr everything else.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Env is where settings come from.
	Env envconfig.EnvLookup
	// StdinTerminal, StdoutTerminal and StderrTerminal tell which streams are terminals.
	StdinTerminal, StdoutTerminal, StderrTerminal bool
	// Columns returns the width of the terminal, 0 when it is not known; nil is the same.
	Columns func() int
	// Dial connects to Temporal; nil is the client's own way.
	Dial func(context.Context, client.Options) (follow.Temporal, error)
	// Upload brings a file to the service; nil is dataset.Upload with a client for these settings.
	Upload func(context.Context, config.Settings, dataset.UploadRequest) (dataset.UploadResult, error)
	// Pace is how often a followed run is asked for its state; 0 is a second.
	Pace time.Duration
}

const defaultPace = time.Second

// app is one execution of the program.
type app struct {
	Options
	out *screen.Screen
	// traces tell a collector what was asked for; nil when nobody wants to hear of it.
	traces *telemetry.Traces
	// code is the exit code of a command that ended without an error.
	code int
}

// newApp completes the options.
func newApp(o Options) *app {
	if o.Pace == 0 {
		o.Pace = defaultPace
	}
	if o.Columns == nil {
		o.Columns = func() int { return 0 }
	}
	a := &app{Options: o}
	// https://no-color.org: present and not empty.
	a.out = &screen.Screen{
		In: o.Stdin, InTerminal: o.StdinTerminal, Out: o.Stdout, OutTerminal: o.StdoutTerminal, Err: o.Stderr, ErrTerminal: o.StderrTerminal,
		Columns: o.Columns, Plain: a.env("NO_COLOR") != "" || a.env("TERM") == "dumb", JSON: wantsJSON(o.Args),
	}
	a.out.Guard()
	return a
}

// fail tells about err and returns the exit code for it. An error that is no *exit.Failure comes from the
// command line itself.
func (a *app) fail(err error) int {
	f, ok := errors.AsType[*exit.Failure](err)
	if !ok {
		f = exit.Refuse(lifecycle.InvalidRequest, "%s; see: starter --help", err)
	}
	if a.out.JSON {
		a.out.ReportValue(f.Report())
	}
	for _, line := range f.Lines {
		a.out.TellFitting(line)
	}
	a.out.TellFitting("starter: " + f.Sentence())
	return f.Code
}

// ended returns the exit code in the end: a result that could not be written is a failure, whatever it was. A reader that
// has closed its pipe has had enough, and is told nothing, as other tools do it.
func (a *app) ended() int {
	broken := a.out.Broken()
	if broken == nil {
		return a.code
	}
	if !errors.Is(broken, syscall.EPIPE) {
		if path, is := errors.AsType[*fs.PathError](broken); is {
			broken = path.Err
		}
		a.out.TellFitting(fmt.Sprintf("starter: cannot write the result to standard output: %s; what the command has started or changed stays so", broken))
	}
	if slices.Contains([]int{exit.Done, exit.Changes, exit.Rejected, exit.Needed}, a.code) {
		return exit.Failed
	}
	return a.code
}

// env reads one variable of the environment.
func (a *app) env(name string) string {
	if a.Env == nil {
		return ""
	}
	value, _ := a.Env.LookupEnv(name)
	return value
}

// readRequest reads the request in the file at path. The error is a *exit.Failure with every problem and its line.
func (a *app) readRequest(path string) (fleet.Given, error) {
	d, err := document.Read(path, a.Stdin)
	if err != nil {
		return fleet.Given{}, err
	}
	return fleet.ReadRequest(d)
}

// readFleet reads the fleet in the file at path. The error is a *exit.Failure with every problem, its line and path.
func (a *app) readFleet(path string) (fleet.Fleet, error) {
	d, err := document.Read(path, a.Stdin)
	if err != nil {
		return fleet.Fleet{}, err
	}
	return fleet.Read(d, time.Now())
}
