package main

import (
	"cmp"
	"context"
	"strings"

	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

type watchFlags struct {
	connection connectionFlags
	output     outputFlags
}

func (a *app) watchCommand() *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:   "watch NAME",
		Short: "Follow the latest run of a model, or show how it ended",
		Long: `Follow the latest run of a model, or show how it ended.

Shows the stages of a run that goes on until it ends, and its report; of a run
that has ended, the report. The exit code is that of the command run. Ctrl-C
stops watching, not the run. NAME is the model's, or evaluate/NAME or
rollback/NAME for its latest test or rollback.`,
		Example: `  starter watch support-calls
  starter watch evaluate/support-calls
  starter watch support-calls --output json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.watch(cmd.Context(), f, args[0]) },
	}
	f.output.add(cmd)
	f.connection.add(cmd)
	return cmd
}

func (a *app) watch(ctx context.Context, f watchFlags, name string) error {
	if err := a.setOutput(f.output); err != nil {
		return err
	}
	run, running, err := a.latestRun(ctx, f.connection, name)
	if err != nil {
		return err
	}
	defer run.Close()
	if !running {
		return a.finish(run.result(ctx))
	}
	a.out.Tell("watching run %s of %s", run.runID, run.target())
	a.out.Tell(leaveHint)
	return a.finish(run.follow(ctx))
}

// latestRun connects and finds the latest run of a model, and tells whether it goes on. It returns a
// *exit.Failure when there is none.
func (a *app) latestRun(ctx context.Context, f connectionFlags, name string) (run *follower, running bool, err error) {
	id, name, err := parseTarget(name)
	if err != nil {
		return nil, false, err
	}
	server, err := a.connect(ctx, f)
	if err != nil {
		return nil, false, exit.Named(err, name)
	}
	run = &follower{session: server, name: name, id: id}
	if running, err = run.find(ctx); err != nil {
		server.Close()
		return nil, false, exit.Named(err, name)
	}
	return run, running, nil
}

// parseTarget tells which workflow is meant. It is that of a model's retrain, or the one of the ID that
// the Temporal CLI and the web UI show: retrain/NAME, evaluate/NAME or rollback/NAME.
func parseTarget(target string) (id, name string, err error) {
	id, name = workflows.RetrainID(target), target
	for _, prefix := range []string{workflows.RetrainID(""), workflows.EvaluateID(""), workflows.RollbackID(""), workflows.AdoptID("")} {
		if rest, is := strings.CutPrefix(target, prefix); is {
			id, name = target, rest
		}
	}
	if name == "" {
		return "", "", exit.Refuse(lifecycle.InvalidRequest, "NAME must not be empty: it is the name in the request")
	}
	return id, name, nil
}

// target is what parseTarget takes for this workflow.
func (f *follower) target() string { return strings.TrimPrefix(f.id, workflows.RetrainID("")) }

// find is look with a *exit.Failure as its error.
func (f *follower) find(ctx context.Context) (running bool, err error) {
	running, err = f.look(ctx)
	switch {
	case err == nil:
		return running, nil
	case ctx.Err() != nil:
		return false, exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted while looking for a run of %s", f.target())
	case missing(err):
		return false, exit.New(exit.Failed, exit.NotFound, "Temporal knows no run of %s in namespace %s", f.target(), f.space).
			Next("start one with: starter run --file FILE; ended runs are kept only for the namespace's retention time")
	}
	return false, f.unreachable(err)
}

// look finds the latest run of the workflow and tells whether it goes on. The error is the API's.
func (f *follower) look(ctx context.Context) (running bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	described, err := f.DescribeWorkflowExecution(ctx, f.id, "")
	if err != nil {
		return false, err
	}
	info := described.GetWorkflowExecutionInfo()
	f.runID = info.GetExecution().GetRunId()
	f.taskQueue = cmp.Or(f.taskQueue, described.GetExecutionConfig().GetTaskQueue().GetName(), info.GetTaskQueue())
	return info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, nil
}

// result is the report of a run that has ended.
func (f *follower) result(ctx context.Context) (lifecycle.Report, error) {
	var report lifecycle.Report
	err := f.GetWorkflow(ctx, f.id, f.runID).Get(ctx, &report)
	if ctx.Err() != nil {
		return report, f.interrupted(f.blank())
	}
	return f.conclude(ctx, report, err, f.blank())
}
