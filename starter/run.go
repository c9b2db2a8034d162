package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/schedules"
	"speech-retrainer/internal/screen"
	"speech-retrainer/workflows"
)

type runFlags struct {
	connection connectionFlags
	patience   patienceFlags
	file       string
	taskQueue  string
	detach     bool
	force      bool
}

func (a *app) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run NAME | --file FILE",
		Short: "Retrain a model once, now, and follow the run",
		Long: `Retrain a model once, now, and follow the run: a model of a fleet by its NAME,
with the request of its schedule, or any request by its file.

Starts the workflow retrain/<name>, shows its stages until it ends, and prints
its report. Ctrl-C stops watching, not the run. One run at a time for each
model: when one goes on already, its run ID is printed and nothing is started.

Whoever starts a run waits for nothing: no budget, no pause after a failure, no
window, no day that is avoided holds it back. A version of the same base model
and data that is there is taken, not trained again; --force trains in any case.

Local files of a request (file: PATH, relative to the request) are checked and
uploaded before anything is started, which needs the settings of the Speech
resource (SPEECH_ENDPOINT, SPEECH_KEY, ...); see: starter data upload --help.`,
		Example: `  starter run support-calls
  starter run support-calls --force
  starter run --file request.yaml
  starter run --file request.yaml --detach
  generate-request | starter run --file - --output json > report.json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.refuse(cmd, args); err != nil {
				return err
			}
			if len(args) == 1 {
				return exit.Named(a.runScheduled(cmd.Context(), f, args[0]), args[0])
			}
			return a.run(cmd.Context(), f)
		},
	}
	cmd.Flags().StringVar(&f.taskQueue, "task-queue", workflows.DefaultTaskQueue, "Task queue of the worker for the Speech resource, for a request")
	cmd.Flags().BoolVar(&f.detach, "detach", false, "Start the run, print its ID, and do not follow it")
	cmd.Flags().BoolVar(&f.force, "force", false, "Train even what was trained already")
	addOutput(cmd, a.out)
	f.patience.add(cmd)
	cmd.Flags().StringVarP(&f.file, "file", "f", "", "Request in YAML or JSON; - reads it from standard input")
	f.connection.add(cmd)
	return cmd
}

// refuse says what is wrong with the flags and arguments of run.
func (f runFlags) refuse(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0 && f.file == "":
		return exit.Refuse(lifecycle.InvalidRequest, "say what to run: NAME, a model that has a schedule, or --file, the request in YAML or JSON").
			Next("see which have one: starter status")
	case len(args) == 1 && decode.Name(args[0]) != "":
		return noArgs(cmd, args) // probably the file
	case len(args) == 1 && f.file != "":
		return exit.Refuse(lifecycle.InvalidRequest, "%s takes NAME or --file, not both: the request of %s is that of its schedule", cmd.CommandPath(), args[0])
	case len(args) == 1 && cmd.Flags().Changed("task-queue"):
		return exit.Refuse(lifecycle.InvalidRequest, "--task-queue goes with --file: the schedule of %s has its own", args[0])
	case f.taskQueue == "":
		return exit.Refuse(lifecycle.InvalidRequest, "--task-queue must not be empty")
	}
	return nil
}

func (a *app) run(ctx context.Context, f runFlags) error {
	given, err := a.readRequest(f.file)
	if err != nil {
		return err
	}
	if f.force {
		given = given.Forced()
	}
	return exit.About(a.retrain(ctx, f, given), given.Request)
}

// runScheduled runs a model that has a schedule, with the schedule's request and on its task queue.
func (a *app) runScheduled(ctx context.Context, f runFlags, name string) error {
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer server.Close()
	given, queue, err := schedules.Request(ctx, server, name)
	if err != nil {
		return err
	}
	if f.force {
		given = given.Forced()
	}
	run := &follow.Run{Session: server, ID: workflows.RetrainID(given.Name), Name: given.Name, Locale: given.Locale, TaskQueue: queue}
	return exit.About(a.start(ctx, f, run, given, func() ([]byte, error) { return given.Raw, nil }), given.Request)
}

// retrain uploads the local files of a request, starts its run and follows it.
func (a *app) retrain(ctx context.Context, f runFlags, given fleet.Given) error {
	u := a.uploader(f.connection, f.patience)
	cargo, err := u.Pack(ctx, given)
	if err != nil {
		return err
	}
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer server.Close()
	run := &follow.Run{
		Session: server, ID: workflows.RetrainID(given.Name),
		Name: given.Name, Locale: given.Locale, TaskQueue: f.taskQueue,
	}
	return a.start(ctx, f, run, given, func() ([]byte, error) { return ship(ctx, run, u, cargo) })
}

// start starts a run with what input gives, and follows it.
func (a *app) start(ctx context.Context, f runFlags, run *follow.Run, given fleet.Given, input func() ([]byte, error)) error {
	raw, err := input()
	if err == nil {
		why := follow.Purpose{Summary: fmt.Sprintf("Retrain %s (%s)", given.Title(), given.Locale), Command: "starter run"}
		if f.force {
			why.Command += " --force"
		}
		err = run.Start(ctx, workflows.TypeRetrain, why, json.RawMessage(raw))
	}
	if running, is := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); is {
		run.RunID = running.RunId
		printSkipped(a.out, run)
		return nil
	}
	switch {
	case err != nil:
		return err
	case f.detach:
		printDetached(ctx, a.out, run)
		return nil
	}
	return a.begun(ctx, run)
}

// printSkipped reports that a run goes on already.
func printSkipped(out *screen.Screen, run *follow.Run) {
	report := run.Blank()
	report.Outcome = lifecycle.Skipped
	report.Notes = append(report.Notes, "a run of this model goes on already; nothing was started")
	if out.JSON {
		out.ReportValue(report)
	} else {
		out.Print("skipped: run %s of %s goes on already; nothing was started", run.RunID, run.ID)
	}
	out.Tell("watch it with: %s", run.Hint("watch", run.Target()))
}

// printDetached reports that a run was started, and leaves it: nobody would see that no worker takes it.
func printDetached(ctx context.Context, out *screen.Screen, run *follow.Run) {
	if out.JSON {
		out.ReportValue(run.Blank())
	} else {
		out.Print("started run %s of %s", run.RunID, run.ID)
	}
	if deserted := run.Deserted(ctx); deserted != "" {
		out.Tell("%s", deserted)
	}
	out.Tell("watch it with: %s", run.Hint("watch", run.Target()))
}
