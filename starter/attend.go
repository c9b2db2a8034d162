package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// awaitsEnd begins the ID of an activity of a sweep that waits for the end of an object; the object's ID is the rest.
const awaitsEnd = "await-end-"

// swept follows a sweep to its end. It tells what it waits for, and what keeps it from getting on. The error is a
// *exit.Failure; what was deleted until then is in its report.
func (f *follower) swept(ctx context.Context) (workflows.SweepReport, error) {
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
			f.out.Tell("%s", n.line)
		case <-minded.C:
			doing := lifecycle.Report{Outcome: lifecycle.Running, Trouble: f.troubles(ctx, f.id, f.runID)}
			for _, line := range trouble.lines(doing, time.Now()) {
				f.out.Tell("%s", line)
			}
			for _, id := range f.awaitedEnds(ctx) {
				if !slices.Contains(awaited, id) {
					awaited = append(awaited, id)
					f.out.Tell("waiting for the end of %s: the service cannot break it off", id)
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
func (f *follower) awaitedEnds(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	d, err := f.DescribeWorkflowExecution(ctx, f.id, f.runID)
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
func (f *follower) unswept(ctx context.Context, err error) *exit.Failure {
	report := f.blank()
	if ctx.Err() != nil {
		return f.left(exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted: run %s of %s goes on", f.runID, f.id).Next("see: %s", f.inspect()), report)
	}
	if transient(err) {
		why := f.unreachable(err)
		why.Cause.Message += fmt.Sprintf("; run %s of %s may go on", f.runID, f.id)
		return f.left(why, report)
	}
	why := exit.New(exit.Failed, lifecycle.Internal, "run %s of %s has ended without a result: %s", f.runID, f.id, err).Next("see: %s", f.inspect())
	var partial workflows.SweepReport
	if failed, is := errors.AsType[*temporal.ApplicationError](err); is {
		var cause lifecycle.Failure
		why.Cause = lifecycle.Failure{Type: lifecycle.FailureClass(failed.Type()), Message: f.id + ": " + failed.Message(), Problems: []lifecycle.Problem{}}
		why.Next("see: %s", f.inspect())
		if failed.HasDetails() && (failed.Details(&cause, &partial) == nil || failed.Details(&cause) == nil) && cause.Type != "" {
			why.Cause.Code, why.Cause.Object, why.Cause.Problems = cause.Code, cause.Object, cause.Problems
			if cause.Next != nil {
				why.Cause.Next = cause.Next
			}
		}
	} else if _, is := errors.AsType[*temporal.CanceledError](err); is {
		why.Cause.Type, why.Cause.Message = lifecycle.Internal, fmt.Sprintf("run %s of %s was canceled", f.runID, f.id)
		why.Next("what it had not deleted stays: start it again")
	}
	report.Outcome, report.Error, report.Deleted = lifecycle.Failed, &why.Cause, partial.Deleted
	for _, d := range partial.Deleted {
		why.Lines = append(why.Lines, fmt.Sprintf("deleted %s %s before that: %s", d.Kind, d.DisplayName, d.ID))
	}
	why.Last = &report
	return why
}
