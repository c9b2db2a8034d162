package main

import (
	"cmp"
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
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

type runFlags struct {
	connection connectionFlags
	output     outputFlags
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
	cmd.Flags().StringVarP(&f.file, "file", "f", "", "Request in YAML or JSON; - reads it from standard input (required)")
	cmd.Flags().StringVar(&f.taskQueue, "task-queue", workflows.DefaultTaskQueue, "Task queue of the worker for the Speech resource")
	cmd.Flags().BoolVar(&f.detach, "detach", false, "Start the run, print its ID, and do not follow it")
	f.patience.add(cmd)
	f.output.add(cmd)
	f.connection.add(cmd)
	return cmd
}

func (a *app) run(ctx context.Context, f runFlags) error {
	if err := a.setOutput(f.output); err != nil {
		return err
	}
	if err := f.patience.check(); err != nil {
		return err
	}
	switch {
	case f.file == "":
		return exit.Refuse(lifecycle.InvalidRequest, "--file is required: the request, in YAML or JSON")
	case f.taskQueue == "":
		return exit.Refuse(lifecycle.InvalidRequest, "--task-queue must not be empty")
	}
	given, err := a.readRequest(f.file)
	if err != nil {
		return err
	}
	cargo, err := a.localFiles(ctx, given, f.connection, f.patience)
	if err != nil {
		return exit.About(err, given.Request)
	}
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return exit.About(err, given.Request)
	}
	defer server.Close()
	run := &follow.Run{
		Session: server, ID: workflows.RetrainID(given.Name),
		Name: given.Name, Locale: given.Locale, TaskQueue: f.taskQueue,
	}
	err = a.retrain(ctx, run, given, cargo)
	if running, is := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); is {
		run.RunID = running.RunId
		a.skip(run)
		return nil
	}
	if err != nil {
		return exit.About(err, given.Request)
	}
	if f.detach {
		a.detach(run)
		return nil
	}
	a.out.Tell("started run %s of %s", run.RunID, run.Name)
	a.out.Tell(leaveHint)
	return a.finish(run.Follow(ctx))
}

const leaveHint = "Ctrl-C stops watching, not the run"

// finish prints the final report of a followed run and sets the exit code by it.
func (a *app) finish(report lifecycle.Report, err error) error {
	if err != nil {
		return err
	}
	if a.out.JSON {
		a.out.Report(report)
	} else {
		a.out.Print("")
		a.out.Report(report)
		printEnd(a.out, report)
	}
	a.code = exit.CodeOf(report.Outcome)
	return nil
}

// printEnd writes below a card, where people look first, how the run ended and why.
func printEnd(out *screen.Screen, r lifecycle.Report) {
	p := out.Paint()
	colour := p.Bad
	switch r.Outcome {
	case lifecycle.Succeeded:
		colour = p.Good
	case lifecycle.Running, lifecycle.Skipped:
		colour = p.Busy
	}
	line := colour(visible.Line(string(r.Outcome)))
	if n := len(r.Stages); n > 0 && r.Stages[n-1].FinishedAt != nil {
		line += " after " + words.Elapsed(r.Stages[n-1].FinishedAt.Sub(r.Stages[0].StartedAt))
	}
	if id := r.WorkflowID; id != nil {
		line = visible.Line(*id) + ": " + line
	}
	fmt.Fprintf(out.Out, "\n%s\n", line)
	var why []string
	if r.Error != nil {
		why = append(why, fmt.Sprintf("%s: %s", r.Error.Type, r.Error.Message))
	}
	if r.Verdict != nil {
		why = append(why, fmt.Sprintf("verdict %s: %s", r.Verdict.Result, r.Verdict.Reason))
	}
	if r.Approval != nil {
		why = append(why, fmt.Sprintf("%s by %s: %s", r.Approval.Answer, cmp.Or(r.Approval.By, "nobody"), r.Approval.Reason))
	}
	for _, text := range why {
		out.PrintLines(words.Wrap(visible.Line(text), words.Width))
	}
}

// retrain uploads the local files of a request and starts its run. It returns the API's own error when
// one goes on already, else a *exit.Failure.
func (a *app) retrain(ctx context.Context, run *follow.Run, given fleet.Given, cargo cargo) error {
	raw, err := a.ship(ctx, run, given, cargo)
	if err != nil {
		return err
	}
	return run.Start(ctx, workflows.TypeRetrain, fmt.Sprintf("Retrain %s (%s)", given.Title(), given.Locale), json.RawMessage(raw))
}

// ship uploads the local files of a request, unless a run goes on already, and returns the JSON to start
// with. It returns the API's own error when one goes on, else a *exit.Failure.
func (a *app) ship(ctx context.Context, run *follow.Run, given fleet.Given, cargo cargo) ([]byte, error) {
	if len(cargo.files) == 0 {
		return given.Raw, nil
	}
	running, err := run.Look(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted: nothing was uploaded or started")
	case err != nil && !follow.Missing(err):
		return nil, run.Unreachable(err)
	case running:
		return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("already started", "", run.RunID)
	}
	raw, _, err := a.upload(ctx, given, cargo)
	return raw, err
}

// skip reports that a run goes on already.
func (a *app) skip(run *follow.Run) {
	report := run.Blank()
	report.Outcome = lifecycle.Skipped
	report.Notes = append(report.Notes, "a run of this model goes on already; nothing was started")
	if a.out.JSON {
		a.out.ReportValue(report)
	} else {
		a.out.Print("skipped: run %s of %s goes on already; nothing was started", run.RunID, run.ID)
	}
	a.out.Tell("watch it with: %s", run.Hint("watch", run.Target()))
}

// detach reports that a run was started, and leaves it.
func (a *app) detach(run *follow.Run) {
	if a.out.JSON {
		a.out.ReportValue(run.Blank())
	} else {
		a.out.Print("started run %s of %s", run.RunID, run.ID)
	}
	a.out.Tell("watch it with: %s", run.Hint("watch", run.Target()))
}
