package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"

	"speech-retrainer/internal/build"
	"speech-retrainer/internal/config"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/screen"
	"speech-retrainer/internal/words"
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
	if o.Dial == nil {
		o.Dial = dial
	}
	if o.Upload == nil {
		o.Upload = uploadFile
	}
	a := &app{Options: o}
	// https://no-color.org: present and not empty.
	a.out = &screen.Screen{
		Out: o.Stdout, Err: o.Stderr, OutTerminal: o.StdoutTerminal, ErrTerminal: o.StderrTerminal, Columns: o.Columns,
		Plain: a.env("NO_COLOR") != "" || a.env("TERM") == "dumb", JSON: wantsJSON(o.Args),
	}
	return a
}

// Execute runs the program and returns its exit code, as the contract's "Exit codes of starter" says.
// It ends within moments of the end of ctx; a run that it follows goes on.
func Execute(ctx context.Context, o Options) int {
	a := newApp(o)
	root := a.root()
	root.SetArgs(o.Args)
	root.SetIn(o.Stdin)
	root.SetOut(o.Stdout)
	root.SetErr(o.Stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return a.code
	}
	return a.fail(err)
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

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "starter",
		Short: "Retrain, test and deploy Custom Speech models",
		Long: `Retrain, test and deploy Custom Speech models.

A retrain runs in Temporal, done by a worker: it goes on when this program
ends. Results go to stdout, everything else to stderr.

The server is found as the Temporal CLI finds it: by TEMPORAL_ADDRESS,
TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, ... and the profiles of temporal.toml
(TEMPORAL_PROFILE).

Exit codes:
    0  done
    1  failed, canceled or timed out
    2  refused before anything was started
    3  rejected: the new version did not pass
    4  plan: a model is due
    5  Temporal cannot be reached
  130  interrupted: the run goes on`,
		Example: `  starter run --file request.yaml
  starter watch support-calls
  starter approve support-calls --reason "better on the new terms"
  starter report support-calls --output markdown`,
		Args:              noArgs,
		Version:           build.Read().Line("starter"),
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", fmt.Sprintf(".FlagUsagesWrapped %d", words.Width)))
	root.AddCommand(
		a.runCommand(), a.watchCommand(), a.cancelCommand(), a.approveCommand(), a.rejectCommand(), a.reportCommand(),
		a.testCommand(), a.rollbackCommand(), a.sweepCommand(), a.dataCommand(), a.versionCommand(),
		a.planCommand(), a.statusCommand(), a.historyCommand(), a.adoptCommand(), a.rehearseCommand(), a.applyCommand(), a.pauseCommand(), a.resumeCommand(), a.triggerCommand(),
	)
	return root
}

// wantsJSON finds `--output json` without parsing, for the errors of parsing.
func wantsJSON(args []string) bool {
	for i, arg := range args {
		switch arg {
		case "--output=json", "-o=json", "-ojson":
			return true
		case "--output", "-o":
			return i+1 < len(args) && args[i+1] == outputJSON
		}
	}
	return false
}
