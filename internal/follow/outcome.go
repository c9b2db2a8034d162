package follow

import (
	"cmp"
	"context"
	"errors"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
)

// conclude turns the end of a run, as Temporal tells it, into the final report. last is the report of
// the latest query. It returns a *exit.Failure when the end could not be learnt.
func (r *Run) conclude(ctx context.Context, report lifecycle.Report, err error, last lifecycle.Report) (lifecycle.Report, error) {
	if err == nil {
		r.identify(&report)
		return report, nil
	}
	// The order matters: what a run failed with may have been caused by any of the others.
	if failed, is := errors.AsType[*temporal.ApplicationError](err); is {
		if failed.HasDetails() && failed.Details(&report) == nil && report.Outcome != "" {
			r.identify(&report)
			return report, nil
		}
		report = r.latest(ctx, last)
		class := lifecycle.FailureClass(cmp.Or(failed.Type(), string(lifecycle.Internal)))
		setFailed(&report, class, failed.Message(), "see the worker's log and: "+r.Inspect())
		return report, nil
	}
	if canceled, is := errors.AsType[*temporal.CanceledError](err); is {
		if canceled.HasDetails() && canceled.Details(&report) == nil && report.Outcome != "" {
			r.identify(&report)
			return report, nil
		}
		report = r.latest(ctx, last)
		report.Outcome, report.WaitingFor = lifecycle.Canceled, nil
		return report, nil
	}
	if _, is := errors.AsType[*temporal.TerminatedError](err); is {
		report = r.latest(ctx, last)
		setFailed(&report, exit.Terminated, "the run was terminated, so it could not tidy up", r.afterTermination(ctx))
		return report, nil
	}
	if _, is := errors.AsType[*temporal.TimeoutError](err); is {
		report = r.latest(ctx, last)
		setFailed(&report, lifecycle.TimedOut, "the run as a whole ran out of the time that it was started with",
			"start it again without an execution time-out: its stages have limits of their own")
		return report, nil
	}
	switch {
	case Missing(err):
		return last, exit.New(exit.Failed, exit.NotFound, "run %s of %s is gone: Temporal keeps ended runs only for its retention time", r.RunID, r.ID).
			Next("look at the version in the Speech portal: its marks tell how the run ended")
	case transient(err):
		why := r.Unreachable(err)
		why.Cause.Message += "; the run may go on"
		return last, r.left(why.Next("when Temporal is back, watch the run with: %s", r.Hint("watch", r.Target())), last)
	}
	return last, exit.New(exit.Failed, lifecycle.Internal, "cannot read how run %s of %s ended: %s", r.RunID, r.ID, err).
		Next("worker and starter must be of one release; see: %s", r.Inspect())
}

// latest asks the ended run once more for what it had done: a worker can still answer for it.
func (r *Run) latest(ctx context.Context, last lifecycle.Report) lifecycle.Report {
	if report, err := r.query(ctx, queryTimeout); err == nil {
		return report
	}
	return last
}

func setFailed(report *lifecycle.Report, class lifecycle.FailureClass, message, next string) {
	report.Outcome, report.WaitingFor = lifecycle.Failed, nil
	report.Error = &lifecycle.Failure{Type: class, Message: message, Next: &next, Problems: []lifecycle.Problem{}}
}

// afterTermination says what to do: a workflow reset terminates a run too, and another goes on for it.
func (r *Run) afterTermination(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	latest, err := r.DescribeWorkflowExecution(ctx, r.ID, "")
	info := latest.GetWorkflowExecutionInfo()
	if err == nil && info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING && info.GetExecution().GetRunId() != r.RunID {
		return "run " + info.GetExecution().GetRunId() + " has taken its place: watch it with: " + r.Hint("watch", r.Target())
	}
	return "see who did it and why with: " + r.Inspect() + "; the next run removes what this one left behind"
}
