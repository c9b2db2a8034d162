package follow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

// awaitsEnd begins the ID of an activity of a sweep that waits for the end of an object; the object's ID is the rest.
const awaitsEnd = "await-end-"

// Sweeper is the sweep of a model, not started yet.
func (s Session) Sweeper(name, locale, taskQueue string) *Run {
	return &Run{Session: s, ID: workflows.SweepID(name), Name: name, Locale: locale, TaskQueue: taskQueue}
}

// BeginSweep starts a sweep, or turns to the one that goes on already when that does the same. The error is a
// *exit.Failure.
func (f *Run) BeginSweep(ctx context.Context, in workflows.SweepInput) error {
	err := f.Start(ctx, workflows.TypeSweep, "Remove what was abandoned of "+words.Model(in.Name, in.Locale), in)
	if running, is := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); is {
		f.RunID = running.RunId
		if in.Home == "" && len(in.Unused) == 0 {
			f.Screen.Tell("run %s of %s goes on already: following it", f.RunID, f.ID)
			return nil
		}
		return exit.Refuse(lifecycle.InvalidRequest, "run %s of %s goes on already, and may have been asked for less; nothing was started", f.RunID, f.ID).
			Next("wait for its end, or cancel it: %s; then give the command again", f.temporal("workflow cancel --workflow-id "+f.ID))
	}
	if err == nil {
		f.Screen.Tell("started run %s of %s", f.RunID, f.ID)
	}
	return err
}

// Swept follows a sweep to its end. It tells what it waits for, and what keeps it from getting on. The error is a
// *exit.Failure; what was deleted until then is in its report.
func (f *Run) Swept(ctx context.Context) (workflows.SweepReport, error) {
	var report workflows.SweepReport
	ended, lines := make(chan error, 1), make(chan news)
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		ended <- f.awaitResult(waiting, &report, func(n news) {
			select {
			case lines <- n:
			case <-waiting.Done():
			}
		})
	}()
	minded := time.NewTicker(troubleEvery)
	defer minded.Stop()
	var trouble teller
	var awaited []string
	for {
		select {
		case n := <-lines:
			f.Screen.Tell("%s", n.line)
		case <-minded.C:
			doing := lifecycle.Report{Outcome: lifecycle.Running, Trouble: f.Troubles(ctx, f.ID, f.RunID)}
			for _, line := range trouble.lines(doing, time.Now()) {
				f.Screen.Tell("%s", line)
			}
			for _, id := range f.awaitedEnds(ctx) {
				if !slices.Contains(awaited, id) {
					awaited = append(awaited, id)
					f.Screen.Tell("waiting for the end of %s: the service cannot break it off", id)
				}
			}
		case err := <-ended:
			if err != nil {
				return report, f.unswept(ctx, err)
			}
			return report, nil
		}
	}
}

// awaitedEnds are the IDs of the objects whose end a sweep waits for; none when Temporal does not tell.
func (f *Run) awaitedEnds(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	d, err := f.DescribeWorkflowExecution(ctx, f.ID, f.RunID)
	if err != nil {
		return nil
	}
	var ids []string
	for _, a := range d.GetPendingActivities() {
		if id, is := strings.CutPrefix(a.GetActivityId(), awaitsEnd); is {
			ids = append(ids, id)
		}
	}
	return ids
}

// unswept says how a sweep ended that did not come to its end, or that it goes on without us.
func (f *Run) unswept(ctx context.Context, err error) *exit.Failure {
	report := f.Blank()
	if ctx.Err() != nil {
		return f.left(exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted: run %s of %s goes on", f.RunID, f.ID).Next("see: %s", f.Inspect()), report)
	}
	if transient(err) {
		why := f.Unreachable(err)
		why.Cause.Message += fmt.Sprintf("; run %s of %s may go on", f.RunID, f.ID)
		return f.left(why, report)
	}
	why := exit.New(exit.Failed, lifecycle.Internal, "run %s of %s has ended without a result: %s", f.RunID, f.ID, err).Next("see: %s", f.Inspect())
	var partial workflows.SweepReport
	if failed, is := errors.AsType[*temporal.ApplicationError](err); is {
		var cause lifecycle.Failure
		why.Cause = lifecycle.Failure{Type: lifecycle.FailureClass(failed.Type()), Message: f.ID + ": " + failed.Message(), Problems: []lifecycle.Problem{}}
		why.Next("see: %s", f.Inspect())
		if failed.HasDetails() && (failed.Details(&cause, &partial) == nil || failed.Details(&cause) == nil) && cause.Type != "" {
			why.Cause.Code, why.Cause.Object, why.Cause.Problems = cause.Code, cause.Object, cause.Problems
			if cause.Next != nil {
				why.Cause.Next = cause.Next
			}
		}
	} else if _, is := errors.AsType[*temporal.CanceledError](err); is {
		why.Cause.Type, why.Cause.Message = lifecycle.Internal, fmt.Sprintf("run %s of %s was canceled", f.RunID, f.ID)
		why.Next("what it had not deleted stays: start it again")
	}
	report.Outcome, report.Error, report.Deleted = lifecycle.Failed, &why.Cause, partial.Deleted
	for _, d := range partial.Deleted {
		why.Lines = append(why.Lines, fmt.Sprintf("deleted %s %s before that: %s", d.Kind, d.DisplayName, d.ID))
	}
	why.Last = &report
	return why
}
