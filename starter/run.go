package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/screen"
	"speech-retrainer/workflows"
)

type runFlags struct {
	connection connectionFlags
	patience   patienceFlags
	file       string
	taskQueue  string
	detach     bool
}

func (a *app) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run --file FILE",
		Short: "Retrain a model once and follow the run",
		Long: `Retrain a model once and follow the run.

Checks the request, starts the workflow retrain/<name>, shows its stages until
it ends, and prints its report. Ctrl-C stops watching, not the run. One run at a
time for each model: when one goes on already, its run ID is printed and nothing
is started.

Local files of the request (file: PATH, relative to the request) are checked and
uploaded before anything is started, which needs the settings of the Speech
resource (SPEECH_ENDPOINT, SPEECH_KEY, ...); see: starter data upload --help.`,
		Example: `  starter run --file request.yaml
  starter run --file request.yaml --detach
  generate-request | starter run --file - --output json > report.json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.run(cmd.Context(), f) },
	}
	cmd.Flags().StringVar(&f.taskQueue, "task-queue", workflows.DefaultTaskQueue, "Task queue of the worker for the Speech resource")
	cmd.Flags().BoolVar(&f.detach, "detach", false, "Start the run, print its ID, and do not follow it")
	addOutput(cmd, a.out)
	f.patience.add(cmd)
	addFile(cmd, &f.file, "Request")
	f.connection.add(cmd)
	return cmd
}

func (a *app) run(ctx context.Context, f runFlags) error {
	if f.taskQueue == "" {
		return exit.Refuse(lifecycle.InvalidRequest, "--task-queue must not be empty")
	}
	given, err := a.readRequest(f.file)
	if err != nil {
		return err
	}
	return exit.About(a.retrain(ctx, f, given), given.Request)
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
	raw, err := ship(ctx, run, u, cargo)
	if err == nil {
		err = run.Start(ctx, workflows.TypeRetrain, fmt.Sprintf("Retrain %s (%s)", given.Title(), given.Locale), json.RawMessage(raw))
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
		printDetached(a.out, run)
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

// printDetached reports that a run was started, and leaves it.
func printDetached(out *screen.Screen, run *follow.Run) {
	if out.JSON {
		out.ReportValue(run.Blank())
	} else {
		out.Print("started run %s of %s", run.RunID, run.ID)
	}
	out.Tell("watch it with: %s", run.Hint("watch", run.Target()))
}
