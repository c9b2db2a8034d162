package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"

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
stops watching, not the run.`,
		Example: `  starter watch support-calls
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
	defer run.server.Close()
	if !running {
		return a.finish(run.result(ctx))
	}
	a.tell("watching run %s of %s", run.runID, run.name)
	a.tell(leaveHint)
	return a.finish(run.follow(ctx))
}

// latestRun connects and finds the latest run of a model, and tells whether it goes on. It returns a
// *failure when there is none.
func (a *app) latestRun(ctx context.Context, f connectionFlags, name string) (run *follower, running bool, err error) {
	// The workflow ID is what the Temporal CLI and the web UI show: it names the same model.
	name = strings.TrimPrefix(name, workflows.RetrainID(""))
	if name == "" {
		return nil, false, refuse(lifecycle.InvalidRequest, "NAME must not be empty: it is the name in the request")
	}
	server, err := a.connect(ctx, f)
	if err != nil {
		return nil, false, named(err, name)
	}
	run = &follower{app: a, server: server, connection: f, name: name, id: workflows.RetrainID(name)}
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	described, err := server.DescribeWorkflowExecution(call, run.id, "")
	switch {
	case err == nil:
		info := described.GetWorkflowExecutionInfo()
		run.runID = info.GetExecution().GetRunId()
		run.taskQueue = first(described.GetExecutionConfig().GetTaskQueue().GetName(), info.GetTaskQueue())
		return run, info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, nil
	case ctx.Err() != nil:
		err = newFailure(exitInterrupted, lifecycle.Unavailable, "interrupted while looking for a run of %s", name)
	case missing(err):
		err = newFailure(exitFailed, notFound, "Temporal knows no run of %s in namespace %s", name, server.namespace).
			next("start one with: starter run --file FILE; ended runs are kept only for the namespace's retention time")
	default:
		err = server.unreachable(err)
	}
	server.Close()
	return nil, false, named(err, name)
}

// result is the report of a run that has ended.
func (f *follower) result(ctx context.Context) (lifecycle.Report, error) {
	var report lifecycle.Report
	err := f.server.GetWorkflow(ctx, f.id, f.runID).Get(ctx, &report)
	if ctx.Err() != nil {
		return report, f.interrupted(f.blank())
	}
	return f.conclude(ctx, report, err, f.blank())
}

// named adds to a failure which model it was about.
func named(err error, name string) error { return about(err, lifecycle.Request{Name: name}) }
