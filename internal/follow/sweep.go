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
func (r *Run) BeginSweep(ctx context.Context, in workflows.SweepInput) error {
	why := Purpose{Summary: "Remove what was abandoned of " + words.Model(in.Name, in.Locale), Command: "starter sweep"}
	if len(in.Unused) > 0 {
		why = Purpose{Summary: "Delete datasets that nothing refers to", Command: "starter data delete --unused"}
	}
	err := r.Start(ctx, workflows.TypeSweep, why, in)
	if running, is := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); is {
		r.RunID = running.RunId
		if in.Home == "" && len(in.Unused) == 0 {
			r.Screen.Tell("run %s of %s goes on already: following it", r.RunID, r.ID)
			return nil
		}
		return exit.Refuse(lifecycle.InvalidRequest, "run %s of %s goes on already, and may have been asked for less; nothing was started", r.RunID, r.ID).
			Next("wait for its end, or cancel it: %s; then give the command again", r.temporal("workflow cancel --workflow-id "+r.ID))
	}
	if err == nil {
		r.Screen.Tell("started run %s of %s", r.RunID, r.ID)
	}
	return err
}

// Swept follows a sweep to its end. It tells what it waits for, and what keeps it from getting on. The error is a
// *exit.Failure; what was deleted until then is in its report.
func (r *Run) Swept(ctx context.Context) (workflows.SweepReport, error) {
	var report workflows.SweepReport
	ended, lines := make(chan error, 1), make(chan news)
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		ended <- r.awaitResult(waiting, &report, func(n news) {
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
			r.Screen.Tell("%s", n.line)
		case <-minded.C:
			doing := lifecycle.Report{Outcome: lifecycle.Running, Trouble: r.Troubles(ctx, r.ID, r.RunID)}
			for _, line := range trouble.lines(doing, time.Now()) {
				r.Screen.Tell("%s", line)
			}
			for _, id := range r.awaitedEnds(ctx) {
				if !slices.Contains(awaited, id) {
					awaited = append(awaited, id)
					r.Screen.Tell("waiting for the end of %s: the service cannot break it off", id)
				}
			}
		case err := <-ended:
			if err != nil {
				return report, r.unswept(ctx, err)
			}
			return report, nil
		}
	}
}

// awaitedEnds are the IDs of the objects whose end a sweep waits for; none when Temporal does not tell.
func (r *Run) awaitedEnds(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	d, err := r.DescribeWorkflowExecution(ctx, r.ID, r.RunID)
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
func (r *Run) unswept(ctx context.Context, err error) *exit.Failure {
	report := r.Blank()
	if ctx.Err() != nil {
		return r.left(exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted: run %s of %s goes on", r.RunID, r.ID).Next("see: %s", r.Inspect()), report)
	}
	if transient(err) {
		why := r.Unreachable(err)
		why.Cause.Message += fmt.Sprintf("; run %s of %s may go on", r.RunID, r.ID)
		return r.left(why, report)
	}
	why := exit.New(exit.Failed, lifecycle.Internal, "run %s of %s has ended without a result: %s", r.RunID, r.ID, err).Next("see: %s", r.Inspect())
	var partial workflows.SweepReport
	if failed, is := errors.AsType[*temporal.ApplicationError](err); is {
		var cause lifecycle.Failure
		why.Cause = lifecycle.Failure{Type: lifecycle.FailureClass(failed.Type()), Message: r.ID + ": " + failed.Message(), Problems: []lifecycle.Problem{}}
		why = why.Next("see: %s", r.Inspect())
		if failed.HasDetails() && (failed.Details(&cause, &partial) == nil || failed.Details(&cause) == nil) && cause.Type != "" {
			why.Cause.Code, why.Cause.Object, why.Cause.Problems = cause.Code, cause.Object, cause.Problems
			if cause.Next != nil {
				why.Cause.Next = cause.Next
			}
		}
	} else if _, is := errors.AsType[*temporal.CanceledError](err); is {
		why.Cause.Type, why.Cause.Message = lifecycle.Internal, fmt.Sprintf("run %s of %s was canceled", r.RunID, r.ID)
		why = why.Next("what it had not deleted stays: start it again")
	}
	report.Outcome, report.Error, report.Deleted = lifecycle.Failed, &why.Cause, partial.Deleted
	for _, d := range partial.Deleted {
		why.Lines = append(why.Lines, fmt.Sprintf("deleted %s %s before that: %s", d.Kind, d.DisplayName, d.ID))
	}
	why.Last = &report
	return why
}
