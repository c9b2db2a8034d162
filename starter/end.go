package main

import (
	"context"
	"errors"

	"go.temporal.io/api/serviceerror"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
)

const leaveHint = "Ctrl-C stops watching, not the run"

// begun tells that a run was started, follows it to its end and prints its report.
func (a *app) begun(ctx context.Context, run *follow.Run) error {
	a.out.Tell("started run %s of %s", run.RunID, run.Target())
	a.out.Tell(leaveHint)
	return a.finish(run.Follow(ctx))
}

// finish prints the final report of a followed run and sets the exit code by it.
func (a *app) finish(report lifecycle.Report, err error) error {
	if err != nil {
		return err
	}
	a.out.End(report)
	a.code = exit.CodeOf(report.Outcome)
	return nil
}

// onlyOne turns the API's error about a run that goes on already into a refusal: it may be about something else. Any
// other error it gives back.
func onlyOne(run *follow.Run, what string, err error) error {
	if _, running := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); running {
		return exit.Refuse(lifecycle.InvalidRequest, "a %s of %s goes on already; nothing was started", what, run.Name).
			Next("watch it with: %s", run.Hint("watch", run.Target()))
	}
	return err
}
